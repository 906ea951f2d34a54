"""Owners that a person enters: known by name and mailing address, as in lists, or new."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from leads.models import Owner
from leads.owner_names import classify_owner, mailing_key, name_key, read_name_of

if TYPE_CHECKING:
    from core.models import User


@dataclass(frozen=True)
class OwnerEntry:
    name: str
    street: str = ""
    city: str = ""
    state: str = ""
    zip: str = ""


def known_or_new_owner(entry: OwnerEntry, *, by: User | None) -> tuple[Owner, bool]:
    """Whoever has that name at that address, and whether they are new in the records."""
    state = entry.state.strip().upper()
    place = mailing_key(entry.street, entry.city, state, entry.zip)
    known = Owner.objects.identified(name_key(entry.name), place)
    if known is not None:
        return known, False
    owner = Owner(
        name=entry.name.strip(),
        name_key=name_key(entry.name),
        kind=classify_owner(entry.name),
        mailing_street=entry.street.strip(),
        mailing_city=entry.city.strip(),
        mailing_state=state,
        mailing_zip=entry.zip.strip(),
        mailing_key=place,
    )
    read_name_of(owner)
    owner._history_user = by  # type: ignore[attr-defined]  # read by simple-history
    owner.save()
    return owner, True
