"""Random text."""

from __future__ import annotations

import secrets
import string

UNICODE_ASCII_CHARACTER_SET = string.ascii_letters + string.digits


def generate_token(length: int = 30, chars: str = UNICODE_ASCII_CHARACTER_SET) -> str:
    """Random text of so many characters; 30 of letters and digits have 178 bits."""
    return "".join(secrets.choice(chars) for _ in range(length))


def is_secure_transport(uri: str) -> bool:
    """Whether a URI is one of https, or of http on this very machine."""
    from urllib.parse import urlsplit

    parts = urlsplit(uri.lower())
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in {"localhost", "127.0.0.1", "::1"})
