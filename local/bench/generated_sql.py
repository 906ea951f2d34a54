"""The statements of `generated`, in the order in which they run. `i` counts the rows of each."""

# ruff: noqa: S608  - only names of our own tables and columns are put into these statements

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from django.db import models

from leads.models import (
    DuplicatePair,
    Event,
    Lead,
    LeadSearch,
    Owner,
    OwnerPhone,
    Ownership,
    Parcel,
    ParcelList,
    PhoneNumber,
    RollChange,
)
from local.bench.filling import insert_select
from outreach.models import CallTask, GateDecision, Message, ReplyLabel

SPAN_DAYS = 540
"""The oldest lead is so old; what is older than ARCHIVED_DAYS has its events in the archive."""
ARCHIVED_DAYS = 450
Statement = Callable[[], str]


def _one_of(name: str, *, often_first: bool = False) -> str:
    """A value of an array; with `often_first` the early ones are far more frequent, as surnames are."""
    draw = "power(random(), 2)" if often_first else "random()"
    return f"(%({name})s::text[])[1 + floor({draw} * cardinality(%({name})s::text[]))::int]"


def _rows(count: str, columns: str) -> str:
    """OFFSET 0 keeps what was drawn from being drawn anew where it is used twice."""
    return f"(SELECT i, {columns} FROM generate_series(1, {count}) i OFFSET 0) drawn"


_AGE = f"(1 - i::float8 / %(leads)s) * {SPAN_DAYS}"
_SEEN = f"date_trunc('day', %(now)s::timestamptz - {_AGE} * interval '1 day')"
"""Lists come in on a day, so many records share a moment."""
_OWNER_OF = "1 + mod(i - 1, %(owners)s)"


def owners() -> str:
    person = f"{_one_of('surnames', often_first=True)} || ' ' || {_one_of('given')} || ' ' || chr(65 + mod(i, 23))"
    company = f"{_one_of('companies')} || ' ' || (1 + mod(i, 40)) || ' LLC'"
    drawn = f"""CASE WHEN mod(i, 5000) = 7 THEN %(rare)s || ' ' || {_one_of("given")}
                     WHEN mod(i, 8) = 3 THEN {company} ELSE {person} END AS name,
                (100 + mod(i * 37, 19900)) || ' ' || {_one_of("streets")} AS street,
                1 + floor(random() * cardinality(%(zips)s::text[]))::int AS place"""
    city, state, zip_code = (f"(%({name})s::text[])[place]" for name in ("cities", "states", "zips"))
    return insert_select(
        Owner,
        _rows("%(owners)s", drawn),
        id="i",
        name="name",
        name_key="name",
        kind="CASE WHEN mod(i, 8) = 3 AND mod(i, 5000) <> 7 THEN 'company' ELSE 'person' END",
        mailing_street="street",
        mailing_city=city,
        mailing_state=state,
        mailing_zip=zip_code,
        mailing_key=f"street || ' ' || {city} || ' ' || {state} || ' ' || {zip_code}",
        created_at=_SEEN,
        updated_at=_SEEN,
    )


def parcels() -> str:
    number = "lpad(mod(i * 3141593::bigint, 10000000)::text, 7, '0')"
    drawn = f"""{_one_of("streets")} AS street, random() AS draw, random_normal(2, 3) AS size,
                1 + mod(i, cardinality(%(parishes)s::int[])) AS place"""
    return insert_select(
        Parcel,
        _rows("%(leads)s", drawn),
        id="i",
        parish_id="(%(parishes)s::int[])[place]",
        number=f"substr({number}, 1, 3) || '-' || substr({number}, 4) || '-' || mod(i, 10)",
        situs_address="""CASE WHEN draw < 0.6 THEN (100 + mod(i * 91, 19900)) || ' ' || street
                              WHEN draw < 0.8 THEN '0 ' || street ELSE '' END""",
        situs_city="CASE WHEN draw < 0.8 THEN 'BATON ROUGE' ELSE '' END",
        situs_zip="CASE WHEN draw < 0.8 THEN '70810' ELSE '' END",
        legal_description="'LOT ' || mod(i, 300) || ' SQ ' || mod(i, 90) || ' BEING A PORTION OF A TRACT'",
        acres="CASE WHEN mod(i, 9) > 0 THEN greatest(0.05, size)::numeric(12, 4) END",
        land_value="CASE WHEN mod(i, 7) > 0 THEN (500 + draw * 60000)::numeric(14, 2) END",
        adjudicated="CASE WHEN mod(i, 31) = 0 THEN true END",
        years_delinquent="CASE WHEN mod(i, 13) = 0 THEN 1 + mod(i, 6) END",
        created_at=_SEEN,
        updated_at=_SEEN,
    )


def ownerships() -> str:
    return insert_select(
        Ownership,
        "generate_series(1, %(leads)s) i",
        parcel_id="i",
        owner_id=_OWNER_OF,
        since=_SEEN,
        source="'tax_roll'",
    )


