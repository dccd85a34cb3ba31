"""What a provider of OpenID Connect says of a person: ID tokens, the keys that verify them, and UserInfo."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Mapping
from typing import Any

from ... import _core
from ...common.security import generate_token
from ...jose.errors import (
    BadSignatureError,
    InvalidKeyError,
    InvalidTypeError,
    JoseError,
    KeyMismatchError,
    KeyNotFoundError,
    UnsupportedAlgorithmError,
    WeakKeyError,
)
from ...jose.keys import JsonWebKey, KeySet
from ...jose.tokens import JsonWebToken
from ...oauth2.answers import read_object
from ...oauth2.scope import scope_to_list
from ...oauth2.steps import Steps
from ...oauth2.token import OAuth2Token
from ...oidc.core.claims import CodeIDToken, ImplicitIDToken, UserInfo
from .errors import OAuthError, UnusableSecretError
from .id_token_errors import of_joserfc
from .provider import Provider, check_way

log = logging.getLogger("authmint")

#: How long keys of a provider are used before they are fetched again, in seconds.
KEYS_LIVE = 3600
#: So long nobody looks again for a key that is not there: whoever invents its name makes nobody fetch.
COOL_DOWN = 30
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class OpenIDProvider(Provider):
    """A provider of OpenID Connect, or one of OAuth 2 that has nothing of it."""

    def fetch_jwk_set(self, force: bool = False) -> Any:
        """The provider's keys."""
        raise NotImplementedError

    def userinfo(self, **kwargs: Any) -> Any:
        """Who the person of a token is, as the provider says when it is asked."""
        raise NotImplementedError

    def _fetching_jwk_set(self, force: bool = False) -> Steps[Any]:
        """The provider's keys; anew, where they are old or `force` is said."""
        metadata = yield self.load_server_metadata()
        if "jwks" in metadata and not force and (self._jwks_fetched + KEYS_LIVE > time.time() or "jwks" in self._said):
            return metadata["jwks"]
        uri = metadata.get("jwks_uri")
        if not uri:
            raise RuntimeError('Missing "jwks_uri" in metadata: say server_metadata_url=..., or jwks_uri=...')
        try:
            jwks = yield from self._getting_json(uri)
        except Exception:
            if force or "jwks" not in metadata:
                raise
            log.warning("the keys of %s can't be had; the old are used", self.name)
            jwks = metadata["jwks"]
        self._jwks_fetched = time.time()
        self.server_metadata["jwks"] = jwks
        return jwks

    def _reading_id_token(
        self,
        token: Mapping[str, Any],
        nonce: str | None,
        claims_options: dict[str, Any] | None = None,
        claims_cls: Any = None,
        leeway: int = 120,
        max_age: int | None = None,
    ) -> Steps[UserInfo | None]:
        """Verifies an ID token; `None` where there is none."""
        if isinstance(nonce, Mapping):
            raise TypeError(
                "parse_id_token(token, nonce) takes no request: authorize_access_token() has verified the ID token already,"
                ' and what it says is in token["userinfo"]'
            )
        if "id_token" not in token:
            return None
        try:
            return (yield from self._verifying_id_token(token, nonce, claims_options, claims_cls, leeway, max_age))
        except JoseError as error:
            of_both = of_joserfc(error)
            if of_both is error:
                raise
            raise of_both from error

    def _verifying_id_token(
        self,
        token: Mapping[str, Any],
        nonce: str | None,
        claims_options: dict[str, Any] | None,
        claims_cls: Any,
        leeway: int,
        max_age: int | None,
    ) -> Steps[UserInfo]:
        """Verifies an ID token (Core 3.1.3.7)."""
        metadata = yield self.load_server_metadata()
        params = {"nonce": nonce, "client_id": self.client_id, "max_age": max_age}
        if "access_token" in token:
            params["access_token"] = token["access_token"]
        options: dict[str, Any] = {"aud": {"essential": True, "value": self.client_id}, **(claims_options or {})}
        if "iss" not in options and metadata.get("issuer"):
            options["iss"] = _issuer(metadata["issuer"])
        elif "iss" not in options:
            log.warning("the issuer of %s is not known: any that its keys sign for will do; register(..., issuer=...)", self.name)
        claims_cls = claims_cls or (CodeIDToken if "access_token" in token else ImplicitIDToken)
        named = self._said.get("jwks")
        algorithms = metadata.get("id_token_signing_alg_values_supported") or (["RS256"] if named is None else None)
        decoder = JsonWebToken(None if algorithms is None else [alg for alg in algorithms if alg != "none"])

        def decode(keys: Any) -> Any:
            return decoder.decode(token["id_token"], keys, claims_cls, options, params)

        header = _core.peek(token["id_token"])[0]
        if str(header.get("typ")).lower().endswith("+jwt"):
            # RFC 8725 3.11: an access token, a logout token and others say so.
            raise InvalidTypeError(description="the typ of this token is not one of an ID token")
        is_by_secret = str(header.get("alg")).startswith("HS")
        if is_by_secret and named is None:
            # Core 10.1: the secret is the key. No key that is published is a secret; one that the application names may be.
            if header.get("alg") not in (algorithms or ()):
                raise UnsupportedAlgorithmError(description=f"{self.name} signs no ID tokens by {header.get('alg')}")
            try:
                claims = decode(self.client_secret or "")
            except InvalidKeyError as error:
                raise UnusableSecretError(
                    description=f"the client_secret of {self.name!r} verifies no ID token by {header['alg']} ({error.description}):"
                    ' have a longer one made, or have ID tokens signed by RS256, whose keys are at the "jwks_uri". While that can\'t'
                    ' be: register(..., jwks=OctKey.import_key(client_secret, {"allow_short_secret": True}))'
                ) from error
        else:
            try:
                claims = decode(named if is_by_secret else _public((yield self.fetch_jwk_set())))
            except (KeyMismatchError, WeakKeyError) as error:
                if not is_by_secret:
                    raise
                raise UnusableSecretError(
                    description=f"no secret among the jwks of {self.name!r} is for {header['alg']} ({error.description})"
                ) from error
            except (KeyNotFoundError, BadSignatureError):
                # The provider may have rotated its keys.
                if self._looked_again + COOL_DOWN > time.time():
                    raise
                self._looked_again = time.time()
                claims = decode(_public((yield self.fetch_jwk_set(force=True))))
        claims.validate(leeway=leeway)
        return UserInfo(claims)

    def _asking_userinfo(self, kwargs: dict[str, Any]) -> Steps[UserInfo]:
        """Who the person of a token is (Core 5.3)."""
        metadata = yield self.load_server_metadata()
        endpoint = metadata.get("userinfo_endpoint")
        if not endpoint:
            raise RuntimeError('Missing "userinfo_endpoint" in metadata')
        if kwargs.get("token") is None and not kwargs.get("withhold_token"):
            kwargs["token"] = yield self._get_requested_token(kwargs.get("request"))
        known = kwargs.get("token")
        answer = yield self.get(endpoint, **kwargs)
        answer.raise_for_status()
        check_way(answer)
        if answer.headers.get("Content-Type", "").partition(";")[0].strip().lower() == "application/jwt":
            data: Any = yield from self._reading_signed_userinfo(answer.text)
        else:
            data = answer.json() if self.userinfo_compliance_fix else _read_person(answer)
        if self.userinfo_compliance_fix:
            data = yield self.userinfo_compliance_fix(self, data)
        known = known.get("userinfo") if isinstance(known, Mapping) else None
        # Core 5.3.2: it may speak of another person, if the access token was exchanged.
        if isinstance(known, Mapping) and "sub" in known and data.get("sub") != known["sub"]:
            what = (
                "it is about another person than the ID token"
                if "sub" in data
                else 'it does not say whom it is about: it has no "sub"; call an API that is no UserInfo endpoint by get(...)'
            )
            raise OAuthError("invalid_userinfo", f"{what} (OpenID Connect Core 5.3.2)")
        return UserInfo(data)

    def _reading_signed_userinfo(self, text: str) -> Steps[dict[str, Any]]:
        metadata = yield self.load_server_metadata()
        algorithms = metadata.get("userinfo_signing_alg_values_supported") or ["RS256"]
        decoder = JsonWebToken([alg for alg in algorithms if alg != "none" and not str(alg).startswith("HS")])
        options = {
            "iss": {"essential": True, "value": metadata.get("issuer")},
            "aud": {"essential": True, "value": self.client_id},
        }
        claims = decoder.decode(text, _public((yield self.fetch_jwk_set())), None, options)
        claims.validate()
        return dict(claims)

    def _lacks(self, person: UserInfo, token: Mapping[str, Any]) -> bool:
        """Whether an ID token says nothing of what was asked for: most providers leave that to UserInfo (Core 5.4)."""
        scope = scope_to_list(token.get("scope") or self.client_kwargs.get("scope")) or ()
        parts = [UserInfo.SCOPES_CLAIMS_MAPPING[name] for name in scope if name in UserInfo.SCOPES_CLAIMS_MAPPING]
        return any(not any(claim in person for claim in part) for part in parts)

    def _completing(self, person: UserInfo, token: OAuth2Token) -> Steps[None]:
        """Adds what UserInfo says to what the ID token says. Without it, there is a login all the same."""
        try:
            more = yield self.userinfo(token=token)
        except Exception as error:
            # Its sentence may hold an address, and that a token.
            why = getattr(error, "error", None) or getattr(getattr(error, "response", None), "status_code", None)
            kind = f"{type(error).__name__}, {why}" if why else type(error).__name__
            log.warning("the UserInfo of %s can't be had (%s): what the ID token says is all", self.name, kind)
            return
        for name, value in more.items():
            person.setdefault(name, value)

    def _creating_logout(
        self, post_logout_redirect_uri: str | None, id_token_hint: str | None, state: str | None, kwargs: dict[str, Any]
    ) -> Steps[dict[str, Any]]:
        """Where to send the person to log out at the provider (RP-Initiated Logout 2)."""
        metadata = yield self.load_server_metadata()
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


def _issuer(issuer: str) -> dict[str, Any]:
    """What `iss` must be. Where there is one for each tenant, the token says which tenant, and the template says all else."""
    if "{tenantid}" not in issuer:
        return {"essential": True, "value": issuer}

    def validate(claims: Mapping[str, Any], value: Any) -> bool:
        tenant = claims.get("tid")
        return isinstance(tenant, str) and bool(_UUID.fullmatch(tenant)) and value == issuer.replace("{tenantid}", tenant)

    return {"essential": True, "validate": validate}


def _read_person(answer: Any) -> dict[str, Any]:
    try:
        return read_object(answer)
    except Exception as error:
        raise OAuthError("invalid_userinfo", "the answer is not a JSON object (OpenID Connect Core 5.3.2)") from error


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
