import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.label_rules import REFUSING, WELCOME, label_by_rules
from outreach.opt_out import decide_opt_out


def phrase_file(name: str) -> list[list[str]]:
    return [line.split("\t") for line in (Path(__file__).parent / name).read_text("utf-8").splitlines()]


PHRASES = phrase_file("phrases_labels.tsv")
LEARNT = phrase_file("phrases_labels_learnt.tsv")
UNSEEN = phrase_file("phrases_labels_unseen.tsv")
"""Written by others than the wordings, and never read: wordings come from PHRASES, weights from PHRASES and LEARNT."""
REFUSALS = [text for label, text in PHRASES if label in REFUSING]
WELCOMES = [text for label, text in PHRASES if label in WELCOME]


def decided(phrases: list[list[str]]) -> Counter[bool]:
    """How many of the replies that are no opt-out got a label: the right one or a wrong one."""
    answers = ((label, label_by_rules(text).label) for label, text in phrases if not decide_opt_out(text).opt_out)
    return Counter(found == label for label, found in answers if found)


def test_a_reply_gets_its_label_or_none() -> None:
    read = [(text, label, label_by_rules(text).label) for label, text in PHRASES if label != "none"]
    assert [found for found in read if found[2] not in (found[1], None)] == []


def test_hardly_a_reply_that_only_a_person_can_read_gets_a_label() -> None:
    unclear = [text for label, text in PHRASES if label == "none"]
    wrong = [text for text in unclear if label_by_rules(text).label]
    assert len(wrong) / len(unclear) <= 0.03, wrong


def test_nearly_all_obvious_replies_get_a_label() -> None:
    obvious = [row for row in PHRASES if row[0] != "none"]
    assert decided(obvious)[True] / len(obvious) >= 0.97


def test_the_rules_spare_the_model_on_phrases_nobody_wrote_rules_for() -> None:
    answers = decided(UNSEEN)
    replies = [text for _, text in UNSEEN if not decide_opt_out(text).opt_out]
    assert len(replies) >= 150
    assert answers.total() / len(replies) >= 0.70
    assert answers[True] / answers.total() >= 0.97


def test_no_phrase_is_both_seen_and_unseen() -> None:
    assert {text.lower() for _, text in [*PHRASES, *LEARNT]}.isdisjoint(text.lower() for _, text in UNSEEN)


@pytest.mark.parametrize("dress", ["{}", "Hi. {}", "{}, thanks", "Good morning {} have a nice day"])
@pytest.mark.parametrize("case", [str, str.upper, str.lower])
def test_a_refusal_is_never_taken_for_interest(dress: str, case: Callable[[str], str]) -> None:
    said = [dress.format(case(text)) for label, text in UNSEEN + PHRASES if label in REFUSING]
    assert [text for text in said if label_by_rules(text).label in WELCOME] == []


@given(st.sampled_from(REFUSALS), st.sampled_from(WELCOMES), st.sampled_from([". ", ", ", "\n"]), st.booleans())
def test_the_evidence_of_a_mixed_reply_stands_in_it(refusal: str, welcome: str, joint: str, first: bool) -> None:
    pair = (refusal, welcome) if first else (welcome, refusal)
    found = label_by_rules(joint.join(pair))
    assert found.evidence in joint.join(pair)


def test_a_refusal_beside_interest_is_not_taken_for_interest() -> None:
    pairs = [
        joint.join(pair)
        for r in REFUSALS[::3]
        for w in WELCOMES[::15]
        for joint in (". ", ", ")
        for pair in ((r, w), (w, r))
    ]
    wrong = [text for text in pairs if label_by_rules(text).label in WELCOME]
    assert len(wrong) / len(pairs) <= 0.01, wrong[:20]


def test_the_evidence_stands_in_the_text() -> None:
    for _, text in [*PHRASES, *UNSEEN]:
        found = label_by_rules(text)
        assert found.evidence in text
        assert bool(found.evidence) == bool(found.rule) == (found.label is not None) == (found.confidence > 0), text


def test_a_refusal_with_a_condition_is_left_undecided() -> None:
    assert label_by_rules("not interested").label == "not_interested"
    assert label_by_rules("not interested unless the price is right").label is None


@pytest.mark.parametrize(
    "text",
    [
        "Not interested?",
        "Are you not interested anymore?",
        "are you still interested?",
        "Is it sold?",
        "I almost sold it",
        "No rush",
        "I'm not the only owner",
        "I don't own it outright",
        "It's not mine alone, my brother owns half",
        "Wrong parish, mine is in Livingston",
        "I'm not the owner, my mother is. I can ask her",
        "You got the acreage wrong",
        "not a wrong number, this is him",
        "No this is the right number",
        "It hasn't sold",
        "still not sold",
        "no objections",
        "no reason to keep it",
        "No mortgage on it, clear title",
        "not doing me any good",
        "Not looking to get rich, just get it sold",
        "sold that one, still got the one on Main",
        "I'm good with that",
        "I'll pass it along to my dad",
        "Not interested in selling all, only half",
        "My buyer died",
        "He's dead set against selling but I'm not",
        "drop dead",
    ],
)
def test_what_would_close_a_lead_or_a_number_by_mistake_is_left_undecided(text: str) -> None:
    assert label_by_rules(text).label is None


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("Not interested. Why do you ask?", "not_interested"),
        ("I have 2 more lots if you interested", "interested"),
        ("It was never for sale, we sold nothing", "not_interested"),
        ("It's in a trust for my grandchildren and cannot be sold. Thank you for your inquiry", "not_interested"),
        ("wrong number, my father has passed away", "deceased"),
        ("Same name wrong guy, that's not mine", "wrong_number"),
        ("Wrong number. Who are you looking for?", "wrong_number"),
    ],
)
def test_what_is_said_beside_it_takes_nothing_back(text: str, label: str) -> None:
    assert label_by_rules(text).label == label


@pytest.mark.parametrize(
    "text", ["Im not intrested", "I am NOT interested.", "no longer interested thx", "were not interested"]
)
def test_spelling_and_case_change_nothing(text: str) -> None:
    assert label_by_rules(text).label == "not_interested"


def test_a_long_story_is_not_obvious() -> None:
    assert label_by_rules("Not interested. " + "My grandfather fished there. " * 12).label is None


@given(st.text(max_size=340))
def test_any_text_gets_an_answer_with_literal_evidence(text: str) -> None:
    assert label_by_rules(text).evidence in text


@given(st.sampled_from(["no ", "what ", "not sure ", "how much ", "he ", "is ", "... ", "? "]), st.text(max_size=6))
def test_no_text_makes_the_wordings_backtrack(piece: str, tail: str) -> None:
    text = ((piece + tail) * 320)[:320]
    began = time.process_time()
    label_by_rules(text)
    assert time.process_time() - began < 0.05
