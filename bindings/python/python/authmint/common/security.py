"""Random text, and addresses that keep a secret on its way."""

from __future__ import annotations

import secrets
import string
from ipaddress import IPv6Address, ip_address
from urllib.parse import SplitResult, urlsplit

UNICODE_ASCII_CHARACTER_SET = string.ascii_letters + string.digits


def generate_token(length: int = 30, chars: str = UNICODE_ASCII_CHARACTER_SET) -> str:
    """Random text of so many characters; 30 of letters and digits have 178 bits."""
    return "".join(secrets.choice(chars) for _ in range(length))


def generate_pkce_code_verifier(length: int = 128) -> str:
    """A verifier for PKCE (RFC 7636 4.1), of 43 to 128 characters."""
    if not 43 <= length <= 128:
        raise ValueError("a verifier has 43 to 128 characters (RFC 7636 4.1)")
    return generate_token(length, UNICODE_ASCII_CHARACTER_SET + "-._~")


def split_address(uri: str) -> SplitResult | None:
    """The parts of an address that has a host; `None` of what has none, and of what others may read in another way: to some, what is
    behind a backslash is the path, and to Python neither ends of lines nor what follows an IPv6 address are there.
    """
    uri = uri.strip(" ")
    if any(char <= " " or char in "\\\x7f" for char in uri):
        return None
    try:
        parts = urlsplit(uri)
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    name, written = f"[{host}]" if host and ":" in host else host, parts.netloc.rpartition("@")[2].lower()
    return parts if host and written in (name, f"{name}:", f"{name}:{port}") else None


def is_secure_transport(uri: str) -> bool:
    """Whether a URI is one of https, or of http on this very machine (RFC 8252 7.3)."""
    parts = split_address(uri)
    if parts is None:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and _is_this_machine(parts.hostname or ""))


def _is_this_machine(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        address = ip_address(host)
    except ValueError:
        return False
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped.is_loopback
    return address.is_loopback
