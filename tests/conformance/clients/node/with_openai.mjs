import OpenAI from "openai"
import { asks, failing, job, now, run, weather } from "./cells.mjs"

const client = new OpenAI({ baseURL: job.url, apiKey: job.key, maxRetries: 0 })
const tools = [{ type: "function", function: job.tool }]

const user = (content) => [{ role: "user", content }]
const create = (cell, content, options = {}) =>
  client.chat.completions.create({ model: cell.model, messages: user(content), ...options })
const callsOf = (message) =>
  (message.tool_calls ?? []).map(({ id, function: called }) => ({
    id,
    name: called.name,
    arguments: JSON.parse(called.arguments),
  }))

async function shown(cell, part) {
  const completion = await create(cell, [{ type: "text", text: asks(cell, "What is this?") }, part])
  return { text: completion.choices[0].message.content }
}

await run({
  async text(cell) {
    const completion = await create(cell, asks(cell, "Hello"))
    const { message, finish_reason: finish } = completion.choices[0]
    return { text: message.content, finish, tokens: completion.usage.total_tokens }
  },
  async stream(cell) {
    const pieces = []
    const stream = client.chat.completions.stream({
      model: cell.model,
      messages: user(asks(cell, "Hello")),
      stream_options: { include_usage: true },
    })
    stream.on("content", (piece) => pieces.push(piece))
    const completion = await stream.finalChatCompletion()
    const finish = completion.choices[0].finish_reason
    return { text: pieces.join(""), pieces: pieces.length, finish, tokens: completion.usage.total_tokens }
  },
  async tools(cell) {
    const messages = user(asks(cell, "What is the weather in Zürich?"))
    const stream = client.chat.completions.stream({ model: cell.model, messages, tools })
    const { message, finish_reason: finish } = (await stream.finalChatCompletion()).choices[0]
    return { calls: callsOf(message), finish }
  },
  async parallel_tools(cell) {
    const completion = await create(cell, asks(cell, "What is the weather in Zürich and in Bern?"), { tools })
    const { message, finish_reason: finish } = completion.choices[0]
    return { calls: callsOf(message), finish }
  },
  async round_trip(cell) {
    const described = { ...job.tool, parse: JSON.parse, function: weather }
    const runner = client.chat.completions.runTools({
      model: cell.model,
      messages: user(asks(cell, "What is the weather in Zürich?")),
      tools: [{ type: "function", function: described }],
      stream: true,
    })
    return { text: await runner.finalContent() }
  },
  image: (cell) =>
    shown(cell, { type: "image_url", image_url: { url: `data:image/png;base64,${job.picture}` } }),
  pdf: (cell) =>
    shown(cell, {
      type: "file",
      file: { filename: "paper.pdf", file_data: `data:application/pdf;base64,${job.document}` },
    }),
  async json_schema(cell) {
    const wanted = { type: "json_schema", json_schema: { name: "weather", schema: job.schema, strict: true } }
    const messages = user(asks(cell, "As JSON"))
    const completion = await client.chat.completions.parse({ model: cell.model, messages, response_format: wanted })
    return { object: JSON.parse(completion.choices[0].message.content) }
  },
  async reasoning(cell) {
    const { message } = (await create(cell, asks(cell, "Think"), { reasoning_effort: "medium" })).choices[0]
    return { text: message.content, reasoning: message.reasoning_content }
  },
  async error(cell) {
    return {
      refused: await failing(() => create(cell, asks(cell, "Refuse"))),
      broken: await failing(async () => {
        for await (const _ of await create(cell, asks(cell, "Break off"), { stream: true }));
      }),
    }
  },
  async cancel(cell) {
    const stream = await create(cell, asks(cell, "Wait"), { stream: true })
    let text = ""
    for await (const chunk of stream) {
      text = chunk.choices[0]?.delta.content
      if (text) break
    }
    return { text, left_at: now() }
  },
})
