from __future__ import annotations

import uuid
from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from core.fields import EncryptedTextField
from leads.models import Lead, Owner, PhoneNumber
from markets.models import Market
from outreach.models.campaigns import CampaignStep, SenderNumber
from outreach.models.templates import TemplateVariant
from outreach.querysets import (
    DeliveryStatusQuerySet,
    GateDecisionQuerySet,
    MessageQuerySet,
    ReplyLabelQuerySet,
    SendAttemptQuerySet,
    WebhookEventQuerySet,
)


class MessageRepository(models.Manager.from_queryset(MessageQuerySet)):  # type: ignore[misc]
    def owners_merged(self, owner_id: int) -> None:
        """Called by `leads.merging` when the messages have moved: one conversation is made of two."""
        self.rebuild_threads(Owner.objects.get(pk=owner_id).known_ids())

    def owners_parted(self, owner_ids: list[int]) -> None:
        self.rebuild_threads(owner_ids)


class Message(models.Model):
    """One text, in or out. The outgoing row is the outbox: claimed and committed before the provider is called."""

    class Direction(models.TextChoices):
        OUT = "out", "To the owner"
        IN = "in", "From the owner"

    class State(models.TextChoices):
        QUEUED = "queued", "Queued"
        SENDING = "sending", "Sending"
        SENT = "sent", "Sent"
        DELIVERED = "delivered", "Delivered"
        UNDELIVERED = "undelivered", "Not delivered"
        FAILED = "failed", "Failed"
        UNCERTAIN = "uncertain", "Outcome unknown"
        BLOCKED = "blocked", "Blocked by the gate"
        DRY_RUN = "dry_run", "Dry run, nothing sent"
        CANCELLED = "cancelled", "Cancelled"
        RECEIVED = "received", "Received"

    class Origin(models.TextChoices):
        CAMPAIGN = "campaign", "Campaign"
        REPLY = "reply", "Written by a person"
        CONFIRMATION = "confirmation", "Opt-out confirmation"
        INBOUND = "inbound", "Inbound"

    direction = models.CharField(max_length=3, choices=Direction)
    origin = models.CharField(max_length=12, choices=Origin)
    state = models.CharField(max_length=11, choices=State)
    token = models.UUIDField(
        default=uuid.uuid4, unique=True, editable=False, help_text="Names us in callback addresses."
    )
    sid = models.CharField(max_length=34, null=True, blank=True, unique=True, help_text="The provider's id.")
    phone = models.ForeignKey(PhoneNumber, on_delete=models.PROTECT, related_name="messages")
    owner = models.ForeignKey(Owner, null=True, blank=True, on_delete=models.PROTECT, related_name="messages")
    lead = models.ForeignKey(Lead, null=True, blank=True, on_delete=models.PROTECT, related_name="messages")
    market = models.ForeignKey(Market, null=True, blank=True, on_delete=models.PROTECT, related_name="messages")
    sender = models.ForeignKey(SenderNumber, null=True, blank=True, on_delete=models.PROTECT, related_name="messages")
    step = models.ForeignKey(CampaignStep, null=True, blank=True, on_delete=models.PROTECT, related_name="messages")
    number_try = models.PositiveSmallIntegerField(
        default=1,
        db_default=1,
        editable=False,
        help_text="2: the step's first number proved bad, this is the next one.",
    )
    variant = models.ForeignKey(
        TemplateVariant,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        db_index=False,
        help_text="The wording it was written from. In: that of the text it answers.",
    )
    wording_version = models.PositiveIntegerField(
        null=True, editable=False, help_text="The version of that wording: the id of its history row."
    )
    answers = models.ForeignKey(
        "self",
        null=True,
        editable=False,
        on_delete=models.SET_NULL,
        related_name="answered_by",
        db_index=False,
        help_text="In: the text made from a template that it answers.",
    )
    body = models.TextField()
    pictures = models.PositiveSmallIntegerField(
        default=0, db_default=0, editable=False, help_text="In: how many came with it; the provider keeps them."
    )
    segments = models.PositiveSmallIntegerField(default=0)
    priority = models.PositiveSmallIntegerField(default=10, help_text="Lower goes first: replies 0, campaigns 10.")
    due_at = models.DateTimeField(help_text="Out: not before. In: when the provider received it.")
    attempts = models.PositiveSmallIntegerField(default=0)
    claimed_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    processed_at = models.DateTimeField(null=True, blank=True, help_text="In: when its effects were done.")
    needs_person = models.BooleanField(default=False, help_text="In: a person must read it; sending is held.")
    read_at = models.DateTimeField(null=True, blank=True)
    error_code = models.PositiveIntegerField(null=True, blank=True)
    error = models.CharField(max_length=300, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = MessageRepository()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["step", "owner", "number_try"],
                condition=Q(step__isnull=False),
                name="message_one_per_step_owner_and_try",
            ),
            models.CheckConstraint(
                condition=Q(direction="in", state="received", origin="inbound")
                | (Q(direction="out") & ~Q(state="received") & ~Q(origin="inbound")),
                name="message_direction_fits_state",
            ),
            models.CheckConstraint(condition=Q(direction="in") | ~Q(body=""), name="message_out_has_text"),
            models.CheckConstraint(
                condition=~Q(state__in=["sent", "delivered", "undelivered"]) | Q(sid__isnull=False),
                name="message_sent_has_sid",
            ),
        ]
        indexes = [
            models.Index("priority", "due_at", "id", condition=Q(state="queued"), name="message_due"),
            models.Index("claimed_at", condition=Q(state__in=["sending", "uncertain"]), name="message_unsettled"),
            models.Index("owner", F("id").desc(), name="message_thread"),
            models.Index("lead", F("id").desc(), name="message_lead"),
            models.Index(
                "phone", "id", condition=Q(direction="in", processed_at__isnull=True), name="message_unprocessed"
            ),
            models.Index("phone", F("sent_at").desc(), condition=Q(direction="out"), name="message_phone_sent"),
            models.Index("claimed_at", condition=Q(direction="out", claimed_at__isnull=False), name="message_claimed"),
            models.Index("due_at", condition=Q(direction="in"), name="message_came"),
            models.Index("due_at", condition=Q(direction="in", needs_person=True), name="message_for_person"),
            models.Index("created_at", condition=Q(state="blocked"), name="message_blocked"),
            models.Index("error_code", condition=Q(error_code__isnull=False), name="message_error"),
            models.Index(
                fields=["variant", "wording_version"],
                include=["state", "error_code"],
                condition=Q(variant__isnull=False),
                name="message_tally",
            ),
            models.Index(
                fields=["variant", "wording_version", "answers"],
                condition=Q(answers__isnull=False),
                name="message_answers",
            ),
        ]
        permissions = [("send_message", "Can text an owner")]

    def __str__(self) -> str:
        return f"{self.get_direction_display()}: {self.body[:40]}"

    def get_absolute_url(self) -> str:
        return reverse("admin:outreach_message_change", args=[self.pk])

    @property
    def words(self) -> str:
        """The text as it is shown to people, who have to know of its pictures."""
        pictures = f"({self.pictures} picture{'s' * (self.pictures > 1)})" if self.pictures else ""
        return " ".join(filter(None, (self.body, pictures))) or "(no words)"


