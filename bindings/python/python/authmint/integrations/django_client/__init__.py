"""Log in with …, in Django.

```python
oauth = OAuth()
oauth.register("google", server_metadata_url="https://accounts.google.com/.well-known/openid-configuration",
               client_kwargs={"scope": "openid profile email"})

def login(request):
    return oauth.google.authorize_redirect(request, request.build_absolute_uri("/callback"))

def callback(request):
    request.session["user"] = oauth.google.authorize_access_token(request)["userinfo"]
    return redirect("/")
```
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.dispatch import Signal

from ..base_client.errors import OAuthError
from ..base_client.registry import BaseOAuth
from ..base_client.states import FrameworkIntegration
from .apps import DjangoOAuth2App

#: Sent when a token was renewed: with `name`, `token`, `refresh_token`, `access_token`.
token_update = Signal()


class DjangoIntegration(FrameworkIntegration):
    """The session and the signals of Django."""

    def update_token(self, token: Any, refresh_token: str | None = None, access_token: str | None = None) -> None:
        """Sends `token_update`."""
        token_update.send(sender=type(self), name=self.name, token=token, refresh_token=refresh_token, access_token=access_token)


class OAuth(BaseOAuth[DjangoOAuth2App]):
    """The providers of a Django project. `settings.AUTHMINT_OAUTH_CLIENTS` (or `AUTHLIB_OAUTH_CLIENTS`) may say of one, by its
    name, what `register` does not.
    """

    oauth2_client_cls = DjangoOAuth2App
    framework_integration_cls = DjangoIntegration

    def load_config(self, name: str, params: tuple[str, ...]) -> dict[str, Any]:
        """What the settings say of a provider."""
        for setting in ("AUTHMINT_OAUTH_CLIENTS", "AUTHLIB_OAUTH_CLIENTS"):
            clients = getattr(settings, setting, None)
            if clients and clients.get(name):
                return dict(clients[name])
        return {}


__all__ = ["DjangoIntegration", "DjangoOAuth2App", "OAuth", "OAuthError", "token_update"]
