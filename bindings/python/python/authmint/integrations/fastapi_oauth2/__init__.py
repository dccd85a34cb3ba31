"""Protecting an API, in FastAPI.

```python
protect = ResourceProtector(ResourceServer("https://login.example", "https://api.example"))
require_scope = protect.require_scope

@app.get("/profile")
async def profile(token: AccessToken = Depends(require_scope("profile"))):
    return {"sub": token["sub"]}
```
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from fastapi.openapi.models import HTTPBearer
from fastapi.security.base import SecurityBase
from starlette.requests import Request

from ...resource import AccessToken, ResourceServer, Scopes
from ..starlette_oauth2 import ResourceProtector as _ResourceProtector

if TYPE_CHECKING:
    _Demand = Any
else:

    class _Demand:
        """What a token must have. FastAPI, which would ask it of the caller, is told what was forgotten."""

        @classmethod
        def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
            raise TypeError(
                "a dependency is what require_scope gives, not require_scope or the protector itself:"
                ' Depends(protector.require_scope("orders:read")), or Depends(protector.require_token)'
            )


class RequireToken(SecurityBase):
    """A dependency: the token of the request. The documentation of the API shows that one is needed."""

    def __init__(self, protector: _ResourceProtector, scopes: Scopes, optional: bool, demands: dict[str, Any]) -> None:
        self.model = HTTPBearer()
        self.scheme_name = "OAuth2"
        self._protector = protector
        self._asked: tuple[Scopes, bool, dict[str, Any]] = (scopes, optional, demands)

    async def __call__(self, request: Request) -> AccessToken | None:
        """The token of the request; an answer of 401 or 403 where it will not do."""
        scopes, optional, demands = self._asked
        return await self._protector.acquire_token(request, scopes, optional, **demands)


class ResourceProtector(_ResourceProtector):
    """Lets requests through whose token is good."""

    def __call__(self, scopes: Any = None, optional: bool = False, **demands: _Demand) -> Callable[..., Any]:
        """Decorates an endpoint that is given the request, as in Starlette."""
        return super().__call__(scopes, optional, **demands)

    def require_scope(
        self, *scopes: str, any_of: Iterable[str] | None = None, optional: bool = False, **demands: _Demand
    ) -> RequireToken:
        """A dependency that needs a token with all of these scopes, or with one of `any_of`.

        `demands` may be `acr_values` and `max_age` of the login, `bound_token=True`, and names of claims such as `roles`.
        """
        needed = " ".join(scopes)
        asked = [f"{needed} {scope}" for scope in any_of] if any_of is not None else [needed]
        return RequireToken(self, asked, optional, demands)

    @property
    def require_token(self) -> RequireToken:
        """A dependency that needs any good token."""
        return self.require_scope()


__all__ = ["AccessToken", "RequireToken", "ResourceProtector", "ResourceServer"]
