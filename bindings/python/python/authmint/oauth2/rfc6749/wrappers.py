"""Tokens as a token endpoint gives them."""

from ..token import OAuth2Token

__all__ = ["OAuth2Token"]
