"""A provider for frameworks that wait for answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...oauth2.steps import Steps, run
from ...oauth2.token import OAuth2Token
from ...oidc.core.claims import UserInfo
from .app import OAuth2App


class BlockingApp(OAuth2App):
    """A provider whose answers are waited for."""

    def load_server_metadata(self) -> dict[str, Any]:
        """What the provider publishes of itself, once it was fetched."""
        return run(self._loading())

    def fetch_jwk_set(self, force: bool = False) -> Any:
        """The provider's keys."""
        return run(self._fetching_jwk_set(force))

    def create_authorization_url(self, redirect_uri: str | None = None, **kwargs: Any) -> dict[str, Any]:
        """Where to send the person (`url`), and what to remember: `state`, `nonce`, `code_verifier`."""
        return run(self._authorizing(redirect_uri, kwargs))

    def fetch_access_token(self, redirect_uri: str | None = None, **kwargs: Any) -> OAuth2Token:
        """Fetches a token: for a `code`, or by another grant."""
        return run(self._fetching_token(redirect_uri, kwargs))

    def parse_id_token(
        self,
        token: Mapping[str, Any],
        nonce: str | None,
        claims_options: dict[str, Any] | None = None,
        claims_cls: Any = None,
        leeway: int = 120,
        max_age: int | None = None,
    ) -> UserInfo | None:
        """Verifies the ID token of a token response; `None` where there is none."""
        return run(self._reading_id_token(token, nonce, claims_options, claims_cls, leeway, max_age))

    def userinfo(self, **kwargs: Any) -> UserInfo:
        """Who the person of a token is, as the provider says when it is asked."""
        return run(self._asking_userinfo(kwargs))

    def create_logout_url(
        self,
        post_logout_redirect_uri: str | None = None,
        id_token_hint: str | None = None,
        state: str | None = None,
        **kwargs: Any,
    ) -> dict[str, Any]:
        """Where to send the person to log out at the provider (`url`), and the `state` of their return."""
        return run(self._creating_logout(post_logout_redirect_uri, id_token_hint, state, kwargs))

    def request(self, method: str, url: str, token: Any = None, **kwargs: Any) -> Any:
        """Sends a request with a token; `url` may be relative to `api_base_url`."""
        return run(self._requesting(method, url, {"token": token, **kwargs}))

    def get(self, url: str, **kwargs: Any) -> Any:
        """Sends a GET request with a token."""
        return self.request("GET", url, **kwargs)

    def post(self, url: str, **kwargs: Any) -> Any:
        """Sends a POST request with a token."""
        return self.request("POST", url, **kwargs)

    def patch(self, url: str, **kwargs: Any) -> Any:
        """Sends a PATCH request with a token."""
        return self.request("PATCH", url, **kwargs)

    def put(self, url: str, **kwargs: Any) -> Any:
        """Sends a PUT request with a token."""
        return self.request("PUT", url, **kwargs)

    def delete(self, url: str, **kwargs: Any) -> Any:
        """Sends a DELETE request with a token."""
        return self.request("DELETE", url, **kwargs)

    def _on_update_token(self, token: Any, refresh_token: str | None = None, access_token: str | None = None) -> None:
        if callable(self._update_token):
            self._update_token(token, refresh_token, access_token)
        self.framework.update_token(token, refresh_token, access_token)

    def _closing(self, client: Any) -> Steps[None]:
        client.close()
        return
        yield
