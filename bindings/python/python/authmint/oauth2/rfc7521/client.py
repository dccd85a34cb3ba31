"""Clients that act by assertions."""

from ..assertion import AssertionClient

__all__ = ["AssertionClient"]
