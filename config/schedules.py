"""The clock of the work that repeats: what people changed in the admin outlives a restart."""

from __future__ import annotations

from typing import Any

from django_celery_beat.models import PeriodicTask
from django_celery_beat.schedulers import DatabaseScheduler, ModelEntry

TIMES = frozenset({"interval", "crontab", "solar", "clocked"})


class KeptEntry(ModelEntry):
    """django-celery-beat writes the settings' times over the stored ones at each start; here only into a new row."""

    @classmethod
    def from_entry(cls, name: str, app: Any = None, **entry: Any) -> KeptEntry:
        fields = cls._unpack_fields(**entry)
        work = {name: value for name, value in fields.items() if name not in TIMES}
        task, _ = PeriodicTask.objects.update_or_create(name=name, defaults=work, create_defaults=fields)
        return cls(task, app=app)


class KeptScheduler(DatabaseScheduler):
    Entry = KeptEntry