class GateDecision(models.Model):
    """What the gate said about a message and why: the evidence that it was lawful, or the reason it did not go."""

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="decisions")
    outcome = models.CharField(max_length=8)
    until = models.DateTimeField(null=True, blank=True)
    summary = models.CharField(max_length=300)
    verdicts = models.JSONField(help_text="Each rule's verdict in words.")
    states = models.JSONField(help_text="States considered.")
    local_times = models.JSONField(help_text="Zone -> local time of the decision.")
    rule_set = models.CharField(max_length=40)
    decided_at = models.DateTimeField()

    objects = models.Manager.from_queryset(GateDecisionQuerySet)()

    class Meta:
        ordering = ["-id"]
        permissions = [("export_evidence", "Can export the evidence about one number; each export is logged")]

    def __str__(self) -> str:
        return self.summary


class SendAttempt(models.Model):
    """One call of the provider for one message, successful or not."""

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="send_attempts")
    number = models.PositiveSmallIntegerField()
    started_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    latency_ms = models.PositiveIntegerField(null=True)
    outcome = models.CharField(max_length=12, help_text="started until the provider has answered.")
    sid = models.CharField(max_length=34, blank=True, help_text="The provider's id of this attempt.")
    error_code = models.PositiveIntegerField(null=True)
    http_status = models.PositiveSmallIntegerField(null=True)
    request_id = models.CharField(
        max_length=40, blank=True, default="", db_default="", help_text="Names the call to the provider's support."
    )
    price = models.DecimalField(
        max_digits=9, decimal_places=5, null=True, help_text="What the provider charged, once it says so."
    )
    price_unit = models.CharField(max_length=3, blank=True, default="", db_default="")
    billed_segments = models.PositiveSmallIntegerField(null=True, help_text="As the provider counts them.")
    detail = models.CharField(max_length=300, blank=True)

    objects = models.Manager.from_queryset(SendAttemptQuerySet)()

    class Meta:
        ordering = ["message", "number"]
        constraints = [models.UniqueConstraint(fields=["message", "number"], name="attempt_number_once")]
        indexes = [
            models.Index("sid", condition=~Q(sid=""), name="attempt_sid"),
            models.Index("error_code", condition=Q(error_code__isnull=False), name="attempt_error"),
            models.Index("started_at", condition=Q(price__isnull=True) & ~Q(sid=""), name="attempt_unpriced"),
        ]

    def __str__(self) -> str:
        return f"attempt {self.number}: {self.outcome}"


