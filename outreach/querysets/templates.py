from __future__ import annotations

from django.db import models


class MessageTemplateQuerySet(models.QuerySet):
    pass
