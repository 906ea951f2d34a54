"""What a campaign's page does: dry run, launch, pause, resume, end, and the numbers it shows meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from core.models import User
from core.results import Result
from outreach.admin.campaign_form import CampaignForm, aim_of
from outreach.admin.campaign_owners import owners_page, step_lines, stop_lines
from outreach.admin.dry_run_owners import lines_csv, lines_page
from outreach.admin.dry_runs import single_reasons, stored_plan
from outreach.audience import numbers_in
from outreach.campaigns import (
    end_campaign,
    launch_campaign,
    pause_campaign,
    resume_campaign,
    steps_of,
    take_in_more,
)
from outreach.dry_running import ask_dry_run
from outreach.enrolling import reaches_without_number, starts_with_text
from outreach.models import Campaign, CampaignStep, DryRun, Message
from outreach.provider import may_send
from outreach.querysets.messages import REACHED

State = Message.State
FAILED = (State.FAILED, State.UNDELIVERED)
ONLY_IF_ANY = {State.UNCERTAIN: "Outcome unknown", State.DRY_RUN: "Dry run, not sent", State.CANCELLED: "Cancelled"}


def urls(site: admin.AdminSite) -> list[URLPattern]:
    """The dry run is asked for by POST and shown by GET, so that it can be looked at again."""
    deeds = {"launch": launch, "pause": pause, "resume": resume, "end": end, "take_in": take_in}
    return [
        path("<int:pk>/dry-run/", site.admin_view(dry_run), name="outreach_campaign_dry_run"),
        path(
            "<int:pk>/dry-run/owners/",
            site.admin_view(require_GET(dry_run_owners)),
            name="outreach_campaign_dry_owners",
        ),
        path(
            "<int:pk>/dry-run/owners.csv", site.admin_view(require_GET(dry_run_csv)), name="outreach_campaign_dry_csv"
        ),
        path("<int:pk>/owners/", site.admin_view(require_GET(owners)), name="outreach_campaign_owners"),
        path("audience/", site.admin_view(require_POST(count_audience)), name="outreach_campaign_audience"),
        path("<int:pk>/status/", site.admin_view(require_GET(status)), name="outreach_campaign_status"),
        *(
            path(f"<int:pk>/{name}/", site.admin_view(require_POST(view)), name=f"outreach_campaign_{name}")
            for name, view in deeds.items()
        ),
    ]


def dry_run(request: HttpRequest, pk: int) -> HttpResponse:
    if request.method == "POST":
        return _plan(request, _campaign_to_run(request, pk))
    campaign = _campaign_to_see(request, pk)
    steps = steps_of(campaign)
    context = {
        **admin.site.each_context(request),
        "opts": Campaign._meta,
        "title": f"Dry run of “{campaign.name}”",
        "campaign": campaign,
        "plan": stored_plan(campaign),
        "run": DryRun.objects.newest(campaign),
        "may_launch": may_run(request) and campaign.status == Campaign.Status.DRAFT,
        "may_run": may_run(request),
        "starts_otherwise": _starts_otherwise(steps),
        "later_texts": max(0, sum(step.kind == CampaignStep.Kind.TEXT for step in steps) - 1),
        "live": may_send(),
    }
    return TemplateResponse(request, "admin/outreach/campaign/dry_run.html", context)


def _starts_otherwise(steps: Sequence[CampaignStep]) -> bool:
    """With a letter, a call or a wait, or under conditions: whoever gets no text may get those."""
    return bool(steps) and (not starts_with_text(steps) or reaches_without_number(steps))


def launch(request: HttpRequest, pk: int) -> HttpResponse:
    campaign = _campaign_to_run(request, pk)
    if campaign.dry_run is None:
        messages.error(request, "Look at a dry run first: there is none of the campaign as it is now.")
        return _to("dry_run", campaign)
    result = launch_campaign(campaign, by=_person(request))
    _say(request, result, "Launched.")
    return _to("change" if result else "dry_run", campaign)


def take_in(request: HttpRequest, pk: int) -> HttpResponse:
    return _act(request, pk, lambda campaign, by: take_in_more(campaign, by=by), "Taken in.")


def look_for_owners(request: HttpRequest, campaign: Campaign) -> None:
    """Once the campaign was told to take in new leads."""
    take_in_more(campaign, by=_person(request))


def owners(request: HttpRequest, pk: int) -> HttpResponse:
    """Where each owner stands."""
    return owners_page(request, _campaign_to_see(request, pk))


def dry_run_owners(request: HttpRequest, pk: int) -> HttpResponse:
    return lines_page(request, _campaign_to_see(request, pk))


def dry_run_csv(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Names in clear, so it is for whoever may launch, and logged."""
    return lines_csv(request, _campaign_to_run(request, pk))


