import pytest
from playwright.sync_api import expect

from ops.models import PersonalDataAccess
from tests.factories import LeadFactory, MessageFactory, OwnerPhoneFactory

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_the_home_page_opens_after_log_in(log_in):
    page = log_in("rep")
    page.goto("/")

    assert "/admin/" in page.url
    expect(page.get_by_text("Today").first).to_be_visible()


def test_a_rep_opens_a_lead_from_the_list_and_sees_its_phone_masked(log_in):
    lead = LeadFactory(owner__name="THIBODEAUX MARIE")
    OwnerPhoneFactory(owner=lead.owner, phone__number="+12252345678")
    page = log_in("rep")

    page.goto("/admin/leads/lead/")
    page.get_by_text("THIBODEAUX MARIE").first.click()

    page.locator(".lead-number", has_text="(225) •••-••78").wait_for()
    assert "2345678" not in page.content()


def test_a_rep_looks_at_a_number_and_moves_the_lead(log_in):
    lead = LeadFactory(owner__name="THIBODEAUX MARIE")
    OwnerPhoneFactory(owner=lead.owner, phone__number="+12252345678")
    page = log_in("rep")
    page.goto(lead.get_absolute_url())

    page.get_by_role("button", name="Show").click()
    page.get_by_role("link", name="(225) 234-5678").wait_for()
    assert PersonalDataAccess.objects.get().owner == lead.owner

    page.get_by_role("button", name="Dead").click()
    expect(page.get_by_text("write a reason first")).to_be_visible()

    page.get_by_label("Reason").fill("Sold to a neighbour")
    page.get_by_role("button", name="Dead").click()
    expect(page.get_by_text("The lead is now in “Dead”.")).to_be_visible()
    expect(page.get_by_text("Ingested → Dead: Sold to a neighbour")).to_be_visible()


def test_the_lead_page_is_readable_on_a_phone(log_in):
    lead = LeadFactory(owner__name="THIBODEAUX MARIE JOSEPHINE & BROUSSARD ANTOINE LE GRAND ET AL")
    page = log_in("rep")
    page.set_viewport_size({"width": 390, "height": 844})

    page.goto(lead.get_absolute_url())

    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_rep_labels_a_reply_and_writes_an_answer_that_is_counted_as_it_is_written(log_in):
    lead = LeadFactory()
    phone = OwnerPhoneFactory(owner=lead.owner).phone
    MessageFactory(owner=lead.owner, lead=lead, phone=phone, body="Maybe. Who knows?", needs_person=True)
    page = log_in("rep")
    page.goto(lead.get_absolute_url())
    expect(page.get_by_text("A reply waits for you")).to_be_visible()

    page.get_by_label("Label of this reply").select_option("Interested")
    page.get_by_text("Labelled “Interested”.").wait_for()
    expect(page.get_by_text("A reply waits for you")).to_have_count(0)

    page.get_by_label("Reply", exact=True).fill("Gladly – “tomorrow”?")
    expect(page.get_by_text("1 segment (UCS-2)")).to_be_visible()
    page.get_by_role("button", name="write it plainly").click()
    expect(page.get_by_text("1 segment (GSM-7)")).to_be_visible()
    expect(page.get_by_label("Reply", exact=True)).to_have_value('Gladly - "tomorrow"?')
    page.get_by_role("button", name="Send").click()
    page.get_by_text("It leaves by itself as soon as it may: the market has no active sender number").wait_for()
