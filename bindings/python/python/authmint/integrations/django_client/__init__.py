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

from ..base_client.errors import OAuthError
from ..base_client.registry import BaseOAuth
from .apps import DjangoOAuth2App
from .integration import DjangoIntegration, token_update


class OAuth(BaseOAuth[DjangoOAuth2App]):
    """The providers of a Django project. `settings.AUTHMINT_OAUTH_CLIENTS` (or `AUTHLIB_OAUTH_CLIENTS`) may say of one, by its
    name, what `register` does not.
    """

    oauth2_client_cls = DjangoOAuth2App
    framework_integration_cls = DjangoIntegration


__all__ = ["DjangoIntegration", "DjangoOAuth2App", "OAuth", "OAuthError", "token_update"]
