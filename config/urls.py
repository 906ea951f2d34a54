from django.contrib import admin
from django.contrib.staticfiles.storage import staticfiles_storage
from django.urls import include, path
from django.utils.functional import lazy
from django.views.generic import RedirectView

FAVICON = lazy(staticfiles_storage.url, str)("images/favicon.svg")  # the manifest is read when somebody asks

urlpatterns = [
    path("twilio/", include("outreach.urls")),  # first: nothing else is asked so often
    path("favicon.ico", RedirectView.as_view(url=FAVICON)),
    path("", RedirectView.as_view(pattern_name="admin:index"), name="home"),
    path("admin/", admin.site.urls),
    path("api/", include("config.api")),
]
