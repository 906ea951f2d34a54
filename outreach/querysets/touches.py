from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from typing import TYPE_CHECKING

from django.db import models, transaction
from django.db.models import Q
from simple_history.utils import bulk_update_with_history

from core.querysets import KeysetQuerySet
from leads.stages import Stage
from outreach.querysets.former_owners import of_former_owner

if TYPE_CHECKING:
    from core.models import User
    from leads.models import Lead, ListedNumber, Owner, PhoneNumber
    from outreach.models import CallTask, CampaignStep, Letter, LetterExport

REFUSED = (Stage.DISQUALIFIED, Stage.DEAD)
PUT_AWAY = Q(lead__deleted_at__isnull=False) | Q(lead__archived_at__isnull=False)
NOT_MADE = "cancelled"


class LetterExportQuerySet(models.QuerySet["LetterExport"]):
    def for_list(self) -> LetterExportQuerySet:
        return self.select_related("market", "template", "created_by")

    def collecting(self, step: CampaignStep) -> LetterExport:
        """The file that this step's letters go into until somebody downloads it, locked."""
        market, template = step.campaign.market, step.template
        export, _ = self.get_or_create(step=step, closed_at=None, defaults={"market": market, "template": template})
        return self.select_for_update(of=("self",)).get(pk=export.pk)

    def close(self, export: LetterExport, now: datetime) -> None:
        """What the campaign writes from now on goes into another file: nobody gets the same letter twice."""
        self.filter(pk=export.pk, step__isnull=False, closed_at__isnull=True).update(closed_at=now)

    def add_letters(self, export: LetterExport, count: int) -> None:
        self.filter(pk=export.pk).update(count=models.F("count") + count)


class LetterQuerySet(models.QuerySet["Letter"]):
    def of_export(self, export: LetterExport) -> LetterQuerySet:
        """Everything a row of the mail-merge file needs."""
        return (
            self.filter(export=export)
            .select_related("owner", "lead__owner", "lead__market", "lead__parcel__parish")
            .order_by("id")
        )

    def to_send(self) -> LetterQuerySet:
        """Without those about leads that were deleted, archived or ended since they were made, or are another's now."""
        return self.exclude(PUT_AWAY | Q(lead__stage__in=REFUSED)).exclude(of_former_owner())

    def owners_written_to(self, owner_ids: Iterable[int], since: datetime) -> set[int]:
        recent = self.filter(owner_id__in=list(owner_ids), export__created_at__gte=since)
        return set(recent.values_list("owner_id", flat=True))

    def codes_in_use(self, codes: Iterable[str]) -> set[str]:
        return set(self.filter(code__in=list(codes)).values_list("code", flat=True))

    def coded(self, text: str) -> Letter | None:
        """The letter whose code stands in the text as a word of its own, in either case."""
        words = {word.upper() for word in re.findall(r"\b[A-Za-z0-9]{8}\b", text)}
        return self.filter(code__in=words).select_related("owner", "lead", "lead__market").first()


