from pathlib import Path

import pytest

from local.checks import repository_problems
from local.environment import PROJECT_DIR


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "leads" / "models").mkdir(parents=True)
    return tmp_path


def test_a_query_outside_a_repository_is_named_with_its_line(project):
    (project / "leads" / "tasks.py").write_text("def f(Lead):\n    return Lead.objects.filter(pk=1)\n")

    assert [*repository_problems(project)] == [
        "leads/tasks.py:2: .filter() outside a repository; give the queryset a word for it"
    ]


def test_models_and_querysets_may_query(project):
    for home in ("querysets.py", "models/pipeline.py"):
        (project / "leads" / home).write_text("def f(q):\n    return q.exclude(pk=1).annotate()\n")

    assert [*repository_problems(project)] == []


def test_this_project_keeps_the_rule():
    assert [*repository_problems(PROJECT_DIR)] == []
