"""Pages of records that belong to no room: the team's people, and the schedules of the work that repeats."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.http import HttpRequest
from django_celery_beat.admin import PeriodicTaskAdmin as BeatTaskAdmin
from django_celery_beat.admin import PeriodicTaskForm as BeatTaskForm
from django_celery_beat.admin import TaskSelectWidget as BeatTaskSelect
from django_celery_beat.models import (
    ClockedSchedule,
    CrontabSchedule,
    IntervalSchedule,
    PeriodicTask,
    SolarSchedule,
)

from config.lead_panels import add_lead_panels
from core.admin import (
    AdminPasswordChangeForm,
    CheckboxSelectMultiple,
    PlainAdmin,
    SelectWidget,
    TextInputWidget,
    UserChangeForm,
    UserCreationForm,
    display,
)
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

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Nobody takes away their own role: the last administrator would be locked out."""
        own = ("groups", "is_active", "is_staff") if obj and obj.pk == request.user.pk else ()
        return (*own, "last_login", "date_joined")

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"is_staff": True, **super().get_changeform_initial_data(request)}

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        more = "A manager may do what a rep may, and more; an administrator what a manager may, and more."
        kwargs |= {"widget": CheckboxSelectMultiple, "label": "Role", "help_text": more}
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A superuser's password and name are a superuser's business: an administrator could become one with them."""
        above = obj is not None and obj.is_superuser and not request.user.is_superuser
        return not above and super().has_change_permission(request, obj)

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


class TaskSelect(SelectWidget, BeatTaskSelect):
    """The tasks there are, in our skin."""


class PeriodicTaskForm(BeatTaskForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["regtask"].widget = TaskSelect()
        self.fields["regtask"].label = "Other task"
        self.fields["regtask"].help_text = "To run another one at these times."
        self.fields["task"].widget = TextInputWidget()
        self.fields["task"].label = "Task"


@admin.register(PeriodicTask)
class PeriodicTaskAdmin(BeatTaskAdmin, PlainAdmin):
    """How often the sweeps run. Choose an interval or a crontab; it counts within seconds."""

    form = PeriodicTaskForm
    change_form_template = None
    date_hierarchy = None
    list_display = ("name", "enabled", "schedule_shown", "last_run_at", "total_run_count")
    list_filter = ("enabled",)
    fieldsets = (
        (None, {"fields": ("name", "task", "regtask", "enabled", "description")}),
        (
            "When",
            {
                "fields": (("interval", "crontab"), "last_run_at", "one_off"),
                "description": "Either an interval or a crontab. The clock takes it up within seconds.",
            },
        ),
        ("With", {"fields": (("args", "kwargs"),), "classes": ("collapse",)}),
    )
    readonly_fields = ("last_run_at",)

    @display(description="Runs")
    def schedule_shown(self, task: PeriodicTask) -> str:
        return str(task.interval or task.crontab or "never")


@admin.register(CrontabSchedule, IntervalSchedule)
class ScheduleAdmin(PlainAdmin):
    def has_module_permission(self, request: HttpRequest) -> bool:
        return False


add_lead_panels()
