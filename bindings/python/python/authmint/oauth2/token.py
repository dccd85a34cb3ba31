"""Tokens as a token endpoint gives them (RFC 6749 5.1)."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any


class OAuth2Token(dict[str, Any]):
    """A token response; `expires_at` is reckoned from `expires_in` when it comes, or from `issued_at` where that is said."""

    def __init__(self, params: Mapping[str, Any]) -> None:
        params = dict(params)
        expires_at, expires_in = _seconds(params.get("expires_at")), _seconds(params.get("expires_in"))
        if expires_at is None and expires_in is not None:
            issued_at = _seconds(params.get("issued_at"))
            now = int(time.time())
            expires_at = (now if issued_at is None or issued_at < 0 else issued_at) + expires_in
        if expires_at is not None:
            params["expires_at"] = expires_at
        super().__init__(params)

    def is_expired(self, leeway: int = 60) -> bool | None:
        """Whether it expires within so many seconds; `None` where nobody said when."""
        expires_at = _seconds(self.get("expires_at"))
        return None if expires_at is None else bool(expires_at - leeway < time.time())

    @classmethod
    def from_dict(cls, token: Mapping[str, Any] | None) -> OAuth2Token | None:
        """A token of a dict that was kept."""
        if token is None or isinstance(token, cls):
            return token
        return cls(token)

    def __repr__(self) -> str:
        # Tokens are secrets, and representations end in logs.
        shown = {name: "..." if name.endswith("_token") else value for name, value in self.items()}
        return f"{type(self).__name__}({shown!r})"


def _seconds(value: Any) -> int | None:
    """A number; some servers send it as text. `None` of what is none."""
    try:
        return int(float(value))
    except (TypeError, ValueError, OverflowError):
        return None
