from .api_key import ApiKey
from .attachment import Attachment
from .branch import Branch
from .conversation import AnswerInProgress, Conversation, OtherTextSent, Turn
from .invitation import Invitation
from .kept_reasoning import KeptReasoning
from .language_model import LanguageModel, Route
from .message import Message
from .upstream import Upstream
from .user import User
from .worker import Worker

__all__ = [
    "AnswerInProgress",
    "ApiKey",
    "Attachment",
    "Branch",
    "Conversation",
    "Invitation",
    "KeptReasoning",
    "LanguageModel",
    "Message",
    "OtherTextSent",
    "Route",
    "Turn",
    "Upstream",
    "User",
    "Worker",
]
