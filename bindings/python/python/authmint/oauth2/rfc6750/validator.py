"""Validators of bearer tokens."""

from . import BearerTokenValidator

__all__ = ["BearerTokenValidator"]
