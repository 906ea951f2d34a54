"""The pages of the breakers: what a rep sees, what a manager may do."""

from __future__ import annotations

import pytest
from django.urls import reverse
from django.utils import timezone

from outreach.models import Breaker, BreakerRule

pytestmark = pytest.mark.django_db
LIST = reverse("admin:outreach_breaker_changelist")
RULES = reverse("admin:outreach_breakerrule_changelist")


@pytest.fixture
def breaker():
    return opened(7)


def opened(subject_id):
    rule = BreakerRule.objects.get(scope="template", signal="filtered")
    return Breaker.objects.create(
        rule=rule, subject_id=subject_id, subject="First text", reason="5 of 60 texts filtered by carriers",
        opened_at=timezone.now(), retry_at=timezone.now(),
    )  # fmt: skip


def close(client, breaker, reason):
    return client.post(reverse("admin:outreach_breaker_close", args=[breaker.pk]), {"reason": reason})


def test_a_rep_reads_what_is_stopped_and_closes_nothing(client, person, breaker):
    person("rep")

    page = client.get(reverse("admin:outreach_breaker_change", args=[breaker.pk]))

    assert "5 of 60 texts filtered by carriers" in client.get(LIST).content.decode()
    assert "Close it" not in page.content.decode()
    assert close(client, breaker, "because").status_code == 403
    assert Breaker.objects.get().state == "open"


def test_a_manager_closes_one_with_a_reason(client, person, breaker):
    manager = person("manager")
    page = client.get(reverse("admin:outreach_breaker_change", args=[breaker.pk]))
    assert "Close it" in page.content.decode()

    close(client, breaker, "")
    assert Breaker.objects.get().state == "open"

    close(client, breaker, "another wording")
    closed = Breaker.objects.get()
    assert (closed.state, closed.closed_by, closed.close_reason) == ("closed", manager, "another wording")
    assert "another wording" in client.get(LIST).content.decode()


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_takes_as_many_queries_for_three_as_for_one(client, warmed, django_assert_num_queries, person, rows):
    for subject in range(rows):
        opened(subject)
    person("rep")
    warmed(LIST)
    with django_assert_num_queries(8):
        client.get(LIST)


def test_a_manager_tunes_a_rule_and_a_rep_does_not(client, person):
    rule = BreakerRule.objects.get(scope="campaign", signal="opted_out")
    page = reverse("admin:outreach_breakerrule_change", args=[rule.pk])
    figures = {"active": "on", "least": 3, "percent": 4, "window_minutes": 60, "cool_down_minutes": 30, "probes": 0}
    person("rep")
    assert client.post(page, figures).status_code == 403
    person("manager")
    assert "5 texts and 5 % answered with an opt-out within 24 h" in client.get(RULES).content.decode()

    client.post(page, figures)

    rule.refresh_from_db()
    assert (rule.least, rule.percent, rule.probes, rule.history.count()) == (3, 4, 0, 2)
    assert "a person lets texts go on" in client.get(RULES).content.decode()
    assert client.post(page, figures | {"percent": 0}).status_code == 200
    rule.refresh_from_db()
    assert rule.percent == 4
