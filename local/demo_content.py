"""What a demo market has beside its parcels: our numbers, wordings, and people who may be texted."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from django.utils import timezone

from leads.models import Lead, Owner, OwnerPhone, PhoneNumber
from local import environment
from local.demo_data import write_demo_files
from markets.models import Market
from outreach.consents import record_consent
from outreach.models import Campaign, CampaignStep, Consent, MessageTemplate, SenderNumber, TemplateVariant

PARCELS = int(os.environ.get("DEMO_PARCELS", "5000"))
SENDERS = {"LA": ("+12255550140", "+12255550141"), "WV": ("+13045550140", "+13045550141")}
WORDINGS = {
    ("First text", "first_text"): {
        "A": "Hi {{first_name|there}}, {{sender_name}} with {{company}}. Would you consider an offer for your land in "
        "{{parish}}? Reply STOP to opt out.",
        "B": "{{first_name|Hello}}, this is {{sender_name}} at {{company}}. We buy land in {{parish}} as it is. "
        "May I send you an offer? Reply STOP to opt out.",
    },
    ("Follow-up", "follow_up"): {
        "A": "{{sender_name}} with {{company}} again about your land in {{parish}}. Still open to an offer? "
        "Reply STOP to opt out.",
    },
    ("Letter", "letter"): {
        "A": "Dear {{owner_name}},\n\nwe would like to buy your land {{parcel_number}} in {{parish}}. If you prefer a "
        "text, send us the code at the foot of this letter.\n\n{{sender_name}}, {{company}}",
    },
}


def built_in_lists() -> list[tuple[Path, str, str]]:
    """The generated files, with parish and source, in the order in which a team would load them."""
    files = write_demo_files(environment.local_dir() / "demo", PARCELS)
    parish = "East Baton Rouge"
    return [
        (files.roll, parish, "tax_roll"),
        (files.livingston, "Livingston", "tax_roll"),
        (files.adjudicated, parish, "adjudicated"),
        (files.delinquent, parish, "delinquent"),
        (files.skip_trace, parish, "skip_trace"),
        (files.gis, parish, "gis"),
    ]


def furnish(market: Market) -> None:
    """Sender numbers of the market and the general templates, where they are missing."""
    for number in SENDERS.get(market.code.upper(), ("+12255550149",)):
        SenderNumber.objects.get_or_create(
            number=number, defaults={"market": market, "label": f"{market} {number[-4:]}"}
        )
    for (name, purpose), variants in WORDINGS.items():
        template, _ = MessageTemplate.objects.get_or_create(name=name, market=None, defaults={"purpose": purpose})
        for variant, body in variants.items():
            TemplateVariant.objects.get_or_create(template=template, name=variant, defaults={"body": body})


def lift_caps(market: Market) -> None:
    """For a demo that lives through one day: nothing is put off until tomorrow."""
    SenderNumber.objects.filter(market=market).update(daily_cap=1000, segments_per_minute=10_000)
    market.daily_text_cap = 1000
    market.save()


def textable_leads(market: Market, limit: int) -> Iterator[Lead]:
    """One qualified lead per owner with a number, best score first."""
    seen: set[int] = set()
    leads = Lead.objects.open().filter(market=market, stage="qualified", owner__phone_links__until__isnull=True)
    for lead in leads.filter(owner__phone_links__phone__isnull=False).select_related("owner").order_by("-score", "id"):
        if lead.owner_id not in seen and len(seen) < limit:
            seen.add(lead.owner_id)
            yield lead


def give_numbers(market: Market, limit: int) -> int:
    """A simulated skip trace for a list that brings no phones; returns how many owners got one."""
    leads = Lead.objects.open().filter(market=market, stage="qualified", owner__phone_links__isnull=True)
    owners = {lead.owner_id: lead.owner for lead in leads.select_related("owner").order_by("-score", "id")}
    for owner in list(owners.values())[:limit]:
        phone = PhoneNumber.objects.known(_number_of(owner, market))
        OwnerPhone.objects.get_or_create(
            owner=owner, phone=phone, until=None, defaults={"source": "simulated", "since": timezone.now()}
        )
    return min(len(owners), limit)


def give_consents(leads: Iterable[Lead]) -> int:
    given = 0
    for lead in leads:
        record_consent(lead.owner, Consent.Basis.WEB_FORM, evidence="Demo: filled in the form on our web page")
        given += 1
    return given


def draft_campaign(market: Market, name: str, daily_cap: int = 60) -> Campaign:
    campaign, created = Campaign.objects.get_or_create(name=name, defaults={"market": market, "daily_cap": daily_cap})
    if created:
        template = MessageTemplate.objects.get(name="First text", market=None)
        CampaignStep.objects.create(campaign=campaign, template=template)
    return campaign


def _number_of(owner: Owner, market: Market) -> str:
    """Deterministic, in the market's area code, never one of the simulator's fault numbers."""
    area = "304" if market.state == "WV" else "225"
    digest = int.from_bytes(hashlib.sha256(f"{owner.name_key}:{owner.pk}".encode()).digest()[:4], "big")
    return f"+1{area}{200 + digest % 700}{1000 + digest // 700 % 9000:04d}"
