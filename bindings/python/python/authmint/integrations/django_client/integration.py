"""What Django has for logins: its session, its settings, its signals."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.dispatch import Signal

from ..base_client.framework_integration import FrameworkIntegration

#: Sent when a token was renewed: with `name`, `token`, `refresh_token`, `access_token`.
token_update = Signal()


class DjangoIntegration(FrameworkIntegration):
    """The session and the signals of Django."""

    def update_token(self, token: Any, refresh_token: str | None = None, access_token: str | None = None) -> None:
        """Sends `token_update`."""
        token_update.send(sender=type(self), name=self.name, token=token, refresh_token=refresh_token, access_token=access_token)

    @staticmethod
    def load_config(oauth: Any, name: str, params: tuple[str, ...]) -> dict[str, Any]:
        """What the settings say of a provider."""
        for setting in ("AUTHMINT_OAUTH_CLIENTS", "AUTHLIB_OAUTH_CLIENTS"):
            clients = getattr(settings, setting, None)
            if clients and clients.get(name):
                return dict(clients[name])
        return {}


__all__ = ["DjangoIntegration", "token_update"]
