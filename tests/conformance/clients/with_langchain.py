from cells import DOCUMENT, KEY, PICTURE, SCHEMA, TOOL, URL, Cell, failing, now, run, weather
from langchain_core.messages import HumanMessage, ToolMessage
from langchain_openai import ChatOpenAI


def model(cell: Cell, **options) -> ChatOpenAI:
    return ChatOpenAI(
        base_url=URL, api_key=KEY, model=cell.model, use_responses_api=False, max_retries=0, **options
    )


def calls_of(message) -> list:
    return [
        {"id": call["id"], "name": call["name"], "arguments": call["args"]} for call in message.tool_calls
    ]


def told(message) -> dict:
    metadata = message.response_metadata
    return {
        "text": message.text,
        "finish": metadata.get("finish_reason"),
        "tokens": message.usage_metadata["total_tokens"],
    }


def text(cell: Cell) -> dict:
    return told(model(cell).invoke(cell.asks("Hello")))


def stream(cell: Cell) -> dict:
    chunks = [*model(cell, stream_usage=True).stream(cell.asks("Hello"))]
    whole = chunks[0]
    for chunk in chunks[1:]:
        whole += chunk
    return {**told(whole), "pieces": sum(bool(chunk.text) for chunk in chunks)}


def tools(cell: Cell) -> dict:
    whole = None
    for chunk in model(cell).bind_tools([TOOL]).stream(cell.asks("What is the weather in Zürich?")):
        whole = chunk if whole is None else whole + chunk
    return {"calls": calls_of(whole), "finish": whole.response_metadata.get("finish_reason")}


def parallel_tools(cell: Cell) -> dict:
    message = model(cell).bind_tools([TOOL]).invoke(cell.asks("What is the weather in Zürich and in Bern?"))
    return {"calls": calls_of(message), "finish": message.response_metadata.get("finish_reason")}


def round_trip(cell: Cell) -> dict:
    able = model(cell).bind_tools([TOOL])
    messages = [HumanMessage(cell.asks("What is the weather in Zürich?"))]
    messages.append(able.invoke(messages))
    messages += [
        ToolMessage(weather(**call["args"]), tool_call_id=call["id"]) for call in messages[-1].tool_calls
    ]
    return {"text": able.invoke(messages).text}


def shown(cell: Cell, part: dict) -> dict:
    content = [{"type": "text", "text": cell.asks("What is this?")}, part]
    return {"text": model(cell).invoke([HumanMessage(content)]).text}


def image(cell: Cell) -> dict:
    return shown(cell, {"type": "image", "base64": PICTURE, "mime_type": "image/png"})


def pdf(cell: Cell) -> dict:
    part = {"type": "file", "base64": DOCUMENT, "mime_type": "application/pdf", "filename": "paper.pdf"}
    return shown(cell, part)


def json_schema(cell: Cell) -> dict:
    schema = {"title": "weather", "description": "The weather", **SCHEMA}
    return {
        "object": model(cell)
        .with_structured_output(schema, method="json_schema", strict=True)
        .invoke(cell.asks("As JSON"))
    }


def reasoning(cell: Cell) -> dict:
    message = model(cell, reasoning_effort="medium").invoke(cell.asks("Think"))
    return {"text": message.text, "reasoning": message.additional_kwargs.get("reasoning_content")}


def error(cell: Cell) -> dict:
    return {
        "refused": failing(lambda: model(cell).invoke(cell.asks("Refuse"))),
        "broken": failing(lambda: [*model(cell).stream(cell.asks("Break off"))]),
    }


def cancel(cell: Cell) -> dict:
    answer = model(cell).stream(cell.asks("Wait"))
    said = next(chunk.text for chunk in answer if chunk.text)
    answer.close()
    return {"text": said, "left_at": now()}


run(globals())
