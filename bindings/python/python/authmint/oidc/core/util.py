"""Halves of hashes, which bind an ID token to what it came with (OpenID Connect Core 3.1.3.6)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ... import _core
from ...jose.errors import UnsupportedAlgorithmError


def create_half_hash(s: str | bytes, alg: str) -> bytes | None:
    """`at_hash` or `c_hash` of a value, for a token that is signed by this algorithm; `None` where it names no hash."""
    try:
        half = _core.half_hash(alg, s.decode() if isinstance(s, bytes) else s)
    except UnsupportedAlgorithmError:
        return None
    return None if half is None else half.encode()


def fits_half_hash(header: Mapping[str, Any] | None, half: str, value: str) -> bool:
    """Whether the half of a hash in a token with this header is the one of a value."""
    try:
        return _core.fits_half_hash(str((header or {}).get("alg")), half, value)
    except UnsupportedAlgorithmError:
        return False
