from __future__ import annotations

from django.db import models
from django.db.models import F

from leads.models import PhoneNumber
from markets.models import Market
from outreach.querysets import PhoneLookupQuerySet


class PhoneLookupRepository(models.Manager.from_queryset(PhoneLookupQuerySet)):  # type: ignore[misc]
    pass


class PhoneLookup(models.Model):
    """One question to the provider what kind of line a number is. Written before it is asked: it may be billed."""

    phone = models.ForeignKey(PhoneNumber, on_delete=models.CASCADE, related_name="lookups", db_index=False)
    market = models.ForeignKey(Market, on_delete=models.PROTECT, related_name="+", db_index=False)
    asked_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)
    valid = models.BooleanField(null=True, blank=True)
    line_type = models.CharField(max_length=12, choices=PhoneNumber.LineType, blank=True)
    carrier = models.CharField(max_length=120, blank=True)
    cost = models.DecimalField(max_digits=6, decimal_places=4, help_text="US dollars, as the market's settings say.")
    error = models.CharField(max_length=300, blank=True)
    ask_again_at = models.DateTimeField(help_text="Not before: an answer is good for 90 days.")

    objects = PhoneLookupRepository()

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index("phone", F("ask_again_at").desc(), name="phone_lookup_fresh"),
            models.Index("market", F("asked_at").desc(), name="phone_lookup_spent"),
        ]

    def __str__(self) -> str:
        return f"{self.phone} · {self.asked_at:%Y-%m-%d}"
