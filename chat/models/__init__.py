from .attachment import Attachment
from .branch import Branch
from .conversation import AnswerInProgress, Conversation, OtherTextSent, Turn
from .invitation import Invitation
from .language_model import LanguageModel, Route
from .message import Message
from .upstream import Upstream
from .user import User
from .worker import Worker

__all__ = [
    "AnswerInProgress",
    "Attachment",
    "Branch",
    "Conversation",
    "Invitation",
    "LanguageModel",
    "Message",
    "OtherTextSent",
    "Route",
    "Turn",
    "Upstream",
    "User",
    "Worker",
]
