"""A Flask application in which people log in with one of two providers: one of OpenID Connect, whose ID token says who they are, and
one of plain OAuth 2, whose API is asked. It was written for Authlib; the imports alone were changed.

It reads from the environment what the providers gave it: GOOGLE_CLIENT_ID and GOOGLE_CLIENT_SECRET (with GOOGLE_METADATA for another
provider than Google), GITHUB_CLIENT_ID and GITHUB_CLIENT_SECRET (with GITHUB_ADDRESS and GITHUB_API).

Register http://localhost:8080/authorize/google and http://localhost:8080/authorize/github there. `PORT=3000 python flask_login.py` runs it
on another port, as it must where `authmint serve` has 8080.
"""

from __future__ import annotations

import os
import secrets

from flask import Flask, jsonify, redirect, render_template_string, session, url_for
from flask.typing import ResponseReturnValue

from authmint.integrations.flask_client import OAuth, OAuthError

app = Flask(__name__)
app.secret_key = os.environ.get("SECRET_KEY") or secrets.token_urlsafe()
app.config.update({name: value for name, value in os.environ.items() if name.startswith(("GOOGLE_CLIENT_", "GITHUB_CLIENT_"))})

oauth = OAuth(app)
oauth.register(
    "google",
    server_metadata_url=os.environ.get("GOOGLE_METADATA", "https://accounts.google.com/.well-known/openid-configuration"),
    client_kwargs={"scope": "openid profile email"},
)
github = os.environ.get("GITHUB_ADDRESS", "https://github.com/login/oauth")
oauth.register(
    "github",
    access_token_url=os.environ.get("GITHUB_TOKEN_URL", f"{github}/access_token"),
    authorize_url=f"{github}/authorize",
    api_base_url=os.environ.get("GITHUB_API", "https://api.github.com/"),
    client_kwargs={"scope": os.environ.get("GITHUB_SCOPE", "user:email")},
)

INDEX = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Two providers</title>
<link rel="icon" href="data:,">
{% if user %}
<h1>Hello, {{ user.name }}!</h1>
<p>You logged in with {{ user.provider }}.</p>
<a id="logout" href="/logout">Log out</a>
{% else %}
<h1>Log in</h1>
<p><a id="google" href="/login/google">with Google</a></p>
<p><a id="github" href="/login/github">with GitHub</a></p>
{% endif %}
</html>"""


@app.get("/")
def index() -> str:
    return render_template_string(INDEX, user=session.get("user"))


@app.get("/login/<provider>")
def login(provider: str) -> ResponseReturnValue:
    client = oauth.create_client(provider)
    if client is None:
        return "No such provider", 404
    return client.authorize_redirect(url_for("authorize", provider=provider, _external=True))


@app.get("/authorize/<provider>")
def authorize(provider: str) -> ResponseReturnValue:
    client = oauth.create_client(provider)
    if client is None:
        return "No such provider", 404
    token = client.authorize_access_token()
    if provider == "google":
        person = token["userinfo"]
    else:
        answer = client.get("user", token=token)
        answer.raise_for_status()
        person = answer.json()
    session["user"] = {
        "name": person.get("name") or person.get("login") or person.get("sub"),
        "email": person.get("email"),
        "provider": provider,
    }
    return redirect(url_for("index"))


@app.get("/logout")
def logout() -> ResponseReturnValue:
    session.pop("user", None)
    return redirect(url_for("index"))


@app.get("/api/profile")
def profile() -> ResponseReturnValue:
    user = session.get("user")
    if not user:
        return jsonify({"error": "Not authenticated"}), 401
    return jsonify(user)


@app.errorhandler(OAuthError)
def refused(error: OAuthError) -> ResponseReturnValue:
    return render_template_string("<!doctype html><title>Not logged in</title><p>{{ why }}</p>", why=error.description), 400


if __name__ == "__main__":
    app.run(port=int(os.environ.get("PORT", "8080")))
