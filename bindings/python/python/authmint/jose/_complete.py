"""What a JWK may leave out, or Authlib does: zeros of coordinates, and the factors of an RSA key."""

from __future__ import annotations

import secrets
from math import gcd
from typing import Any

from .. import _core
from ..common.encoding import int_to_base64, urlsafe_b64encode
from .errors import InvalidKeyError

_COORDINATES = {"P-256": 32, "P-384": 48, "P-521": 66, "secp256k1": 32}


def _padded(members: dict[str, Any]) -> dict[str, Any]:
    """The same key with coordinates of the length that RFC 7518 6.2.1 demands: Authlib leaves out zeros that they begin with."""
    length = _COORDINATES.get(str(members.get("crv")), 0) if members.get("kty") == "EC" else 0
    for name in ("x", "y", "d") if length else ():
        text = members.get(name)
        number = _core.base64url_decode(text) if isinstance(text, str) else b""
        # Some zeros are chance; more of them are another curve's key.
        if length - 4 <= len(number) < length:
            members = {**members, name: urlsafe_b64encode(number.rjust(length, b"\0")).decode()}
    return members


_FACTORS = ("p", "q", "dp", "dq", "qi")
#: The characters of n and d in a key of 4096 bits, and of e in one of 64: what is longer is not reckoned with.
_LONGEST = {"n": 683, "e": 11, "d": 683}
#: The bits of n in the shortest key that is read.
_SHORTEST = 2048


def complete(members: dict[str, Any]) -> dict[str, Any]:
    """The same key with what may be left out: zeros of coordinates, and the factors of RSA (RFC 7518 6.3.2)."""
    if members.get("kty") != "RSA" or "d" not in members or any(name in members for name in (*_FACTORS, "oth")):
        return _padded(members)
    texts = {name: members.get(name) for name in _LONGEST}
    if not all(isinstance(text, str) and len(text) <= _LONGEST[name] for name, text in texts.items()):
        return members
    n, e, d = (int.from_bytes(_core.base64url_decode(str(text)), "big") for text in texts.values())
    factors = _factors(n, e, d)
    if factors is None:
        raise InvalidKeyError(description="the key can't be read: d does not belong to n and e")
    p, q = factors
    numbers = (p, q, d % (p - 1), d % (q - 1), pow(q, -1, p))
    return {**members, **{name: int_to_base64(number) for name, number in zip(_FACTORS, numbers, strict=True)}}


def _factors(n: int, e: int, d: int) -> tuple[int, int] | None:
    """The factors of an RSA modulus whose private exponent is known (NIST SP 800-56B, Appendix C.2), in bounded time whatever the
    numbers are: whoever sends a key chooses them.
    """
    product = e * d - 1
    if n.bit_length() < _SHORTEST or n % 2 == 0 or product <= 0 or product % 2:
        return None
    # Of a prime, and of its powers, no number tells a factor.
    if gcd(pow(2, n, n) - 2, n) != 1:
        return None
    halvings = (product & -product).bit_length() - 1
    # Every other number tells them. Of what is no key, one is enough to see so.
    for _ in range(40):
        root = pow(secrets.randbelow(n - 3) + 2, product >> halvings, n)
        for _ in range(halvings):
            square = root * root % n
            if square == 1 and root not in (1, n - 1):
                p = gcd(root - 1, n)
                return max(p, n // p), min(p, n // p)
            root = square
        if root != 1:
            return None
    return None
