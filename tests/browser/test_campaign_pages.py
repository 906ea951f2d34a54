import pytest
from playwright.sync_api import expect

from outreach.calls import fill_call_list
from outreach.campaigns import launch_campaign
from outreach.models import CallTask, Campaign, Message, TemplateVariant
from tests.factories import LeadFactory, ParishFactory, SenderNumberFactory, TemplateVariantFactory
from tests.outreach.campaign_setting import draft_campaign, open_market, reachable_lead

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
BODY = "textarea[name=variants-0-body]"


def test_a_wording_is_shown_for_a_lead_while_it_is_typed_and_made_cheaper(log_in):
    LeadFactory(owner__name="SMITH JOHN", score=60)
    page = log_in("manager")
    page.goto("/admin/outreach/messagetemplate/add/?purpose=first_text")

    page.fill(BODY, "Hi {{first_name}}, it’s {{sender_name}}.")
    page.get_by_text("Hi John, it’s Sam.").wait_for()
    expect(page.get_by_text("A first text says how to stop")).to_be_visible()

    page.get_by_role("button", name="Use plain characters").click()
    page.get_by_text("Hi John, it's Sam.").wait_for()
    assert page.input_value(BODY) == "Hi {{first_name}}, it's {{sender_name}}."


def test_a_wording_is_shown_for_the_owner_searched_for(log_in):
    LeadFactory(owner__name="SMITH JOHN", score=60)
    LeadFactory(owner__name="LANDRY PAUL", score=20)
    page = log_in("manager")
    page.goto("/admin/outreach/messagetemplate/add/?purpose=reply")
    page.fill(BODY, "Hi {{first_name}}")

    page.locator(".field-preview_for .select2-selection").click()
    page.locator(".select2-search__field").fill("landry")
    page.locator(".select2-results__option", has_text="LANDRY PAUL").click()

    page.get_by_text("Hi Paul").wait_for()


def test_a_preview_tells_who_would_not_get_the_text_and_follows_the_language(log_in):
    LeadFactory(owner__name="ACME LAND LLC", owner__kind="company", score=60)
    page = log_in("manager")
    page.goto("/admin/outreach/messagetemplate/add/?purpose=first_text")

    page.fill(BODY, "{{company}} here, {{first_name}}. Reply STOP to opt out.")
    page.get_by_text("The only lead tried has no first name.").wait_for()
    page.fill(BODY, "{{company}} here, {{first_name|neighbor}}. Bye.")
    page.get_by_text("such as “Reply STOP to opt out.”").wait_for()
    page.select_option("#id_language", "es")
    page.get_by_text("such as “Responda STOP para no recibir más.”").wait_for()


def test_earlier_words_are_put_back_from_the_versions(log_in):
    variant = TemplateVariantFactory()
    first = variant.body
    variant.body = "{{company}} here. Sell? Reply STOP to opt out."
    variant.save()
    page = log_in("manager")
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(variant.template.get_absolute_url() + "../history/")

    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.get_by_text("Put these words back…").click()
    page.get_by_label("Why these words are put back").fill("It did better")
    page.get_by_role("button", name="Put back", exact=True).click()

    page.get_by_text("Wording A reads as it did").wait_for()
    assert TemplateVariant.objects.get().body == first


def test_a_manager_dry_runs_launches_and_thinks_twice_about_ending(log_in):
    market = open_market()
    reachable_lead(market)
    campaign = draft_campaign(market)
    page = log_in("manager")
    page.goto(campaign.get_absolute_url())

    page.get_by_role("button", name="Dry run").click()
    page.get_by_role("button", name="Launch: text 1 owner").click()
    page.get_by_text("1 texts are queued").wait_for()

    page.once("dialog", lambda dialog: dialog.dismiss())
    page.get_by_role("button", name="End").click()
    assert Campaign.objects.get().status == "running"

    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="End").click()
    page.get_by_text("The campaign has ended; 1 texts were cancelled.").wait_for()


def test_the_audience_is_counted_while_the_form_is_filled_in(log_in):
    market = open_market()
    reachable_lead(market, score=70)
    reachable_lead(market, score=50, consent=False)
    page = log_in("manager")
    page.goto(draft_campaign(market).get_absolute_url())
    page.get_by_text("2 owners (2 leads), of whom 1 could be texted today.").wait_for()

    page.fill("input[name=min_score]", "60")
    page.get_by_text("1 owner (1 lead), of whom 1 could be texted today.").wait_for()

    page.get_by_label("Qualified").first.uncheck()
    page.get_by_text("Choose a market and a stage").wait_for()


def test_the_numbers_of_a_running_campaign_stay_fresh(log_in):
    market = open_market()
    reachable_lead(market)
    campaign = draft_campaign(market)
    launch_campaign(campaign, by=None)
    page = log_in("rep")
    page.clock.install()
    page.goto(campaign.get_absolute_url())
    assert page.locator("dl div", has_text="Delivered").inner_text().split() == ["Delivered", "0"]

    Message.objects.update(state="delivered", sid="SM1", claimed_at="2026-09-14T16:00Z")
    page.clock.run_for(5_000)

    page.locator("dl div", has_text="Delivered").get_by_text("1", exact=True).wait_for()


def test_enter_presses_no_outcome_and_a_number_is_shown_to_call(log_in):
    market = open_market()
    reachable_lead(market, consent=False, number="+12252345678")
    fill_call_list(market, 5)
    page = log_in("rep")
    page.goto(f"/admin/outreach/calltask/{CallTask.objects.get().pk}/change/")

    page.get_by_role("button", name="Show").click()
    page.get_by_role("link", name="(225) 234-5678").wait_for()
    page.get_by_label("Call back at").press("Enter")
    page.get_by_text("Press the button that says what came of the call.").wait_for()
    assert CallTask.objects.get().done_at is None

    page.get_by_label("Note").fill("Wants an offer")
    page.get_by_role("button", name="Interested", exact=True).click()
    page.get_by_text("Interested: the lead is hot now.").wait_for()
    assert CallTask.objects.get().note == "Wants an offer"


@pytest.mark.parametrize("name", ["change", "dry_run"])
def test_the_campaign_pages_are_readable_on_a_phone(log_in, name):
    market = open_market()
    reachable_lead(market, name="THIBODEAUX MARIE JOSEPHINE & BROUSSARD ANTOINE LE GRAND ET AL")
    campaign = draft_campaign(market)
    page = log_in("manager")
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(campaign.get_absolute_url())
    if name == "dry_run":
        page.get_by_role("button", name="Dry run").click()
        page.get_by_text("THIBODEAUX").wait_for()

    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_numbers_health_is_seen_whole_on_a_phone(log_in):
    sender = SenderNumberFactory()
    page = log_in("manager")
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"/admin/outreach/sendernumber/{sender.pk}/change/")
    cells = page.locator("td[data-label=Replies]")
    assert cells.count() == 3
    for cell in cells.all():
        box = cell.bounding_box()
        assert box["x"] + box["width"] <= 390


def test_parishes_stand_in_columns(log_in):
    ParishFactory.create_batch(6)
    page = log_in("manager")
    page.goto("/admin/outreach/campaign/add/")
    places = [box.bounding_box()["x"] for box in page.locator("input[name=parishes]").all()]
    assert len(set(places)) > 1
