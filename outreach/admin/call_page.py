"""One call: whom, about what, what was said before; and the form that closes it with an outcome."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from core.admin import INPUT_CLASSES
from core.models import User
from core.phones import mask
from outreach.calls import log_call, why_not_now
from outreach.models import CallTask

Outcome = CallTask.Outcome
SAID = {
    Outcome.INTERESTED: "Interested: the lead is hot now.",
    Outcome.NOT_INTERESTED: "Not interested: the lead is closed.",
    Outcome.CALL_BACK: "The next call is planned.",
    Outcome.NO_ANSWER: "No answer. After two days it is on the list again, three times in all.",
    Outcome.VOICEMAIL: "Voicemail. After two days it is on the list again, three times in all.",
    Outcome.WRONG_NUMBER: "The number is never texted again, and no longer counts as this owner's.",
}
EARLIER = 10


class OutcomeForm(forms.Form):
    note = forms.CharField(required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))
    call_back_at = forms.DateTimeField(
        label="Call back at",
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        help_text="Needed for “Call back”. Louisiana time.",
    )
    consent_words = forms.CharField(
        label="Agreed to texts",
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Only if you read the script and they said yes: their words. They are the evidence of the consent.",
    )
    stop = forms.BooleanField(
        label="They asked us to stop",
        required=False,
        help_text="Counts like a STOP by text: the number is never texted or called again.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("note", "call_back_at", "consent_words"):
            self.fields[name].widget.attrs["class"] = INPUT_CLASSES


def urls(site: admin.AdminSite) -> list[URLPattern]:
    return [path("<int:pk>/log/", site.admin_view(require_POST(log)), name="outreach_calltask_log")]


def show(page: admin.ModelAdmin[CallTask], request: HttpRequest, object_id: str) -> HttpResponse:
    if not page.has_view_permission(request):
        raise PermissionDenied
    return _page(request, get_object_or_404(CallTask.objects.for_list(), pk=object_id), OutcomeForm())


def log(request: HttpRequest, pk: int) -> HttpResponse:
    if not request.user.has_perm("outreach.change_calltask"):
        raise PermissionDenied
    task = get_object_or_404(CallTask.objects.for_list(), pk=pk)
    form = OutcomeForm(request.POST)
    outcome = request.POST.get("outcome", "")
    if not outcome:
        messages.error(request, "Press the button that says what came of the call.")
    if not outcome or not form.is_valid():
        return _page(request, task, form)
    result = log_call(task, outcome, by=_person(request), **form.cleaned_data)
    if not result:
        messages.error(request, result.message)
        return _page(request, task, form)
    stopped = " The number is never texted or called again." if form.cleaned_data["stop"] else ""
    messages.success(request, f"{task.owner.name}: {SAID[Outcome(outcome)]}{stopped}")
    return HttpResponseRedirect(reverse("admin:outreach_calltask_changelist"))


def _page(request: HttpRequest, task: CallTask, form: OutcomeForm) -> TemplateResponse:
    context = {
        **admin.site.each_context(request),
        "opts": CallTask._meta,
        "title": task.owner.name,
        "task": task,
        "lead": task.lead,
        "parcel": task.lead.parcel,
        "phone": mask(task.phone.number) if task.phone else "",
        "form": form,
        "outcomes": [(outcome.value, outcome.label) for outcome in SAID],
        "why_not_now": "" if task.done_at else why_not_now(task, timezone.now()),
        "earlier": list(CallTask.objects.earlier_of(task)[:EARLIER]),
        "may_log": task.done_at is None
        and not task.lead.put_away
        and request.user.has_perm("outreach.change_calltask"),
        "may_reveal": request.user.has_perm("leads.reveal_phonenumber"),
    }
    return TemplateResponse(request, "admin/outreach/calltask/page.html", context)


def _person(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user
