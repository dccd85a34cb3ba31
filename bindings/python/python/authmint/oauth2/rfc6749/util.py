"""Scopes, and random text."""

from ...common.security import generate_token
from ..scope import list_to_scope, scope_to_list

__all__ = ["generate_token", "list_to_scope", "scope_to_list"]
