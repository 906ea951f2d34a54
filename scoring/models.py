from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from simple_history.models import HistoricalRecords

from leads.models import Lead, Parcel
from markets.models import Market
from scoring.querysets import SaleQuerySet, ScoringProfileQuerySet, ValuationQuerySet
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
