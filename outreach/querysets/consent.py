from __future__ import annotations

from django.db import models


class ConsentQuerySet(models.QuerySet):
    pass


class SuppressionQuerySet(models.QuerySet):
    pass
