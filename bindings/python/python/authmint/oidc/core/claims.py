"""The claims of ID tokens and of UserInfo (OpenID Connect Core 2, 5.1)."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any, ClassVar

from ... import _core
from ...common.language import is_valid_language_tag
from ...jose.claims import JWTClaims
from ...jose.errors import InvalidClaimError, MissingClaimError
from ...oauth2.scope import scope_to_list
from .util import fits_half_hash

_OF_ID_TOKENS = ["iss", "sub", "aud", "exp", "nbf", "iat", "auth_time", "nonce", "acr", "amr", "azp", "at_hash"]

#: Claims that are one text and never a list (2).
_ONE_TEXT = ("iss", "sub", "jti", "nonce", "acr", "azp", "at_hash", "c_hash")


class IDToken(JWTClaims):
    """The claims of an ID token. `params` are those of its request: `client_id`, `nonce`, `max_age`; and what it came with:
    `access_token`, `code`.
    """

    ESSENTIAL_CLAIMS: ClassVar[list[str]] = ["iss", "sub", "aud", "exp", "iat"]
    RESPONSE_TYPES: ClassVar[tuple[str, ...]] = ()

    def validate(self, now: float | None = None, leeway: float = 0) -> None:
        """Raises unless the token is what was asked for (3.1.3.7)."""
        now = int(time.time()) if now is None else now
        for name in self.ESSENTIAL_CLAIMS:
            if name not in self:
                raise MissingClaimError(name)
        self._validate_texts()
        super().validate(now, leeway)
        self.validate_auth_time()
        max_age = self.params.get("max_age")
        if max_age is not None and self["auth_time"] + max_age + leeway < now:
            raise InvalidClaimError("auth_time")
        self.validate_nonce()
        self.validate_amr()
        self.validate_azp()
        self.validate_at_hash()

    def _fits(self, claim_name: str, value: Any, expected: Any) -> bool:
        """Of what a provider adds a list fits where one of its members does: people are in several groups."""
        several = value if isinstance(value, list) and claim_name not in _ONE_TEXT else ()
        return any(super(IDToken, self)._fits(claim_name, one, expected) for one in (value, *several))

    def _validate_texts(self) -> None:
        """Who says it, of whom, and to whom: texts (2), since what is null or a number is nobody."""
        for name in ("iss", "sub"):
            if not isinstance(self[name], str) or not self[name]:
                raise InvalidClaimError(name)
        audience = self["aud"] if isinstance(self["aud"], list) else [self["aud"]]
        if not audience or not all(isinstance(one, str) and one for one in audience):
            raise InvalidClaimError("aud")

    def validate_auth_time(self) -> None:
        """When the person proved who they are: there where `max_age` was asked for."""
        if self._time("auth_time") is None and self.params.get("max_age") is not None:
            raise MissingClaimError("auth_time")

    def validate_nonce(self) -> None:
        """That of the request, where it had one."""
        nonce = self.params.get("nonce")
        if not nonce:
            return
        if "nonce" not in self:
            raise MissingClaimError("nonce")
        if not isinstance(self["nonce"], str) or not _core.constant_time_eq(self["nonce"], nonce):
            raise InvalidClaimError("nonce")

    def validate_amr(self) -> None:
        """How the person proved it: a list."""
        if self.get("amr") is not None and not isinstance(self["amr"], list):
            raise InvalidClaimError("amr")

    def validate_azp(self) -> None:
        """The client, where the audience is another or has several members."""
        client_id = self.params.get("client_id")
        if not client_id:
            return
        audience = self.get("aud")
        if self.get("azp") is None:
            if audience not in (client_id, [client_id]):
                raise MissingClaimError("azp")
        elif self["azp"] != client_id:
            raise InvalidClaimError("azp")

    def validate_at_hash(self) -> None:
        """That of the access token that came with it, if it has one (3.1.3.8)."""
        self._validate_hash("at_hash", "access_token", is_essential=False)

    def _validate_hash(self, name: str, of: str, is_essential: bool) -> None:
        value = self.params.get(of)
        if not value:
            return
        if self.get(name) is None:
            if is_essential:
                raise MissingClaimError(name)
            return
        if not isinstance(self[name], str) or not fits_half_hash(self.header, self[name], value):
            raise InvalidClaimError(name)


class CodeIDToken(IDToken):
    """An ID token that came from the token endpoint."""

    RESPONSE_TYPES: ClassVar[tuple[str, ...]] = ("code",)
    REGISTERED_CLAIMS: ClassVar[list[str]] = _OF_ID_TOKENS


class ImplicitIDToken(IDToken):
    """An ID token that came through the browser: `nonce` and `at_hash` are essential (3.2.2.11)."""

    RESPONSE_TYPES: ClassVar[tuple[str, ...]] = ("id_token", "id_token token")
    ESSENTIAL_CLAIMS: ClassVar[list[str]] = [*IDToken.ESSENTIAL_CLAIMS, "nonce"]
    REGISTERED_CLAIMS: ClassVar[list[str]] = _OF_ID_TOKENS

    def validate_at_hash(self) -> None:
        """That of the access token that came with it (3.2.2.9)."""
        self._validate_hash("at_hash", "access_token", is_essential=True)


class HybridIDToken(ImplicitIDToken):
    """An ID token that came through the browser beside a code, whose hash it has (3.3.2.11)."""

    RESPONSE_TYPES: ClassVar[tuple[str, ...]] = ("code id_token", "code token", "code id_token token")
    REGISTERED_CLAIMS: ClassVar[list[str]] = [*_OF_ID_TOKENS, "c_hash"]

    def validate(self, now: float | None = None, leeway: float = 0) -> None:
        """Raises unless the token is what was asked for (3.3.2.12)."""
        super().validate(now, leeway)
        self.validate_c_hash()

    def validate_c_hash(self) -> None:
        """That of the code that came with it (3.3.2.10)."""
        self._validate_hash("c_hash", "code", is_essential=True)


def get_claim_cls_by_response_type(response_type: str) -> type[IDToken] | None:
    """The class of the ID tokens that a response type brings."""
    kinds: Iterable[type[IDToken]] = (CodeIDToken, ImplicitIDToken, HybridIDToken)
    return next((kind for kind in kinds if response_type in kind.RESPONSE_TYPES), None)


class UserInfo(dict[str, Any]):
    """What a provider says of a person (5.1). Claims can be read as attributes."""

    SCOPES_CLAIMS_MAPPING: ClassVar[dict[str, list[str]]] = {
        "openid": ["sub"],
        "profile": [
            "name",
            "given_name",
            "family_name",
            "middle_name",
            "nickname",
            "preferred_username",
            "profile",
            "picture",
            "website",
            "gender",
            "birthdate",
            "zoneinfo",
            "locale",
            "updated_at",
        ],
        "email": ["email", "email_verified"],
        "address": ["address"],
        "phone": ["phone_number", "phone_number_verified"],
    }
    REGISTERED_CLAIMS: ClassVar[list[str]] = [name for names in SCOPES_CLAIMS_MAPPING.values() for name in names]

    def __getattr__(self, name: str) -> Any:
        if name in self.REGISTERED_CLAIMS:
            return self.get(name)
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def validate_locale(self) -> None:
        """Raises unless `locale`, if it is there, is the tag of a language (BCP 47)."""
        if self.get("locale") is not None and not is_valid_language_tag(self["locale"]):
            raise ValueError('"locale" MUST be a BCP 47 language tag')

    def filter(self, scope: str | Iterable[str]) -> UserInfo:
        """Those claims that a scope gives (5.4)."""
        names = {name for part in scope_to_list(scope) or () for name in self.SCOPES_CLAIMS_MAPPING.get(part, ())}
        return UserInfo({name: value for name, value in self.items() if name in names})
