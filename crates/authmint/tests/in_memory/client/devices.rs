//! A device that asks until the person has decided (RFC 8628): row S39 from the client's side.

use std::cell::Cell;
use std::sync::Arc;
use std::time::Duration;

use authmint::client::{Client, ClientAuth, DevicePoll, Error, InMemory};
use authmint::jose::{ManualClock, SystemEntropy, Timestamp};
use authmint::oauth2::{ClientAuthMethod, GrantType};
use authmint::oidc::ProviderMetadata;
use bytes::Bytes;
use http::{Request, Response, StatusCode};
use serde_json::{Value, json};

use crate::device::{decide, open, type_code};
use crate::world::{Browser, ISSUER, World, block_on, settings};

fn client(world: &World) -> Client {
    let (id, _) = world.register(|new| {
        new.metadata.grant_types = vec![GrantType::DeviceCode, GrantType::RefreshToken];
        new.metadata.token_endpoint_auth_method = ClientAuthMethod::None;
        new.metadata.redirect_uris.clear();
        new.metadata.post_logout_redirect_uris.clear();
    });
    world.client_with(&id, ClientAuth::None)
}

/// The person opens the address with the code in it, and decides.
fn person(world: &World, address: &str, code: &str, decision: &str) {
    let mut browser = Browser::default();
    let page = open(world, &mut browser, address);
    let asked = type_code(world, &mut browser, &page, code);
    decide(world, &mut browser, &asked, decision);
}

#[test]
fn a_device_waits_for_the_person() {
    let world = World::new();
    let client = client(&world);
    let mut device = block_on(client.start_device(&"openid email".parse().unwrap())).unwrap();
    let address = device.verification_uri_complete().unwrap().to_owned();
    assert!(address.contains(&device.user_code().replace('-', "")) || address.contains(device.user_code()));
    let code = device.user_code().to_owned();
    let waits = Cell::new(0);
    let sleep = |time: Duration| {
        world.pass(time.as_secs());
        waits.set(waits.get() + 1);
        if waits.get() == 3 {
            person(&world, &address, &code, "allow");
        }
        std::future::ready(())
    };
    let tokens = block_on(client.wait_for_device(&mut device, sleep)).unwrap();
    assert_eq!((waits.get(), tokens.id_token.is_some()), (3, true));
}

#[test]
fn s39_a_device_that_asks_too_fast_slows_down_and_takes_no_for_an_answer() {
    let world = World::new();
    let client = client(&world);
    let mut device = block_on(client.start_device(&"openid".parse().unwrap())).unwrap();
    let interval = device.interval();
    for _ in 0..2 {
        assert!(matches!(block_on(client.poll_device(&mut device)).unwrap(), DevicePoll::Pending));
    }
    assert_eq!(device.interval(), interval + Duration::from_secs(5));
    person(&world, device.verification_uri_complete().unwrap(), device.user_code(), "deny");
    world.pass(60);
    let error = block_on(client.poll_device(&mut device)).unwrap_err();
    assert!(matches!(&error, Error::Endpoint { error, .. } if error.error == "access_denied"), "{error}");
    let mut late = block_on(client.start_device(&"openid".parse().unwrap())).unwrap();
    world.pass(60 * 60);
    let error = block_on(client.poll_device(&mut late)).unwrap_err();
    assert!(matches!(&error, Error::Endpoint { error, .. } if error.error == "expired_token"), "{error}");
}

/// A provider that says what it likes about a device, and never that the person has decided.
fn hostile(answer: &Value) -> Client {
    let text = answer.to_string();
    let transport = InMemory::new(move |request: Request<Bytes>| {
        let mut response = Response::new(Bytes::from(text.clone()));
        if request.uri().path() == "/token" {
            *response.body_mut() = Bytes::from_static(br#"{"error":"authorization_pending"}"#);
            *response.status_mut() = StatusCode::BAD_REQUEST;
        }
        std::future::ready(response)
    });
    let mut metadata = ProviderMetadata::new(ISSUER.parse().unwrap());
    metadata.server.token_endpoint = Some(format!("{ISSUER}/token"));
    metadata.server.device_authorization_endpoint = Some(format!("{ISSUER}/device"));
    let config = settings("app", ClientAuth::None);
    let clock = Arc::new(ManualClock::new(Timestamp::from_secs(1_000)));
    Client::with(config, metadata, Arc::new(transport), clock, Arc::new(SystemEntropy)).unwrap()
}

#[test]
fn s39_a_provider_can_neither_make_a_device_hurry_nor_wait_after_the_end() {
    let answer = json!({
        "device_code": "d", "user_code": "u", "verification_uri": ISSUER, "expires_in": 0, "interval": 0,
    });
    let client = hostile(&answer);
    let mut device = block_on(client.start_device(&"openid".parse().unwrap())).unwrap();
    assert!(device.interval() >= Duration::from_secs(1));
    let waits = Cell::new(0);
    let sleep = |_| {
        waits.set(waits.get() + 1);
        assert!(waits.get() < 10, "it is asked without end");
        std::future::ready(())
    };
    let error = block_on(client.wait_for_device(&mut device, sleep)).unwrap_err();
    assert!(matches!(&error, Error::Refused(error) if error.error == "expired_token"), "{error}");
}

#[test]
fn s47_a_user_code_is_short_and_steers_no_terminal() {
    for code in ["\u{1b}[2Jcall 555-0100", "a\nb", "", &"x".repeat(1000)] {
        let answer = json!({
            "device_code": "d", "user_code": code, "verification_uri": ISSUER, "expires_in": 60,
        });
        let begun = block_on(hostile(&answer).start_device(&"openid".parse().unwrap()));
        assert!(matches!(begun, Err(Error::Response { .. })), "{code:?}");
    }
}
