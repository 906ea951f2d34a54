"""The versions of a template and what is put back."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.models import MessageTemplate, TemplateVariant
from outreach.versions import changes, put_back_words
from outreach.word_diff import Piece, word_diff
from tests.factories import TemplateVariantFactory, UserFactory

WORDS = "{{company}} here. Sell your land? Reply STOP to opt out."


def reworded(variant: TemplateVariant, body: str, **said: Any) -> TemplateVariant:
    variant.body = body
    variant._history_user, variant._change_reason = said.get("by"), said.get("why", "")
    variant.save()
    return variant


# the diff


def test_a_diff_names_the_words_that_came_and_went() -> None:
    assert word_diff("Sell your land?", "Would you sell the land?") == [
        Piece("removed", "Sell your"),
        Piece("added", "Would you sell the"),
        Piece("same", " land?"),
    ]


@given(st.text("ab ,.\n", max_size=40), st.text("ab ,.\n", max_size=40))
def test_a_diff_reads_as_both_texts(before: str, after: str) -> None:
    pieces = word_diff(before, after)
    assert "".join(piece.text for piece in pieces if piece.kind != "added") == before
    assert "".join(piece.text for piece in pieces if piece.kind != "removed") == after
    assert all(piece.text for piece in pieces)


# the list


@pytest.mark.django_db
def test_changes_say_who_changed_what_and_why_newest_first() -> None:
    user = UserFactory()
    variant = TemplateVariantFactory()
    first = variant.body
    reworded(variant, WORDS, by=user, why="Shorter")
    newest, oldest = changes(variant.template)
    assert (newest.wording, newest.number, newest.by, newest.why, newest.may_go_back) == (
        "A",
        2,
        user,
        "Shorter",
        False,
    )
    assert "".join(piece.text for piece in newest.diff if piece.kind != "added") == first
    assert (oldest.number, oldest.diff, oldest.may_go_back) == (1, [Piece("added", first)], True)


@pytest.mark.django_db
def test_settings_are_told_in_words_and_saves_that_change_nothing_are_left_out() -> None:
    variant = TemplateVariantFactory(weight=1)
    template = variant.template
    template.save()
    template.learns, template.language = True, "es"
    template.save()
    variant.weight = 3
    variant.save()
    weight, settings, _ = changes(template)
    assert weight.settings == [("Weight", "1", "3")]
    assert (settings.wording, settings.settings) == (
        "",
        [("Language", "English", "Spanish"), ("Let the better wording win", "no", "yes")],
    )


@pytest.mark.django_db
@pytest.mark.parametrize("count", [1, 3])
def test_any_number_of_versions_is_read_in_the_same_queries(count: int, django_assert_num_queries: Any) -> None:
    variant = TemplateVariantFactory()
    for number in range(count):
        reworded(variant, f"{WORDS} {number}", by=UserFactory())
    template = MessageTemplate.objects.get()
    with django_assert_num_queries(3):
        assert len(changes(template)) == count + 1


# putting back


@pytest.mark.django_db
def test_earlier_words_come_back_as_a_new_version_with_the_reason() -> None:
    variant = TemplateVariantFactory(weight=2)
    first, user = variant.body, UserFactory()
    version = variant.history.get().history_id
    reworded(variant, WORDS)
    assert put_back_words(variant.template, version, by=user, reason=" It did better ")
    variant.refresh_from_db()
    newest = variant.history.latest()
    assert (variant.body, variant.weight, variant.history.count()) == (first, 2, 3)
    assert (newest.history_user, newest.history_change_reason) == (user, "It did better")


@pytest.mark.django_db
def test_what_cannot_be_put_back_writes_nothing() -> None:
    variant = TemplateVariantFactory()
    version = variant.history.get().history_id
    template, other, user = variant.template, TemplateVariantFactory(), UserFactory()
    assert put_back_words(template, version, by=user, reason=" ").code == "no_reason"
    assert put_back_words(template, version, by=user, reason="x").code == "same_words"
    assert put_back_words(template, other.history.get().history_id, by=user, reason="x").code == "no_such_version"
    reworded(variant, WORDS)
    TemplateVariant.history.filter(history_id=version).update(body="{{company}}: sell?")
    refused = put_back_words(template, version, by=user, reason="x")
    assert refused.code == "faulty"
    assert refused.message == "Not put back: A first text says how to stop, such as “Reply STOP to opt out.”"
    variant.refresh_from_db()
    assert (variant.body, variant.history.count()) == (WORDS, 2)
