"""A client on HTTPX, to be waited for or awaited.

It is on `httpx2`, or on `httpx` where that alone is installed. Where both are, whose objects do not mix, a client is of the
library that its `transport`, `timeout` or other arguments are of; `httpx_client.on_httpx` and `httpx_client.on_httpx2` hold the
clients of one.
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

from ..base_client.errors import OAuthError

if TYPE_CHECKING or not find_spec("httpx2"):
    from .on_httpx import (
        AssertionClient,
        AsyncAssertionClient,
        AsyncOAuth2Client,
        OAuth2Auth,
        OAuth2Client,
        OAuth2ClientAuth,
    )
else:
    from .on_httpx2 import (
        AssertionClient,
        AsyncAssertionClient,
        AsyncOAuth2Client,
        OAuth2Auth,
        OAuth2Client,
        OAuth2ClientAuth,
    )

__all__ = [
    "AssertionClient",
    "AsyncAssertionClient",
    "AsyncOAuth2Client",
    "OAuth2Auth",
    "OAuth2Client",
    "OAuth2ClientAuth",
    "OAuthError",
]
