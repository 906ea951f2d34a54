"""A team's records at any size, written set-based: land, owners, leads in every stage, events, texts. 1,000,000 leads
take minutes. Names and addresses come from the demo's word lists; the same number of leads gives the same rows.

Lead, parcel and ownership n belong together; owner n has lead n, and the leads past the last owner go round again, so
that some have two. The first owners have a phone each.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import Group
from django.db import connection, transaction
from django.utils import timezone

from core.crypto import blind_index, encrypt
from core.models import User
from leads.models import Lead, ListImport, PhoneNumber
from local.bench import generated_sql as sql
from local.bench.filling import copy_rows
from local.demo_data import words
from local.demo_data.parishes import EAST_BATON_ROUGE, LIVINGSTON
from markets.models import Parish
from markets.seeding import seed_reference_data
from outreach.models import SenderNumber

PEOPLE = 12
"""Reps with leads of their own, beside the manager."""
MANAGER = "bench-manager"
RARE = "ZAUNBRECHER"
"""A surname of one owner in 5,000; the first of the word list is one in 12."""
_PARISHES = ("East Baton Rouge",) * 9 + ("Livingston",) * 4 + ("Ascension", "Tangipahoa", "Lafayette", "Jefferson")
_OTHER_PARISHES = ("Kanawha", "Cabell", "Putnam")


def generate_records(leads: int) -> None:
    """Into an empty database, in one transaction. Needs a superuser: triggers and foreign keys are passed over, as what
    they would check or write is written here."""
    with transaction.atomic():
        _refuse_others()
        seed_reference_data()
        values = _values(leads)
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")
            cursor.execute("SELECT setseed(0.5)")
            _write(cursor, values)
            cursor.execute("SET LOCAL session_replication_role = origin")
            cursor.execute("SELECT gin_clean_pending_list(oid) FROM pg_class WHERE relname = 'lead_search_text'")
            cursor.execute("ANALYZE")


def phone_of(owner_id: int) -> str:
    return f"+1225{2_000_000 + owner_id:07d}"


def _refuse_others() -> None:
    if Lead.objects.exists():
        raise ValueError("generated records go into an empty database")


def _write(cursor: Any, values: dict[str, Any]) -> None:
    for statement in sql.LAND:
        cursor.execute(statement(), values)
    copy_rows(cursor, PhoneNumber, _phone_rows(values["phones"]))
    for statement in sql.WORK:
        cursor.execute(statement(), values)
    for month in sql.months_before(values["now"]):
        cursor.execute("SELECT leads_archive_month(%s)", [month])
    cursor.execute(sql.ARCHIVE, values)
    for model in sql.NUMBERED:
        cursor.execute(sql.continue_numbers(model))


def _values(leads: int) -> dict[str, Any]:
    """What the statements are filled with."""
    people = _create_people()
    parishes, markets = _places()
    places = [*EAST_BATON_ROUGE.places, *LIVINGSTON.places, *words.OTHER_PARISHES, *words.OUT_OF_STATE]
    owners = leads * 4 // 5
    return {
        "leads": leads,
        "owners": owners,
        "phones": owners // 3,
        "texts": leads // 10,
        "now": timezone.now(),
        "surnames": list(words.SURNAMES),
        "given": list(words.FIRST_NAMES),
        "companies": [f"{word} {noun}" for word in words.COMPANY_WORDS for noun in words.COMPANY_NOUNS],
        "streets": list(words.STREETS),
        "cities": [place[0] for place in places],
        "states": [place[1] for place in places],
        "zips": [place[2] for place in places],
        "rare": RARE,
        "people": people,
        "parishes": parishes,
        "markets": markets,
        "list_import": _create_imports(parishes, markets),
        "sender": SenderNumber.objects.create(number="+12255550100").pk,
    }


def _places() -> tuple[list[int], list[int]]:
    """Parish ids as often as their share of the land, and each one's market."""
    known = {parish.name: parish for parish in Parish.objects.all()}
    chosen = [known[name] for name in (*_PARISHES, *_OTHER_PARISHES)]
    return [parish.pk for parish in chosen], [parish.market_id for parish in chosen]


def _create_people() -> list[int]:
    group = {name: Group.objects.get(name=name) for name in ("rep", "manager")}
    names = [MANAGER, *(f"bench-rep-{number}" for number in range(1, PEOPLE + 1))]
    users = [User.objects.create(username=name, is_staff=True) for name in names]
    for user in users:
        user.groups.add(group["manager" if user.username == MANAGER else "rep"])
    return [user.pk for user in users]


def _create_imports(parishes: list[int], markets: list[int]) -> int:
    """A roll of each parish; the first stands for all in what refers to a list."""
    now = timezone.now() - timedelta(days=540)
    imports = [
        ListImport(market_id=market, parish_id=parish, source="tax_roll", status="done", filename=f"roll-{parish}.csv",
                   file="none", finished_at=now)
        for parish, market in dict(zip(parishes, markets, strict=True)).items()
    ]  # fmt: skip
    ListImport.objects.bulk_create(imports)
    return imports[0].pk


def _phone_rows(count: int) -> Iterator[dict[str, object]]:
    fixed = {"area_code": "225", "line_type": "mobile", "status": "active"}
    known = timezone.now() - timedelta(days=300)
    for owner_id in range(1, count + 1):
        number = phone_of(owner_id)
        found = {"number": encrypt(number), "number_hash": blind_index(number), "created_at": known}
        yield {"id": owner_id, **found, **fixed}
