"""People, roles and schedules: an administrator's pages."""

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse
from django_celery_beat.models import IntervalSchedule, PeriodicTask

from core.models import User
from tests.admin_forms import form_values
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db
PEOPLE = reverse("admin:core_user_changelist")
SCHEDULES = reverse("admin:django_celery_beat_periodictask_changelist")


def test_an_administrator_adds_a_rep_who_can_log_in_and_work(client, person):
    person("administrator")
    group = Group.objects.get(name="rep")
    new = {
        "username": "marie",
        "password1": "a-long-password-1",
        "password2": "a-long-password-1",
        "usable_password": "true",
        "groups": [group.pk],
        "is_staff": "on",
    }

    response = client.post(reverse("admin:core_user_add"), new)

    assert response.status_code == 302
    client.logout()
    assert client.login(username="marie", password="a-long-password-1")
    assert client.get(reverse("admin:leads_lead_changelist")).status_code == 200


def test_a_form_cannot_make_a_superuser(client, person):
    user = person("administrator")
    page = reverse("admin:core_user_change", args=[user.pk])

    client.post(page, form_values(client.get(page)) | {"is_superuser": "on"})

    assert not User.objects.get(pk=user.pk).is_superuser


def test_an_administrator_gives_a_role_and_switches_a_person_off(client, person):
    person("administrator")
    other = UserFactory(is_staff=True)
    page = reverse("admin:core_user_change", args=[other.pk])
    values = form_values(client.get(page)) | {"groups": [Group.objects.get(name="manager").pk]}

    client.post(page, {name: value for name, value in values.items() if name != "is_active"})

    other.refresh_from_db()
    assert ([group.name for group in other.groups.all()], other.is_active) == (["manager"], False)


def test_an_administrator_keeps_their_own_role(client, person):
    user = person("administrator")
    page = reverse("admin:core_user_change", args=[user.pk])
    values = form_values(client.get(page)) | {"groups": [], "first_name": "Anne"}

    client.post(page, values)

    user.refresh_from_db()
    assert ([group.name for group in user.groups.all()], user.is_active) == (["administrator"], True)
    assert user.first_name == "Anne"


def test_an_administrator_neither_changes_a_superuser_nor_their_password(client, person):
    person("administrator")
    root = UserFactory(is_superuser=True, is_staff=True)
    password = reverse("admin:auth_user_password_change", args=[root.pk])

    assert client.post(reverse("admin:core_user_change", args=[root.pk]), {"username": "mine"}).status_code == 403
    new = {"password1": "a-long-password-1", "password2": "a-long-password-1", "usable_password": "true"}
    assert client.post(password, new).status_code == 403
    changed = User.objects.get(pk=root.pk)
    assert (changed.username, changed.password) == (root.username, root.password)


def test_a_new_person_may_log_in_unless_told_otherwise(client, person):
    person("administrator")

    assert form_values(client.get(reverse("admin:core_user_add")))["is_staff"] == "on"


@pytest.mark.parametrize("role", ["rep", "manager"])
def test_only_administrators_see_people_and_schedules(client, person, role):
    person(role)

    assert client.get(PEOPLE).status_code == 403
    assert client.get(SCHEDULES).status_code == 403


def test_nobody_is_deleted(client, person):
    person("administrator")
    other = UserFactory()

    assert client.post(reverse("admin:core_user_delete", args=[other.pk]), {"post": "yes"}).status_code == 403


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_of_people_takes_the_same_queries_for_any_number(
    client, person, warmed, count, django_assert_num_queries
):
    person("administrator")
    for user in UserFactory.create_batch(count):
        user.groups.add(Group.objects.get(name="rep"))
    warmed(PEOPLE)

    with django_assert_num_queries(9):
        client.get(PEOPLE)


def test_an_administrator_changes_how_often_work_repeats(client, person):
    person("administrator")
    schedule = IntervalSchedule.objects.create(every=15, period="seconds")
    slower = IntervalSchedule.objects.create(every=5, period="minutes")
    task = PeriodicTask.objects.create(name="send due", task="outreach.tasks.send_due_messages", interval=schedule)
    page = reverse("admin:django_celery_beat_periodictask_change", args=[task.pk])

    assert "every 15 seconds" in client.get(SCHEDULES).content.decode()
    response = client.post(page, form_values(client.get(page)) | {"interval": slower.pk})

    assert response.status_code == 302, response.context["errors"]
    task.refresh_from_db()
    assert (task.interval, task.task) == (slower, "outreach.tasks.send_due_messages")


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_of_schedules_takes_the_same_queries_for_any_number(
    client, person, warmed, count, django_assert_num_queries
):
    person("administrator")
    for number in range(count):
        every = IntervalSchedule.objects.create(every=number + 1, period="minutes")
        PeriodicTask.objects.create(name=f"sweep {number}", task="config.tasks.deliver_events", interval=every)
    warmed(SCHEDULES)

    with django_assert_num_queries(7):
        client.get(SCHEDULES)
