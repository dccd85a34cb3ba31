//! A device that asks until the person has decided (RFC 8628): row S39 from the client's side.

use std::cell::Cell;
use std::time::Duration;

use authmint::client::{Client, ClientAuth, DevicePoll, Error};
use authmint::oauth2::{ClientAuthMethod, GrantType};

use crate::device::{decide, open, type_code};
use crate::world::{Browser, World, block_on};

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
