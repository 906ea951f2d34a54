"""The inbox: conversations, the chosen one with its reply box, and what is known of the lead, on one page.

The page is whole without scripts; with them `live` keeps it up to date, and keys do what its buttons do.
"""

from __future__ import annotations

import hashlib
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified, JsonResponse
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from core.admin import MachineWrittenAdmin
from core.models import User
from core.phones import mask
from leads.models import Event
from markets.models import Market
from outreach.admin import attaching, inbox_steps
from outreach.admin.conversation import LABEL_COLOURS, conversation_context, said_in
from outreach.admin.conversation import SHOWN as TEXTS_SHOWN
from outreach.admin.inbox_facts import facts_of, lead_of
from outreach.admin.inbox_filters import QUEUES, WHOSE, Choice, ThreadPage, choice_of, page_of
from outreach.models import Message, ReplyLabel, Thread
from outreach.ready_answers import ready_answers

PARTS = {
    "queues": "admin/outreach/thread/queues.html",
    "threads": "admin/outreach/thread/threads.html",
    "head": "admin/outreach/thread/head.html",
    "talk": "admin/outreach/bubbles.html",
    "box": "admin/outreach/reply_box.html",
    "facts": "admin/outreach/thread/facts.html",
}
LIST_PARTS = ("queues", "threads")
MANY = 100
NOBODY = "Nobody is known at this number: say whose it is before you answer."


@admin.register(Thread)
class ThreadAdmin(MachineWrittenAdmin):
    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("", view(require_GET(show)), name="outreach_thread_changelist"),
            path("live/", view(require_GET(live)), name="outreach_thread_live"),
            path("<int:pk>/", view(require_GET(show)), name="outreach_thread_show"),
            path("<int:pk>/change/", view(require_GET(show)), name="outreach_thread_change"),
            path("<int:pk>/do/<slug:step>/", view(require_POST(inbox_steps.do)), name="outreach_thread_do"),
            *attaching.urls(self.admin_site),
        ]


def show(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    _require_view(request)
    thread = Thread.objects.for_page().by_id(str(pk)) if pk else None
    if pk and thread is None:
        return inbox_steps.gone(request, pk)
    choice = choice_of(request)
    page, strangers = page_of(choice), _strangers()
    context = {
        **admin.site.each_context(request),
        "opts": Thread._meta,
        "title": "Inbox",
        "every": settings.INBOX_REFRESH_SECONDS,
        "version": _version(page, thread, strangers),
        **_filters(choice),
        **_queues(choice, strangers),
        **_shown(request, choice, page, thread),
    }
    return TemplateResponse(request, "admin/outreach/thread/inbox.html", context)


def live(request: HttpRequest) -> HttpResponse:
    """The parts of the page anew when anything on it has changed; else 304, which costs a few look-ups in indexes."""
    _require_view(request)
    choice, asked = choice_of(request), request.GET.get("thread", "")
    thread = Thread.objects.for_page().by_id(asked)
    if asked and thread is None:  # merged into another, or somebody said whose number it is
        return JsonResponse({"gone": _where_now(request, choice)})
    page, strangers = page_of(choice), _strangers()
    version = _version(page, thread, strangers)
    if request.headers.get("If-None-Match") == version:
        return HttpResponseNotModified(headers={"ETag": version})
    context = {"request": request, **_queues(choice, strangers), **_shown(request, choice, page, thread)}
    parts = {name: render_to_string(PARTS[name], context, request) for name in (PARTS if thread else LIST_PARTS)}
    answer = {"parts": parts, "locked": bool(context.get("locked"))}
    return JsonResponse(answer, headers={"ETag": version, "Cache-Control": "no-store"})


def _shown(request: HttpRequest, choice: Choice, page: ThreadPage, thread: Thread | None) -> dict[str, Any]:
    """What the parts of the page show."""
    back = _address(thread, choice)
    chosen = {"thread": thread, "page": page, "query": choice.here(), "colours": LABEL_COLOURS, "back": back}
    if thread is None:
        return chosen
    return chosen | _talk(request, thread, back) | _head(request, thread)


def _head(request: HttpRequest, thread: Thread) -> dict[str, Any]:
    return {
        "who": _who(thread),
        "team": list(User.objects.team()),
        "snoozed": thread.snoozed_until is not None and thread.snoozed_until > timezone.now(),
        "undo_url": attaching.undo_of(request, thread),
        "list_url": reverse("admin:outreach_thread_changelist"),
    }


def _talk(request: HttpRequest, thread: Thread, back: str) -> dict[str, Any]:
    if thread.owner is None:
        said = said_in(Message.objects.conversation_of(thread, TEXTS_SHOWN), request=request, back=back)
        return said | {"locked": NOBODY, "may_send": request.user.has_perm("outreach.send_message"), "lead": None}
    lead = lead_of(thread, request.GET.get("lead", ""))
    answers = ready_answers(lead) if lead else []
    chosen = next((answer.text for answer in answers if str(answer.pk) == request.GET.get("answer")), "")
    return {
        **conversation_context(thread.owner, request=request, lead=lead, back=back),
        **facts_of(request, thread.owner, lead),
        "answers": answers,
        "answers_query": back.partition("?")[2],
        "draft": chosen,
    }


def _strangers() -> int:
    return QUEUES["unknown"][1](Thread.objects.all(), timezone.now()).few(MANY)


def _queues(choice: Choice, strangers: int) -> dict[str, Any]:
    return {
        "queues": [(name, title, choice.address(queue=name)) for name, (title, _) in QUEUES.items()],
        "queue": choice.queue,
        "strangers": strangers,
        "most_strangers": MANY,
    }


def _filters(choice: Choice) -> dict[str, Any]:
    return {
        "whose": list(WHOSE.items()),
        "all_labels": ReplyLabel.Label.choices,
        "markets": list(Market.objects.names()),
        "chosen": {name: choice.get(name) for name in ("whose", "label", "market", "held", "q")},
        "live_url": reverse("admin:outreach_thread_live"),
    }


def _version(page: ThreadPage, thread: Thread | None, strangers: int) -> str:
    """Of everything on the page that others change."""
    rows = [(row.pk, row.changed_at.isoformat()) for row in page.threads]
    said = Message.objects.thread_version(thread, TEXTS_SHOWN) if thread else []
    told = Event.objects.newest_of(thread.owner) if thread and thread.owner else 0
    own = (thread.changed_at.isoformat(), told) if thread else ()
    return f'"{hashlib.sha256(repr((rows, said, own, strangers)).encode()).hexdigest()[:32]}"'


def _where_now(request: HttpRequest, choice: Choice) -> str:
    """The conversation to which the last text went that the page shows."""
    message = Message.objects.by_id(request.GET.get("seen", ""))
    return _address(message and Thread.objects.of_message(message), choice)


def _address(thread: Thread | None, choice: Choice) -> str:
    if thread is None:
        return reverse("admin:outreach_thread_changelist") + choice.here()
    return reverse("admin:outreach_thread_show", args=[thread.pk]) + choice.here(lead=choice.get("lead"))


def _who(thread: Thread) -> str:
    return thread.owner.name if thread.owner else mask(thread.last_message.phone.number)


def _require_view(request: HttpRequest) -> None:
    if not request.user.has_perm("outreach.view_thread"):
        raise PermissionDenied
