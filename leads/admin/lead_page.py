"""One lead: everything known about it on one page, and what can be done from there; each button is a view here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from core.admin import INPUT_CLASSES
from core.models import User
from core.results import Result
from leads.admin.badges import KIND_COLOURS, STAGE_COLOURS
from leads.admin.deed_page import do_to_one
from leads.admin.deeds import DELETE, deeds_for
from leads.admin.numbers import number_lines
from leads.admin.panels import render_panels
from leads.admin.timeline import timeline
from leads.admin.transfers import lead_urls, waiting_context
from leads.admin.whole_timeline import bring_back, show_whole
from leads.assignment import add_note, plan_lead
from leads.changes import Changed
from leads.models import AnyEvent, Lead, LeadTag, Ownership, ParcelList, Tag
from leads.pipeline import move_lead, open_stages
from leads.stages import Stage
from leads.tagging import PERMISSION as MAY_TAG
from leads.tagging import tag_leads, untag_leads

SAY_WHY = (Stage.DISQUALIFIED, Stage.DEAD, Stage.ARCHIVED)
"""Moves for which a reason is asked: they take a lead out of the work."""


class PlanForm(forms.ModelForm):
    class Meta:
        model = Lead
        fields = ["assigned_to", "next_action_at"]
        widgets = {"next_action_at": forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["assigned_to"].queryset = User.objects.team()  # type: ignore[attr-defined]
        self.fields["assigned_to"].empty_label = "Nobody"  # type: ignore[attr-defined]
        for field in self.fields.values():
            field.widget.attrs["class"] = INPUT_CLASSES


class NoteForm(forms.Form):
    text = forms.CharField(
        label="Note",
        max_length=2000,
        widget=forms.Textarea(
            attrs={"rows": 2, "class": INPUT_CLASSES, "placeholder": "What was said, what was agreed"}
        ),
    )


def urls(site: admin.AdminSite) -> list[URLPattern]:
    steps = {"move": move, "plan": plan, "note": note, "tag": tag, "untag": untag, "bring_back": bring_back}
    deed = path("<int:pk>/do/<slug:name>/", site.admin_view(do_to_one), name="leads_lead_deed")
    whole = path("<int:pk>/timeline/", site.admin_view(show_whole), name="leads_lead_timeline")
    return [
        deed,
        whole,
        *lead_urls(site),
        *(
            path(f"<int:pk>/{name}/", site.admin_view(require_POST(view)), name=f"leads_lead_{name}")
            for name, view in steps.items()
        ),
    ]


def show(page: admin.ModelAdmin[Lead], request: HttpRequest, object_id: str) -> HttpResponse:
    leads = Lead.objects.with_page() if request.user.has_perm(DELETE.permission) else Lead.objects.for_page()
    lead = get_object_or_404(leads, pk=object_id)
    if not page.has_view_permission(request, lead):
        raise PermissionDenied
    context = {
        **page.admin_site.each_context(request),
        "opts": page.opts,
        "title": lead.owner.name,
        "subtitle": str(lead),
        "may_change": request.user.has_perm("leads.change_lead") and lead.deleted_at is None,
        **_facts(request, lead),
    }
    return TemplateResponse(request, "admin/leads/lead/page.html", context)


def move(request: HttpRequest, pk: int) -> HttpResponse:
    lead = get_object_or_404(Lead.objects.live(), pk=pk)
    to, reason = request.POST.get("to", ""), request.POST.get("reason", "").strip()
    if to in SAY_WHY and not reason:
        messages.error(request, f"Say why the lead goes to “{Stage(to).label}”: write a reason first.")
        return _back(request, lead)
    result = move_lead(lead, to, by=_person(request), reason=reason)
    if result:
        messages.success(request, f"The lead is now in “{Stage(to).label}”.")
    else:
        messages.error(request, result.message)
    return _back(request, lead)


def plan(request: HttpRequest, pk: int) -> HttpResponse:
    lead = _changeable(request, pk)
    form = PlanForm(request.POST, instance=lead)
    if not form.is_valid():
        messages.error(request, "; ".join(f"{name}: {text[0]}" for name, text in form.errors.items()))
        return _back(request, lead)
    wanted = form.cleaned_data
    plan_lead(lead, **{name: wanted[name] for name in PlanForm.Meta.fields}, by=_person(request))
    messages.success(request, "Saved.")
    return _back(request, lead)


def note(request: HttpRequest, pk: int) -> HttpResponse:
    lead = _changeable(request, pk)
    form = NoteForm(request.POST)
    if form.is_valid():
        add_note(lead, form.cleaned_data["text"], by=_person(request))
        messages.success(request, "The note is on the timeline.")
    else:
        messages.error(request, "The note is empty.")
    return _back(request, lead)


def tag(request: HttpRequest, pk: int) -> HttpResponse:
    return _tag(request, pk, tag_leads)


def untag(request: HttpRequest, pk: int) -> HttpResponse:
    return _tag(request, pk, untag_leads)


def _tag(request: HttpRequest, pk: int, service: Callable[..., Result[Changed]]) -> HttpResponse:
    lead = get_object_or_404(Lead.objects.live(), pk=pk)
    result = service(Lead.objects.just(lead), request.POST.get("tag", ""), by=_person(request))
    if not result:
        messages.error(request, result.message)
    return _back(request, lead)


def _facts(request: HttpRequest, lead: Lead) -> dict[str, Any]:
    return {
        "lead": lead,
        "parcel": lead.parcel,
        "owner": lead.owner,
        "stage_colour": STAGE_COLOURS[lead.stage],
        "kind_colour": KIND_COLOURS.get(lead.owner.kind, ""),
        "never_contacted": lead.owner.kind in lead.owner.NEVER_CONTACTED,
        "numbers": number_lines(request, lead.owner),
        **waiting_context(request, lead),
        "put_away": AnyEvent.objects.last_put_away(lead) if lead.put_away else None,
        "moves": moves_of(lead, _person(request)),
        "deeds": deeds_for(lead, _person(request)),
        "lists": list(ParcelList.objects.of_parcel(lead.parcel)),
        "tags": list(LeadTag.objects.of_lead(lead)),
        "known_tags": list(Tag.objects.in_market(lead.market)),
        "may_tag": request.user.has_perm(MAY_TAG) and lead.deleted_at is None,
        "owners": list(Ownership.objects.of_parcel(lead.parcel)),
        "other_leads": list(Lead.objects.others_of(lead)[:10]),
        "timeline": timeline(lead),
        "plan_form": PlanForm(instance=lead),
        "input_classes": INPUT_CLASSES,
        "note_form": NoteForm(),
        "panels": render_panels(request, lead),
        "may_reveal": request.user.has_perm("leads.reveal_phonenumber"),
    }


def moves_of(lead: Lead, by: User) -> list[tuple[Stage, bool]]:
    """The stages this person may move it to, and whether a reason is asked."""
    return [(stage, stage in SAY_WHY) for stage in _moves(lead, by)]


def _moves(lead: Lead, by: User) -> list[Stage]:
    """Without archiving and coming back, which have pages of their own."""
    if lead.deleted_at is not None or lead.stage in (Stage.DEAD, Stage.ARCHIVED):
        return []
    return [stage for stage in open_stages(lead, by) if stage != Stage.ARCHIVED]


def _changeable(request: HttpRequest, pk: int) -> Lead:
    if not request.user.has_perm("leads.change_lead"):
        raise PermissionDenied
    return get_object_or_404(Lead.objects.live(), pk=pk)


def _person(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


def _back(request: HttpRequest, lead: Lead) -> HttpResponse:
    """To the page whose button was pressed; the inbox has them too."""
    asked = request.POST.get("back", "")
    if url_has_allowed_host_and_scheme(asked, allowed_hosts=None):
        return HttpResponseRedirect(asked)
    return HttpResponseRedirect(reverse("admin:leads_lead_change", args=[lead.pk]))
