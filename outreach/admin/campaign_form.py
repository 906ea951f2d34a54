"""The form of a campaign: its audience and its steps, and what of them may still be changed while it runs."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.forms import BaseInlineFormSet
from django.http import HttpRequest

from core.admin import CheckboxSelectMultiple, StackedInline
from leads.models import ListImport, Tag
from leads.stages import Stage
from markets.models import Market, Parish
from outreach.audience import anybody_in
from outreach.models import Campaign, CampaignStep, MessageTemplate, StepRun
from outreach.querysets.audience import Aim
from outreach.step_conditions import CONDITIONS

Status, Kind = Campaign.Status, CampaignStep.Kind
AIMED_AT = (Stage.QUALIFIED, Stage.CONTACTED, Stage.ENGAGED, Stage.HOT, Stage.OFFER_MADE)
LISTS = [(value, label) for value, label in ListImport.Source.choices if value not in ListImport.OF_NUMBERS]
NOBODY = (
    "No lead matches this audience, so the campaign would reach nobody: widen the stages, the score, the parishes, the "
    "lists, the tags or the consent, or let it take in new leads."
)
MOST_STEPS = 99
PURPOSES = {Kind.TEXT: ("first_text", "follow_up"), Kind.LETTER: ("letter",)}


class CampaignForm(forms.ModelForm):
    stages = forms.MultipleChoiceField(
        choices=[(stage.value, stage.label) for stage in AIMED_AT],
        initial=[Stage.QUALIFIED.value],
        widget=CheckboxSelectMultiple,
        help_text="Leads in these stages. First texts go to qualified leads.",
    )
    lists = forms.MultipleChoiceField(
        choices=LISTS,
        required=False,
        widget=CheckboxSelectMultiple,
        help_text="Only leads on all of these lists. None chosen: whatever lists they are on.",
    )

    class Meta:
        model = Campaign
        fields = [
            "name", "market", "parishes", "stages", "min_score", "max_owners", "lists", "tags", "consent",
            "takes_new_leads", "daily_cap",
        ]  # fmt: skip
        widgets = {"parishes": CheckboxSelectMultiple, "tags": CheckboxSelectMultiple}
        help_texts = {
            "min_score": "Leads from this motivation score on. Empty: the market's contact score.",
            "max_owners": "Stop after so many owners, best score first. Empty: everybody in the audience.",
            "consent": "Without consent no text leaves: choose those for letters and calls.",
            "daily_cap": "Texts a day of this campaign; the market's and each number's caps hold besides.",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        shown: dict[str, Any] = self.fields
        if "parishes" in shown:
            shown["parishes"].queryset = Parish.objects.select_related("market").order_by("market__name", "name")
            shown["parishes"].label_from_instance = lambda parish: f"{parish.name} ({parish.market.code})"
        if "tags" in shown:
            shown["tags"].queryset = Tag.objects.for_choice()
            shown["tags"].label_from_instance = lambda tag: f"{tag.name} ({tag.market.code})"
        if "consent" in shown:
            shown["consent"].choices = [("", "With or without consent"), *Campaign.ConsentWanted.choices]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        market = cleaned.get("market") or (self.instance.market if self.instance.pk else None)
        for name in ("parishes", "tags"):
            foreign = [one.name for one in cleaned.get(name) or () if market and one.market_id != market.pk]
            if foreign:
                self.add_error(name, f"Not in the market {market}: {', '.join(foreign)}.")
        if market and not self.errors and self._would_reach_nobody(market, cleaned):
            self.add_error(None, NOBODY)
        return cleaned

    def _would_reach_nobody(self, market: Market, cleaned: dict[str, Any]) -> bool:
        """Not asked of a campaign that waits for leads to come, nor where the audience stays as it is."""
        running = self.instance.pk and self.instance.status != Status.DRAFT
        if cleaned.get("takes_new_leads") or (running and not self.has_changed()):
            return False
        return not anybody_in(aim_of(market, cleaned))


def aim_of(market: Market, cleaned: dict[str, Any]) -> Aim:
    """What the form's values aim at."""
    return Aim(
        market=market,
        stages=cleaned.get("stages") or [],
        min_score=cleaned.get("min_score"),
        parishes=[parish.pk for parish in cleaned.get("parishes") or ()],
        tags=[tag.pk for tag in cleaned.get("tags") or ()],
        lists=cleaned.get("lists") or [],
        consent=cleaned.get("consent") or "",
    )