def count_audience(request: HttpRequest) -> HttpResponse:
    """How many the form's audience reaches, while it is filled in."""
    if not request.user.has_perm("outreach.change_campaign"):
        raise PermissionDenied
    form = CampaignForm(request.POST, instance=_being_changed(request))
    form.is_valid()
    cleaned = form.cleaned_data
    market = cleaned.get("market") or (form.instance.market if form.instance.pk else None)
    aim = aim_of(market, cleaned) if market and cleaned.get("stages") else None
    context = {"numbers": numbers_in(aim, timezone.now(), form.instance) if aim else None, "market": market}
    return TemplateResponse(request, "admin/outreach/campaign/audience.html", context)


def _being_changed(request: HttpRequest) -> Campaign | None:
    return Campaign.objects.by_id(request.POST.get("campaign", ""))


def pause(request: HttpRequest, pk: int) -> HttpResponse:
    reason = request.POST.get("reason", "")
    words = "Paused. What is queued stays queued; what the provider has already cannot be called back."
    return _act(request, pk, lambda campaign, by: pause_campaign(campaign, by=by, reason=reason), words)


def resume(request: HttpRequest, pk: int) -> HttpResponse:
    return _act(request, pk, lambda campaign, by: resume_campaign(campaign, by=by), "The campaign runs again.")


def end(request: HttpRequest, pk: int) -> HttpResponse:
    return _act(request, pk, lambda campaign, by: end_campaign(campaign, by=by), "The campaign has ended.")


def status(request: HttpRequest, pk: int) -> HttpResponse:
    """The numbers alone, for the page's script."""
    context = status_of(request, _campaign_to_see(request, pk))
    return TemplateResponse(request, "admin/outreach/campaign/numbers.html", context)


def status_of(request: HttpRequest, campaign: Campaign) -> dict[str, Any]:
    is_draft = campaign.status == Campaign.Status.DRAFT
    return {
        "campaign": campaign,
        "may_run": may_run(request),
        "numbers": [] if is_draft else _numbers(campaign),
        "steps": [] if is_draft else step_lines(campaign),
        "stops": [] if is_draft else stop_lines(campaign),
        "blocked_reasons": [] if is_draft else single_reasons(Message.objects.blocked_reasons(campaign)),
        "live": may_send(),
    }


def may_run(request: HttpRequest) -> bool:
    return request.user.has_perm("outreach.launch_campaign")


def _plan(request: HttpRequest, campaign: Campaign) -> HttpResponse:
    if campaign.status != Campaign.Status.DRAFT:
        messages.error(request, "The campaign was launched; its page shows what became of its texts.")
    elif not steps_of(campaign):
        messages.error(request, "The campaign has no step yet: add a text, a letter or a call below.")
        return _to("change", campaign)
    else:
        run = ask_dry_run(campaign, by=_person(request))
        if run.state != DryRun.State.DONE:
            messages.info(request, "A large audience: the dry run goes on in the background, this page shows how far.")
    return _to("dry_run", campaign)


def _numbers(campaign: Campaign) -> list[tuple[str, int]]:
    """Label and count; what is rare is left out while there is none."""
    counts = Message.objects.state_counts(campaign)
    always = [
        ("Queued", counts.get(State.QUEUED, 0)),
        ("Sent", sum(counts.get(state, 0) for state in REACHED)),
        ("Delivered", counts.get(State.DELIVERED, 0)),
        ("Failed", sum(counts.get(state, 0) for state in FAILED)),
        ("Blocked", counts.get(State.BLOCKED, 0)),
        ("Replies", Message.objects.answers_to(campaign).count()),
    ]
    return always + [(label, counts[state]) for state, label in ONLY_IF_ANY.items() if counts.get(state)]


def _act(
    request: HttpRequest, pk: int, deed: Callable[[Campaign, User], Result[Campaign]], words: str
) -> HttpResponseRedirect:
    campaign = _campaign_to_run(request, pk)
    _say(request, deed(campaign, _person(request)), words)
    return _to("change", campaign)


def _say(request: HttpRequest, result: Result[Any], words: str) -> None:
    if result:
        messages.success(request, result.message or words)
    else:
        messages.error(request, result.message)


def _campaign_to_see(request: HttpRequest, pk: int) -> Campaign:
    if not request.user.has_perm("outreach.view_campaign"):
        raise PermissionDenied
    return get_object_or_404(Campaign.objects.for_list(), pk=pk)


def _campaign_to_run(request: HttpRequest, pk: int) -> Campaign:
    if not may_run(request):
        raise PermissionDenied
    return get_object_or_404(Campaign.objects.for_list(), pk=pk)


def _person(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


def _to(page: str, campaign: Campaign) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse(f"admin:outreach_campaign_{page}", args=[campaign.pk]))
