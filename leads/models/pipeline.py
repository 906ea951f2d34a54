from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django_fsm import FSMField, FSMModelMixin
from simple_history.models import HistoricalRecords

from leads.models.owners import Owner
from leads.models.parcels import Parcel
from leads.querysets import EventQuerySet, LeadQuerySet
from leads.score_reasons import ScoreReason
from leads.stages import Stage, StageTransitions
from markets.models import Market


class LeadRepository(models.Manager.from_queryset(LeadQuerySet)):  # type: ignore[misc]
    pass


class Lead(FSMModelMixin, StageTransitions, models.Model):
    """Our interest in one parcel and its owner; at most one lead per parcel is open."""

    # Without indexes of their own where a wider one begins with the same column.
    market = models.ForeignKey(
        Market, on_delete=models.PROTECT, related_name="leads", db_index=False, db_constraint=False
    )
    parcel = models.ForeignKey(Parcel, on_delete=models.PROTECT, related_name="leads", db_constraint=False)
    owner = models.ForeignKey(Owner, on_delete=models.PROTECT, related_name="leads", db_constraint=False)
    stage = FSMField(max_length=16, choices=Stage, default=Stage.INGESTED, protected=True)
    score = models.PositiveSmallIntegerField(null=True, blank=True, editable=False)
    score_reasons = ArrayField(
        models.TextField(), default=list, blank=True, editable=False, help_text="One per factor; `reasons` reads them."
    )
    scored_at = models.DateTimeField(null=True, blank=True, editable=False)
    score_version = models.PositiveIntegerField(
        null=True, blank=True, editable=False, help_text="Version of the market's weights."
    )
    assigned_to = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="leads", db_index=False
    )
    next_action_at = models.DateTimeField(null=True, blank=True)
    owner_changed_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="The parcel has another owner; a person has to decide."
    )
    archived_at = models.DateTimeField(null=True, blank=True, editable=False)
    deleted_at = models.DateTimeField(null=True, blank=True, editable=False)
    moved_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="Since when it is in another market than its parish, if it is."
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    history = HistoricalRecords()
    objects = LeadRepository()

    class Meta:
        ordering = [F("score").desc(nulls_last=True), "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["parcel"],
                condition=Q(archived_at__isnull=True, deleted_at__isnull=True)
                & ~Q(stage__in=[Stage.CLOSED, Stage.DEAD, Stage.ARCHIVED]),
                name="lead_open_once_per_parcel",
            ),
            models.CheckConstraint(condition=Q(stage__in=Stage.values), name="lead_stage_known"),
            models.CheckConstraint(
                condition=Q(archived_at__isnull=True, stage__in=[s for s in Stage.values if s != Stage.ARCHIVED])
                | Q(archived_at__isnull=False, stage=Stage.ARCHIVED),
                name="lead_archived_has_date",
            ),
            models.CheckConstraint(condition=Q(score__isnull=True) | Q(score__lte=100), name="lead_score_to_100"),
        ]
        indexes = [
            models.Index(
                "market", "stage", F("score").desc(nulls_last=True), F("id").desc(), name="lead_market_stage_score"
            ),
            models.Index("market", F("score").desc(nulls_last=True), F("id").desc(), name="lead_market_score"),
            models.Index(F("score").desc(nulls_last=True), F("id").desc(), name="lead_score"),
            models.Index(
                fields=["assigned_to", "next_action_at"],
                condition=Q(assigned_to__isnull=False),
                name="lead_assigned_next",
            ),
            models.Index(
                "assigned_to",
                F("score").desc(nulls_last=True),
                F("id").desc(),
                condition=Q(assigned_to__isnull=False),
                name="lead_assigned_score",
            ),
            models.Index(
                fields=["owner_changed_at"], condition=Q(owner_changed_at__isnull=False), name="lead_owner_changed"
            ),
            # Few rows each, so that imports and scores pay nothing for them.
            models.Index(fields=["market", "deleted_at"], condition=Q(deleted_at__isnull=False), name="lead_deleted"),
            models.Index(fields=["market"], condition=Q(moved_at__isnull=False), name="lead_moved"),
        ]
        permissions = [
            ("qualify_lead", "Can qualify or disqualify leads"),
            ("work_lead", "Can move leads through contact and conversation"),
            ("offer_lead", "Can make offers"),
            ("contract_lead", "Can move leads under contract and close them"),
            ("archive_lead", "Can archive and reactivate leads"),
            ("assign_lead", "Can assign many leads at once"),
            ("transfer_lead", "Can move leads to another market"),
        ]

    def __str__(self) -> str:
        return f"Lead {self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("admin:leads_lead_change", args=[self.pk])

    @property
    def put_away(self) -> str:
        """“deleted” or “archived” while nobody may be contacted about the lead, else empty."""
        if self.deleted_at is not None:
            return "deleted"
        return "archived" if self.archived_at is not None else ""

    @property
    def reasons(self) -> list[ScoreReason]:
        return [ScoreReason.read(stored) for stored in self.score_reasons]


