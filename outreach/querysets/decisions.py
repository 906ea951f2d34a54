from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import connection, models

if TYPE_CHECKING:
    from outreach.models import GateDecision

_STORE = """
INSERT INTO outreach_gatedecision
    (message_id, outcome, until, summary, verdicts, states, local_times, rule_set, decided_at)
SELECT message_id, outcome, until, summary, verdicts, states, local_times, rule_set, decided_at
FROM jsonb_to_recordset(%s) AS decision (message_id bigint, outcome text, until timestamptz, summary text,
     verdicts jsonb, states jsonb, local_times jsonb, rule_set text, decided_at timestamptz)
"""
COLUMNS = ("message_id", "outcome", "until", "summary", "verdicts", "states", "local_times", "rule_set", "decided_at")


class GateDecisionQuerySet(models.QuerySet["GateDecision"]):
    def store(self, decisions: Iterable[GateDecision]) -> None:
        """All as one document: each is little but JSON, and `bulk_create` would write it down letter by letter."""
        rows: list[dict[str, Any]] = [
            {column: getattr(decision, column) for column in COLUMNS} for decision in decisions
        ]
        if rows:
            with connection.cursor() as cursor:
                cursor.execute(_STORE, [json.dumps(rows, default=datetime.isoformat)])
