"""The box in which a person answers an owner: what would leave is told as it is written, what the gate made of it at
once."""

from __future__ import annotations

from uuid import UUID

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.views.decorators.http import require_POST

from core.input_lines import is_id
from leads.models import Lead, Owner, PhoneNumber
from outreach.admin.conversation import back_to, owner_of, person_of, require
from outreach.answering import Answer, answer_owner
from outreach.segments import measure, offenders, plain
from outreach.sending import draft_reply

SEND = "outreach.send_message"


def urls(site: admin.AdminSite) -> list[URLPattern]:
    view = site.admin_view
    return [
        path("conversation/<int:pk>/reply/", view(require_POST(reply)), name="outreach_message_reply"),
        path("conversation/<int:pk>/preview/", view(require_POST(preview)), name="outreach_message_preview"),
    ]


def reply(request: HttpRequest, pk: int) -> HttpResponse:
    """Queues what a person wrote and says at once what the gate made of it."""
    require(request, SEND)
    owner = owner_of(pk)
    answer = _answer(request, owner)
    if answer is None:
        messages.error(request, "Not sent: that number is not this owner's now. Choose another.")
        return back_to(request, owner)
    result = answer_owner(answer, by=person_of(request))
    if result:
        messages.success(request, result.message or "The text is on its way.")
    elif result.code == "held":
        messages.warning(request, f"It leaves by itself as soon as it may: {result.message.removeprefix('held: ')}")
    else:
        messages.error(request, f"Not sent: {result.message.removeprefix('blocked: ')}")
    return back_to(request, owner)


def preview(request: HttpRequest, pk: int) -> HttpResponse:
    """What would leave of what is being written, and in how many segments."""
    require(request, SEND)
    answer = _answer(request, owner_of(pk))
    typed = answer.body.strip() if answer else ""
    text = draft_reply(answer.owner, answer.phone, typed, lead=answer.lead, by=person_of(request)) if answer else None
    if not typed or text is None or text.market is None:
        return HttpResponse()
    context = {
        "typed": typed,
        "added": text.body.removeprefix(typed).strip(),
        "segments": measure(text.body),
        "most": text.market.max_segments,
        "dear": offenders(typed),
        "plain": plain(typed),
    }
    return TemplateResponse(request, "admin/outreach/reply_preview.html", context)


def seen_of(request: HttpRequest) -> int | None:
    """The last text on the page whose button was pressed."""
    seen = request.POST.get("seen", "")
    return int(seen) if is_id(seen) else None


def _answer(request: HttpRequest, owner: Owner) -> Answer | None:
    """None when the number is not the owner's now."""
    phone = PhoneNumber.objects.of_conversation(owner).by_id(request.POST.get("phone", ""))
    return phone and Answer(
        owner=owner,
        phone=phone,
        body=request.POST.get("body", "").replace("\r\n", "\n"),  # as forms send the end of a line
        lead=Lead.objects.all_of_owner(owner).by_id(request.POST.get("lead", "")),
        token=_token(request.POST.get("token", "")),
        seen=seen_of(request),
    )


def _token(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
