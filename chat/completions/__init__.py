"""The unified conversation format: pure values, without identity, storage or I/O.

Everything the site says to a model is a `ChatRequest`, everything a model says is a stream of `Chunk`,
everything that goes wrong is a `CompletionError`. Ids, owners and rows are the business of `chat.models`;
the oddities of a provider's dialect are the business of its file in `chat.upstreams`.
"""

from .adjustment import Adjustment
from .chunk import Choice, Chunk, Completion, GrowingChoice, ToolCallDelta, Usage, collect
from .errors import (
    AccessWithdrawn,
    BadUpstreamResponse,
    BudgetExceeded,
    CompletionError,
    ContentFiltered,
    ContextLengthExceeded,
    InvalidRequest,
    ModelNotFound,
    NoUpstream,
    RateLimited,
    StreamTruncated,
    UpstreamAnswer,
    UpstreamAuthFailed,
    UpstreamError,
    UpstreamOverloaded,
    UpstreamQuotaExceeded,
    UpstreamTimeout,
    UpstreamUnreachable,
)
from .rate_limit import RateLimit
from .reasoning import ReasoningState
from .request import (
    Audio,
    ChatRequest,
    File,
    Image,
    Message,
    Part,
    Role,
    Text,
    Tool,
    ToolCall,
    Video,
)

__all__ = [
    "AccessWithdrawn",
    "Adjustment",
    "Audio",
    "BadUpstreamResponse",
    "BudgetExceeded",
    "ChatRequest",
    "Choice",
    "Chunk",
    "Completion",
    "CompletionError",
    "ContentFiltered",
    "ContextLengthExceeded",
    "File",
    "GrowingChoice",
    "Image",
    "InvalidRequest",
    "Message",
    "ModelNotFound",
    "NoUpstream",
    "Part",
    "RateLimit",
    "RateLimited",
    "ReasoningState",
    "Role",
    "StreamTruncated",
    "Text",
    "Tool",
    "ToolCall",
    "ToolCallDelta",
    "UpstreamAnswer",
    "UpstreamAuthFailed",
    "UpstreamError",
    "UpstreamOverloaded",
    "UpstreamQuotaExceeded",
    "UpstreamTimeout",
    "UpstreamUnreachable",
    "Usage",
    "Video",
    "collect",
]
