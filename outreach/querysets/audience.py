"""What outreach asks about leads and their owners' numbers: whom could a campaign, a letter or a call reach?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from leads.models import Lead, LeadTag, Owner, OwnerPhone
from leads.stages import Stage

if TYPE_CHECKING:
    from markets.models import Market
    from outreach.models import Campaign

UNTOUCHED = (Stage.QUALIFIED, Stage.CONTACTED)


def campaign_leads(campaign: Campaign) -> QuerySet[Lead]:
    """The best lead of each owner the campaign aims at, best score first."""
    return best_per_owner(aimed_at(campaign))


@dataclass(frozen=True)
class Aim:
    """An audience as plain values: `parishes` and `tags` are ids, each of them any; on all of the `lists`."""

    market: Market
    stages: Sequence[str]
    min_score: int | None = None
    parishes: Sequence[int] = ()
    tags: Sequence[int] = ()
    lists: Sequence[str] = ()
    consent: str = ""


def aimed_at(campaign: Campaign) -> QuerySet[Lead]:
    """Every lead that matches, several of one owner too."""
    parishes = list(campaign.parishes.values_list("pk", flat=True))
    tags = list(campaign.tags.values_list("pk", flat=True))
    aim = Aim(campaign.market, campaign.stages, campaign.min_score, parishes, tags, campaign.lists, campaign.consent)
    return leads_of(aim)


def leads_of(aim: Aim) -> QuerySet[Lead]:
    floor = aim.market.contact_score if aim.min_score is None else aim.min_score
    found = Lead.objects.open().settled().filter(market=aim.market, stage__in=aim.stages, score__gte=floor)
    if aim.parishes:
        found = found.filter(parcel__parish__in=aim.parishes)
    if aim.tags:
        found = found.filter(pk__in=LeadTag.objects.filter(tag__in=aim.tags).order_by().values("lead"))
    for source in aim.lists:
        found = found.on_list(source)
    agreed = _exists("Consent", revoked_at__isnull=True)
    return found.filter(agreed) if aim.consent == "has" else found.exclude(agreed) if aim.consent == "lacks" else found


def best_per_owner(leads: QuerySet[Lead]) -> QuerySet[Lead]:
    best = leads.order_by("owner_id", F("score").desc(nulls_last=True), "id").distinct("owner_id").values("pk")
    return _for_texts(Lead.objects.filter(pk__in=best)).order_by(F("score").desc(nulls_last=True), "-id")


def owners_among(leads: QuerySet[Lead], most: int) -> int:
    """Different owners of the best so many of these leads."""
    best = leads.order_by(F("score").desc(nulls_last=True), "-id").values("owner_id")[:most]
    return Lead.objects.filter(owner_id__in=best).order_by().values("owner_id").distinct().count()


def leads_for_texts(lead_ids: Iterable[int]) -> dict[int, Lead]:
    """Those of these that are open and settled, by id, with what wording a text needs."""
    return {lead.pk: lead for lead in _for_texts(Lead.objects.open().settled().filter(pk__in=list(lead_ids)))}


def _for_texts(leads: QuerySet[Lead]) -> QuerySet[Lead]:
    related = ("owner", "market", "parcel", "parcel__parish__market")
    return leads.select_related(*related).defer("parcel__legal_description")


def unreached_leads(market: Market) -> QuerySet[Lead]:
    """Open leads worth a first touch whose owner may be contacted at all and has no consent for a text in force."""
    worth = Lead.objects.open().settled().filter(market=market, stage__in=UNTOUCHED, score__gte=market.contact_score)
    contactable = worth.filter(owner__merged_into__isnull=True).exclude(owner__kind__in=Owner.NEVER_CONTACTED)
    improved = Q(parcel__improvement_value__gt=F("parcel__land_value"))
    bare = contactable.exclude(improved & Q(parcel__land_value__isnull=False))
    return bare.exclude(_exists("Consent", revoked_at__isnull=True)).exclude(
        _exists("Suppression", lifted_at__isnull=True)
    )


def letter_leads(market: Market, not_since: datetime) -> QuerySet[Lead]:
    """Of those, the ones with a whole mailing address and no letter lately."""
    addressed = unreached_leads(market).exclude(
        Q(owner__mailing_street="") | Q(owner__mailing_city="") | Q(owner__mailing_state="") | Q(owner__mailing_zip="")
    )
    return best_per_owner(addressed.exclude(_exists("Letter", export__created_at__gte=not_since)))


def lead_to_preview(market: Market | None, owner: Owner | None) -> Lead | None:
    """The lead a wording is shown for: the owner's best one, else the best of the market."""
    leads = Lead.objects.open().filter(owner=owner) if owner else Lead.objects.open().filter(score__isnull=False)
    wanted = leads.filter(market=market) if market else leads
    return wanted.for_list().order_by(F("score").desc(nulls_last=True), "-id").first()


def leads_to_try(market: Market | None, limit: int) -> list[Lead]:
    """Whom a wording is tried on before it is used: the best leads of the market, or of all."""
    leads = Lead.objects.open().filter(score__isnull=False, **({"market": market} if market else {}))
    return list(leads.for_list().order_by(F("score").desc(nulls_last=True), "-id")[:limit])


def call_leads(market: Market, not_since: datetime) -> QuerySet[Lead]:
    """Of those, the ones with a number that may be called, no open call and none lately."""
    callable_ = OwnerPhone.objects.in_use().filter(owner=OuterRef("owner"), do_not_call=False)
    with_phone = unreached_leads(market).filter(Exists(callable_.exclude(phone__status="bad")))
    waiting = Q(_exists("CallTask", done_at__isnull=True)) | Q(
        _exists("CallTask", ~Q(outcome="cancelled"), done_at__gte=not_since)
    )
    return best_per_owner(with_phone.exclude(waiting))


def numbers_of(owner_ids: Iterable[int]) -> QuerySet[OwnerPhone]:
    """The numbers of these owners that outreach may use, first rank first."""
    current = OwnerPhone.objects.in_use().filter(owner_id__in=list(owner_ids))
    return current.select_related("phone").order_by("owner_id", "rank", "id")


class Idle(NamedTuple):
    """Why outreach may not use a number for an owner, and since when."""

    why: str
    since: datetime


def idle_numbers(owner_ids: Iterable[int]) -> dict[tuple[int, int], Idle]:
    """By owner and number."""
    links = OwnerPhone.objects.idle_of(owner_ids)
    confirmed = OwnerPhone.objects.first_confirmed({link.owner_id for link in links if link.until is None})
    return {(link.owner_id, link.phone_id): _idle(link, confirmed) for link in links}


def _idle(link: OwnerPhone, confirmed: dict[int, datetime]) -> Idle:
    if link.until is None:
        return Idle("another number of this owner is confirmed", confirmed.get(link.owner_id, link.since))
    why = f": {link.get_end_reason_display().lower()}" if link.end_reason else ""
    return Idle(f"the number is not this owner's any more{why}", link.until)


def listed_numbers(phone_ids: Iterable[int]) -> set[int]:
    """Those of these numbers that any list calls do-not-call."""
    listed = OwnerPhone.objects.filter(phone_id__in=list(phone_ids), do_not_call=True)
    return set(listed.values_list("phone_id", flat=True))


def _exists(model: str, *which: Q, **condition: object) -> Exists:
    from outreach import models  # the models are built on these querysets

    return Exists(getattr(models, model).objects.filter(*which, owner=OuterRef("owner"), **condition))
