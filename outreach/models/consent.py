from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from leads.models import ListImport, Owner, PhoneNumber
from outreach.querysets import ConsentQuerySet, SuppressionQuerySet


class ConsentRepository(models.Manager.from_queryset(ConsentQuerySet)):  # type: ignore[misc]
    pass


class Consent(models.Model):
    """That an owner agreed to be texted, how, when, and who recorded it. Without one a text does not leave."""

    class Basis(models.TextChoices):
        WEB_FORM = "web_form", "Web form"
        INBOUND = "inbound", "They contacted us first"
        LETTER_REPLY = "letter_reply", "Keyword or QR reply to a letter"
        VERBAL = "verbal", "Said so on the phone (script read)"
        EXISTING_DEAL = "existing_deal", "Existing deal"

    owner = models.ForeignKey(Owner, on_delete=models.CASCADE, related_name="consents")
    phone = models.ForeignKey(
        PhoneNumber, null=True, blank=True, on_delete=models.PROTECT, help_text="Empty: any number of this owner."
    )
    basis = models.CharField(max_length=14, choices=Basis)
    evidence = models.TextField(help_text="Words, form address, recording or message the consent rests on.")
    given_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL)
    created_at = models.DateTimeField(auto_now_add=True)

    history = HistoricalRecords()
    objects = ConsentRepository()

    class Meta:
        ordering = ["-given_at"]
        constraints = [models.CheckConstraint(condition=~Q(evidence=""), name="consent_has_evidence")]

    def __str__(self) -> str:
        return f"{self.get_basis_display()}, {self.given_at:%Y-%m-%d}"


class SuppressionRepository(models.Manager.from_queryset(SuppressionQuerySet)):  # type: ignore[misc]
    pass


class Suppression(models.Model):
    """A number or an owner that is never texted: everywhere, for ever, whatever is imported later."""

    class Reason(models.TextChoices):
        OPT_OUT = "opt_out", "Opted out"
        WRONG_NUMBER = "wrong_number", "Wrong number"
        DECEASED = "deceased", "Deceased"
        NATIONAL_DNC = "national_dnc", "National do-not-call list"
        STATE_DNC = "state_dnc", "State do-not-call list"
        LITIGATOR = "litigator", "Known litigator"
        PROVIDER = "provider", "Refused by the provider"
        MANUAL = "manual", "Stopped by a person"

    number_hash = models.BinaryField(max_length=32, null=True, blank=True, editable=False)
    owner = models.ForeignKey(Owner, null=True, blank=True, on_delete=models.PROTECT, related_name="suppressions")
    reason = models.CharField(max_length=14, choices=Reason)
    evidence = models.CharField(max_length=300, blank=True, help_text="The words or the source it rests on.")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField()
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    lift_reason = models.CharField(max_length=300, blank=True)
    list_import = models.ForeignKey(
        ListImport,
        null=True,
        blank=True,
        editable=False,
        on_delete=models.SET_NULL,
        related_name="+",
        db_index=False,
        help_text="The list that it rests on alone: empty once anything else has said the same.",
    )

    history = HistoricalRecords()
    objects = SuppressionRepository()

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(number_hash__isnull=False, owner__isnull=True)
                | Q(number_hash__isnull=True, owner__isnull=False),
                name="suppression_of_number_or_owner",
            ),
            models.UniqueConstraint(
                fields=["number_hash", "reason"], condition=Q(lifted_at__isnull=True), name="suppression_number_once"
            ),
            models.UniqueConstraint(
                fields=["owner", "reason"], condition=Q(lifted_at__isnull=True), name="suppression_owner_once"
            ),
            models.CheckConstraint(
                condition=Q(lifted_at__isnull=True) | ~Q(lift_reason=""), name="suppression_lift_says_why"
            ),
        ]
        indexes = [
            models.Index(fields=["list_import"], condition=Q(list_import__isnull=False), name="suppression_of_list"),
            models.Index(fields=["number_hash"], condition=Q(lifted_at__isnull=False), name="suppression_lifted"),
        ]
        permissions = [("lift_suppression", "Can lift an opt-out, with a reason")]

    def __str__(self) -> str:
        return self.get_reason_display()
