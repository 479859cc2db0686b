"""What all views of the API share: a scope for each method, the limit of requests, known parameters, ETags."""

from typing import Any, ClassVar, TypeVar

from django.db.models import Model
from django.utils.translation import gettext as _
from rest_framework import generics, serializers, status
from rest_framework.exceptions import ValidationError
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from agents.programs import limiting
from agents.programs.scopes import Scope
from conversations.api.marks import is_among, mark

Row = TypeVar("Row", bound=Model)


class Noun(APIView):
    """One address. scopes: what each method needs; asked: the parameters that reading takes.

    is_one: it is a single thing with an ETag; acts_on: its POST takes the ETag of that thing as If-Match.
    """

    scopes: ClassVar[dict[str, Scope]] = {}
    asked: ClassVar[type[serializers.Serializer[Any]] | None] = None
    is_one: ClassVar[bool] = False
    acts_on: ClassVar[str] = ""
    left: limiting.Left | None = None
    # What can be done is said by the description; `Allow` names what there is.
    http_method_names = ["get", "head", "post", "put", "patch", "delete"]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Refuse parameters that nobody reads: a filter that is spelled wrong must not return everything."""
        super().initial(request, *args, **kwargs)
        known = parameters_of(self) if request.method in SAFE_METHODS else set()
        if unknown := sorted(set(request.query_params) - known):
            raise ValidationError({name: [_("There is no such parameter.")] for name in unknown})

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        """Say how much may still be asked, and mark single things; 304 to whoever has them."""
        if self.is_one and response.status_code == status.HTTP_200_OK:
            response = _marked(request, response)
        response = super().finalize_response(request, response, *args, **kwargs)
        for name, value in (self.left.headers() if self.left else {}).items():
            response.headers[name] = value
        return response


class Listed(Noun, generics.ListAPIView[Row]):
    """A list, by pages."""


def parameters_of(view: Noun) -> set[str]:
    """Return the names of what reading takes in its address."""
    named = set(view.asked().fields) if view.asked else set()
    return named | ({"cursor"} if isinstance(view, generics.ListAPIView) else set())


def _marked(request: Any, response: Response) -> Response:
    tag = response.headers.get("ETag") or mark(response.data)
    if request.method in SAFE_METHODS and is_among(tag, request.headers.get("If-None-Match"), is_weak=True):
        return Response(status=status.HTTP_304_NOT_MODIFIED, headers={"ETag": tag})
    response.headers["ETag"] = tag
    return response
