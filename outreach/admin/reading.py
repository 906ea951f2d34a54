"""How replies are read: models, thresholds, budget and words, what the day has cost, and the answers remembered."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone

from core.admin import MachineWrittenAdmin, RecordAdmin, display
from outreach.models import CachedAnswer, ModelCall, ReadingPolicy


class ReadingPolicyForm(forms.ModelForm):
    """Why is asked for at every change: the old reason is not offered again."""

    class Meta:
        model = ReadingPolicy
        fields = [
            "small_model", "small_sure", "large_model", "large_sure", "replies_together", "calls_per_day",
            "dollars_per_day", "small_price_in", "small_price_out", "large_price_in", "large_price_out", "cache_sure",
            "cache_similarity", "cache_days", "prompt", "reason",
        ]  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "reason" in self.fields:
            self.initial["reason"] = ""


@admin.register(ReadingPolicy)
class ReadingPolicyAdmin(RecordAdmin):
    form = ReadingPolicyForm
    fieldsets = (
        ("Models", {"fields": (("small_model", "small_sure"), ("large_model", "large_sure"), "replies_together")}),
        ("A day's budget", {"fields": ("spent_today", ("calls_per_day", "dollars_per_day"))}),
        (
            "Prices",
            {"fields": (("small_price_in", "small_price_out"), ("large_price_in", "large_price_out")),
             "description": "As the provider publishes them; what a call cost is reckoned from them."},
        ),
        (
            "Answers remembered",
            {"fields": (("cache_sure", "cache_similarity", "cache_days"),),
             "description": "Those of people stay; those of models are forgotten when models or prompt change."},
        ),
        ("What the models are told", {"fields": ("prompt",)}),
        ("This change", {"fields": ("reason",)}),
    )  # fmt: skip
    readonly_fields = ("spent_today",)
    history_list_display = ("reason",)
    list_display = ("__str__", "small_model", "large_model", "calls_per_day", "dollars_per_day", "reason", "updated_at")

    def save_model(self, request: HttpRequest, obj: ReadingPolicy, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if {"small_model", "large_model", "prompt"}.intersection(form.changed_data):
            CachedAnswer.objects.forget_models()

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @display(description="Spent today")
    def spent_today(self, policy: ReadingPolicy) -> str:
        today = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0)
        calls, dollars = ModelCall.objects.spent_since(today)
        return f"{calls:,} of {policy.calls_per_day:,} calls, ${dollars:.4f} of ${policy.dollars_per_day}"


@admin.register(ModelCall)
class ModelCallAdmin(MachineWrittenAdmin):
    list_display = ("asked_at", "model", "replies", "how", "tokens", "cost", "latency_ms", "detail")
    list_filter = ("tier", "outcome")

    @display(
        description="Outcome",
        label={"Answered": "success", "No usable answer": "danger", "No answer yet": "warning"},
    )
    def how(self, call: ModelCall) -> str:
        return call.get_outcome_display()


@admin.register(CachedAnswer)
class CachedAnswerAdmin(MachineWrittenAdmin):
    list_display = ("words", "label", "market", "source", "confidence", "expires_at")
    list_filter = ("label", "source")
    list_select_related = ("market",)
    search_fields = ("words",)
