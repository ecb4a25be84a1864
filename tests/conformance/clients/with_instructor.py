from collections.abc import Iterable

import instructor
from cells import DOCUMENT, KEY, PICTURE, URL, Cell, failing, now, run
from instructor.processing.multimodal import PDF, Image
from openai import OpenAI
from pydantic import BaseModel


class City(BaseModel):
    """The weather in a city"""

    city: str


class Weather(BaseModel):
    city: str
    degrees: int


openai = OpenAI(base_url=URL, api_key=KEY, max_retries=0)
by_schema = instructor.from_openai(openai, mode=instructor.Mode.JSON_SCHEMA)
by_tool = instructor.from_openai(openai, mode=instructor.Mode.TOOLS)
by_tools = instructor.from_openai(openai, mode=instructor.Mode.PARALLEL_TOOLS)


def asked(cell: Cell, words: str, *shown: object) -> dict:
    content = [cell.asks(words), *shown] if shown else cell.asks(words)
    return {"model": cell.model, "messages": [{"role": "user", "content": content}], "max_retries": 0}


def plain(cell: Cell, words: str, *shown: object, **options):
    return by_schema.chat.completions.create(**asked(cell, words, *shown), response_model=None, **options)


def calls_of(found: Iterable[City]) -> list:
    return [
        {"id": str(at), "name": type(each).__name__, "arguments": each.model_dump()}
        for at, each in enumerate(found)
    ]


def text(cell: Cell) -> dict:
    completion = plain(cell, "Hello")
    choice = completion.choices[0]
    return {
        "text": choice.message.content,
        "finish": choice.finish_reason,
        "tokens": completion.usage.total_tokens,
    }


def stream(cell: Cell) -> dict:
    parts = [*by_schema.chat.completions.create_partial(**asked(cell, "As JSON"), response_model=Weather)]
    return {"object": parts[-1].model_dump(), "pieces": len(parts)}


def tools(cell: Cell) -> dict:
    city, completion = by_tool.chat.completions.create_with_completion(
        **asked(cell, "What is the weather in Zürich?"), response_model=City
    )
    return {"calls": calls_of([city]), "finish": completion.choices[0].finish_reason}


def parallel_tools(cell: Cell) -> dict:
    cities = by_tools.chat.completions.create(
        **asked(cell, "What is the weather in Zürich and in Bern?"), response_model=Iterable[City]
    )
    return {"calls": calls_of(cities)}


def image(cell: Cell) -> dict:
    picture = Image.from_base64(f"data:image/png;base64,{PICTURE}")
    return {"text": plain(cell, "What is this?", picture).choices[0].message.content}


def pdf(cell: Cell) -> dict:
    paper = PDF.from_base64(f"data:application/pdf;base64,{DOCUMENT}")
    return {"text": plain(cell, "What is this?", paper).choices[0].message.content}


def json_schema(cell: Cell) -> dict:
    found = by_schema.chat.completions.create(**asked(cell, "As JSON"), response_model=Weather)
    return {"object": found.model_dump()}


def reasoning(cell: Cell) -> dict:
    message = plain(cell, "Think", reasoning_effort="medium").choices[0].message
    return {"text": message.content, "reasoning": getattr(message, "reasoning_content", None)}


def error(cell: Cell) -> dict:
    def create(words: str):
        return by_schema.chat.completions.create(**asked(cell, words), response_model=Weather)

    def parts() -> list:
        return [
            *by_schema.chat.completions.create_partial(**asked(cell, "Break off"), response_model=Weather)
        ]

    return {"refused": failing(lambda: create("Refuse")), "broken": failing(parts)}


def cancel(cell: Cell) -> dict:
    answer = plain(cell, "Wait", stream=True)
    said = next(chunk.choices[0].delta.content for chunk in answer if chunk.choices[0].delta.content)
    answer.close()
    return {"text": said, "left_at": now()}


run(globals())
