"""Addresses and forms."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib import parse as urlparse
from urllib.parse import parse_qsl, quote, unquote

from .. import _core
from .encoding import to_unicode
from .security import split_address

#: Addresses that run what they hold.
_SCRIPTS = ("javascript", "data", "vbscript")
Pairs = Iterable[tuple[Any, Any]]
#: A form has letters and digits, what divides them, and the rest as %41.
_FORM = re.compile(r"(?:[A-Za-z0-9_.\-=&;:+~,*@!()/?]|%[0-9A-Fa-f]{2})*")


def _texts(params: Pairs | Mapping[Any, Any]) -> list[tuple[str, str]]:
    pairs = params.items() if isinstance(params, Mapping) else params
    return [(to_unicode(name) or "", to_unicode(value) or "") for name, value in pairs]


def url_encode(params: Pairs) -> str:
    """Pairs as a form."""
    return _core.form(_texts(params))


def url_decode(query: str) -> list[tuple[str, str]]:
    """A form as pairs, which may have no value. What is not encoded as a form raises `ValueError`."""
    if not _FORM.fullmatch(query):
        raise ValueError("this is no form: names and values in one are encoded (application/x-www-form-urlencoded)")
    return parse_qsl(query, keep_blank_values=True)


def add_params_to_qs(query: str, params: Pairs | Mapping[Any, Any]) -> str:
    """A query with pairs added."""
    return url_encode([*parse_qsl(query, keep_blank_values=True), *_texts(params)])


def add_params_to_uri(uri: str, params: Pairs | Mapping[Any, Any], fragment: bool = False) -> str:
    """An address with pairs added to its query, or to its fragment."""
    if not fragment:
        return _core.add_params(uri, _texts(params))
    address, _, present = uri.partition("#")
    return f"{address}#{add_params_to_qs(present, params)}"


def quote_url(s: str) -> str:
    """An address with what it may not have encoded."""
    return quote(s, "~@#$&()*!+=:;,.?/'")


def extract_params(raw: Any) -> list[tuple[str, str]] | None:
    """The pairs of a form, a mapping or a list; `None` of anything else."""
    if isinstance(raw, (list, tuple)):
        try:
            raw = dict(raw)
        except (TypeError, ValueError):
            return None
    if isinstance(raw, Mapping):
        return _texts(raw)
    try:
        return url_decode(raw) or None if isinstance(raw, str) else None
    except ValueError:
        return None


def is_valid_url(url: str, fragments_allowed: bool = True) -> bool:
    """Whether this is an address with a host, and without the name of a user, which hides whose it is."""
    parts = split_address(url)
    if parts is None:
        return False
    is_whole = bool(parts.scheme) and "@" not in parts.netloc and parts.scheme not in _SCRIPTS
    return is_whole and (fragments_allowed or not parts.fragment)


__all__ = [
    "add_params_to_qs",
    "add_params_to_uri",
    "extract_params",
    "is_valid_url",
    "quote",
    "quote_url",
    "unquote",
    "url_decode",
    "url_encode",
    "urlparse",
]
