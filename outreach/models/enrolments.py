"""Who is in a campaign and where each stands, what each step did, and what a dry run said of everybody."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q

from leads.models import Lead, Owner, PhoneNumber
from leads.stages import Stage
from outreach.models.campaigns import Campaign, CampaignStep
from outreach.models.messages import Message
from outreach.querysets.enrolments import CampaignOwnerQuerySet, DryRunLineQuerySet, DryRunQuerySet, StepRunQuerySet
from outreach.querysets.stops import STOPS, StopReason


class CampaignOwnerRepository(models.Manager.from_queryset(CampaignOwnerQuerySet)):  # type: ignore[misc]
    pass


class CampaignOwner(models.Model):
    """One owner in a campaign: one lead, one number at a time, the next step and when it is due.

    `due_at` is empty while a text waits to leave: the days to the next step count from when it really went. `text` is
    the last one while what becomes of it may still matter.
    """

    class State(models.TextChoices):
        ACTIVE = "active", "Under way"
        FINISHED = "finished", "All steps done"
        STOPPED = "stopped", "Stopped"

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="enrolments", db_index=False)
    owner = models.ForeignKey(Owner, on_delete=models.PROTECT, related_name="campaigns")
    lead = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="campaigns")
    phone = models.ForeignKey(
        PhoneNumber, null=True, on_delete=models.SET_NULL, related_name="+", help_text="The number spoken to."
    )
    state = models.CharField(max_length=8, choices=State, default=State.ACTIVE)
    entered_stage = models.CharField(max_length=16, choices=Stage)
    position = models.PositiveSmallIntegerField(default=1, help_text="Of the next step, or of the one on its way.")
    due_at = models.DateTimeField(null=True)
    text = models.ForeignKey(Message, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    stop_reason = models.CharField(
        max_length=12, blank=True, default="", choices=[(str(code), rule.words) for code, rule in STOPS.items()]
    )
    entered_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    objects = CampaignOwnerRepository()

    class Meta:
        ordering = ["id"]
        verbose_name = "owner in a campaign"
        verbose_name_plural = "owners in a campaign"
        constraints = [
            models.UniqueConstraint(fields=["campaign", "owner"], name="campaign_owner_once"),
            models.CheckConstraint(
                condition=Q(state="stopped") & ~Q(stop_reason="") | ~Q(state="stopped") & Q(stop_reason=""),
                name="campaign_owner_stop_has_reason",
            ),
            models.CheckConstraint(
                condition=Q(state="active", ended_at__isnull=True) | (~Q(state="active") & Q(ended_at__isnull=False)),
                name="campaign_owner_end_has_date",
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at", "id"], condition=Q(state="active", due_at__isnull=False), name="campaign_owner_due"
            ),
            models.Index(fields=["text"], condition=Q(text__isnull=False), name="campaign_owner_text"),
            models.Index(fields=["campaign", "state", "id"], name="campaign_owner_state"),
        ]

    def __str__(self) -> str:
        return f"{self.owner} in {self.campaign}"

    @property
    def stop_words(self) -> str:
        return STOPS[StopReason(self.stop_reason)].words if self.stop_reason else ""


class StepRun(models.Model):
    """That a step was done for an owner, or passed over and why. A step has one for each owner, so none runs twice."""

    class Outcome(models.TextChoices):
        DONE = "done", "Done"
        BLOCKED = "blocked", "Blocked by the rules"
        SKIPPED = "skipped", "Passed over"

    step = models.ForeignKey(CampaignStep, on_delete=models.PROTECT, related_name="runs", db_index=False)
    owner = models.ForeignKey(Owner, on_delete=models.PROTECT, related_name="+")
    lead = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="+")
    outcome = models.CharField(max_length=7, choices=Outcome)
    why = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField()

    objects = models.Manager.from_queryset(StepRunQuerySet)()

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["step", "owner"], name="step_run_once")]

    def __str__(self) -> str:
        return f"{self.step}: {self.get_outcome_display().lower()}"


class DryRun(models.Model):
    """One dry run of a campaign as it was then; a large audience is gone through in the background."""

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"
        OUTDATED = "outdated", "Outdated"

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="dry_runs")
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    asked_at = models.DateTimeField()
    heartbeat_at = models.DateTimeField(null=True, help_text="Last sign of life of the worker on it.")
    attempts = models.PositiveSmallIntegerField(default=0)
    looked_at = models.PositiveIntegerField(default=0, help_text="Owners so far.")
    expected = models.PositiveIntegerField(default=0, help_text="Owners in the audience, as far as counted.")
    error = models.CharField(max_length=200, blank=True)

    objects = models.Manager.from_queryset(DryRunQuerySet)()

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["id"], condition=Q(state__in=["waiting", "running"]), name="dry_run_to_do")]

    def __str__(self) -> str:
        return f"dry run {self.pk}"


class DryRunLine(models.Model):
    """What would become of one owner's first text. Ids only: it says nothing of deleted people."""

    run = models.ForeignKey(DryRun, on_delete=models.CASCADE, related_name="lines", db_index=False)
    lead_id = models.BigIntegerField()
    phone_id = models.BigIntegerField(null=True)
    sender_id = models.BigIntegerField(null=True)
    variant = models.CharField(max_length=40, blank=True)
    outcome = models.CharField(max_length=8)
    reasons = ArrayField(models.TextField(), default=list)
    at = models.DateTimeField(null=True)
    segments = models.PositiveSmallIntegerField(default=0)

    objects = models.Manager.from_queryset(DryRunLineQuerySet)()

    class Meta:
        ordering = ["id"]
        indexes = [
            models.Index(fields=["run", "outcome", "id"], name="dry_run_line_outcome"),
            GinIndex(fields=["reasons"], name="dry_run_line_reasons"),
        ]

    def __str__(self) -> str:
        return self.outcome
