"""Protecting an API, in Django.

```python
require_oauth = ResourceProtector(ResourceServer("https://login.example", "https://api.example"))

@require_oauth("profile")
def profile(request):
    return JsonResponse({"sub": request.oauth_token["sub"]})
```
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from django.dispatch import Signal
from django.http import HttpRequest, JsonResponse
from django.urls import URLPattern, path

from ...oauth2.errors import MissingAuthorizationError, OAuth2Error
from ...oauth2.protector import ProtectedRequest, as_lists
from ...oauth2.protector import ResourceProtector as _ResourceProtector
from ...oauth2.rfc6750 import BearerTokenValidator as _BearerTokenValidator
from ...resource import RejectedWithoutTokenError, ResourceServer, published_by

#: Sent when a request was let through: with `token`.
token_authenticated = Signal()


class ResourceProtector(_ResourceProtector):
    """Lets requests through whose token is good. Views find it as `request.oauth_token`."""

    def metadata_url(self) -> URLPattern:
        """A path for `urlpatterns`, which publishes the metadata of the API (RFC 9728): challenges name it."""
        address, metadata = published_by(self.api)
        return path(address.lstrip("/"), lambda request: JsonResponse(metadata))

    def acquire_token(self, request: HttpRequest, scopes: Any = None, **kwargs: Any) -> Any:
        """The token of a request, if it allows one of the scopes."""
        method, target = request.method or "GET", request.get_full_path()
        seen = ProtectedRequest(method, target, request.headers, request, request.build_absolute_uri)
        token = self.validate_request(request=seen, **as_lists({"scopes": scopes, **kwargs}))
        token_authenticated.send(sender=type(self), token=token)
        return token

    def __call__(self, scopes: Any = None, optional: bool = False, **kwargs: Any) -> Callable[..., Any]:
        """Decorates a view. `scopes` is one, whose names are all needed, or a list, of which one is enough; `optional` lets
        requests through that have no token, but none with a bad one.
        """

        def decorator(view: Callable[..., Any]) -> Callable[..., Any]:
            @functools.wraps(view)
            def decorated(request: Any, *view_args: Any, **view_kwargs: Any) -> Any:
                request.oauth_token = None
                try:
                    request.oauth_token = self.acquire_token(request, None if callable(scopes) else scopes, **kwargs)
                except (MissingAuthorizationError, RejectedWithoutTokenError) as error:
                    if not optional:
                        return return_error_response(error)
                except OAuth2Error as error:
                    return return_error_response(error)
                return view(request, *view_args, **view_kwargs)

            return decorated

        return decorator(scopes) if callable(scopes) else decorator


class BearerTokenValidator(_BearerTokenValidator):
    """Checks tokens that a model of the application keeps, under `access_token`."""

    def __init__(self, token_model: Any, realm: str | None = None, **extra_attributes: str) -> None:
        super().__init__(realm, **extra_attributes)
        self.token_model = token_model

    def authenticate_token(self, token_string: str) -> Any:
        """Finds a token."""
        try:
            return self.token_model.objects.get(access_token=token_string)
        except self.token_model.DoesNotExist:
            return None


def return_error_response(error: OAuth2Error) -> JsonResponse:
    """The answer to a request that is not let through."""
    answer = JsonResponse(dict(error.get_body()), status=error.status_code)
    for name, value in error.get_headers():
        # Django knows a header once; challenges may share one (RFC 9110 11.6.1).
        both = name.lower() == "www-authenticate" and answer.has_header(name)
        answer[name] = f"{answer[name]}, {value}" if both else value
    return answer


__all__ = [
    "BearerTokenValidator",
    "ResourceProtector",
    "ResourceServer",
    "return_error_response",
    "token_authenticated",
]
