"""What Flask has for logins: its session, its settings, its signals."""

from __future__ import annotations

from typing import Any

from blinker import Namespace
from flask import current_app

from ..base_client.framework_integration import FrameworkIntegration

#: Sent when a token was renewed: with `name`, `token`, `refresh_token`, `access_token`.
token_update = Namespace().signal("token_update")


class FlaskIntegration(FrameworkIntegration):
    """The session and the signals of Flask."""

    def update_token(self, token: Any, refresh_token: str | None = None, access_token: str | None = None) -> None:
        """Sends `token_update`."""
        app = current_app._get_current_object()  # type: ignore[attr-defined]
        token_update.send(app, name=self.name, token=token, refresh_token=refresh_token, access_token=access_token)

    @staticmethod
    def load_config(oauth: Any, name: str, params: tuple[str, ...]) -> dict[str, Any]:
        """`NAME_CLIENT_ID` and the like, of the application's settings."""
        found = {param: oauth.app.config.get(f"{name}_{param}".upper()) for param in params}
        return {param: value for param, value in found.items() if value is not None}


__all__ = ["FlaskIntegration", "token_update"]
