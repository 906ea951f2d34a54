"""Owners, parcels, phones and events in the admin: what is shown, what may be changed, what stays hidden."""

import pytest
from django.urls import reverse

from leads.events import record_event
from leads.models import AnyEvent, Event, Owner, Parcel
from tests.admin_forms import form_values
from tests.factories import (
    LeadFactory,
    OwnerFactory,
    OwnerPhoneFactory,
    OwnershipFactory,
    ParcelFactory,
    PhoneNumberFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


def note(text):
    return record_event(Event.Kind.NOTE_ADDED, lead=LeadFactory(), text=text)


FACTORIES = {
    "owner": OwnerFactory,
    "parcel": ParcelFactory,
    "phonenumber": PhoneNumberFactory,
    "anyevent": lambda: AnyEvent.objects.get(pk=note("Called, no answer").pk),
}


def list_of(model):
    return reverse(f"admin:leads_{model}_changelist")


def page_of(record):
    return reverse(f"admin:leads_{record._meta.model_name}_change", args=[record.pk])


@pytest.mark.parametrize("model", FACTORIES)
@pytest.mark.parametrize("count", [1, 3])
def test_a_list_takes_the_same_queries_for_any_number_of_rows(
    client, person, warmed, model, count, django_assert_num_queries
):
    person("rep")
    for _ in range(count):
        FACTORIES[model]()
    warmed(list_of(model))

    with django_assert_num_queries(5 if model != "anyevent" else 7):
        response = client.get(list_of(model))

    assert len(response.context["cl"].result_list) == count


@pytest.mark.parametrize("model", FACTORIES)
def test_a_person_without_a_role_sees_nothing(client, model):
    record = FACTORIES[model]()
    client.force_login(UserFactory())

    assert client.get(list_of(model)).status_code == 403
    assert client.get(page_of(record)).status_code == 403


@pytest.mark.parametrize("model", FACTORIES)
def test_nobody_adds_or_deletes_by_hand(client, person, model):
    record = FACTORIES[model]()
    person("administrator")

    assert client.get(reverse(f"admin:leads_{model}_add")).status_code == 403
    assert client.post(reverse(f"admin:leads_{model}_delete", args=[record.pk]), {"post": "yes"}).status_code == 403


# owners


def test_a_corrected_name_is_found_by_its_new_spelling(client, person):
    user = person("rep")
    owner = OwnerFactory(name="SMTIH JOHN")
    values = form_values(client.get(page_of(owner)))

    client.post(page_of(owner), values | {"name": "Smith, John", "mailing_street": "12 Oak St."})

    owner.refresh_from_db()
    assert (owner.name, owner.name_key) == ("Smith, John", "SMITH JOHN")
    assert owner.mailing_key == "12 OAK ST BATON ROUGE LA 70810"
    assert owner.people == [{"last": "Smith", "first": "John", "middle": "", "suffix": ""}]
    assert owner.history.first().history_user == user


def test_an_owners_page_names_the_people_and_who_takes_their_mail(client, person):
    person("rep")
    owner = OwnerFactory(name="SMITH JOHN A & MARY B ET AL C/O DOE JANE")
    client.post(page_of(owner), form_values(client.get(page_of(owner))) | {"mailing_state": "la"})

    page = client.get(page_of(owner)).content.decode()

    assert "John A. Smith, Mary B. Smith" in page
    assert "DOE JANE" in page
    owner.refresh_from_db()
    assert (owner.et_al, owner.mailing_state) == (True, "LA")


def test_an_owners_page_says_that_nobody_is_named(client, person):
    person("rep")

    page = client.get(page_of(OwnerFactory(name="ACME LAND LLC", kind="company"))).content.decode()

    assert "nobody by name" in page


def test_an_owners_page_masks_phones_and_hides_the_email(client, person):
    person("rep")
    owner = OwnerFactory(email="jean@example.com")
    OwnerPhoneFactory(owner=owner, phone__number="+12252345678")

    page = client.get(page_of(owner)).content.decode()

    assert "(225) •••-••78" in page
    assert "2345678" not in page
    assert "jean@example.com" not in page


@pytest.mark.parametrize("count", [1, 3])
def test_an_owners_page_takes_the_same_queries_for_any_number_of_phones(
    client, person, warmed, count, django_assert_num_queries
):
    person("rep")
    owner = OwnerFactory()
    OwnerPhoneFactory.create_batch(count, owner=owner)
    LeadFactory.create_batch(count, owner=owner)
    warmed(page_of(owner))

    with django_assert_num_queries(8):
        client.get(page_of(owner))


def test_the_form_ranks_numbers_and_ends_none(client, person):
    person("rep")
    link = OwnerPhoneFactory()
    values = form_values(client.get(page_of(link.owner)))
    changed = {"phone_links-0-until_0": "2026-03-01", "phone_links-0-until_1": "10:00:00", "phone_links-0-rank": "3"}

    client.post(page_of(link.owner), values | changed)

    link.refresh_from_db()
    assert (link.rank, link.until) == (3, None)


# parcels


def test_a_manager_corrects_a_parcel_and_a_rep_only_looks(client, person):
    parcel = ParcelFactory(acres="2.5")
    OwnershipFactory(parcel=parcel, owner__name="COMEAUX PAUL")
    person("rep")
    assert "COMEAUX PAUL" in client.get(page_of(parcel)).content.decode()
    assert client.post(page_of(parcel), {"acres": "9"}).status_code == 403

    person_page = person("manager")
    values = form_values(client.get(page_of(parcel)))
    client.post(page_of(parcel), values | {"acres": "3.75"})

    parcel.refresh_from_db()
    assert str(parcel.acres) == "3.7500"
    assert parcel.history.first().history_user == person_page


def test_an_impossible_size_is_refused_in_the_form(client, person):
    person("manager")
    parcel = ParcelFactory()
    values = form_values(client.get(page_of(parcel)))

    response = client.post(page_of(parcel), values | {"acres": "-1"})

    assert response.status_code == 200
    assert "parcel_acres_positive" in str(response.context["errors"])
    assert Parcel.objects.get().acres == parcel.acres or str(Parcel.objects.get().acres) == "2.5000"


# phones


def test_a_phone_is_found_by_its_whole_number_and_shown_masked(client, person):
    person("rep")
    phone = PhoneNumberFactory(number="+12252345678")
    PhoneNumberFactory()
    OwnerPhoneFactory(phone=phone, owner__name="THIBODEAUX MARIE")

    found = client.get(list_of("phonenumber"), {"q": "225-234-5678"})
    assert [row.pk for row in found.context["cl"].result_list] == [phone.pk]

    page = client.get(page_of(phone)).content.decode()
    assert "THIBODEAUX MARIE" in page
    assert "2345678" not in page


# events


def test_events_are_shown_in_words(client, person):
    person("rep")
    FACTORIES["anyevent"]()

    assert "Called, no answer" in client.get(list_of("anyevent")).content.decode()


def test_owners_are_never_joined_by_the_list(client, person):
    """The list defers what it does not show: an e-mail is decrypted on the owner's page alone."""
    person("rep")
    OwnerFactory(email="jean@example.com")

    rows = client.get(list_of("owner")).context["cl"].result_list

    assert rows[0].get_deferred_fields() == {"email"}
    assert Owner.objects.get().email == "jean@example.com"
