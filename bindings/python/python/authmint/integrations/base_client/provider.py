"""A provider as an application sees it: what it publishes, and how requests are sent to it."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import urljoin, urlsplit

from ... import __version__
from ...common.security import is_secure_transport
from ...jose.errors import JoseError
from ...oauth2.answers import read_object
from ...oauth2.auth import DpopKey
from ...oauth2.steps import Steps
from .errors import InvalidMetadataError, MissingTokenError
from .framework_integration import FrameworkIntegration

log = logging.getLogger("authmint")

#: How long metadata of a provider is used before it is fetched again, in seconds.
METADATA_LIVES = 24 * 3600
#: Metadata that a session uses.
_OF_SESSIONS = (
    "issuer",
    "token_endpoint",
    "grant_type",
    "response_type",
    "pushed_authorization_request_endpoint",
    "authorization_response_iss_parameter_supported",
)
_ENDPOINTS = (
    "authorization_endpoint",
    "token_endpoint",
    "jwks_uri",
    "userinfo_endpoint",
    "end_session_endpoint",
    "pushed_authorization_request_endpoint",
)
#: Who asks. What looks for Authlib there, in logs or in tests, goes on finding it.
_USER_AGENT = f"Authmint/{__version__} (like Authlib/1.9)"
_WELL_KNOWN = ("/.well-known/openid-configuration", "/.well-known/oauth-authorization-server")


class Provider:
    """A provider of OAuth 2 or OpenID Connect.

    More keywords are metadata of the provider, in place of what it publishes: `issuer`, `jwks_uri` or `jwks`,
    `userinfo_endpoint`, `end_session_endpoint`. `client_kwargs` are those of the session: `scope`, `code_challenge_method`,
    `dpop=True`, `par=True`.
    """

    client_cls: Any = None
    #: What subclasses know of their provider, where nothing else is said.
    OAUTH_APP_CONFIG: Mapping[str, Any] | None = None

    def __init__(
        self,
        framework: FrameworkIntegration,
        name: str | None = None,
        fetch_token: Callable[..., Any] | None = None,
        update_token: Callable[..., Any] | None = None,
        client_id: str | None = None,
        client_secret: Any = None,
        access_token_url: str | None = None,
        access_token_params: Mapping[str, Any] | None = None,
        authorize_url: str | None = None,
        authorize_params: Mapping[str, Any] | None = None,
        api_base_url: str | None = None,
        client_kwargs: Mapping[str, Any] | None = None,
        server_metadata_url: str | None = None,
        compliance_fix: Callable[[Any], Any] | None = None,
        client_auth_methods: Iterable[Any] | None = None,
        user_agent: str | None = None,
        userinfo_compliance_fix: Callable[[Any, Any], Any] | None = None,
        **kwargs: Any,
    ) -> None:
        self.framework = framework
        self.name = name
        self.client_id = client_id
        self.client_secret = client_secret
        self.access_token_url = access_token_url
        self.access_token_params = dict(access_token_params or {})
        self.authorize_url = authorize_url
        self.authorize_params = dict(authorize_params or {})
        self.api_base_url = api_base_url
        self.client_kwargs = _with_one_key(client_kwargs or {})
        self.compliance_fix = compliance_fix
        self.client_auth_methods = list(client_auth_methods or [])
        self.userinfo_compliance_fix = userinfo_compliance_fix
        self._fetch_token = fetch_token
        self._update_token = update_token
        self._user_agent = user_agent or _USER_AGENT
        self._server_metadata_url = server_metadata_url
        self._said = kwargs
        self._jwks_fetched = 0.0
        self._looked_again = 0.0
        #: What is known of the provider: what it publishes, once that is fetched, and what the application says of it.
        self.server_metadata: dict[str, Any] = dict(kwargs)

    # The session of the HTTP library, and how it is used.

    def _get_oauth_client(self, **metadata: Any) -> Any:
        # What a provider publishes must not become an argument of the HTTP library.
        known = {name: metadata[name] for name in _OF_SESSIONS if name in metadata}
        if self.access_token_url:
            known["token_endpoint"] = self.access_token_url
        if metadata.get("require_pushed_authorization_requests") is True:
            known["par"] = True
        client = self.client_cls(
            client_id=self.client_id,
            client_secret=self.client_secret,
            update_token=self._on_update_token,
            **{**known, **self.client_kwargs},
        )
        for method in self.client_auth_methods:
            client.register_client_auth_method(method)
        if self.compliance_fix:
            self.compliance_fix(client)
        client.headers["User-Agent"] = self._user_agent
        return client

    def _on_update_token(self, token: Any, refresh_token: str | None = None, access_token: str | None = None) -> Any:
        raise NotImplementedError

    def _using(self, client: Any, steps: Callable[[Any], Steps[Any]]) -> Steps[Any]:
        """Takes steps with a session, which is closed after them."""
        try:
            return (yield from steps(client))
        finally:
            yield from self._closing(client)

    def _closing(self, client: Any) -> Steps[None]:
        raise NotImplementedError

    # What frameworks call, waiting or awaiting: steps go through these, too, since applications override some of them.

    def load_server_metadata(self) -> Any:
        """What the provider publishes of itself, once it was fetched."""
        raise NotImplementedError

    def get(self, url: str, **kwargs: Any) -> Any:
        """Sends a GET request with a token."""
        raise NotImplementedError

    # What the provider publishes.

    def _loading(self) -> Steps[dict[str, Any]]:
        """The metadata of the provider (OpenID Connect Discovery 4, RFC 8414 3)."""
        url, loaded = self._server_metadata_url, self.server_metadata.get("_loaded_at")
        if url is None or (loaded is not None and loaded + METADATA_LIVES > time.time()):
            return self.server_metadata
        try:
            metadata = yield from self._getting_json(url)
            self._check_metadata(url, metadata)
        except Exception:
            if loaded is None:
                raise
            log.warning("the metadata of %s can't be had; the old is used", self.name)
            metadata = {}
        # One that fails is not asked again at once.
        self.server_metadata = {**self.server_metadata, **metadata, **self._said, "_loaded_at": time.time()}
        return self.server_metadata

    def _check_metadata(self, url: str, metadata: Mapping[str, Any]) -> None:
        """Whoever publishes an issuer that is not where it says takes the codes of others (RFC 8414 3.3, RFC 9700 4.4)."""
        issuer, said = metadata.get("issuer"), self._said.get("issuer")
        where = url.partition("?")[0]
        if said is not None:
            if issuer not in (None, said):
                raise InvalidMetadataError(description=f"{url} is the metadata of the issuer {issuer!r}, not of {said!r}")
        elif not isinstance(issuer, str):
            raise InvalidMetadataError(description=f"{url} names no issuer; register(..., issuer=...) may say it")
        # Of a template there are many issuers.
        elif "{" not in issuer:
            address = urlsplit(where)
            path = address.path
            for well_known in _WELL_KNOWN:
                path = path.replace(well_known, "")
            host = f"{address.scheme}://{address.netloc}"
            # An address of another form says no more of the issuer than its host.
            is_there = path == address.path and f"{issuer}/".startswith(f"{host}/")
            if not is_there and issuer not in (f"{host}{path}", f"{host}{path}/"):
                raise InvalidMetadataError(
                    description=f"{url} is the metadata of the issuer {issuer!r}; if that is right, register(..., issuer={issuer!r})"
                )
        for name in _ENDPOINTS:
            endpoint = metadata.get(name)
            if endpoint is not None and not (isinstance(endpoint, str) and is_secure_transport(endpoint)):
                raise InvalidMetadataError(description=f"the {name} that {url} names is neither https nor on this machine")

    def _getting_json(self, url: str) -> Steps[dict[str, Any]]:
        if not is_secure_transport(url):
            raise InvalidMetadataError("insecure_transport", f"{url} is neither https nor on this machine")

        def steps(client: Any) -> Steps[Any]:
            try:
                answer = yield client.request("GET", url, withhold_token=True)
            except Exception as error:
                log.warning("%s can't be reached at %s: %s", self.name, url, error)
                raise
            answer.raise_for_status()
            check_way(answer)
            try:
                return read_object(answer)
            except (JoseError, ValueError) as error:
                hint = f"; metadata is at the issuer's address and {_WELL_KNOWN[0]}" if url == self._server_metadata_url else ""
                raise InvalidMetadataError(description=f"{url} gives no JSON object{hint}") from error

        return (yield from self._using(self._get_oauth_client(), steps))  # type: ignore[no-any-return]

    # Requests with a token.

    def _requesting(self, method: str, url: str, kwargs: dict[str, Any]) -> Steps[Any]:
        """Sends a request with a token: the one that is passed, or the one that `fetch_token` finds."""
        metadata = yield self.load_server_metadata()
        request, withhold = kwargs.pop("request", None), kwargs.get("withhold_token", False)
        token = kwargs.pop("token", None)
        if self.api_base_url and not url.startswith(("https://", "http://")):
            path, url = url, urljoin(self.api_base_url, url)
            if urlsplit(url)[:2] != urlsplit(self.api_base_url)[:2]:
                raise ValueError(f"{path!r} leads away from api_base_url: an address elsewhere begins with https://")
        if token is None and not withhold:
            token = yield self._get_requested_token(request)
            if token is None:
                raise MissingTokenError(description="there is no token: pass token=..., or OAuth(fetch_token=...) which finds it")

        def steps(client: Any) -> Steps[Any]:
            if not withhold:
                client.token = token
            return (yield client.request(method, url, **kwargs))

        return (yield from self._using(self._get_oauth_client(**metadata), steps))

    def _get_requested_token(self, request: Any) -> Any:
        """The token of the person who is here."""
        if self._fetch_token is None:
            return None
        return self._fetch_token(request) if request is not None else self._fetch_token()


def check_way(answer: Any) -> None:
    """A way that begins secure stays so, wherever it is redirected."""
    history = getattr(answer, "history", None)
    hops = [str(hop.url) for hop in (*history, answer) if hop.url] if isinstance(history, list) else []
    if hops and is_secure_transport(hops[0]) and not all(is_secure_transport(hop) for hop in hops):
        raise InvalidMetadataError("insecure_transport", f"{hops[0]} redirects to what is neither https nor on this machine")


def _with_one_key(client_kwargs: Mapping[str, Any]) -> dict[str, Any]:
    """Arguments of sessions, all of which are to bind tokens to one key."""
    kwargs = dict(client_kwargs)
    key = DpopKey.of(kwargs.pop("dpop", False), kwargs.pop("dpop_key", None))
    return kwargs if key is None else kwargs | {"dpop_key": key}
