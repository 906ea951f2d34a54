import time
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.bench.opt_outs import PIECES
from outreach.opt_out import OptOutDecision, decide_opt_out


def phrase_file(name: str) -> list[list[str]]:
    return [line.split("\t") for line in (Path(__file__).parent / name).read_text("utf-8").splitlines()]


PHRASES = phrase_file("phrases_opt_out.tsv")
LEARNT = phrase_file("phrases_opt_out_learnt.tsv")
UNSEEN = phrase_file("phrases_opt_out_unseen.tsv")
"""Written by others than the wordings, and never read: wordings come from PHRASES, weights from PHRASES and LEARNT."""
PER_SE = ["stop", "stopall", "quit", "end", "revoke", "opt out", "optout", "cancel", "unsubscribe"]


def answer(found: OptOutDecision) -> str:
    return "opt_out" if found.opt_out else "doubtful" if found.doubtful else "no"


def cpu_ms(text: str) -> float:
    """The best of five, so that a busy machine does not count."""

    def once() -> float:
        began = time.process_time()
        decide_opt_out(text)
        return time.process_time() - began

    return min(once() for _ in range(5)) * 1000


def phrases(label: str) -> list[str]:
    return [text for found, text in PHRASES if found == label]


def test_the_phrase_file_is_big_enough_to_mean_something() -> None:
    counts = Counter(label for label, _ in PHRASES)
    assert counts["opt_out"] >= 200
    assert counts["no"] >= 150
    assert counts["doubtful"] >= 15


def test_it_catches_nearly_all_opt_outs() -> None:
    answers = Counter(answer(decide_opt_out(text)) for text in phrases("opt_out"))
    assert answers["opt_out"] / answers.total() >= 0.98
    assert answers["no"] / answers.total() <= 0.01


def test_it_opts_out_at_most_2_percent_of_the_others() -> None:
    others = phrases("no") + phrases("doubtful")
    wrong = [text for text in others if decide_opt_out(text).opt_out]
    assert len(wrong) / len(others) <= 0.01, wrong


def test_few_ordinary_replies_are_put_before_a_person() -> None:
    wrong = [text for text in phrases("no") if decide_opt_out(text).doubtful]
    assert len(wrong) / len(phrases("no")) <= 0.02, wrong


def test_unclear_wordings_go_to_a_person() -> None:
    assert [text for text in phrases("doubtful") if answer(decide_opt_out(text)) != "doubtful"] == []


@pytest.mark.parametrize("word", PER_SE)
@pytest.mark.parametrize(
    "form", ["{}", "{}.", " {} ", "{}!!!", "please {}", "{} please", "Ok {} thanks", "No. {}.", '"{}"']
)
def test_every_per_se_word_counts_in_any_case(word: str, form: str) -> None:
    for cased in (word, word.upper(), word.title()):
        assert decide_opt_out(form.format(cased)).opt_out, form.format(cased)


@pytest.mark.parametrize(
    "text",
    [
        "I can stop by at 5",
        "end of the month works",
        "can't stop paying taxes on it",
        "don't stop now",
        "I can't stop by today, how much?",
        "Please send me an offer",
        "YES",
        "",
        "   ",
        "👍",
    ],
)
def test_these_are_no_opt_outs(text: str) -> None:
    assert decide_opt_out(text) == OptOutDecision()


@pytest.mark.parametrize("text", ["START", "start", " Start. ", "UNSTOP", "unstop!"])
def test_start_lifts(text: str) -> None:
    found = decide_opt_out(text)
    assert (found.start, found.opt_out, found.doubtful) == (True, False, False)


@pytest.mark.parametrize("text", ["YES", "Yes please", "start texting my brother", "let's start", "ok", "start stop"])
def test_nothing_else_lifts(text: str) -> None:
    assert not decide_opt_out(text).start


def test_the_evidence_stands_in_the_text() -> None:
    for _, text in [*PHRASES, *UNSEEN]:
        found = decide_opt_out(text)
        assert found.evidence in text
        assert bool(found.evidence) == bool(found.rule) == (found.opt_out or found.doubtful or found.start), text


@given(
    st.sampled_from([w.upper() for w in PER_SE]),
    st.text(alphabet=" .!\n\t?,;", max_size=5),
    st.text(alphabet=" .!\n\t?", max_size=5),
)
def test_padding_changes_nothing(word: str, before: str, after: str) -> None:
    assert decide_opt_out(before + word + after).opt_out


@given(st.text(max_size=300))
def test_any_text_gets_one_answer_with_literal_evidence(text: str) -> None:
    found = decide_opt_out(text)
    assert found.opt_out + found.doubtful + found.start <= 1
    assert found.evidence in text
    assert found == decide_opt_out(text)


def test_it_keeps_to_the_bars_on_phrases_nobody_wrote_rules_for() -> None:
    answers = Counter((label, answer(decide_opt_out(text))) for label, text in UNSEEN)
    total = Counter(label for label, _ in UNSEEN)
    assert total["opt_out"] >= 300
    assert total["no"] >= 300
    assert answers["opt_out", "opt_out"] / total["opt_out"] >= 0.95
    assert answers["opt_out", "no"] / total["opt_out"] <= 0.01
    assert answers["no", "opt_out"] / total["no"] <= 0.02
    assert answers["no", "doubtful"] / total["no"] <= 0.10


