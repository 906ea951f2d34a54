"""The texts with one owner, oldest first, and what a rep does with them: read, label, answer.

The lead page shows the same through `conversation_context`; `config` puts it there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from core.models import User
from core.phones import mask
from leads.languages import Language
from leads.models import Lead, Owner, OwnerPhone, PhoneNumber
from leads.owner_language import set_language
from outreach.admin.states import STATE_COLOURS, shown_state, why
from outreach.corrections import correct_reply
from outreach.models import Message, ReplyLabel, Suppression
from outreach.replies import mark_handled
from outreach.spanish import seems_spanish
from outreach.suppressions import active_reasons

SHOWN = 60
TICKS = {"sent": "✓", "delivered": "✓✓"}
LABEL_COLOURS = {
    "interested": "success",
    "send_offer": "success",
    "not_interested": "",
    "confused": "info",
    "wrong_number": "warning",
    "deceased": "warning",
    "hostile": "danger",
    "opt_out": "danger",
}


@dataclass(frozen=True)
class Bubble:
    """One text as it is shown. `why`: the gate's or the provider's words where it did not simply go."""

    message: Message
    label: ReplyLabel | None
    colour: str
    state: str
    why: str

    @property
    def is_in(self) -> bool:
        return self.message.direction == Message.Direction.IN

    @property
    def token(self) -> str:
        """Of the reply box that it has left; a text that was blocked is still in it."""
        is_gone = self.message.origin == Message.Origin.REPLY and self.message.state != Message.State.BLOCKED
        return str(self.message.token) if is_gone else ""


def conversation_context(
    owner: Owner, *, request: HttpRequest, lead: Lead | None = None, back: str = ""
) -> dict[str, Any]:
    """Everything `admin/outreach/conversation.html` shows; the answer goes to the number last heard from. `back`: the
    page to which its buttons return, where it is not the one that was asked for."""
    thread = Message.objects.conversation(owner, SHOWN)
    phones = _phones(owner, thread)
    phone = phones[0] if phones else None
    return {
        "owner": owner,
        "lead": lead,
        **said_in(thread, request=request, back=back),
        "phones": [(number.pk, mask(number.number)) for number in phones],
        "locked": _locked(phone, owner, lead),
        "token": uuid4(),
        "may_send": request.user.has_perm("outreach.send_message"),
        "may_set_language": request.user.has_perm("leads.change_owner"),
        "seems_spanish": owner.language == Language.ENGLISH and _last_reply_seems_spanish(thread),
        "languages": Language.choices,
    }


def said_in(thread: list[Message], *, request: HttpRequest, back: str = "") -> dict[str, Any]:
    """What `admin/outreach/bubbles.html` shows."""
    return {
        "bubbles": [_bubble(message) for message in thread],
        "seen": thread[-1].pk if thread else 0,
        "waiting": any(message.needs_person for message in thread),
        "labels": ReplyLabel.Label.choices,
        "may_label": request.user.has_perm("outreach.change_message"),
        "back": back or request.get_full_path(),
    }


def urls(site: admin.AdminSite) -> list[URLPattern]:
    view = site.admin_view
    return [
        path("conversation/<int:pk>/", view(show), name="outreach_message_conversation"),
        path("conversation/<int:pk>/language/", view(require_POST(language)), name="outreach_message_language"),
        path("<int:pk>/label/", view(require_POST(label)), name="outreach_message_label"),
        path("<int:pk>/handled/", view(require_POST(handled)), name="outreach_message_handled"),
    ]


def show(request: HttpRequest, pk: int) -> HttpResponse:
    require(request, "outreach.view_message")
    owner = get_object_or_404(Owner, pk=pk)
    context = {
        **admin.site.each_context(request),
        "opts": Message._meta,
        "title": owner.name,
        **conversation_context(owner, request=request),
    }
    return TemplateResponse(request, "admin/outreach/message/conversation.html", context)


def language(request: HttpRequest, pk: int) -> HttpResponse:
    """What the owner is written to in."""
    require(request, "leads.change_owner")
    owner = owner_of(pk)
    result = set_language(owner, request.POST.get("language", ""), by=person_of(request))
    if result:
        messages.success(request, result.message or f"Written to in {owner.get_language_display()} as before.")
    else:
        messages.error(request, result.message)
    return back_to(request, owner)


def label(request: HttpRequest, pk: int) -> HttpResponse:
    message = _reply_of(request, pk)
    result = correct_reply(message, request.POST.get("label", ""), by=person_of(request))
    if result and result.value:
        messages.success(request, " ".join([f"Labelled “{result.value.name}”.", *result.value.undone]))
        if result.value.stays:
            messages.warning(request, " ".join(result.value.stays))
    else:
        messages.error(request, result.message)
    return back_to(request, message.owner)


def handled(request: HttpRequest, pk: int) -> HttpResponse:
    message = _reply_of(request, pk)
    result = mark_handled(message, by=person_of(request))
    if result:
        messages.success(request, "Marked as handled; texts may go on.")
    else:
        messages.error(request, result.message)
    return back_to(request, message.owner)


def owner_of(pk: int) -> Owner:
    """The one that this owner was merged into since the page was opened, if so."""
    owner = get_object_or_404(Owner.objects.select_related("merged_into"), pk=pk)
    return owner.merged_into or owner


def _last_reply_seems_spanish(thread: list[Message]) -> bool:
    replies = (message for message in reversed(thread) if message.direction == Message.Direction.IN)
    last = next(replies, None)
    return last is not None and seems_spanish(last.body)


def _bubble(message: Message) -> Bubble:
    current = next((found for found in message.labels.all() if found.current), None)
    decision = next(iter(message.decisions.all()), None)
    kind, words = shown_state(message)
    colour = LABEL_COLOURS.get(current.label, "") if current else STATE_COLOURS.get(kind, "")
    return Bubble(message, current, colour, TICKS.get(message.state, "") or words, why(message, decision))


def _phones(owner: Owner, thread: list[Message]) -> list[PhoneNumber]:
    """The number last heard from, then the owner's others that are in use; a number that has ended since comes last."""
    heard = [message.phone for message in reversed(thread) if message.direction == Message.Direction.IN][:1]
    links = list(OwnerPhone.objects.with_state(owner))
    open_ones = {link.phone_id for link in links if link.until is None}
    ended = {link.phone_id for link in links} - open_ones
    used = [link.phone for link in links if link.used]
    order = [*(phone for phone in heard if phone.pk not in ended), *used, *heard]
    return list({phone.pk: phone for phone in order}.values())