def owner_phones() -> str:
    return insert_select(
        OwnerPhone,
        "generate_series(1, %(phones)s) i",
        owner_id="i",
        phone_id="i",
        source="'skip_trace'",
        since=_SEEN,
    )


_STAGES = (
    (700, "qualified", 180), (880, "hot", 3), (883, "offer_made", 2), (885, "under_contract", 1), (886, "closed", 4),
    (890, "engaged", 10), (900, "contacted", 50), (950, "dead", 20), (970, "archived", 10), (980, "disqualified", 20),
)  # fmt: skip
"""From which thousandth on, the stage, how many thousandths; the rest is as it came in."""
_SCORED = "mod(i, 23) > 0"
_REASONS = """ARRAY[
    'adjudicated ' || mod(i, 2) * 25 || '/25 The parish has not taken the land over for unpaid taxes.',
    'delinquency ' || mod(i, 4) * 5 || '/20 Taxes unpaid for ' || mod(i, 6) || ' years.',
    'absentee ' || mod(i, 3) * 10 || '/20 The owner gets mail in another state.',
    'acreage ' || mod(i, 5) * 3 || '/15 ' || mod(i, 80) / 10.0 || ' acres, a size that sells.',
    'value ' || mod(i, 3) * 5 || '/10 Assessed at ' || mod(i, 150) || ' %% of the parish median an acre.',
    'tenure 0/10 The last sale is not known.']"""


def leads() -> str:
    cases = " ".join(f"WHEN draw >= {low} AND draw < {low + many} THEN '{stage}'" for low, stage, many in _STAGES)
    drawn = """floor(random() * 1000) AS draw,
                least(100, greatest(0, round(random_normal(35, 18))))::int AS points"""
    assigned = "mod(i, 41) = 0"
    return insert_select(
        Lead,
        _rows("%(leads)s", drawn),
        id="i",
        market_id="(%(markets)s::int[])[1 + mod(i, cardinality(%(markets)s::int[]))]",
        parcel_id="i",
        owner_id=_OWNER_OF,
        stage=f"CASE {cases} ELSE 'ingested' END",
        score=f"CASE WHEN {_SCORED} THEN points END",
        score_reasons=f"CASE WHEN {_SCORED} THEN {_REASONS} ELSE '{{}}' END",
        score_version=f"CASE WHEN {_SCORED} THEN 1 END",
        scored_at=f"CASE WHEN {_SCORED} THEN %(now)s::timestamptz - interval '1 day' END",
        assigned_to_id=f"CASE WHEN {assigned} THEN (%(people)s::int[])[1 + mod(i / 41, 13)] END",
        next_action_at=f"CASE WHEN {assigned} THEN %(now)s::timestamptz + (draw - 200) * interval '1 hour' END",
        archived_at="CASE WHEN draw >= 970 AND draw < 980 THEN %(now)s::timestamptz END",
        deleted_at="CASE WHEN mod(i, 199) = 77 THEN %(now)s::timestamptz END",
        created_at=_SEEN,
        updated_at=_SEEN,
    )


def search_texts() -> str:
    return insert_select(
        LeadSearch,
        "leads_lead l JOIN leads_owner o ON o.id = l.owner_id JOIN leads_parcel p ON p.id = l.parcel_id",
        lead_id="l.id",
        text="leads_search_text(o.name, p.number, p.situs_address)",
    )


_LISTS = (("tax_roll", 1), ("adjudicated", 31), ("delinquent", 13), ("skip_trace", 7))


def parcel_lists() -> str:
    found = " UNION ALL ".join(
        f"SELECT i, '{source}' AS source FROM generate_series({every}, %(leads)s, {every}) i"
        for source, every in _LISTS
    )
    return insert_select(
        ParcelList,
        f"({found}) listed",
        parcel_id="i",
        source="source",
        first_seen=_SEEN,
        last_seen=_SEEN,
        list_import_id="%(list_import)s",
    )


def roll_changes() -> str:
    kinds = ", ".join(f"'{kind}'" for kind in RollChange.Kind.values)
    return insert_select(
        RollChange,
        "generate_series(20, %(leads)s, 20) i",
        list_import_id="%(list_import)s",
        parcel_id="i",
        kind=f"(ARRAY[{kinds}])[1 + mod(i / 20, {len(RollChange.Kind.values)})]",
        created_at="%(now)s::timestamptz - mod(i, 500) * interval '1 day'",
    )


def events() -> str:
    """Three for each lead: it came from a list, it was scored, and somebody did something."""
    kind = "(ARRAY['LeadCreated', 'LeadScored', 'StageChanged'])[1 + nth]"
    data = """CASE nth WHEN 0 THEN jsonb_build_object('source', 'tax_roll', 'list_import', 1)
                       WHEN 1 THEN jsonb_build_object('from', mod(i, 50), 'to', mod(i, 90))
                       ELSE jsonb_build_object('from', 'ingested', 'to', 'qualified', 'reason', '') END"""
    at = f"{_SEEN} + nth * interval '5 hours'"
    return insert_select(
        Event,
        "generate_series(1, %(leads)s) i, generate_series(0, 2) nth",
        kind=kind,
        lead_id="i",
        owner_id=_OWNER_OF,
        data=data,
        created_at=at,
        handled_at=f"CASE WHEN mod(i, 100000) <> 5 THEN {at} END",
    )


