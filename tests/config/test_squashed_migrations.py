"""An empty database takes the squashed migrations; one that has begun with the old ones goes on along them (ADR 31)."""

from __future__ import annotations

import pytest
from django.core.management import call_command
from django.db import connection, models
from django.db.migrations import Migration
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations import CreateModel
from django.db.migrations.recorder import MigrationRecorder
from django.db.migrations.state import ProjectState

from core.migration_operations import AtOnce

pytestmark = pytest.mark.django_db
Key = tuple[str, str]
ROOMS = ("core", "markets", "leads", "scoring", "outreach", "ops")


def files() -> dict[Key, Migration]:
    return {key: migration for key, migration in MigrationLoader(None).disk_migrations.items() if key[0] in ROOMS}


def squashed() -> dict[Key, Migration]:
    return {key: migration for key, migration in files().items() if migration.replaces}


def replaced() -> set[Key]:
    return {key for migration in squashed().values() for key in migration.replaces}


def the_old_way() -> list[Key]:
    """Every migration but the squashed ones, in an order in which an installation has applied them."""
    loader = MigrationLoader(None, replace_migrations=False)
    short = squashed()
    order: dict[Key, None] = {}
    for key in sorted(loader.disk_migrations.keys() - short):
        order |= dict.fromkeys(loader.graph.forwards_plan(key))
    return [key for key in order if key not in short]


def plan_after(applied: list[Key]) -> list[Key]:
    recorder = MigrationRecorder(connection)
    recorder.migration_qs.all().delete()
    recorder.migration_qs.bulk_create(recorder.Migration(app=app, name=name) for app, name in applied)
    executor = MigrationExecutor(connection)
    executor.loader.check_consistent_history(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [(migration.app_label, migration.name) for migration, _ in plan]


def test_every_replaced_migration_is_there_and_replaced_once() -> None:
    names = [key for migration in squashed().values() for key in migration.replaces]

    assert len(names) == len(set(names))
    assert set(names) <= set(files())


def test_an_empty_database_takes_the_squashed_ones_alone() -> None:
    plan = plan_after([])

    assert set(squashed()) <= set(plan)
    assert not set(plan) & replaced()


def test_a_database_with_all_old_ones_has_nothing_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    assert plan_after(the_old_way()) == []
    call_command("migrate", verbosity=1)
    call_command("migrate", check_unapplied=True, verbosity=0)

    assert "No migrations to apply" in capsys.readouterr().out
    assert squashed().keys() <= MigrationRecorder(connection).applied_migrations().keys()


def test_a_database_left_anywhere_among_the_old_ones_goes_on_from_there() -> None:
    """A room of which nothing is there yet takes the squashed one; one that has begun goes on with its next."""
    old, short, long = the_old_way(), squashed(), replaced()
    for done in range(len(old)):
        plan = plan_after(old[:done])
        begun = {room for room, _ in long & set(old[:done])}
        jumped = {room for room, _ in short.keys() & set(plan)}

        assert not jumped & begun, old[done]
        left = {key for key in old[done:] if key[0] not in jumped or key not in long}
        assert set(plan) - short.keys() == left, old[done]


def test_models_that_come_in_at_once_are_rendered_once_and_may_name_each_other() -> None:
    state = ProjectState()
    assert not state.apps.get_models()
    key = models.BigAutoField(primary_key=True)
    mother = CreateModel("Mother", [("id", key), ("heir", models.ForeignKey("core.Child", models.CASCADE))])
    child = CreateModel("Child", [("id", key), ("mother", models.ForeignKey("core.Mother", models.CASCADE))])
    AtOnce([mother, child]).state_forwards("core", state)

    assert "apps" not in vars(state)
    heir = state.apps.get_model("core", "Mother")._meta.get_field("heir")
    assert heir.related_model is state.apps.get_model("core", "Child")
