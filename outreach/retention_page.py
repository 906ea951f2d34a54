"""Deleted leads: what the nightly clean-up would remove, counted before anybody switches it on."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from core.admin import INPUT_CLASSES
from leads.deleting import PERMISSION
from leads.models import Lead
from markets.models import LEAST_DELETED_DAYS
from outreach.retention import plan_clean_up
from outreach.retention_sql import KEPT

SUPPOSED = 365


class DaysForm(forms.Form):
    days = forms.IntegerField(
        label="Suppose days",
        min_value=LEAST_DELETED_DAYS,
        max_value=36_500,
        widget=forms.NumberInput(attrs={"class": INPUT_CLASSES}),
    )


def show(request: HttpRequest) -> HttpResponse:
    if not request.user.has_perm(PERMISSION):
        raise PermissionDenied
    form = DaysForm(request.GET if "days" in request.GET else {"days": SUPPOSED})
    days = form.cleaned_data["days"] if form.is_valid() else SUPPOSED
    plans = plan_clean_up(suppose_days=days)
    context = {
        **admin.site.each_context(request),
        "opts": Lead._meta,
        "title": "Deleted leads",
        "form": form,
        "days": days,
        "rows": [_row(plan) for plan in plans],
        "reasons": list(KEPT),
        "deleted": sum(plan.deleted for plan in plans),
        "may_change": request.user.has_perm("markets.change_market"),
    }
    return TemplateResponse(request, "admin/outreach/retention.html", context)


def _row(plan: Any) -> dict[str, Any]:
    on = plan.market.deleted_leads_kept_days is not None
    kept = [(why, plan.kept[why]) for why in KEPT if why in plan.kept]
    return {"plan": plan, "market": plan.market, "on": on, "kept": kept, "kept_total": sum(plan.kept.values())}
