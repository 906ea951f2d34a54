"""The three roles and what each may do; synchronised to groups after every migrate."""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig, apps

VIEW_EVERYTHING = ("markets", "leads", "scoring", "outreach", "ops")

REP = (
    "leads.change_lead",
    "leads.work_lead",
    "leads.offer_lead",
    "leads.qualify_lead",
    "leads.change_owner",
    "leads.add_ownerphone",
    "leads.change_ownerphone",
    "leads.transfer_parcel",
    "leads.reveal_phonenumber",
    "outreach.add_consent",
    "outreach.change_calltask",
    "outreach.add_calltask",
    "outreach.send_message",
    "outreach.change_message",
    "ops.change_alert",
)
MANAGER = (
    "leads.contract_lead",
    "leads.archive_lead",
    "leads.assign_lead",
    "leads.transfer_lead",
    "leads.delete_lead",
    "leads.run_listimport",
    "leads.add_listimport",
    "leads.change_listimport",
    "leads.add_listfeed",
    "leads.change_listfeed",
    "leads.delete_listfeed",
    "leads.change_mappingprofile",
    "leads.delete_mappingprofile",
    "leads.change_parcel",
    "leads.reopen_ownerphone",
    "leads.merge_owner",
    "leads.restore_event",
    "markets.add_market",
    "markets.change_market",
    "markets.add_parish",
    "markets.change_parish",
    "markets.change_contactrule",
    "markets.add_contactrule",
    "markets.add_holiday",
    "markets.add_emergencyhold",
    "markets.change_emergencyhold",
    "scoring.add_scoringprofile",
    "scoring.change_scoringprofile",
    "scoring.add_sale",
    "scoring.change_sale",
    "outreach.add_campaign",
    "outreach.change_campaign",
    "outreach.add_campaignstep",
    "outreach.change_campaignstep",
    "outreach.delete_campaignstep",
    "outreach.launch_campaign",
    "outreach.add_messagetemplate",
    "outreach.change_messagetemplate",
    "outreach.add_templatevariant",
    "outreach.change_templatevariant",
    "outreach.add_sendernumber",
    "outreach.change_sendernumber",
    "outreach.add_suppression",
    "outreach.lift_suppression",
    "outreach.add_letterexport",
    "outreach.close_breaker",
    "outreach.change_breakerrule",
    "outreach.export_evidence",
    "outreach.change_readingpolicy",
)
ADMINISTRATOR = (
    "markets.widen_consent",
    "markets.change_holiday",
    "markets.delete_holiday",
    "core.add_user",
    "core.change_user",
    "core.view_user",
)


def sync_roles(sender: AppConfig, **kwargs: Any) -> None:
    """Gives each group exactly its permissions. Runs after migrate, when the rooms' permissions exist."""
    from django.contrib.auth.management import create_permissions
    from django.contrib.auth.models import Group, Permission

    for room in (*VIEW_EVERYTHING, "core", "django_celery_beat"):
        create_permissions(apps.get_app_config(room), verbosity=0)
    known = {f"{p.content_type.app_label}.{p.codename}": p for p in Permission.objects.select_related("content_type")}
    views = [p for name, p in known.items() if name.split(".")[0] in VIEW_EVERYTHING and ".view_" in name]
    beat = [p for name, p in known.items() if name.startswith("django_celery_beat.")]
    rep = [*views, *(known[name] for name in REP)]
    manager = [*rep, *(known[name] for name in MANAGER)]
    administrator = [*manager, *beat, *(known[name] for name in ADMINISTRATOR)]
    for role, permissions in {"rep": rep, "manager": manager, "administrator": administrator}.items():
        group, _ = Group.objects.get_or_create(name=role)
        group.permissions.set(permissions)
