"""Looking for duplicate owners: certain ones are merged where the market says so, the rest are queued for a person."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from django.db import connection, transaction

from core.locks import advisory_lock
from leads.duplicates import blocking
from leads.duplicates.blocking import BLOCK_LIMIT, CandidatePair
from leads.duplicates.decisions import merge_pair
from leads.duplicates.matching import Match, compare
from leads.models import DuplicatePair
from markets.models import Market

Progress = Callable[[str, int, int], None]

STORE = """
INSERT INTO leads_duplicatepair (first_id, second_id, score, evidence, state, created_at)
SELECT first_id, second_id, score, evidence, 'open', now() FROM dup_found
ON CONFLICT (first_id, second_id) DO UPDATE SET score = EXCLUDED.score, evidence = EXCLUDED.evidence
 WHERE leads_duplicatepair.state = 'open'
   AND (leads_duplicatepair.score, leads_duplicatepair.evidence) IS DISTINCT FROM (EXCLUDED.score, EXCLUDED.evidence)
"""
DROP_STALE = """
DELETE FROM leads_duplicatepair p USING dup_owner a, dup_owner b
 WHERE p.state = 'open' AND a.owner_id = p.first_id AND b.owner_id = p.second_id
   AND NOT EXISTS (SELECT 1 FROM dup_found f WHERE f.first_id = p.first_id AND f.second_id = p.second_id)
"""


@dataclass
class Found:
    """`queued`: pairs now waiting that this search found. `skipped_blocks`: kind of block -> how many were too big."""

    owners: int = 0
    compared: int = 0
    queued: int = 0
    certain: int = 0
    merged: int = 0
    withdrawn: int = 0
    seconds: float = 0.0
    skipped_blocks: dict[str, int] = field(default_factory=dict)


def find_duplicates(
    market: Market | None = None, *, progress: Progress | None = None, block_limit: int = BLOCK_LIMIT
) -> Found:
    """Two searches wait for each other. Pairs decided different never come back, whatever they are merged with."""
    started = time.perf_counter()
    tell = progress or _silent
    with advisory_lock("find duplicates"):
        with transaction.atomic():
            found = _search(market, block_limit, tell)
        found.merged = merge_certain(tell)
    found.queued -= found.merged
    found.seconds = time.perf_counter() - started
    return found


def merge_certain(progress: Progress | None = None) -> int:
    """Merges the certain pairs of markets that allow it, into the owner known longer; each may be undone."""
    ids = DuplicatePair.objects.to_merge_unasked()
    merged = 0
    for done, pair_id in enumerate(ids, start=1):
        pair = DuplicatePair.objects.select_related("first", "second").get(pk=pair_id)
        merged += bool(merge_pair(pair, by=None))
        (progress or _silent)("merging certain pairs", done, len(ids))
    return merged


def _search(market: Market | None, block_limit: int, progress: Progress) -> Found:
    candidates = blocking.find_candidates(market.pk if market else None, block_limit, progress)
    found = Found(candidates.owners, candidates.pairs, skipped_blocks=candidates.skipped_blocks)
    compared = 0
    for chunk in blocking.candidate_pairs(candidates.pairs):
        matches = [(pair, match) for pair in chunk if (match := _judge(pair)) is not None]
        found.queued += len(matches)
        found.certain += sum(match.certain for _, match in matches)
        blocking.keep_found(matches, _evidence)
        compared += len(chunk)
        progress("comparing", compared, candidates.pairs)
    with connection.cursor() as cursor:
        cursor.execute(STORE)
        cursor.execute(DROP_STALE)
        found.withdrawn = cursor.rowcount
    return found


def _judge(pair: CandidatePair) -> Match | None:
    return compare(pair.one, pair.other, pair.shared)


def _evidence(match: Match) -> str:
    return json.dumps({"certain": match.certain, "for": match.reasons, "against": match.against})


def _silent(step: str, done: int, total: int) -> None:
    pass
