import os
from typing import Any

from celery import Celery
from celery.signals import task_prerun
from django.db import close_old_connections, connection

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
app = Celery("lalw")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@task_prerun.connect(weak=False)
def leave_dead_connections(**kwargs: Any) -> None:
    """With CELERY_DB_REUSE_MAX a process keeps its connection for hundreds of tasks: after a restart of the database
    each of them would fail. A look at the connection before each task costs a tenth of a millisecond. A task that is
    called in place may run in its caller's transaction, whose connection is left alone."""
    if not connection.in_atomic_block:
        close_old_connections()
