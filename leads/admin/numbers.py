"""What a rep says of an owner's number: dead, somebody else's, really theirs; and how it is taken back.

The buttons stand on the owner's page and on the lead's; each posts here and returns to where it stood.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from core.models import User
from core.phones import mask
from core.results import Result
from leads.models import Owner, OwnerPhone
from leads.numbers import REOPEN, confirm_number, end_number, reopen_number, withdraw_confirmation

CHANGE = "leads.change_ownerphone"
EndReason = OwnerPhone.EndReason
Step = Callable[[OwnerPhone, User], Result[OwnerPhone]]


@dataclass(frozen=True)
class NumberLine:
    """One number of an owner as it is shown. `buttons`: (step, label) of what this person may say about it."""

    link: OwnerPhone
    masked: str
    line: str
    checked: str
    known: str
    state: str
    colour: str
    why: str
    buttons: list[tuple[str, str]]


def number_lines(request: HttpRequest, owner: Owner) -> list[NumberLine]:
    """All the owner has or had, present ones first."""
    return [_line(request, link) for link in OwnerPhone.objects.with_state(owner)]


def urls(site: admin.AdminSite) -> list[URLPattern]:
    view = site.admin_view(require_POST(say))
    return [path("number/<int:pk>/<slug:step>/", view, name="leads_ownerphone_say")]


def say(request: HttpRequest, pk: int, step: str) -> HttpResponse:
    if not request.user.has_perm(CHANGE):
        raise PermissionDenied
    link = get_object_or_404(OwnerPhone.objects.for_page(), pk=pk)
    if step not in _STEPS:
        messages.error(request, "There is no such button.")
        return _back(request, link)
    act, said = _STEPS[step]
    result = act(link, _person(request))
    if result:
        messages.success(request, said.format(number=link.phone, next=_next(result.value)))
    else:
        messages.error(request, result.message)
    return _back(request, link)


def _confirm(link: OwnerPhone, by: User) -> Result[OwnerPhone]:
    return confirm_number(link, by=by, note=f"by {by}")


_STEPS: dict[str, tuple[Step, str]] = {
    "disconnected": (
        lambda link, by: end_number(link, why=EndReason.DISCONNECTED, by=by),
        "{number} is off: disconnected. {next} “Open again” takes it back.",
    ),
    "reassigned": (
        lambda link, by: end_number(link, why=EndReason.REASSIGNED, by=by),
        "{number} is off: it belongs to somebody else, and the consent for it has ended. {next}",
    ),
    "reopen": (
        lambda link, by: reopen_number(link, by=by),
        "{number} is open again. Stops and consents stay as they are.",
    ),
    "confirm": (_confirm, "{number} is confirmed; the owner's other numbers are switched off."),
    "unconfirm": (lambda link, by: withdraw_confirmation(link, by=by), "{number} is not confirmed any more."),
}


def _next(link: OwnerPhone | None) -> str:
    return f"The next number is {mask(link.phone.number)}." if link else "The owner has no other number."


def _line(request: HttpRequest, link: OwnerPhone) -> NumberLine:
    phone = link.phone
    state, colour, why = _state(link)
    checked = f"checked {_day(phone.checked_at)}" if phone.checked_at else "not checked"
    return NumberLine(
        link=link,
        masked=mask(phone.number),
        line=" · ".join(filter(None, (phone.get_line_type_display(), phone.carrier))),
        checked=phone.status_reason or phone.get_status_display() if phone.status == phone.Status.BAD else checked,
        known=f"{link.source.replace('_', ' ')}, {_span(link)}",
        state=state,
        colour=colour,
        why=why,
        buttons=_buttons(request, link),
    )


def _state(link: OwnerPhone) -> tuple[str, str, str]:
    """State, its colour, and why it is so."""
    if link.until is not None:
        by = f"by {link.ended_by}" if link.ended_by else ""
        return link.get_end_reason_display() or "Ended", "danger", " · ".join(filter(None, (link.end_note, by)))
    if link.confirmed_at is not None:
        return "Confirmed", "success", f"{_day(link.confirmed_at)} · {link.confirm_note}".strip(" ·")
    if not link.used:  # type: ignore[attr-defined]  # annotated by the query
        return "Switched off", "warning", "another number is confirmed"
    return "In use", "", ""


def _buttons(request: HttpRequest, link: OwnerPhone) -> list[tuple[str, str]]:
    if not request.user.has_perm(CHANGE):
        return []
    if link.until is not None:
        mine = link.ended_by_id == request.user.pk or request.user.has_perm(REOPEN)
        return [("reopen", "Open again")] if mine else []
    confirm = ("unconfirm", "Not confirmed") if link.confirmed_at else ("confirm", "Confirmed as theirs")
    return [confirm, *((reason.value, reason.label) for reason in EndReason)]


def _span(link: OwnerPhone) -> str:
    return f"{_day(link.since)} – {_day(link.until)}" if link.until else f"since {_day(link.since)}"


def _day(moment: datetime | None) -> str:
    return f"{timezone.localtime(moment):%b %-d, %Y}" if moment else ""


def _person(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


def _back(request: HttpRequest, link: OwnerPhone) -> HttpResponse:
    asked = request.POST.get("back", "")
    if url_has_allowed_host_and_scheme(asked, allowed_hosts=None):
        return HttpResponseRedirect(asked)
    return HttpResponseRedirect(reverse("admin:leads_owner_change", args=[link.owner_id]))
