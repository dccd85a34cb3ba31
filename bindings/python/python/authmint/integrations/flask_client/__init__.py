"""Log in with …, in Flask.

```python
oauth = OAuth(app)
oauth.register("google", server_metadata_url="https://accounts.google.com/.well-known/openid-configuration",
               client_kwargs={"scope": "openid profile email"})

@app.route("/login")
def login():
    return oauth.google.authorize_redirect(url_for("callback", _external=True))

@app.route("/callback")
def callback():
    session["user"] = oauth.google.authorize_access_token()["userinfo"]
    return redirect("/")
```
"""

from __future__ import annotations

from typing import Any

from blinker import Namespace
from flask import Flask, current_app, g, redirect, request, session
from werkzeug.local import LocalProxy
from werkzeug.wrappers import Response

from ...oauth2.steps import run
from ...oauth2.token import OAuth2Token
from ..base_client.blocking_app import BlockingApp
from ..base_client.errors import OAuthError
from ..base_client.registry import BaseOAuth
from ..base_client.states import FrameworkIntegration
from ..requests_client import OAuth2Session

#: Sent when a token was renewed: with `name`, `token`, `refresh_token`, `access_token`.
token_update = Namespace().signal("token_update")


class FlaskIntegration(FrameworkIntegration):
    """The session and the signals of Flask."""

    def update_token(self, token: Any, refresh_token: str | None = None, access_token: str | None = None) -> None:
        """Sends `token_update`."""
        app = current_app._get_current_object()  # type: ignore[attr-defined]
        token_update.send(app, name=self.name, token=token, refresh_token=refresh_token, access_token=access_token)


class FlaskOAuth2App(BlockingApp):
    """A provider, in Flask."""

    client_cls = OAuth2Session

    @property
    def token(self) -> OAuth2Token | None:
        """The token of this request: the one that came with it, or the one that `fetch_token` finds."""
        kept: dict[str, Any] = g.get("authmint_tokens") or {}
        if self.name not in kept and self._fetch_token is not None:
            self.token = self._fetch_token()
            kept = g.authmint_tokens
        return kept.get(str(self.name))

    @token.setter
    def token(self, token: OAuth2Token | None) -> None:
        if "authmint_tokens" not in g:
            g.authmint_tokens = {}
        g.authmint_tokens[self.name] = token

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


class OAuth(BaseOAuth):
    """The providers of a Flask application. Its settings may say of one what `register` does not: `GOOGLE_CLIENT_ID` and
    `GOOGLE_CLIENT_SECRET`, for example.
    """

    oauth2_client_cls = FlaskOAuth2App
    framework_integration_cls = FlaskIntegration

    def __init__(self, app: Flask | None = None, cache: Any = None, fetch_token: Any = None, update_token: Any = None) -> None:
        super().__init__(cache, fetch_token, update_token)
        self.app = app
        if app is not None:
            self.init_app(app)

    def init_app(self, app: Flask, cache: Any = None, fetch_token: Any = None, update_token: Any = None) -> None:
        """Says which application it is."""
        self.app = app
        if cache is not None:
            self.cache = cache
        if fetch_token is not None:
            self.fetch_token = fetch_token
        if update_token is not None:
            self.update_token = update_token
        app.extensions = getattr(app, "extensions", {})
        app.extensions["authmint.integrations.flask_client"] = self

    def create_client(self, name: str) -> Any:
        """The client of a provider; `None` for a name that is not registered."""
        if self.app is None:
            raise RuntimeError("OAuth is not init with Flask app: OAuth(app), or oauth.init_app(app)")
        return super().create_client(name)

    def register(self, name: str, overwrite: bool = False, **kwargs: Any) -> Any:
        """Names a provider. Before there is an application, what is returned becomes the client when it is used."""
        if self.app is not None:
            return super().register(name, overwrite, **kwargs)
        self._registry[name] = (overwrite, kwargs)
        return LocalProxy(lambda: self.create_client(name))

    def load_config(self, name: str, params: tuple[str, ...]) -> dict[str, Any]:
        """`NAME_CLIENT_ID` and the like, of the application's settings."""
        assert self.app is not None
        found = {param: self.app.config.get(f"{name}_{param}".upper()) for param in params}
        return {param: value for param, value in found.items() if value is not None}


__all__ = ["FlaskIntegration", "FlaskOAuth2App", "OAuth", "OAuthError", "token_update"]
