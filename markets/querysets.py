from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Case, Count, Q, Subquery, Value, When
from django.db.models.functions import Greatest

from markets.contact_hours import FEDERAL, UNKNOWN, ContactHours
from markets.seed_rules import WITHOUT_ROWS

if TYPE_CHECKING:
    from markets.models import ContactRule, EmergencyHold, Holiday, Market, Parish


class MarketQuerySet(models.QuerySet["Market"]):
    def by_code(self, code: str) -> Market | None:
        return self.filter(code__iexact=code.strip()).first()

    def by_name(self) -> MarketQuerySet:
        return self.order_by("name")

    def names(self) -> list[tuple[str, str]]:
        """(code, name) of each, for a choice."""
        return list(self.by_name().values_list("code", "name"))

    def nearest_to(self, state: str) -> Market | None:
        """In whose name somebody in that state would be texted: a market of the state, else any; active ones first."""
        there = Case(When(state=state, then=Value(0)), default=Value(1))
        return self.order_by("-active", there, "pk").first()

    def with_retention(self) -> MarketQuerySet:
        """Markets whose deleted leads are removed some day."""
        return self.filter(deleted_leads_kept_days__isnull=False).order_by("pk")

    def in_use(self) -> MarketQuerySet:
        return self.filter(active=True).order_by("name")

    def holding(self, leads: models.QuerySet[Any]) -> MarketQuerySet:
        """Markets that these leads are in."""
        return self.filter(pk__in=leads.order_by().values("market"))

    def decision_to_text_without_consent(self, market: Market) -> Any:
        """The history record that last switched texts without consent on, with who did it."""
        records = market.history.select_related("history_user").order_by("history_id")
        off = records.filter(allows_texts_without_consent=False).values_list("history_id", flat=True).last()
        return records.filter(allows_texts_without_consent=True, history_id__gt=off or 0).first()

    def locked(self, market: Market) -> Market:
        """The row as it is now, held against other writers; rows that refer to it may still be written."""
        return self.select_for_update(no_key=True).get(pk=market.pk)

    def with_parish_counts(self) -> MarketQuerySet:
        return self.annotate(parish_count=Count("parishes", filter=Q(parishes__active=True)))

    def event_ages(self) -> dict[int, int | None]:
        """Market id -> days after which its events are archived; None: never."""
        return dict(self.order_by("pk").values_list("pk", "events_archived_after_days"))

    def states(self) -> set[str]:
        return set(self.values_list("state", flat=True))

    def codes(self) -> list[str]:
        return list(self.order_by("code").values_list("code", flat=True))


class ParishQuerySet(models.QuerySet["Parish"]):
    def named(self, market: Market, name: str) -> Parish | None:
        """The market's parish of exactly this name, whatever its case and with or without “Parish”/“County”."""
        bare = name.strip()
        for suffix in (" parish", " county"):
            if bare.lower().endswith(suffix):
                bare = bare[: -len(suffix)].strip()
        return self.filter(market=market, name__iexact=bare).first()

    def ids_of(self, name: str) -> list[int]:
        """Of every market's parish of this name."""
        return list(self.filter(name__iexact=name).values_list("pk", flat=True))

    def ids_in(self, market: Market) -> list[int]:
        return list(self.filter(market=market).order_by("pk").values_list("pk", flat=True))

    def names_in(self, market: Market) -> list[str]:
        return list(self.filter(market=market).order_by("name").values_list("name", flat=True))


class ContactRuleQuerySet(models.QuerySet["ContactRule"]):
    def for_states(self, states: Iterable[str]) -> ContactRuleQuerySet:
        """Rules of these states plus the federal floor and the rule for unknown states."""
        return self.filter(state__in={*states, FEDERAL, UNKNOWN})

    def with_last_change(self) -> ContactRuleQuerySet:
        """`last_change`: when any rule or holiday was last written, changed or deleted, the same on every row."""
        from markets.models import ContactRule, Holiday  # the models are built on these querysets

        histories = (ContactRule.history, Holiday.history)
        newest = (Subquery(history.order_by("-history_date").values("history_date")[:1]) for history in histories)
        return self.annotate(last_change=Greatest(*newest))

    def hours_in(self, state: str) -> ContactHours:
        """What holds in a state now: its own rule, else the one for unknown states."""
        rows = {rule.state: rule.as_hours() for rule in self.for_states([state])}
        return rows.get(state) or rows.get(UNKNOWN) or WITHOUT_ROWS[FEDERAL if state == FEDERAL else UNKNOWN]


class HolidayQuerySet(models.QuerySet["Holiday"]):
    def for_states(self, states: Iterable[str]) -> HolidayQuerySet:
        return self.filter(state__in={*states, FEDERAL})

    def listed_for(self, state: str) -> bool:
        return self.filter(state=state).exists()


class EmergencyHoldQuerySet(models.QuerySet["EmergencyHold"]):
    def with_people(self) -> EmergencyHoldQuerySet:
        return self.select_related("created_by")

    def in_state(self, state: str) -> EmergencyHoldQuerySet:
        return self.filter(state=state)

    def not_ended(self, now: datetime) -> EmergencyHoldQuerySet:
        return self.filter(Q(ends_at__isnull=True) | Q(ends_at__gt=now))

    def in_force(self, now: datetime) -> EmergencyHoldQuerySet:
        return self.filter(Q(ends_at__isnull=True) | Q(ends_at__gt=now), starts_at__lte=now)
