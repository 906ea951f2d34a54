"""Showing personal data in clear: only to those who may, and never without a line that says who looked."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, JsonResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST

from core.models import User
from core.phones import to_national
from leads.models import Owner, PhoneNumber
from ops.models import PersonalDataAccess


def reveal_phone(phone: PhoneNumber, *, owner: Owner | None, by: User) -> str:
    """The number in E.164; the look is on record before it is given out."""
    PersonalDataAccess.objects.create(user=by, what="phone number", phone=phone, owner=owner)
    return phone.number


@require_POST
def reveal_phone_view(request: HttpRequest, pk: int) -> JsonResponse:
    if not (isinstance(request.user, User) and request.user.has_perm("leads.reveal_phonenumber")):
        raise PermissionDenied
    phone = get_object_or_404(PhoneNumber, pk=pk)
    owner = Owner.objects.by_id(request.POST.get("owner", ""))
    number = reveal_phone(phone, owner=owner, by=request.user)
    return JsonResponse({"number": number, "shown": to_national(number)})
