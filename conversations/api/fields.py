"""Custom fields: what else is known of customers."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from agents.programs.scopes import Scope
from conversations.api.nouns import Listed
from conversations.api.pages import NewestFirst
from customers.models import CustomField


class CustomFieldSerializer(serializers.ModelSerializer[CustomField]):
    """A field; its slug names it in `custom` of customers. position: its place among them."""

    choices = serializers.ListField(child=serializers.CharField(), help_text="Of choice and choices.")

    class Meta:
        model = CustomField
        fields = ["id", "slug", "name", "kind", "choices", "position"]


class CustomFieldList(Listed[CustomField]):
    """All custom fields, the newest first."""

    scopes = {"get": Scope.SETTINGS_READ}
    queryset = CustomField.objects.all()
    serializer_class = CustomFieldSerializer
    pagination_class = NewestFirst

    @extend_schema(responses={200: CustomFieldSerializer})
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)
