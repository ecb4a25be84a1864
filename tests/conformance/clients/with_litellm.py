import json

import litellm
from cells import DOCUMENT, KEY, PICTURE, SCHEMA, TOOL, URL, Cell, failing, now, run, weather

litellm.suppress_debug_info = True


def user(content: object) -> list:
    return [{"role": "user", "content": content}]


def complete(cell: Cell, content: object, **options):
    return ask(cell, user(content), **options)


def ask(cell: Cell, messages: list, **options):
    return litellm.completion(
        model=f"openai/{cell.model}",
        api_base=URL,
        api_key=KEY,
        messages=messages,
        num_retries=0,
        max_retries=0,
        **options,
    )


def calls_of(message) -> list:
    return [
        {"id": call.id, "name": call.function.name, "arguments": json.loads(call.function.arguments)}
        for call in message.tool_calls or ()
    ]


def text(cell: Cell) -> dict:
    completion = complete(cell, cell.asks("Hello"))
    choice = completion.choices[0]
    return {
        "text": choice.message.content,
        "finish": choice.finish_reason,
        "tokens": completion.usage.total_tokens,
    }


def stream(cell: Cell) -> dict:
    chunks = [*complete(cell, cell.asks("Hello"), stream=True, stream_options={"include_usage": True})]
    whole = litellm.stream_chunk_builder(chunks)
    choice = whole.choices[0]
    return {
        "text": choice.message.content,
        "pieces": sum(bool(chunk.choices and chunk.choices[0].delta.content) for chunk in chunks),
        "finish": choice.finish_reason,
        "tokens": whole.usage.total_tokens,
    }


def tools(cell: Cell) -> dict:
    chunks = [*complete(cell, cell.asks("What is the weather in Zürich?"), tools=[TOOL], stream=True)]
    choice = litellm.stream_chunk_builder(chunks).choices[0]
    return {"calls": calls_of(choice.message), "finish": choice.finish_reason}


def parallel_tools(cell: Cell) -> dict:
    choice = complete(cell, cell.asks("What is the weather in Zürich and in Bern?"), tools=[TOOL]).choices[0]
    return {"calls": calls_of(choice.message), "finish": choice.finish_reason}


def round_trip(cell: Cell) -> dict:
    messages = user(cell.asks("What is the weather in Zürich?"))
    messages.append(ask(cell, messages, tools=[TOOL]).choices[0].message)
    for call in messages[-1].tool_calls:
        result = weather(**json.loads(call.function.arguments))
        messages.append({"role": "tool", "tool_call_id": call.id, "content": result})
    return {"text": ask(cell, messages, tools=[TOOL]).choices[0].message.content}


def shown(cell: Cell, part: dict) -> dict:
    content = [{"type": "text", "text": cell.asks("What is this?")}, part]
    return {"text": complete(cell, content).choices[0].message.content}


def image(cell: Cell) -> dict:
    return shown(cell, {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PICTURE}"}})


def pdf(cell: Cell) -> dict:
    file = {"filename": "paper.pdf", "file_data": f"data:application/pdf;base64,{DOCUMENT}"}
    return shown(cell, {"type": "file", "file": file})


def json_schema(cell: Cell) -> dict:
    wanted = {"type": "json_schema", "json_schema": {"name": "weather", "schema": SCHEMA, "strict": True}}
    completion = complete(cell, cell.asks("As JSON"), response_format=wanted)
    return {"object": json.loads(completion.choices[0].message.content)}


def reasoning(cell: Cell) -> dict:
    options = {"reasoning_effort": "medium", "allowed_openai_params": ["reasoning_effort"]}
    message = complete(cell, cell.asks("Think"), **options).choices[0].message
    return {"text": message.content, "reasoning": getattr(message, "reasoning_content", None)}


def error(cell: Cell) -> dict:
    return {
        "refused": failing(lambda: complete(cell, cell.asks("Refuse"))),
        "broken": failing(lambda: [*complete(cell, cell.asks("Break off"), stream=True)]),
    }


def cancel(cell: Cell) -> dict:
    answer = complete(cell, cell.asks("Wait"), stream=True)
    said = next(chunk.choices[0].delta.content for chunk in answer if chunk.choices[0].delta.content)
    answer.completion_stream.close()
    return {"text": said, "left_at": now()}


run(globals())
