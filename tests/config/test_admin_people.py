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
    task = PeriodicTask.objects.create(name="send due", task="outreach.tasks.send_due_messages", interval=schedule)

    assert "send due" in client.get(SCHEDULES).content.decode()
    assert client.get(reverse("admin:django_celery_beat_periodictask_change", args=[task.pk])).status_code == 200
