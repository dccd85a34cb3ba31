"""ID tokens, for whoever makes them: a provider, or the test of a client."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from typing import Any

from ....jose.tokens import JsonWebToken
from ....oauth2.scope import scope_to_list
from ..util import create_half_hash


def is_openid_scope(scope: str | Iterable[str] | None) -> bool:
    """Whether this asks for an ID token."""
    return "openid" in (scope_to_list(scope) or ())


def generate_id_token(
    token: Mapping[str, Any],
    user_info: Mapping[str, Any],
    key: Any,
    iss: str,
    aud: str | list[str],
    alg: str = "RS256",
    exp: int = 3600,
    nonce: str | None = None,
    auth_time: int | None = None,
    acr: str | None = None,
    amr: list[str] | None = None,
    code: str | None = None,
    kid: str | None = None,
) -> str:
    """An ID token about a person, for `exp` seconds. It names the access token that it comes with, and the code (Core 3.1.3.6)."""
    now = int(time.time())
    claims: dict[str, Any] = {"iss": iss, "aud": aud, "iat": now, "exp": now + exp}
    said = (("auth_time", auth_time), ("nonce", nonce or None), ("acr", acr or None), ("amr", amr or None))
    claims |= {name: value for name, value in said if value is not None}
    for name, value in (("c_hash", code), ("at_hash", token.get("access_token"))):
        half = create_half_hash(value, alg) if value else None
        if half is not None:
            claims[name] = half.decode()
    header = {"alg": alg, **({"kid": kid} if kid else {})}
    # Whatever is known of the person, it says nothing of the login.
    claims = {"auth_time": now, **user_info, **claims}
    return JsonWebToken([alg]).encode(header, claims, key, check=False).decode()


__all__ = ["create_half_hash", "generate_id_token", "is_openid_scope"]
