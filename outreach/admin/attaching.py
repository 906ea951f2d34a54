"""Whose is an unknown number? Search, look, confirm; and the way back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from core.models import User
from core.phones import mask
from leads.models import Lead, Owner
from outreach.admin import inbox_steps
from outreach.attaching import attach_number, detach_number
from outreach.models import Message, NumberAttachment, Thread

NEEDED = ("outreach.change_message", "leads.add_ownerphone")
UNDONE_WITHIN = timedelta(days=30)
FOUND = 20
TEXTS = 5


def urls(site: admin.AdminSite) -> list[URLPattern]:
    view = site.admin_view
    return [
        path("<int:pk>/whose/", view(attach), name="outreach_thread_attach"),
        path("whose/<int:pk>/undo/", view(require_POST(undo)), name="outreach_thread_detach"),
    ]


def attach(request: HttpRequest, pk: int) -> HttpResponse:
    _require(request)
    thread = Thread.objects.of_strangers().for_page().by_id(str(pk))
    if thread is None:
        return inbox_steps.gone(request, pk)
    if request.method != "POST":
        return _page(request, thread)
    owner = Owner.objects.by_id(request.POST.get("owner", ""))
    if owner is None:
        messages.error(request, "Choose an owner.")
        return _page(request, thread)
    result = attach_number(thread, owner, by=_person(request))
    if not result or result.value is None:
        messages.error(request, result.message)
        return _page(request, thread)
    messages.success(request, f"The number is {owner.name}'s now, and what was said there.")
    return HttpResponseRedirect(_thread_of(owner))


def undo(request: HttpRequest, pk: int) -> HttpResponse:
    _require(request)
    attachment = get_object_or_404(NumberAttachment.objects.select_related("owner", "phone"), pk=pk)
    result = detach_number(attachment, by=_person(request))
    if result:
        messages.success(request, "Taken back: the number is nobody's again.")
    else:
        messages.error(request, result.message)
    return HttpResponseRedirect(reverse("admin:outreach_thread_changelist") + "?queue=unknown")


def undo_of(request: HttpRequest, thread: Thread) -> str:
    """Where it is taken back that a number was lately said to be this owner's; "" where there is nothing to take."""
    if thread.owner is None or not request.user.has_perms(NEEDED):
        return ""
    said = NumberAttachment.objects.to_undo(thread.owner, timezone.now() - UNDONE_WITHIN)
    return reverse("admin:outreach_thread_detach", args=[said.pk]) if said else ""


def _page(request: HttpRequest, thread: Thread) -> HttpResponse:
    words = request.GET.get("q", "").strip()
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "opts": Thread._meta,
        "title": f"Whose number is {mask(thread.last_message.phone.number)}?",
        "thread": thread,
        "q": words,
        "most": FOUND,
        "leads": list(Lead.objects.for_list().found_by(words)[:FOUND]) if words else [],
        "said": Message.objects.conversation_of(thread, TEXTS),
    }
    return TemplateResponse(request, "admin/outreach/thread/attach.html", context)


def _thread_of(owner: Owner) -> str:
    thread = Thread.objects.of_owner(owner)
    assert thread is not None
    return reverse("admin:outreach_thread_show", args=[thread.pk])


def _require(request: HttpRequest) -> None:
    if not request.user.has_perms(NEEDED):
        raise PermissionDenied


def _person(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user
