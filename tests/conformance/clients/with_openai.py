import json

from cells import DOCUMENT, KEY, PICTURE, SCHEMA, TOOL, URL, Cell, failing, now, run, weather
from openai import OpenAI

client = OpenAI(base_url=URL, api_key=KEY, max_retries=0)


def user(content: object) -> list:
    return [{"role": "user", "content": content}]


def create(cell: Cell, content: object, **options):
    return client.chat.completions.create(model=cell.model, messages=user(content), **options)


def calls_of(message) -> list:
    return [
        {"id": call.id, "name": call.function.name, "arguments": json.loads(call.function.arguments)}
        for call in message.tool_calls or ()
    ]


def text(cell: Cell) -> dict:
    completion = create(cell, cell.asks("Hello"))
    choice = completion.choices[0]
    return {
        "text": choice.message.content,
        "finish": choice.finish_reason,
        "tokens": completion.usage.total_tokens,
    }


def stream(cell: Cell) -> dict:
    pieces, finish, tokens = [], None, None
    for chunk in create(cell, cell.asks("Hello"), stream=True, stream_options={"include_usage": True}):
        tokens = chunk.usage.total_tokens if chunk.usage else tokens
        for choice in chunk.choices:
            pieces += [choice.delta.content] if choice.delta.content else []
            finish = choice.finish_reason or finish
    return {"text": "".join(pieces), "pieces": len(pieces), "finish": finish, "tokens": tokens}


def tools(cell: Cell) -> dict:
    with client.chat.completions.stream(
        model=cell.model, messages=user(cell.asks("What is the weather in Zürich?")), tools=[TOOL]
    ) as events:
        choice = events.get_final_completion().choices[0]
    return {"calls": calls_of(choice.message), "finish": choice.finish_reason}


def parallel_tools(cell: Cell) -> dict:
    choice = create(cell, cell.asks("What is the weather in Zürich and in Bern?"), tools=[TOOL]).choices[0]
    return {"calls": calls_of(choice.message), "finish": choice.finish_reason}


def round_trip(cell: Cell) -> dict:
    """As any program does that knows nothing of reasoning: only the fields of the API are sent back."""
    messages = user(cell.asks("What is the weather in Zürich?"))
    called = (
        client.chat.completions.create(model=cell.model, messages=messages, tools=[TOOL]).choices[0].message
    )
    calls = [call.model_dump(include={"id", "type", "function"}) for call in called.tool_calls]
    messages.append({"role": "assistant", "content": called.content, "tool_calls": calls})
    for call in called.tool_calls:
        result = weather(**json.loads(call.function.arguments))
        messages.append({"role": "tool", "tool_call_id": call.id, "content": result})
    completion = client.chat.completions.create(model=cell.model, messages=messages, tools=[TOOL])
    return {"text": completion.choices[0].message.content}


def image(cell: Cell) -> dict:
    picture = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PICTURE}"}}
    return {
        "text": create(cell, [{"type": "text", "text": cell.asks("What is this?")}, picture])
        .choices[0]
        .message.content
    }


def pdf(cell: Cell) -> dict:
    file = {"filename": "paper.pdf", "file_data": f"data:application/pdf;base64,{DOCUMENT}"}
    content = [{"type": "text", "text": cell.asks("What is this?")}, {"type": "file", "file": file}]
    return {"text": create(cell, content).choices[0].message.content}


def json_schema(cell: Cell) -> dict:
    wanted = {"type": "json_schema", "json_schema": {"name": "weather", "schema": SCHEMA, "strict": True}}
    return {
        "object": json.loads(
            create(cell, cell.asks("As JSON"), response_format=wanted).choices[0].message.content
        )
    }


def reasoning(cell: Cell) -> dict:
    message = create(cell, cell.asks("Think"), reasoning_effort="medium").choices[0].message
    return {"text": message.content, "reasoning": getattr(message, "reasoning_content", None)}


def error(cell: Cell) -> dict:
    def break_off() -> None:
        for _ in create(cell, cell.asks("Break off"), stream=True):
            pass

    return {"refused": failing(lambda: create(cell, cell.asks("Refuse"))), "broken": failing(break_off)}


def cancel(cell: Cell) -> dict:
    answer = create(cell, cell.asks("Wait"), stream=True)
    said = next(chunk.choices[0].delta.content for chunk in answer if chunk.choices[0].delta.content)
    answer.close()
    return {"text": said, "left_at": now()}


run(globals())
