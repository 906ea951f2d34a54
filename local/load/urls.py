from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import include, path
from django.views.decorators.csrf import csrf_exempt

from outreach.webhooks import is_signed


@csrf_exempt
def signed(request: HttpRequest) -> HttpResponse:
    """The floor under a webhook: the signature is checked, nothing is kept."""
    return HttpResponse(status=204 if is_signed(request) else 403)


urlpatterns = [path("load/signed/", signed), path("", include("config.urls"))]
