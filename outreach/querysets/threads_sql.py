"""A conversation's row as its messages have it: one statement for one conversation or for all."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

_FACTS = """
SELECT m.owner_id, CASE WHEN m.owner_id IS NULL THEN m.phone_id END AS phone_id, max(m.id) AS last_message_id,
       count(*) FILTER (WHERE m.direction = 'in' AND m.read_at IS NULL) AS unread,
       bool_or(m.direction = 'in' AND (m.needs_person OR m.processed_at IS NULL)) AS held,
       coalesce((array_agg(l.label ORDER BY m.id DESC) FILTER (WHERE l.label IS NOT NULL))[1], '') AS label
FROM outreach_message m LEFT JOIN outreach_replylabel l ON l.message_id = m.id AND l.current
WHERE (m.direction = 'in' OR m.origin = 'reply') AND {whose}
GROUP BY 1, 2
"""
"""Campaigns' texts alone make no conversation: there are a hundred of them for each answer."""
_SAME = "coalesce(t.owner_id, -t.phone_id) = coalesce(f.owner_id, -f.phone_id)"
_FOUND = f"""
SELECT f.*, m.created_at, m.market_id, m.lead_id
FROM ({_FACTS}) f JOIN outreach_message m ON m.id = f.last_message_id
"""  # noqa: S608

ADD = f"""
INSERT INTO outreach_thread
    (owner_id, phone_id, last_message_id, last_at, unread, held, label, market_id, assigned_to_id, changed_at)
SELECT f.owner_id, f.phone_id, f.last_message_id, f.created_at, f.unread, f.held, f.label, f.market_id,
       lead.assigned_to_id, clock_timestamp()
FROM ({_FOUND}) f LEFT JOIN leads_lead lead ON lead.id = f.lead_id
WHERE NOT EXISTS (SELECT FROM outreach_thread t WHERE {{rows}} AND {_SAME})
ON CONFLICT DO NOTHING
"""  # noqa: S608
LOCK = "SELECT t.id FROM outreach_thread t WHERE {rows} ORDER BY t.id FOR UPDATE"
CHANGE = f"""
UPDATE outreach_thread t
SET last_message_id = f.last_message_id, last_at = f.created_at, unread = f.unread, held = f.held, label = f.label,
    market_id = f.market_id, changed_at = clock_timestamp(),
    done_at = CASE WHEN f.unread = 0 AND NOT f.held THEN t.done_at END,
    snoozed_until = CASE WHEN f.unread = 0 AND (t.held OR NOT f.held) THEN t.snoozed_until END
FROM ({_FOUND}) f
WHERE {{rows}} AND {_SAME} AND (
    (t.last_message_id, t.last_at, t.unread, t.held, t.label, t.market_id)
    IS DISTINCT FROM (f.last_message_id, f.created_at, f.unread::integer, f.held, f.label::varchar, f.market_id)
    OR t.done_at IS NOT NULL AND (f.unread > 0 OR f.held) OR t.snoozed_until IS NOT NULL AND f.unread > 0)
"""  # noqa: S608
"""What is unread or held is never done, and what has become so is not put off: whether a reply came in, or came here
with another owner's conversation or with a number that was nobody's."""
DROP = f"""
DELETE FROM outreach_thread t WHERE {{rows}}
AND NOT EXISTS (SELECT FROM ({_FACTS}) f WHERE {_SAME})
"""  # noqa: S608


def about(owners: Iterable[int] | None, phones: Iterable[int] | None) -> tuple[str, dict[str, Any]]:
    """Condition on messages and its values; without owners and numbers it is true of all."""
    if owners is None and phones is None:
        return "true", {}
    owner_ids, phone_ids = list(owners or ()), list(phones or ())
    tests = ["m.owner_id = ANY(%(owners)s)"] if owner_ids else []
    tests += ["(m.owner_id IS NULL AND m.phone_id = ANY(%(phones)s))"] if phone_ids else []
    return f"({' OR '.join(tests) or 'false'})", {"owners": owner_ids, "phones": phone_ids}
