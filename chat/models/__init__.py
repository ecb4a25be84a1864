from .allowance import Allowance, Balance
from .api_key import ApiKey
from .attachment import Attachment
from .branch import Branch
from .charge import Charge
from .continuation import continue_as
from .conversation import AnswerInProgress, Conversation, OtherTextSent, Turn
from .invitation import Invitation
from .kept_reasoning import KeptReasoning
from .language_model import LanguageModel, Route
from .message import Message
from .model_request import ModelRequest, RequestBody
from .period import Period
from .price import Price, Prices
from .price_list import PriceList
from .share import Audience, Share, Terms
from .shared_file import SharedFile
from .snapshot import Shown
from .upstream import Upstream
from .user import User
from .worker import Worker

__all__ = [
    "Allowance",
    "AnswerInProgress",
    "ApiKey",
    "Attachment",
    "Audience",
    "Balance",
    "Branch",
    "Charge",
    "Conversation",
    "Invitation",
    "KeptReasoning",
    "LanguageModel",
    "Message",
    "ModelRequest",
    "OtherTextSent",
    "Period",
    "Price",
    "PriceList",
    "Prices",
    "RequestBody",
    "Route",
    "Share",
    "SharedFile",
    "Shown",
    "Terms",
    "Turn",
    "Upstream",
    "User",
    "Worker",
    "continue_as",
]