def _locked(phone: PhoneNumber | None, owner: Owner, lead: Lead | None) -> str:
    """Why there is no reply box, in words; "" when there is one."""
    if lead is not None and lead.put_away:
        return f"The lead was {lead.put_away}: nobody is texted about it."
    if phone is None:
        return "No number of this owner is known."
    names = dict(Suppression.Reason.choices)
    reasons = [names.get(reason, reason).lower() for reason in active_reasons(phone, owner)]
    return f"No text may go to {mask(phone.number)}: {', '.join(reasons)}." if reasons else ""


def _reply_of(request: HttpRequest, pk: int) -> Message:
    require(request, "outreach.change_message")
    return get_object_or_404(Message.objects.with_everything(), pk=pk)


def require(request: HttpRequest, permission: str) -> None:
    if not request.user.has_perm(permission):
        raise PermissionDenied


def person_of(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


def back_to(request: HttpRequest, owner: Owner | None) -> HttpResponse:
    asked = request.POST.get("back", "")
    if url_has_allowed_host_and_scheme(asked, allowed_hosts=None):
        return HttpResponseRedirect(asked)
    if owner is None:
        return HttpResponseRedirect(reverse("admin:outreach_message_changelist"))
    return HttpResponseRedirect(reverse("admin:outreach_message_conversation", args=[owner.pk]))
