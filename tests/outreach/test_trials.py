"""A wording tried on real leads."""

from __future__ import annotations

import pytest

from outreach.previews import Wording
from outreach.trials import LeadSample, Trial
from tests.factories import LeadFactory, MarketFactory, SenderNumberFactory

pytestmark = pytest.mark.django_db
FOLLOW_UP = "{{company}} again, {{first_name}}: still open to an offer?"


def test_it_counts_the_leads_a_placeholder_is_unknown_for() -> None:
    market = MarketFactory()
    LeadFactory(market=market, score=50, owner__name="ACME LLC", owner__kind="company")
    LeadFactory(market=market, score=60, owner__name="SMITH JOHN")
    LeadFactory(score=70, owner__name="ELSEWHERE LLC", owner__kind="company")
    trial = LeadSample(market).try_on(Wording(FOLLOW_UP, "follow_up"))
    assert (trial.leads, trial.without) == (2, {"first_name": 1})
    assert list(trial.faults) == []
    assert len(list(trial.notes)) == 1


def test_a_fallback_answers_for_all() -> None:
    LeadFactory(score=50, owner__name="ACME LLC", owner__kind="company")
    trial = LeadSample(None).try_on(Wording(FOLLOW_UP.replace("first_name", "first_name|owner"), "follow_up"))
    assert (list(trial.faults), list(trial.notes)) == ([], [])


def test_each_lead_is_measured_by_its_own_markets_limit_and_sender() -> None:
    LeadFactory(score=50, market__max_segments=1)
    LeadFactory(score=60, market__max_segments=9)
    SenderNumberFactory(number="+12255560123")
    trial = LeadSample(None).try_on(Wording("{{company}} {{sender_phone}}" + " land" * 60, "follow_up"))
    assert (trial.too_long, trial.longest, trial.without) == (1, 3, {})
    assert list(trial.notes) == ["1 of the 2 leads tried has more segments than the market allows (up to 3)."]


def test_what_looks_like_a_value_that_is_none_is_counted() -> None:
    LeadFactory(score=50)
    trial = LeadSample(None).try_on(Wording("{{company}}: your land at [STREET NAME]?", "follow_up"))
    assert list(trial.faults) == ["The only lead tried has “[STREET NAME]” in the text, which the rules stop."]


@pytest.mark.parametrize(("purpose", "found"), [("first_text", 1), ("follow_up", 0)])
def test_a_word_on_how_to_stop_that_stands_in_a_fallback_is_missed_by_whoever_has_a_value(
    purpose: str, found: int
) -> None:
    LeadFactory(score=50, owner__name="ACME LLC", owner__kind="company")
    LeadFactory(score=60, owner__name="SMITH JOHN")
    trial = LeadSample(None).try_on(Wording("{{company}} here. {{first_name|Reply STOP to opt out.}}", purpose))
    said = ["1 of the 2 leads tried has no word on how to stop: write it outside of the placeholders."]
    assert list(trial.notes) == said * found


def test_an_answer_a_person_finishes_is_not_tried_and_neither_is_anything_without_leads() -> None:
    assert LeadSample(None).try_on(Wording(FOLLOW_UP, "follow_up")) == Trial(without={}, odd={})
    LeadFactory(score=50, owner__name="ACME LLC", owner__kind="company")
    assert LeadSample(None).try_on(Wording("Hi {{first_name}}, {{offer_range}}", "reply")) == Trial()


@pytest.mark.parametrize("count", [1, 3])
def test_any_number_of_wordings_is_tried_in_the_same_queries(count: int, django_assert_num_queries) -> None:  # type: ignore[no-untyped-def]
    for _ in range(count):
        LeadFactory(score=50)
    with django_assert_num_queries(2):
        sample = LeadSample(None)
        for _ in range(count):
            sample.try_on(Wording(FOLLOW_UP, "follow_up"))
