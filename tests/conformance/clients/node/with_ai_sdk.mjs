import { createOpenAICompatible } from "@ai-sdk/openai-compatible"
import { generateText, jsonSchema, Output, stepCountIs, streamText, tool } from "ai"
import { asks, failing, job, now, run, weather } from "./cells.mjs"

globalThis.AI_SDK_LOG_WARNINGS = false

const provider = createOpenAICompatible({
  name: "ours",
  baseURL: job.url,
  apiKey: job.key,
  includeUsage: true,
  supportsStructuredOutputs: true,
})
const described = { description: job.tool.description, inputSchema: jsonSchema(job.tool.parameters) }

const settings = (cell, words) => ({
  model: provider(cell.model),
  prompt: asks(cell, words),
  maxRetries: 0,
  onError: () => {},
})
const callsOf = (calls) =>
  calls.map(({ toolCallId, toolName, input }) => ({ id: toolCallId, name: toolName, arguments: input }))

async function shown(cell, part) {
  const content = [{ type: "text", text: asks(cell, "What is this?") }, part]
  const { prompt, ...rest } = settings(cell, "")
  return { text: (await generateText({ ...rest, messages: [{ role: "user", content }] })).text }
}

// An error in a stream comes as a part of it.
async function whole(stream) {
  for await (const part of stream.fullStream) if (part.type === "error") throw part.error
}

await run({
  async text(cell) {
    const { text, rawFinishReason, usage } = await generateText(settings(cell, "Hello"))
    return { text, finish: rawFinishReason, tokens: usage.totalTokens }
  },
  async stream(cell) {
    const stream = streamText(settings(cell, "Hello"))
    const pieces = []
    for await (const piece of stream.textStream) pieces.push(piece)
    const finish = await stream.rawFinishReason
    return { text: pieces.join(""), pieces: pieces.length, finish, tokens: (await stream.usage).totalTokens }
  },
  async tools(cell) {
    const stream = streamText({
      ...settings(cell, "What is the weather in Zürich?"),
      tools: { weather: tool(described) },
    })
    await whole(stream)
    return { calls: callsOf(await stream.toolCalls), finish: await stream.rawFinishReason }
  },
  async parallel_tools(cell) {
    const { toolCalls, rawFinishReason } = await generateText({
      ...settings(cell, "What is the weather in Zürich and in Bern?"),
      tools: { weather: tool(described) },
    })
    return { calls: callsOf(toolCalls), finish: rawFinishReason }
  },
  async round_trip(cell) {
    const stream = streamText({
      ...settings(cell, "What is the weather in Zürich?"),
      tools: { weather: tool({ ...described, execute: weather }) },
      stopWhen: stepCountIs(3),
    })
    await whole(stream)
    return { text: await stream.text }
  },
  image: (cell) => shown(cell, { type: "image", image: job.picture, mediaType: "image/png" }),
  pdf: (cell) =>
    shown(cell, { type: "file", data: job.document, mediaType: "application/pdf", filename: "paper.pdf" }),
  async json_schema(cell) {
    const output = Output.object({ schema: jsonSchema(job.schema) })
    return { object: (await generateText({ ...settings(cell, "As JSON"), output })).output }
  },
  async reasoning(cell) {
    const stream = streamText({
      ...settings(cell, "Think"),
      providerOptions: { ours: { reasoningEffort: "low" } },
    })
    await whole(stream)
    return { text: await stream.text, reasoning: await stream.reasoningText }
  },
  async error(cell) {
    return {
      refused: await failing(() => generateText(settings(cell, "Refuse"))),
      broken: await failing(() => whole(streamText(settings(cell, "Break off")))),
    }
  },
  async cancel(cell) {
    const abort = new AbortController()
    const stream = streamText({ ...settings(cell, "Wait"), abortSignal: abort.signal })
    let text = ""
    for await (const piece of stream.textStream) {
      text = piece
      if (text) break
    }
    abort.abort()
    return { text, left_at: now() }
  },
})
