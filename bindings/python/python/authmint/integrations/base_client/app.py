"""A provider as an application sees it: what a login asks of it, in which steps, and what is made of its answers.

`blocking_app` and `awaited_app` run the steps.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import urljoin, urlsplit

from ... import __version__, _core
from ...common.security import generate_token, is_secure_transport
from ...jose.errors import BadSignatureError, KeyNotFoundError
from ...jose.keys import ECKey, JsonWebKey, Key, KeySet
from ...jose.tokens import JsonWebToken
from ...oauth2.answers import read_object
from ...oauth2.auth import DpopKey
from ...oauth2.errors import OAuth2Error
from ...oauth2.scope import scope_to_list
from ...oauth2.steps import Steps
from ...oauth2.token import OAuth2Token
from ...oidc.core.claims import CodeIDToken, ImplicitIDToken, UserInfo
from .errors import InvalidMetadataError, MismatchingStateError, MissingCodeError, MissingTokenError, OAuthError
from .states import FrameworkIntegration, Session

log = logging.getLogger("authmint")

#: How long keys and metadata of a provider are used before they are fetched again, in seconds.
KEYS_LIVE = 3600
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
#: By this the state of a logout is known, which is none of a login.
_LOGOUT = "post_logout_redirect_uri"
_ENDPOINTS = (
    "authorization_endpoint",
    "token_endpoint",
    "jwks_uri",
    "userinfo_endpoint",
    "end_session_endpoint",
    "pushed_authorization_request_endpoint",
)
_WELL_KNOWN = ("/.well-known/openid-configuration", "/.well-known/oauth-authorization-server")


class OAuth2App:
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
        self._user_agent = user_agent or f"authmint/{__version__}"
        self._server_metadata_url = server_metadata_url
        self._said = kwargs
        self._jwks_fetched = 0.0
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
        elif any(well_known in where for well_known in _WELL_KNOWN) and "{" not in issuer:
            address = urlsplit(where)
            path = address.path
            for well_known in _WELL_KNOWN:
                path = path.replace(well_known, "")
            expected = f"{address.scheme}://{address.netloc}{path}"
            if issuer not in (expected, f"{expected}/"):
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
            answer = yield client.request("GET", url, withhold_token=True)
            answer.raise_for_status()
            return read_object(answer)

        return (yield from self._using(self._get_oauth_client(), steps))  # type: ignore[no-any-return]

    def _fetching_jwk_set(self, force: bool = False) -> Steps[Any]:
        """The provider's keys; anew, where they are old or `force` is said."""
        metadata = yield from self._loading()
        if "jwks" in metadata and not force and (self._jwks_fetched + KEYS_LIVE > time.time() or "jwks" in self._said):
            return metadata["jwks"]
        uri = metadata.get("jwks_uri")
        if not uri:
            raise RuntimeError('Missing "jwks_uri" in metadata')
        try:
            self.server_metadata["jwks"] = yield from self._getting_json(uri)
        except Exception:
            if force or "jwks" not in metadata:
                raise
            log.warning("the keys of %s can't be had; the old are used", self.name)
        self._jwks_fetched = time.time()
        return self.server_metadata["jwks"]

    # A login.

    def _authorizing(self, redirect_uri: str | None, kwargs: dict[str, Any]) -> Steps[dict[str, Any]]:
        """Where to send the person, and what to remember until they are back."""
        metadata = yield from self._loading()
        endpoint = self.authorize_url or metadata.get("authorization_endpoint")
        if not endpoint:
            raise RuntimeError('Missing "authorize_url" value')
        kwargs = {**kwargs, **self.authorize_params}

        def steps(client: Any) -> Steps[dict[str, Any]]:
            client.redirect_uri = redirect_uri
            kept: dict[str, Any] = {}
            if "openid" in (scope_to_list(kwargs.get("scope") or client.scope) or []):
                kwargs["nonce"] = kept["nonce"] = kwargs.get("nonce") or generate_token(20)
            state, verifier = kwargs.pop("state", None), kwargs.pop("code_verifier", None)
            if verifier is None and client.code_challenge_method:
                verifier = generate_token(48)
            if client.par and hasattr(client, "push_authorization_request"):
                url, state = yield client.push_authorization_request(endpoint, state, verifier, **kwargs)
            else:
                url, state = client.create_authorization_url(endpoint, state, verifier, **kwargs)
            if client.code_verifier:
                kept["code_verifier"] = client.code_verifier
            return {**kept, "url": url, "state": state}

        return (yield from self._using(self._get_oauth_client(**metadata), steps))  # type: ignore[no-any-return]

    def _saving(self, session: Session | None, data: dict[str, Any]) -> Steps[None]:
        """Remembers with the browser what a login was begun with."""
        state = data.pop("state", None)
        if not state:
            raise RuntimeError("Missing state value")
        data.pop("url", None)
        yield from self.framework.setting(session, state, data)

    def _fetching_token(self, redirect_uri: str | None, kwargs: dict[str, Any]) -> Steps[OAuth2Token]:
        """Redeems a code, or fetches another token."""
        metadata = yield from self._loading()
        endpoint = self.access_token_url or metadata.get("token_endpoint")
        if not endpoint:
            raise RuntimeError('Missing "access_token_url" value')

        def steps(client: Any) -> Steps[OAuth2Token]:
            if redirect_uri is not None:
                client.redirect_uri = redirect_uri
            return (yield client.fetch_token(endpoint, **{**self.access_token_params, **kwargs}))  # type: ignore[no-any-return]

        return (yield from self._using(self._get_oauth_client(**metadata), steps))  # type: ignore[no-any-return]

    def _returning(
        self, session: Session | None, answered: list[tuple[str, str]], kwargs: dict[str, Any]
    ) -> Steps[OAuth2Token]:
        """Reads the answer that the person came back with, redeems its code, and verifies the ID token (Core 3.1.2.5 to 3.1.3.7)."""
        answer = dict(answered)
        if len(answer) != len(answered):
            raise OAuthError("invalid_request", "the answer has a parameter twice (RFC 6749 3.1)")
        if "error" in answer:
            raise OAuthError(answer["error"], answer.get("error_description"), answer.get("error_uri"))
        kept = yield from self.framework.taking(session, answer.get("state"))
        if _LOGOUT in kept:
            raise MismatchingStateError(description='Invalid "state" parameter: it is the one of a logout')
        if not answer.get("code"):
            raise MissingCodeError()
        metadata = yield from self._loading()
        issuer = metadata.get("issuer")
        # A template of tenants is no issuer.
        issuer = issuer if isinstance(issuer, str) and "{" not in issuer else None
        sends = bool(metadata.get("authorization_response_iss_parameter_supported"))
        try:
            _core.read_callback("?" + _core.form(answered), None, issuer, sends)
        except OAuth2Error as error:
            raise OAuthError(error.error, error.description) from error
        of_id_token = {name: kwargs.pop(name) for name in ("claims_options", "claims_cls", "leeway") if name in kwargs}
        asked = {"code": answer["code"], "state": answer["state"]}
        if kept.get("code_verifier"):
            asked["code_verifier"] = kept["code_verifier"]
        token = yield from self._fetching_token(kwargs.pop("redirect_uri", kept.get("redirect_uri")), {**asked, **kwargs})
        if "id_token" in token and "nonce" in kept:
            person = yield from self._reading_id_token(token, kept["nonce"], **of_id_token)
            token["userinfo"] = person
            if person is not None and metadata.get("userinfo_endpoint") and self._lacks(person, token):
                yield from self._completing(person, token)
        return token

    def _lacks(self, person: UserInfo, token: Mapping[str, Any]) -> bool:
        """Whether an ID token says nothing of what was asked for: most providers leave that to UserInfo (Core 5.4)."""
        scope = scope_to_list(token.get("scope") or self.client_kwargs.get("scope")) or ()
        parts = [UserInfo.SCOPES_CLAIMS_MAPPING[name] for name in scope if name in UserInfo.SCOPES_CLAIMS_MAPPING]
        return any(not any(claim in person for claim in part) for part in parts)

    def _completing(self, person: UserInfo, token: OAuth2Token) -> Steps[None]:
        """Adds what UserInfo says to what the ID token says. Without it, there is a login all the same."""
        try:
            more = yield from self._asking_userinfo({"token": token})
        except Exception as error:
            log.warning("the UserInfo of %s can't be had (%s): what the ID token says is all", self.name, type(error).__name__)
            return
        for name, value in more.items():
            person.setdefault(name, value)

    def _reading_id_token(
        self,
        token: Mapping[str, Any],
        nonce: str | None,
        claims_options: dict[str, Any] | None = None,
        claims_cls: Any = None,
        leeway: int = 120,
    ) -> Steps[UserInfo | None]:
        """Verifies an ID token (Core 3.1.3.7)."""
        if "id_token" not in token:
            return None
        metadata = yield from self._loading()
        params = {"nonce": nonce, "client_id": self.client_id}
        if "access_token" in token:
            params["access_token"] = token["access_token"]
        options: dict[str, Any] = {"aud": {"essential": True, "value": self.client_id}, **(claims_options or {})}
        if "iss" not in options and metadata.get("issuer"):
            options["iss"] = {"essential": True, "value": metadata["issuer"]}
        elif "iss" not in options:
            log.warning("the issuer of %s is not known: any that its keys sign for will do; register(..., issuer=...)", self.name)
        claims_cls = claims_cls or (CodeIDToken if "access_token" in token else ImplicitIDToken)
        named = self._said.get("jwks")
        algorithms = metadata.get("id_token_signing_alg_values_supported") or (["RS256"] if named is None else None)
        decoder = JsonWebToken(None if algorithms is None else [alg for alg in algorithms if alg != "none"])

        def decode(keys: Any) -> Any:
            return decoder.decode(token["id_token"], keys, claims_cls, options, params)

        is_by_secret = str(_core.peek(token["id_token"])[0].get("alg")).startswith("HS")
        if is_by_secret and named is None:
            # Core 10.1: the secret is the key. No key that is published is a secret; one that the application names may be.
            claims = decode(self.client_secret)
        else:
            try:
                claims = decode(named if is_by_secret else _public((yield from self._fetching_jwk_set())))
            except (KeyNotFoundError, BadSignatureError):
                # The provider may have rotated its keys.
                claims = decode(_public((yield from self._fetching_jwk_set(force=True))))
        claims.validate(leeway=leeway)
        return UserInfo(claims)

    def _asking_userinfo(self, kwargs: dict[str, Any]) -> Steps[UserInfo]:
        """Who the person of a token is (Core 5.3)."""
        metadata = yield from self._loading()
        endpoint = metadata.get("userinfo_endpoint")
        if not endpoint:
            raise RuntimeError('Missing "userinfo_endpoint" in metadata')
        known = kwargs.get("token")
        answer = yield from self._requesting("GET", endpoint, kwargs)
        answer.raise_for_status()
        if answer.headers.get("Content-Type", "").partition(";")[0].strip().lower() == "application/jwt":
            data: Any = yield from self._reading_signed_userinfo(answer.text)
        else:
            data = read_object(answer)
        if self.userinfo_compliance_fix:
            data = yield self.userinfo_compliance_fix(self, data)
        known = known.get("userinfo") if isinstance(known, Mapping) else None
        # Core 5.3.2: it may speak of another person, if the access token was exchanged.
        if isinstance(known, Mapping) and "sub" in known and data.get("sub") != known["sub"]:
            raise OAuthError("invalid_userinfo", "it is about another person than the ID token (OpenID Connect Core 5.3.2)")
        return UserInfo(data)

    def _reading_signed_userinfo(self, text: str) -> Steps[dict[str, Any]]:
        metadata = yield from self._loading()
        algorithms = metadata.get("userinfo_signing_alg_values_supported") or ["RS256"]
        decoder = JsonWebToken([alg for alg in algorithms if alg != "none" and not str(alg).startswith("HS")])
        options = {"iss": {"essential": True, "value": metadata.get("issuer")}, "aud": {"essential": True, "value": self.client_id}}
        claims = decoder.decode(text, _public((yield from self._fetching_jwk_set())), None, options)
        claims.validate()
        return dict(claims)

    # Requests with a token.

    def _requesting(self, method: str, url: str, kwargs: dict[str, Any]) -> Steps[Any]:
        """Sends a request with a token: the one that is passed, or the one that `fetch_token` finds."""
        metadata = yield from self._loading()
        request, withhold = kwargs.pop("request", None), kwargs.get("withhold_token", False)
        token = kwargs.pop("token", None)
        if self.api_base_url and not url.startswith(("https://", "http://")):
            url = urljoin(self.api_base_url, url)
        if token is None and not withhold:
            token = yield self._get_requested_token(request)
            if token is None:
                raise MissingTokenError()

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

    # The end of a login.

    def _creating_logout(
        self, post_logout_redirect_uri: str | None, id_token_hint: str | None, state: str | None, kwargs: dict[str, Any]
    ) -> Steps[dict[str, Any]]:
        """Where to send the person to log out at the provider (RP-Initiated Logout 2)."""
        metadata = yield from self._loading()
        endpoint = metadata.get("end_session_endpoint")
        if not endpoint:
            raise RuntimeError('Missing "end_session_endpoint" in metadata')
        if post_logout_redirect_uri and not state:
            state = generate_token(20)
        asked = {
            "id_token_hint": id_token_hint,
            "post_logout_redirect_uri": post_logout_redirect_uri,
            "state": state if post_logout_redirect_uri else None,
            **{name: kwargs.get(name) for name in ("client_id", "logout_hint", "ui_locales")},
        }
        pairs = [(name, str(value)) for name, value in asked.items() if value]
        return {"url": _core.add_params(endpoint, pairs), "state": state}

    def _logging_out(
        self, session: Session | None, post_logout_redirect_uri: str | None, id_token_hint: str | None, kwargs: dict[str, Any]
    ) -> Steps[str]:
        """The address of the logout, whose state is remembered."""
        state = kwargs.pop("state", None)
        made = yield from self._creating_logout(post_logout_redirect_uri, id_token_hint, state, kwargs)
        if made["state"]:
            data = {_LOGOUT: post_logout_redirect_uri}
            yield from self.framework.setting(session, made["state"], data)
        return made["url"]  # type: ignore[no-any-return]

    def _logged_out(self, session: Session | None, state: str | None) -> Steps[dict[str, Any]]:
        """What was said of the logout that the person comes back from."""
        kept = yield from self.framework.taking(session, state)
        if _LOGOUT not in kept:
            raise MismatchingStateError(description='Invalid "state" parameter: it is the one of a login')
        return kept


def _with_one_key(client_kwargs: Mapping[str, Any]) -> dict[str, Any]:
    """Arguments of sessions, all of which are to bind tokens to one key."""
    kwargs = dict(client_kwargs)
    is_bound, key = kwargs.pop("dpop", False), kwargs.get("dpop_key")
    if is_bound and key is None:
        key = ECKey.generate_key("P-256", is_private=True)
    if isinstance(key, Key):
        kwargs["dpop_key"] = DpopKey(key)
    return kwargs


def _public(jwks: Any) -> KeySet:
    """The keys of a provider that verify signatures. A secret among them is no secret, and a key that is not known no obstacle."""
    if isinstance(jwks, KeySet):
        return jwks
    keys = jwks.get("keys") if isinstance(jwks, Mapping) else jwks
    usable = []
    for key in keys if isinstance(keys, list) else []:
        if not isinstance(key, Mapping) or key.get("kty") == "oct" or key.get("use") not in (None, "sig"):
            continue
        try:
            usable.append(JsonWebKey.import_key(key))
        except ValueError:
            log.debug("a key of the provider is left out: it can't be read")
    return KeySet(usable)
