//! Several issuers at one API.

use authmint_jose::{Algorithm, Key, KeySet};
use authmint_resource::{ClientAuth, ResourceServer, SetupError, TrustedIssuer};
use serde_json::json;

use crate::world::{ISSUER, NOW, World, bearer, claims};

const OTHER: &str = "https://other.example";

#[test]
fn s14_each_issuer_signs_for_itself_alone() {
    let world = World::new();
    // The same name for both keys, so that nothing but the choice of the issuer tells them apart.
    let theirs = Key::generate(Algorithm::ES256).unwrap().with_kid("k1");
    let other = TrustedIssuer::jwt_with_keys(OTHER, KeySet::from(theirs.clone())).unwrap();
    let api = world.builder().issuer(world.jwts()).issuer(other).build().unwrap();
    let ours = claims(&json!({}));
    let foreign = claims(&json!({ "iss": OTHER }));
    assert_eq!(bearer(&api, &world.token(&ours)).unwrap().issuer, ISSUER);
    assert_eq!(bearer(&api, &theirs.sign_jwt("at+jwt", &foreign).unwrap()).unwrap().issuer, OTHER);
    assert!(bearer(&api, &world.token(&foreign)).is_err());
    assert!(bearer(&api, &theirs.sign_jwt("at+jwt", &ours).unwrap()).is_err());
    for iss in [json!("https://op.example/"), json!("https://third.example"), json!(null), json!([ISSUER])] {
        assert!(bearer(&api, &world.token(&claims(&json!({ "iss": iss })))).is_err());
    }
}

#[test]
fn s15_what_one_issuer_may_leave_out_the_other_may_not() {
    let world = World::new();
    let theirs = Key::generate(Algorithm::ES256).unwrap();
    let other = TrustedIssuer::jwt_with_keys(OTHER, KeySet::from(theirs.clone())).unwrap();
    let other = other.accept_tokens_that_are_not_typed_as_access_tokens().audience("orders");
    let api = world.builder().issuer(world.jwts()).issuer(other).build().unwrap();
    let foreign = claims(&json!({ "iss": OTHER, "aud": "orders" }));
    assert!(bearer(&api, &theirs.sign_jwt("JWT", &foreign).unwrap()).is_ok());
    assert!(bearer(&api, &world.key.sign_jwt("JWT", &claims(&json!({}))).unwrap()).is_err());
    let ours = claims(&json!({ "aud": "orders" }));
    assert!(bearer(&api, &world.token(&ours)).is_err(), "the other's name for the API");
}

/// A token that is no JWT says nothing of its issuer; one that is goes to the one it names, and to nobody else.
#[test]
fn s40_no_token_is_shown_to_an_issuer_that_it_does_not_name() {
    let (world, partners) = (World::new(), World::new());
    let auth = ClientAuth::Secret("s3cret".into());
    let at = format!("{OTHER}/introspect");
    let other = TrustedIssuer::introspection(OTHER, &at, "orders-api", auth, partners.transport()).unwrap();
    let api = world.builder().issuer(world.jwts()).issuer(other).build().unwrap();
    *partners.answer.lock().unwrap() = claims(&json!({ "iss": OTHER, "active": true }));
    assert!(bearer(&api, &world.token(&claims(&json!({})))).is_ok());
    assert!(bearer(&api, &world.token(&claims(&json!({ "exp": NOW - 100 })))).is_err());
    assert!(bearer(&api, &world.token(&claims(&json!({ "iss": "https://third.example" })))).is_err());
    assert_eq!(partners.asked(), 0);
    assert_eq!(bearer(&api, "opaque").unwrap().issuer, OTHER);
    let theirs = world.token(&claims(&json!({ "iss": OTHER })));
    assert_eq!(bearer(&api, &theirs).unwrap().issuer, OTHER, "a JWT of an issuer that is asked");
    assert_eq!(partners.asked(), 2);
}

#[test]
fn one_issuer_may_have_both_kinds_of_token() {
    let world = World::new();
    *world.answer.lock().unwrap() = claims(&json!({ "active": true, "sub": "grace" }));
    let api = world.builder().issuer(world.jwts()).issuer(world.introspection()).build().unwrap();
    assert_eq!(bearer(&api, &world.token(&claims(&json!({})))).unwrap().subject, "ada");
    assert_eq!(bearer(&api, "opaque").unwrap().subject, "grace");
    assert_eq!(api.metadata().authorization_servers, [ISSUER]);
}

#[test]
fn contradictions_are_found_before_the_first_request() {
    let world = World::new();
    let build = |change: fn(&World, authmint_resource::Builder) -> authmint_resource::Builder| {
        change(&world, world.builder()).build()
    };
    assert!(build(|world, builder| builder.issuer(world.jwts())).is_ok());
    for broken in [
        build(|_, builder| builder),
        build(|world, builder| builder.issuer(world.jwts()).issuer(world.jwts())),
        build(|world, builder| builder.issuer(world.introspection()).issuer(world.introspection())),
        build(|world, builder| builder.issuer(world.jwts()).external_address("http://api.example")),
        ResourceServer::builder("orders").issuer(world.jwts()).requires_bound_tokens().build(),
        world
            .builder()
            .issuer(
                TrustedIssuer::introspection(
                    ISSUER,
                    "https://op.example/introspect",
                    "api",
                    ClientAuth::SecretJwt("short".into()),
                    world.transport(),
                )
                .unwrap(),
            )
            .build(),
    ] {
        assert!(matches!(broken, Err(SetupError::Settings(_))), "{broken:?}");
    }
    let introspection =
        |at: &str, auth| TrustedIssuer::introspection(ISSUER, at, "api", auth, world.transport());
    assert!(introspection("https://op.example/introspect", ClientAuth::None).is_err());
    assert!(introspection("http://op.example/introspect", ClientAuth::Secret("s".into())).is_err());
    assert!(TrustedIssuer::jwt(ISSUER, "http://op.example/jwks", world.transport()).is_err());
    assert!(TrustedIssuer::jwt("op.example", "https://op.example/jwks", world.transport()).is_err());
}

#[test]
fn s22_the_metadata_of_another_issuer_is_refused() {
    let world = World::new();
    let discover = || pollster::block_on(TrustedIssuer::discover(ISSUER, world.transport()));
    for (metadata, good) in [
        (json!({ "issuer": ISSUER, "jwks_uri": "https://op.example/jwks" }), true),
        (json!({ "issuer": "https://op.example/", "jwks_uri": "https://op.example/jwks" }), false),
        (json!({ "issuer": OTHER, "jwks_uri": "https://op.example/jwks" }), false),
        (json!({ "issuer": ISSUER, "jwks_uri": "http://op.example/jwks" }), false),
        (json!({ "issuer": ISSUER }), false),
    ] {
        *world.answer.lock().unwrap() = metadata.clone();
        assert_eq!(discover().is_ok(), good, "{metadata}");
    }
}

#[test]
fn types_can_be_named_cloned_and_shared() {
    fn shared<T: Clone + Send + Sync + std::fmt::Debug + 'static>() {}
    shared::<ResourceServer>();
    shared::<authmint_resource::Builder>();
    shared::<TrustedIssuer>();
    shared::<authmint_resource::Requirement>();
    shared::<authmint_resource::AccessToken>();
    shared::<authmint_resource::Rejection>();
    shared::<SetupError>();
}
