"""Queries about owners in campaigns, the steps done for them, and dry runs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import connection, models
from django.db.models import Case, Count, Exists, OuterRef, Q, Value, When

from core.querysets import KeysetQuerySet
from outreach.querysets.stops import STOPS, StopReason

if TYPE_CHECKING:
    from leads.models import Lead, PhoneNumber
    from outreach.models import (
        Campaign,
        CampaignOwner,
        DryRun,
        DryRunLine,  # noqa: F401  - of the base class below
        Message,
        StepRun,
    )

WITH_LEAD = ("owner", "phone", "lead__owner", "lead__market", "lead__parcel__parish__market")
NOT_SENT = ("failed", "undelivered", "blocked", "cancelled", "dry_run")
"""States in which a text has not reached the owner and will not."""


_GO_ON = """
WITH waiting AS (
    SELECT owner.id, place.position, place.due_at
    FROM unnest(%s::bigint[], %s::integer[], %s::timestamptz[]) AS place (text_id, position, due_at)
    JOIN outreach_campaignowner owner ON owner.text_id = place.text_id AND owner.state = 'active'
    ORDER BY owner.id FOR UPDATE OF owner
)
UPDATE outreach_campaignowner owner SET position = waiting.position, due_at = waiting.due_at
FROM waiting WHERE waiting.id = owner.id
"""


class CampaignOwnerQuerySet(KeysetQuerySet["CampaignOwner"]):
    keyset_descending = False

    def of(self, campaign: Campaign) -> CampaignOwnerQuerySet:
        return self.filter(campaign=campaign)

    def active(self) -> CampaignOwnerQuerySet:
        return self.filter(state="active")

    def about(self, lead: Lead) -> CampaignOwnerQuerySet:
        """Of the lead's owner, the newest first: there is one conversation, whichever parcel it is about."""
        return self.filter(owner=lead.owner).select_related("campaign", "lead__parcel", "phone", "text").order_by("-id")

    def of_leads(self, lead_ids: Iterable[int]) -> CampaignOwnerQuerySet:
        return self.filter(lead_id__in=list(lead_ids))

    def of_owners(self, owner_ids: Iterable[int]) -> CampaignOwnerQuerySet:
        return self.filter(owner_id__in=list(owner_ids))

    def spoken_to(self, message: Message) -> CampaignOwnerQuerySet:
        """The owner of the text, and whoever is spoken to at its number."""
        return self.filter(Q(phone=message.phone_id) | Q(owner=message.owner_id or 0))

    def among(self, ids: Iterable[int]) -> CampaignOwnerQuerySet:
        return self.filter(pk__in=list(ids))

    def end_all(self, reason: str, now: datetime) -> int:
        return int(self.active().update(state="stopped", stop_reason=reason, ended_at=now, due_at=None))

    def owner_ids_of_leads(self, lead_ids: Iterable[int]) -> set[int]:
        """Of the owners of these leads those that are in it."""
        from leads.models import Lead

        owners = Lead.objects.filter(pk__in=list(lead_ids)).order_by().values("owner_id")
        return set(self.filter(owner_id__in=owners).values_list("owner_id", flat=True))

    def owner_ids(self) -> set[int]:
        return set(self.order_by().values_list("owner_id", flat=True))

    def not_blocked(self) -> int:
        """How many count towards the most a campaign takes in: those whose first text the rules did not refuse."""
        from outreach.models import StepRun  # the models are built on these querysets

        runs = StepRun.objects.filter(owner=OuterRef("owner"), step__campaign=OuterRef("campaign"), outcome="blocked")
        return int(self.exclude(Exists(runs.filter(step__position=OuterRef("position")))).count())

    def lock_due(self, now: datetime, limit: int) -> list[CampaignOwner]:
        """Those of running campaigns whose next step is due, locked; rows another worker holds are passed over."""
        due = self.active().filter(due_at__lte=now, campaign__status="running").order_by("due_at", "id")
        return self._locked(due[:limit])

    def lock_unsent(self, limit: int) -> list[CampaignOwner]:
        """Those whose last text will not reach them: what follows has to be found out."""
        unsent = self.active().filter(text__state__in=NOT_SENT, campaign__status="running").order_by("id")
        return self._locked(unsent[:limit])

    def _locked(self, rows: CampaignOwnerQuerySet) -> list[CampaignOwner]:
        locked = rows.select_for_update(skip_locked=True, of=("self",))
        return list(locked.select_related(*WITH_LEAD, "campaign__market", "text"))

    def awaiting(self, message: Message) -> CampaignOwnerQuerySet:
        """The row that waits for this text to leave, if any."""
        return self.active().filter(text=message)

    def is_stopped_for(self, message: Message) -> bool:
        """Whether its campaign has stopped for the owner of this text."""
        campaign = message.step.campaign_id if message.step else None
        return self.filter(campaign=campaign, owner=message.owner_id, state="stopped").exists()

    def go_on(self, places: Mapping[int, tuple[int, datetime]]) -> None:
        """The rows that wait for these texts to leave go on at this position at that time."""
        rows = ((text, position, due_at) for text, (position, due_at) in places.items())
        columns: list[Any] = [list(column) for column in zip(*rows, strict=True)]
        with connection.cursor() as cursor:
            cursor.execute(_GO_ON, columns)

    def judged(self) -> list[tuple[CampaignOwner, StopReason]]:
        """Of these the ones that have to stop, locked, with the reason; in the order of the table of reasons."""
        when = [When(rule.holds(), then=Value(str(code))) for code, rule in STOPS.items()]
        asked: Any = self.active().annotate(why=Case(*when, default=Value(""), output_field=models.CharField()))
        found = asked.exclude(why="").order_by("pk")
        rows = list(found.select_related("campaign", "lead", "owner").select_for_update(of=("self",)))
        return [(row, StopReason(row.why)) for row in rows]

    def elsewhere(self, campaign: Campaign, owner_ids: Iterable[int]) -> set[int]:
        """Which of these owners another campaign that goes on has under way."""
        others = self.active().exclude(campaign=campaign).filter(campaign__status__in=["running", "paused"])
        return set(others.filter(owner_id__in=list(owner_ids)).values_list("owner_id", flat=True))

    def stopped_at(self, phone: PhoneNumber) -> list[CampaignOwner]:
        """Rows that stopped as somebody answered at this number, of campaigns that go on, locked."""
        answered = self.filter(state="stopped", stop_reason="replied", phone=phone)
        going_on = answered.filter(campaign__status__in=["running", "paused"]).order_by("pk")
        return list(going_on.select_for_update(of=("self",)).select_related(*WITH_LEAD, "campaign__market", "text"))

    def counts(self, campaign: Campaign) -> list[tuple[int, str, int]]:
        """Position, state, number."""
        mine = self.filter(campaign=campaign).order_by()
        return list(mine.values_list("position", "state").annotate(count=Count("pk")))

    def stop_counts(self, campaign: Campaign) -> list[tuple[str, int]]:
        stopped = self.filter(campaign=campaign, state="stopped").order_by().values_list("stop_reason")
        return list(stopped.annotate(count=Count("pk")).order_by("-count", "stop_reason"))

    def for_list(self) -> CampaignOwnerQuerySet:
        return self.select_related(*WITH_LEAD, "campaign", "text").defer("lead__parcel__legal_description")

    def narrowed(self, *, state: str = "", position: str = "", reason: str = "") -> CampaignOwnerQuerySet:
        wanted = {"state": state, "stop_reason": reason, "position": position if position.isdecimal() else ""}
        return self.filter(**{name: value for name, value in wanted.items() if value})


