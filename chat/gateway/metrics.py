"""What this process counts for a Prometheus server: once for each request that ended, never for each chunk.

Names follow https://prometheus.io/docs/practices/naming/. Whatever a client can make up is not a label.
"""

from functools import partial

from prometheus_client import Counter, Gauge, Histogram

from chat.models import ModelRequest
from chat.models.first_token import BOUNDS

from .running import running

OTHER = "other"
# Of models and of upstreams: every one more makes dozens of series that a collector keeps for good.
MOST_NAMES = 200

ROUTE = ("model", "upstream")
requests = Counter("chatsite_requests_total", "Requests to models that ended.", (*ROUTE, "face", "status"))
tokens = Counter("chatsite_tokens_total", "Tokens of requests that ended.", (*ROUTE, "kind"))
cost = Counter("chatsite_cost_dollars_total", "What they cost, where the price is known.", ROUTE)
without_price = Counter("chatsite_requests_without_price_total", "Those whose price is unknown.", ROUTE)
first_token = Histogram(
    "chatsite_first_token_seconds", "From the request to the first token.", ROUTE, buckets=BOUNDS
)
running_streams = Gauge("chatsite_running_requests", "Answers that are being written now.", ("face",))

KINDS = {
    "prompt": "prompt_tokens",
    "cached": "cached_tokens",
    "cache_write": "cache_write_tokens",
    "completion": "completion_tokens",
    "reasoning": "reasoning_tokens",
}


class Names:
    """The first few hundred are told apart, the rest are one."""

    def __init__(self) -> None:
        self._known: set[str] = set()

    def bounded(self, name: str) -> str:
        if name not in self._known and len(self._known) >= MOST_NAMES:
            return OTHER
        self._known.add(name)
        return name


models, upstreams = Names(), Names()


def observe(request: ModelRequest) -> None:
    """Count a request that has ended. It asks no database."""
    # A name that is no model of the site's is the client's invention.
    model = models.bounded(request.model_name) if request.model_id else OTHER
    route = model, upstreams.bounded(request.upstream_name or "none")
    requests.labels(*route, request.face, request.status).inc()
    for kind, field in KINDS.items():
        tokens.labels(*route, kind).inc(getattr(request, field) or 0)
    if request.cost is not None:
        cost.labels(*route).inc(float(request.cost))
    elif request.tokens:
        without_price.labels(*route).inc()
    if request.first_token_seconds is not None:
        first_token.labels(*route).observe(request.first_token_seconds)


for face in ModelRequest.Face.values:
    running_streams.labels(face).set_function(partial(running.count, face))
