from .allowance import Allowance, Balance
from .api_key import ApiKey
from .attachment import Attachment
from .branch import Branch
from .charge import Charge
from .conversation import AnswerInProgress, Conversation, OtherTextSent, Turn
from .intake import Intake
from .invitation import Invitation
from .kept_reasoning import KeptReasoning
from .language_model import LanguageModel, Route
from .message import Message
from .model_request import ModelRequest, RequestBody
from .period import Period
from .price import Price, Prices
from .price_list import PriceList
from .recording import Recording
from .upstream import Upstream
from .usage_day import DailyRoute, DailyUsage, UsageDay
from .usage_report import UsageReport
from .user import User
from .worker import Worker

__all__ = [
    "Allowance",
    "AnswerInProgress",
    "ApiKey",
    "Attachment",
    "Balance",
    "Branch",
    "Charge",
    "Conversation",
    "DailyRoute",
    "DailyUsage",
    "Intake",
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
    "Recording",
    "RequestBody",
    "Route",
    "Turn",
    "Upstream",
    "UsageDay",
    "UsageReport",
    "User",
    "Worker",
]
