from __future__ import annotations

from django.contrib.auth.models import AbstractUser, UserManager
from django.db import models


class UserRepository(UserManager["User"]):
    use_in_migrations = False

    def team(self) -> models.QuerySet[User]:
        """Those who may be given work."""
        return self.filter(is_active=True, is_staff=True).order_by("username")

    def who_left(self) -> models.QuerySet[User]:
        return self.exclude(is_active=True, is_staff=True).order_by()

    def in_team(self, username: str) -> User | None:
        return self.team().filter(username=username).first()

    def called(self, username: str) -> User | None:
        return self.filter(username=username, is_active=True).first()


class User(AbstractUser):
    """A person of the team; what they may do comes from their group (see config/roles.py)."""

    objects = UserRepository()  # type: ignore[misc]  # AbstractUser's own is a class variable to mypy

    @property
    def has_left(self) -> bool:
        return not (self.is_active and self.is_staff)
