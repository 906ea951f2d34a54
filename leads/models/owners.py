from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from simple_history.models import HistoricalRecords

from core.fields import BlindIndexField, EncryptedTextField
from core.phones import mask
from leads.languages import Language
from leads.models.histories import ListedRecords
from leads.querysets import OwnerPhoneQuerySet, PhoneNumberQuerySet
from leads.querysets_duplicates import DuplicatePairQuerySet, OwnerMergeQuerySet
from leads.querysets_owners import OwnerQuerySet


class OwnerRepository(models.Manager.from_queryset(OwnerQuerySet)):  # type: ignore[misc]
    pass


class Owner(models.Model):
    """Whoever a tax roll says owns land, at the address where they get mail (never the land's own address)."""

    class Kind(models.TextChoices):
        PERSON = "person", "Person"
        COUPLE = "couple", "Couple"
        ESTATE = "estate", "Estate"
        HEIRS = "heirs", "Heirs or co-owners"
        LIFE_ESTATE = "life_estate", "Life estate"
        TRUST = "trust", "Trust"
        COMPANY = "company", "Company"
        GOVERNMENT = "government", "Government"
        SCHOOL = "school", "School"
        CHURCH = "church", "Church"
        UTILITY = "utility", "Utility"
        UNKNOWN = "unknown", "Unknown"

    NEVER_CONTACTED = (Kind.GOVERNMENT, Kind.SCHOOL, Kind.CHURCH, Kind.UTILITY)

    name = models.CharField(max_length=300, help_text="As the roll spells it.")
    name_key = models.CharField(max_length=300, editable=False, help_text="Upper case, single spaces, no punctuation.")
    kind = models.CharField(max_length=12, choices=Kind, default=Kind.UNKNOWN)
    people = models.JSONField(default=list, blank=True, help_text="Read from the name: last, first, middle, suffix.")
    care_of = models.CharField("in care of", max_length=300, blank=True, help_text="Who takes the owner's mail.")
    et_al = models.BooleanField("and others", default=False, help_text="The roll says “ET AL”: there are more owners.")
    mailing_street = models.CharField(max_length=300, blank=True)
    mailing_city = models.CharField(max_length=100, blank=True)
    mailing_state = models.CharField(max_length=2, blank=True)
    mailing_zip = models.CharField(max_length=10, blank=True)
    mailing_key = models.CharField(max_length=300, blank=True, editable=False)
    email = EncryptedTextField(null=True, blank=True)
    language = models.CharField(
        max_length=2,
        choices=Language,
        default=Language.ENGLISH,
        db_default=Language.ENGLISH.value,
        help_text="What the owner is written to in, where there is a template for it.",
    )
    merged_into = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="merged")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    history = ListedRecords(no_db_index=["merged_into"])
    objects = OwnerRepository()

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["name_key", "mailing_key"], name="owner_identity")]
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="owner_has_name"),
            models.CheckConstraint(
                condition=Q(merged_into__isnull=True) | ~Q(merged_into=F("id")), name="owner_not_merged_into_itself"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("admin:leads_owner_change", args=[self.pk])

    def known_ids(self) -> list[int]:
        """Its own id and those of the owners merged into it: events keep the owner they were written for."""
        return [self.pk, *self.merged.order_by("pk").values_list("pk", flat=True)]


class PhoneNumberRepository(models.Manager.from_queryset(PhoneNumberQuerySet)):  # type: ignore[misc]
    pass


class PhoneNumber(models.Model):
    """One telephone number, known once however many owners share it; encrypted, found by its keyed hash."""

    class LineType(models.TextChoices):
        UNKNOWN = "unknown", "Unknown"
        MOBILE = "mobile", "Mobile"
        LANDLINE = "landline", "Landline"
        VOIP = "voip", "VoIP, textable"
        VOIP_FIXED = "voip_fixed", "VoIP, fixed"
        OTHER = "other", "Other"

    class Status(models.TextChoices):
        UNCHECKED = "unchecked", "Unchecked"
        ACTIVE = "active", "Active"
        BAD = "bad", "Not a working number"

    number = EncryptedTextField(help_text="E.164, such as +12255550123.")
    number_hash = BlindIndexField(source="number", unique=True)
    area_code = models.CharField(max_length=3, blank=True, help_text="Decides whose contact hours count.")
    line_type = models.CharField(max_length=12, choices=LineType, default=LineType.UNKNOWN)
    carrier = models.CharField(max_length=120, blank=True)
    status = models.CharField(max_length=10, choices=Status, default=Status.UNCHECKED)
    status_reason = models.CharField(max_length=120, blank=True)
    checked_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    history = HistoricalRecords()
    objects = PhoneNumberRepository()

    class Meta:
        ordering = ["-id"]
        permissions = [("reveal_phonenumber", "Can see a phone number in clear; each look is logged")]

    def __str__(self) -> str:
        return mask(self.number)

    def get_absolute_url(self) -> str:
        return reverse("admin:leads_phonenumber_change", args=[self.pk])


class OwnerPhoneRepository(models.Manager.from_queryset(OwnerPhoneQuerySet)):  # type: ignore[misc]
    pass


class OwnerPhone(models.Model):
    """That a number was said to reach an owner, by whom, from when until when.

    While a number of an owner is confirmed, the owner's other numbers are switched off (`OwnerPhoneQuerySet.in_use`,
    docs/adr/0012). Only `leads.numbers` ends, opens and confirms; lists add numbers and never renew one that ended.
    """

    class EndReason(models.TextChoices):
        DISCONNECTED = "disconnected", "Disconnected"
        REASSIGNED = "reassigned", "Belongs to somebody else"

    owner = models.ForeignKey(Owner, on_delete=models.CASCADE, related_name="phone_links", db_constraint=False)
    phone = models.ForeignKey(PhoneNumber, on_delete=models.CASCADE, related_name="owner_links", db_constraint=False)
    rank = models.PositiveSmallIntegerField(default=1, help_text="1 is tried first.")
    source = models.CharField(max_length=60)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)
    do_not_call = models.BooleanField(default=False, help_text="A list's seller marked it so; lists never unmark it.")
    end_reason = models.CharField(
        max_length=12, choices=EndReason, blank=True, default="", db_default="", editable=False
    )
    end_note = models.CharField(
        max_length=200, blank=True, default="", db_default="", editable=False, help_text="Who says so."
    )
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        editable=False,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text="Empty: the provider or a reply.",
    )
    confirmed_at = models.DateTimeField(null=True, blank=True, editable=False)
    confirm_note = models.CharField(max_length=200, blank=True, default="", db_default="", editable=False)
    list_import = models.ForeignKey(
        "leads.ListImport",
        null=True,
        blank=True,
        editable=False,
        on_delete=models.SET_NULL,
        related_name="+",
        db_index=False,
        db_constraint=False,
        help_text="The list that brought it.",
    )

    history = HistoricalRecords()
    objects = OwnerPhoneRepository()

    class Meta:
        ordering = ["rank", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "phone"], condition=Q(until__isnull=True), name="owner_phone_linked_once"
            ),
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gte=F("since")), name="owner_phone_dates_in_order"
            ),
            models.CheckConstraint(
                condition=Q(end_reason="") | Q(until__isnull=False), name="owner_phone_end_reason_has_date"
            ),
        ]
        permissions = [("reopen_ownerphone", "Can open a number again that somebody else ended")]

    def __str__(self) -> str:
        return f"{self.owner} · {self.phone}"


