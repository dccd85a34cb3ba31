"""Challenges."""

from __future__ import annotations

from ... import _core


def create_s256_code_challenge(code_verifier: str) -> str:
    """The challenge of a verifier (4.2)."""
    return _core.s256_challenge(code_verifier)


__all__ = ["create_s256_code_challenge"]
