"""Text, bytes, base64url and JSON."""

from __future__ import annotations

import base64
import json
from typing import Any


def to_bytes(x: Any, charset: str = "utf-8", errors: str = "strict") -> bytes | None:
    """As bytes; numbers as their digits."""
    if x is None:
        return None
    if isinstance(x, bytes):
        return x
    if isinstance(x, str):
        return x.encode(charset, errors)
    if isinstance(x, (int, float)):
        return str(x).encode(charset, errors)
    return bytes(x)


def to_unicode(x: Any, charset: str = "utf-8", errors: str = "strict") -> str | None:
    """As text."""
    if x is None or isinstance(x, str):
        return x
    if isinstance(x, bytes):
        return x.decode(charset, errors)
    return str(x)


def to_native(x: Any, encoding: str = "ascii") -> str:
    """As text: what is native in Python 3."""
    return x if isinstance(x, str) else x.decode(encoding)


def json_loads(s: str | bytes) -> Any:
    """Reads JSON."""
    return json.loads(s)


def json_dumps(data: Any, ensure_ascii: bool = False) -> str:
    """Writes compact JSON."""
    return json.dumps(data, ensure_ascii=ensure_ascii, separators=(",", ":"))


def json_b64encode(text: Any) -> bytes:
    """JSON as base64url."""
    if isinstance(text, dict):
        text = json_dumps(text)
    return urlsafe_b64encode(text.encode() if isinstance(text, str) else text)


def urlsafe_b64encode(s: bytes) -> bytes:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(s).rstrip(b"=")


def urlsafe_b64decode(s: bytes) -> bytes:
    """Base64url, with padding or without."""
    return base64.urlsafe_b64decode(s + b"=" * (-len(s) % 4))


def base64_to_int(s: str | bytes) -> int:
    """A number from base64url, the most significant byte first."""
    return int.from_bytes(urlsafe_b64decode(s.encode() if isinstance(s, str) else s), "big")


def int_to_base64(num: int) -> str:
    """A number that is not negative as base64url."""
    if num < 0:
        raise ValueError("the number must not be negative")
    return urlsafe_b64encode(num.to_bytes((num.bit_length() + 7) // 8, "big")).decode()


__all__ = [
    "base64_to_int",
    "int_to_base64",
    "json_b64encode",
    "json_dumps",
    "json_loads",
    "to_bytes",
    "to_native",
    "to_unicode",
    "urlsafe_b64decode",
    "urlsafe_b64encode",
]
