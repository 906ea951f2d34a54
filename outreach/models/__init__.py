from outreach.models.breakers import Breaker, BreakerRule
from outreach.models.campaigns import Campaign, CampaignStep, SenderNumber
from outreach.models.consent import Consent, Suppression
from outreach.models.enrolments import CampaignOwner, DryRun, DryRunLine, StepRun
from outreach.models.lookups import PhoneLookup
from outreach.models.messages import DeliveryStatus, GateDecision, Message, ReplyLabel, SendAttempt, WebhookEvent
from outreach.models.reading import CachedAnswer, ModelCall, ReadingPolicy
from outreach.models.templates import MessageTemplate, TemplateVariant
from outreach.models.threads import NumberAttachment, Thread
from outreach.models.touches import CallTask, Letter, LetterExport

__all__ = [
    "Breaker",
    "BreakerRule",
    "CachedAnswer",
    "CallTask",
    "Campaign",
    "CampaignOwner",
    "CampaignStep",
    "Consent",
    "DeliveryStatus",
    "DryRun",
    "DryRunLine",
    "GateDecision",
    "Letter",
    "LetterExport",
    "Message",
    "MessageTemplate",
    "ModelCall",
    "NumberAttachment",
    "PhoneLookup",
    "ReadingPolicy",
    "ReplyLabel",
    "SendAttempt",
    "SenderNumber",
    "StepRun",
    "Suppression",
    "TemplateVariant",
    "Thread",
    "WebhookEvent",
]
