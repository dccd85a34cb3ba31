"""`AssertionSession`: a session of Requests for a service account."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from requests import Response

from ...oauth2.blocking import BlockingAssertionClient
from .oauth2_session import OAuth2Auth, TokenSession


class AssertionSession(TokenSession, BlockingAssertionClient):
    """A session that fetches its token by an assertion that it signs (RFC 7523), and renews it in time. Threads may share it."""

    token_auth_class = OAuth2Auth

    def __init__(
        self,
        token_endpoint: str,
        issuer: str,
        subject: str | None,
        audience: str | None = None,
        grant_type: str | None = None,
        claims: Mapping[str, Any] | None = None,
        token_placement: str = "header",
        scope: str | None = None,
        client_id: str | None = None,
        default_timeout: float | None = None,
        leeway: int = 60,
        *,
        key: Any = None,
        header: Mapping[str, Any] | None = None,
        alg: str | None = None,
        issued_at: int | None = None,
        expires_at: int | None = None,
        token_endpoint_verify: bool | str | None = None,
        **given: Any,
    ) -> None:
        super().__init__(default_timeout, given)
        if given:
            raise TypeError(f"unknown arguments: {', '.join(given)}")
        self.token_endpoint_verify = token_endpoint_verify
        self._setup(
            token_endpoint,
            issuer,
            subject,
            audience,
            grant_type,
            claims,
            token_placement,
            scope,
            client_id,
            leeway,
            key,
            header,
            alg,
            issued_at,
            expires_at,
        )

    def _http(self, method: str, url: str, headers: dict[str, str], body: str, auth: Any, options: dict[str, Any]) -> Response:
        if self.token_endpoint_verify is not None:
            options["verify"] = self.token_endpoint_verify
        return super()._http(method, url, headers, body, auth, options)

    def request(  # type: ignore[override]
        self, method: str, url: str, withhold_token: bool = False, auth: Any = None, **kwargs: Any
    ) -> Response:
        """Sends a request with the token."""
        if auth is None and not withhold_token:
            self.ensure_active_token()
            auth = self.token_auth
        return self._sent(method, url, auth, kwargs)
