"""Addresses and forms."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from urllib import parse as urlparse
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from .. import _core

Pairs = Iterable[tuple[str, str]]


def url_encode(params: Pairs) -> str:
    """Pairs as a form."""
    return _core.form(list(params))


def url_decode(query: str) -> list[tuple[str, str]]:
    """A form as pairs, which may have no value."""
    return parse_qsl(query, keep_blank_values=True)


def add_params_to_qs(query: str, params: Pairs) -> str:
    """A query with pairs added."""
    return url_encode([*url_decode(query), *params])


def add_params_to_uri(uri: str, params: Pairs, fragment: bool = False) -> str:
    """An address with pairs added to its query, or to its fragment."""
    if not fragment:
        return _core.add_params(uri, list(params))
    address, _, present = uri.partition("#")
    return f"{address}#{add_params_to_qs(present, params)}"


def extract_params(raw: Any) -> list[tuple[str, str]] | None:
    """The pairs of a form, a mapping or a list; `None` of anything else."""
    if isinstance(raw, (list, tuple)):
        raw = dict(raw)
    if isinstance(raw, Mapping):
        return [(str(name), str(value)) for name, value in raw.items()]
    return url_decode(raw) or None if isinstance(raw, str) else None


def is_valid_url(url: str, fragments_allowed: bool = True) -> bool:
    """Whether this is an address of a web server."""
    parts = urlsplit(url)
    return parts.scheme in ("http", "https") and bool(parts.netloc) and (fragments_allowed or not parts.fragment)


__all__ = [
    "add_params_to_qs",
    "add_params_to_uri",
    "extract_params",
    "is_valid_url",
    "quote",
    "unquote",
    "url_decode",
    "url_encode",
    "urlparse",
]
