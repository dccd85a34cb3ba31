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

from typing import Any, cast

from flask import Flask
from werkzeug.local import LocalProxy

from ..base_client.errors import OAuthError
from ..base_client.registry import BaseOAuth
from .apps import FlaskOAuth2App
from .integration import FlaskIntegration, token_update


class OAuth(BaseOAuth[FlaskOAuth2App]):
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

    def create_client(self, name: str) -> FlaskOAuth2App | None:
        """The client of a provider; `None` for a name that is not registered."""
        if self.app is None:
            raise RuntimeError("OAuth is not init with Flask app: OAuth(app), or oauth.init_app(app)")
        return super().create_client(name)

    def register(self, name: str, overwrite: bool = False, **kwargs: Any) -> FlaskOAuth2App:
        """Names a provider. Before there is an application, what is returned becomes the client when it is used."""
        if self.app is not None:
            return super().register(name, overwrite, **kwargs)
        self._registry[name] = (overwrite, kwargs)
        return cast(FlaskOAuth2App, LocalProxy(lambda: self.create_client(name)))


__all__ = ["FlaskIntegration", "FlaskOAuth2App", "OAuth", "OAuthError", "token_update"]
