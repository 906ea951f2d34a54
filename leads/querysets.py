"""What can be asked of the leads room, in the domain's words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Count, Exists, F, Max, Min, OuterRef, Q

from core.crypto import blind_index
from core.input_lines import is_id
from core.querysets import Counted, KeysetQuerySet, counted, expected_rows
from leads.querysets_search import LeadSearchQuerySet
from leads.stages import Stage

if TYPE_CHECKING:
    from core.models import User
    from leads.models import (
        Event,
        Lead,
        ListImport,
        Owner,
        OwnerPhone,
        Ownership,
        Parcel,
        PhoneNumber,
    )
    from markets.models import Market

MANY_LEADS = 100_000
"""From so many on, counting them all takes longer than people wait for a page."""


class PhoneNumberQuerySet(KeysetQuerySet["PhoneNumber"]):
    def by_number(self, e164: str) -> PhoneNumber | None:
        return self.numbered(e164).first()

    def numbered(self, e164: str) -> PhoneNumberQuerySet:
        return self.filter(number_hash=blind_index(e164))

    def of_conversation(self, owner: Owner) -> PhoneNumberQuerySet:
        """Numbers at which this owner is known now or has written to us."""
        current = Q(owner_links__owner=owner, owner_links__until__isnull=True)
        return self.filter(current | Q(messages__owner=owner)).distinct()

    def by_id(self, text: str) -> PhoneNumber | None:
        return self.filter(pk=int(text)).first() if is_id(text) else None

    def known(self, e164: str) -> PhoneNumber:
        """The one record of this number, created when it is new."""
        phone, _ = self.get_or_create(
            number_hash=blind_index(e164), defaults={"number": e164, "area_code": e164[2:5] if e164[:2] == "+1" else ""}
        )
        return phone

    def locked(self, phone: PhoneNumber) -> PhoneNumber:
        """The row as it is now, held against other writers; rows that refer to it may still be written."""
        return self.select_for_update(no_key=True).get(pk=phone.pk)

    def lock_free(self, phone_ids: Iterable[int]) -> set[int]:
        """Locks those of these numbers that nobody else holds, and waits for none."""
        rows = self.filter(pk__in=list(phone_ids)).order_by("pk").select_for_update(no_key=True, skip_locked=True)
        return set(rows.values_list("pk", flat=True))

    def corrected_by_person(self, phone: PhoneNumber) -> bool:
        return bool(self.model.history.filter(id=phone.pk, history_user__isnull=False).exists())

    def by_hash(self, number_hash: bytes) -> PhoneNumber | None:
        return self.filter(number_hash=number_hash).first()


class OwnerPhoneQuerySet(models.QuerySet["OwnerPhone"]):
    def current(self) -> OwnerPhoneQuerySet:
        return self.filter(until__isnull=True)

    def in_use(self) -> OwnerPhoneQuerySet:
        """Those that outreach may use: of an owner with confirmed numbers these, of any other owner all.

        An owner that stands for several people (heirs, “ET AL”) keeps all: one heir's number is not the others'.
        """
        confirmed = self.model._default_manager.filter(
            owner=OuterRef("owner"), until__isnull=True, confirmed_at__isnull=False
        )
        several = Q(owner__kind="heirs") | Q(owner__et_al=True)
        return self.current().filter(Q(confirmed_at__isnull=False) | several | ~Exists(confirmed.order_by()))

    def of_owner(self, owner: Owner) -> OwnerPhoneQuerySet:
        return self.current().filter(owner=owner).select_related("phone").order_by("rank", "id")

    def of_phone(self, phone: PhoneNumber) -> OwnerPhoneQuerySet:
        return self.current().filter(phone=phone).select_related("phone", "owner").order_by("rank", "id")

    def ever_of_phone(self, phone: PhoneNumber) -> OwnerPhoneQuerySet:
        """Everybody who ever had the number, the first first."""
        return self.filter(phone=phone).select_related("owner").order_by("since", "id")

    def between(self, owner: Owner, phone: PhoneNumber) -> OwnerPhone | None:
        """Their link that is open now."""
        return self.of_phone(phone).filter(owner=owner).first()

    def for_page(self) -> OwnerPhoneQuerySet:
        return self.select_related("phone", "owner")

    def next_of(self, owner: Owner) -> OwnerPhone | None:
        """The owner's first number that may be tried."""
        usable = self.in_use().filter(owner=owner, do_not_call=False).exclude(phone__status="bad")
        return usable.select_related("phone").order_by("rank", "id").first()

    def with_state(self, owner: Owner) -> OwnerPhoneQuerySet:
        """All the owner ever had, present ones first, with `used`: whether outreach may use it."""
        used = Exists(self.in_use().filter(pk=OuterRef("pk")).order_by())
        rows = self.filter(owner=owner).annotate(used=used).select_related("phone", "ended_by")
        return rows.order_by(F("until").desc(nulls_first=True), "rank", "id")

    def idle_of(self, owner_ids: Iterable[int]) -> list[OwnerPhone]:
        """Of each of these owners the numbers that outreach may not use: ended, or off as another is confirmed."""
        mine = self.filter(owner_id__in=list(owner_ids))
        used = self.in_use().filter(owner=OuterRef("owner"), phone=OuterRef("phone")).order_by()
        return list(mine.exclude(Exists(used)).order_by("until", "id"))

    def first_confirmed(self, owner_ids: Iterable[int]) -> dict[int, datetime]:
        """Owner id -> since when a number is confirmed."""
        confirmed = self.current().filter(owner_id__in=list(owner_ids), confirmed_at__isnull=False).order_by()
        return dict(confirmed.values_list("owner_id").annotate(since=Min("confirmed_at")))

    def owners_of(self, phone: PhoneNumber) -> list[Owner]:
        """Everybody who has the number now, best rank first; for an owner merged into another the other."""
        links = self.current().filter(phone=phone).select_related("owner__merged_into").order_by("rank", "id")
        owners = [link.owner.merged_into or link.owner for link in links]
        return list({owner.pk: owner for owner in owners}.values())

    def link(self, owner: Owner, phone: PhoneNumber, source: str, since: datetime) -> OwnerPhone:
        """The current link of the two, made when there is none."""
        link, _ = self.get_or_create(owner=owner, phone=phone, until=None, defaults={"source": source, "since": since})
        return link

    def brought_by(self, list_import: ListImport) -> OwnerPhoneQuerySet:
        return self.filter(list_import=list_import)


