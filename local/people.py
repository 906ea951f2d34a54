"""The three demo logins, one per role."""

from __future__ import annotations

DEMO_PASSWORD = "land-demo"
DEMO_USERS = {"rep": "rep", "manager": "manager", "administrator": "administrator"}
"""User name -> role."""


def create_demo_users() -> None:
    from django.contrib.auth.models import Group

    from core.models import User

    for name, role in DEMO_USERS.items():
        user, created = User.objects.get_or_create(username=name, defaults={"is_staff": True})
        if created:
            user.set_password(DEMO_PASSWORD)
            user.save()
            user.groups.add(Group.objects.get(name=role))