class CallTaskQuerySet(KeysetQuerySet["CallTask"]):
    keyset_column = "due_at"
    keyset_descending = False

    def position_value(self, stored: int) -> datetime:
        return datetime.fromtimestamp(0, UTC) + timedelta(microseconds=stored)

    def open(self) -> CallTaskQuerySet:
        """Calls to make; none about a lead that was deleted or archived since."""
        return self.filter(done_at__isnull=True).exclude(PUT_AWAY)

    def cancel_put_away(self, now: datetime) -> int:
        """Closes calls about leads that were deleted or archived since; returns how many."""
        waiting = self.filter(PUT_AWAY, done_at__isnull=True).select_for_update(of=("self",))
        with transaction.atomic():
            calls = list(waiting.order_by("pk"))
            for call in calls:
                call.outcome, call.done_at, call.note = NOT_MADE, now, "The lead was deleted or archived."
            fields = ["outcome", "done_at", "note"]
            if calls:
                bulk_update_with_history(calls, self.model, fields, default_change_reason=calls[0].note)
        return len(calls)

    def cancel_for(self, lead: Lead, reason: str, why: str, now: datetime) -> bool:
        """Closes the lead's call if it is still to be made for this reason."""
        return bool(self.filter(lead=lead, reason=reason, done_at__isnull=True)._cancel(why, now))

    def cancel_other_than(self, reason: str, lead: Lead, why: str, now: datetime) -> bool:
        """Closes the lead's call that is still to be made, unless it is for this reason."""
        return bool(self.filter(lead=lead, done_at__isnull=True).exclude(reason=reason)._cancel(why, now))

    def cancel_to(self, phone: PhoneNumber, why: str, now: datetime) -> int:
        """Closes calls that are still to be made to this number; returns how many."""
        return self.open().filter(phone=phone)._cancel(why, now)

    def given_up_for(self, lead: Lead, why: str, since: datetime) -> bool:
        return self.filter(lead=lead, outcome=NOT_MADE, note=why, done_at__gte=since).exists()

    def _cancel(self, why: str, now: datetime) -> int:
        calls = list(self.select_for_update(of=("self",)).order_by("pk"))
        for call in calls:
            call.outcome, call.done_at, call.note = NOT_MADE, now, why
            call.save(update_fields=["outcome", "done_at", "note"])
        return len(calls)

    def about(self, leads: models.QuerySet[Lead]) -> CallTaskQuerySet:
        return self.filter(lead__in=leads.order_by().values("pk"))

    def done(self) -> CallTaskQuerySet:
        return self.filter(done_at__isnull=False)

    def assigned(self, to: User | None) -> CallTaskQuerySet:
        """Calls of this person; of nobody with None."""
        return self.filter(assigned_to=to)

    def earlier_of(self, task: CallTask) -> CallTaskQuerySet:
        """What came of the calls about the same lead before, the last one first."""
        return self.done().filter(lead=task.lead).exclude(pk=task.pk).select_related("done_by").order_by("-done_at")

    def waiting_for(self, owner: Owner, phone_ids: Iterable[int]) -> CallTaskQuerySet:
        """Open calls of this owner at one of these numbers, locked."""
        rows = self.open().filter(owner=owner, phone_id__in=list(phone_ids))
        return rows.select_for_update(of=("self",)).order_by("pk")

    def lock_to_numbers(self, hashes: models.QuerySet[ListedNumber, bytes]) -> CallTaskQuerySet:
        """Open calls to one of these numbers, locked."""
        return self.open().filter(phone__number_hash__in=hashes).select_for_update(of=("self",)).order_by("pk")

    def lock_for_former_owners(self) -> CallTaskQuerySet:
        return self.open().filter(of_former_owner()).select_for_update(of=("self",)).order_by("pk")

    def due(self, now: datetime) -> CallTaskQuerySet:
        """Calls to make now, the longest waiting first."""
        return self.open().filter(due_at__lte=now).order_by("due_at", "id")

    def for_list(self) -> CallTaskQuerySet:
        related = ("owner", "phone", "assigned_to", "done_by", "lead__owner", "lead__market", "lead__parcel__parish")
        return self.select_related(*related).defer("owner__email", "lead__parcel__legal_description")

    def found_by(self, words: str) -> CallTaskQuerySet:
        """Calls about leads of which owner, parcel number and situs hold all of these words."""
        from leads.models import Lead

        return self.filter(lead__in=Lead.objects.searched(words).order_by().values("pk"))

    def lock(self, task_id: int) -> CallTask:
        related = ("owner", "phone", "assigned_to", "lead", "lead__owner")
        return self.select_for_update(of=("self",)).select_related(*related).get(pk=task_id)

    def add_missing(self, tasks: Iterable[CallTask]) -> list[CallTask]:
        """Saves those whose lead has no open call; returns the new ones."""
        made = (self.get_or_create(lead=task.lead, done_at=None, defaults=_values(task)) for task in tasks)
        return [task for task, is_new in made if is_new]

    def unanswered_in_a_row(self, lead: Lead) -> int:
        """How many of the last calls to this lead reached nobody."""
        outcomes = self.filter(lead=lead, done_at__isnull=False).exclude(outcome=NOT_MADE).order_by("-done_at", "-id")
        last = outcomes.values_list("outcome", flat=True)[:20]
        return sum(1 for _ in takewhile(lambda outcome: outcome in ("no_answer", "voicemail"), last))


def _values(task: CallTask) -> dict[str, object]:
    return {name: getattr(task, name) for name in ("owner", "phone", "reason", "due_at", "assigned_to")}
