"""A provider, in Starlette."""

from __future__ import annotations

from typing import Any

from starlette.datastructures import URL
from starlette.requests import Request
from starlette.responses import RedirectResponse

from ...oauth2.steps import run_async
from ...oauth2.token import OAuth2Token
from ..base_client.awaited_app import AwaitedApp
from ..httpx_client import AsyncOAuth2Client


class StarletteOAuth2App(AwaitedApp):
    """A provider, in Starlette."""

    client_cls = AsyncOAuth2Client

    async def save_authorize_data(self, request: Request, **kwargs: Any) -> None:
        """Remembers with the browser what `create_authorization_url` gave."""
        await run_async(self._saving(_session(request), kwargs))

    async def authorize_redirect(
        self, request: Request, redirect_uri: str | URL | None = None, **kwargs: Any
    ) -> RedirectResponse:
        """Sends the person to the provider, to come back to `redirect_uri`. More parameters of the request may be named."""
        back = None if redirect_uri is None else str(redirect_uri)
        made = await self.create_authorization_url(back, **kwargs)
        await self.save_authorize_data(request, redirect_uri=back, **made)
        return RedirectResponse(made["url"], status_code=302)

    async def authorize_access_token(self, request: Request, **kwargs: Any) -> OAuth2Token:
        """Makes a token of the answer that the person came back with. Of OpenID Connect, `token["userinfo"]` says who they are."""
        answered: Any = request.query_params if request.scope.get("method", "GET") == "GET" else await request.form()
        pairs = [(name, str(value)) for name, value in answered.multi_items()]
        return await run_async(self._returning(_session(request), pairs, kwargs))

    async def logout_redirect(
        self,
        request: Request,
        post_logout_redirect_uri: str | URL | None = None,
        id_token_hint: str | None = None,
        **kwargs: Any,
    ) -> RedirectResponse:
        """Sends the person to the provider to log out there, and to come back."""
        back = None if post_logout_redirect_uri is None else str(post_logout_redirect_uri)
        url = await run_async(self._logging_out(_session(request), back, id_token_hint, kwargs))
        return RedirectResponse(url, status_code=302)

    async def validate_logout_response(self, request: Request) -> dict[str, Any]:
        """Whether the person comes back from a logout that was begun here, and what was said of it."""
        return await run_async(self._logged_out(_session(request), request.query_params.get("state")))


def _session(request: Request) -> Any:
    return request.scope.get("session")
