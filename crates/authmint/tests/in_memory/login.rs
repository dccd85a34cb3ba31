//! The main job, and the client's defences.

use authmint::client::{ClientAuth, Error, LoginOptions};
use authmint::jose::{Algorithm, Key};
use authmint::oauth2::ClientAuthMethod;

use crate::world::{Browser, World, block_on, query};

#[test]
fn a_login_from_start_to_logout() {
    let world = World::new();
    let (id, secret) = world.register(|_| {});
    let client = world.client(&id, &secret);
    let mut browser = Browser::default();
    let (address, pending) = block_on(client.start(&LoginOptions::default())).unwrap();
    let pending = serde_json::from_str(&serde_json::to_string(&pending).unwrap()).unwrap();
    let callback = browser.authorize(&world, &address);
    let login = block_on(client.callback(&pending, callback.split_once('?').unwrap().1)).unwrap();
    assert_eq!(login.user_info.claims.name.as_deref(), Some("Ada Lovelace"));
    assert_eq!(login.id_token.as_ref().unwrap().amr, ["pwd"]);

    let renewed = block_on(client.refresh(&login.tokens, login.id_token.as_ref())).unwrap();
    assert_ne!(renewed.refresh_token, login.tokens.refresh_token);
    assert!(block_on(client.user_info(&renewed, &login.user_info.sub)).is_ok());
    assert!(block_on(client.introspect(&renewed.access_token, None)).unwrap().active);
    block_on(client.revoke(&renewed.access_token, None)).unwrap();
    assert!(!block_on(client.introspect(&renewed.access_token, None)).unwrap().active);

    let bye = browser.open(&world, &client.logout_url(&renewed, Some("s1")).unwrap());
    assert_eq!(browser.follow(&world, bye).unwrap_err(), "https://app.example/bye?state=s1");
    assert!(browser.session().is_none());
}

