"""Protecting an API, in Starlette.

```python
protect = ResourceProtector(ResourceServer("https://login.example", "https://api.example"))

@protect("profile")
async def profile(request):
    return JSONResponse({"sub": request.state.token["sub"]})
```
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from ...oauth2.errors import OAuth2Error
from ...resource import AccessToken, RejectedWithoutTokenError, ResourceServer, Scopes, published_by


class ResourceProtector:
    """Lets requests through whose token is good. Endpoints find it as `request.state.token`."""

    def __init__(self, api: ResourceServer) -> None:
        self.api = api

    def metadata_route(self) -> Route:
        """A route that publishes the metadata of the API (RFC 9728), which challenges name."""
        path, metadata = published_by(self.api)

        async def endpoint(request: Request) -> JSONResponse:
            return JSONResponse(metadata)

        return Route(path, endpoint)

    async def acquire_token(
        self, request: Request, scopes: Scopes = None, optional: bool = False, **demands: Any
    ) -> AccessToken | None:
        """The token of a request, if it allows one of the scopes.

        Raises an `HTTPException` that says what would do. `optional` makes `None` of a request without a token, but of none with a bad one.
        """
        uri = (request.scope.get("raw_path") or request.url.path.encode()).decode("latin-1")
        try:
            token = await self.api.authorize_async(request.method, uri, request.headers, scopes, **demands)
        except RejectedWithoutTokenError as error:
            if not optional:
                raise _exception(error) from error
            request.state.token = None
            return None
        except OAuth2Error as error:
            raise _exception(error) from error
        request.state.token = token
        return token

    def __call__(self, scopes: Any = None, optional: bool = False, **demands: Any) -> Callable[..., Any]:
        """Decorates an endpoint. `scopes` is one, whose names are all needed, or a list, of which one is enough."""

        def decorator(endpoint: Callable[..., Any]) -> Callable[..., Any]:
            @functools.wraps(endpoint)
            async def decorated(request: Request, *args: Any, **kwargs: Any) -> Any:
                await self.acquire_token(request, None if callable(scopes) else scopes, optional, **demands)
                return await endpoint(request, *args, **kwargs)

            return decorated

        return decorator(scopes) if callable(scopes) else decorator


def _exception(error: OAuth2Error) -> HTTPException:
    headers: dict[str, str] = {}
    for name, value in error.get_headers():
        if name.lower() != "content-type":
            # An exception has a header once; challenges may share one (RFC 9110 11.6.1).
            headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return HTTPException(error.status_code, error.description, headers)


__all__ = ["AccessToken", "ResourceProtector", "ResourceServer"]