class EventRepository(models.Manager.from_queryset(EventQuerySet)):  # type: ignore[misc]
    pass


class Event(models.Model):
    """Something that happened: timeline, audit trail and outbox in one. Append-only; a trigger sees to it."""

    class Kind(models.TextChoices):
        LEAD_CREATED = "LeadCreated", "Lead created"
        LEAD_SCORED = "LeadScored", "Lead scored"
        STAGE_CHANGED = "StageChanged", "Stage changed"
        OWNER_CHANGED = "OwnerChanged", "Parcel changed owner"
        OWNER_CHANGE_SETTLED = "OwnerChangeSettled", "Owner change decided"
        OWNERS_MERGED = "OwnersMerged", "Duplicate owners merged"
        OWNERS_PARTED = "OwnersParted", "Merge of owners undone"
        LIST_IMPORTED = "ListImported", "List imported"
        ROLL_CHANGED = "RollChanged", "Changed on a new tax roll"
        LIST_UNDONE = "ListUndone", "List import undone"
        WEIGHTS_CHANGED = "WeightsChanged", "Score weights changed"
        MARKET_SCORED = "MarketScored", "Market scored"
        NUMBER_ENDED = "NumberEnded", "Number ended"
        NUMBER_REOPENED = "NumberReopened", "Number opened again"
        NUMBER_CONFIRMED = "NumberConfirmed", "Number confirmed"
        NUMBER_UNCONFIRMED = "NumberUnconfirmed", "Confirmation withdrawn"
        NUMBER_PORTED = "NumberPorted", "Number moved to another carrier"
        LEAD_ASSIGNED = "LeadAssigned", "Lead assigned"
        LEAD_TAGGED = "LeadTagged", "Tag put on"
        LEAD_UNTAGGED = "LeadUntagged", "Tag taken off"
        LEAD_MOVED = "LeadMoved", "Moved to another market"
        LEAD_DELETED = "LeadDeleted", "Lead deleted"
        LEAD_RESTORED = "LeadRestored", "Lead restored"
        LEADS_CHANGED = "LeadsChanged", "Leads changed together"
        LEADS_CLEANED_UP = "LeadsCleanedUp", "Deleted leads cleaned up"
        NOTE_ADDED = "NoteAdded", "Note added"
        CONSENT_GIVEN = "ConsentGiven", "Consent recorded"
        LETTER_EXPORTED = "LetterExported", "Letter exported"
        CALL_LOGGED = "CallLogged", "Call logged"
        CAMPAIGN_LAUNCHED = "CampaignLaunched", "Campaign launched"
        CAMPAIGN_PAUSED = "CampaignPaused", "Campaign paused"
        CAMPAIGN_STOPPED = "CampaignStopped", "Campaign stopped for the owner"
        MESSAGE_SENT = "MessageSent", "Text sent"
        MESSAGE_FAILED = "MessageFailed", "Text failed"
        REPLY_RECEIVED = "ReplyReceived", "Reply received"
        REPLY_LABELLED = "ReplyLabelled", "Reply labelled"
        OWNER_ASKED_AGAIN = "OwnerAskedAgain", "Owner asked again"
        OWNER_OPTED_OUT = "OwnerOptedOut", "Owner opted out"
        OPT_OUT_LIFTED = "OptOutLifted", "Opt-out lifted"
        LIST_FEED_WAITING = "ListFeedWaiting", "List feed waits for a person"
        LIST_FEED_FAILED = "ListFeedFailed", "List feed failed"
        NUMBER_STOPPED = "NumberStopped", "Number stopped by a do-not-call list"
        PROVIDER_ALARM = "ProviderAlarm", "Provider alarm"

    kind = models.CharField(max_length=20, choices=Kind)
    # Written with its lead and owner, by the million: the database does not look for both once more.
    lead = models.ForeignKey(
        Lead,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="events",
        db_index=False,
        db_constraint=False,
    )
    owner = models.ForeignKey(
        Owner,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="events",
        db_index=False,
        db_constraint=False,
    )
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, db_index=False)
    data = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField()
    handled_at = models.DateTimeField(null=True, blank=True)

    objects = EventRepository()

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index("lead", F("created_at").desc(), name="event_lead_created"),
            models.Index("owner", F("created_at").desc(), name="event_owner_created"),
            models.Index(fields=["created_at", "id"], name="event_created"),
            models.Index(fields=["actor"], condition=Q(actor__isnull=False), name="event_actor"),
            models.Index(fields=["id"], condition=Q(handled_at__isnull=True), name="event_outbox"),
        ]
        constraints = [models.CheckConstraint(condition=~Q(kind=""), name="event_has_kind")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.created_at:%Y-%m-%d %H:%M}"
