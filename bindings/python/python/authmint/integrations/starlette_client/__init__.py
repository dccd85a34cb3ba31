"""Log in with …, in Starlette and FastAPI. The application has Starlette's `SessionMiddleware`.

```python
oauth = OAuth()
oauth.register("google", server_metadata_url="https://accounts.google.com/.well-known/openid-configuration",
               client_kwargs={"scope": "openid profile email"})

async def login(request):
    return await oauth.google.authorize_redirect(request, request.url_for("callback"))

async def callback(request):
    request.session["user"] = (await oauth.google.authorize_access_token(request))["userinfo"]
    return RedirectResponse("/")
```
"""

from __future__ import annotations

from typing import Any

from ..base_client.errors import OAuthError
from ..base_client.registry import BaseOAuth
from .apps import StarletteOAuth2App
from .integration import StarletteIntegration


class OAuth(BaseOAuth[StarletteOAuth2App]):
    """The providers of an application of Starlette or FastAPI. `config`, of Starlette, may say of one what `register` does not:
    `GOOGLE_CLIENT_ID` and `GOOGLE_CLIENT_SECRET`, for example.
    """

    oauth2_client_cls = StarletteOAuth2App
    framework_integration_cls = StarletteIntegration

    def __init__(self, config: Any = None, cache: Any = None, fetch_token: Any = None, update_token: Any = None) -> None:
        super().__init__(cache, fetch_token, update_token)
        self.config = config


__all__ = ["OAuth", "OAuthError", "StarletteIntegration", "StarletteOAuth2App"]
