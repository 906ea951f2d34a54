from __future__ import annotations

from django.db import models


class MessageQuerySet(models.QuerySet):
    pass
