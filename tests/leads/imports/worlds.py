"""Random lists, and random things that people do between them, for the properties of imports.

Every value comes from a short choice, so that rows of different lists meet: the same parcels, owners, addresses,
numbers. The first choice is the ordinary one, to which a failing example is boiled down.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from typing import Any

from django.core.files.base import ContentFile
from django.db import connection
from django.utils import timezone
from hypothesis import strategies as st

from leads.imports.runner import STALE, run_import
from leads.imports.undo import request_undo, run_undo
from leads.models import ImportRow, ListImport

LAND = (
    "number", "owner_name", "mailing_street", "mailing_city", "mailing_state", "mailing_zip", "email", "phone_1",
    "phone_2", "acres", "land_value", "situs_address", "ward", "adjudicated", "years_delinquent", "last_sale_on",
    "location",
)  # fmt: skip
GIS = ("number", "acres", "zoning", "inside_city", "situs_address", "location")
TRACE = (
    "number", "owner_name", "email", "phone_1", "phone_1_type", "phone_1_dnc", "phone_2", "phone_2_type", "phone_2_dnc",
)  # fmt: skip
MAILING = ("mailing_street", "mailing_city", "mailing_state", "mailing_zip")
SALES = ("number", "owner_name", *MAILING, "last_sale_on", "sale_price", "seller_name")
COLUMNS = {"tax_roll": LAND, "adjudicated": LAND, "delinquent": LAND, "gis": GIS, "skip_trace": TRACE, "sales": SALES}


@dataclass(frozen=True)
class AList:
    source: str
    rows: tuple[dict[str, str], ...]

    def __repr__(self) -> str:
        """Without what is blank, to be read."""
        rows = [{name: cell for name, cell in row.items() if cell} for row in self.rows]
        return f"{self.source}{rows}"

    def as_file(self) -> bytes:
        text = io.StringIO()
        writer = csv.DictWriter(text, COLUMNS[self.source])
        writer.writeheader()
        writer.writerows(self.rows)
        return text.getvalue().encode()


# Cells ----------------------------------------------------------------------------------------------------------------
NUMBERS = ("001", "002", "003", "004")
numbers = st.sampled_from((*NUMBERS, ""))
names = st.sampled_from(("BOUDREAUX JEAN", "HEBERT ANNA", "ACME LAND LLC", "BOUDREAUX JEAN A", "BOUDREAUX JEAN B", ""))
ADDRESSES = (
    ("1 OAK ST", "HOUSTON", "TX", "77002"),
    ("9 ELM ST", "BATON ROUGE", "LA", "70801"),
    ("", "", "", ""),
    ("PO BOX 5", "", "", ""),
    ("PO BOX 5", "GRETNA", "Q", "7081"),
)
addresses = st.sampled_from(ADDRESSES)
phones = st.sampled_from(
    ("", "225-344-1234", "225-344-9876", "2253440001 x5", "225-344-1234 / 225-344-0001", "555-555-5555")
)
CELLS = {
    "email": st.sampled_from(("", "jean@example.com", "anna@example.com", "12 OAK ST")),
    "acres": st.sampled_from(("", "1", "2.5", "-1", "1e9")),
    "land_value": st.sampled_from(("", "9000", "12000", "-5")),
    "situs_address": st.sampled_from(("", "0 HIGHLAND RD", "7 PERKINS RD", "nan")),
    "ward": st.sampled_from(("", "7")),
    "zoning": st.sampled_from(("", "R1", "C2")),
    "inside_city": st.sampled_from(("", "yes", "no")),
    "adjudicated": st.sampled_from(("", "yes", "no")),
    "years_delinquent": st.sampled_from(("", "0", "3", "2.5")),
    "last_sale_on": st.sampled_from(("", "2019-03-04", "12/31/1899", "2024-05-06")),
    "sale_price": st.sampled_from(("", "30000", "10", "-5")),
    "seller_name": st.sampled_from(("", "HEBERT ANNA")),
    "location": st.sampled_from(("", "(30.45, -91.18)", "(30.5, -91.0)", "(0, 0)")),
    "phone_1": phones,
    "phone_2": phones,
    "phone_1_type": st.sampled_from(("", "mobile", "landline")),
    "phone_2_type": st.sampled_from(("", "mobile", "landline")),
    "phone_1_dnc": st.sampled_from(("", "yes", "no")),
    "phone_2_dnc": st.sampled_from(("", "yes", "no")),
}


@st.composite
def rows(draw: st.DrawFn, columns: tuple[str, ...]) -> dict[str, str]:
    row = {"number": draw(numbers)}
    if "owner_name" in columns:
        row["owner_name"] = draw(names)
    if "mailing_street" in columns:
        row |= dict(zip(MAILING, draw(addresses), strict=True))
    return row | {name: draw(CELLS[name]) for name in columns if name not in row}


def lists_of(*sources: str, most: int = 5) -> st.SearchStrategy[AList]:
    """Lists of one of these kinds. Some rows tell of one parcel twice, or of one that nobody knows."""
    return st.one_of(
        [
            st.builds(AList, st.just(source), st.lists(rows(COLUMNS[source]), min_size=1, max_size=most).map(tuple))
            for source in sources
        ]
    )


lists = lists_of(*COLUMNS)


def steady(a_list: AList) -> AList:
    """The same list, if each owner's address is one and the same wherever they are named."""
    return AList(a_list.source, tuple(_at_home(row) for row in a_list.rows))


