import base64
import os
import tempfile
from pathlib import Path

from cells import DOCUMENT, JOB, KEY, PICTURE, SCHEMA, URL, Cell, failing, now, run
from cells import weather as weather_in

home = tempfile.TemporaryDirectory()
os.environ |= {"LLM_USER_PATH": home.name, "OPENAI_API_KEY": KEY}
models = {each["model"] for each in JOB["cells"]}
(Path(home.name) / "extra-openai-models.yaml").write_text(
    "".join(
        f"- {{model_id: ours-{model}, model_name: {model}, api_base: '{URL}', api_key_name: ours, reasoning: true, "
        "supports_schema: true, supports_tools: true, vision: true}\n"
        for model in models
    )
)

import llm  # noqa: E402


def model(cell: Cell) -> llm.Model:
    found = llm.get_model(f"ours-{cell.model}")
    found.key = KEY
    return found


def weather(city: str) -> str:
    """The weather in a city"""
    return weather_in(city)


def calls_of(response: llm.Response) -> list:
    return [
        {"id": call.tool_call_id, "name": call.name, "arguments": call.arguments}
        for call in response.tool_calls()
    ]


def finish_of(response: llm.Response) -> str | None:
    whole = response.response_json
    return whole.get("finish_reason") or whole["choices"][0]["finish_reason"]


def told(response: llm.Response) -> dict:
    said = response.text()
    tokens = response.input_tokens + response.output_tokens
    return {"text": said, "finish": finish_of(response), "tokens": tokens}


def text(cell: Cell) -> dict:
    return told(model(cell).prompt(cell.asks("Hello"), stream=False))


def stream(cell: Cell) -> dict:
    response = model(cell).prompt(cell.asks("Hello"))
    pieces = [piece for piece in response if piece]
    return {**told(response), "pieces": len(pieces)}


def called(cell: Cell, words: str, **options) -> dict:
    response = model(cell).prompt(cell.asks(words), tools=[weather], **options)
    response.text()
    return {"calls": calls_of(response), "finish": finish_of(response)}


def tools(cell: Cell) -> dict:
    return called(cell, "What is the weather in Zürich?")


def parallel_tools(cell: Cell) -> dict:
    return called(cell, "What is the weather in Zürich and in Bern?", stream=False)


def round_trip(cell: Cell) -> dict:
    return {"text": model(cell).chain(cell.asks("What is the weather in Zürich?"), tools=[weather]).text()}


def shown(cell: Cell, content: str, media_type: str) -> dict:
    attachment = llm.Attachment(type=media_type, content=base64.b64decode(content))
    return {"text": model(cell).prompt(cell.asks("What is this?"), attachments=[attachment]).text()}


def image(cell: Cell) -> dict:
    return shown(cell, PICTURE, "image/png")


def pdf(cell: Cell) -> dict:
    return shown(cell, DOCUMENT, "application/pdf")


def json_schema(cell: Cell) -> dict:
    import json

    return {"object": json.loads(model(cell).prompt(cell.asks("As JSON"), schema=SCHEMA).text())}


def reasoning(cell: Cell) -> dict:
    response = model(cell).prompt(cell.asks("Think"), reasoning_effort="medium")
    said = response.text()
    thoughts = [event.chunk for event in response.stream_events() if event.type == "reasoning"]
    return {"text": said, "reasoning": "".join(thoughts)}


def error(cell: Cell) -> dict:
    return {
        "refused": failing(lambda: model(cell).prompt(cell.asks("Refuse")).text()),
        "broken": failing(lambda: model(cell).prompt(cell.asks("Break off")).text()),
    }


def cancel(cell: Cell) -> dict:
    answer = iter(model(cell).prompt(cell.asks("Wait")))
    said = next(piece for piece in answer if piece)
    answer.close()
    return {"text": said, "left_at": now()}


run(globals())
