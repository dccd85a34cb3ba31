"""What Starlette has for logins: its session and its configuration."""

from __future__ import annotations

from typing import Any

from ...oauth2.steps import run_async
from ..base_client.framework_integration import FrameworkIntegration, Session


class StarletteIntegration(FrameworkIntegration):
    """The session of Starlette."""

    async def set_state_data(self, session: Session | None, state: str, data: dict[str, Any]) -> None:
        """Remembers a state and what goes with it."""
        await run_async(self.setting(session, state, data))

    async def get_state_data(self, session: Session | None, state: str) -> dict[str, Any] | None:
        """What goes with a state; `None` where there is nothing. The login can be completed all the same."""
        return await run_async(self._looking(session, state))

    async def clear_state_data(self, session: Session | None, state: str) -> None:
        """Forgets a state."""
        await run_async(self._clearing(session, state))

    @staticmethod
    def load_config(oauth: Any, name: str, params: tuple[str, ...]) -> dict[str, Any]:
        """`NAME_CLIENT_ID` and the like, of the configuration."""
        if oauth.config is None:
            return {}
        found = {param: oauth.config.get(f"{name}_{param}".upper(), default=None) for param in params}
        return {param: value for param, value in found.items() if value is not None}


__all__ = ["StarletteIntegration"]
