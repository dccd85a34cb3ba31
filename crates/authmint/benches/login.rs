//! A whole login, client against provider in memory: start, log in by the session, consent remembered, code, tokens,
//! ID token verified, UserInfo. The target is 5 ms.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]

use std::sync::Arc;
use std::time::{Duration, Instant};

use authmint::client::{Client, ClientAuth, ClientConfig, InMemory, LoginOptions};
use authmint::jose::SealingKey;
use authmint::oauth2::{ClientMetadata, GrantType, Params, RedirectUri};
use authmint::oidc::PersonClaims;
use authmint::provider::{Provider, ProviderConfig};
use authmint::server::NewClient;
use authmint::store::MemoryStore;
use bytes::Bytes;
use http::{Request, Response};
use pollster::block_on;

const ISSUER: &str = "https://op.example";
const LOGINS: usize = 500;

fn main() {
    let store = Arc::new(MemoryStore::new());
    let config = ProviderConfig::new(ISSUER.parse().unwrap());
    let provider = Provider::new(config, store, &SealingKey::generate().unwrap()).unwrap();
    block_on(provider.add_account("ada", "correct horse battery staple".into(), PersonClaims::default()))
        .unwrap();
    let new = NewClient {
        metadata: ClientMetadata {
            redirect_uris: vec![RedirectUri::parse("https://app.example/callback").unwrap()],
            grant_types: vec![GrantType::AuthorizationCode, GrantType::RefreshToken],
            scope: "openid profile".parse().unwrap(),
            ..ClientMetadata::default()
        },
        trusted: true,
        ..NewClient::default()
    };
    let registered = block_on(provider.server().register_client(new)).unwrap();
    let served = provider.clone();
    let transport = InMemory::new(move |request| {
        let provider = served.clone();
        async move { provider.handle(request).await }
    });
    let auth = ClientAuth::Secret(registered.secret.unwrap());
    let config = ClientConfig::new(ISSUER.parse().unwrap(), registered.client.id, auth)
        .redirect_uri("https://app.example/callback")
        .scope("openid profile".parse().unwrap());
    let client = block_on(Client::discover(config, Arc::new(transport))).unwrap();
    let cookies = sign_in(&provider);

    let mut times: Vec<Duration> = (0..LOGINS)
        .map(|_| {
            let begun = Instant::now();
            let (address, pending) = block_on(client.start(&LoginOptions::default())).unwrap();
            let response = send(&provider, Request::get(address).header("cookie", &cookies), Bytes::new());
            let location = response.headers()["location"].to_str().unwrap();
            block_on(client.callback(&pending, location.split_once('?').unwrap().1)).unwrap();
            begun.elapsed()
        })
        .collect();
    times.sort();
    let at = |percent: usize| times[LOGINS * percent / 100];
    println!("one login, client against provider in memory, {LOGINS} times");
    println!("| median | p90 | p99 | target |\n|---|---|---|---|");
    println!("| {:?} | {:?} | {:?} | 5 ms |", at(50), at(90), at(99));
}

fn send(provider: &Provider, request: http::request::Builder, body: Bytes) -> Response<Bytes> {
    block_on(provider.handle(request.header("host", "op.example").body(body).unwrap()))
}

/// Logs the person in once; returns the cookies.
fn sign_in(provider: &Provider) -> String {
    let page = send(provider, Request::get(format!("{ISSUER}/login")), Bytes::new());
    let cookie = |response: &Response<Bytes>| {
        response.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned()
    };
    let browser = cookie(&page);
    let html = String::from_utf8(page.body().to_vec()).unwrap();
    let csrf = html.split_once("name=\"csrf\" value=\"").unwrap().1.split('"').next().unwrap();
    let form: Params = [("csrf", csrf), ("username", "ada"), ("password", "correct horse battery staple")]
        .into_iter()
        .collect();
    let request = Request::post(format!("{ISSUER}/login"))
        .header("cookie", &browser)
        .header("content-type", "application/x-www-form-urlencoded");
    let answer = send(provider, request, Bytes::from(form.to_query()));
    format!("{browser}; {}", cookie(&answer))
}
