import asyncio
import base64
import json
from collections.abc import Coroutine
from typing import Any

from cells import DOCUMENT, KEY, PICTURE, URL, Cell, failing, now, run, weather
from openai import AsyncOpenAI
from pydantic import BaseModel
from pydantic_ai import Agent, BinaryContent, NativeOutput
from pydantic_ai.direct import model_request_stream
from pydantic_ai.messages import ModelRequest, ModelResponse, TextPart, ThinkingPart, ToolCallPart
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.providers.openai import OpenAIProvider

runner = asyncio.Runner()
provider = OpenAIProvider(openai_client=AsyncOpenAI(base_url=URL, api_key=KEY, max_retries=0))


class Weather(BaseModel):
    city: str
    degrees: int


def model(cell: Cell) -> OpenAIChatModel:
    return OpenAIChatModel(cell.model, provider=provider)


def wait(coroutine: Coroutine[Any, Any, Any]) -> Any:
    return runner.run(coroutine)


def asked(cell: Cell, prompt: object, **options) -> Any:
    return wait(Agent(model(cell), retries=0, **options).run(prompt))


def first_answer(messages: list) -> ModelResponse:
    return next(message for message in messages if isinstance(message, ModelResponse))


def text(cell: Cell) -> dict:
    result = asked(cell, cell.asks("Hello"))
    answer = result.all_messages()[-1]
    finish, usage = answer.provider_details["finish_reason"], result.usage
    return {"text": result.output, "finish": finish, "tokens": usage.input_tokens + usage.output_tokens}


def stream(cell: Cell) -> dict:
    async def streamed() -> dict:
        async with Agent(model(cell)).run_stream(cell.asks("Hello")) as result:
            pieces = [piece async for piece in result.stream_text(delta=True, debounce_by=None)]
        usage = result.usage
        return {
            "text": "".join(pieces),
            "pieces": len(pieces),
            "finish": result.all_messages()[-1].provider_details["finish_reason"],
            "tokens": usage.input_tokens + usage.output_tokens,
        }

    return wait(streamed())


def called(cell: Cell, words: str) -> dict:
    answer = first_answer(asked(cell, cell.asks(words), tools=[weather]).all_messages())
    calls = [
        {"id": part.tool_call_id, "name": part.tool_name, "arguments": part.args_as_dict()}
        for part in answer.parts
        if isinstance(part, ToolCallPart)
    ]
    return {"calls": calls, "finish": answer.provider_details["finish_reason"]}


def tools(cell: Cell) -> dict:
    return called(cell, "What is the weather in Zürich?")


def parallel_tools(cell: Cell) -> dict:
    return called(cell, "What is the weather in Zürich and in Bern?")


def round_trip(cell: Cell) -> dict:
    async def streamed() -> dict:
        agent = Agent(model(cell), tools=[weather])
        async with agent.run_stream(cell.asks("What is the weather in Zürich?")) as result:
            return {"text": await result.get_output()}

    return wait(streamed())


def shown(cell: Cell, content: str, media_type: str) -> dict:
    binary = BinaryContent(base64.b64decode(content), media_type=media_type)
    return {"text": asked(cell, [cell.asks("What is this?"), binary]).output}


def image(cell: Cell) -> dict:
    return shown(cell, PICTURE, "image/png")


def pdf(cell: Cell) -> dict:
    return shown(cell, DOCUMENT, "application/pdf")


def json_schema(cell: Cell) -> dict:
    found = asked(cell, cell.asks("As JSON"), output_type=NativeOutput(Weather))
    return {"object": json.loads(found.output.model_dump_json())}


def reasoning(cell: Cell) -> dict:
    result = asked(cell, cell.asks("Think"), model_settings={"openai_reasoning_effort": "medium"})
    thoughts = [
        part.content for part in first_answer(result.all_messages()).parts if isinstance(part, ThinkingPart)
    ]
    return {"text": result.output, "reasoning": "".join(thoughts)}


def error(cell: Cell) -> dict:
    async def break_off() -> None:
        async with Agent(model(cell)).run_stream(cell.asks("Break off")) as result:
            await result.get_output()

    return {
        "refused": failing(lambda: asked(cell, cell.asks("Refuse"))),
        "broken": failing(lambda: wait(break_off())),
    }


def cancel(cell: Cell) -> dict:
    async def left() -> dict:
        request = ModelRequest.user_text_prompt(cell.asks("Wait"))
        async with model_request_stream(model(cell), [request]) as answer:
            async for _ in answer:
                said = [part.content for part in answer.get().parts if isinstance(part, TextPart)]
                if any(said):
                    break
            await answer.cancel()
        return {"text": "".join(said), "left_at": now()}

    return wait(left())


run(globals())
