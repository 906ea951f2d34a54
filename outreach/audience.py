"""Whom a campaign would text: one lead and one number per owner."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, TypeVar

from leads.models import Lead, ListImport, OwnerPhone, PhoneNumber
from leads.stages import Stage
from outreach.querysets.audience import (
    Aim,
    aimed_at,
    campaign_leads,
    leads_for_texts,
    leads_of,
    numbers_of,
    owners_among,
)
from outreach.querysets.audience_numbers import OF_THE_NUMBER, AudienceNumbers, audience_numbers

if TYPE_CHECKING:
    from outreach.models import Campaign

CHUNK = 500
COUNTED = 50_000
"""Leads that a count looks at, the best first: more would keep people waiting."""
COUNTED_LIVE = 20_000
"""The same while somebody fills in the form."""
Item = TypeVar("Item")
LineType = PhoneNumber.LineType
FITNESS = {LineType.MOBILE: 0, LineType.VOIP: 0, LineType.UNKNOWN: 1}
UNFIT = 2


@dataclass(frozen=True)
class Prospect:
    lead: Lead
    phone: PhoneNumber | None


def lead_chunks(campaign: Campaign, present: Collection[int] = ()) -> Iterator[list[Lead]]:
    """The best leads of the owners it aims at and who are not among those present, best first."""
    for chunk in _chunks(campaign_leads(campaign).iterator(chunk_size=CHUNK)):
        yield [lead for lead in chunk if lead.owner_id not in present]


def is_larger_than(campaign: Campaign, leads: int) -> bool:
    """Whether more leads than that match, without counting them all."""
    return aimed_at(campaign).order_by()[: leads + 1].count() > leads


def count_up_to(campaign: Campaign, most: int) -> int:
    """Owners it aims at, as far as the best so many leads tell."""
    return owners_among(aimed_at(campaign), most)


def anybody_in(aim: Aim) -> bool:
    return leads_of(aim).exists()


def numbers_in(aim: Aim, now: datetime, campaign: Campaign | None = None) -> AudienceNumbers:
    """How many it would reach and why the others drop out, of its best leads."""
    return audience_numbers(leads_of(aim), aim.market, now, COUNTED_LIVE, (campaign and campaign.pk) or 0)


def why_nobody(campaign: Campaign) -> str:
    """What is wrong with an audience nobody of whom can be taken in, in words."""
    found = aimed_at(campaign).count()
    if not found:
        return "No lead matches this audience: widen the stages, the score, the parishes, the lists or the tags."
    leads = f"{found:,} lead{'' if found == 1 else 's'}"
    why = "no owner has a number, or another campaign has them under way"
    return f"{leads} match this audience, but {why}; nothing was queued."


def lead_id_chunks(campaign: Campaign, present: Collection[int] = ()) -> list[list[int]]:
    """The same as ids, all at once: what is done with each chunk is a transaction of its own."""
    rows = campaign_leads(campaign).values_list("pk", "owner_id").iterator(chunk_size=10_000)
    return list(_chunks(iter([lead_id for lead_id, owner_id in rows if owner_id not in present])))


def leads_by_id(lead_ids: Sequence[int]) -> list[Lead]:
    """Those that are still open, in this order."""
    found = leads_for_texts(lead_ids)
    return [found[lead_id] for lead_id in lead_ids if lead_id in found]


def _chunks(items: Iterator[Item]) -> Iterator[list[Item]]:
    while chunk := list(islice(items, CHUNK)):
        yield chunk


def with_numbers(leads: list[Lead]) -> list[Prospect]:
    """With the number a text would go to; that of an owner who may not be texted at all is the one that says why."""
    numbers = _numbers_with_stops(lead.owner_id for lead in leads)
    return [Prospect(lead, _best_for_text(numbers[lead.owner_id])) for lead in leads]


def _best_for_text(links: Sequence[NumberOfOwner]) -> PhoneNumber | None:
    free = [number.link for number in links if number.is_free]
    stopped = [number.link for number in links if number.is_stopped]
    return best_textable(free) or best_number(stopped) or best_number(number.link for number in links)


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


def textable_of_owners(owner_ids: Iterable[int]) -> dict[int, list[PhoneNumber]]:
    """Owner -> numbers that take texts as far as we know and may be tried, the best first."""
    return _in_order(owner_ids, lambda number: number.is_free and _unfitness(number.link) < UNFIT, _unfitness)


def callable_of_owners(owner_ids: Iterable[int]) -> dict[int, list[PhoneNumber]]:
    """Owner -> numbers that may be called, the best first; a landline is as good as any."""
    return _in_order(owner_ids, lambda number: not number.is_stopped and _is_callable(number.link), lambda link: 0)


@dataclass(frozen=True)
class NumberOfOwner:
    """`is_stopped`: suppressed itself. `is_free`: a text may be tried there, as far as suppressions tell."""

    link: OwnerPhone
    is_stopped: bool
    is_free: bool


def _numbers_with_stops(owner_ids: Iterable[int]) -> dict[int, list[NumberOfOwner]]:
    """Whoever said stop at one number is not tried at the next, save where they agreed to it."""
    from outreach.models import Consent, Suppression  # the models are built on what this module serves

    links = list(numbers_of(owner_ids))
    stopped = Suppression.objects.reasons_among(bytes(link.phone.number_hash) for link in links)
    reasons = {link.pk: stopped.get(bytes(link.phone.number_hash), set()) for link in links}
    said_stop = {link.owner_id for link in links if reasons[link.pk] - OF_THE_NUMBER}
    agreed = Consent.objects.numbers_agreed(said_stop)
    numbers: dict[int, list[NumberOfOwner]] = defaultdict(list)
    for link in links:
        may_try = link.owner_id not in said_stop or bool(agreed[link.owner_id] & {None, link.phone_id})
        is_stopped = bool(reasons[link.pk])
        numbers[link.owner_id].append(NumberOfOwner(link, is_stopped, may_try and not is_stopped))
    return numbers


def _in_order(
    owner_ids: Iterable[int], fits: Callable[[NumberOfOwner], bool], rank: Callable[[OwnerPhone], int]
) -> dict[int, list[PhoneNumber]]:
    found: dict[int, list[PhoneNumber]] = defaultdict(list)
    for owner_id, numbers in _numbers_with_stops(owner_ids).items():
        links = [number.link for number in numbers if fits(number)]
        found[owner_id] = [link.phone for link in sorted(links, key=lambda link: (rank(link), link.rank, link.pk))]
    return found


def _is_callable(link: OwnerPhone) -> bool:
    return not link.do_not_call and link.phone.status != PhoneNumber.Status.BAD


def audience_in_words(campaign: Campaign) -> str:
    """Whom it aims at, as a manager says it."""
    floor = campaign.market.contact_score if campaign.min_score is None else campaign.min_score
    parishes = ", ".join(parish.name for parish in campaign.parishes.all())
    lists = ", ".join(str(ListImport.Source(source).label) for source in campaign.lists)
    tags = ", ".join(f"“{tag.name}”" for tag in campaign.tags.all())
    parts = [
        ", ".join(str(Stage(stage).label) for stage in campaign.stages),
        f"score {floor} and more",
        parishes or "all parishes of the market",
        f"on the lists {lists}" if lists else "",
        f"tagged {tags}" if tags else "",
        campaign.get_consent_display().lower() if campaign.consent else "",
    ]
    return "; ".join(part for part in parts if part)
