"""The same API with a dependency of its own, as applications on Authlib have one. It was written for Authlib; the imports alone
were changed.

It asks neither who issued a token nor for whom, as long as the keys fit. `fastapi_api.py` is shorter, and asks. JWKS_URI in the
environment is where the issuer's keys are.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import Any

import httpx
from fastapi import Depends, FastAPI, HTTPException, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from authmint.jose import JsonWebKey, JWTClaims, jwt
from authmint.jose.errors import ExpiredTokenError, InvalidClaimsError

app = FastAPI(title="OAuth 2.0 Protected API")
security = HTTPBearer()


class JWTBearer:
    """Verifies tokens by the keys of an address, which are kept for an hour."""

    def __init__(self, jwks_uri: str) -> None:
        self.jwks_uri = jwks_uri
        self.jwks_cache: dict[str, Any] = {}
        self.cache_expiry = 0.0

    async def get_jwks(self) -> dict[str, Any]:
        current_time = time.time()
        if current_time > self.cache_expiry:
            async with httpx.AsyncClient() as client:
                response = await client.get(self.jwks_uri)
                response.raise_for_status()
                self.jwks_cache = response.json()
                self.cache_expiry = current_time + 3600
        return self.jwks_cache

    async def verify_token(self, token: str) -> JWTClaims:
        try:
            jwks = JsonWebKey.import_key_set(await self.get_jwks())
            claims = jwt.decode(token, jwks)
            claims.validate()
        except ExpiredTokenError:
            raise HTTPException(status_code=401, detail="Token has expired") from None
        except InvalidClaimsError as e:
            raise HTTPException(status_code=401, detail=f"Invalid token claims: {e}") from e
        except Exception as e:
            raise HTTPException(status_code=401, detail=f"Token verification failed: {e}") from e
        return claims


jwt_bearer = JWTBearer(jwks_uri=os.environ["JWKS_URI"])


async def get_current_user(credentials: HTTPAuthorizationCredentials = Security(security)) -> JWTClaims:
    return await jwt_bearer.verify_token(credentials.credentials)


def require_scope(required_scope: str) -> Callable[..., Any]:
    async def scope_dependency(claims: dict[str, Any] = Depends(get_current_user)) -> dict[str, Any]:
        if required_scope not in claims.get("scope", "").split():
            raise HTTPException(status_code=403, detail=f"Insufficient scope. Required: {required_scope}")
        return claims

    return scope_dependency


@app.get("/")
async def read_root() -> dict[str, str]:
    return {"message": "OAuth 2.0 Protected API", "version": "1.0"}


@app.get("/public")
async def public_endpoint() -> dict[str, str]:
    return {"message": "This is a public endpoint"}


@app.get("/protected")
async def protected_endpoint(claims: dict[str, Any] = Depends(get_current_user)) -> dict[str, Any]:
    return {"user": {"sub": claims.get("sub"), "iss": claims.get("iss"), "scopes": claims.get("scope", "").split()}}


@app.get("/profile")
async def get_profile(claims: dict[str, Any] = Depends(require_scope("profile"))) -> dict[str, Any]:
    return {"sub": claims.get("sub"), "name": claims.get("name"), "email": claims.get("email")}


@app.get("/admin")
async def admin_endpoint(claims: dict[str, Any] = Depends(require_scope("admin"))) -> dict[str, Any]:
    return {"message": "Admin access granted", "granted_to": claims.get("sub")}


@app.post("/data")
async def create_data(data: dict[str, Any], claims: dict[str, Any] = Depends(require_scope("write"))) -> dict[str, Any]:
    return {"message": "Data created successfully", "created_by": claims.get("sub"), "data": data}
