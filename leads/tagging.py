"""Tags of leads: words of a team's own, by market, put on one lead or on any number of them.

A tag goes with the market it was made in: the same word in two markets is two tags. An event of each lead that got or
lost a tag is written handled, since nothing reacts to it.
"""

# ruff: noqa: S608  - only statements written here are put together

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from django.db import connection, transaction
from django.utils import timezone

from core.results import Result
from leads.changes import Changed, choose_leads
from leads.models import Event, Tag

if TYPE_CHECKING:
    from core.models import User
    from leads.querysets import LeadQuerySet

PERMISSION = "leads.work_lead"
LONGEST = Tag._meta.get_field("name").max_length or 0

_MAKE = """
INSERT INTO leads_tag (market_id, name, created_at)
SELECT DISTINCT lead.market_id, %(name)s, %(now)s FROM leads_lead lead JOIN chosen USING (id)
ORDER BY lead.market_id ON CONFLICT (market_id, lower(name)) DO NOTHING
"""
_TELL = """
INSERT INTO leads_event (kind, lead_id, owner_id, actor_id, data, created_at, handled_at)
SELECT %(kind)s, lead.id, lead.owner_id, %(by)s, jsonb_build_object('tag', tag.name), %(now)s, %(now)s
FROM changed JOIN leads_lead lead ON lead.id = changed.lead_id JOIN leads_tag tag ON tag.id = changed.tag_id
"""
_PUT = f"""
WITH changed AS (
    INSERT INTO leads_leadtag (lead_id, tag_id, tagged_by_id, tagged_at)
    SELECT lead.id, tag.id, %(by)s, %(now)s FROM leads_lead lead JOIN chosen USING (id)
    JOIN leads_tag tag ON tag.market_id = lead.market_id AND lower(tag.name) = lower(%(name)s)
    WHERE lead.deleted_at IS NULL ORDER BY lead.id
    ON CONFLICT (lead_id, tag_id) DO NOTHING RETURNING lead_id, tag_id
)
{_TELL}
"""
_TAKE = f"""
WITH changed AS (
    DELETE FROM leads_leadtag had USING chosen, leads_tag tag
    WHERE had.lead_id = chosen.id AND tag.id = had.tag_id AND lower(tag.name) = lower(%(name)s)
    RETURNING had.lead_id, had.tag_id
)
{_TELL}
"""


def tag_leads(leads: LeadQuerySet, name: str, *, by: User | None) -> Result[Changed]:
    """Declines with `not_permitted`, `bad_name` or `nothing_changed`; then nothing is written."""
    return _change(leads, name, _PUT, Event.Kind.LEAD_TAGGED, by)


def untag_leads(leads: LeadQuerySet, name: str, *, by: User | None) -> Result[Changed]:
    """The tag itself stays, for other leads. Declines like `tag_leads`."""
    return _change(leads, name, _TAKE, Event.Kind.LEAD_UNTAGGED, by)


def tidy(name: str) -> str:
    return " ".join(name.split())


def _change(leads: LeadQuerySet, name: str, statement: str, kind: Event.Kind, by: User | None) -> Result[Changed]:
    name = tidy(name)
    declined = _why_not(name, by)
    if declined is not None:
        return declined
    values = {"name": name, "by": by.pk if by else None, "now": timezone.now(), "kind": kind.value}
    putting = kind == Event.Kind.LEAD_TAGGED
    with transaction.atomic(), connection.cursor() as cursor:
        choose_leads(leads)
        if putting:
            cursor.execute(_MAKE, values)
        cursor.execute(statement, values)
        count = cursor.rowcount
        if not count:
            transaction.set_rollback(True)
            why = "have" if putting else "lack"
            return Result.declined("nothing_changed", f"Nothing changed: all of them {why} the tag “{name}” already.")
    done = f"tagged “{name}”" if putting else f"lost the tag “{name}”"
    return Result.ok(Changed(count, {}), f"{count:,} lead{'' if count == 1 else 's'} {done}.")


def _why_not(name: str, by: User | None) -> Result[Changed] | None:
    if by is not None and not by.has_perm(PERMISSION):
        return Result.declined("not_permitted", "You may not tag leads.")
    if not re.fullmatch(r"[^,]*\w[^,]*", name):
        return Result.declined("bad_name", "A tag has a letter or a digit, and no comma.")
    if len(name) > LONGEST:
        return Result.declined("bad_name", f"A tag has at most {LONGEST} characters; this one has {len(name)}.")
    return None
