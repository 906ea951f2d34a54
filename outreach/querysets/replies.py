from __future__ import annotations

from django.db import models


class ReplyLabelQuerySet(models.QuerySet):
    pass


class WebhookEventQuerySet(models.QuerySet):
    pass
