"""The sidebar: what a rep needs all day first, what is set once last."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.http import HttpRequest
from django.urls import reverse, reverse_lazy

GROUPS: dict[str, dict[str, tuple[str, str]]] = {
    "Work": {
        "outreach.Thread": ("Inbox", "inbox"),
        "leads.Lead": ("Leads", "person_pin_circle"),
        "outreach.Message": ("Messages", "forum"),
        "outreach.CallTask": ("Calls", "call"),
        "ops.Alert": ("Alerts", "notifications"),
    },
    "Outreach": {
        "outreach.Campaign": ("Campaigns", "campaign"),
        "outreach.MessageTemplate": ("Templates", "edit_note"),
        "outreach.LetterExport": ("Letters", "mail"),
        "outreach.SenderNumber": ("Sender numbers", "sim_card"),
        "outreach.Breaker": ("Breakers", "electrical_services"),
        "outreach.Consent": ("Consents", "verified_user"),
        "outreach.Suppression": ("Do not contact", "block"),
    },
    "Records": {
        "leads.ListImport": ("List imports", "upload_file"),
        "leads.ListFeed": ("List feeds", "rss_feed"),
        "leads.MappingProfile": ("Saved mappings", "view_column"),
        "leads.Owner": ("Owners", "group"),
        "leads.DuplicatePair": ("Duplicates", "join_inner"),
        "leads.Parcel": ("Parcels", "landscape"),
        "leads.PhoneNumber": ("Phones", "smartphone"),
        "outreach.PhoneLookup": ("Phone look-ups", "phonelink_ring"),
        "leads.AnyEvent": ("Events", "history"),
        "leads.EventRestore": ("Event archive", "inventory_2"),
    },
    "Markets and rules": {
        "markets.Market": ("Markets", "map"),
        "markets.ContactRule": ("Contact rules", "gavel"),
        "markets.Holiday": ("Holidays", "event_busy"),
        "markets.EmergencyHold": ("Emergency holds", "emergency_home"),
        "outreach.BreakerRule": ("Breaker rules", "electric_meter"),
        "scoring.ScoringProfile": ("Score weights", "tune"),
        "outreach.ReplyLabel": ("How well replies are read", "target"),
        "outreach.ReadingPolicy": ("How replies are read", "psychology"),
    },
    "System": {
        "core.User": ("People", "badge"),
        "django_celery_beat.PeriodicTask": ("Schedules", "schedule"),
        "outreach.WebhookEvent": ("Webhooks", "webhook"),
        "outreach.ModelCall": ("Model calls", "smart_toy"),
        "outreach.CachedAnswer": ("Remembered answers", "memory"),
        "ops.PersonalDataAccess": ("Personal-data access", "visibility"),
    },
}


def sidebar(request: HttpRequest) -> list[dict[str, Any]]:
    """Groups with the pages this person may see."""
    home = {"title": "Today", "icon": "today", "link": reverse_lazy("admin:index")}
    groups = [{"title": title, "separator": True, "items": _items(request, pages)} for title, pages in GROUPS.items()]
    return [{"items": [home]}, *(group for group in groups if group["items"])]


def _items(request: HttpRequest, pages: dict[str, tuple[str, str]]) -> list[dict[str, Any]]:
    return [
        {"title": title, "icon": icon, "link": _list_of(label)}
        for label, (title, icon) in pages.items()
        if request.user.has_perm(_view_permission(label))
    ]


def _list_of(label: str) -> str:
    return reverse(f"admin:{label.lower().replace('.', '_')}_changelist")


def _view_permission(label: str) -> str:
    options = apps.get_model(label)._meta
    return f"{options.app_label}.view_{options.model_name}"
