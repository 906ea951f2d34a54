"""The page on which managers set how replies are read, and the two lists beside it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from core.models import User
from outreach.models import CachedAnswer, ModelCall, ReadingPolicy
from tests.factories import MarketFactory

pytestmark = pytest.mark.django_db
LIST = reverse("admin:outreach_readingpolicy_changelist")
PAGE = reverse("admin:outreach_readingpolicy_change", args=[1])
CALLS = reverse("admin:outreach_modelcall_changelist")
ANSWERS = reverse("admin:outreach_cachedanswer_changelist")
Person = Callable[[str], User]
FORM = {
    "small_model": "tiny", "small_sure": "0.85", "large_model": "huge", "large_sure": "0.75",
    "small_price_in": "0.1", "small_price_out": "0.2", "large_price_in": "1", "large_price_out": "2",
    "replies_together": 7, "calls_per_day": 100, "dollars_per_day": "1.50", "cache_sure": "0.95",
    "cache_similarity": "0.9", "cache_days": 30, "prompt": "Label it.", "reason": "Cheaper.",
}  # fmt: skip


def make_rows(count: int) -> None:
    market = MarketFactory()
    for n in range(count):
        ModelCall.objects.create(tier="small", model="tiny", cost=Decimal("0.25"), asked_at=timezone.now())
        CachedAnswer.objects.create(
            market=market, words=f"words {n}", label="interested", source="small", confidence=Decimal("0.9"),
            expires_at=timezone.now() + timedelta(days=1),
        )  # fmt: skip


def test_a_managers_change_counts_at_once_and_is_kept_with_its_reason(client: Client, person: Person) -> None:
    user = person("manager")
    assert PAGE in client.get(LIST).content.decode()

    client.post(PAGE, FORM)

    policy = ReadingPolicy.objects.current()
    assert (policy.large_model, policy.small_sure, policy.dollars_per_day) == ("huge", Decimal("0.85"), Decimal("1.50"))
    assert policy.replies_together == 7
    version = policy.history.first()
    assert (version.history_user, version.reason) == (user, "Cheaper.")


def test_the_page_tells_what_the_day_has_cost(client: Client, person: Person) -> None:
    person("rep")
    make_rows(2)
    assert "2 of 5,000 calls, $0.5000 of $5.00" in client.get(PAGE).content.decode()


@pytest.mark.parametrize(("change", "left"), [({}, 2), ({"prompt": "Think."}, 1), ({"small_model": "new"}, 1)])
def test_what_other_models_said_or_said_to_another_prompt_is_forgotten(
    client: Client, person: Person, change: dict[str, str], left: int
) -> None:
    person("manager")
    client.post(PAGE, FORM)
    make_rows(2)
    CachedAnswer.objects.filter(words="words 0").update(source="person")

    client.post(PAGE, FORM | {"calls_per_day": 50} | change)

    assert CachedAnswer.objects.count() == left


@pytest.mark.parametrize(
    ("field", "value"), [("reason", ""), ("small_sure", "1.5"), ("dollars_per_day", "-1"), ("prompt", "")]
)
def test_what_makes_no_sense_is_refused_and_nothing_is_written(
    client: Client, person: Person, field: str, value: str
) -> None:
    person("manager")
    response = client.post(PAGE, FORM | {field: value})
    assert field in response.context["adminform"].form.errors
    assert ReadingPolicy.objects.current().large_model == ""


def test_a_rep_looks_and_changes_nothing(client: Client, person: Person) -> None:
    person("rep")
    assert client.get(PAGE).status_code == 200
    assert client.post(PAGE, FORM).status_code == 403
    assert ReadingPolicy.objects.current().large_model == ""


@pytest.mark.parametrize("role", ["manager", "administrator"])
def test_nobody_adds_or_deletes_the_one_row(client: Client, person: Person, role: str) -> None:
    person(role)
    assert client.get(reverse("admin:outreach_readingpolicy_add")).status_code == 403
    assert client.post(reverse("admin:outreach_readingpolicy_delete", args=[1]), {"post": "yes"}).status_code == 403
    assert ReadingPolicy.objects.exists()


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize(("url", "queries"), [(CALLS, 7), (ANSWERS, 7)])
def test_the_lists_take_the_same_queries_for_any_number_of_rows(
    client: Client,
    person: Person,
    url: str,
    queries: int,
    count: int,
    django_assert_num_queries: Any,
    warmed: Callable[[str], object],
) -> None:
    person("rep")
    make_rows(count)
    warmed(url)
    with django_assert_num_queries(queries):
        response = client.get(url)
    assert response.context["cl"].result_count == count