def test_no_phrase_is_both_seen_and_unseen() -> None:
    assert {text.lower() for _, text in [*PHRASES, *LEARNT]}.isdisjoint(text.lower() for _, text in UNSEEN)


@pytest.mark.parametrize(
    "text",
    [
        "We would appreciate no further correspondence on this matter",
        "y'all go find somebody else's evening to ruin with these messages",
        "quien le dio mi telefono, ya no quiero saber de ustedes",
    ],
)
def test_what_nobody_wrote_a_wording_for_is_recognised(text: str) -> None:
    found = decide_opt_out(text)
    assert (found.opt_out, found.rule) == (True, "reads like one")


def test_an_unforeseen_request_inside_a_long_text_is_recognised() -> None:
    story = "My husband bought that place in 1987 from his uncle. " * 3
    found = decide_opt_out(f"{story}We would appreciate no further correspondence. {story}")
    assert (found.opt_out, found.evidence) == (True, "We would appreciate no further correspondence.")


@pytest.mark.parametrize(
    "text", ["Does the HOA let you opt out of dues?", "Yall quit mowing it", "We opted out of the timber lease"]
)
def test_a_wording_that_reads_like_something_else_opts_nobody_out(text: str) -> None:
    assert not decide_opt_out(text).opt_out


@pytest.mark.parametrize(
    "text",
    ["The lot is at a dead-end.", "It's been raining non-stop", "My phone rings non-stop, call after 6", "Week-end."],
)
def test_half_of_a_hyphenated_word_is_no_word(text: str) -> None:
    assert not decide_opt_out(text).opt_out


@pytest.mark.parametrize("text", ["Not interested - stop", "not interested-stop", "s-t-o-p", "un-subscribe", "opt-out"])
def test_a_hyphen_hides_no_word(text: str) -> None:
    assert decide_opt_out(text).opt_out


@pytest.mark.parametrize(
    "text",
    [
        "please don't stop texting me",
        "Don't lose my number",
        "Keep my number",
        "Save my number please, I want to sell",
        "why did you stop texting me",
        "Why did y'all stop texting?",
        "you quit answering me",
        "Did you delete my number?",
        "no deje de escribirme",
        "I want 30k. No more, no less.",
        "20k, no more, no less",
        "Enough? Make it 20k and we talk",
        "Muy alto",
        "opt out of the HOA?",
        "Stop wasting time and give me a number",
        "How do I opt in",
        "sick of this property",
        "No use to me anymore",
        "I don't use it, I don't need it, buy it",
        "Enough is enough with these taxes",
        "I don't want to be bothered with this land anymore",
        "forget the last number",
        "No texts came through, resend please",
        "no me llame, mande texto",
    ],
)
def test_who_wants_to_hear_more_is_not_stopped(text: str) -> None:
    assert not decide_opt_out(text).opt_out


@pytest.mark.parametrize("text", ["leavemealone", "takemeoffyourlist", "DontTextMe", "STOPTEXTINGME", "No. takemeoff"])
def test_words_run_together_count(text: str) -> None:
    assert decide_opt_out(text).opt_out


@pytest.mark.parametrize("text", ["No 🛑", "🛑 please", "Not interested ⛔", "I didn't opt in"])
def test_what_may_be_a_stop_is_left_to_a_person(text: str) -> None:
    assert decide_opt_out(text).doubtful


@pytest.mark.parametrize(
    "text", ["🛑 STOP 🛑", "Keep my number off your list", "don't stop, take me off", "No more.", "Enough!"]
)
def test_what_looks_like_wanting_more_hides_no_opt_out(text: str) -> None:
    assert decide_opt_out(text).opt_out


@pytest.mark.parametrize("text", ["", "?", "." * 1600, " " * 1600, "\n" * 400])
def test_a_text_without_words_says_nothing(text: str) -> None:
    assert decide_opt_out(text) == OptOutDecision()


@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=8), min_size=1, max_size=8))
def test_no_text_makes_the_wordings_backtrack(pieces: list[str]) -> None:
    assert cpu_ms(("".join(pieces) * 1600)[:1600]) < 5


@pytest.mark.parametrize("ask", ["STOP", "please take me off your list", "no me escriba mas"])
def test_an_opt_out_anywhere_in_a_long_text_counts(ask: str) -> None:
    story = "We bought it with my father after the storm and the grandchildren fish there every summer. " * 9
    for text in (f"{ask}. {story}", f"{story} {ask}.", f"{story} {ask}. {story}"):
        assert decide_opt_out(text).opt_out, text


def test_what_stands_unread_in_the_middle_of_a_very_long_text_is_for_a_person_to_find() -> None:
    story = "We bought it with my father after the storm and the grandchildren fish there. " * 4
    told = decide_opt_out(f"{story} I would rather you people forgot that I exist. {story}")
    assert (told.opt_out, told.doubtful, told.rule) == (False, True, "too long to be sure")
    assert not decide_opt_out(story).doubtful


def test_a_long_text_with_more_telling_words_than_time_goes_to_a_person() -> None:
    story = " ".join(f"I will call number {n} of the {n} people with a text about parcel {n}." for n in range(20))
    assert decide_opt_out(story).doubtful
