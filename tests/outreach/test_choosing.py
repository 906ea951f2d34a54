"""Which wording a text gets, and that it keeps it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine

from leads.models import Owner
from outreach.campaigns import launch_campaign
from outreach.choosing import Chooser
from outreach.dry_running import plan_campaign
from outreach.models import CampaignStep, Message, MessageTemplate, TemplateVariant
from outreach.performance import shares_lately
from outreach.sending import prepare_texts, send_due
from tests.factories import (
    CampaignStepFactory,
    MarketFactory,
    MessageTemplateFactory,
    PhoneNumberFactory,
    TemplateVariantFactory,
)
from tests.outreach.campaign_setting import MONDAY_MORNING, draft_campaign, open_market, reachable_lead, text_of

pytestmark = pytest.mark.django_db
WORDS = "{{company}} here. Sell your land? Reply STOP to opt out."


@pytest.fixture(autouse=True)
def monday_morning() -> Iterator[time_machine.Coordinates]:
    with time_machine.travel(MONDAY_MORNING, tick=False) as clock:
        yield clock


def relative(template: MessageTemplate, **fields: Any) -> MessageTemplate:
    """Another template of the same name, with one wording."""
    values = {"name": template.name, "purpose": template.purpose, **fields}
    made: MessageTemplate = TemplateVariantFactory(template=MessageTemplateFactory(**values)).template
    return made


def chosen(step: CampaignStep, *, language: str = "en", market: int | None = None) -> MessageTemplate:
    variant = Chooser([step.template], MONDAY_MORNING).choose(step, Owner(pk=1, language=language), market)
    assert variant is not None
    return variant.template


def send_many(variant: TemplateVariant, texts: int, **outcome: Any) -> None:
    values = {"direction": "out", "origin": "campaign", "state": "delivered", "body": "x", "due_at": MONDAY_MORNING}
    version = variant.history.latest().history_id
    phone = PhoneNumberFactory()
    Message.objects.bulk_create(
        Message(**values | outcome, phone=phone, variant=variant, wording_version=version, sid=f"SM{variant.pk}-{n}")
        for n in range(texts)
    )


# market and language


def test_the_markets_own_template_goes_before_the_general_one() -> None:
    step, market = CampaignStepFactory(), MarketFactory()
    mine = relative(step.template, market=market)
    assert chosen(step, market=market.pk) == mine
    assert chosen(step, market=MarketFactory().pk) == step.template
    mine.variants.update(active=False)
    assert chosen(step, market=market.pk) == step.template


def test_the_owners_language_goes_before_the_market_and_falls_back_to_the_steps() -> None:
    step, market = CampaignStepFactory(), MarketFactory()
    assert chosen(step, language="es", market=market.pk) == step.template
    relative(step.template, market=market)
    spanish = relative(step.template, language="es")
    assert chosen(step, language="es", market=market.pk) == spanish
    own = relative(step.template, language="es", market=market)
    assert chosen(step, language="es", market=market.pk) == own
    MessageTemplate.objects.update_or_create(pk=own.pk, defaults={"active": False})
    assert chosen(step, language="es", market=market.pk) == spanish


def test_a_template_of_another_name_or_purpose_is_no_relative() -> None:
    step = CampaignStepFactory()
    relative(step.template, language="es", name="Other")
    relative(step.template, language="es", purpose="letter")
    assert chosen(step, language="es") == step.template


def test_the_dry_run_tells_the_wordings_of_other_languages_and_markets_apart() -> None:
    market = open_market()
    english, spanish = reachable_lead(market), reachable_lead(market, language="es")
    campaign = draft_campaign(market)
    template = campaign.steps.get().template
    relative(template, language="es")
    assert plan_campaign(campaign).variants == {"A": 1, "A (Spanish)": 1}
    relative(template, language="es", market=market)
    texts = {text.lead_id: text.variant for text in plan_campaign(campaign).texts}
    assert texts == {english.pk: "A", spanish.pk: "A (Spanish, the market's own)"}


def test_a_batch_is_chosen_for_in_the_same_queries_whatever_its_size(django_assert_num_queries: Any) -> None:
    steps = [CampaignStepFactory() for _ in range(3)]
    for templates in ([steps[0].template], [step.template for step in steps]):
        with django_assert_num_queries(2):
            Chooser(templates, MONDAY_MORNING)


# keeping


def test_a_waiting_text_keeps_its_wording_when_weights_change_and_takes_the_edited_words() -> None:
    lead = reachable_lead(open_market())
    campaign = draft_campaign(lead.market)
    launch_campaign(campaign, by=None)
    text = text_of(lead)
    other = TemplateVariantFactory(template=text.variant.template, name="B", weight=1000)
    text.variant.body = WORDS
    text.variant.save()
    newest = text.variant.history.latest().history_id
    waiting = Message.objects.with_everything().get()

    prepare_texts([waiting])

    assert (waiting.variant, waiting.wording_version) == (text.variant, newest)
    assert waiting.body == WORDS.replace("{{company}}", lead.market.company_name)
    assert text.wording_version < newest
    assert other.pk != waiting.variant_id


def test_a_waiting_text_whose_wording_was_switched_off_is_drawn_another() -> None:
    lead = reachable_lead(open_market())
    launch_campaign(draft_campaign(lead.market), by=None)
    first = text_of(lead).variant
    other = TemplateVariantFactory(template=first.template, name="B", body=WORDS)
    TemplateVariant.objects.update_or_create(pk=first.pk, defaults={"active": False})
    waiting = Message.objects.with_everything().get()
    prepare_texts([waiting])
    assert waiting.variant == other
    assert "here. Sell" in waiting.body


def test_a_retry_keeps_its_wording_even_where_it_was_switched_off() -> None:
    lead = reachable_lead(open_market())
    launch_campaign(draft_campaign(lead.market), by=None)
    first = text_of(lead).variant
    TemplateVariantFactory(template=first.template, name="B", body=WORDS)
    TemplateVariant.objects.update_or_create(pk=first.pk, defaults={"active": False})
    Message.objects.update(attempts=1)
    waiting = Message.objects.with_everything().get()
    prepare_texts([waiting])
    assert waiting.variant == first


def test_an_owner_who_turned_out_to_speak_spanish_gets_the_spanish_text() -> None:
    lead = reachable_lead(open_market())
    launch_campaign(draft_campaign(lead.market), by=None)
    spanish = relative(text_of(lead).variant.template, language="es")
    lead.owner.language = "es"
    lead.owner.save()
    waiting = Message.objects.with_everything().get()
    prepare_texts([waiting])
    assert waiting.variant.template == spanish


def test_the_version_is_stored_with_the_claim(twilio_simulator: Any) -> None:
    lead = reachable_lead(open_market())
    launch_campaign(draft_campaign(lead.market), by=None)
    Message.objects.update(wording_version=None)
    send_due()
    text = text_of(lead)
    assert (text.state, text.wording_version) == ("sent", text.variant.history.get().history_id)


# learning


def learning_step() -> tuple[CampaignStep, TemplateVariant, TemplateVariant]:
    step = CampaignStepFactory()
    MessageTemplate.objects.update_or_create(pk=step.template_id, defaults={"learns": True})
    worse = TemplateVariantFactory(template=step.template, name="B", body=WORDS, weight=9)
    return CampaignStep.objects.select_related("template").get(), step.template.variants.get(name="A"), worse


def drawn(step: CampaignStep) -> list[int]:
    chooser = Chooser([step.template], MONDAY_MORNING)
    found = [chooser.choose(step, Owner(pk=number, language="en"), None) for number in range(1, 401)]
    return [variant.pk for variant in found if variant]


def test_without_knowledge_a_learning_template_divides_evenly_whatever_the_weights() -> None:
    step, first, second = learning_step()
    found = drawn(step)
    assert 150 < found.count(first.pk) < 250
    assert found.count(first.pk) + found.count(second.pk) == 400


def test_a_learning_template_stops_the_wording_that_carriers_filter() -> None:
    step, first, second = learning_step()
    send_many(first, 200)
    send_many(second, 150)
    Message.objects.filter(pk__in=Message.objects.filter(variant=second).values("pk")[:30]).update(
        state="failed", error_code=30007
    )
    assert set(drawn(step)) == {first.pk}


def test_weights_alone_ask_for_no_counts(django_assert_num_queries: Any) -> None:
    variants = [TemplateVariantFactory(weight=3)]
    template = variants[0].template
    with django_assert_num_queries(0):
        assert shares_lately(template, variants, MONDAY_MORNING) == {variants[0].pk: 1.0}


def test_a_waiting_text_of_a_learning_template_leaves_in_the_wording_that_wins_by_then() -> None:
    step, first, second = learning_step()
    lead = reachable_lead(open_market())
    stored = Message(
        direction="out", origin="campaign", state="queued", body="x", due_at=MONDAY_MORNING, step=step,
        owner=lead.owner, lead=lead, market=lead.market, phone=PhoneNumberFactory(), variant=second,
    )  # fmt: skip
    stored.save()
    send_many(first, 100)
    send_many(second, 100, state="failed", error_code=30007)
    waiting = Message.objects.with_everything().get(pk=stored.pk)
    prepare_texts([waiting])
    assert waiting.variant == first
