"""The first rows of a list as they would be stored, as a table for people."""

from __future__ import annotations

from typing import Any

from leads.imports.rows import STAGED, Rejected, StagedRow
from leads.models import ListedNumber

SHOWN = ("number", "owner_name", "owner_kind", "mailing", "situs_address", "situs_zip", "acres", "land_value",
         "improvement_value", "adjudicated", "years_delinquent", "zoning", "location", "phones", "last_sale_on",
         "price", "seller", "instrument", "listed_kind", "listed_on")  # fmt: skip
HEADINGS = {
    "number": "Parcel", "owner_name": "Owner", "owner_kind": "Kind", "mailing": "Mailing address",
    "situs_address": "Situs", "situs_zip": "Situs ZIP", "acres": "Acres", "land_value": "Land $",
    "improvement_value": "Improvements $", "adjudicated": "Adjudicated", "years_delinquent": "Years delinquent",
    "zoning": "Zoning", "location": "Location", "phones": "Phones", "last_sale_on": "Sold on", "price": "Price $",
    "seller": "Seller", "instrument": "Instrument", "listed_kind": "Stopped as", "listed_on": "Listed since",
}  # fmt: skip


def preview_table(rows: list[StagedRow | Rejected]) -> dict[str, Any]:
    shown = [_preview_row(row) for row in rows]
    used = [name for name in SHOWN if any(row["values"].get(name) for row in shown)]
    for row in shown:
        row["cells"] = [row["values"].get(name, "") for name in used]
    return {"headings": [HEADINGS[name] for name in used], "rows": shown}


def _preview_row(row: StagedRow | Rejected) -> dict[str, Any]:
    if isinstance(row, Rejected):
        return {"line": row.line, "values": {}, "rejected": row.reason, "notes": []}
    values = dict.fromkeys(STAGED, "") | {name: value or "" for name, value in row.values.items()}
    parts = (values["mailing_street"], values["mailing_city"], values["mailing_state"], values["mailing_zip"])
    values["mailing"] = ", ".join(filter(None, parts))
    values["location"] = f"{values['latitude']}, {values['longitude']}" if values["latitude"] else ""
    values["adjudicated"] = {"t": "yes", "f": "no"}.get(values["adjudicated"], "")
    values["phones"] = str(len(row.phones) or "")
    values["listed_kind"] = dict(ListedNumber.Kind.choices).get(values.get("listed_kind", ""), "")
    if row.sale:
        values |= {name: value or "" for name, value in row.sale._asdict().items() if name in SHOWN}
    return {"line": row.line, "values": values, "rejected": "", "notes": row.notes}