class DuplicatePairRepository(models.Manager.from_queryset(DuplicatePairQuerySet)):  # type: ignore[misc]
    pass


class DuplicatePair(models.Model):
    """Two owners who may be one person, waiting for a decision."""

    class State(models.TextChoices):
        OPEN = "open", "To decide"
        MERGED = "merged", "Merged"
        DIFFERENT = "different", "Different people"

    first = models.ForeignKey(Owner, on_delete=models.CASCADE, related_name="+")
    second = models.ForeignKey(Owner, on_delete=models.CASCADE, related_name="+")
    score = models.DecimalField(max_digits=5, decimal_places=4)
    evidence = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL)
    decided_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = DuplicatePairRepository()

    class Meta:
        ordering = ["-score", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="duplicate_pair_once"),
            models.CheckConstraint(condition=Q(first__lt=F("second")), name="duplicate_pair_in_order"),
        ]
        indexes = [
            models.Index(F("score").desc(), F("id").desc(), condition=Q(state="open"), name="duplicate_pair_queue")
        ]
        permissions = [("merge_owner", "Can merge duplicate owners, undo a merge, and say who are different people")]

    def __str__(self) -> str:
        return f"{self.first} / {self.second}"

    def get_absolute_url(self) -> str:
        return reverse("admin:leads_duplicatepair_change", args=[self.pk])

    @property
    def unmerged(self) -> bool:
        return self.first.merged_into_id is None and self.second.merged_into_id is None


class OwnerMergeRepository(models.Manager.from_queryset(OwnerMergeQuerySet)):  # type: ignore[misc]
    pass


class OwnerMerge(models.Model):
    """A merge and what it moved, kept so that it can be undone."""

    kept = models.ForeignKey(Owner, on_delete=models.PROTECT, related_name="merges_kept")
    absorbed = models.ForeignKey(Owner, on_delete=models.PROTECT, related_name="merges_absorbed")
    moved = models.JSONField(default=dict, help_text="Record kind -> primary keys that changed owner.")
    stayed = models.JSONField(default=dict, help_text="The same, of what a unique rule left with the absorbed owner.")
    left = models.JSONField(default=dict, help_text="The same, of what an undo could not put back.")
    reason = models.CharField(max_length=300, blank=True)
    merged_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    merged_at = models.DateTimeField()
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    undone_at = models.DateTimeField(null=True, blank=True)

    objects = OwnerMergeRepository()

    class Meta:
        ordering = ["-merged_at", "-id"]
        constraints = [
            models.CheckConstraint(condition=~Q(kept=F("absorbed")), name="owner_merge_two_owners"),
            models.UniqueConstraint(
                fields=["absorbed"], condition=Q(undone_at__isnull=True), name="owner_merged_once_at_a_time"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.absorbed} -> {self.kept}"
