import os

from celery import Celery
from celery.signals import task_prerun
from django.db import close_old_connections

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
app = Celery("lalw")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
# With CELERY_DB_REUSE_MAX a process keeps its connection for hundreds of tasks: after a restart of the database each of
# them would fail. A look at the connection before each task costs a tenth of a millisecond.
task_prerun.connect(close_old_connections, weak=False)