class OwnershipQuerySet(models.QuerySet["Ownership"]):
    def current(self) -> OwnershipQuerySet:
        return self.filter(until__isnull=True)

    def of_owner(self, owner: Owner) -> OwnershipQuerySet:
        """What the owner has now first, then what it had."""
        present_first = F("until").desc(nulls_first=True)
        return self.filter(owner=owner).select_related("parcel__parish").order_by(present_first, "-since", "id")

    def of_parcel(self, parcel: Parcel) -> OwnershipQuerySet:
        return self.filter(parcel=parcel).for_history()

    def for_history(self) -> OwnershipQuerySet:
        """Present owners first, then former ones, with who says so."""
        present_first = F("until").desc(nulls_first=True)
        related = ("parcel", "owner", "opened_by_list", "closed_by_list")
        return self.select_related(*related).order_by(present_first, "-since", "id")

    def handed_over_by(self, list_import: ListImport) -> OwnershipQuerySet:
        """Owners that the list has put in the place of others."""
        return self.filter(opened_by_list=list_import, parcel__created_at__lt=list_import.started_at)


class LeadQuerySet(LeadSearchQuerySet):
    def opened_by(self, list_import: ListImport) -> LeadQuerySet:
        """Of the rows' parcels, by when they were opened: nobody else imports a list of the parish meanwhile."""
        parcels = list_import.rows.filter(outcome__in=["created", "updated"]).order_by().values("parcel")
        while_it_ran = (list_import.started_at, list_import.finished_at)
        return self.order_by().filter(parcel__in=parcels, created_at__range=while_it_ran)

    def taken_up(self) -> LeadQuerySet:
        """By the team: contacted, or further, or ended."""
        return self.exclude(stage__in=(Stage.INGESTED, Stage.QUALIFIED, Stage.DISQUALIFIED))

    def settled(self) -> LeadQuerySet:
        """Without those whose parcel has another owner while a person has to decide."""
        return self.filter(owner_changed_at__isnull=True)

    def unsettled(self) -> LeadQuerySet:
        return self.filter(owner_changed_at__isnull=False, deleted_at__isnull=True)

    def between(self, parcel_id: int, owner_id: int) -> Lead | None:
        """The newest lead about this owner's parcel, open or ended."""
        return self.live().filter(parcel_id=parcel_id, owner_id=owner_id).order_by("-id").first()

    def in_market(self, market: Market) -> LeadQuerySet:
        return self.filter(market=market)

    def of_owner(self, owner: Owner) -> LeadQuerySet:
        return self.live().filter(owner=owner).select_related("parcel", "parcel__parish", "market")

    def all_of_owner(self, owner: Owner) -> LeadQuerySet:
        """Deleted ones too."""
        return self.filter(owner=owner).select_related("parcel__parish__market", "market")

    def by_stage(self) -> dict[str, int]:
        counts = self.live().order_by().values_list("stage").annotate(count=Count("pk"))
        return dict.fromkeys(Stage.values, 0) | dict(counts)

    def about_by_stage(self) -> dict[str, Counted]:
        """The same; of a great many leads about how many the large stages have."""
        if expected_rows(self.live()) >= MANY_LEADS:
            return {stage: counted(self.live().in_stage(stage)) for stage in Stage.values}
        return {stage: Counted(count, approximate=False) for stage, count in self.by_stage().items()}

    def scored(self) -> LeadQuerySet:
        return self.filter(score__isnull=False)

    def from_score(self, score: int) -> LeadQuerySet:
        return self.filter(score__gte=score)

    def in_stage(self, stage: str) -> LeadQuerySet:
        return self.filter(stage=stage)

    def with_phone(self) -> LeadQuerySet:
        return self.filter(owner__phone_links__isnull=False, owner__phone_links__until__isnull=True).distinct()

    def assigned(self, to: User | None) -> LeadQuerySet:
        """Leads of this person; of nobody with None."""
        return self.filter(assigned_to=to)

    def next_of(self, user: User, until: datetime) -> LeadQuerySet:
        """This person's open leads with something to do until then, the longest waiting first."""
        return self.open().assigned(user).filter(next_action_at__lt=until).order_by("next_action_at", "id")

    def for_page(self) -> LeadQuerySet:
        return self.live().with_page()

    def with_page(self) -> LeadQuerySet:
        """Everything the lead page shows, deleted or not."""
        return self.select_related("owner", "parcel__parish", "market", "assigned_to")

    def by_id(self, text: str) -> Lead | None:
        """The lead of an id that came from a form."""
        return self.filter(pk=int(text)).first() if text.isdecimal() else None

    def lock_all(self, ids: Iterable[int]) -> list[Lead]:
        return list(self.select_for_update().filter(pk__in=list(ids)).order_by("pk"))

    def others_of(self, lead: Lead) -> LeadQuerySet:
        return self.of_owner(lead.owner).exclude(pk=lead.pk).order_by("-id")

    def highest_id(self) -> int:
        return self.aggregate(highest=Max("pk"))["highest"] or 0

    def places_of(self, ids: Sequence[int]) -> list[tuple[int, int, int]]:
        """(id, market, parish of the parcel) of those that are there and not deleted."""
        placed = self.live().filter(pk__in=ids).order_by("pk")
        return list(placed.values_list("pk", "market_id", "parcel__parish_id"))

    def store_score(self, lead: Lead, score: int, reasons: list[str], version: int, at: datetime) -> None:
        lead.score, lead.score_reasons, lead.score_version, lead.scored_at = score, reasons, version, at
        self.filter(pk=lead.pk).update(score=score, score_reasons=reasons, score_version=version, scored_at=at)

    def for_list(self) -> LeadQuerySet:
        return self.live().with_list()

    def with_list(self) -> LeadQuerySet:
        """Everything a list row shows, in one query, without decrypting anything or reading times that no row shows;
        deleted leads too."""
        related = ("owner", "parcel", "parcel__parish", "market", "assigned_to")
        times = (f"{record}__{time}" for record in ("owner", "parcel") for time in ("created_at", "updated_at"))
        unread = ("owner__email", "parcel__legal_description", "assigned_to__last_login", "assigned_to__date_joined")
        return self.select_related(*related).defer(*unread, *times)


