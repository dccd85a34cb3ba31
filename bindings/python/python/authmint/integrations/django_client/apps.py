"""A provider, in Django."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponseRedirect

from ...oauth2.steps import run
from ...oauth2.token import OAuth2Token
from ..base_client.blocking_app import BlockingApp
from ..requests_client import OAuth2Session


class DjangoOAuth2App(BlockingApp):
    """A provider, in Django."""

    client_cls = OAuth2Session

    def save_authorize_data(self, request: HttpRequest, **kwargs: Any) -> None:
        """Remembers with the browser what `create_authorization_url` gave."""
        run(self._saving(_session(request), kwargs))

    def authorize_redirect(self, request: HttpRequest, redirect_uri: str | None = None, **kwargs: Any) -> HttpResponseRedirect:
        """Sends the person to the provider, to come back to `redirect_uri`. More parameters of the request may be named."""
        made = self.create_authorization_url(redirect_uri, **kwargs)
        self.save_authorize_data(request, redirect_uri=redirect_uri, **made)
        return HttpResponseRedirect(made["url"])

    def authorize_access_token(self, request: HttpRequest, **kwargs: Any) -> OAuth2Token:
        """Makes a token of the answer that the person came back with. Of OpenID Connect, `token["userinfo"]` says who they are."""
        answered = request.GET if request.method == "GET" else request.POST
        pairs = [(name, str(value)) for name, values in answered.lists() for value in values]
        return run(self._returning(_session(request), pairs, kwargs))

    def logout_redirect(
        self,
        request: HttpRequest,
        post_logout_redirect_uri: str | None = None,
        id_token_hint: str | None = None,
        **kwargs: Any,
    ) -> HttpResponseRedirect:
        """Sends the person to the provider to log out there, and to come back."""
        steps = self._logging_out(_session(request), post_logout_redirect_uri, id_token_hint, kwargs)
        return HttpResponseRedirect(run(steps))

    def validate_logout_response(self, request: HttpRequest) -> dict[str, Any]:
        """Whether the person comes back from a logout that was begun here, and what was said of it."""
        return run(self._logged_out(_session(request), request.GET.get("state")))


def _session(request: HttpRequest) -> Any:
    return getattr(request, "session", None)
