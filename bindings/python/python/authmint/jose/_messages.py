"""What the messages of JOSE share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from .errors import DecodeError, InvalidHeaderParameterNameError


def dots(message: str | bytes) -> int:
    """How many dots divide a message."""
    if isinstance(message, str):
        return message.count(".")
    if isinstance(message, bytes):
        return message.count(b".")
    raise TypeError("a message is a str or bytes")


def as_bytes(payload: str | bytes) -> bytes:
    """A payload as bytes; text in UTF-8."""
    return payload.encode() if isinstance(payload, str) else payload


def as_dict(members: Mapping[str, Any]) -> dict[str, Any]:
    """A mapping as the core takes it."""
    return members if isinstance(members, dict) else dict(members)


def as_names(names: str | Iterable[str]) -> list[str]:
    """Names as a list: a text is one name, and not its letters."""
    return [names] if isinstance(names, str) else list(names)


def check_disjoint(*parts: Mapping[str, Any] | None) -> None:
    """Raises where two parts of a header have the same name (RFC 7515 4, RFC 7516 4)."""
    names = [name for part in parts for name in part or ()]
    if len(names) != len(set(names)):
        raise DecodeError(description="the parts of a header name a member twice")


class HeaderNames:
    """The names that a header may have: the registered ones and those of the caller's; any, where the caller names none."""

    __slots__ = ("_allowed", "understood")

    def __init__(self, registered: Iterable[str], private: Iterable[str] | None) -> None:
        #: Whoever names an extension says that it is understood.
        self.understood = [] if private is None else as_names(private)
        self._allowed = None if private is None else frozenset(registered).union(self.understood)

    def check(self, header: Iterable[str]) -> None:
        """Raises for a name that it must not have."""
        if self._allowed is not None:
            for name in header:
                if name not in self._allowed:
                    raise InvalidHeaderParameterNameError(name)
