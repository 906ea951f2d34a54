"""What can be asked of the outreach room, in the domain's words."""

from outreach.querysets.campaigns import CampaignQuerySet, SenderNumberQuerySet
from outreach.querysets.consent import ConsentQuerySet, SuppressionQuerySet
from outreach.querysets.messages import MessageQuerySet
from outreach.querysets.replies import ReplyLabelQuerySet, WebhookEventQuerySet
from outreach.querysets.templates import MessageTemplateQuerySet
from outreach.querysets.touches import CallTaskQuerySet, LetterExportQuerySet, LetterQuerySet

__all__ = [
    "CallTaskQuerySet",
    "CampaignQuerySet",
    "ConsentQuerySet",
    "LetterExportQuerySet",
    "LetterQuerySet",
    "MessageQuerySet",
    "MessageTemplateQuerySet",
    "ReplyLabelQuerySet",
    "SenderNumberQuerySet",
    "SuppressionQuerySet",
    "WebhookEventQuerySet",
]
