//! `GET /orders` with an ES256 token: nothing around the handler; a middleware as one writes it by hand with jsonwebtoken;
//! huskarl-resource-server in the same middleware; our extractor; our tower layer.

use std::sync::Arc;

use authmint::axum::{Bearer, scope};
use authmint::fetch::InMemory;
use authmint::jose::{Algorithm, Clock, Jwk, Key, KeySet, SystemClock};
use authmint::resource::{RequireToken, Requirement, ResourceServer, TrustedIssuer};
use axum::body::Body;
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Extension, Router};
use http::StatusCode;
use http::header::AUTHORIZATION;
use huskarl_resource_server::validator::rfc9068::Rfc9068Validator;
use serde::Deserialize;
use serde_json::json;
use tower::ServiceExt;

use crate::peer::Peer;
use crate::{Contender, race};

const ISSUER: &str = "https://login.example";
const API: &str = "https://api.example";

scope!(ReadOrders = "orders:read");

pub(crate) async fn run() {
    for algorithm in [Algorithm::ES256, Algorithm::RS256] {
        with(algorithm).await;
    }
}

async fn with(algorithm: Algorithm) {
    let key = Key::generate(algorithm).unwrap().with_kid("one");
    let now = SystemClock.now().as_secs();
    let claims = json!({
        "iss": ISSUER, "aud": API, "sub": "248289761001", "client_id": "my-app", "scope": "openid orders:read", "iat": now,
        "exp": now + 3600, "jti": "0b7c5e0e6a8f4a3f9d7e2c1b4a5f6e7d",
    });
    let token = key.sign_jwt("at+jwt", &claims).unwrap();
    let public = key.public_jwk().unwrap();
    let jwks = KeySet::new([key.clone()]).to_public_jwks();
    let served = jwks.clone();
    let transport = Arc::new(InMemory::new(move |_| {
        let mut response = http::Response::new(bytes::Bytes::from(served.clone()));
        response.headers_mut().insert("content-type", "application/jwk-set+json".parse().unwrap());
        async move { response }
    }));

    let bare = Router::new().route("/orders", get(|| async { "orders" }));

    let pem = Jwk::from_json(&public).unwrap().to_public_pem().unwrap();
    let by_hand = ByHand::new(algorithm, &pem);
    let by_hand = Router::new()
        .route("/orders", get(|claims: Extension<ByHandClaims>| async move { claims.0.sub }))
        .layer(from_fn_with_state(Arc::new(by_hand), by_hand_check));

    let validator = Rfc9068Validator::builder()
        .issuer(ISSUER)
        .audience(API)
        .jwks_uri(format!("{ISSUER}/jwks").parse().unwrap())
        .jwks_source(Peer(Arc::clone(&transport)))
        .build()
        .await
        .unwrap();
    let huskarl = Router::new()
        .route("/orders", get(|subject: Extension<String>| async move { subject.0 }))
        .layer(from_fn_with_state(Arc::new(validator), huskarl_check));

    let issuer = TrustedIssuer::jwt(ISSUER, &format!("{ISSUER}/jwks"), transport).unwrap();
    let api = ResourceServer::builder(API).issuer(issuer).build().unwrap();
    let extractor = Router::new()
        .route("/orders", get(|token: Bearer<ReadOrders>| async move { token.subject.clone() }))
        .with_state(api.clone());
    let layer = RequireToken::new(api, Requirement::scope("orders:read").unwrap());
    let layer = Router::new()
        .route("/orders", get(|token: Extension<authmint::resource::AccessToken>| async move { token.0.subject }))
        .layer(layer);

    let mut contenders = Vec::new();
    for (name, app) in [
        ("axum alone", bare),
        ("jsonwebtoken by hand, scope checked", by_hand),
        ("huskarl-resource-server, scope checked", huskarl),
        ("authmint, extractor", extractor),
        ("authmint, tower layer", layer),
    ] {
        // What is measured answers as it should, and turns a forgery away.
        if name != "axum alone" {
            assert_eq!(ask(app.clone(), &token).await, StatusCode::OK, "{name}");
            let (signed, signature) = token.rsplit_once('.').unwrap();
            let forged = format!("{signed}.{}", signature.chars().rev().collect::<String>());
            assert_eq!(ask(app.clone(), &forged).await, StatusCode::UNAUTHORIZED, "{name}");
        }
        let token = token.clone();
        let contender: Contender<'_> = Box::new(move || {
            let (app, token) = (app.clone(), token.clone());
            Box::pin(async move {
                std::hint::black_box(ask(app, &token).await);
            })
        });
        contenders.push((name, contender));
    }
    race(&format!("a request with {} token", algorithm.name()), contenders, 30, 500).await;
}

async fn ask(app: Router, token: &str) -> StatusCode {
    let request = http::Request::get("/orders").header(AUTHORIZATION, format!("Bearer {token}"));
    app.oneshot(request.body(Body::empty()).unwrap()).await.unwrap().status()
}

/// What a middleware by hand holds: the key parsed once, the checks that RFC 9068 4 asks for.
struct ByHand {
    key: jsonwebtoken::DecodingKey,
    validation: jsonwebtoken::Validation,
}

#[derive(Clone, Deserialize)]
struct ByHandClaims {
    sub: String,
    scope: String,
    #[allow(dead_code, reason = "demanded")]
    client_id: String,
    #[allow(dead_code, reason = "demanded")]
    jti: String,
}

impl ByHand {
    fn new(algorithm: Algorithm, pem: &str) -> Self {
        let (key, algorithm) = match algorithm {
            Algorithm::ES256 => (jsonwebtoken::DecodingKey::from_ec_pem(pem.as_bytes()), jsonwebtoken::Algorithm::ES256),
            _ => (jsonwebtoken::DecodingKey::from_rsa_pem(pem.as_bytes()), jsonwebtoken::Algorithm::RS256),
        };
        let mut validation = jsonwebtoken::Validation::new(algorithm);
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&[API]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        Self { key: key.unwrap(), validation }
    }
}

async fn by_hand_check(State(check): State<Arc<ByHand>>, mut request: Request, next: Next) -> Response {
    let token = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
    let Some(token) = token else { return StatusCode::UNAUTHORIZED.into_response() };
    match jsonwebtoken::decode::<ByHandClaims>(token, &check.key, &check.validation) {
        Ok(data) if data.header.typ.as_deref() == Some("at+jwt") => {
            if !data.claims.scope.split(' ').any(|scope| scope == "orders:read") {
                return StatusCode::FORBIDDEN.into_response();
            }
            request.extensions_mut().insert(data.claims);
            next.run(request).await
        }
        _ => StatusCode::UNAUTHORIZED.into_response(),
    }
}

async fn huskarl_check(State(check): State<Arc<Rfc9068Validator>>, mut request: Request, next: Next) -> Response {
    let uri: http::Uri = format!("{API}{}", request.uri().path()).parse().unwrap();
    let result = check.validate_request(request.headers(), request.method(), &uri, None).await;
    match result.outcome {
        Ok(Some(validated)) => {
            if !validated.claims.scope.iter().any(|scope| scope.to_string().split(' ').any(|one| one == "orders:read")) {
                return StatusCode::FORBIDDEN.into_response();
            }
            request.extensions_mut().insert(validated.sub.clone().unwrap_or_default().to_string());
            next.run(request).await
        }
        _ => StatusCode::UNAUTHORIZED.into_response(),
    }
}
