"""Which pages and searches are timed, by the addresses that people and programs use, made from what there is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.apps import apps
from django.contrib import admin
from django.urls import reverse
from django.utils import timezone

from core.admin import KeysetAdmin
from core.keyset import encode_cursor
from leads.models import Lead, ListImport, Owner
from local.bench.generated import MANAGER, RARE, phone_of
from outreach.models import Message

PAGE_MS, SEARCH_MS = 100, 250


@dataclass(frozen=True)
class Page:
    what: str
    url: str
    goal_ms: int = PAGE_MS


def pages() -> list[Page]:
    return [*_lead_lists(), *_lead_pages(), *_other_lists(), *_api(), *_searches()]


def _admin(name: str, *arguments: object, **query: object) -> str:
    return reverse(f"admin:{name}", args=arguments) + (f"?{urlencode(query)}" if query else "")


def _lead_lists() -> list[Page]:
    leads = "leads_lead_changelist"
    half = Lead.objects.count() // 2
    deep: dict[str, object] = {"after": _cursor(half)}
    narrowed: dict[str, dict[str, object]] = {
        "first page": {},
        f"page {half // 50:,}": deep,
        "last page": {"before": "end"},
        "market": {"market": "LA"},
        "market, stage": {"market": "LA", "stage": "qualified"},
        "market, stage, deep": {"market": "LA", "stage": "qualified", **deep},
        "market, stage, last page": {"market": "LA", "stage": "qualified", "before": "end"},
        "rare stage": {"stage": "under_contract"},
        "market, rare stage": {"market": "WV", "stage": "hot"},
        "score": {"min_score": "65"},
        "market, stage, score": {"market": "LA", "stage": "contacted", "min_score": "45"},
        "parish": {"parish": "Jefferson"},
        "parish, deep": {"parish": "East Baton Rouge", **deep},
        "mine": {"assigned": "me"},
        "nobody's": {"assigned": "nobody"},
        "on 2 lists": {"lists": "2"},
        "on 3 lists": {"lists": "3"},
        "2 lists of unpaid taxes": {"lists": "distress"},
        "on the adjudicated list": {"on_list": "adjudicated"},
        "on the adjudicated list, last page": {"on_list": "adjudicated", "before": "end"},
        "newly delinquent on a roll": {"roll_change": "delinquent"},
        "all filters": {"market": "LA", "stage": "qualified", "min_score": "25", "parish": "Livingston",
                        "on_list": "delinquent"},
    }  # fmt: skip
    return [Page(f"leads: {what}", _admin(leads, **query)) for what, query in narrowed.items()]


def _cursor(depth: int) -> str:
    lead = Lead.objects.live()[depth]
    return encode_cursor([lead.score, lead.pk])


def _lead_pages() -> list[Page]:
    texted = Message.objects.replies().exclude(lead=None)[0].lead_id
    oldest, newest = Lead.objects.live().order_by("pk")[0].pk, Lead.objects.live().order_by("-pk")[0].pk
    return [
        Page("home page", _admin("index")),
        Page("lead page, with texts", _admin("leads_lead_change", texted)),
        Page("lead page, newest", _admin("leads_lead_change", newest)),
        Page("lead page, archived events", _admin("leads_lead_change", oldest)),
        Page("whole timeline", _admin("leads_lead_timeline", oldest)),
        Page("owner page", _admin("leads_owner_change", texted)),
        Page("parcel page", _admin("leads_parcel_change", texted)),
        Page("phone page", _admin("leads_phonenumber_change", texted)),
    ]


_LISTS: dict[str, dict[str, object]] = {
    "leads_owner": {"kind__exact": "company"},
    "leads_parcel": {"adjudicated__exact": "1"},
    "leads_phonenumber": {"status__exact": "active"},
    "outreach_message": {"state__exact": "delivered"},
    "leads_anyevent": {"kind": "StageChanged"},
    "outreach_calltask": {},
    "leads_duplicatepair": {},
    "leads_listimport": {},
}


def _other_lists() -> list[Page]:
    """Deep pages are asked for in both ways: lists by keyset take `before`, the others a number."""
    found = []
    for name, narrowed in _LISTS.items():
        page, what = f"{name}_changelist", name.partition("_")[2]
        found += [Page(f"{what} list", _admin(page)), Page(f"{what} list, last page", _admin(page, **_last(name)))]
        if narrowed:
            found.append(Page(f"{what} list, filtered", _admin(page, **narrowed)))
    month = f"{timezone.now() - timedelta(days=500):%Y-%m}"
    found.append(Page("event list, an archived month", _admin("leads_anyevent_changelist", when=month)))
    roll = ListImport.objects.order_by("pk")[0].pk
    return [*found, Page("what a roll changed", _admin("leads_listimport_changes", roll))]


def _last(name: str) -> dict[str, object]:
    model = apps.get_model(name.replace("_", "."))
    page: Any = admin.site._registry[model]
    if isinstance(page, KeysetAdmin):
        return {"before": "end"}
    return {"p": page.get_paginator(None, model._default_manager.all(), page.list_per_page).num_pages}


def _api() -> list[Page]:
    url = reverse("lead-list")
    asked: dict[str, dict[str, object]] = {
        "first page": {},
        "deep page": {"cursor": _cursor(Lead.objects.count() // 2)},
        "market, stage": {"market": "LA", "stage": "qualified"},
        "500 a page": {"page_size": 500},
    }
    found = [Page(f"API: {what}", f"{url}?{urlencode(query)}") for what, query in asked.items()]
    search = Page("API: search, two words", f"{url}?{urlencode({'search': 'landry perkins'})}", SEARCH_MS)
    return [*found, Page("API: one lead", reverse("lead-detail", args=[Lead.objects.live()[0].pk])), search]


def _searches() -> list[Page]:
    parcel = Lead.objects.select_related("parcel").order_by("pk")[Lead.objects.count() // 2].parcel
    words = {
        "a parcel number": parcel.number,
        "part of a parcel number": parcel.number[2:8],
        "a situs": parcel.situs_address or "1191 HIGHLAND",
        "two words": "landry perkins",
        "two common words": "smith rd",
        "a rare word": RARE.lower(),
        "a very common word": "smith",
        "a word of two letters": "rd",
        "a word that is nowhere": "qqzxv",
        "a phone number": phone_of(7)[2:],
        "an unknown phone number": "225 999 9999",
    }
    leads = [
        Page(f"search leads: {what}", _admin("leads_lead_changelist", q=text), SEARCH_MS)
        for what, text in words.items()
    ]
    market = _admin("leads_lead_changelist", q="smith", market="LA", stage="qualified")
    return [*leads, Page("search leads: a common word, market, stage", market, SEARCH_MS), *_other_searches(parcel)]


def _other_searches(parcel: Any) -> list[Page]:
    owner = Owner.objects.order_by("pk")[Owner.objects.count() // 2]
    asked = {
        "owners: a name": ("leads_owner", owner.name),
        "owners: a surname": ("leads_owner", "smith"),
        "owners: nowhere": ("leads_owner", "qqzxv"),
        "parcels: a number": ("leads_parcel", parcel.number),
        "parcels: a street": ("leads_parcel", "highland"),
        "phones: a number": ("leads_phonenumber", phone_of(7)[2:]),
        "texts: an owner": ("outreach_message", owner.name),
        "texts: a surname": ("outreach_message", "smith"),
        "texts: a phone number": ("outreach_message", phone_of(8)[2:]),
        "events: an owner": ("leads_anyevent", owner.name),
        "events: a surname": ("leads_anyevent", "smith"),
        "events: a lead": ("leads_anyevent", "4711"),
        "duplicates: a name": ("leads_duplicatepair", "smith"),
        "calls: a name": ("outreach_calltask", "smith"),
    }
    return [
        Page(f"search {what}", _admin(f"{name}_changelist", q=text), SEARCH_MS) for what, (name, text) in asked.items()
    ]


def manager() -> Any:
    from core.models import User

    return User.objects.get(username=MANAGER)
