from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from simple_history.models import HistoricalRecords

from leads.models import Lead, Parcel
from markets.models import Market, Parish
from scoring.factors import ParishFigures
from scoring.querysets import SaleQuerySet, ScoringProfileQuerySet, ValuationQuerySet
from scoring.querysets_runs import LeadToScoreQuerySet, ParishYardstickQuerySet, ScoringRunQuerySet
from scoring.weights import check_weights, default_weights


class ScoringProfileRepository(models.Manager.from_queryset(ScoringProfileQuerySet)):  # type: ignore[misc]
    pass


class ScoringProfile(models.Model):
    """The weights of one market's motivation score; each change is a new version, one version is active."""

    market = models.ForeignKey(Market, on_delete=models.CASCADE, related_name="scoring_profiles")
    version = models.PositiveIntegerField()
    weights = models.JSONField(default=default_weights, validators=[check_weights])
    active = models.BooleanField(default=True)
    note = models.CharField(max_length=200, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL)
    created_at = models.DateTimeField(auto_now_add=True)

    history = HistoricalRecords()
    objects = ScoringProfileRepository()

    class Meta:
        ordering = ["market", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["market", "version"], name="scoring_version_unique_in_market"),
            models.UniqueConstraint(fields=["market"], condition=Q(active=True), name="scoring_one_active_profile"),
        ]

    def __str__(self) -> str:
        return f"{self.market} v{self.version}"


class ParishYardstickRepository(models.Manager.from_queryset(ParishYardstickQuerySet)):  # type: ignore[misc]
    pass


class ParishYardstick(models.Model):
    """What the leads of a parish are measured by, until its land has moved away from it (scoring/parish_figures.py)."""

    parish = models.OneToOneField(Parish, on_delete=models.CASCADE, primary_key=True, related_name="yardstick")
    median = models.DecimalField(
        max_digits=14,
        decimal_places=2,
        null=True,
        help_text="US dollars of land value an acre; empty: too few.",
    )
    counted = models.PositiveIntegerField(help_text="About how many parcels the median is from.")
    zips = ArrayField(models.CharField(max_length=5), help_text="Five-digit ZIPs of the parish's land.")
    taken_at = models.DateTimeField()

    objects = ParishYardstickRepository()

    def __str__(self) -> str:
        return f"{self.parish}: ${self.median} per acre"

    @property
    def figures(self) -> ParishFigures:
        return ParishFigures(self.median, self.counted, frozenset(self.zips))


class LeadToScoreRepository(models.Manager.from_queryset(LeadToScoreQuerySet)):  # type: ignore[misc]
    pass


class LeadToScore(models.Model):
    """That a lead's score may be out of date. Database triggers write it whenever an input of a score changes, whoever
    changed it; each change adds a row of its own, so that none waits for another. Without a key to the lead: a lead
    that is gone is simply not scored."""

    lead_id = models.BigIntegerField()
    since = models.DateTimeField(db_default=Now())

    objects = LeadToScoreRepository()

    class Meta:
        verbose_name = "lead to score"
        verbose_name_plural = "leads to score"

    def __str__(self) -> str:
        return f"Lead {self.lead_id}"


class ScoringRunRepository(models.Manager.from_queryset(ScoringRunQuerySet)):  # type: ignore[misc]
    pass


class ScoringRun(models.Model):
    """Scoring every lead of a market anew, in the background; the row is the queue, the progress and the record."""

    class Cause(models.TextChoices):
        WEIGHTS = "weights", "Changed weights"
        BY_HAND = "by_hand", "Asked for"
        NIGHT = "night", "The night's look at everything"

    class State(models.TextChoices):
        QUEUED = "queued", "Waiting for a worker"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"
        CANCELLED = "cancelled", "Cancelled"
        SUPERSEDED = "superseded", "Replaced by a newer one"

    UNFINISHED = (State.QUEUED, State.RUNNING)

    market = models.ForeignKey(Market, on_delete=models.CASCADE, related_name="scoring_runs")
    profile = models.ForeignKey(ScoringProfile, on_delete=models.CASCADE, related_name="runs")
    cause = models.CharField(max_length=8, choices=Cause)
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    error = models.CharField(max_length=300, blank=True)
    leads_total = models.PositiveIntegerField(default=0)
    leads_done = models.PositiveIntegerField(default=0)
    leads_changed = models.PositiveIntegerField(default=0)
    last_lead_id = models.BigIntegerField(default=0, help_text="Up to which the leads are done, by id.")
    attempts = models.PositiveSmallIntegerField(default=0, help_text="Starts since the last progress.")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL)
    asked_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    heartbeat_at = models.DateTimeField(null=True, blank=True, help_text="Last sign of life of the worker on it.")

    objects = ScoringRunRepository()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["market"], condition=Q(state__in=["queued", "running"]), name="scoring_one_run_per_market"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.profile}: {self.get_state_display().lower()}"

    @property
    def finished(self) -> bool:
        return self.state not in self.UNFINISHED


class SaleRepository(models.Manager.from_queryset(SaleQuerySet)):  # type: ignore[misc]
    pass


class Sale(models.Model):
    """A recorded sale. Never invented: it carries its date and its source."""

    parcel = models.ForeignKey(Parcel, on_delete=models.CASCADE, related_name="sales")
    sold_on = models.DateField()
    price = models.DecimalField(max_digits=14, decimal_places=2, help_text="US dollars.")
    source = models.CharField(max_length=120)
    created_at = models.DateTimeField(auto_now_add=True)

    history = HistoricalRecords()
    objects = SaleRepository()

    class Meta:
        ordering = ["-sold_on"]
        constraints = [
            models.UniqueConstraint(fields=["parcel", "sold_on", "price"], name="sale_once"),
            models.CheckConstraint(condition=Q(price__gt=0), name="sale_price_positive"),
            models.CheckConstraint(condition=~Q(source=""), name="sale_has_source"),
        ]

    def __str__(self) -> str:
        return f"{self.parcel} {self.sold_on}"


class ValuationRepository(models.Manager.from_queryset(ValuationQuerySet)):  # type: ignore[misc]
    pass


class Valuation(models.Model):
    """An offer range as it was computed: with its inputs, reasons and confidence, so that it can be explained later."""

    class Confidence(models.TextChoices):
        HIGH = "high", "High"
        MEDIUM = "medium", "Medium"
        LOW = "low", "Low"

    lead = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="valuations")
    low = models.DecimalField(max_digits=14, decimal_places=2)
    high = models.DecimalField(max_digits=14, decimal_places=2)
    confidence = models.CharField(max_length=6, choices=Confidence)
    inputs = models.JSONField()
    reasons = models.JSONField()
    computed_at = models.DateTimeField()

    objects = ValuationRepository()

    class Meta:
        ordering = ["-computed_at"]
        constraints = [
            models.CheckConstraint(condition=Q(low__gt=0, high__gte=F("low")), name="valuation_is_a_range"),
        ]

    def __str__(self) -> str:
        return f"${self.low:,.0f}–${self.high:,.0f}"
