"""The inbox as a rep works it: a reply comes in by itself, is corrected, answered and moved on; STOP locks the box."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from core.phones import mask
from leads.merging import merge_owners
from leads.models import Lead
from leads.pipeline import move_lead
from local.twilio_simulator import TwilioSimulator
from outreach.inbound import process_waiting
from outreach.models import Message, ReplyLabel, Thread
from outreach.sending import send_due
from outreach.waiting_replies import label_waiting
from tests.factories import OwnerPhoneFactory, PhoneNumberFactory
from tests.outreach.campaign_setting import MONDAY_MORNING, open_market, phone_of, reachable_lead
from tests.outreach.conftest import running_twilio, twilio_simulator  # noqa: F401
from tests.outreach.twilio_requests import stored_text

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
INBOX = "/admin/inbox/"
LogIn = Callable[[str], Page]


@pytest.fixture(autouse=True)
def _often(settings) -> None:
    settings.INBOX_REFRESH_SECONDS = 0.3


def comes_in(lead: Lead, body: str, number: int) -> None:
    stored_text(phone_of(lead).number, body, number)
    process_waiting()
    label_waiting()


def hears(number: str, body: str, sid: int) -> None:
    stored_text(number, body, sid)
    process_waiting()


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


def open_thread(page: Page) -> None:
    page.goto(f"/admin/outreach/thread/{Thread.objects.get().pk}/")


def box(page: Page) -> Locator:
    return page.get_by_label("Reply", exact=True)


def test_what_is_being_written_outlives_whatever_loads_the_page_again(log_in: LogIn, settings) -> None:
    settings.OPENAI_API_KEY = ""
    comes_in(reachable_lead(open_market()), "Maybe. Who knows?", 1)
    page = log_in("rep")
    open_thread(page)
    words = "What would you want, {{first_name}}?"
    box(page).fill(words)

    page.locator(".inbox-head h2").click()
    press(page, "2")
    page.get_by_text("Labelled “Send offer”.").wait_for()
    expect(box(page)).to_have_value(words)
    page.get_by_role("button", name="Send").click()
    page.get_by_text("Not sent: a placeholder is not filled in").wait_for()
    expect(box(page)).to_have_value(words)
    cookies = page.context.cookies()
    page.context.clear_cookies()
    page.get_by_label("Username").wait_for(timeout=10_000)  # the page finds out by itself that nobody is logged in
    page.context.add_cookies(cookies)
    open_thread(page)
    expect(box(page)).to_have_value(words)


def test_a_text_that_has_left_has_left_the_box_however_often_the_button_is_pressed(log_in: LogIn) -> None:
    lead = reachable_lead(open_market())
    comes_in(lead, "How much?", 1)
    page = log_in("rep")
    open_thread(page)
    box(page).fill("What would you want?")

    page.get_by_role("button", name="Send").dblclick()
    page.locator(".talk-out", has_text="What would you want?").wait_for()

    expect(box(page)).to_have_value("")
    assert Message.objects.filter(direction="out").count() == 1
    page.reload()
    expect(box(page)).to_have_value("")
    page.go_back()
    page.locator(".talk-out", has_text="What would you want?").wait_for()
    expect(box(page)).to_have_value("")


def test_who_writes_is_told_that_a_colleague_answered_and_loses_nothing(log_in: LogIn) -> None:
    lead = reachable_lead(open_market())
    comes_in(lead, "How much?", 1)
    first, second = log_in("rep"), log_in("manager")
    for page in (first, second):
        open_thread(page)
    second.route("**/live/**", lambda route: route.abort())  # it has not heard yet
    for page, words in ((first, "We pay 20k."), (second, "We pay 10k.")):
        box(page).fill(words)
        page.get_by_role("button", name="Send").click()

    second.get_by_text("Not sent: rep-in-a-browser wrote meanwhile.").wait_for()
    second.locator(".talk-out", has_text="We pay 20k.").wait_for()
    expect(box(second)).to_have_value("We pay 10k.")
    assert Message.objects.filter(direction="out").count() == 1


def test_a_note_that_is_being_written_stays_and_the_facts_come_after_it(log_in: LogIn) -> None:
    lead = reachable_lead(open_market())
    comes_in(lead, "How much?", 1)
    page = log_in("rep")
    open_thread(page)
    note = page.get_by_placeholder("What was said, what was agreed")
    note.fill("Call at five")
    page.locator(".inbox-head h2").click()

    comes_in(lead, "Hello?? How much is it", 2)
    assert move_lead(Lead.objects.get(), "offer_made", by=None, reason="test")
    page.locator(".talk-in", has_text="Hello??").wait_for(timeout=10_000)
    expect(note).to_have_value("Call at five")
    expect(page.locator(".inbox-lead-head")).to_contain_text("Hot")

    note.fill("")
    expect(page.locator(".inbox-lead-head")).to_contain_text("Offer made", timeout=10_000)


def test_what_comes_in_while_one_looks_is_read_and_the_page_says_so(log_in: LogIn) -> None:
    lead = reachable_lead(open_market(), name="THIBODEAUX MARIE")
    comes_in(lead, "How much?", 1)
    page = log_in("rep")
    open_thread(page)
    expect(page.locator(".inbox-threads .unread")).to_have_count(0, timeout=10_000)
    page.reload()

    comes_in(lead, "Hello?? How much is it", 2)
    page.locator(".talk-in", has_text="Hello??").wait_for(timeout=10_000)

    expect(page.locator(".inbox-threads .unread")).to_have_count(0, timeout=10_000)
    assert Thread.objects.get().unread == 0


def test_an_empty_box_answers_at_the_number_that_wrote_last_and_words_stay_where_they_were_meant(
    log_in: LogIn,
) -> None:
    lead = reachable_lead(open_market())
    home, work = phone_of(lead).number, PhoneNumberFactory(number="+12255551111")
    comes_in(lead, "How much?", 1)
    OwnerPhoneFactory(owner=lead.owner, phone=work, rank=2)
    page = log_in("rep")
    open_thread(page)
    number = page.get_by_label("Number to text").locator("option:checked")
    expect(number).to_have_text(mask(home))

    hears(work.number, "And this is my number at work", 2)
    expect(number).to_have_text(mask(work.number), timeout=10_000)
    box(page).fill("Thank you")
    hears(home, "Or call me here", 3)
    page.locator(".talk-in", has_text="Or call me here").wait_for(timeout=10_000)
    expect(number).to_have_text(mask(work.number))


def test_a_conversation_far_down_the_list_is_in_sight_when_it_is_opened(log_in: LogIn) -> None:
    market = open_market()
    for number in range(25):
        comes_in(reachable_lead(market), "How much?", number)
    page = log_in("rep")
    page.goto(INBOX)

    page.locator("[data-thread-link]").last.click()
    page.locator(".inbox-talk").wait_for()

    expect(page.locator("[data-thread-link][aria-current]")).to_be_in_viewport()


def test_a_server_that_is_gone_is_said_to_be_and_comes_back(log_in: LogIn) -> None:
    lead = reachable_lead(open_market())
    page = log_in("rep")
    page.goto(INBOX)
    notice = page.get_by_text("No answer from the server, trying again.")

    for answer in (lambda route: route.abort(), lambda route: route.fulfill(status=502)):
        page.route("**/live/**", answer)
        notice.wait_for(timeout=10_000)
        page.unroute("**/live/**")
        expect(notice).to_have_count(0, timeout=10_000)
    comes_in(lead, "How much?", 1)
    page.locator(".inbox-threads .unread").wait_for(timeout=10_000)
    expect(page).to_have_title(re.compile(r"^\(1\) Inbox"))


def test_a_page_whose_conversation_was_merged_says_where_it_went_and_keeps_the_words(log_in: LogIn) -> None:
    market = open_market()
    kept, absorbed = (reachable_lead(market, name=name) for name in ("KEPT ANN", "GONE ANN"))
    comes_in(absorbed, "How much?", 1)
    page = log_in("rep")
    open_thread(page)
    box(page).fill("One moment")

    assert merge_owners(kept.owner, absorbed.owner, by=None, reason="the same")
    page.get_by_text("This conversation went into another.").wait_for(timeout=10_000)
    expect(box(page)).to_have_value("One moment")
    page.get_by_role("link", name="Open it").click()
    page.get_by_role("heading", name="KEPT ANN").wait_for()


def test_how_long_ago_a_text_came_stays_true_and_the_keyboard_where_it_was(log_in: LogIn) -> None:
    lead = reachable_lead(open_market())
    comes_in(lead, "How much?", 1)
    page = log_in("rep")
    page.clock.install()
    page.goto(INBOX)
    page.locator(".inbox-threads a").focus()

    page.clock.fast_forward("50:00")
    page.locator(".inbox-threads time", has_text="50 minutes ago").wait_for()
    comes_in(lead, "Hello?? How much is it", 2)
    page.clock.run_for(4_000)
    page.locator(".inbox-threads", has_text="Hello??").wait_for()

    expect(page.locator(".inbox-threads a")).to_be_focused()


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
        page.locator("li:not(.unread) > [aria-current]").wait_for()

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
