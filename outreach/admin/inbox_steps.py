"""The buttons of a conversation: each posts here and returns to the page it stood on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme

from core.input_lines import is_id
from core.models import User
from core.results import Result
from outreach.admin.reply_box import seen_of
from outreach.models import Thread
from outreach.threads import (
    assign_thread,
    finish_thread,
    read_thread,
    reopen_thread,
    snooze_thread,
    unread_thread,
)

CHANGE = "outreach.change_message"
MORNING = time(8)
Step = Callable[[HttpRequest, Thread], Result[Thread]]


def do(request: HttpRequest, pk: int, step: str) -> HttpResponse:
    if not request.user.has_perm(CHANGE):
        raise PermissionDenied
    thread, quietly = Thread.objects.for_page().by_id(str(pk)), "X-Quietly" in request.headers
    if thread is None:
        return HttpResponse(status=204) if quietly else gone(request, pk)
    if step == "read":  # by the page itself, as soon as somebody looks at it
        read_thread(thread, seen_of(request))
        return HttpResponse(status=204) if quietly else back_to(request, thread)
    if step not in _STEPS:
        messages.error(request, "There is no such button.")
        return back_to(request, thread)
    result = _STEPS[step](request, thread)
    if result:
        messages.success(request, result.message)
    else:
        messages.error(request, result.message)
    return back_to(request, thread)


def gone(request: HttpRequest, pk: int) -> HttpResponse:
    """For a page that was opened before its conversation went into another. Raises Http404 for no number of any."""
    if not is_id(str(pk)):
        raise Http404
    messages.warning(request, "There is no such conversation now; it may have gone into another. Search for who wrote.")
    return HttpResponseRedirect(reverse("admin:outreach_thread_changelist"))


def back_to(request: HttpRequest, thread: Thread) -> HttpResponse:
    asked = request.POST.get("back", "")
    if url_has_allowed_host_and_scheme(asked, allowed_hosts=None):
        return HttpResponseRedirect(asked)
    return HttpResponseRedirect(reverse("admin:outreach_thread_show", args=[thread.pk]))


def _done(request: HttpRequest, thread: Thread) -> Result[Thread]:
    result = finish_thread(thread, seen_of(request))
    return Result.ok(thread, "Done: it comes back with the next reply.") if result else result


def _unread(request: HttpRequest, thread: Thread) -> Result[Thread]:
    result = unread_thread(thread)
    return Result.ok(thread, "Marked as unread.") if result else result


def _reopen(request: HttpRequest, thread: Thread) -> Result[Thread]:
    reopen_thread(thread)
    return Result.ok(thread, "Open again.")


def _snooze(request: HttpRequest, thread: Thread) -> Result[Thread]:
    until = _moment(thread, request.POST.get("until", ""), request.POST.get("day", ""))
    result = snooze_thread(thread, until, seen_of(request))
    if not result or until is None:
        return result
    return Result.ok(thread, f"Later: it comes back on {until:%b %-d} at {until:%H:%M %Z}, or with the next reply.")


def _assign(request: HttpRequest, thread: Thread) -> Result[Thread]:
    assert isinstance(request.user, User)
    name = request.POST.get("to", "")
    to = User.objects.in_team(name)
    if name and to is None:
        return Result.declined("unknown", f"There is no “{name}” in the team.")
    assign_thread(thread, to=to, by=request.user)
    return Result.ok(thread, f"Given to {to}." if to else "Nobody's now.")


_STEPS: Mapping[str, Step] = {
    "done": _done,
    "unread": _unread,
    "reopen": _reopen,
    "snooze": _snooze,
    "assign": _assign,
}


def _moment(thread: Thread, until: str, day: str) -> datetime | None:
    """In the morning where the market is."""
    zone = ZoneInfo(thread.market.timezone if thread.market else settings.TIME_ZONE)
    today = timezone.now().astimezone(zone).date()
    days = {"tomorrow": today + timedelta(days=1), "week": today + timedelta(days=7 - today.weekday())}
    try:
        chosen = days.get(until) or date.fromisoformat(day)
    except ValueError:
        return None
    return datetime.combine(chosen, MORNING, zone)
