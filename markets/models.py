from __future__ import annotations

import zoneinfo
from datetime import datetime, time
from decimal import Decimal

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.urls import reverse
from simple_history.models import HistoricalRecords

from markets.contact_hours import EVERY_DAY, FEDERAL, SATURDAY, SUNDAY, ContactHours
from markets.querysets import (
    ContactRuleQuerySet,
    EmergencyHoldQuerySet,
    HolidayQuerySet,
    MarketQuerySet,
    ParishQuerySet,
)

state_code = RegexValidator(r"^[A-Z]{2}$", "Use the two-letter postal code of the state, such as LA.")
rule_state = RegexValidator(r"^([A-Z]{2}|\*)$", "Use the two-letter postal code of the state, US or *.")

LEAST_EVENT_DAYS = 90
"""Nothing asks what happened longer ago in order to decide something; see docs/adr/0010."""
LEAST_DELETED_DAYS = 30
"""Long enough for somebody to miss a lead that was deleted by mistake."""


def validate_timezone(name: str) -> None:
    if name not in zoneinfo.available_timezones():
        raise ValidationError(f"“{name}” is not a known time zone; use a name such as America/Chicago.")


class OnOwnerChange(models.TextChoices):
    FOLLOW = "follow", "The lead follows the new owner"
    CLOSE = "close", "The lead is closed, the new owner gets one of their own"
    DECIDE = "decide", "The lead waits for a person"


class MarketRepository(models.Manager.from_queryset(MarketQuerySet)):  # type: ignore[misc]
    pass


