"""Algorithms of drafts: ECDH-1PU, C20P and XC20P, which are there without being asked for."""

from __future__ import annotations

from ..encryption import JsonWebEncryption


def register_jwe_draft(cls: type[JsonWebEncryption]) -> None:
    """Does nothing: the algorithms are there."""


__all__ = ["register_jwe_draft"]