class DeliveryStatus(models.Model):
    """A status the provider reported; each once per attempt, whatever the order they come in."""

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="delivery_statuses")
    attempt = models.PositiveSmallIntegerField(default=1)
    status = models.CharField(max_length=20)
    error_code = models.PositiveIntegerField(null=True, blank=True)
    received_at = models.DateTimeField()
    carrier_time = models.CharField(
        max_length=20, blank=True, default="", db_default="", help_text="When it happened, as the carrier writes it."
    )

    objects = models.Manager.from_queryset(DeliveryStatusQuerySet)()

    class Meta:
        ordering = ["message", "received_at", "id"]
        verbose_name_plural = "delivery statuses"
        constraints = [models.UniqueConstraint(fields=["message", "attempt", "status"], name="delivery_status_once")]
        indexes = [models.Index("error_code", condition=Q(error_code__isnull=False), name="delivery_error")]

    def __str__(self) -> str:
        return self.status


class WebhookEventRepository(models.Manager.from_queryset(WebhookEventQuerySet)):  # type: ignore[misc]
    pass


class WebhookEvent(models.Model):
    """A verified webhook as it came, stored before anything is done with it."""

    class Kind(models.TextChoices):
        INBOUND = "inbound", "Reply"
        STATUS = "status", "Delivery status"

    kind = models.CharField(max_length=8, choices=Kind)
    key = models.CharField(max_length=80, unique=True, help_text="What makes a repetition recognisable.")
    payload = EncryptedTextField(help_text="The posted parameters as JSON.")
    query = models.CharField(max_length=200, blank=True)
    number_hash = models.BinaryField(
        max_length=32, null=True, editable=False, help_text="Keyed hash of the number a reply came from."
    )
    received_at = models.DateTimeField()
    processed_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=300, blank=True)

    objects = WebhookEventRepository()

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index("id", condition=Q(processed_at__isnull=True), name="webhook_waiting"),
            models.Index("number_hash", condition=Q(processed_at__isnull=True), name="webhook_waiting_from"),
        ]

    def __str__(self) -> str:
        return self.key


class ReplyLabel(models.Model):
    """What a reply means, who or what said so, and the words it rests on. The newest current one counts."""

    class Label(models.TextChoices):
        INTERESTED = "interested", "Interested"
        SEND_OFFER = "send_offer", "Send offer"
        NOT_INTERESTED = "not_interested", "Not interested"
        CONFUSED = "confused", "Confused"
        WRONG_NUMBER = "wrong_number", "Wrong number"
        DECEASED = "deceased", "Deceased"
        HOSTILE = "hostile", "Hostile"
        OPT_OUT = "opt_out", "Opt-out"

    class Tier(models.TextChoices):
        RULES = "rules", "Rules"
        CACHE = "cache", "Answered before"
        SMALL = "small", "Small model"
        LARGE = "large", "Larger model"
        PERSON = "person", "Person"

    MODELS = (Tier.SMALL, Tier.LARGE)

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="labels")
    label = models.CharField(max_length=14, choices=Label)
    tier = models.CharField(max_length=6, choices=Tier)
    model = models.CharField(max_length=60, blank=True)
    confidence = models.DecimalField(max_digits=4, decimal_places=3)
    evidence = models.CharField(max_length=300, blank=True)
    tokens = models.PositiveIntegerField(default=0)
    cost = models.DecimalField("dollars", max_digits=10, decimal_places=6, default=Decimal(0), db_default=Decimal(0))
    latency_ms = models.PositiveIntegerField(default=0)
    current = models.BooleanField(default=True)
    corrected_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = models.Manager.from_queryset(ReplyLabelQuerySet)()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["message"], condition=Q(current=True), name="label_one_current"),
            models.CheckConstraint(condition=Q(confidence__range=(0, 1)), name="label_confidence_0_to_1"),
        ]
        indexes = [models.Index("created_at", name="label_created")]

    def __str__(self) -> str:
        return self.get_label_display()
