"""Two owners line by line, for the page on which somebody decides whether they are one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from core.phones import mask
from leads.models import Lead, Owner, OwnerPhone, Ownership

SHOWN = 12


@dataclass(frozen=True)
class Cell:
    """One fact of an owner. `shared`: the other owner has it too, by `key` where two facts may read the same."""

    text: str
    href: str = ""
    note: str = ""
    bad: bool = False
    shared: bool = False
    key: str = ""

    @property
    def identity(self) -> str:
        return self.key or self.text


@dataclass(frozen=True)
class Line:
    label: str
    first: list[Cell]
    second: list[Cell]


Facts = Callable[[Owner], list[Cell]]
_contact_facts: list[Facts] = []


def add_contact_facts(facts: Facts) -> None:
    """What rooms above this one know of an owner: consents and opt-outs. `config` names them."""
    _contact_facts.append(facts)


def compare_sides(first: Owner, second: Owner) -> list[Line]:
    return [_line(label, facts(first), facts(second)) for label, facts in _LINES]


def _line(label: str, first: list[Cell], second: list[Cell]) -> Line:
    both = {cell.identity for cell in first} & {cell.identity for cell in second}
    return Line(label, _marked(first, both), _marked(second, both))


def _marked(cells: list[Cell], both: set[str]) -> list[Cell]:
    """With the shared facts first, and not more of the others than anybody reads."""
    marked = [replace(cell, shared=cell.identity in both) for cell in cells]
    marked.sort(key=lambda cell: not cell.shared)
    more = [Cell(f"and {len(marked) - SHOWN} more")] if len(marked) > SHOWN else []
    return [*marked[:SHOWN], *more]


def _mailing(owner: Owner) -> list[Cell]:
    place = f"{owner.mailing_city}, {owner.mailing_state} {owner.mailing_zip}".strip(" ,")
    return [Cell(text) for text in (owner.mailing_street, place) if text]


def _phones(owner: Owner) -> list[Cell]:
    return [
        Cell(
            mask(link.phone.number),
            link.phone.get_absolute_url(),
            " · ".join((link.phone.get_line_type_display(), link.source.replace("_", " "))),
            key=f"phone {link.phone_id}",
        )
        for link in OwnerPhone.objects.of_owner(owner)
    ]


def _parcels(owner: Owner) -> list[Cell]:
    return [
        Cell(
            f"{ownership.parcel.parish} {ownership.parcel.number}",
            ownership.parcel.get_absolute_url(),
            " · ".join(filter(None, (ownership.parcel.subdivision, ownership.until and "formerly"))),
        )
        for ownership in Ownership.objects.of_owner(owner)
    ]


def _leads(owner: Owner) -> list[Cell]:
    return [
        Cell(
            f"{lead.parcel.parish} {lead.parcel.number}",
            lead.get_absolute_url(),
            lead.get_stage_display() + (f" · score {lead.score}" if lead.score is not None else ""),
        )
        for lead in Lead.objects.of_owner(owner)
    ]


def _contact(owner: Owner) -> list[Cell]:
    return [cell for facts in _contact_facts for cell in facts(owner)]


_LINES: tuple[tuple[str, Facts], ...] = (
    ("Name", lambda owner: [Cell(owner.name, owner.get_absolute_url())]),
    ("Kind", lambda owner: [Cell(owner.get_kind_display())]),
    ("Mailing address", _mailing),
    ("Phones", _phones),
    ("Parcels", _parcels),
    ("Leads", _leads),
    ("Consents and opt-outs", _contact),
    ("In the records since", lambda owner: [Cell(f"{owner.created_at:%b %-d, %Y}", key=f"since of {owner.pk}")]),
)
