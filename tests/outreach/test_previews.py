from __future__ import annotations

from decimal import Decimal

import pytest

from outreach.previews import Wording, preview, wording_faults
from outreach.segments import Offender
from tests.factories import LeadFactory, MarketFactory, SenderNumberFactory

FIRST = "{{first_name|Hello}}, {{sender_name}} with {{company}}. Sell your land? Reply STOP to opt out."


@pytest.mark.parametrize(
    ("body", "purpose", "fault"),
    [
        ("{{nickname}} " + FIRST, "first_text", "Unknown placeholder: nickname."),
        ("{{letter_code}} " + FIRST, "first_text", "Nothing fills this placeholder here: letter_code."),
        ("Offer {{offer_range}}.", "letter", "Nothing fills this placeholder here: offer_range."),
        (
            "Sell your land? Reply STOP to opt out.",
            "first_text",
            "Say who writes: put {{company}} or {{sender_name}} into the text.",
        ),
        ("Still there?", "follow_up", "Say who writes: put {{company}} or {{sender_name}} into the text."),
        ("", "reply", "The text is empty: write what the owner shall read."),
        ("x" * 2000, "reply", "A text has at most 1,600 characters; this one has 2,000."),
        (
            "{{owner_na",
            "letter",
            "A brace stands alone at “{{owner_na”: a placeholder is written {{first_name}}, with its own braces.",
        ),
        (
            "{{company}} here. Sell your land?",
            "first_text",
            "A first text says how to stop, such as “Reply STOP to opt out.”",
        ),
    ],
)
def test_what_the_gate_would_refuse_is_a_fault_of_the_wording(body: str, purpose: str, fault: str) -> None:
    assert list(wording_faults(Wording(body, purpose), None)) == [fault]


@pytest.mark.parametrize(
    ("body", "purpose"),
    [
        (FIRST, "first_text"),
        ("{{company}} again: still open to an offer?", "follow_up"),
        ("Yes, I can call you at five.", "reply"),
        ("Dear {{owner_name}}, text {{letter_code}}.", "letter"),
    ],
)
def test_a_sound_wording_has_none(body: str, purpose: str) -> None:
    assert list(wording_faults(Wording(body, purpose), None)) == []


@pytest.mark.django_db
def test_the_markets_own_name_identifies_the_sender_as_a_placeholder_does() -> None:
    market = MarketFactory(company_name="Bayou Land", agent_name="Ann")
    text = "Bayou Land here. Sell your land? Reply STOP to opt out."
    assert list(wording_faults(Wording(text, "first_text"), market)) == []
    assert len(list(wording_faults(Wording(text, "first_text"), None))) == 1


@pytest.mark.django_db
def test_a_preview_shows_the_text_its_cost_and_what_makes_it_dear() -> None:
    lead = LeadFactory(owner__name="SMITH JOHN A", market__segment_cost=Decimal("0.0100"), market__agent_name="Sam")
    body = "Hi {{first_name}}, it’s {{sender_name}} at {{sender_phone}} 🙂. " + "x" * 40
    shown = preview(Wording(body, "first_text"), lead, SenderNumberFactory(number="+12255560123"))
    assert shown.text.startswith("Hi John, it’s Sam at (225) 556-0123 🙂. x")
    assert (shown.segments.encoding, shown.segments.count, shown.cost) == ("UCS-2", 2, Decimal("0.02"))
    assert shown.offenders == (
        Offender("’", "U+2019", "RIGHT SINGLE QUOTATION MARK", (12,), "'"),
        Offender("🙂", "U+1F642", "SLIGHTLY SMILING FACE", (37,), None),
    )
    assert shown.plain_body.startswith("Hi {{first_name}}, it's {{sender_name}}")


@pytest.mark.django_db
def test_a_preview_names_what_is_not_known_of_the_owner() -> None:
    lead = LeadFactory(owner__name="ACME LLC", owner__kind="company")
    shown = preview(Wording("Hi {{first_name}} {{last_name|there}}", "first_text"), lead, None)
    assert shown.missing == ("first_name",)
    assert shown.text == "Hi {{first_name}} there"


@pytest.mark.django_db
def test_a_spanish_wording_is_asked_for_spanish_words_and_takes_them() -> None:
    [fault] = wording_faults(Wording("{{company}}. ¿Vende su terreno?", "first_text", "es"), None)
    assert "“Responda STOP para no recibir más.”" in fault
    sound = "{{company}}. ¿Vende su terreno? Responda STOP para no recibir más."
    assert list(wording_faults(Wording(sound, "first_text", "es"), None)) == []
