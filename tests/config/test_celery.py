"""Celery keeps a process's connection over many tasks (CELERY_DB_REUSE_MAX); it must survive what the database does."""

from __future__ import annotations

import psycopg
import pytest
from django.db import Error, connection

from outreach.models import Message
from outreach.tasks import process_webhooks

pytestmark = pytest.mark.django_db(transaction=True)


def lose_connection() -> None:
    """As at a restart of the database: the server ends the session, we do not know yet."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (pid,) = cursor.fetchone()
    parameters = connection.get_connection_params()
    with psycopg.connect(dbname=parameters["dbname"], user=parameters["user"], host=parameters["host"]) as another:
        another.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])


def test_a_task_after_a_restart_of_the_database_has_a_new_connection() -> None:
    lose_connection()
    assert process_webhooks.apply().get() == 0


def test_nor_does_a_task_inherit_the_broken_connection_of_one_that_failed() -> None:
    lose_connection()
    with pytest.raises(Error):
        Message.objects.count()
    assert process_webhooks.apply().get() == 0
