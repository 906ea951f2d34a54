"""What became of the texts of each wording."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from outreach.learning import Tally
from outreach.models import Message, ReplyLabel, TemplateVariant
from outreach.performance import report, tallies
from outreach.querysets.tallies import answered_text
from tests.factories import SINCE, MessageFactory, PhoneNumberFactory, TemplateVariantFactory

pytestmark = pytest.mark.django_db


def text(variant: TemplateVariant, state: str = "sent", **fields: Any) -> Message:
    reached = {} if state in ("queued", "blocked", "failed") else {"sid": f"SM{Message.objects.count()}"}
    values = {"direction": "out", "origin": "campaign", "claimed_at": SINCE, **reached, **fields}
    version = variant.history.latest().history_id
    made: Message = MessageFactory(**{"state": state, "variant": variant, "wording_version": version} | values)
    return made


def answer(to: Message, label: str = "", **fields: Any) -> Message:
    reply: Message = MessageFactory(
        answers=to, variant=to.variant, wording_version=to.wording_version, phone=to.phone, **fields
    )
    if label:
        ReplyLabel.objects.create(message=reply, label=label, tier="rules", confidence=1)
    return reply


def test_it_counts_what_was_sent_and_what_came_back() -> None:
    variant = TemplateVariantFactory()
    for state in ("queued", "blocked", "failed"):
        text(variant, state)
    text(variant, "failed", error_code=30007)
    text(variant, "undelivered", error_code=30007)
    answer(text(variant, "delivered"), "interested")
    answer(text(variant, "delivered"), "send_offer")
    answer(text(variant, "sent"), "opt_out")
    answer(text(variant, "sent"))
    assert tallies([variant.pk]) == {
        variant.pk: Tally(sent=6, delivered=2, replied=4, interested=2, opted_out=1, filtered=2)
    }


def test_a_text_counts_once_however_often_it_is_answered_and_only_current_labels_count() -> None:
    variant = TemplateVariantFactory()
    sent = text(variant)
    answer(sent, "interested")
    answer(sent, "interested")
    ReplyLabel.objects.filter(message=answer(sent, "opt_out")).update(current=False)
    assert tallies([variant.pk])[variant.pk] == Tally(sent=1, replied=1, interested=1)


def test_only_texts_of_the_present_words_count() -> None:
    variant = TemplateVariantFactory()
    first = variant.body
    answer(text(variant), "interested")
    variant.weight = 5
    variant.save()
    text(variant)
    assert tallies([variant.pk])[variant.pk] == Tally(sent=2, replied=1, interested=1)
    variant.body = "{{company}}: other words. Reply STOP to opt out."
    variant.save()
    assert tallies([variant.pk])[variant.pk] == Tally()
    answer(text(variant, "delivered"))
    assert tallies([variant.pk])[variant.pk] == Tally(sent=1, delivered=1, replied=1)
    variant.body = first
    variant.save()
    assert tallies([variant.pk])[variant.pk] == Tally(sent=2, replied=1, interested=1)


def test_texts_from_before_versions_were_kept_count_for_words_that_never_changed() -> None:
    variant = TemplateVariantFactory()
    text(variant, wording_version=None)
    assert tallies([variant.pk])[variant.pk].sent == 1
    variant.body += " "
    variant.save()
    assert tallies([variant.pk])[variant.pk].sent == 0


@pytest.mark.parametrize("count", [1, 3])
def test_any_number_of_wordings_is_counted_in_three_queries(count: int, django_assert_num_queries: Any) -> None:
    first = TemplateVariantFactory()
    variants = [first, *(TemplateVariantFactory(template=first.template, name=str(n)) for n in range(count - 1))]
    for variant in variants:
        answer(text(variant), "interested")
    with django_assert_num_queries(3):
        assert all(tally.sent == 1 for tally in tallies(variant.pk for variant in variants).values())


def test_the_report_shows_shares_and_who_would_be_stopped() -> None:
    first = TemplateVariantFactory(weight=3)
    second = TemplateVariantFactory(template=first.template, name="B")
    off = TemplateVariantFactory(template=first.template, name="C", active=False)
    for _ in range(40):
        text(first)
        text(second, "failed", error_code=30007)
    lines = {line.variant: line for line in report(first.template)}
    assert [lines[v].share for v in (first, second, off)] == [0.75, 0.25, 0.0]
    assert "carriers filter it clearly more: 40 of 40" in lines[second].stopped
    first.template.learns = True
    lines = {line.variant: line for line in report(first.template)}
    assert [lines[v].share for v in (first, second, off)] == [1.0, 0.0, 0.0]


# which text a reply answers


def test_a_reply_answers_the_last_text_from_a_template_that_had_left() -> None:
    variant, phone = TemplateVariantFactory(), PhoneNumberFactory()
    text(variant, phone=phone, claimed_at=SINCE - timedelta(days=3))
    last = text(variant, phone=phone, claimed_at=SINCE - timedelta(days=1))
    text(variant, phone=phone, claimed_at=SINCE + timedelta(days=1))
    text(variant, "queued", phone=phone, claimed_at=None)
    text(variant)
    MessageFactory(direction="out", origin="reply", state="sent", sid="SMx", phone=phone, claimed_at=SINCE)
    assert answered_text(phone, SINCE) == last


def test_after_a_month_it_is_no_answer() -> None:
    sent = text(TemplateVariantFactory(), claimed_at=SINCE - timedelta(days=31))
    assert answered_text(sent.phone, SINCE) is None
