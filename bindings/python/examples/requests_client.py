"""A program that acts for a person, on Requests. It was written for Authlib; the imports alone were changed.

Register it for the redirect URI http://localhost:8080/callback, where nothing has to answer: what counts is the address that the
browser shows in the end. Say in the environment: CLIENT_ID, CLIENT_SECRET, AUTHORIZATION_URL, TOKEN_URL.
"""

from __future__ import annotations

import os

from authmint.integrations.requests_client import OAuth2Session
from authmint.oauth2 import OAuth2Token


class OAuthClient:
    """Asks with one session, and reads the answer with another."""

    def __init__(self, client_id: str, client_secret: str, authorization_url: str, token_url: str) -> None:
        self.client_id = client_id
        self.client_secret = client_secret
        self.authorization_url = authorization_url
        self.token_url = token_url
        self.redirect_uri = "http://localhost:8080/callback"

    def create_session(self) -> OAuth2Session:
        return OAuth2Session(
            self.client_id, self.client_secret, redirect_uri=self.redirect_uri, scope=os.environ.get("SCOPE", "openid profile")
        )

    def get_authorization_url(self) -> tuple[str, str]:
        session = self.create_session()
        return session.create_authorization_url(self.authorization_url)

    def fetch_token(self, authorization_response_url: str, state: str) -> OAuth2Token:
        session = self.create_session()
        return session.fetch_token(self.token_url, authorization_response=authorization_response_url, state=state)


def main() -> None:
    client = OAuthClient(
        client_id=os.environ["CLIENT_ID"],
        client_secret=os.environ["CLIENT_SECRET"],
        authorization_url=os.environ["AUTHORIZATION_URL"],
        token_url=os.environ["TOKEN_URL"],
    )
    url, state = client.get_authorization_url()
    print(f"Open {url}", flush=True)
    token = client.fetch_token(input("The address that you came back to: ").strip(), state)
    print(f"\nA token for {token['scope']}, good for {token['expires_in']} seconds")


if __name__ == "__main__":
    main()
