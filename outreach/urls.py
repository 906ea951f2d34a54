from django.urls import path

from outreach import webhooks

urlpatterns = [
    path("inbound/", webhooks.inbound, name="twilio-inbound"),
    path("status/<uuid:token>/", webhooks.status, name="twilio-status"),
]
