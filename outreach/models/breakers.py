from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from outreach.models.campaigns import Campaign
from outreach.querysets import BreakerQuerySet, BreakerRuleQuerySet


class BreakerRule(models.Model):
    """When what goes wrong with the texts of one template, campaign, number or of the provider stops them."""

    class Scope(models.TextChoices):
        TEMPLATE = "template", "Template"
        CAMPAIGN = "campaign", "Campaign"
        SENDER = "sender", "Sender number"
        PROVIDER = "provider", "Provider"

    class Signal(models.TextChoices):
        FILTERED = "filtered", "filtered by carriers"
        OPTED_OUT = "opted_out", "answered with an opt-out"
        WRONG_NUMBER = "wrong_number", "sent to a wrong number"
        NOT_DELIVERED = "not_delivered", "refused or not delivered"
        UNANSWERED = "unanswered", "not answered by the provider"

    scope = models.CharField("of one", max_length=8, choices=Scope)
    signal = models.CharField("texts", max_length=13, choices=Signal)
    least = models.PositiveSmallIntegerField(
        "at least", default=5, validators=[MinValueValidator(1)], help_text="So many texts, and"
    )
    percent = models.PositiveSmallIntegerField(
        "at least percent",
        default=5,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
        help_text="of all that were sent",
    )
    window_minutes = models.PositiveIntegerField(
        "within (minutes)", default=1440, validators=[MinValueValidator(1), MaxValueValidator(43_200)]
    )
    cool_down_minutes = models.PositiveIntegerField(
        "cool-down (minutes)",
        default=1440,
        validators=[MinValueValidator(1)],
        help_text="Afterwards a few texts are tried; it doubles each time they go wrong.",
    )
    probes = models.PositiveSmallIntegerField(
        "texts to try",
        default=3,
        validators=[MaxValueValidator(100)],
        help_text="0: only a person lets texts go on.",
    )
    active = models.BooleanField(default=True)
    updated_at = models.DateTimeField(auto_now=True)

    history = HistoricalRecords()
    objects = models.Manager.from_queryset(BreakerRuleQuerySet)()

    class Meta:
        ordering = ["scope", "signal"]
        constraints = [
            models.UniqueConstraint(fields=["scope", "signal"], name="breaker_rule_once"),
            models.CheckConstraint(
                condition=Q(scope="provider", signal="unanswered") | ~Q(scope="provider") & ~Q(signal="unanswered"),
                name="breaker_rule_provider_unanswered",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_scope_display()}: {self.get_signal_display()}"

    def clean(self) -> None:
        if (self.scope == self.Scope.PROVIDER) != (self.signal == self.Signal.UNANSWERED):
            raise ValidationError("The provider's breaker counts texts that it did not answer; no other breaker does.")

    @property
    def window(self) -> timedelta:
        return timedelta(minutes=self.window_minutes)

    @property
    def cool_down(self) -> timedelta:
        return timedelta(minutes=self.cool_down_minutes)

    def is_met_by(self, bad: int, sent: int) -> bool:
        return bad >= self.least and bad * 100 >= self.percent * sent


class BreakerRepository(models.Manager.from_queryset(BreakerQuerySet)):  # type: ignore[misc]
    pass


class Breaker(models.Model):
    """One time that a rule was met: its subject's texts wait while it is open, a few are tried when half open."""

    class State(models.TextChoices):
        OPEN = "open", "Open"
        HALF_OPEN = "half_open", "Trying"
        CLOSED = "closed", "Closed"

    rule = models.ForeignKey(BreakerRule, on_delete=models.PROTECT, related_name="breakers")
    subject_id = models.PositiveBigIntegerField(help_text="Key of the template, campaign or number; 0: the provider.")
    subject = models.CharField(max_length=100)
    state = models.CharField(max_length=9, choices=State, default=State.OPEN)
    reason = models.CharField(max_length=200)
    times_opened = models.PositiveSmallIntegerField(default=1)
    opened_at = models.DateTimeField()
    retry_at = models.DateTimeField(null=True, help_text="When a few texts are tried; empty: only a person closes it.")
    half_open_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    close_reason = models.CharField(max_length=200, blank=True)
    paused = models.ManyToManyField(Campaign, related_name="+", help_text="Campaigns that it paused.")

    objects = BreakerRepository()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["rule", "subject_id"], condition=~Q(state="closed"), name="breaker_open_once"
            ),
            models.CheckConstraint(
                condition=Q(state="closed") ^ Q(closed_at__isnull=True), name="breaker_closed_has_date"
            ),
        ]
        indexes = [
            models.Index(fields=["closed_at"], condition=Q(closed_at__isnull=False), name="breaker_closed"),
        ]
        permissions = [("close_breaker", "Can close a breaker, with a reason")]

    def __str__(self) -> str:
        return f"{self.subject}: {self.reason}"
