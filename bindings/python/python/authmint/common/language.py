"""Tags of languages (BCP 47)."""

from __future__ import annotations

from typing import Any


def is_valid_language_tag(tag: Any) -> bool:
    """Whether this has the form of a tag: `de`, `zh-Hans-CN`, `x-own`. What its parts mean is not looked up."""
    if not isinstance(tag, str) or not tag.isascii():
        return False
    first, *others = tag.split("-")
    is_private = first in ("x", "X") and bool(others)
    is_language = first.isalpha() and 2 <= len(first) <= 8
    return (is_private or is_language) and all(part.isalnum() and len(part) <= 8 for part in others)


__all__ = ["is_valid_language_tag"]
