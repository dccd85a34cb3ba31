"""Protecting an API: the access tokens of an issuer, as the core judges them.

```python
api = ResourceServer("https://login.example", "https://api.example")
token = api.authorize("GET", "/orders", request.headers, "orders:read")
print(token["sub"])
```

JWTs are verified by the issuer's keys, which are fetched when the first one comes, kept, and renewed; opaque tokens are shown to the
issuer (`introspection=True`), and its answers are kept for a short while. Tokens that are bound to a key come with a proof of it
(RFC 9449). Frameworks: `authmint.integrations.flask_oauth2`, `django_oauth2`, `starlette_oauth2`, `fastapi_oauth2`.
"""

from __future__ import annotations

import json
import logging
import secrets
import time
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any, Union

from . import _core
from .common.encoding import urlsafe_b64decode
from .common.fetch import fetch
from .common.security import is_secure_transport
from .jose._messages import as_names
from .jose.keys import AnyKey, KeySet, native
from .oauth2.errors import ForbiddenError, OAuth2Error
from .oauth2.protector import TokenValidator
from .oauth2.rfc6750.errors import InsufficientScopeError, InvalidTokenError
from .oauth2.scope import scope_to_list

log = logging.getLogger("authmint")

#: One scope, or several names that are all needed; in a list, each is enough.
Scopes = Union[str, Iterable[str], None]  # noqa: UP007
#: Sends a request (method, address, headers, body) and returns status, headers and body. It must follow no redirect.
Transport = Callable[[str, str, list[tuple[str, str]], bytes], tuple[int, list[tuple[str, str]], bytes]]


class AccessToken(dict[str, Any]):
    """The claims of a verified access token, under their registered names whatever the issuer calls them."""

    @property
    def scopes(self) -> list[str]:
        """What it allows."""
        return scope_to_list(self.get("scope")) or []

    def get_scope(self) -> str:
        """What it allows, as one text."""
        return " ".join(self.scopes)

    def get_expires_in(self) -> int:
        """Its lifetime in seconds."""
        return int(self.get("exp", 0)) - int(self.get("iat", 0))

    def is_expired(self) -> bool:
        """Whether it has expired since."""
        return "exp" in self and self["exp"] < time.time()

    def is_revoked(self) -> bool:
        """It was not when it was verified."""
        return False


class RejectedError(ForbiddenError):
    """A request that the core turned away: `status_code`, `error`, and the headers that say what would do."""

    def __init__(self, error: str, description: str, status_code: int, headers: list[tuple[str, str]]) -> None:
        self.error = error
        super().__init__(description=description)
        self.status_code = status_code
        self._headers = headers

    def get_headers(self) -> list[tuple[str, str]]:
        """The headers of the answer, with a challenge for each scheme that would do."""
        return [("Content-Type", "application/json"), *(pair for pair in self._headers if pair[0] != "content-type")]


class UnavailableError(RejectedError):
    """Nobody can say whether a token is good. Why is said to who catches this, and to the log; not to the caller."""

    def __init__(self, error: str, description: str, status_code: int, headers: list[tuple[str, str]]) -> None:
        super().__init__(error, "tokens can't be checked now; try again", status_code, headers)
        self.args = (f"{error}: {description}",)


class RejectedTokenError(RejectedError, InvalidTokenError):
    """A token that is not valid here."""


class RejectedScopeError(RejectedError, InsufficientScopeError):
    """A token that does not allow this."""


class RejectedWithoutTokenError(RejectedError):
    """A request without a token."""


_KINDS: dict[str, type[RejectedError]] = {
    "invalid_token": RejectedTokenError,
    "insufficient_scope": RejectedScopeError,
    "missing_authorization": RejectedWithoutTokenError,
    "temporarily_unavailable": UnavailableError,
}


