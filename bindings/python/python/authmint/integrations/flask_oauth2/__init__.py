"""Protecting an API, in Flask.

```python
require_oauth = ResourceProtector(ResourceServer("https://login.example", "https://api.example"))

@app.route("/profile")
@require_oauth("profile")
def profile():
    return {"sub": current_token["sub"]}
```
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NoReturn
from urllib.parse import quote

from blinker import Namespace
from flask import Flask, json, request
from werkzeug.local import LocalProxy

from ...oauth2.errors import MissingAuthorizationError, OAuth2Error
from ...oauth2.protector import ProtectedRequest, as_lists
from ...oauth2.protector import ResourceProtector as _ResourceProtector
from ...resource import RejectedWithoutTokenError, ResourceServer, published_by
from .._flask import holder
from .errors import raise_http_exception

#: Sent when a request was let through: with `token`.
token_authenticated = Namespace().signal("token_authenticated")

#: The token of this request; nothing where it has none.
current_token: Any = LocalProxy(lambda: getattr(holder(), "_authmint_access_token", None))


class ResourceProtector(_ResourceProtector):
    """Lets requests through whose token is good."""

    def init_app(self, app: Flask) -> None:
        """Publishes the metadata of the API (RFC 9728), which challenges name."""
        path, metadata = published_by(self.api)
        app.add_url_rule(path, "authmint_resource_metadata", lambda: metadata)

    def raise_error_response(self, error: OAuth2Error) -> NoReturn:
        """Answers a request that is not let through."""
        raise_http_exception(error.status_code, json.dumps(dict(error.get_body())), error.get_headers())

    def acquire_token(self, scopes: Any = None, **kwargs: Any) -> Any:
        """The token of this request, if it allows one of the scopes."""
        target = request.environ.get("RAW_URI") or request.environ.get("REQUEST_URI")
        target = (
            target or quote(request.script_root + request.path, safe="/%:@!$&'()*+,;=~") + f"?{request.query_string.decode()}"
        )
        seen = ProtectedRequest(request.method, target, request.headers, request, lambda: request.url)
        token = self.validate_request(request=seen, **as_lists({"scopes": scopes, **kwargs}))
        token_authenticated.send(self, token=token)
        holder()._authmint_access_token = token
        return token

    @contextmanager
    def acquire(self, scopes: Any = None, **kwargs: Any) -> Iterator[Any]:
        """The token of this request, within `with`."""
        try:
            token = self.acquire_token(scopes, **kwargs)
        except OAuth2Error as error:
            self.raise_error_response(error)
        yield token

    def __call__(self, scopes: Any = None, optional: bool = False, **kwargs: Any) -> Callable[..., Any]:
        """Decorates a view. `scopes` is one, whose names are all needed, or a list, of which one is enough; `optional` lets
        requests through that have no token, but none with a bad one.
        """

        def decorator(view: Callable[..., Any]) -> Callable[..., Any]:
            @functools.wraps(view)
            def decorated(*view_args: Any, **view_kwargs: Any) -> Any:
                try:
                    self.acquire_token(None if callable(scopes) else scopes, **kwargs)
                except (MissingAuthorizationError, RejectedWithoutTokenError) as error:
                    if not optional:
                        self.raise_error_response(error)
                except OAuth2Error as error:
                    self.raise_error_response(error)
                return view(*view_args, **view_kwargs)

            return decorated

        return decorator(scopes) if callable(scopes) else decorator


__all__ = ["ResourceProtector", "ResourceServer", "current_token", "token_authenticated"]
