"""A provider, in Flask."""

from __future__ import annotations

from typing import Any

from flask import redirect, request, session
from werkzeug.wrappers import Response

from ...oauth2.steps import run
from ...oauth2.token import OAuth2Token
from .._flask import holder
from ..base_client.blocking_app import BlockingApp
from ..requests_client import OAuth2Session


class FlaskOAuth2App(BlockingApp):
    """A provider, in Flask."""

    client_cls = OAuth2Session

    @property
    def token(self) -> OAuth2Token | None:
        """The token of this request: the one that came with it, or the one that `fetch_token` finds."""
        kept = _tokens()
        if self.name not in kept and self._fetch_token is not None:
            kept[self.name] = self._fetch_token()
        return kept.get(self.name)

    @token.setter
    def token(self, token: OAuth2Token | None) -> None:
        _tokens()[self.name] = token

    def _get_requested_token(self, request: Any) -> Any:
        return self.token

    def save_authorize_data(self, **kwargs: Any) -> None:
        """Remembers with the browser what `create_authorization_url` gave."""
        run(self._saving(session, kwargs))

    def authorize_redirect(self, redirect_uri: str | None = None, **kwargs: Any) -> Response:
        """Sends the person to the provider, to come back to `redirect_uri`. More parameters of the request may be named."""
        made = self.create_authorization_url(redirect_uri, **kwargs)
        self.save_authorize_data(redirect_uri=redirect_uri, **made)
        return redirect(made["url"])

    def authorize_access_token(self, **kwargs: Any) -> OAuth2Token:
        """Makes a token of the answer that the person came back with. Of OpenID Connect, `token["userinfo"]` says who they are."""
        answered = request.args if request.method == "GET" else request.form
        token = run(self._returning(session, list(answered.items(multi=True)), kwargs))
        self.token = token
        return token

    def logout_redirect(
        self, post_logout_redirect_uri: str | None = None, id_token_hint: str | None = None, **kwargs: Any
    ) -> Response:
        """Sends the person to the provider to log out there, and to come back."""
        return redirect(run(self._logging_out(session, post_logout_redirect_uri, id_token_hint, kwargs)))

    def validate_logout_response(self) -> dict[str, Any]:
        """Whether the person comes back from a logout that was begun here, and what was said of it."""
        return run(self._logged_out(session, request.args.get("state")))


def _tokens() -> dict[str | None, OAuth2Token | None]:
    """The tokens of this request, by their providers."""
    kept: dict[str | None, OAuth2Token | None] | None = getattr(holder(), "_authmint_tokens", None)
    if kept is None:
        kept = holder()._authmint_tokens = {}
    return kept
