"""Scopes as texts and as lists of names (RFC 6749 3.3)."""

from __future__ import annotations

from collections.abc import Iterable


def scope_to_list(scope: str | Iterable[str] | None) -> list[str] | None:
    """The names of a scope."""
    if scope is None:
        return None
    return scope.split() if isinstance(scope, str) else [str(name) for name in scope]


def list_to_scope(scope: str | Iterable[str] | None) -> str | None:
    """A scope of names."""
    if scope is None or isinstance(scope, str):
        return scope
    return " ".join(str(name) for name in scope)
