"""Keys in and out, as old programs do it; new ones use `JsonWebKey`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .keys import JsonWebKey, Key


def loads(obj: Any, kid: str | None = None) -> Key:
    """Reads a key, or the key of a set that has this name."""
    if isinstance(obj, (list, tuple)) or (isinstance(obj, Mapping) and "keys" in obj):
        return JsonWebKey.import_key_set(obj).find_by_kid(kid)
    return JsonWebKey.import_key(obj)


def dumps(key: Any, kty: str | None = None, **params: Any) -> dict[str, Any]:
    """Writes a key as a JWK, private half and all."""
    return JsonWebKey.import_key(key, {**params, **({"kty": kty} if kty else {})}).tokens


__all__ = ["dumps", "loads"]
