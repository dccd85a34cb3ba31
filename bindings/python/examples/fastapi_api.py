"""An API whose callers show access tokens, in FastAPI. ISSUER and API in the environment say whose tokens, and for whom.

Run it: `pip install uvicorn`, and `uvicorn fastapi_api:app --port 3001`
"""

from __future__ import annotations

import os
from typing import Annotated, Any

from fastapi import Depends, FastAPI

from authmint.integrations.fastapi_oauth2 import AccessToken, ResourceProtector, ResourceServer

app = FastAPI(title="A protected API")
protect = ResourceProtector(ResourceServer(os.environ["ISSUER"], os.environ["API"]))
require_token, require_scope = protect.require_token, protect.require_scope


@app.get("/")
async def root() -> dict[str, str]:
    return {"message": "A protected API"}


@app.get("/protected")
async def protected(token: Annotated[AccessToken, Depends(require_token)]) -> dict[str, Any]:
    return {"sub": token["sub"], "iss": token["iss"], "scopes": token.scopes}


@app.get("/profile")
async def profile(token: Annotated[AccessToken, Depends(require_scope("profile"))]) -> dict[str, Any]:
    return {"sub": token["sub"], "client_id": token["client_id"]}


@app.get("/admin")
async def admin(token: Annotated[AccessToken, Depends(require_scope("admin"))]) -> dict[str, Any]:
    return {"message": f"Welcome, {token['sub']}"}


@app.post("/data")
async def data(body: dict[str, Any], token: Annotated[AccessToken, Depends(require_scope("write"))]) -> dict[str, Any]:
    return {"created_by": token["sub"], "data": body}
