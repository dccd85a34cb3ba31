"""Assertions (RFC 7521)."""

from ..assertion import AssertionClient

__all__ = ["AssertionClient"]
