"""The arithmetic by which the better wording wins."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from outreach.learning import FLOOR, Goal, Tally, chances_of_best, draw, shares, stops, wilson


@st.composite
def tally(draw_value: st.DrawFn, most: int = 3000) -> Tally:
    sent = draw_value(st.integers(0, most))
    part = st.integers(0, sent)
    replied = draw_value(part)
    within = st.integers(0, replied)
    return Tally(sent, draw_value(part), replied, draw_value(within), draw_value(within), draw_value(part))


tallies = st.dictionaries(st.integers(1, 99), tally(), min_size=1, max_size=4)
goals = st.sampled_from(Goal)


# intervals


@pytest.mark.parametrize(
    ("events", "of", "low", "high"),
    [
        (0, 0, 0.0, 1.0),
        (0, 10, 0.0, 0.2775),
        (10, 10, 0.7225, 1.0),
        (5, 100, 0.0215, 0.1118),
        (50, 100, 0.4038, 0.5962),
    ],
)
def test_intervals_are_wilsons(events: int, of: int, low: float, high: float) -> None:
    found = wilson(events, of)
    assert (round(found.low, 4), round(found.high, 4)) == (low, high)


@given(st.integers(1, 5000).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of))))
def test_an_interval_holds_the_rate_and_narrows_with_more_texts(seen: tuple[int, int]) -> None:
    events, of = seen
    low, high = wilson(events, of)
    assert 0 <= low <= events / of + 1e-9
    assert events / of - 1e-9 <= high <= 1
    more = wilson(events * 10, of * 10)
    assert more.high - more.low < high - low


def test_an_interval_covers_the_true_rate_about_as_often_as_it_says() -> None:
    dice = random.Random(7)
    covered = 0
    for _ in range(2000):
        low, high = wilson(sum(dice.random() < 0.04 for _ in range(300)), 300)
        covered += low <= 0.04 <= high
    assert 0.93 < covered / 2000 < 0.98


# shares


@settings(max_examples=40)
@given(tallies, goals, st.integers(1, 500))
def test_shares_are_one_in_all_and_no_wording_starves_before_it_was_tried(
    counted: dict[int, Tally], goal: Goal, least: int
) -> None:
    found, stopped = shares(counted, goal, least), stops(counted)
    assert found.keys() == counted.keys()
    assert sum(found.values()) == pytest.approx(1)
    for key, share in found.items():
        assert share >= 0
        if key in stopped:
            assert share == 0
        elif counted[key].sent < least:
            assert share >= FLOOR / (len(counted) - len(stopped)) - 1e-9


@settings(max_examples=20)
@given(tallies, goals)
def test_the_same_counts_give_the_same_shares(counted: dict[int, Tally], goal: Goal) -> None:
    backwards = dict(reversed(counted.items()))
    assert shares(counted, goal, 100) == shares(backwards, goal, 100)


def test_untried_wordings_share_evenly_and_there_is_nothing_to_share_among_none() -> None:
    even = shares({1: Tally(), 2: Tally()}, Goal.REPLIED, 100)
    assert even[1] == pytest.approx(0.5, abs=0.03)
    assert shares({}, Goal.REPLIED, 100) == {}
    assert shares({5: Tally(10, 9, 9, 0, 9, 9)}, Goal.INTERESTED, 100) == {5: 1.0}


def test_a_wording_that_is_clearly_better_takes_nearly_all() -> None:
    counted = {1: Tally(sent=1000, replied=60, interested=50), 2: Tally(sent=1000, replied=30, interested=10)}
    assert shares(counted, Goal.INTERESTED, 100)[1] > 0.98


def test_opt_outs_count_against_a_wording() -> None:
    quiet = Tally(sent=1000, replied=40, interested=30, opted_out=10)
    loud = Tally(sent=1000, replied=80, interested=35, opted_out=40)
    assert chances_of_best({1: quiet, 2: loud}, Goal.INTERESTED)[1] > 0.95
    assert quiet.good(Goal.REPLIED) == 30
    assert loud.good(Goal.REPLIED) == 40


@pytest.mark.parametrize("seed", range(5))
def test_in_a_simulation_the_better_wording_wins(seed: int) -> None:
    """4 % against 1 % interested, equal opt-outs: of 4,000 texts most go out in the better words, and most of the last
    ones do."""
    dice, rates = random.Random(seed), {1: 0.01, 2: 0.04}
    seen = {1: Tally(), 2: Tally()}
    late = dict.fromkeys(seen, 0)
    for day in range(20):
        today = shares(seen, Goal.INTERESTED, 100)
        for text in range(200):
            key = draw(today, f"{seed}:{day}:{text}")
            assert key is not None
            interested, opted_out = dice.random() < rates[key], dice.random() < 0.02
            seen[key] += Tally(sent=1, replied=interested or opted_out, interested=interested, opted_out=opted_out)
            late[key] += day >= 15
    assert seen[2].sent > 2.5 * seen[1].sent
    assert late[2] > 0.8 * sum(late.values())
    assert seen[1].sent >= 100


@pytest.mark.parametrize("seed", range(3))
def test_equal_wordings_are_rarely_stopped(seed: int) -> None:
    dice, stopped = random.Random(seed), 0
    for _ in range(200):
        counted = {key: Tally(sent=400, opted_out=sum(dice.random() < 0.03 for _ in range(400))) for key in (1, 2)}
        stopped += bool(stops(counted))
    assert stopped <= 2


# stops


def test_a_wording_that_is_filtered_clearly_more_is_stopped_whatever_it_brings() -> None:
    counted = {1: Tally(sent=200, interested=40, replied=40, filtered=20), 2: Tally(sent=300, filtered=1)}
    assert stops(counted) == {1: "carriers filter it clearly more: 20 of 200 texts, of the other wordings 1 of 300"}
    assert shares(counted, Goal.INTERESTED, 1000) == {1: 0.0, 2: 1.0}


def test_a_wording_people_opt_out_of_clearly_more_is_stopped() -> None:
    counted = {1: Tally(sent=200, replied=30, opted_out=30), 2: Tally(sent=300, replied=5, opted_out=5)}
    assert list(stops(counted)) == [1]


@pytest.mark.parametrize(
    "bad", [Tally(sent=29, filtered=20), Tally(sent=200, filtered=2), Tally(sent=200, filtered=5, opted_out=8)]
)
def test_few_texts_or_a_small_difference_stop_nothing(bad: Tally) -> None:
    assert stops({1: bad, 2: Tally(sent=200, filtered=1, opted_out=3)}) == {}


@given(tallies)
def test_one_wording_always_stays(counted: dict[int, Tally]) -> None:
    assert len(stops(counted)) < len(counted)


def test_the_second_worst_is_judged_without_the_worst() -> None:
    counted = {1: Tally(sent=500, filtered=300), 2: Tally(sent=500, filtered=60), 3: Tally(sent=500, filtered=1)}
    assert list(stops(counted)) == [1, 2]


# draws


@given(st.dictionaries(st.integers(1, 9), st.integers(0, 5), max_size=4), st.text(max_size=10))
def test_a_draw_is_repeatable_and_never_of_a_wording_without_weight(weights: dict[int, float], seed: str) -> None:
    found = draw(weights, seed)
    assert found == draw(dict(reversed(weights.items())), seed)
    assert (found is None) == (not any(weights.values()))
    assert found is None or weights[found] > 0


def test_draws_follow_the_weights() -> None:
    drawn = [draw({1: 3, 2: 1}, f"7:{number}") for number in range(10_000)]
    assert drawn.count(1) / 10_000 == pytest.approx(0.75, abs=0.015)
