//! Initial access tokens (RFC 7591 1.2, 3).

use std::time::Duration;

use authmint::jose::Secret;
use authmint::server::{Invitation, Registration};
use http::StatusCode;
use serde_json::json;

use super::{error, open, send};
use crate::world::{CALLBACK, ISSUER, World};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

fn invited() -> World {
    World::with(|config| config.server.registration = Registration::Invited)
}

fn invite(world: &World, once: bool) -> Secret {
    let invitation = Invitation { lifetime: DAY, once, needs_software_statement: false };
    world.provider.server().invite(invitation).unwrap()
}

fn register(world: &World, token: Option<&str>, json: &str) -> http::Response<bytes::Bytes> {
    send(world, "POST", &format!("{ISSUER}/register"), token, json)
}

fn metadata() -> String {
    json!({ "redirect_uris": [CALLBACK] }).to_string()
}

#[test]
fn an_invitation_is_needed_and_good_until_it_expires() {
    let world = invited();
    let without = register(&world, None, &metadata());
    assert_eq!(
        (without.status(), &without.headers()["www-authenticate"]),
        (StatusCode::UNAUTHORIZED, &"Bearer".parse().unwrap())
    );
    let token = invite(&world, false);
    for _ in 0..2 {
        assert_eq!(register(&world, Some(token.expose()), &metadata()).status(), StatusCode::CREATED);
    }
    world.pass(24 * 60 * 60);
    let late = register(&world, Some(token.expose()), &metadata());
    assert_eq!((late.status(), &*error(&late)), (StatusCode::UNAUTHORIZED, "invalid_token"));
}

#[test]
fn it_outlives_the_rotation_of_signing_keys() {
    let world = invited();
    let token = invite(&world, false);
    crate::world::block_on(world.provider.server().keys().rotate(true)).unwrap();
    assert_eq!(register(&world, Some(token.expose()), &metadata()).status(), StatusCode::CREATED);
}

#[test]
fn an_invitation_for_one_client_is_used_up_by_it_and_not_by_a_mistake() {
    let world = invited();
    let token = invite(&world, true);
    let mistake = register(&world, Some(token.expose()), r#"{"redirect_uris":["x"]}"#);
    assert_eq!(error(&mistake), "invalid_redirect_uri");
    assert_eq!(register(&world, Some(token.expose()), &metadata()).status(), StatusCode::CREATED);
    let second = register(&world, Some(token.expose()), &metadata());
    assert_eq!((second.status(), &*error(&second)), (StatusCode::UNAUTHORIZED, "invalid_token"));
}

#[test]
fn s15_an_invitation_is_nothing_else_and_nothing_else_is_one() {
    let world = invited();
    let (id, secret) = world.register(|new| {
        new.metadata.grant_types.push(authmint::oauth2::GrantType::ClientCredentials);
    });
    let access = world.post_as("/token", Some((&id, &secret)), &[("grant_type", "client_credentials")]);
    let access = super::text(&super::body(&access), "access_token");
    let other_server = invited();
    let foreign = invite(&other_server, false);
    for token in [&access, foreign.expose(), "x", "a.b.c", "eyJhbGciOiJub25lIn0.e30."] {
        let response = register(&world, Some(token), &metadata());
        assert_eq!(
            (response.status(), &*error(&response)),
            (StatusCode::UNAUTHORIZED, "invalid_token"),
            "{token}"
        );
    }
    let token = invite(&world, false);
    assert_eq!(
        send(&world, "GET", &format!("{ISSUER}/userinfo"), Some(token.expose()), "").status(),
        StatusCode::UNAUTHORIZED
    );
    let form = [("token", token.expose())];
    assert_eq!(
        super::body(&world.post_as("/introspect", Some((&id, &secret)), &form)),
        json!({ "active": false })
    );
}

#[test]
fn an_open_server_takes_no_wrong_invitation_and_a_closed_one_makes_none() {
    let world = World::with(open);
    assert_eq!(register(&world, Some("wrong"), &metadata()).status(), StatusCode::UNAUTHORIZED);
    assert_eq!(
        register(&world, Some(invite(&world, false).expose()), &metadata()).status(),
        StatusCode::CREATED
    );
    let invitation = Invitation { lifetime: DAY, once: true, needs_software_statement: false };
    assert!(World::new().provider.server().invite(invitation).is_err());
}
