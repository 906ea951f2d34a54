"""Pages of records that belong to no room: the team's people, and the schedules of the work that repeats."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.http import HttpRequest
from django_celery_beat.admin import PeriodicTaskAdmin as BeatTaskAdmin
from django_celery_beat.models import (
    ClockedSchedule,
    CrontabSchedule,
    IntervalSchedule,
    PeriodicTask,
    SolarSchedule,
)

from config.lead_panels import add_lead_panels
from core.admin import AdminPasswordChangeForm, PlainAdmin, UserChangeForm, UserCreationForm, display
from core.models import User

for model in (Group, ClockedSchedule, CrontabSchedule, IntervalSchedule, PeriodicTask, SolarSchedule):
    admin.site.unregister(model)


@admin.register(User)
class UserAdmin(DjangoUserAdmin, PlainAdmin):
    """A person's role is their group; what a group may do is in config/roles.py."""

    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    list_display = ("username", "first_name", "last_name", "role", "active_label", "last_login")
    list_filter = ("is_active", "groups")
    filter_horizontal = ()
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        ("Person", {"fields": (("first_name", "last_name"), "email")}),
        (
            "Role",
            {
                "fields": ("groups", ("is_active", "is_staff")),
                "description": "The role is the group: rep, manager or administrator. Staff may log in here.",
            },
        ),
        ("Dates", {"fields": (("last_login", "date_joined"),)}),
    )
    add_fieldsets = ((None, {"fields": ("username", "password1", "password2", "groups", "is_staff")}),)
    readonly_fields = ("last_login", "date_joined")

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("groups")

    @display(description="Role")
    def role(self, user: User) -> str:
        return ", ".join(group.name for group in user.groups.all()) or "none"

    @display(description="Status", label={"Active": "success", "Off": ""})
    def active_label(self, user: User) -> str:
        return "Active" if user.is_active else "Off"

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What a person did stays theirs: people are switched off."""
        return False


@admin.register(Group)
class GroupAdmin(DjangoGroupAdmin, PlainAdmin):
    """Only to choose from: each migrate gives the groups exactly their permissions again."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return False


@admin.register(PeriodicTask)
class PeriodicTaskAdmin(BeatTaskAdmin, PlainAdmin):
    pass


@admin.register(CrontabSchedule, IntervalSchedule)
class ScheduleAdmin(PlainAdmin):
    def has_module_permission(self, request: HttpRequest) -> bool:
        return False


add_lead_panels()
