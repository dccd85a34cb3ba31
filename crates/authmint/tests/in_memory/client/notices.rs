//! Being told that a login is over (Back-Channel Logout 2.6, Front-Channel Logout 3): rows S14, S15.

use std::sync::Arc;

use authmint::client::{Client, ClientAuth, Error};
use authmint::jose::{Algorithm, Clock, Key};
use authmint::oauth2::Params;
use serde_json::{Value, json};

use crate::world::{CALLBACK, ISSUER, World, block_on, settings};

/// A client whose provider publishes `key`.
fn client(world: &World, key: &Key) -> Client {
    let jwks = format!(r#"{{"keys":[{}]}}"#, key.public_jwk().unwrap());
    let transport = authmint::client::InMemory::new(move |_| {
        let mut response = http::Response::new(bytes::Bytes::from(jwks.clone()));
        response.headers_mut().insert("content-type", "application/jwk-set+json".parse().unwrap());
        async move { response }
    });
    let mut metadata = authmint::oidc::ProviderMetadata::new(ISSUER.parse().unwrap());
    metadata.server.jwks_uri = Some(format!("{ISSUER}/jwks"));
    let config = settings("app", ClientAuth::None).redirect_uri(CALLBACK);
    let clock = Arc::new(world.clock.clone());
    Client::with(config, metadata, Arc::new(transport), clock, Arc::new(authmint::jose::SystemEntropy))
        .unwrap()
}

#[test]
fn s15_a_logout_token_is_a_logout_token() {
    let world = World::new();
    let key = Key::generate(Algorithm::RS256).unwrap().with_kid("k");
    let client = client(&world, &key);
    let now = world.clock.now().as_secs();
    let right = json!({
        "iss": ISSUER, "aud": "app", "iat": now, "exp": now + 120, "jti": "1", "sub": "ada", "sid": "s",
        "events": { "http://schemas.openid.net/event/backchannel-logout": {} },
    });
    let notice = |typ: &str, key: &Key, claims: &Value| {
        let token = key.sign_jwt(typ, claims).unwrap();
        block_on(client.logout_notice(&Params::from_iter([("logout_token", &*token)]).to_query()))
    };
    let good = notice("logout+jwt", &key, &right).unwrap();
    assert_eq!((good.sub.as_deref(), good.sid.as_deref(), &*good.jti), (Some("ada"), Some("s"), "1"));
    let other = Key::generate(Algorithm::RS256).unwrap().with_kid("k");
    assert!(notice("logout+jwt", &other, &right).is_err());
    assert!(notice("at+jwt", &key, &right).is_err());
    for (name, value) in [
        ("iss", json!("https://op.example/")),
        ("aud", json!("app2")),
        ("exp", json!(now - 60)),
        ("exp", Value::Null),
        ("iat", json!(now - 10 * 60)),
        ("jti", Value::Null),
        ("events", json!({})),
        ("events", json!({ "http://schemas.openid.net/event/backchannel-logout": true })),
        ("nonce", json!("n")),
    ] {
        let mut claims = right.clone();
        if value.is_null() {
            claims.as_object_mut().unwrap().remove(name);
        } else {
            claims[name] = value;
        }
        let error = notice("logout+jwt", &key, &claims).unwrap_err();
        assert!(matches!(error, Error::IdToken(_)), "{name}: {error}");
    }
    assert!(matches!(block_on(client.logout_notice("")), Err(Error::Protocol(_))));
}

#[test]
fn a_frame_of_another_provider_ends_nothing() {
    let world = World::new();
    let client = client(&world, &Key::generate(Algorithm::RS256).unwrap());
    let ask = |pairs: &[(&str, &str)]| {
        client.front_channel_logout(&pairs.iter().copied().collect::<Params>().to_query())
    };
    assert_eq!(ask(&[("iss", ISSUER), ("sid", "s")]).unwrap().as_deref(), Some("s"));
    assert_eq!(ask(&[]).unwrap(), None);
    for pairs in [&[("iss", "https://other.example"), ("sid", "s")][..], &[("sid", "s")], &[("iss", ISSUER)]]
    {
        assert!(ask(pairs).is_err(), "{pairs:?}");
    }
}
