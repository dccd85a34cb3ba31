"""Another maker's provider: Authlib's authorization server on Flask, in memory, for the tests of our client.

It has the code flow with PKCE and OpenID Connect, refresh tokens, client credentials, the device grant, introspection and revocation.
Run it with a port; every person is Grace and agrees to everything.
"""

import secrets
import sys
import time

from authlib.integrations.flask_oauth2 import AuthorizationServer, ResourceProtector, current_token
from authlib.jose import JsonWebKey
from authlib.oauth2.rfc6749 import ClientMixin, TokenMixin, grants
from authlib.oauth2.rfc6750 import BearerTokenValidator
from authlib.oauth2.rfc7009 import RevocationEndpoint
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oauth2.rfc7662 import IntrospectionEndpoint
from authlib.oauth2.rfc8628 import DeviceAuthorizationEndpoint, DeviceCodeGrant, DeviceCredentialDict
from authlib.oidc.core import OpenIDCode, UserInfo
from flask import Flask, jsonify, request

PORT = int(sys.argv[1])
ISSUER = f"http://localhost:{PORT}"
SECRET = "a-secret-of-the-tests"
GRACE = {"sub": "grace", "email": "grace@example.com", "name": "Grace Hopper"}
DEVICE = "urn:ietf:params:oauth:grant-type:device_code"
KEY = JsonWebKey.generate_key("RSA", 2048, {"kid": "one", "use": "sig", "alg": "RS256"}, is_private=True)

codes, tokens, devices = {}, [], {}


class Client(ClientMixin):
    def __init__(self, client_id, method, grant_types, scope):
        self.client_id, self.method, self.grant_types, self.scope = client_id, method, grant_types, scope

    def get_client_id(self):
        return self.client_id

    def get_default_redirect_uri(self):
        return "http://127.0.0.1/callback"

    def get_allowed_scope(self, scope):
        return " ".join(value for value in (scope or "").split() if value in self.scope.split())

    def check_redirect_uri(self, redirect_uri):
        return redirect_uri == self.get_default_redirect_uri()

    def check_client_secret(self, client_secret):
        return secrets.compare_digest(client_secret, SECRET)

    def check_endpoint_auth_method(self, method, endpoint):
        return method == self.method

    def check_response_type(self, response_type):
        return response_type == "code"

    def check_grant_type(self, grant_type):
        return grant_type in self.grant_types


WEB = ["authorization_code", "refresh_token"]
SCOPE = "openid email profile offline_access"
clients = {
    client.client_id: client
    for client in [
        Client("basic", "client_secret_basic", WEB, SCOPE),
        Client("post", "client_secret_post", WEB, SCOPE),
        Client("public", "none", WEB, SCOPE),
        Client("job", "client_secret_basic", ["client_credentials"], "orders:read"),
        Client("tv", "none", [DEVICE], SCOPE),
    ]
}


class Token(TokenMixin):
    def __init__(self, token, client, user):
        self.access_token = token["access_token"]
        self.refresh_token = token.get("refresh_token")
        self.scope = token.get("scope", "")
        self.expires_at = time.time() + token["expires_in"]
        self.client, self.user, self.revoked = client, user, False

    def check_client(self, client):
        return self.client is client

    def get_scope(self):
        return self.scope

    def get_expires_in(self):
        return int(self.expires_at - time.time())

    def is_expired(self):
        return self.expires_at < time.time()

    def is_revoked(self):
        return self.revoked

    def get_user(self):
        return self.user

    def get_client(self):
        return self.client


class Code:
    def __init__(self, asked, user):
        payload = asked.payload
        self.client_id, self.user, self.auth_time = asked.client.client_id, user, int(time.time())
        self.redirect_uri, self.scope = payload.redirect_uri, payload.scope
        self.nonce = payload.data.get("nonce")
        self.code_challenge = payload.data.get("code_challenge")
        self.code_challenge_method = payload.data.get("code_challenge_method")

    def get_redirect_uri(self):
        return self.redirect_uri

    def get_scope(self):
        return self.scope

    def get_nonce(self):
        return self.nonce

    def get_auth_time(self):
        return self.auth_time

    def get_acr(self):
        return None

    def get_amr(self):
        return None


