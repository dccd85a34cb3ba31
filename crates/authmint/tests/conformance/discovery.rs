//! The metadata, value by value.

use std::collections::BTreeSet;

use http::StatusCode;
use serde_json::Value;

use crate::checks;
use crate::op::{ISSUER, Op, header};

/// What the suite's schema of metadata has of what the provider says: it warns of any other member.
const MEMBERS: &[&str] = &[
    "acr_values_supported",
    "authorization_endpoint",
    "authorization_response_iss_parameter_supported",
    "backchannel_logout_session_supported",
    "backchannel_logout_supported",
    "check_session_iframe",
    "claim_types_supported",
    "claims_parameter_supported",
    "claims_supported",
    "code_challenge_methods_supported",
    "device_authorization_endpoint",
    "display_values_supported",
    "dpop_signing_alg_values_supported",
    "end_session_endpoint",
    "frontchannel_logout_session_supported",
    "frontchannel_logout_supported",
    "grant_types_supported",
    "id_token_encryption_alg_values_supported",
    "id_token_encryption_enc_values_supported",
    "id_token_signing_alg_values_supported",
    "introspection_endpoint",
    "introspection_endpoint_auth_methods_supported",
    "introspection_endpoint_auth_signing_alg_values_supported",
    "issuer",
    "jwks_uri",
    "prompt_values_supported",
    "pushed_authorization_request_endpoint",
    "registration_endpoint",
    "request_object_encryption_alg_values_supported",
    "request_object_encryption_enc_values_supported",
    "request_object_signing_alg_values_supported",
    "request_parameter_supported",
    "request_uri_parameter_supported",
    "require_pushed_authorization_requests",
    "require_request_uri_registration",
    "response_modes_supported",
    "response_types_supported",
    "revocation_endpoint",
    "revocation_endpoint_auth_methods_supported",
    "revocation_endpoint_auth_signing_alg_values_supported",
    "scopes_supported",
    "subject_types_supported",
    "token_endpoint",
    "token_endpoint_auth_methods_supported",
    "token_endpoint_auth_signing_alg_values_supported",
    "userinfo_encryption_alg_values_supported",
    "userinfo_encryption_enc_values_supported",
    "userinfo_endpoint",
    "userinfo_signing_alg_values_supported",
];

fn set(metadata: &Value, name: &str) -> BTreeSet<String> {
    let values = metadata[name].as_array().unwrap_or_else(|| panic!("{name} is an array in {metadata}"));
    values.iter().map(|value| value.as_str().unwrap().to_owned()).collect()
}

fn holds(metadata: &Value, name: &str, values: &[&str]) {
    let known = set(metadata, name);
    for value in values {
        assert!(known.contains(*value), "{value} in {name}: {known:?}");
    }
}

/// With a static client, and with a dynamic one, of which more is demanded.
#[test]
fn oidcc_discovery_endpoint_verification() {
    let op = Op::new();
    let response = op.get("/.well-known/openid-configuration");
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(header(&response, "content-type").split(';').next(), Some("application/json"));
    let metadata = op.metadata();
    assert_eq!(metadata["issuer"], ISSUER);

    holds(&metadata, "response_types_supported", &["code", "id_token", "id_token token"]);
    holds(&metadata, "grant_types_supported", &["authorization_code", "implicit", "refresh_token"]);
    holds(&metadata, "subject_types_supported", &["public", "pairwise"]);
    holds(&metadata, "id_token_signing_alg_values_supported", &["RS256"]);
    holds(&metadata, "userinfo_signing_alg_values_supported", &["RS256"]);
    holds(&metadata, "request_object_signing_alg_values_supported", &["RS256", "none"]);
    holds(&metadata, "scopes_supported", &["openid", "profile", "email", "address", "phone"]);
    holds(&metadata, "response_modes_supported", &["query", "fragment", "form_post"]);
    holds(&metadata, "claims_supported", &["sub", "iss", "auth_time", "acr", "name", "address"]);
    holds(
        &metadata,
        "token_endpoint_auth_methods_supported",
        &["client_secret_basic", "client_secret_post", "private_key_jwt"],
    );
    holds(&metadata, "token_endpoint_auth_signing_alg_values_supported", &["RS256"]);
    holds(&metadata, "code_challenge_methods_supported", &["S256"]);
    assert_eq!(metadata["claims_parameter_supported"], true);
    assert_eq!(metadata["request_parameter_supported"], true);
    assert_eq!(metadata["request_uri_parameter_supported"], true, "demanded of dynamic providers");
    assert!(!set(&metadata, "acr_values_supported").is_empty(), "else the suite asks for 1 and 2, and warns");
    // RFC 6749 3.3.
    let token = |byte: u8| matches!(byte, 0x21 | 0x23..=0x5b | 0x5d..=0x7e);
    assert!(set(&metadata, "scopes_supported").iter().all(|scope| scope.bytes().all(token)));
    for locales in ["ui_locales_supported", "claims_locales_supported"] {
        assert_eq!(metadata.get(locales), None, "what is there must be canonical BCP 47");
    }
    for name in
        ["authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri", "end_session_endpoint"]
    {
        assert!(metadata[name].is_string(), "{name}");
    }
    for (name, value) in metadata.as_object().unwrap() {
        assert!(MEMBERS.contains(&name.as_str()), "{name} is to be looked up in the suite's schema");
        match name.rsplit_once('_').map(|(_, last)| last) {
            Some("endpoint" | "uri" | "iframe") | None => assert!(value.is_string(), "{name}: {value}"),
            _ => assert!(value.is_boolean() || !set(&metadata, name).is_empty(), "{name}: {value}"),
        }
        if name.ends_with("_endpoint") || name == "jwks_uri" {
            assert!(value.as_str().unwrap().starts_with("https://op.example/"), "{name}: {value}");
        }
    }
    let keys = checks::key_set(&op);
    assert!(keys.iter().any(|key| key["alg"] == "RS256" && key["use"] == "sig"));
}
