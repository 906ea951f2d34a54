from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from leads.models import Lead, Owner, PhoneNumber
from markets.models import Market
from outreach.models.campaigns import CampaignStep
from outreach.models.templates import MessageTemplate
from outreach.querysets import CallTaskQuerySet, LetterExportQuerySet, LetterQuerySet


class LetterExportRepository(models.Manager.from_queryset(LetterExportQuerySet)):  # type: ignore[misc]
    pass


class LetterExport(models.Model):
    """One mail-merge file: letters to owners who may not be texted."""

    market = models.ForeignKey(Market, on_delete=models.PROTECT)
    template = models.ForeignKey(MessageTemplate, on_delete=models.PROTECT)
    count = models.PositiveIntegerField(default=0)
    step = models.ForeignKey(
        CampaignStep, null=True, blank=True, on_delete=models.PROTECT, related_name="letter_exports", db_index=False
    )
    closed_at = models.DateTimeField(
        null=True, blank=True, help_text="When a campaign's file was downloaded: later letters go into another one."
    )
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = LetterExportRepository()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["step"], condition=Q(step__isnull=False, closed_at__isnull=True), name="letter_export_open_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.template} {self.created_at:%Y-%m-%d}: {self.count} letters"


class LetterRepository(models.Manager.from_queryset(LetterQuerySet)):  # type: ignore[misc]
    pass


class Letter(models.Model):
    """A letter to one owner; a text that carries its code records the owner's consent."""

    export = models.ForeignKey(LetterExport, on_delete=models.CASCADE, related_name="letters")
    lead = models.ForeignKey(Lead, on_delete=models.PROTECT, related_name="letters")
    owner = models.ForeignKey(Owner, on_delete=models.PROTECT, related_name="letters")
    code = models.CharField(max_length=8, unique=True)

    objects = LetterRepository()

    class Meta:
        ordering = ["export", "id"]
        constraints = [models.UniqueConstraint(fields=["export", "owner"], name="letter_once_per_export_and_owner")]

    def __str__(self) -> str:
        return self.code


class CallTaskRepository(models.Manager.from_queryset(CallTaskQuerySet)):  # type: ignore[misc]
    pass


class CallTask(models.Model):
    """A call to make, and afterwards what came of it."""

    class Outcome(models.TextChoices):
        INTERESTED = "interested", "Interested"
        NOT_INTERESTED = "not_interested", "Not interested"
        CALL_BACK = "call_back", "Call back"
        NO_ANSWER = "no_answer", "No answer"
        VOICEMAIL = "voicemail", "Voicemail"
        WRONG_NUMBER = "wrong_number", "Wrong number"
        CANCELLED = "cancelled", "Cancelled"

    lead = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="call_tasks")
    owner = models.ForeignKey(Owner, on_delete=models.CASCADE, related_name="call_tasks")
    phone = models.ForeignKey(
        PhoneNumber, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", help_text="Number to call."
    )
    reason = models.CharField(max_length=120)
    due_at = models.DateTimeField()
    assigned_to = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="call_tasks"
    )
    outcome = models.CharField(max_length=14, choices=Outcome, blank=True)
    note = models.TextField(blank=True)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    done_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    history = HistoricalRecords()
    objects = CallTaskRepository()

    class Meta:
        ordering = ["due_at", "id"]
        indexes = [models.Index(fields=["due_at", "id"], condition=Q(done_at__isnull=True), name="call_task_open")]
        constraints = [
            models.UniqueConstraint(fields=["lead"], condition=Q(done_at__isnull=True), name="call_task_open_once"),
            models.CheckConstraint(
                condition=Q(done_at__isnull=True, outcome="") | (Q(done_at__isnull=False) & ~Q(outcome="")),
                name="call_task_done_has_outcome",
            ),
        ]

    def __str__(self) -> str:
        return f"Call about {self.lead}: {self.reason}"
