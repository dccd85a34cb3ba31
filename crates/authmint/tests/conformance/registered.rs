//! Clients that register themselves, as the suite makes them: a name, a key, one response type, one address, and no scope.

use std::sync::{Arc, LazyLock};

use authmint::jose::{Algorithm, Key};
use authmint::oauth2::ResponseType;
use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use serde_json::{Value, json};

use crate::op::{Auth, CALLBACK, Op, Rp, header, json_of, random};

/// A registration request, before a module changes it, and the key that is in it.
pub(crate) struct Registration {
    pub(crate) metadata: Value,
    auth: Auth,
    key: Arc<Key>,
}

impl Registration {
    pub(crate) fn new(auth: Auth, response_type: ResponseType) -> Self {
        // Like the suite's keys: an algorithm, and no kid.
        static KEY: LazyLock<Key> = LazyLock::new(|| Key::generate(Algorithm::RS256).unwrap());
        Self::with_key(auth, response_type, KEY.clone())
    }

    pub(crate) fn with_key(auth: Auth, response_type: ResponseType, key: Key) -> Self {
        let mut grant_types = Vec::new();
        if response_type.has_code() {
            grant_types.push("authorization_code");
        }
        if response_type.is_front_channel() {
            grant_types.push("implicit");
        }
        let metadata = json!({
            "client_name": format!("Authmint conformance {}", random(15)),
            "grant_types": grant_types,
            "jwks": public_set(&key),
            "token_endpoint_auth_method": match auth {
                Auth::Basic => "client_secret_basic",
                Auth::Post => "client_secret_post",
                Auth::PrivateKeyJwt => "private_key_jwt",
            },
            "response_types": [response_type.as_str()],
            "redirect_uris": [CALLBACK],
            "contacts": ["certification@suite.example"],
        });
        Self { metadata, auth, key: Arc::new(key) }
    }

    /// Adds members, or takes others in their place; `null` takes one out.
    pub(crate) fn with(mut self, members: Value) -> Self {
        let all = self.metadata.as_object_mut().unwrap();
        let Value::Object(members) = members else { panic!("{members} are no members") };
        for (name, value) in members {
            if value.is_null() {
                all.remove(&name);
            } else {
                all.insert(name, value);
            }
        }
        self
    }

    pub(crate) fn with_grant(mut self, grant_type: &str) -> Self {
        self.metadata["grant_types"].as_array_mut().unwrap().push(json!(grant_type));
        self
    }

    pub(crate) fn send(&self, op: &Op) -> Response<Bytes> {
        let endpoint = op.metadata()["registration_endpoint"].as_str().unwrap().to_owned();
        assert!(endpoint.starts_with("https://"));
        let request = Request::post(endpoint)
            .header("accept", "application/json")
            .header("accept-charset", "utf-8")
            .header("content-type", "application/json");
        op.send(request.body(Bytes::from(self.metadata.to_string())).unwrap())
    }

    /// Registers, with everything that the suite checks of the answer; returns the client and what was answered.
    #[track_caller]
    pub(crate) fn register(self, op: &Op) -> (Rp, Value) {
        let response = self.send(op);
        assert_eq!(response.status(), StatusCode::CREATED, "{response:?}");
        assert_eq!(header(&response, "content-type").split(';').next(), Some("application/json"));
        let answer = json_of(&response);
        assert!(answer.get("error").is_none());
        let text = |name: &str| answer[name].as_str().unwrap_or_default().to_owned();
        assert!(!text("client_id").is_empty() && !text("registration_access_token").is_empty());
        assert!(text("registration_client_uri").starts_with("https://"));
        assert_eq!(answer.get("client_secret").is_some(), self.auth != Auth::PrivateKeyJwt);
        if answer.get("client_secret").is_some() {
            assert!(answer["client_secret_expires_at"].is_u64());
        }
        for (name, asked) in self.metadata.as_object().unwrap() {
            assert_eq!(&answer[name], asked, "{name} is as it was asked for");
        }
        let rp = Rp {
            id: text("client_id"),
            secret: text("client_secret"),
            auth: self.auth,
            key: Some(self.key),
            redirect_uri: answer["redirect_uris"][0].as_str().unwrap().to_owned(),
        };
        (rp, answer)
    }

    /// A refusal, with its code.
    #[track_caller]
    pub(crate) fn is_refused(&self, op: &Op, code: &str) {
        let response = self.send(op);
        assert_eq!(response.status(), StatusCode::BAD_REQUEST, "{response:?}");
        assert_eq!(header(&response, "content-type").split(';').next(), Some("application/json"));
        assert_eq!(json_of(&response)["error"], code);
    }
}

pub(crate) fn public_set(key: &Key) -> Value {
    let key: Value = serde_json::from_str(&key.public_jwk().unwrap()).unwrap();
    json!({ "keys": [key] })
}

/// The client configuration endpoint, with the token of the answer.
pub(crate) fn manage(op: &Op, answer: &Value, method: Method) -> Response<Bytes> {
    let token = answer["registration_access_token"].as_str().unwrap();
    let request = Request::builder()
        .method(method)
        .uri(answer["registration_client_uri"].as_str().unwrap())
        .header("accept", "application/json")
        .header("authorization", format!("Bearer {token}"));
    op.send(request.body(Bytes::new()).unwrap())
}

/// What the suite does after each module; an error would be a warning.
#[track_caller]
pub(crate) fn unregister(op: &Op, answer: &Value) {
    let response = manage(op, answer, Method::DELETE);
    assert_eq!(response.status(), StatusCode::NO_CONTENT, "{response:?}");
    assert!(response.body().is_empty());
}
