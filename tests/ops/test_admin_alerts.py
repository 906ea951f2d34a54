import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

from ops.alerts import mark_seen, raise_alert
from ops.models import Alert, PersonalDataAccess
from tests.factories import LeadFactory, PhoneNumberFactory, UserFactory

pytestmark = pytest.mark.django_db
ALERTS = reverse("admin:ops_alert_changelist")
LOOKS = reverse("admin:ops_personaldataaccess_changelist")


def alert(number=1, **fields):
    return raise_alert(Alert.Level.CRITICAL, "provider", f"Alarm {number}", key=f"alarm {number}", **fields)


def look(number=1):
    return PersonalDataAccess.objects.create(user=UserFactory(), what="phone number", phone=PhoneNumberFactory())


@pytest.mark.parametrize(("url", "make"), [(ALERTS, alert), (LOOKS, look)])
@pytest.mark.parametrize("count", [1, 3])
def test_a_list_takes_the_same_queries_for_any_number_of_rows(
    client, person, warmed, url, make, count, django_assert_num_queries
):
    person("administrator")
    for number in range(count):
        make(number)
    warmed(url)

    with django_assert_num_queries(7):
        client.get(url)


def test_an_alert_is_marked_as_seen_once_and_leaves_the_home_page(client, person):
    user = person("rep")
    seen, other = alert(1, lead=LeadFactory()), alert(2)

    response = client.post(ALERTS, {"action": "mark_as_seen", "_selected_action": [seen.pk]}, follow=True)

    assert "The alert is marked as seen." in response.content.decode()
    seen.refresh_from_db()
    assert seen.seen_by == user
    assert list(Alert.objects.unseen()) == [other]
    assert [row.pk for row in client.get(f"{ALERTS}?seen=no").context["cl"].result_list] == [other.pk]


def test_what_nobody_has_seen_comes_first_and_the_newest_of_it_on_top(client, person):
    user = person("rep")
    seen, older, newer = alert(1), alert(2), alert(3)
    mark_seen(Alert.objects.filter(pk=seen.pk), by=user)

    assert list(client.get(ALERTS).context["cl"].result_list) == [newer, older, seen]


def test_an_alerts_own_page_marks_it_as_seen_and_says_by_whom(client, person):
    person("rep")
    page = reverse("admin:ops_alert_change", args=[alert().pk])
    assert "Mark as seen" in client.get(page).content.decode()

    client.post(ALERTS, {"action": "mark_as_seen", "_selected_action": [Alert.objects.get().pk]})

    shown = client.get(page).content.decode()
    assert "by a-rep" in shown
    assert "Mark as seen" not in shown


def test_who_may_only_look_marks_nothing(client):
    user = UserFactory()
    user.user_permissions.add(Permission.objects.get(codename="view_alert"))
    client.force_login(user)
    record = alert()

    assert "Mark as seen" not in client.get(reverse("admin:ops_alert_change", args=[record.pk])).content.decode()
    client.post(ALERTS, {"action": "mark_as_seen", "_selected_action": [record.pk]})
    assert Alert.objects.get().seen_at is None


def test_alerts_and_looks_are_never_edited(client, person):
    person("administrator")
    for record, name in ((alert(), "alert"), (look(), "personaldataaccess")):
        assert client.post(reverse(f"admin:ops_{name}_change", args=[record.pk]), {"title": "x"}).status_code == 403
        assert client.post(reverse(f"admin:ops_{name}_delete", args=[record.pk]), {"post": "yes"}).status_code == 403
        assert client.get(reverse(f"admin:ops_{name}_add")).status_code == 403


def test_a_person_without_a_role_sees_nothing(client):
    client.force_login(UserFactory())

    assert client.get(ALERTS).status_code == 403
    assert client.get(LOOKS).status_code == 403


def test_looks_show_numbers_masked(client, person):
    person("administrator")
    PersonalDataAccess.objects.create(
        user=UserFactory(), what="phone number", phone=PhoneNumberFactory(number="+12252345678")
    )

    page = client.get(LOOKS).content.decode()

    assert "(225) •••-••78" in page
    assert "2345678" not in page
