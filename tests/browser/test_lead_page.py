import pytest

from tests.factories import LeadFactory, OwnerPhoneFactory

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_the_home_page_opens_after_log_in(log_in):
    page = log_in("rep")
    page.goto("/")

    assert "/admin/" in page.url
    assert page.get_by_text("Today").first.is_visible()


def test_a_rep_opens_a_lead_from_the_list_and_sees_its_phone_masked(log_in):
    lead = LeadFactory(owner__name="THIBODEAUX MARIE")
    OwnerPhoneFactory(owner=lead.owner, phone__number="+12252345678")
    page = log_in("rep")

    page.goto("/admin/leads/lead/")
    page.get_by_text("THIBODEAUX MARIE").first.click()

    assert page.get_by_text("(225) •••-••78").first.is_visible()
    assert "2345678" not in page.content()
