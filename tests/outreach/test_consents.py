from __future__ import annotations

import pytest

from leads.models import Event
from outreach.consents import current_consent, record_consent, revoke_consents
from outreach.models import Consent
from tests.factories import OwnerFactory, OwnerPhoneFactory, PhoneNumberFactory, UserFactory

pytestmark = pytest.mark.django_db


def test_a_consent_says_who_recorded_it_and_what_it_rests_on():
    link, rep = OwnerPhoneFactory(), UserFactory()

    consent = record_consent(link.owner, "verbal", evidence="Call of 3 March, script read", by=rep, phone=link.phone)

    assert current_consent(link.owner, link.phone) == consent
    assert consent.recorded_by == rep
    event = Event.objects.get(kind="ConsentGiven")
    assert (event.owner, event.actor, event.data["basis"]) == (link.owner, rep, "verbal")


def test_a_consent_for_one_number_does_not_cover_another():
    link = OwnerPhoneFactory()
    record_consent(link.owner, "web_form", evidence="form", phone=link.phone)

    assert current_consent(link.owner, PhoneNumberFactory()) is None
    assert current_consent(OwnerFactory(), link.phone) is None


def test_a_consent_without_a_number_covers_them_all():
    owner = OwnerFactory()
    consent = record_consent(owner, "existing_deal", evidence="contract of 2025")

    assert current_consent(owner, PhoneNumberFactory()) == consent


@pytest.mark.parametrize(("basis", "evidence"), [("bought_list", "list"), ("web_form", "  ")])
def test_no_basis_or_no_evidence_is_no_consent(basis, evidence):
    with pytest.raises(ValueError, match="consent"):
        record_consent(OwnerFactory(), basis, evidence=evidence)

    assert not Consent.objects.exists()
    assert not Event.objects.exists()


def test_an_opt_out_withdraws_what_covers_the_number_for_everybody_who_shares_it():
    link = OwnerPhoneFactory()
    sharing = OwnerPhoneFactory(phone=link.phone).owner
    other = OwnerFactory()
    record_consent(link.owner, "web_form", evidence="form", phone=link.phone)
    record_consent(sharing, "verbal", evidence="call")
    kept = record_consent(other, "verbal", evidence="call")

    assert revoke_consents(link.phone, [link.owner, sharing]) == 2

    assert current_consent(link.owner, link.phone) is None
    assert current_consent(sharing, link.phone) is None
    assert current_consent(other, None) == kept
    assert Consent.history.filter(revoked_at__isnull=False).count() == 2
