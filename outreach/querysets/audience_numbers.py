"""How many an audience reaches and why the others drop out, before anything is launched: counted over the owners of
its best leads, so that a million of them take no longer."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from leads.models import Lead, Owner, OwnerPhone
from outreach.gate_facts import Rulebook
from outreach.querysets.messages import opens_campaign

if TYPE_CHECKING:
    from markets.models import Market


TEXTABLE = Rulebook.textable_lines | {"unknown"}
"""Lines that take texts, as far as we know: those that nobody has looked up yet are looked up first."""
OF_THE_NUMBER = frozenset({"wrong_number", "provider", "national_dnc", "state_dnc"})
"""Reasons not to text a number that say nothing of the owner's other numbers. The others are the person's own."""


class AudienceNumbers(NamedTuple):
    """`leads` is exact up to the most that were looked at. An owner may drop out for several reasons."""

    leads: int
    is_more: bool
    owners: int
    no_number: int
    no_consent: int
    suppressed: int
    never_contacted: int
    lately: int
    elsewhere: int
    present: int
    reached: int


def audience_numbers(
    leads: QuerySet[Lead], market: Market, now: datetime, most: int, campaign_id: int = 0
) -> AudienceNumbers:
    """`campaign_id`: of one that goes on, whose own owners are told apart."""
    best = leads.order_by(F("score").desc(nulls_last=True), "-id")
    count = best.order_by()[: most + 1].count()
    owners = Owner.objects.filter(pk__in=best.values("owner_id")[:most]).order_by()
    reasons = _reasons(market, now, campaign_id)
    found: Any = owners.annotate(**reasons).values(*reasons).annotate(number=Count("pk"))
    groups = list(found)
    keeping = set(reasons) - ({"no_consent"} if market.allows_texts_without_consent else set())
    return AudienceNumbers(
        leads=min(count, most),
        is_more=count > most,
        owners=sum(group["number"] for group in groups),
        reached=sum(group["number"] for group in groups if not any(group[name] for name in keeping)),
        **{name: sum(group["number"] for group in groups if group[name]) for name in reasons},
    )


def _reasons(market: Market, now: datetime, campaign_id: int) -> dict[str, Any]:
    from outreach.models import CampaignOwner, Consent, Message, Suppression  # built on these querysets

    owner = OuterRef("pk")
    links = OwnerPhone.objects.in_use().filter(owner=owner, do_not_call=False).exclude(phone__status="bad").order_by()
    textable = links.filter(phone__line_type__in=TEXTABLE)
    agreed = Exists(Consent.objects.filter(owner=owner, revoked_at__isnull=True).order_by())
    in_force = Suppression.objects.filter(lifted_at__isnull=True).order_by()
    stopped = in_force.filter(number_hash__isnull=False)
    said_stop = links.filter(phone__number_hash__in=stopped.exclude(reason__in=OF_THE_NUMBER).values("number_hash"))
    left = textable.exclude(phone__number_hash__in=stopped.values("number_hash"))
    since = now - timedelta(days=market.cooldown_days)
    touched = Message.objects.reached().filter(opens_campaign(), owner=owner, claimed_at__gte=since).order_by()
    mine = CampaignOwner.objects.filter(owner=owner, campaign=campaign_id).order_by()
    others = CampaignOwner.objects.filter(owner=owner, state="active", campaign__status__in=["running", "paused"])
    return {
        "no_number": ~Exists(textable),
        "no_consent": ~agreed,
        "suppressed": Q(Exists(in_force.filter(owner=owner)))
        | Q(Exists(textable)) & ~Q(Exists(left))
        | Q(Exists(said_stop)) & ~Q(agreed),
        "never_contacted": Q(kind__in=Owner.NEVER_CONTACTED),
        "lately": Exists(touched),
        "elsewhere": Exists(others.exclude(campaign=campaign_id).order_by()),
        "present": Exists(mine),
    }
