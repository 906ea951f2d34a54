"""What can be asked of the outreach room, in the domain's words."""

from outreach.querysets.attempts import SendAttemptQuerySet
from outreach.querysets.breakers import BreakerQuerySet, BreakerRuleQuerySet
from outreach.querysets.campaigns import CampaignQuerySet, CampaignStepQuerySet, SenderNumberQuerySet
from outreach.querysets.consent import ConsentQuerySet, SuppressionQuerySet
from outreach.querysets.decisions import GateDecisionQuerySet
from outreach.querysets.lookups import PhoneLookupQuerySet
from outreach.querysets.messages import DeliveryStatusQuerySet, MessageQuerySet
from outreach.querysets.replies import ReplyLabelQuerySet, WebhookEventQuerySet
from outreach.querysets.templates import MessageTemplateQuerySet, TemplateVariantQuerySet
from outreach.querysets.touches import CallTaskQuerySet, LetterExportQuerySet, LetterQuerySet

__all__ = [
    "BreakerQuerySet",
    "BreakerRuleQuerySet",
    "CallTaskQuerySet",
    "CampaignQuerySet",
    "CampaignStepQuerySet",
    "ConsentQuerySet",
    "DeliveryStatusQuerySet",
    "GateDecisionQuerySet",
    "LetterExportQuerySet",
    "LetterQuerySet",
    "MessageQuerySet",
    "MessageTemplateQuerySet",
    "PhoneLookupQuerySet",
    "ReplyLabelQuerySet",
    "SendAttemptQuerySet",
    "SenderNumberQuerySet",
    "SuppressionQuerySet",
    "TemplateVariantQuerySet",
    "WebhookEventQuerySet",
]
