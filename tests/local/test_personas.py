from collections import Counter

import pytest

from local.personas import AMBIGUOUS, KINDS, PersonaReply, kind_of, reply_for
from local.twilio_simulator.account import STOP_WORDS
from outreach.label_rules import label_by_rules
from outreach.opt_out import decide_opt_out

NUMBERS = [f"+1225{exchange}{line:04d}" for exchange in range(200, 210) for line in range(1000)]
FIRST = "Hi, would you sell your lot on Elm St?"


def first_replies(share: float) -> dict[str, PersonaReply]:
    replies = {number: reply_for(number, FIRST, 1, 1, reply_share=share) for number in NUMBERS}
    return {number: reply for number, reply in replies.items() if reply}


def texts_of(name: str) -> tuple[str, ...]:
    return next(kind.first for kind in KINDS if kind.name == name)


def number_of(name: str) -> str:
    return next(number for number in NUMBERS if kind_of(number, 1) == name)


def test_a_person_is_the_same_every_time_and_another_under_another_seed() -> None:
    assert [reply_for(n, FIRST, 1, 1) for n in NUMBERS[:200]] == [reply_for(n, FIRST, 1, 1) for n in NUMBERS[:200]]
    assert [reply_for(n, FIRST, 1, 1) for n in NUMBERS[:200]] != [reply_for(n, FIRST, 1, 2) for n in NUMBERS[:200]]


@pytest.mark.parametrize("share", [0.0, 0.02, 0.45, 1.0])
def test_the_share_of_replies_is_what_was_asked_for(share: float) -> None:
    assert len(first_replies(share)) == pytest.approx(share * len(NUMBERS), rel=0.25)


def test_whoever_answers_at_a_small_share_says_the_same_at_a_bigger_one() -> None:
    few, many = first_replies(0.02), first_replies(0.45)
    assert few
    assert few.items() <= many.items()


def test_every_kind_answers_about_as_often_as_it_weighs() -> None:
    replies = first_replies(1.0)
    seen = Counter(reply.kind for reply in replies.values())
    total = sum(kind.weight for kind in KINDS)
    for kind in KINDS:
        assert seen[kind.name] == pytest.approx(len(replies) * kind.weight / total, rel=0.3)
    assert {reply.text for reply in replies.values()} == {text for kind in KINDS for text in kind.first}
    assert all(1 <= reply.delay <= 6 for reply in replies.values())


@pytest.mark.parametrize("name", ["stop", "not_interested", "wrong_number", "deceased", "hostile"])
def test_whoever_is_done_with_us_never_answers_again(name: str) -> None:
    number = number_of(name)
    assert reply_for(number, FIRST, 1, 1, reply_share=1) is not None
    assert [reply_for(number, "We offer $9,000", nth, 1, reply_share=1) for nth in (2, 3, 4)] == [None] * 3


@pytest.mark.parametrize("name", ["interested", "send_offer", "ambiguous", "confused"])
def test_the_others_talk_on_for_a_while_and_react_to_a_figure(name: str) -> None:
    number = number_of(name)
    second = reply_for(number, "Could we talk?", 2, 1, reply_share=1)
    on_figure = reply_for(number, "We could pay $9,000", 2, 1, reply_share=1)
    assert second
    assert on_figure
    assert second.text != on_figure.text
    assert reply_for(number, "Still there?", 4, 1, reply_share=1) is None


def test_a_stop_is_understood_by_the_product_and_only_partly_by_twilio() -> None:
    texts = texts_of("stop")
    assert all(decide_opt_out(text).opt_out for text in texts)
    assert {text.upper() in STOP_WORDS for text in texts} == {True, False}


def test_nobody_civil_is_taken_for_a_stop() -> None:
    """A threat to report us may well count as one."""
    others = [text for kind in KINDS if kind.name not in {"stop", "hostile"} for text in (*kind.first, *kind.later)]
    assert "I can't stop by today, how much?" in others
    assert [text for text in others if decide_opt_out(text).opt_out] == []


def test_at_least_fifteen_texts_are_left_to_the_language_model() -> None:
    undecided = [text for text in AMBIGUOUS if label_by_rules(text).label is None]
    assert len(undecided) >= 15
    assert {AMBIGUOUS[text] for text in undecided} >= {"interested", "not_interested", "confused", "send_offer"}
