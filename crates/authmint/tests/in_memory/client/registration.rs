//! A client that registers itself, changes that, and goes (RFC 7591, RFC 7592).

use authmint::client::{Error, Registration};
use authmint::oauth2::{ClientMetadata, RedirectUri};

use super::log_in;
use crate::world::{CALLBACK, World, block_on};

#[test]
fn a_client_registers_logs_in_changes_and_goes() {
    let world = World::with(|config| config.server.registration = authmint::server::Registration::Open);
    let provider = world.provider.server().metadata();
    let metadata = ClientMetadata {
        client_name: Some("Self-made".into()),
        redirect_uris: vec![RedirectUri::parse(CALLBACK).unwrap()],
        scope: "openid profile email".parse().unwrap(),
        ..ClientMetadata::default()
    };
    let register = |metadata: &ClientMetadata| {
        block_on(Registration::register(&provider, metadata, None, world.transport()))
    };
    let mut registration = register(&metadata).unwrap();
    let client = world.connect(registration.config(&provider).unwrap());
    assert_eq!(log_in(&world, &client).user_info.claims.name.as_deref(), Some("Ada Lovelace"));

    let kept = serde_json::to_string(registration.information()).unwrap();
    assert_eq!(block_on(registration.read()).unwrap().metadata.client_name.as_deref(), Some("Self-made"));
    let renamed = ClientMetadata { client_name: Some("Renamed".into()), ..metadata.clone() };
    assert_eq!(
        block_on(registration.update(&renamed)).unwrap().metadata.client_name.as_deref(),
        Some("Renamed")
    );
    assert!(registration.information().client_secret.is_some(), "what is told once stays known");

    let mut resumed = Registration::resume(serde_json::from_str(&kept).unwrap(), world.transport());
    assert!(block_on(resumed.read()).is_ok());
    block_on(registration.delete()).unwrap();
    let error = block_on(resumed.read()).unwrap_err();
    assert!(matches!(error, Error::Endpoint { status: 401, .. }), "{error}");

    let insecure = ClientMetadata { redirect_uris: Vec::new(), ..metadata };
    let error = register(&insecure).unwrap_err();
    assert!(
        matches!(&error, Error::Endpoint { error, .. } if error.error == "invalid_redirect_uri"),
        "{error}"
    );
}