def _at_home(row: dict[str, str]) -> dict[str, str]:
    if "mailing_street" not in row:
        return row
    return row | dict(zip(MAILING, ADDRESSES[len(row["owner_name"]) % 2], strict=True))


# Running them ---------------------------------------------------------------------------------------------------------
class WorkerDiedError(Exception):
    """As if the worker had died: nobody catches it."""


def take_in(parish: Any, a_list: AList) -> ListImport:
    """Received, and ready to run."""
    mapping = {name: name for name in COLUMNS[a_list.source]}
    list_import: ListImport = ListImport(
        market=parish.market, parish=parish, source=a_list.source, filename="list.csv", status="queued", mapping=mapping
    )
    list_import.file.save("list.csv", ContentFile(a_list.as_file()))
    return list_import


def bring_in(parish: Any, a_list: AList, *, chunks: tuple[int, ...] = (3,)) -> ListImport:
    """Imported in chunks of this size; of several sizes each worker dies after a chunk, and the next takes over."""
    list_import = take_in(parish, a_list)
    path = Path(list_import.file.path)
    try:
        for size in chunks[:-1]:
            _until_killed(lambda size=size: run_import(list_import.pk, progress=_die, chunk_rows=size))
            ListImport.objects.filter(pk=list_import.pk).update(heartbeat_at=timezone.now() - 2 * STALE)
        run_import(list_import.pk, chunk_rows=chunks[-1])
    finally:
        path.unlink()
    list_import.refresh_from_db()
    assert (list_import.status, list_import.error) == ("done", "")
    return list_import


def undo(list_import: ListImport, *, slices: tuple[int, ...] = (2,)) -> list[str]:
    """Undone in slices, killed as above; what was kept, and why."""
    if list_import.rows_read == list_import.rows_rejected:
        return []
    assert request_undo(list_import, by=None)
    for size in slices[:-1]:
        _until_killed(lambda size=size: run_undo(list_import.pk, progress=_die, rows=size))
        ListImport.objects.filter(pk=list_import.pk, status="undoing").update(heartbeat_at=timezone.now() - 2 * STALE)
    run_undo(list_import.pk, rows=slices[-1])
    list_import.refresh_from_db()
    assert list_import.status == "undone"
    return list(ImportRow.objects.of(list_import).kept().values_list("reason", flat=True))


def _die(done: int, total: int) -> None:
    raise WorkerDiedError


def _until_killed(work: Callable[[], object]) -> None:
    with suppress(WorkerDiedError):
        work()


# The records ----------------------------------------------------------------------------------------------------------
Record = dict[str, Any]
Records = dict[str, dict[Any, Record]]
TABLES: dict[str, tuple[str, ...]] = {
    "leads_parcel": ("updated_at",),
    "leads_owner": ("updated_at",),
    "leads_ownership": (),
    "leads_lead": ("updated_at", "scored_at"),
    "leads_phonenumber": (),
    "leads_ownerphone": (),
    "leads_parcellist": (),
    "leads_rollchange": (),
    "leads_leadsearch": (),
    "leads_ownermerge": (),
    "outreach_suppression": (),
    "outreach_consent": (),
    "outreach_message": (),
    "leads_listedsale": (),
    "scoring_sale": (),
}
"""Table -> columns that need not come back: when a record was last written."""


