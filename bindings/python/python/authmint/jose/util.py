"""Parts of messages, read before anybody has verified them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .. import _core
from .errors import DecodeError, JoseError


def extract_header(header_segment: str | bytes, error_cls: Callable[[str], Exception]) -> dict[str, Any]:
    """The header that a segment holds; `error_cls` is raised where it holds none."""
    segment = extract_segment(header_segment, error_cls, "header")
    try:
        return _core.read_object(segment)
    except JoseError as problem:
        raise error_cls(f"Invalid header: {problem.description}") from problem


def extract_segment(segment: str | bytes, error_cls: Callable[[str], Exception], name: str = "payload") -> bytes:
    """The bytes that a segment holds; `error_cls` is raised where they are not base64url."""
    try:
        return _core.base64url_decode(segment)
    except JoseError as problem:
        raise error_cls(f"Invalid {name}: {problem.description}") from problem


def ensure_dict(s: Any, structure_name: str) -> dict[str, Any]:
    """A dict as it is, and one that is written in JSON."""
    if isinstance(s, dict):
        return s
    if not isinstance(s, (str, bytes)):
        raise DecodeError(description=f"Invalid {structure_name}: it is a dict, str or bytes")
    return _core.read_object(s)


__all__ = ["ensure_dict", "extract_header", "extract_segment"]
