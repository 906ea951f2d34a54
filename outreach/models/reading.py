from __future__ import annotations

from decimal import Decimal

from django.contrib.postgres.indexes import GinIndex
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from markets.models import Market
from outreach.models.messages import ReplyLabel
from outreach.querysets.reading import CachedAnswerQuerySet, ModelCallQuerySet, ReadingPolicyQuerySet
from outreach.reading_prompt import INSTRUCTIONS

SHARE = [MinValueValidator(Decimal("0")), MaxValueValidator(Decimal("1"))]
NOT_NEGATIVE = [MinValueValidator(Decimal("0"))]


class ReadingPolicy(models.Model):
    """Which models read replies, how sure they have to be, what a day may cost. One row; its history is its versions.

    Read anew for every batch of replies, so that a change counts at once and everywhere.
    """

    small_model = models.CharField(max_length=60, default="gpt-4o-mini", help_text="Asked first.")
    small_sure = models.DecimalField(
        "small model must be sure by", max_digits=3, decimal_places=2, default=Decimal("0.80"), validators=SHARE
    )
    large_model = models.CharField(
        max_length=60, blank=True, help_text="Asked when the small one is not sure. Empty: a person is asked at once."
    )
    large_sure = models.DecimalField(
        "large model must be sure by", max_digits=3, decimal_places=2, default=Decimal("0.70"), validators=SHARE
    )
    small_price_in = models.DecimalField(
        "small model, $ per million tokens read", max_digits=8, decimal_places=3, default=Decimal("0.15"),
        validators=NOT_NEGATIVE,
    )  # fmt: skip
    small_price_out = models.DecimalField(
        "small model, $ per million tokens written", max_digits=8, decimal_places=3, default=Decimal("0.60"),
        validators=NOT_NEGATIVE,
    )  # fmt: skip
    large_price_in = models.DecimalField(
        "large model, $ per million tokens read", max_digits=8, decimal_places=3, default=Decimal("2.50"),
        validators=NOT_NEGATIVE,
    )  # fmt: skip
    large_price_out = models.DecimalField(
        "large model, $ per million tokens written", max_digits=8, decimal_places=3, default=Decimal("10.00"),
        validators=NOT_NEGATIVE,
    )  # fmt: skip
    replies_together = models.PositiveSmallIntegerField(
        "replies in one request at most", default=10, validators=[MinValueValidator(1), MaxValueValidator(50)],
        help_text="Of those that wait at the same time; none waits for others. 1: each is asked about alone.",
    )  # fmt: skip
    calls_per_day = models.PositiveIntegerField(
        default=5000, help_text="Then replies wait for a person until midnight UTC."
    )
    dollars_per_day = models.DecimalField(
        "dollars per day", max_digits=8, decimal_places=2, default=Decimal("5.00"), validators=NOT_NEGATIVE
    )
    cache_sure = models.DecimalField(
        "remember answers sure by", max_digits=3, decimal_places=2, default=Decimal("0.90"), validators=SHARE
    )
    cache_similarity = models.DecimalField(
        "how alike a reply must be", max_digits=3, decimal_places=2, default=Decimal("0.90"), validators=SHARE,
        help_text="1: only the same words.",
    )  # fmt: skip
    cache_days = models.PositiveSmallIntegerField("days an answer is remembered", default=90)
    prompt = models.TextField(default=INSTRUCTIONS, help_text="What the models are told about the labels.")
    reason = models.CharField("why this change", max_length=200, default="First version.")
    updated_at = models.DateTimeField(auto_now=True)

    history = HistoricalRecords()
    objects = models.Manager.from_queryset(ReadingPolicyQuerySet)()

    class Meta:
        verbose_name = "how replies are read"
        verbose_name_plural = "how replies are read"
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="reading_policy_one_row")]

    def __str__(self) -> str:
        return "How replies are read"

    def cost(self, tier: str, tokens_in: int, tokens_out: int) -> Decimal:
        """In dollars."""
        small = tier == ReplyLabel.Tier.SMALL
        price_in = self.small_price_in if small else self.large_price_in
        price_out = self.small_price_out if small else self.large_price_out
        return (tokens_in * price_in + tokens_out * price_out) / 1_000_000


class ModelCall(models.Model):
    """One question to a language model, about one reply or several: written before it is asked, so that a budget holds
    for all workers."""

    class Outcome(models.TextChoices):
        ASKED = "asked", "No answer yet"
        ANSWERED = "answered", "Answered"
        FAILED = "failed", "No usable answer"

    tier = models.CharField(max_length=6, choices=ReplyLabel.Tier)
    model = models.CharField(max_length=60)
    replies = models.PositiveSmallIntegerField(default=1, db_default=1, help_text="How many it was about.")
    outcome = models.CharField(max_length=8, choices=Outcome, default=Outcome.ASKED)
    tokens = models.PositiveIntegerField(default=0)
    cost = models.DecimalField("dollars", max_digits=10, decimal_places=6, default=Decimal(0))
    latency_ms = models.PositiveIntegerField("milliseconds", default=0)
    detail = models.CharField(max_length=200, blank=True)
    asked_at = models.DateTimeField()

    objects = models.Manager.from_queryset(ModelCallQuerySet)()

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index("asked_at", name="model_call_asked")]

    def __str__(self) -> str:
        return f"{self.model}, {self.get_outcome_display().lower()}"


class CachedAnswer(models.Model):
    """What a reply of these words meant before, said with confidence by a model or by a person. Never an opt-out."""

    market = models.ForeignKey(Market, on_delete=models.CASCADE, related_name="+")
    words = models.CharField(max_length=200, help_text="The reply in plain words.")
    label = models.CharField(max_length=14, choices=ReplyLabel.Label)
    evidence = models.CharField(max_length=300, blank=True)
    source = models.CharField("said by", max_length=6, choices=ReplyLabel.Tier)
    confidence = models.DecimalField(max_digits=4, decimal_places=3)
    expires_at = models.DateTimeField()
    created_at = models.DateTimeField(auto_now_add=True)

    objects = models.Manager.from_queryset(CachedAnswerQuerySet)()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["market", "words"], name="cached_answer_once"),
            models.CheckConstraint(condition=~Q(label="opt_out"), name="cached_answer_no_opt_out"),
        ]
        indexes = [
            GinIndex(fields=["words"], opclasses=["gin_trgm_ops"], name="cached_answer_words"),
            models.Index("expires_at", name="cached_answer_expires"),
        ]

    def __str__(self) -> str:
        return f"{self.get_label_display()}: {self.words}"
