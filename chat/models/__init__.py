from .allowance import Allowance, Balance
from .api_key import ApiKey
from .attachment import Attachment
from .branch import Branch
from .charge import Charge
from .continuation import continue_as
from .conversation import Conversation
from .intake import Intake
from .invitation import Invitation
from .kept_reasoning import KeptReasoning
from .label import Folder, Label, Tag
from .language_model import LanguageModel, Route
from .message import Message
from .model_request import ModelRequest, RequestBody
from .period import Period
from .preset import Preset
from .price import Price, Prices
from .price_list import PriceList
from .recording import Recording
from .search import Hit, Search
from .share import Audience, Share, Terms
from .shared_file import SharedFile
from .snapshot import Shown
from .temporary import TemporaryConversation, TemporaryMessage
from .tree import Tree, Versions
from .turn import AnswerInProgress, MessageGone, OtherTextSent, Turn
from .unindexed import Unindexed
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
    "Audience",
    "Balance",
    "Branch",
    "Charge",
    "Conversation",
    "DailyRoute",
    "DailyUsage",
    "Folder",
    "Hit",
    "Intake",
    "Invitation",
    "KeptReasoning",
    "Label",
    "LanguageModel",
    "Message",
    "MessageGone",
    "ModelRequest",
    "OtherTextSent",
    "Period",
    "Preset",
    "Price",
    "PriceList",
    "Prices",
    "Recording",
    "RequestBody",
    "Route",
    "Search",
    "Share",
    "SharedFile",
    "Shown",
    "Tag",
    "TemporaryConversation",
    "TemporaryMessage",
    "Terms",
    "Tree",
    "Turn",
    "Unindexed",
    "Upstream",
    "UsageDay",
    "UsageReport",
    "User",
    "Versions",
    "Worker",
    "continue_as",
]