class EventQuerySet(models.QuerySet["Event"]):
    def waiting_kinds(self, limit: int) -> dict[int, str]:
        """The kinds of the oldest events nobody has reacted to, by id."""
        return dict(self.filter(handled_at__isnull=True).order_by("pk").values_list("pk", "kind")[:limit])

    def mark_unheard(self, ids: list[int], now: datetime) -> int:
        """At once; those another worker is at are passed over."""
        free = self.filter(pk__in=ids, handled_at__isnull=True).order_by("pk").select_for_update(skip_locked=True)
        return int(self.filter(pk__in=free.values("pk")).update(handled_at=now))

    def claim(self, event_id: int) -> Event | None:
        """The event, locked; None when it is handled already or another worker holds it."""
        waiting = self.select_for_update(skip_locked=True).filter(pk=event_id, handled_at__isnull=True)
        return waiting.first()

    def mark_handled(self, ids: list[int], now: datetime) -> int:
        return int(self.filter(pk__in=ids, handled_at__isnull=True).update(handled_at=now))

    def newest_of(self, owner: Owner) -> int:
        """The id of what happened last with this owner or a lead of theirs."""
        return self.filter(owner=owner).order_by("-created_at").values_list("pk", flat=True).first() or 0

    def last_move(self, lead: Lead) -> Event | None:
        """The last change of the lead's stage."""
        return self.filter(lead=lead, kind="StageChanged").order_by("-created_at", "-pk").first()

    def of_kind(self, kind: str) -> EventQuerySet:
        return self.filter(kind=kind)

    def since(self, moment: datetime) -> EventQuerySet:
        return self.filter(created_at__gte=moment)
