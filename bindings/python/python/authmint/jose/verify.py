"""Tokens by a policy (RFC 8725): nothing of a token is handed out before all of it was asked."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from typing import Any

from .. import _core
from ._messages import as_names
from .keys import AnyKey, Key, native


class Policy:
    """What a token must be. It names algorithms, issuer and audience, or says `None` where any will do.

    `typ` is the kind of token: `at+jwt`, `logout+jwt`; `None` is a plain JWT, which says `JWT` or nothing. `required` and
    `forbidden` are claims; `leeway`, `max_age` and `max_lifetime` are seconds. Make it once, use it often, from any thread.
    """

    __slots__ = ("_native",)

    def __init__(
        self,
        algorithms: Iterable[str],
        *,
        issuer: str | None,
        audience: str | None,
        typ: str | None = None,
        subject: str | None = None,
        required: Iterable[str] = (),
        forbidden: Iterable[str] = (),
        leeway: int | None = None,
        max_age: int | None = None,
        max_lifetime: int | None = None,
        accept_expired: bool = False,
    ) -> None:
        self._native = _core.Policy(
            as_names(algorithms),
            typ=typ,
            issuer=issuer,
            audience=audience,
            subject=subject,
            required=as_names(required),
            forbidden=as_names(forbidden),
            leeway=leeway,
            max_age=max_age,
            max_lifetime=max_lifetime,
            accept_expired=accept_expired,
        )


def verify(token: str | bytes, key: AnyKey, policy: Policy, now: float | None = None) -> dict[str, Any]:
    """The claims of a token that is all that the policy asks for at `now`, in seconds since 1970.

    Raises an error of `authmint.jose.errors` that says what was wrong.
    """
    made = key._native if isinstance(key, Key) else native(key)
    return _core.verify_jwt(token, made, policy._native, None if now is None else int(now))[1]


def sign(claims: Mapping[str, Any], key: Key, *, alg: str, typ: str = "JWT", lifetime: int | None = None) -> str:
    """Signs claims. `lifetime` is in seconds, and adds `iat` and `exp`."""
    if lifetime is not None:
        now = int(time.time())
        claims = {"iat": now, "exp": now + lifetime, **claims}
    return _core.encode_jwt({"alg": alg, "typ": typ}, dict(claims), key._native, _ALL, False).decode()


_ALL = _core.Algorithms(None)