class StepRunQuerySet(models.QuerySet["StepRun"]):
    def counts(self, campaign: Campaign) -> list[tuple[int, str, int]]:
        """Step, outcome, number."""
        mine = self.filter(step__campaign=campaign).order_by()
        return list(mine.values_list("step_id", "outcome").annotate(count=Count("pk")))

    def done_for(self, owner_ids: Iterable[int], campaign_ids: Iterable[int]) -> set[tuple[int, int]]:
        """Step and owner of what was done or passed over."""
        found = self.filter(owner_id__in=list(owner_ids), step__campaign_id__in=list(campaign_ids))
        return set(found.values_list("step_id", "owner_id"))

    def last_of(self, rows: Iterable[CampaignOwner]) -> dict[tuple[int, int], StepRun]:
        """Campaign and owner -> the last step done or passed over."""
        wanted = list(rows)
        found = self.filter(
            owner_id__in=[row.owner_id for row in wanted], step__campaign_id__in=[row.campaign_id for row in wanted]
        )
        ordered = found.select_related("step").order_by("id")
        return {(run.step.campaign_id, run.owner_id): run for run in ordered}

    def steps_passed(self, campaign: Campaign) -> dict[int, int]:
        """Step -> owners for whom it was done or passed over."""
        mine = self.filter(step__campaign=campaign).order_by()
        return dict(mine.values_list("step_id").annotate(count=Count("pk")))


class DryRunQuerySet(models.QuerySet["DryRun"]):
    def newest(self, campaign: Campaign) -> DryRun | None:
        return self.filter(campaign=campaign).exclude(state="outdated").order_by("-id").first()

    def claim(self, now: datetime, silence: timedelta) -> DryRun | None:
        """One that waits, or whose worker has said nothing for so long; it is this worker's from now on."""
        free = Q(state="waiting") | Q(state="running", heartbeat_at__lt=now - silence)
        rows = self.filter(free).select_for_update(skip_locked=True, of=("self",)).order_by("id")
        run = rows.select_related("campaign__market").first()
        if run is not None:
            again = run.state == "running"
            run.state, run.heartbeat_at, run.attempts, run.looked_at = "running", now, run.attempts + again, 0
            run.save(update_fields=["state", "heartbeat_at", "attempts", "looked_at"])
        return run

    def drop(self, campaign: Campaign) -> None:
        """What was said about the campaign as it was does not count any more."""
        from outreach.models import DryRunLine as Line

        self.filter(campaign=campaign).exclude(state="outdated").update(state="outdated")
        Line.objects.filter(run__campaign=campaign).delete()

    def finish(self, run: DryRun) -> bool:
        mine = self.filter(pk=run.pk, state="running", attempts=run.attempts)
        return bool(mine.update(state="done"))

    def fail(self, run: DryRun, error: str) -> None:
        self.filter(pk=run.pk, state="running", attempts=run.attempts).update(state="failed", error=error[:200])

    def beat(self, run: DryRun, looked_at: int, now: datetime) -> bool:
        """False when the run was dropped or taken over meanwhile."""
        mine = self.filter(pk=run.pk, state="running", attempts=run.attempts)
        return bool(mine.update(looked_at=looked_at, heartbeat_at=now))


class DryRunLineQuerySet(KeysetQuerySet["DryRunLine"]):
    keyset_descending = False

    def forget(self, run: DryRun) -> None:
        self.filter(run=run).delete()

    def of_run(self, run: DryRun) -> DryRunLineQuerySet:
        return self.filter(run=run).order_by("id")

    def narrowed(self, *, outcome: str = "", reason: str = "") -> DryRunLineQuerySet:
        found = self.filter(outcome=outcome) if outcome else self
        return found.filter(reasons__contains=[reason]) if reason else found
