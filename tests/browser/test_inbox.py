"""The inbox as a rep works it: a reply comes in by itself, is corrected, answered and moved on; STOP locks the box."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from leads.models import Lead
from local.twilio_simulator import TwilioSimulator
from outreach.inbound import process_waiting
from outreach.models import Message, ReplyLabel, Thread
from outreach.sending import send_due
from outreach.waiting_replies import label_waiting
from tests.outreach.campaign_setting import MONDAY_MORNING, open_market, phone_of, reachable_lead
from tests.outreach.conftest import running_twilio, twilio_simulator  # noqa: F401
from tests.outreach.twilio_requests import stored_text

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
INBOX = "/admin/inbox/"
LogIn = Callable[[str], Page]


def comes_in(lead: Lead, body: str, number: int) -> None:
    stored_text(phone_of(lead).number, body, number)
    process_waiting()
    label_waiting()


def press(page: Page, key: str) -> None:
    page.wait_for_load_state()  # with the script that listens to keys
    page.keyboard.press(key)


def test_a_rep_works_a_reply_from_its_arrival_to_a_stop(
    log_in: LogIn,
    twilio_simulator: TwilioSimulator,  # noqa: F811
    time_machine,
    settings,
) -> None:
    settings.OPENAI_API_KEY = ""  # what the rules cannot read waits for a person
    time_machine.move_to(MONDAY_MORNING)
    lead = reachable_lead(open_market(), name="THIBODEAUX MARIE")
    page = log_in("rep")
    page.goto(INBOX)
    page.evaluate("window.same = true")

    comes_in(lead, "Maybe. Who knows?", 1)
    page.locator(".inbox-threads .unread", has_text="THIBODEAUX MARIE").wait_for(timeout=10_000)
    assert page.evaluate("window.same") is True  # without loading the page again

    press(page, "j")
    page.locator(".talk-in", has_text="Who knows?").wait_for()
    page.get_by_text("A reply waits for you").wait_for()
    press(page, "1")
    page.get_by_text("Labelled “Interested”.").wait_for()
    assert ReplyLabel.objects.get(current=True).label == "interested"
    assert Lead.objects.get().stage == "hot"

    press(page, "r")
    page.keyboard.type("Gladly. What would you want for it?")
    expect(page.get_by_text("1 segment (GSM-7)")).to_be_visible()
    page.get_by_role("button", name="Send").click()
    page.get_by_text("The text is on its way.").wait_for()
    page.locator(".talk-out", has_text="Gladly").wait_for()
    assert send_due().sent == 1
    page.locator(".talk-out .talk-foot", has_text="✓").wait_for(timeout=10_000)

    page.get_by_role("button", name="Offer made").click()
    page.get_by_text("The lead is now in “Offer made”.").wait_for()
    assert "/outreach/thread/" in page.url

    page.get_by_label("Reply", exact=True).fill("Are you still")
    comes_in(lead, "STOP", 2)
    page.locator(".talk-locked", has_text="opted out").wait_for(timeout=10_000)
    expect(page.get_by_label("Reply", exact=True)).to_have_count(0)
    assert Message.objects.filter(direction="out").count() == 1

    press(page, "e")
    page.get_by_text("Done: it comes back with the next reply.").wait_for()
    assert Thread.objects.get().done_at is not None


def test_what_is_being_written_stays_while_news_come_in(log_in: LogIn) -> None:
    lead = reachable_lead(open_market())
    comes_in(lead, "How much?", 1)
    page = log_in("rep")
    page.goto(f"/admin/outreach/thread/{Thread.objects.get().pk}/")
    page.get_by_label("Reply", exact=True).fill("One moment")

    comes_in(lead, "Hello?? How much is it", 2)
    page.locator(".talk-in", has_text="Hello??").wait_for(timeout=10_000)

    expect(page.get_by_label("Reply", exact=True)).to_have_value("One moment")


def test_keys_walk_through_conversations_and_are_told_under_the_question_mark(log_in: LogIn) -> None:
    market = open_market()
    for number, name in enumerate(("FIRST ANN", "SECOND BOB")):
        comes_in(reachable_lead(market, name=name), "How much?", number)
    page = log_in("rep")
    page.goto(INBOX)

    press(page, "?")
    expect(page.get_by_text("next, previous conversation")).to_be_visible()
    press(page, "Escape")
    for key, name in (("j", "SECOND BOB"), ("j", "FIRST ANN"), ("k", "SECOND BOB")):
        press(page, key)
        page.get_by_role("heading", name=name).wait_for()
        page.wait_for_load_state("networkidle")

    Thread.objects.filter(owner__name="SECOND BOB", unread=0).get()


def test_the_inbox_is_worked_on_a_phone(log_in: LogIn) -> None:
    lead = reachable_lead(open_market(), name="THIBODEAUX MARIE JOSEPHINE & BROUSSARD ANTOINE LE GRAND ET AL")
    comes_in(lead, "Maybe. " + "Who knows? " * 12, 1)
    page = log_in("rep")
    page.set_viewport_size({"width": 390, "height": 844})

    page.goto(INBOX)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.locator(".inbox-threads a").click()
    page.locator(".talk-in").wait_for()
    expect(page.locator(".inbox-threads")).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.get_by_role("link", name="The lead", exact=True).click()
    expect(page.get_by_text(lead.parcel.number)).to_be_visible()
    page.get_by_role("link", name="All conversations").click()
    page.locator(".inbox-threads", has_text="THIBODEAUX").wait_for()
