"""Scoring the leads that wait because one of their inputs has changed (scoring.models.LeadToScore).

Whoever scores stored leads holds the lists' lock on their parishes: of two who look at the same lead the later one
writes what it has seen later, and no list brings in leads meanwhile that were scored by what was true before.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction
from django.utils import timezone

from core.plans import by_index
from leads.imports.runner import lock_parish
from leads.models import Lead
from leads.qualification import qualify_these
from markets.models import Market
from scoring.models import LeadToScore, ParishYardstick
from scoring.parish_figures import renew_figures
from scoring.profiles import profile_in_force
from scoring.statements import parameters_of, rescore_sql

BATCH = 5_000
_THESE = """
    SELECT id, parcel_id, owner_id, score AS old_score, score_reasons AS old_reasons
    FROM leads_lead WHERE id = ANY(%(leads)s) AND market_id = %(market)s AND deleted_at IS NULL
"""


@dataclass(frozen=True)
class _Taken:
    """Part of those that wait: rows of the queue, and where their leads are."""

    rows: list[tuple[int, int]]
    places: list[tuple[int, int, int]]

    @property
    def last(self) -> int:
        return self.rows[-1][0]

    @property
    def parishes(self) -> list[int]:
        return sorted({parish for _, _, parish in self.places})

    def by_market(self) -> dict[int, list[int]]:
        leads = defaultdict(list)
        for lead, market, _ in self.places:
            leads[market].append(lead)
        return leads

    def within(self, parish_id: int) -> _Taken:
        """Without the leads of other parishes."""
        places = [place for place in self.places if place[2] == parish_id]
        elsewhere = {lead for lead, _, parish in self.places if parish != parish_id}
        return _Taken([row for row in self.rows if row[1] not in elsewhere], places)


def score_waiting(most: int = 10**9) -> int:
    """Scores what waits, so many at most, and qualifies what reaches its market's contact score; returns how many it
    was."""
    looked_at, after = 0, 0
    while looked_at < most:
        with transaction.atomic():
            taken = _placed(LeadToScore.objects.take(BATCH, after=after))
            if not taken.rows:
                break
            for parish_id in taken.parishes:
                lock_parish(parish_id)
            for parish_id in ParishYardstick.objects.missing(taken.parishes):
                renew_figures(parish_id, timezone.now())
            _score(taken, timezone.now())
        looked_at, after = looked_at + len(taken.rows), taken.last
        for market_id, leads in taken.by_market().items():
            qualify_these(Market.objects.get(pk=market_id), leads)
    return looked_at


def score_waiting_in(parish_id: int, now: datetime) -> None:
    """Those of one parish whose marks are new, in the caller's transaction, which has locked the parish."""
    rows = LeadToScore.objects.take_newest(4 * BATCH)
    if rows:
        _score(_placed(rows).within(parish_id), now)


def score_all_waiting_in(parish_id: int, alive: Callable[[], None]) -> None:
    after = 0
    while True:
        with transaction.atomic():
            lock_parish(parish_id)
            taken = _placed(LeadToScore.objects.take(BATCH, after=after))
            if not taken.rows:
                return
            _score(taken.within(parish_id), timezone.now())
        after = taken.last
        alive()


def _placed(rows: list[tuple[int, int]]) -> _Taken:
    return _Taken(rows, Lead.objects.places_of(sorted({lead for _, lead in rows})) if rows else [])


def _score(taken: _Taken, now: datetime) -> None:
    for market_id, leads in taken.by_market().items():
        _score_these(Market.objects.get(pk=market_id), leads, now)
    LeadToScore.objects.scored(row for row, _ in taken.rows)


def _score_these(market: Market, leads: Sequence[int], now: datetime) -> None:
    profile = profile_in_force(market)
    parameters = parameters_of(market, profile.version, now) | {"leads": list(leads), "market": market.pk}
    with connection.cursor() as cursor, by_index(cursor):
        cursor.execute(rescore_sql(profile.weights, _THESE), parameters)
