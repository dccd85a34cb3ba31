"""Warnings about what will be gone."""

from __future__ import annotations

import warnings


class AuthlibDeprecationWarning(DeprecationWarning):
    """Something will be gone in a later version."""


def deprecate(message: str, version: str | None = None, stacklevel: int = 3) -> None:
    """Warns; `version` is the one in which it is gone."""
    until = f" It is there until version {version}." if version else ""
    warnings.warn(AuthlibDeprecationWarning(message + until), stacklevel=stacklevel)


__all__ = ["AuthlibDeprecationWarning", "deprecate"]
