from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_view
from rest_framework import serializers, viewsets

from core.api import KeysetPagination, ModelPermissions
from core.keyset import Position
from leads.models import Lead, Owner, Parcel
from leads.querysets import LeadQuerySet
from leads.stages import Stage


class OwnerSerializer(serializers.ModelSerializer[Owner]):
    class Meta:
        model = Owner
        fields = ["id", "name", "kind", "mailing_city", "mailing_state", "mailing_zip"]


class ParcelSerializer(serializers.ModelSerializer[Parcel]):
    parish = serializers.CharField(source="parish.name")

    class Meta:
        model = Parcel
        fields = [
            "id",
            "parish",
            "number",
            "situs_address",
            "situs_city",
            "situs_zip",
            "acres",
            "land_value",
            "improvement_value",
            "adjudicated",
            "years_delinquent",
            "latitude",
            "longitude",
        ]


class ScoreReasonSerializer(serializers.Serializer[Any]):
    factor = serializers.CharField()
    points = serializers.IntegerField()
    max = serializers.IntegerField()
    reason = serializers.CharField()


class LeadSerializer(serializers.ModelSerializer[Lead]):
    market = serializers.CharField(source="market.code")
    parcel = ParcelSerializer()
    owner = OwnerSerializer()
    assigned_to = serializers.CharField(source="assigned_to.username", allow_null=True, default=None)
    score_reasons = serializers.SerializerMethodField()

    class Meta:
        model = Lead
        fields = [
            "id",
            "market",
            "stage",
            "score",
            "score_reasons",
            "scored_at",
            "parcel",
            "owner",
            "assigned_to",
            "next_action_at",
            "created_at",
        ]

    @extend_schema_field(ScoreReasonSerializer(many=True))
    def get_score_reasons(self, lead: Lead) -> list[dict[str, Any]]:
        """Without a serializer for each of them: of 500 leads they are 3,500, half the time of the page."""
        return [vars(reason) for reason in lead.reasons]


class LeadFilters(serializers.Serializer[Any]):
    """The list's query parameters; an unknown value is refused, never ignored."""

    market = serializers.CharField(required=False)
    parish = serializers.CharField(required=False)
    stage = serializers.ChoiceField(choices=Stage.choices, required=False)
    min_score = serializers.IntegerField(min_value=0, max_value=100, required=False)
    archived = serializers.BooleanField(
        required=False, default=False, help_text="true: archived leads as well. They are listed for stage=archived too."
    )
    search = serializers.CharField(
        required=False, help_text="Words of the owner's name, parcel number or situs; or a whole phone number."
    )


@extend_schema_view(list=extend_schema(parameters=[LeadFilters]))
class LeadViewSet(viewsets.ReadOnlyModelViewSet[Lead]):
    """Leads, best score first; unscored ones last. Phone numbers are not part of it, nor are deleted leads; archived
    ones only when asked for."""

    serializer_class = LeadSerializer
    pagination_class = KeysetPagination
    permission_classes = [ModelPermissions]
    queryset = Lead.objects.none()

    def get_queryset(self) -> LeadQuerySet:
        return Lead.objects.for_list()

    def filter_queryset(self, queryset: Any) -> Any:
        if self.action != "list":
            return queryset
        filters = LeadFilters(data=self.request.query_params)
        filters.is_valid(raise_exception=True)
        wanted = dict(filters.validated_data)
        archived = wanted.pop("archived") or wanted.get("stage") == Stage.ARCHIVED
        found = queryset.matching(**wanted)
        return found if archived else found.unarchived()

    @staticmethod
    def position_of(lead: Lead) -> Position:
        return [lead.score, lead.pk]