def texts() -> str:
    """Nine to the owners, one back. Each owner with a phone may have several."""
    drawn = "mod(i, 10) = 0 AS came, 1 + mod(i * 7, %(phones)s) AS person, random() AS draw"
    sent = "%(now)s::timestamptz - (1 - i::float8 / %(texts)s) * interval '200 days'"
    return insert_select(
        Message,
        _rows("%(texts)s", drawn),
        id="i",
        direction="CASE WHEN came THEN 'in' ELSE 'out' END",
        origin="CASE WHEN came THEN 'inbound' ELSE 'campaign' END",
        state="""CASE WHEN came THEN 'received' WHEN draw < 0.8 THEN 'delivered' WHEN draw < 0.86 THEN 'blocked'
                      WHEN draw < 0.9 THEN 'undelivered' WHEN draw < 0.96 THEN 'queued' ELSE 'failed' END""",
        token="gen_random_uuid()",
        sid="CASE WHEN came OR draw < 0.9 THEN 'SM' || lpad(to_hex(i), 32, '0') END",
        phone_id="person",
        owner_id="CASE WHEN mod(i, 500) > 0 THEN person END",
        lead_id="CASE WHEN mod(i, 500) > 0 THEN person END",
        market_id="(%(markets)s::int[])[1 + mod(person, cardinality(%(markets)s::int[]))]",
        sender_id="%(sender)s",
        body="CASE WHEN came THEN 'What would you pay?' ELSE 'Would you sell your land? Reply STOP to opt out.' END",
        segments="1",
        due_at=sent,
        claimed_at=f"CASE WHEN NOT came AND draw < 0.9 THEN {sent} END",
        sent_at=f"CASE WHEN NOT came AND draw < 0.9 THEN {sent} END",
        processed_at=f"CASE WHEN came THEN {sent} END",
        needs_person="came AND mod(i, 400) = 0",
        created_at=sent,
    )


def labels() -> str:
    return insert_select(
        ReplyLabel,
        "generate_series(10, %(texts)s, 10) i",
        message_id="i",
        label="(ARRAY['interested', 'send_offer', 'not_interested', 'wrong_number'])[1 + mod(i / 10, 4)]",
        tier="'rules'",
        confidence="0.9",
        created_at="%(now)s",
    )


def decisions() -> str:
    return insert_select(
        GateDecision,
        "outreach_message m WHERE m.direction = 'out'",
        message_id="m.id",
        outcome="CASE WHEN m.state = 'blocked' THEN 'block' ELSE 'allow' END",
        summary="'as the rules have it'",
        verdicts="'[]'",
        states="""'["LA"]'""",
        local_times="'{}'",
        rule_set="'bench'",
        decided_at="m.created_at",
    )


def calls() -> str:
    return insert_select(
        CallTask,
        "generate_series(200, %(leads)s, 200) i",
        lead_id="i",
        owner_id=_OWNER_OF,
        reason="'No text may go'",
        due_at="%(now)s::timestamptz + (mod(i, 900) - 100) * interval '1 hour'",
        created_at="%(now)s",
    )


def pairs() -> str:
    return insert_select(
        DuplicatePair,
        "generate_series(50, %(owners)s - 1, 50) i",
        first_id="i",
        second_id="i + 1",
        score="0.7 + mod(i, 300) / 1000.0",
        evidence="""'{"for": ["same address"], "against": [], "certain": false}'""",
        created_at="%(now)s",
    )


LAND: tuple[Statement, ...] = (owners, parcels, ownerships)
WORK: tuple[Statement, ...] = (
    owner_phones, leads, search_texts, parcel_lists, roll_changes, events, texts, labels, decisions, calls, pairs,
)  # fmt: skip
NUMBERED: tuple[type[models.Model], ...] = (Owner, PhoneNumber, Parcel, Lead, Message)
"""Whose rows were numbered here and not by the database."""

_EVENT = "id, kind, lead_id, owner_id, actor_id, data, created_at, handled_at"
ARCHIVE = f"""
WITH old AS (
    DELETE FROM leads_event WHERE created_at < %(now)s::timestamptz - interval '{ARCHIVED_DAYS} days'
    RETURNING {_EVENT})
INSERT INTO leads_eventarchive ({_EVENT}, market_id, day)
SELECT {_EVENT}, (%(markets)s::int[])[1], (created_at AT TIME ZONE 'UTC')::date FROM old
"""


def months_before(now: datetime) -> Iterator[datetime]:
    """A day in each month of what goes to the archive."""
    return (now - timedelta(days=days) for days in range(SPAN_DAYS + 2, ARCHIVED_DAYS - 31, -27))


def continue_numbers(model: type[models.Model]) -> str:
    table = model._meta.db_table
    return f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), coalesce(max(id), 1)) FROM {table}"
