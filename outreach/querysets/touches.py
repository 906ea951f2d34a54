from __future__ import annotations

from django.db import models


class LetterExportQuerySet(models.QuerySet):
    pass


class LetterQuerySet(models.QuerySet):
    pass


class CallTaskQuerySet(models.QuerySet):
    pass