def records() -> Records:
    """All that lists and people may change, as the database holds it."""
    held: Records = {}
    with connection.cursor() as cursor:
        for table, besides in TABLES.items():
            cursor.execute(f"SELECT to_jsonb(t) - %s::text[] FROM {table} t", [list(besides)])
            found = [json.loads(row) for (row,) in cursor.fetchall()]
            held[table] = {_key(row): row for row in found}
    return held


def _key(row: Record) -> Any:
    return row.get("id") or row.get("lead_id") or (row["parcel_id"], row["source"])


UNSOUND = """
SELECT 'search', l.id
FROM leads_lead l JOIN leads_owner o ON o.id = l.owner_id JOIN leads_parcel p ON p.id = l.parcel_id
     LEFT JOIN leads_leadsearch s ON s.lead_id = l.id
WHERE s.text IS DISTINCT FROM leads_search_text(o.name, p.number, p.situs_address)
UNION ALL
SELECT 'owner', l.id FROM leads_lead l
WHERE EXISTS (SELECT 1 FROM leads_ownership w WHERE w.parcel_id = l.parcel_id AND w.until IS NULL)
  AND NOT EXISTS (SELECT 1 FROM leads_ownership w WHERE w.parcel_id = l.parcel_id AND w.owner_id = l.owner_id)
UNION ALL
SELECT 'place', p.id FROM leads_parcel p
WHERE (p.latitude IS NULL) <> (p.longitude IS NULL)
"""


def unsound() -> list[tuple[str, int]]:
    """Leads that are not found by what they are, or whose owner never had the parcel; parcels with half a place."""
    with connection.cursor() as cursor:
        cursor.execute(UNSOUND)
        return list(cursor.fetchall())


OWNER = "o.name, o.name_key, o.kind, o.mailing_street, o.mailing_city, o.mailing_state, o.mailing_zip, o.mailing_key"
QUESTIONS = {
    "parcels": "SELECT to_jsonb(p) - '{id,created_at,updated_at}'::text[] FROM leads_parcel p",
    "owners": f"SELECT jsonb_build_array({OWNER}, o.email IS NULL) FROM leads_owner o",
    "ownerships": f"SELECT jsonb_build_array(p.number, w.until IS NULL, {OWNER}) FROM leads_ownership w"
    " JOIN leads_owner o ON o.id = w.owner_id JOIN leads_parcel p ON p.id = w.parcel_id",
    "leads": f"SELECT jsonb_build_array(p.number, l.stage, l.score, l.score_reasons, s.text, {OWNER}) FROM leads_lead l"
    " JOIN leads_owner o ON o.id = l.owner_id JOIN leads_parcel p ON p.id = l.parcel_id"
    " JOIN leads_leadsearch s ON s.lead_id = l.id",
    "links": f"SELECT jsonb_build_array({OWNER}, n.number_hash, n.line_type, k.until IS NULL, k.do_not_call)"
    " FROM leads_ownerphone k JOIN leads_owner o ON o.id = k.owner_id JOIN leads_phonenumber n ON n.id = k.phone_id",
    "ranks": f"SELECT jsonb_build_array({OWNER}, n.number_hash, k.rank)"
    " FROM leads_ownerphone k JOIN leads_owner o ON o.id = k.owner_id JOIN leads_phonenumber n ON n.id = k.phone_id",
    "numbers": "SELECT jsonb_build_array(number_hash, line_type) FROM leads_phonenumber",
    "stacks": "SELECT jsonb_build_array(p.number, s.source) FROM leads_parcellist s"
    " JOIN leads_parcel p ON p.id = s.parcel_id",
}


def described() -> dict[str, list[Any]]:
    """The records without their ids and times: what they say."""
    found = {}
    with connection.cursor() as cursor:
        for name, question in QUESTIONS.items():
            cursor.execute(f"SELECT row FROM ({question}) q(row) ORDER BY row")
            found[name] = [json.loads(row) for (row,) in cursor.fetchall()]
    return found


def sizes(most: int) -> st.SearchStrategy[tuple[int, ...]]:
    """Chunk sizes: all but the last run ends with its worker's death."""
    return st.lists(st.integers(1, most), min_size=1, max_size=3).map(tuple)


def nth(queryset: Any, pick: int) -> Any:
    """The pick-th record, going round; None when there are none."""
    found = list(queryset.order_by("pk"))
    return next(islice(cycle(found), pick, None)) if found else None