class ResourceServer:
    """An API, and the issuer whose tokens it takes. Threads and tasks may share it.

    `resource` is what tokens name as their audience, unless `audience` says otherwise; let it be the address of the API, which
    proofs of keys name. Of the issuer nothing but its name need be known: its metadata says where its keys are. `jwks_uri`, or the
    keys themselves as `jwks`, take the place of that.

    - `typed=False` takes JWTs that do not say that they are access tokens, as Keycloak, Auth0, Okta and Entra ID write them.
    - `introspection=True` asks the issuer about opaque tokens, as the client `client_id` with `client_secret`; answers are kept
      for `keep_for` seconds, 30 unless said. `jwts=False` asks about every token.
    - `bound_tokens=True` takes tokens that are bound to a key, and no others; `nonces` demands a nonce of this API in proofs: `True`,
      or a key that all processes share, `secrets.token_urlsafe(32)`.
    - `use_once` lets all processes of an API remember together which proofs of keys were used. It is called with a name and a number
      of seconds, keeps the name so long, in one step, and returns whether it was new: `lambda name, seconds:
      cache.add(f"dpop:{name}", 1, seconds)` with a cache of Django, `lambda name, seconds: bool(redis.set(f"dpop:{name}", 1, nx=True,
      ex=seconds))` with Redis. Without it each process remembers for itself.
    - `external_address` is where clients find the API, if that is not `resource`.
    - `transport` sends requests to the issuer in the place of the standard library.

    Callers are not told which claim of their token is wrong, nor what can't be reached: the log `authmint` says the one as information,
    the other as an error. It warns of proofs that come twice, and of keys that could not be renewed while the old ones are in use.
    """

    def __init__(
        self,
        issuer: str,
        resource: str,
        *,
        audience: str | None = None,
        algorithms: Iterable[str] | None = None,
        jwks_uri: str | None = None,
        jwks: AnyKey | None = None,
        jwts: bool = True,
        typed: bool = True,
        introspection: bool = False,
        introspection_endpoint: str | None = None,
        client_id: str | None = None,
        client_secret: str | None = None,
        needs_audience: bool = True,
        keep_for: int | None = None,
        bound_tokens: bool = False,
        nonces: bool | str = False,
        external_address: str | None = None,
        realm: str | None = None,
        use_once: Callable[[str, int], bool] | None = None,
        transport: Transport = fetch,
    ) -> None:
        if not is_secure_transport(issuer) and (
            (jwts and jwks is None and not jwks_uri) or (introspection and not introspection_endpoint)
        ):
            raise ValueError(f"the issuer is an https URL, or one of http on this machine (RFC 8414 2), and not {issuer!r}")
        names = None if algorithms is None else as_names(algorithms)
        if any(name.startswith("HS") for name in names or ()):
            raise ValueError(
                "an API shares no secret with an issuer: its tokens are signed by the issuer's own key, not by HS256"
            )
        asked = None
        if introspection:
            if not client_id or not client_secret:
                raise ValueError("introspection needs the client_id and client_secret of this API (RFC 7662 2.1)")
            asked = {
                "endpoint": introspection_endpoint,
                "client_id": client_id,
                "client_secret": client_secret,
                "needs_audience": needs_audience,
                "keep_for": keep_for,
            }
        settings = {
            "resource": resource,
            "issuer": issuer,
            "audience": audience,
            "jwts": {
                "jwks_uri": jwks_uri,
                "algorithms": names,
                "untyped": not typed,
            }
            if jwts
            else None,
            "introspection": asked,
            "external_address": external_address,
            "realm": realm,
            "bound_tokens": bound_tokens,
            "nonce_key": secrets.token_urlsafe(32) if nonces is True else nonces or None,
        }
        self._expected = (issuer, audience or resource)
        self._core = _core.Api(settings, transport, None if jwks is None else _as_set(jwks), use_once)

    @property
    def metadata(self) -> dict[str, Any] | None:
        """What clients may know of this API (RFC 9728): whom it trusts, what it takes. Nothing where `resource` is no address."""
        published = self._core.metadata()
        return None if published is None else _core.read_object(published[1])

    @property
    def metadata_path(self) -> str | None:
        """Where clients look for `metadata`: challenges name it. The protectors of frameworks publish it there."""
        published = self._core.metadata()
        return None if published is None else published[0]

    def authorize(self, method: str, uri: str, headers: Any, scopes: Scopes = None, **demands: Any) -> AccessToken:
        """The token of a request, if it is valid and allows what is demanded; it waits for what must be fetched.

        `uri` is the path of the request, with its query; `headers` are those of the framework. `demands` may be `acr_values` and
        `max_age` of the login (RFC 9470), `bound_token=True`, and names of claims such as `roles`, one of whose values is needed.

        Raises an error of OAuth 2 that knows the answer: `status_code`, `get_body()`, `get_headers()`.
        """
        claims, native_demands = _read_demands(scopes, demands)
        said = _judged(lambda: self._core.authorize(method, uri, _credentials(headers), native_demands))
        return self._checked(said, claims, headers)

    async def authorize_async(self, method: str, uri: str, headers: Any, scopes: Scopes = None, **demands: Any) -> AccessToken:
        """As `authorize`. It answers at once where keys and answers are at hand; what must be fetched is, by another thread."""
        claims, native_demands = _read_demands(scopes, demands)
        said, pending = _judged(lambda: self._core.begin(method, uri, _credentials(headers), native_demands))
        if pending is not None:
            from .common.threads import wait_for

            said = await wait_for(pending)
        return self._checked(said, claims, headers)

    def _checked(self, said: Any, claims: dict[str, list[str]], headers: Any) -> AccessToken:
        token, answer = said
        if answer is not None:
            status, challenges, _, error, description = answer
            kind = _KINDS.get(error, RejectedError)
            if kind is UnavailableError:
                log.error("access tokens can't be checked: %s", description)
            if kind is RejectedTokenError and log.isEnabledFor(logging.INFO):
                wanted = (
                    "it has to be an unexpired access token of the issuer %r for the audience %r, signed by a key of that issuer"
                )
                log.info(f"access token refused: %s; {wanted}", _claimed(headers), *self._expected)
            raise kind(error, description, status, challenges)
        made = AccessToken(token)
        for name, needed in claims.items():
            # Of one that is asked for and was left blank, no value is right.
            if not any(value.strip() for value in needed) or TokenValidator.scope_insufficient(made.get(name), needed):
                raise InsufficientScopeError(f"the token has none of the {name} that are needed here")
        return made