#[test]
fn private_key_jwt_logs_in_too() {
    let world = World::new();
    let key = Key::generate(Algorithm::ES256).unwrap().with_kid("k1");
    let jwks = format!(r#"{{"keys":[{}]}}"#, key.public_jwk().unwrap());
    let (id, _) = world.register(|new| {
        new.metadata.token_endpoint_auth_method = ClientAuthMethod::PrivateKeyJwt;
        new.metadata.jwks = Some(serde_json::from_str(&jwks).unwrap());
    });
    let client = world.client_with(&id, ClientAuth::PrivateKey(key));
    let (address, pending) = block_on(client.start(&LoginOptions::default())).unwrap();
    let callback = Browser::default().authorize(&world, &address);
    assert!(block_on(client.callback(&pending, callback.split_once('?').unwrap().1)).is_ok());
}

#[test]
fn s28_the_client_refuses_a_wrong_or_missing_issuer() {
    let world = World::new();
    let (id, secret) = world.register(|_| {});
    let client = world.client(&id, &secret);
    let (address, pending) = block_on(client.start(&LoginOptions::default())).unwrap();
    let callback = query(&Browser::default().authorize(&world, &address));
    for iss in [None, Some("https://evil.example"), Some("https://op.example/")] {
        let mut forged = callback.clone();
        forged.set("iss", iss.unwrap_or_default());
        let error = block_on(client.callback(&pending, &forged.to_query())).unwrap_err();
        assert!(matches!(error, Error::WrongIssuer { .. }), "{error}");
    }
    assert!(block_on(client.callback(&pending, &callback.to_query())).is_ok());
}

#[test]
fn s29_the_client_refuses_a_callback_of_another_login() {
    let world = World::new();
    let (id, secret) = world.register(|_| {});
    let client = world.client(&id, &secret);
    let (address, _) = block_on(client.start(&LoginOptions::default())).unwrap();
    let (_, another) = block_on(client.start(&LoginOptions::default())).unwrap();
    let callback = query(&Browser::default().authorize(&world, &address));
    for state in [callback.get("state"), None, Some("")] {
        let mut forged = callback.clone();
        forged.set("state", state.unwrap_or_default());
        let error = block_on(client.callback(&another, &forged.to_query())).unwrap_err();
        assert!(matches!(error, Error::ForeignCallback(_)), "{error}");
    }
}

#[test]
fn the_client_refuses_an_id_token_with_another_nonce() {
    let world = World::new();
    let (id, secret) = world.register(|_| {});
    let client = world.client(&id, &secret);
    let (address, pending) = block_on(client.start(&LoginOptions::default())).unwrap();
    let callback = Browser::default().authorize(&world, &address);
    let mut changed = serde_json::to_value(&pending).unwrap();
    changed["nonce"] = "another".into();
    let changed = serde_json::from_value(changed).unwrap();
    let error = block_on(client.callback(&changed, callback.split_once('?').unwrap().1)).unwrap_err();
    assert!(matches!(&error, Error::IdToken(text) if text.contains("nonce")), "{error}");
}

/// A session that was taken away meanwhile stays away.
#[cfg(feature = "axum")]
#[test]
fn s32_a_refresh_that_overlaps_a_logout_does_not_revive_the_applications_session() {
    use authmint::axum::{Login, MemorySessions, Sessions, UserSession};
    use authmint::jose::{SealingKey, sha256};
    let world = World::new();
    let (id, key) = world.register(|_| {});
    let client = world.client(&id, &key);
    let (start, pending) = block_on(client.start(&authmint::client::LoginOptions::default())).unwrap();
    let callback = Browser::default().authorize(&world, &start);
    let done = block_on(client.callback(&pending, callback.split_once('?').unwrap().1)).unwrap();
    let session = UserSession {
        provider: "main".into(),
        issuer: done.id_token.as_ref().unwrap().iss.clone(),
        tokens: done.tokens,
        id_token: done.id_token,
        user_info: done.user_info,
    };
    let sessions = std::sync::Arc::new(MemorySessions::default());
    let builder = Login::builder(client.clone(), SealingKey::generate().unwrap());
    let login = builder.sessions(sessions.clone()).build().unwrap();
    let mut headers = http::HeaderMap::new();
    headers.insert("cookie", "__Host-app-session=cookie".parse().unwrap());
    block_on(sessions.put(sha256(b"cookie"), session)).unwrap();
    // One request refreshes …
    let user = block_on(login.current(&headers)).unwrap();
    let tokens = block_on(client.refresh(&user.session().tokens, user.session().id_token.as_ref())).unwrap();
    // … while another one logs out …
    block_on(sessions.take(sha256(b"cookie"))).unwrap().unwrap();
    // … and the first one finishes.
    let kept = block_on(login.update(&headers, UserSession { tokens, ..user.session().clone() })).unwrap();
    assert!(kept.is_none());
    assert!(block_on(login.current(&headers)).is_none());
}

/// A chunk whose length is none: the body is broken, not too long.
#[cfg(feature = "axum")]
#[test]
fn s47_a_broken_body_and_one_that_is_too_long_are_told_apart() {
    use std::io::{Read, Write};
    let world = World::new();
    let app = authmint::axum::mount(world.provider.clone());
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
    let at = listener.local_addr().unwrap();
    runtime.spawn(async move { axum::serve(listener, app).await });
    let long = format!("{:x}\r\n{}\r\n0\r\n\r\n", 65_537, "a".repeat(65_537));
    for (body, status) in [("zz\r\n", "400"), ("5\r\nab", "400"), (&*long, "413"), ("0\r\n\r\n", "401")] {
        let mut stream = std::net::TcpStream::connect(at).unwrap();
        let head = "POST /token HTTP/1.1\r\nHost: op.example\r\nContent-Type: application/x-www-form-urlencoded\r\n\
                    Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n";
        stream.write_all(head.as_bytes()).unwrap();
        stream.write_all(body.as_bytes()).unwrap();
        stream.shutdown(std::net::Shutdown::Write).unwrap();
        let mut reply = String::new();
        stream.read_to_string(&mut reply).unwrap();
        assert!(reply.starts_with(&format!("HTTP/1.1 {status}")), "{status}: {reply}");
    }
}
