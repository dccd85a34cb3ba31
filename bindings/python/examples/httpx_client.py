"""A service that proves who it is with a key, on HTTPX: client credentials (RFC 6749 4.4) with an assertion (RFC 7523 2.2).

In the environment: CLIENT_ID, PRIVATE_KEY (a file of PEM), ISSUER, TOKEN_URL, API_URL; and SCOPE, if it asks for one.

ISSUER is the provider's name as its metadata has it: an assertion says whom it is for, and many providers take no other name.
"""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

from authmint.integrations.httpx_client import AsyncOAuth2Client


async def main() -> None:
    token_url = os.environ["TOKEN_URL"]
    async with AsyncOAuth2Client(
        os.environ["CLIENT_ID"],
        Path(os.environ["PRIVATE_KEY"]).read_text(),
        token_endpoint_auth_method="private_key_jwt",
        issuer=os.environ["ISSUER"],
        token_endpoint=token_url,
        grant_type="client_credentials",
        scope=os.environ.get("SCOPE"),
    ) as client:
        token = await client.fetch_token()
        print("Token type:", token["token_type"])
        print("Expires in:", token["expires_in"])
        answer = await client.get(os.environ["API_URL"])
        print("The API says:", answer.json())


if __name__ == "__main__":
    asyncio.run(main())
