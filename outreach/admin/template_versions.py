"""The versions of a template on a page: who, when, why, what changed word by word, and earlier words put back."""

from __future__ import annotations

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_POST

from core.models import User
from outreach.models import MessageTemplate
from outreach.versions import changes, put_back_words


def urls(site: admin.AdminSite) -> list[URLPattern]:
    view = site.admin_view(require_POST(put_back))
    return [path("<int:pk>/put-back/<int:version>/", view, name="outreach_messagetemplate_put_back")]


def show(request: HttpRequest, template: MessageTemplate) -> HttpResponse:
    context = {
        **admin.site.each_context(request),
        "opts": MessageTemplate._meta,
        "title": f"Versions of “{template}”",
        "original": template,
        "changes": changes(template),
        "may_change": _may_change(request),
    }
    return TemplateResponse(request, "admin/outreach/messagetemplate/versions.html", context)


def put_back(request: HttpRequest, pk: int, version: int) -> HttpResponse:
    if not _may_change(request):
        raise PermissionDenied
    assert isinstance(request.user, User)
    template = get_object_or_404(MessageTemplate, pk=pk)
    result = put_back_words(template, version, by=request.user, reason=request.POST.get("reason", ""))
    if result and result.value:
        messages.success(
            request, f"Wording {result.value.name} reads as it did; texts that wait go out in these words."
        )
    else:
        messages.error(request, result.message)
    return HttpResponseRedirect(reverse("admin:outreach_messagetemplate_history", args=[pk]))


def _may_change(request: HttpRequest) -> bool:
    return request.user.has_perm("outreach.change_messagetemplate")
