"""Pages by keyset over any list, and numbers that are counted or estimated."""

from datetime import timedelta

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core import querysets
from core.querysets import Counted, counted
from leads.models import DuplicatePair, Owner
from outreach.admin.calls import EPOCH
from outreach.models import CallTask
from tests.factories import SINCE, LeadFactory, OwnerFactory

pytestmark = pytest.mark.django_db
ANY_SIZE = settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


def walk(rows, position_of, size):
    """The list read forwards and read backwards, page by page."""
    forwards, position = [], None
    while page := rows.page_after(position, size):
        forwards += page
        position = position_of(page[-1])
    backwards, position = [], None
    while page := rows.page_before(position, size):
        backwards = page + backwards
        position = position_of(page[0])
    return forwards, backwards


@ANY_SIZE
@given(count=st.integers(0, 7), size=st.integers(1, 4))
def test_a_list_without_a_column_is_read_newest_first(count, size):
    OwnerFactory.create_batch(count)

    forwards, backwards = walk(Owner.objects.all(), lambda owner: [owner.pk], size)

    assert forwards == backwards == list(Owner.objects.order_by("-pk"))


@ANY_SIZE
@given(days=st.lists(st.integers(-2, 2), max_size=6), size=st.integers(1, 4))
def test_calls_are_read_by_when_they_are_due_each_once(days, size):
    for day in days:
        lead = LeadFactory()
        CallTask.objects.create(lead=lead, owner=lead.owner, reason="x", due_at=SINCE + timedelta(days=day))

    forwards, backwards = walk(
        CallTask.objects.all(), lambda call: [(call.due_at - EPOCH) // timedelta(microseconds=1), call.pk], size
    )

    assert forwards == backwards == list(CallTask.objects.order_by("due_at", "pk"))


@ANY_SIZE
@given(scores=st.lists(st.sampled_from(["0.7", "0.7001", "0.9", "1"]), max_size=6), size=st.integers(1, 3))
def test_pairs_are_read_by_their_likeness_each_once(scores, size):
    for score in scores:
        DuplicatePair.objects.create(first=OwnerFactory(), second=OwnerFactory(), score=score)

    forwards, backwards = walk(DuplicatePair.objects.all(), lambda pair: [int(pair.score * 10_000), pair.pk], size)

    assert forwards == backwards == list(DuplicatePair.objects.order_by("-score", "-pk"))


@pytest.mark.parametrize("position", [[1, 2, 3], [5]])
def test_a_position_of_another_list_is_the_beginning(position):
    lead = LeadFactory()
    call = CallTask.objects.create(lead=lead, owner=lead.owner, reason="x", due_at=SINCE)

    assert CallTask.objects.page_after(position, 5) == [call]


def test_few_rows_are_counted():
    OwnerFactory.create_batch(3)

    assert counted(Owner.objects.all()) == Counted(3, approximate=False)


def test_rows_that_would_take_long_to_count_are_estimated_from_a_sample(monkeypatch):
    """PostgreSQL expects a hundredth or less of a word within a text; it is one in two."""
    OwnerFactory.create_batch(20)
    for _ in range(20):
        OwnerFactory(name="THIBODEAUX ANNE")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE leads_owner")
    monkeypatch.setattr(querysets, "CHEAP", 0)
    monkeypatch.setattr(querysets, "SAMPLE", Owner.objects.latest("pk").pk)  # every id, however far other tests got

    found = counted(Owner.objects.filter(name__icontains="odeaux a"))

    assert found == Counted(20, approximate=True)


def test_when_a_sample_says_nothing_the_statistics_do(monkeypatch):
    OwnerFactory.create_batch(2)
    monkeypatch.setattr(querysets, "CHEAP", 0)

    assert counted(Owner.objects.filter(name="nobody")).approximate
