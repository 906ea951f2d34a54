from __future__ import annotations

from decimal import Decimal

import pytest

from outreach.previews import Offender, preview, wording_faults
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
        (
            "{{company}} here. Sell your land?",
            "first_text",
            "A first text says how to stop, such as “Reply STOP to opt out.”",
        ),
    ],
)
def test_what_the_gate_would_refuse_is_a_fault_of_the_wording(body: str, purpose: str, fault: str) -> None:
    assert list(wording_faults(body, purpose, None)) == [fault]


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
    assert list(wording_faults(body, purpose, None)) == []


@pytest.mark.django_db
def test_the_markets_own_name_identifies_the_sender_as_a_placeholder_does() -> None:
    market = MarketFactory(company_name="Bayou Land", agent_name="Ann")
    text = "Bayou Land here. Sell your land? Reply STOP to opt out."
    assert list(wording_faults(text, "first_text", market)) == []
    assert len(list(wording_faults(text, "first_text", None))) == 1


@pytest.mark.django_db
def test_a_preview_shows_the_text_its_cost_and_what_makes_it_dear() -> None:
    lead = LeadFactory(owner__name="SMITH JOHN A", market__segment_cost=Decimal("0.0100"), market__agent_name="Sam")
    body = "Hi {{first_name}}, it’s {{sender_name}} at {{sender_phone}} 🙂. " + "x" * 40
    shown = preview(body, "first_text", lead, SenderNumberFactory(number="+12255560123"))
    assert shown.text.startswith("Hi John, it’s Sam at (225) 556-0123 🙂. x")
    assert (shown.segments.encoding, shown.segments.count, shown.cost) == ("UCS-2", 2, Decimal("0.02"))
    assert shown.offenders == (
        Offender("’", "right single quotation mark", "'"),
        Offender("🙂", "slightly smiling face", ""),
    )
    assert shown.plain_body.startswith("Hi {{first_name}}, it's {{sender_name}}")


@pytest.mark.django_db
def test_a_preview_names_what_is_not_known_of_the_owner() -> None:
    lead = LeadFactory(owner__name="ACME LLC", owner__kind="company")
    shown = preview("Hi {{first_name}} {{last_name|there}}", "first_text", lead, None)
    assert shown.missing == ("first_name",)
    assert shown.text == "Hi {{first_name}} there"
