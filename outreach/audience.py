"""Whom a campaign would text: one lead and one number per owner."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from leads.models import Lead, OwnerPhone, PhoneNumber
from outreach.querysets.audience import campaign_leads, numbers_of

if TYPE_CHECKING:
    from outreach.models import Campaign

CHUNK = 500
LineType = PhoneNumber.LineType
FITNESS = {LineType.MOBILE: 0, LineType.VOIP: 0, LineType.UNKNOWN: 1}
UNFIT = 2


@dataclass(frozen=True)
class Prospect:
    lead: Lead
    phone: PhoneNumber | None


def prospects(campaign: Campaign) -> Iterator[list[Prospect]]:
    """The campaign's owners, best lead first, in chunks."""
    leads = campaign_leads(campaign).iterator(chunk_size=CHUNK)
    while chunk := list(islice(leads, CHUNK)):
        yield with_numbers(chunk)


def with_numbers(leads: list[Lead]) -> list[Prospect]:
    numbers: dict[int, list[OwnerPhone]] = defaultdict(list)
    for link in numbers_of(lead.owner_id for lead in leads):
        numbers[link.owner_id].append(link)
    return [Prospect(lead, best_number(numbers[lead.owner_id])) for lead in leads]


def best_number(links: Iterable[OwnerPhone]) -> PhoneNumber | None:
    """The best ranked of those that can be texted, as far as we know; listed and bad numbers come last."""
    ordered = sorted(links, key=lambda link: (_unfitness(link), link.rank, link.pk))
    return ordered[0].phone if ordered else None


def _unfitness(link: OwnerPhone) -> int:
    if link.do_not_call or link.phone.status == PhoneNumber.Status.BAD:
        return UNFIT + 1
    return FITNESS.get(LineType(link.phone.line_type), UNFIT)


def best_textable(links: Iterable[OwnerPhone]) -> PhoneNumber | None:
    """The best of them, but none that is known not to take texts."""
    return best_number(link for link in links if _unfitness(link) < UNFIT)


def best_to_call(links: Iterable[OwnerPhone]) -> PhoneNumber | None:
    """The best ranked that is on no list and not known to be bad; a landline is as good as any."""
    callable_ = [link for link in links if not link.do_not_call and link.phone.status != PhoneNumber.Status.BAD]
    return min(callable_, key=lambda link: (link.rank, link.pk)).phone if callable_ else None