class Market(models.Model):
    """A region one team works under one set of hours, caps and figures; everything here may change while it runs."""

    code = models.SlugField(max_length=20, unique=True, help_text="Short name used by commands and links, such as LA.")
    name = models.CharField(max_length=80, unique=True)
    state = models.CharField(max_length=2, validators=[state_code], help_text="State its parishes or counties lie in.")
    timezone = models.CharField(
        "time zone",
        max_length=64,
        default="America/Chicago",
        validators=[validate_timezone],
        help_text="Such as America/Chicago or America/New_York.",
    )
    active = models.BooleanField(default=True, help_text="Off: nothing is sent for this market.")

    company_name = models.CharField(max_length=80, help_text="Who a text says it is from; every first text names it.")
    agent_name = models.CharField(max_length=40, blank=True, help_text="First name used by {{agent_name}}.")
    mailing_address = models.CharField(max_length=200, blank=True, help_text="Return address on letters.")

    contact_start = models.TimeField(default=time(9), help_text="Earliest text, in the market's time zone.")
    contact_end = models.TimeField(default=time(19), help_text="No text from this time on.")
    contacts_saturday = models.BooleanField("Saturdays", default=True)
    contacts_sunday = models.BooleanField("Sundays", default=False)

    daily_text_cap = models.PositiveIntegerField(default=60, help_text="Texts a day over all campaigns.")
    batch_size = models.PositiveIntegerField(default=25, validators=[MinValueValidator(1)])
    cooldown_days = models.PositiveSmallIntegerField(default=4, help_text="Days between first touches to one owner.")
    max_segments = models.PositiveSmallIntegerField(
        default=2,
        validators=[MinValueValidator(1), MaxValueValidator(10)],
        help_text="Longest text, in billed segments.",
    )
    contact_score = models.PositiveSmallIntegerField(default=45, validators=[MaxValueValidator(100)])
    hot_score = models.PositiveSmallIntegerField(default=65, validators=[MaxValueValidator(100)])
    segment_cost = models.DecimalField(
        max_digits=6, decimal_places=4, default=Decimal("0.0108"), help_text="US dollars."
    )

    lookups_per_day = models.PositiveIntegerField(
        "phone look-ups a day",
        default=200,
        help_text="How many unknown numbers may be looked up a day, shortly before their first text; 0: none.",
    )
    lookup_cost = models.DecimalField(
        "cost of a look-up", max_digits=6, decimal_places=4, default=Decimal("0.0080"), help_text="US dollars."
    )

    on_owner_change = models.CharField(
        "when a parcel changes hands",
        max_length=7,
        choices=OnOwnerChange,
        default=OnOwnerChange.FOLLOW,
        help_text="What becomes of its open lead. Leads with an offer made or under contract always wait for a person.",
    )

    auto_merge_owners = models.BooleanField(
        default=False,
        help_text="Merge owners who are certainly one without asking; each merge can be undone. Off: all are queued.",
    )

    events_archived_after_days = models.PositiveIntegerField(
        "archive events after (days)",
        null=True,
        blank=True,
        default=730,
        validators=[MinValueValidator(LEAST_EVENT_DAYS)],
        help_text="Older events move to the archive each night: the timeline and the list of events still show them. "
        f"At least {LEAST_EVENT_DAYS}; empty: never.",
    )

    deleted_leads_kept_days = models.PositiveIntegerField(
        "keep deleted leads for (days)",
        null=True,
        blank=True,
        validators=[MinValueValidator(LEAST_DELETED_DAYS)],
        help_text="After that the nightly clean-up removes them for good; never a lead whose owner was contacted, gave "
        "consent or said stop, nor one that was under contract. Owners and parcels stay. "
        f"At least {LEAST_DELETED_DAYS}; empty: nothing is removed.",
    )

    allows_texts_without_consent = models.BooleanField(
        default=False, help_text="Carriers refuse cold texts. An administrator may widen this, with a reason."
    )
    texts_without_consent_reason = models.CharField(max_length=300, blank=True)
    paused_at = models.DateTimeField(null=True, blank=True)
    pause_reason = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    history = HistoricalRecords()
    objects = MarketRepository()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(contact_start__lt=F("contact_end")),
                name="market_hours_in_order",
                violation_error_message="Contact must start before it ends.",
            ),
            models.CheckConstraint(
                condition=Q(contact_score__lte=F("hot_score")),
                name="market_scores_in_order",
                violation_error_message="The score from which leads are hot is lower than that for contact.",
            ),
            models.CheckConstraint(
                condition=Q(allows_texts_without_consent=False) | ~Q(texts_without_consent_reason=""),
                name="market_cold_texts_need_reason",
                violation_error_message="Say why texts without consent are allowed; the decision is kept.",
            ),
            models.CheckConstraint(
                condition=Q(events_archived_after_days__isnull=True)
                | Q(events_archived_after_days__gte=LEAST_EVENT_DAYS),
                name="market_events_kept_long_enough",
                violation_error_message=f"Events stay on the timeline itself for {LEAST_EVENT_DAYS} days or more.",
            ),
            models.CheckConstraint(
                condition=Q(deleted_leads_kept_days__isnull=True) | Q(deleted_leads_kept_days__gte=LEAST_DELETED_DAYS),
                name="market_deleted_leads_kept_long_enough",
                violation_error_message=f"Deleted leads can be restored for {LEAST_DELETED_DAYS} days or more.",
            ),
        ]
        permissions = [("widen_consent", "Can allow texts without recorded consent")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("admin:markets_market_change", args=[self.pk])

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        return zoneinfo.ZoneInfo(self.timezone)

    def as_hours(self) -> ContactHours:
        """The market's own hours, on its own clock."""
        return ContactHours(
            state=self.state,
            start=self.contact_start,
            end=self.contact_end,
            days=_days(self.contacts_saturday, self.contacts_sunday),
            zones=(self.timezone,),
            source=f"hours of the market {self.name}",
        )


class ParishRepository(models.Manager.from_queryset(ParishQuerySet)):  # type: ignore[misc]
    pass


class Parish(models.Model):
    """A Louisiana parish, elsewhere a county: the assessor's district within which a parcel number is unique."""

    market = models.ForeignKey(Market, on_delete=models.PROTECT, related_name="parishes")
    name = models.CharField(max_length=80, help_text="Without the word “Parish” or “County”.")
    active = models.BooleanField(default=True)

    history = HistoricalRecords()
    objects = ParishRepository()

    class Meta:
        ordering = ["name"]
        verbose_name_plural = "parishes"
        constraints = [
            models.UniqueConstraint("market", Lower("name"), name="parish_name_unique_in_market"),
        ]

    def __str__(self) -> str:
        return self.name


class ContactRuleRepository(models.Manager.from_queryset(ContactRuleQuerySet)):  # type: ignore[misc]
    pass


class ContactRule(models.Model):
    """When the law of one state lets us contact people there. Engineering input, not legal advice."""

    state = models.CharField(
        max_length=2,
        unique=True,
        validators=[rule_state],
        help_text="Postal code; US = the federal floor, * = any state without a rule.",
    )
    name = models.CharField(max_length=40)
    start = models.TimeField(help_text="Earliest contact, recipient's local time.")
    end = models.TimeField(help_text="No contact from this time on.")
    saturday = models.BooleanField(default=True)
    sunday = models.BooleanField(default=True)
    sunday_start = models.TimeField(null=True, blank=True, help_text="If Sunday starts later than other days.")
    closed_on_holidays = models.BooleanField(default=False)
    max_texts_per_24h = models.PositiveSmallIntegerField(
        "most texts in 24 hours", null=True, blank=True, help_text="To one person. Empty: the law sets no number."
    )
    timezone = models.CharField(
        "time zone",
        max_length=64,
        blank=True,
        validators=[validate_timezone],
        help_text="If the law counts hours in one zone. Empty: the recipient's.",
    )
    source = models.CharField(max_length=300, help_text="Statute or page this was read from.")
    verified = models.BooleanField(default=False, help_text="Checked by counsel.")
    updated_at = models.DateTimeField(auto_now=True)

    history = HistoricalRecords()
    objects = ContactRuleRepository()

    class Meta:
        ordering = ["state"]
        constraints = [
            models.CheckConstraint(
                condition=Q(start__lt=F("end")),
                name="contact_rule_hours_in_order",
                violation_error_message="Contact must start before it ends.",
            ),
            models.CheckConstraint(
                condition=Q(sunday_start__isnull=True) | Q(sunday_start__lt=F("end")),
                name="contact_rule_sunday_in_order",
                violation_error_message="Contact on Sundays must start before it ends.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def as_hours(self) -> ContactHours:
        return ContactHours(
            state=self.state,
            start=self.start,
            end=self.end,
            days=_days(self.saturday, self.sunday),
            sunday_start=self.sunday_start,
            holidays_closed=self.closed_on_holidays,
            max_per_24h=self.max_texts_per_24h,
            quiet_in_emergency=True,
            zones=(self.timezone,) if self.timezone else (),
            source=self.source,
            verified=self.verified,
        )


class HolidayRepository(models.Manager.from_queryset(HolidayQuerySet)):  # type: ignore[misc]
    pass


class Holiday(models.Model):
    """A day on which states that close on holidays are not contacted."""

    state = models.CharField(
        max_length=2, default=FEDERAL, validators=[state_code], help_text="US = federal, else the postal code."
    )
    date = models.DateField()
    name = models.CharField(max_length=80)
    source = models.CharField(
        max_length=300, blank=True, default="", db_default="", help_text="Statute or page this was read from."
    )
    verified = models.BooleanField(default=False, help_text="Checked by counsel.")

    history = HistoricalRecords()
    objects = HolidayRepository()

    class Meta:
        ordering = ["date", "state"]
        constraints = [models.UniqueConstraint(fields=["state", "date"], name="holiday_unique")]

    def __str__(self) -> str:
        return f"{self.name} {self.date} ({self.state})"


class EmergencyHoldRepository(models.Manager.from_queryset(EmergencyHoldQuerySet)):  # type: ignore[misc]
    pass


class EmergencyHold(models.Model):
    """A declared emergency in a state: while it is on nothing goes out there, consent or not."""

    state = models.CharField(max_length=2, validators=[state_code])
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True, help_text="Empty: until somebody ends it.")
    reason = models.CharField(max_length=300, help_text="What was declared, by whom, and where one reads it.")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    history = HistoricalRecords()
    objects = EmergencyHoldRepository()

    class Meta:
        ordering = ["-starts_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__isnull=True) | Q(ends_at__gt=F("starts_at")),
                name="emergency_ends_after_start",
                violation_error_message="A hold ends after it starts.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.state}: {self.reason}"

    def on_at(self, now: datetime) -> bool:
        return self.starts_at <= now and (self.ends_at is None or now < self.ends_at)


def _days(saturday: bool, sunday: bool) -> frozenset[int]:
    return EVERY_DAY - {day for day, is_open in ((SATURDAY, saturday), (SUNDAY, sunday)) if not is_open}
