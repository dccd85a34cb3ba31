"""Protecting an API."""

from ..protector import ResourceProtector, TokenValidator

__all__ = ["ResourceProtector", "TokenValidator"]