class StepForm(forms.ModelForm):
    conditions = forms.MultipleChoiceField(
        choices=[(code, rule.label.capitalize()) for code, rule in CONDITIONS.items()],
        required=False,
        widget=CheckboxSelectMultiple,
        help_text="Asked when the step is due. An owner for whom one does not hold goes on to the next step.",
    )
    only_stages = forms.MultipleChoiceField(
        label="Only in the stages",
        choices=[(stage.value, stage.label) for stage in AIMED_AT],
        required=False,
        widget=CheckboxSelectMultiple,
        help_text="None chosen: whatever the stage.",
    )

    class Meta:
        model = CampaignStep
        fields = ["position", "kind", "template", "delay_days", "conditions", "only_stages"]
        help_texts = {
            "position": "1 is the first step.",
            "delay_days": "Days after the step before, from when a text really left.",
            "template": "For a text or a letter.",
        }

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        kind, template = str(cleaned.get("kind") or Kind.TEXT), cleaned.get("template")
        wanted, name = PURPOSES.get(Kind(kind)), Kind(kind).label.lower()
        if wanted and template is None:
            self.add_error("template", f"A {name} needs a template.")
        elif wanted and template and template.purpose not in wanted:
            self.add_error("template", f"“{template}” is no template for a {name}.")
        elif wanted and template and "template" in self.changed_data and not template.variants.in_use():
            self.add_error("template", f"“{template}” has no wording in use: switch one on first.")
        elif template and not wanted:
            self.add_error("template", f"A {name} has no template: leave it empty.")
        return cleaned

    def clean_position(self) -> int:
        position: int = self.cleaned_data["position"]
        if not 1 <= position <= MOST_STEPS:
            raise ValidationError(f"Choose a position from 1 to {MOST_STEPS}.")
        return position


class StepFormSet(BaseInlineFormSet):
    """What owners have passed stays as it was in kind and place; its words, days and conditions hold for the others."""

    def clean(self) -> None:
        """First, as Django would name every text that hangs on a step to be deleted."""
        passed = StepRun.objects.steps_passed(self.instance) if self.instance.pk else {}
        for form in self.forms:
            count = passed.get(form.instance.pk or 0)
            if count and (_is_deleted(self, form) or {"kind", "position"} & set(form.changed_data)):
                owners = f"{count:,} owner{' has' if count == 1 else 's have'} passed"
                place = form.initial.get("position")
                raise ValidationError(f"{owners} step {place}: it keeps its kind and place. Add a step after it.")
        self._one_step_to_a_place()
        super().clean()

    def _one_step_to_a_place(self) -> None:
        kept = [form for form in self.forms if form.has_changed() or form.instance.pk]
        places = Counter(form.cleaned_data.get("position") for form in kept if not _is_deleted(self, form))
        double = [place for place, steps in places.items() if place and steps > 1]
        if double:
            raise ValidationError(f"Two steps have the position {double[0]}: give each a place of its own.")

    def save(self, commit: bool = True) -> Any:
        """Steps may change places: those that move make room first, as a place is taken by one at a time."""
        CampaignStep.objects.step_aside(form.instance for form in self.initial_forms if "position" in form.changed_data)
        return super().save(commit)


class CampaignStepInline(StackedInline):
    model = CampaignStep
    form = StepForm
    formset = StepFormSet
    fields = (("position", "kind", "delay_days"), "template", "conditions", "only_stages")
    verbose_name = "step"
    verbose_name_plural = "steps"
    tab = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[CampaignStep]:
        return super().get_queryset(request).select_related("template", "campaign")

    def get_extra(self, request: HttpRequest, obj: Campaign | None = None, **kwargs: Any) -> int:
        return 0 if obj else 1

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "template":
            kwargs["queryset"] = MessageTemplate.objects.for_campaigns()
            kwargs["empty_label"] = "None"
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def has_add_permission(self, request: HttpRequest, obj: Campaign | None = None) -> bool:
        return _is_open(obj) and super().has_add_permission(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Campaign | None = None) -> bool:
        return _is_open(obj) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Campaign | None = None) -> bool:
        return _is_open(obj) and super().has_delete_permission(request, obj)


def _is_deleted(formset: Any, form: Any) -> bool:
    """`deleted_forms` is empty while any form has an error."""
    return bool(formset._should_delete_form(form))


def _is_open(campaign: Campaign | None) -> bool:
    return campaign is None or campaign.status != Status.ENDED
