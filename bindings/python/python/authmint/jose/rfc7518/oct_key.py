"""Secrets."""

from ..keys import OctKey

__all__ = ["OctKey"]