def published_by(api: ResourceServer | None) -> tuple[str, dict[str, Any]]:
    """Where the metadata of an API belong, and what they are. Raises `RuntimeError` where there are none."""
    path, metadata = (None, None) if api is None else (api.metadata_path, api.metadata)
    if path is None or metadata is None:
        raise RuntimeError("there is metadata of a ResourceServer alone, whose resource is an address")
    return path, metadata


def _as_set(jwks: AnyKey) -> _core.KeySet:
    made = native(jwks)
    return made if isinstance(made, _core.KeySet) else _core.KeySet([made])


def _read_demands(scopes: Scopes, demands: dict[str, Any]) -> tuple[dict[str, list[str]], _core.Demands]:
    """What is checked here, other claims; and what the core checks."""
    listed = (scopes,) if isinstance(scopes, str) else scopes or ()
    acr_values, max_age = demands.pop("acr_values", None), demands.pop("max_age", None)
    if isinstance(acr_values, str):
        acr_values = acr_values.split() or [""]
    bound = bool(demands.pop("bound_token", False))
    scope_names = tuple(scope for scope in listed if scope.strip())
    made = _made(scope_names, None if acr_values is None else tuple(acr_values), max_age, bound)
    claims = {
        name: [values] if isinstance(values, str) else list(values) for name, values in demands.items() if values is not None
    }
    return claims, made


@lru_cache(maxsize=256)
def _made(scopes: tuple[str, ...], acr_values: tuple[str, ...] | None, max_age: int | None, bound: bool) -> _core.Demands:
    values = None if acr_values is None else list(acr_values)
    return _core.Demands(list(scopes), acr_values=values, max_age=max_age, bound_token=bound)


def _credentials(headers: Any) -> list[tuple[str, str]]:
    """The headers that are looked at, each as often as it is there."""
    found = []
    for name in ("authorization", "dpop"):
        several = getattr(headers, "getlist", None)
        if several is not None:
            found += [(name, value) for value in several(name)]
        elif isinstance(headers, Mapping):
            found += [(name, value) for key, value in headers.items() if key.lower() == name]
        else:
            found += [(name, value) for key, value in headers if key.lower() == name]
    return found


def _judged(judge: Callable[[], Any]) -> Any:
    try:
        return judge()
    except ValueError:
        # It may hold the token.
        raise RejectedError("invalid_request", "the request can't be read", 400, []) from None


def _claimed(headers: Any) -> str:
    """What a token that was refused says of itself, as far as it can be read. Nothing of it is verified."""
    try:
        token = next(value for name, value in _credentials(headers) if name == "authorization").split()[-1]
        header, claims = (json.loads(urlsafe_b64decode(part.encode())) for part in token.split(".")[:2])
        said = {"typ": header.get("typ"), **{name: claims.get(name) for name in ("iss", "aud", "exp")}}
    except Exception:
        return "it is no JWT"
    return "it says " + ", ".join(f"{name} {value!r:.100}" for name, value in said.items())


__all__ = [
    "AccessToken",
    "InsufficientScopeError",
    "InvalidTokenError",
    "KeySet",
    "OAuth2Error",
    "RejectedError",
    "ResourceServer",
    "Scopes",
    "Transport",
    "UnavailableError",
]
