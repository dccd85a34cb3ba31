"""What the messages of JOSE share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from .. import _core
from .errors import DecodeError, InvalidHeaderParameterNameError, MissingAlgorithmError


def dots(message: str | bytes) -> int:
    """How many dots divide a message."""
    if isinstance(message, str):
        return message.count(".")
    if isinstance(message, bytes):
        return message.count(b".")
    raise TypeError("a message is a str or bytes")


def check_compact(message: str | bytes, is_detached: bool = False) -> None:
    """Raises unless each part of a signed message can be read, and its header names an algorithm: what is asked first where
    the algorithm is none that is allowed.
    """
    text = message if isinstance(message, str) else message.decode("ascii", "replace")
    header, *parts = text.split(".")
    members = _core.read_object(_core.base64url_decode(header))
    # What is detached is as it is.
    for part in parts[-1:] if is_detached else parts:
        _core.base64url_decode(part)
    if "alg" not in members:
        raise MissingAlgorithmError(description="the header has no alg")


def as_bytes(payload: str | bytes) -> bytes:
    """A payload as bytes; text in UTF-8."""
    return payload.encode() if isinstance(payload, str) else payload


def as_dict(members: Mapping[str, Any]) -> dict[str, Any]:
    """A mapping as the core takes it."""
    return members if isinstance(members, dict) else dict(members)


def as_names(names: str | Iterable[str]) -> list[str]:
    """Names as a list: a text is one name, and not its letters."""
    return [names] if isinstance(names, str) else list(names)


def read_part(text: Any) -> dict[str, Any]:
    """The protected part of a header in a JSON form: an object in base64url."""
    if not isinstance(text, (str, bytes)):
        raise DecodeError(description="the protected part of a header is text in base64url")
    return _core.read_object(_core.base64url_decode(text))


def check_disjoint(*parts: Mapping[str, Any] | None) -> None:
    """Raises where two parts of a header have the same name (RFC 7515 4, RFC 7516 4)."""
    names = [name for part in parts for name in part or ()]
    if len(names) != len(set(names)):
        raise DecodeError(description="the parts of a header name a member twice")


class HeaderNames:
    """The names that a header may have: the registered ones and those of the caller's; any, where the caller names none."""

    __slots__ = ("_allowed", "restricts", "understood")

    def __init__(self, registered: Iterable[str], private: Iterable[str] | None) -> None:
        #: Whoever names an extension says that it is understood.
        self.understood = [] if private is None else as_names(private)
        #: Whether the caller named any, so that others are refused.
        self.restricts = private is not None
        self._allowed = None if private is None else frozenset(registered).union(self.understood)

    def check(self, header: Iterable[str]) -> None:
        """Raises for a name that it must not have."""
        if self._allowed is not None:
            for name in header:
                if name not in self._allowed:
                    raise InvalidHeaderParameterNameError(name)
