// What the scripts of the Node clients share: the cells to try come on standard input, each result is a line.
import { readFileSync } from "node:fs"

export const job = JSON.parse(readFileSync(0, "utf8"))

export const weather = ({ city }) => `21 degrees in ${city}`
export const now = () => Number(process.hrtime.bigint()) / 1e9
export const asks = (cell, words) => `[${cell.cell}] ${words}`

// What a program can find out about an error of its client, or of what caused it.
export function failure(error) {
  const status = error?.status ?? error?.statusCode ?? error?.lastError?.statusCode ?? error?.cause?.status ?? null
  return { type: error?.name ?? String(error), status, message: String(error?.message ?? error) }
}

export async function failing(attempt) {
  try {
    await attempt()
  } catch (error) {
    return failure(error)
  }
  return { type: null, status: null, message: "" }
}

// One function for each capability. A client has no way to do what its script has no function for.
export async function run(functions) {
  for (const cell of job.cells) {
    const does = functions[cell.capability]
    let result
    try {
      result = does ? await does(cell) : { missing: true }
    } catch (error) {
      result = { error: failure(error) }
    }
    process.stdout.write(JSON.stringify({ cell: cell.cell, ...result }) + "\n")
  }
}
