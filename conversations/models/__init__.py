"""The heart, one noun per file."""

from conversations.models.amendment import Amendment
from conversations.models.attachment import Attachment, Blob
from conversations.models.conversation import Conversation, Follower, Participant, Topic
from conversations.models.customerread import CustomerRead
from conversations.models.delivery import Delivery, DeliveryPart, PendingStatus
from conversations.models.draft import Draft
from conversations.models.entry import Entry
from conversations.models.fact import Fact
from conversations.models.filelink import FileLink
from conversations.models.importing import CustomerImport, ImportKey, ImportPart, ImportProblem
from conversations.models.mergerecord import MergeRecord
from conversations.models.message import Message, MessageVersion, Reaction, Recipient
from conversations.models.notice import Notice
from conversations.models.notification import Mention, Notification, PushSubscription
from conversations.models.picture import Picture
from conversations.models.savedview import SavedView, SeenMarker
from conversations.models.searchable import Searchable, SearchWalk
from conversations.models.suggestion import Suggestion
from conversations.models.tag import ConversationTag, CustomerTag, Tag
from conversations.models.task import Task
from conversations.models.thread import SideThread, Thread
from conversations.models.upload import Upload
from conversations.models.webhook import Webhook, WebhookDelivery

__all__ = [
    "Amendment",
    "Attachment",
    "Blob",
    "Conversation",
    "ConversationTag",
    "CustomerImport",
    "CustomerRead",
    "CustomerTag",
    "Delivery",
    "DeliveryPart",
    "Draft",
    "Entry",
    "Fact",
    "FileLink",
    "Follower",
    "ImportKey",
    "ImportPart",
    "ImportProblem",
    "Mention",
    "MergeRecord",
    "Message",
    "MessageVersion",
    "Notice",
    "Notification",
    "Participant",
    "PendingStatus",
    "Picture",
    "PushSubscription",
    "Reaction",
    "Recipient",
    "SavedView",
    "SearchWalk",
    "Searchable",
    "SeenMarker",
    "SideThread",
    "Suggestion",
    "Tag",
    "Task",
    "Thread",
    "Topic",
    "Upload",
    "Webhook",
    "WebhookDelivery",
]
