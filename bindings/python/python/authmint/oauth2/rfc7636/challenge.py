"""Challenges of PKCE (RFC 7636 4.2, 4.6)."""

from __future__ import annotations

from ... import _core


def create_s256_code_challenge(code_verifier: str) -> str:
    """The challenge of a verifier (4.2)."""
    return _core.s256_challenge(code_verifier)


def compare_s256_code_challenge(code_verifier: str, code_challenge: str) -> bool:
    """Whether a verifier is the one of a challenge."""
    return _core.constant_time_eq(create_s256_code_challenge(code_verifier), code_challenge)


def compare_plain_code_challenge(code_verifier: str, code_challenge: str) -> bool:
    """Whether a verifier is the one of a challenge that is the verifier itself."""
    return bool(code_verifier) and _core.constant_time_eq(code_verifier, code_challenge)


__all__ = ["compare_plain_code_challenge", "compare_s256_code_challenge", "create_s256_code_challenge"]
