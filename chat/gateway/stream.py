from collections.abc import AsyncGenerator
from contextlib import aclosing

from asgiref.sync import sync_to_async

from chat.completions import ChatRequest, Chunk, ModelNotFound, NoUpstream
from chat.models import LanguageModel, Route, Upstream, User


async def open_stream(request: ChatRequest, payer: User) -> AsyncGenerator[Chunk, None]:
    """The answer to the request, from an upstream that the payer may use.

    Raises ModelNotFound, NoUpstream, and what the upstream's adapter raises; closing it closes the upstream.
    """
    upstream = await sync_to_async(choose_upstream)(request.model, payer)
    async with aclosing(upstream.connect().stream(request)) as chunks:
        async for chunk in chunks:
            yield chunk


def choose_upstream(model_id: str, payer: User) -> Upstream:
    model = LanguageModel.objects.filter(model_id=model_id, enabled=True).first()
    if model is None or not payer.is_active:
        raise ModelNotFound(f"The model {model_id} is not available. Choose another one.")
    route = Route.objects.usable().filter(model=model).select_related("upstream").first()
    if route is None:
        raise NoUpstream(f"No upstream for {model_id} is on. An administrator can change that.")
    return route.upstream