class AuthorizationCodeGrant(grants.AuthorizationCodeGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = ["client_secret_basic", "client_secret_post", "none"]

    def save_authorization_code(self, code, request):
        codes[code] = Code(request, request.user)

    def query_authorization_code(self, code, client):
        known = codes.get(code)
        return known if known and known.client_id == client.client_id else None

    def delete_authorization_code(self, authorization_code):
        for code in [code for code, known in codes.items() if known is authorization_code]:
            del codes[code]

    def authenticate_user(self, authorization_code):
        return authorization_code.user


class RefreshTokenGrant(grants.RefreshTokenGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = AuthorizationCodeGrant.TOKEN_ENDPOINT_AUTH_METHODS
    INCLUDE_NEW_REFRESH_TOKEN = True

    def authenticate_refresh_token(self, refresh_token):
        return find(refresh_token)

    def authenticate_user(self, refresh_token):
        return refresh_token.user

    def revoke_old_credential(self, refresh_token):
        refresh_token.revoked = True


class OpenID(OpenIDCode):
    def exists_nonce(self, nonce, request):
        return False

    def get_jwt_config(self, grant):
        return {"key": KEY.as_dict(is_private=True), "alg": "RS256", "iss": ISSUER, "exp": 3600}

    def generate_user_info(self, user, scope):
        return UserInfo(sub=user["sub"])


class Device(DeviceAuthorizationEndpoint):
    CLIENT_AUTH_METHODS = ["none"]

    def get_verification_uri(self):
        return f"{ISSUER}/device"

    def save_device_credential(self, client_id, scope, data):
        devices[data["device_code"]] = DeviceCredentialDict(
            client_id=client_id, scope=scope, expires_at=int(time.time()) + data["expires_in"], **data
        )


class DeviceGrant(DeviceCodeGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = ["none"]

    def query_device_credential(self, device_code):
        return devices.get(device_code)

    def query_user_grant(self, user_code):
        known = [device for device in devices.values() if device["user_code"] == user_code]
        return (GRACE, True) if known and known[0].get("allowed") else None

    def should_slow_down(self, credential):
        return False


class Introspection(IntrospectionEndpoint):
    CLIENT_AUTH_METHODS = ["client_secret_basic", "client_secret_post"]

    def query_token(self, token_string, token_type_hint):
        return find(token_string)

    def introspect_token(self, token):
        return {"active": True, "client_id": token.client.client_id, "scope": token.scope, "exp": int(token.expires_at)}

    def check_permission(self, token, client, request):
        return token.client is client


class Revocation(RevocationEndpoint):
    CLIENT_AUTH_METHODS = ["client_secret_basic", "client_secret_post", "none"]

    def query_token(self, token_string, token_type_hint):
        return find(token_string)

    def revoke_token(self, token, request):
        token.revoked = True


class Validator(BearerTokenValidator):
    def authenticate_token(self, token_string):
        return find(token_string)


def find(text):
    return next((token for token in tokens if not token.revoked and text in (token.access_token, token.refresh_token)), None)


app = Flask(__name__)
app.secret_key = secrets.token_bytes(32)
app.config["OAUTH2_REFRESH_TOKEN_GENERATOR"] = True
server = AuthorizationServer(
    app,
    query_client=clients.get,
    save_token=lambda token, request: tokens.append(Token(token, request.client, request.user)),
)
server.register_grant(AuthorizationCodeGrant, [OpenID(require_nonce=True), CodeChallenge(required=True)])
server.register_grant(RefreshTokenGrant)
server.register_grant(grants.ClientCredentialsGrant)
server.register_grant(DeviceGrant)
server.register_endpoint(Device)
server.register_endpoint(Introspection)
server.register_endpoint(Revocation)
protect = ResourceProtector()
protect.register_token_validator(Validator())


@app.get("/.well-known/openid-configuration")
def metadata():
    names = {
        "authorization": "authorize", "token": "token", "userinfo": "userinfo", "introspection": "introspect",
        "revocation": "revoke", "device_authorization": "device_authorization",
    }
    return jsonify(
        issuer=ISSUER, jwks_uri=f"{ISSUER}/jwks", response_types_supported=["code"], subject_types_supported=["public"],
        id_token_signing_alg_values_supported=["RS256"], **{f"{name}_endpoint": f"{ISSUER}/{path}" for name, path in names.items()},
    )


@app.get("/jwks")
def jwks():
    return jsonify(keys=[KEY.as_dict(is_private=False)])


@app.get("/authorize")
def authorize():
    return server.create_authorization_response(grant_user=GRACE)


@app.post("/token")
def token():
    return server.create_token_response()


@app.get("/device")
def device():
    for known in devices.values():
        if known["user_code"] == request.args["user_code"]:
            known["allowed"] = True
    return "Back to your device"


@app.post("/device_authorization")
def device_authorization():
    return server.create_endpoint_response(Device.ENDPOINT_NAME)


@app.post("/introspect")
def introspect():
    return server.create_endpoint_response(Introspection.ENDPOINT_NAME)


@app.post("/revoke")
def revoke():
    return server.create_endpoint_response(Revocation.ENDPOINT_NAME)


@app.get("/userinfo")
@protect("openid")
def userinfo():
    return jsonify(current_token.user)


app.run(port=PORT)
