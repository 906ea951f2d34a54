"""What can be asked of the outreach room, in the domain's words."""

from __future__ import annotations

from django.db import models


class ConsentQuerySet(models.QuerySet):
    pass


class SuppressionQuerySet(models.QuerySet):
    pass


class MessageTemplateQuerySet(models.QuerySet):
    pass


class SenderNumberQuerySet(models.QuerySet):
    pass


class CampaignQuerySet(models.QuerySet):
    pass


class MessageQuerySet(models.QuerySet):
    pass


class ReplyLabelQuerySet(models.QuerySet):
    pass


class WebhookEventQuerySet(models.QuerySet):
    pass


class LetterExportQuerySet(models.QuerySet):
    pass


class LetterQuerySet(models.QuerySet):
    pass


class CallTaskQuerySet(models.QuerySet):
    pass
