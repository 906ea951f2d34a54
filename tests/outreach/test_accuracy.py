"""What people corrected, per tier and model, what has changed of late, and how soon labels come."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from outreach.accuracy import LABELS, drift, matrices, speed_to_lead
from outreach.models import Message, ReplyLabel
from tests.factories import MessageFactory, UserFactory

pytestmark = pytest.mark.django_db
PAGE = reverse("admin:outreach_replylabel_changelist")
HOME = reverse("admin:index")


def read(
    label: str, truth: str = "", *, ago: timedelta = timedelta(hours=1), took: float = 1, **machine: Any
) -> Message:
    """A reply a machine labelled so long ago, so many seconds after it came; a person said `truth` of it."""
    at = timezone.now() - ago
    message: Message = MessageFactory(due_at=at - timedelta(seconds=took), processed_at=at)
    values = {"tier": "small", "model": "tiny", "confidence": 1} | machine
    _stamped(at, message=message, label=label, current=not truth, **values)
    if truth:
        _stamped(at + timedelta(minutes=1), message=message, label=truth, tier="person", confidence=1)
    return message


def _stamped(at: datetime, **values: Any) -> None:
    row = ReplyLabel.objects.create(**values)
    ReplyLabel.objects.filter(pk=row.pk).update(created_at=at)


def test_the_matrix_counts_per_tier_and_model_what_people_said() -> None:
    for _ in range(3):
        read("interested")
    read("interested", "send_offer")
    read("interested", "interested")
    read("hostile", "opt_out", tier="rules", model="")
    read("interested", "confused", ago=timedelta(days=40))
    now = timezone.now()

    rules, small = matrices(now - timedelta(days=30), now)

    assert (small.name, small.read, small.wrong, small.share) == ("Small model (tiny)", 5, 1, 20.0)
    (name, cells) = small.rows[0]
    assert (name, {label: cell.count for label, cell in zip(LABELS, cells, strict=True) if cell.count}) == (
        "Interested",
        {"interested": 4, "send_offer": 1},
    )
    assert [cell.right for cell in cells] == [True] + [False] * 7
    assert (rules.name, rules.wrong, rules.share) == ("Rules", 1, 100.0)


def test_the_last_word_of_a_person_counts_once() -> None:
    message = read("interested", "confused")
    ReplyLabel.objects.retire(message)
    ReplyLabel.objects.create(message=message, label="hostile", tier="person", confidence=1)
    now = timezone.now()

    (matrix,) = matrices(now - timedelta(days=1), now)

    assert (matrix.read, matrix.wrong) == (1, 1)


def test_drift_compares_this_week_with_the_four_before() -> None:
    read("interested", "confused")
    read("interested")
    for days in (8, 20, 34):
        read("interested", ago=timedelta(days=days))
    read("interested", "confused", ago=timedelta(days=36))

    (row,) = drift(timezone.now())

    assert (row.read, row.now, row.before, row.worse) == (2, 50.0, 0.0, True)


def test_the_time_to_a_label_is_that_of_machines_of_today_and_the_week(time_machine: Any) -> None:
    time_machine.move_to(datetime(2026, 9, 14, 16, tzinfo=timezone.get_current_timezone()), tick=False)
    for took in (0.5, 1, 1.5, 9):
        read("interested", took=took)
    read("interested", took=100, ago=timedelta(days=2))
    read("interested", took=900, ago=timedelta(days=8))
    read("confused", took=2000, tier="person", model="")

    speed = speed_to_lead()

    assert (speed.today.number, speed.today.median) == (4, timedelta(seconds=1.25))
    assert speed.today.p95 is not None
    assert round(speed.today.p95.total_seconds(), 3) == 7.875
    assert speed.week is not None
    assert (speed.week.number, speed.week.median) == (5, timedelta(seconds=1.5))


def test_nothing_read_is_said_in_words(client: Any, person: Any) -> None:
    person("rep")
    assert speed_to_lead().today == (0, None, None)
    page = client.get(PAGE).content.decode()
    assert "No reply was labelled by a machine in these 30 days." in page
    assert "none today" in page


def test_the_page_lists_what_was_corrected_for_the_days_chosen(client: Any, person: Any) -> None:
    person("rep")
    message = read("interested", "send_offer")
    old = read("interested", "hostile", ago=timedelta(days=50))

    month = client.get(PAGE).content.decode()
    quarter = client.get(PAGE, {"days": "90"}).content.decode()

    assert message.get_absolute_url() in month
    assert old.get_absolute_url() not in month
    assert old.get_absolute_url() in quarter
    assert client.get(PAGE, {"days": "4711"}).context["days"] == 30


def test_the_home_page_says_how_soon_labels_come(client: Any, person: Any) -> None:
    person("rep")
    read("interested", took=1.2, ago=timedelta(0))
    assert "median <b>1.2 s</b>" in client.get(HOME).content.decode()


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_takes_the_same_queries_for_any_number_of_labels(
    client: Any, person: Any, warmed: Any, count: int, django_assert_num_queries: Any
) -> None:
    person("rep")
    for _ in range(count):
        read("interested", "confused")
        read("hostile", tier="rules", model="")
    warmed(PAGE)
    with django_assert_num_queries(8):
        client.get(PAGE)


def test_a_person_without_a_role_does_not_see_it(client: Any) -> None:
    client.force_login(UserFactory())
    assert client.get(PAGE).status_code == 403
