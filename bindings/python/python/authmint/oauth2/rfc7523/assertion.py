"""Assertions."""

from . import client_secret_jwt_sign, private_key_jwt_sign, sign_jwt_bearer_assertion

__all__ = ["client_secret_jwt_sign", "private_key_jwt_sign", "sign_jwt_bearer_assertion"]
