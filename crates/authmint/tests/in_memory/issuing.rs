//! What tokens and UserInfo responses look like for clients that registered how, and the grants beside the code; rows S34, S35.

use authmint::jose::{
    Algorithm, Clock, ContentEncryption, Curve, EncryptionKey, EncryptionKeySet, JwePolicy, Jwk, Key,
    KeyManagement, KeySet, KeyType, Policy,
};
use authmint::oauth2::{ClientAuthMethod, ClientMetadata, GrantType};
use authmint::server::{IssuerKeys, TrustedIssuer};
use bytes::Bytes;
use http::{Method, Request, StatusCode};
use serde_json::{Value, json};

use crate::world::{Browser, ISSUER, World, code_of, json as body, redeem, request, text};

fn log_in(world: &World, id: &str, secret: &str, scope: &str) -> Value {
    let callback = Browser::default().authorize(world, &request(id, scope, &[]));
    body(&world.post_as("/token", Some((id, secret)), &redeem(&code_of(&callback))))
}

fn user_info(world: &World, token: &str) -> http::Response<Bytes> {
    let request = Request::get(format!("{ISSUER}/userinfo"))
        .header("host", "op.example")
        .header("authorization", format!("Bearer {token}"));
    world.send(request.body(Bytes::new()).unwrap())
}

fn registered(world: &World, change: impl FnOnce(&mut ClientMetadata)) -> (String, String) {
    world.register(|new| change(&mut new.metadata))
}

#[test]
fn id_tokens_are_signed_as_the_client_registered() {
    let world = World::with(|config| config.server.more_id_token_algorithms.push(Algorithm::EdDSA));
    let keys = KeySet::from_jwks(&text(&world.get(&format!("{ISSUER}/jwks")))).unwrap();
    for name in ["RS256", "ES256", "EdDSA", "HS256"] {
        let (id, secret) =
            registered(&world, |metadata| metadata.id_token_signed_response_alg = Some(name.into()));
        let tokens = log_in(&world, &id, &secret, "openid");
        let token = tokens["id_token"].as_str().unwrap();
        let algorithm: Algorithm = name.parse().unwrap();
        let policy = Policy::id_token(&[algorithm], ISSUER, &id);
        let now = world.clock.now();
        let verified = if algorithm.is_symmetric() {
            Key::from_secret(secret.as_bytes(), algorithm).unwrap().verify_jwt::<Value>(token, &policy, now)
        } else {
            keys.verify_jwt::<Value>(token, &policy, now)
        };
        let claims = verified.unwrap().claims;
        let access = tokens["access_token"].as_str().unwrap();
        let hash = authmint::oidc::id_token::half_hash(algorithm, access);
        assert_eq!(claims["at_hash"].as_str(), hash.as_deref(), "{name}");
    }
}

#[test]
fn id_tokens_and_user_info_are_encrypted_to_the_client_that_registered_it() {
    let world = World::new();
    for (algorithm, jwk) in [
        (KeyManagement::EcdhEs, Jwk::generate(KeyType::Ec(Curve::P256)).unwrap()),
        (KeyManagement::RsaOaep256, Jwk::generate(KeyType::Rsa).unwrap()),
    ] {
        let key = EncryptionKey::new(&jwk.with_alg(algorithm.name()).unwrap().with_kid("e")).unwrap();
        let jwks: Value =
            serde_json::from_str(&EncryptionKeySet::from(key.clone()).to_public_jwks()).unwrap();
        let (id, secret) = registered(&world, |metadata| {
            metadata.jwks = Some(jwks);
            metadata.id_token_encrypted_response_alg = Some(algorithm.name().into());
            metadata.userinfo_encrypted_response_alg = Some(algorithm.name().into());
            metadata.userinfo_encrypted_response_enc = Some("A256GCM".into());
        });
        let tokens = log_in(&world, &id, &secret, "openid email");
        let own = EncryptionKeySet::from(key);
        let keys = KeySet::from_jwks(&text(&world.get(&format!("{ISSUER}/jwks")))).unwrap();
        let open = |token: &str, encryption, policy: &Policy| {
            let outer = JwePolicy::new(&[algorithm], &[encryption]);
            own.decrypt_nested_jwt::<Value>(token, &outer, &keys, policy, world.clock.now()).unwrap().claims
        };
        let policy = Policy::id_token(&[Algorithm::RS256], ISSUER, &id);
        let id_token = open(tokens["id_token"].as_str().unwrap(), ContentEncryption::A128CbcHs256, &policy);
        let answer = user_info(&world, tokens["access_token"].as_str().unwrap());
        assert_eq!(answer.headers()["content-type"], "application/jwt");
        let policy =
            Policy::new(&[Algorithm::RS256]).typ("JWT").issuer(ISSUER).audience(&id).accept_expired();
        let known = open(&text(&answer), ContentEncryption::A256Gcm, &policy);
        assert_eq!((&known["sub"], &known["email"]), (&id_token["sub"], &"ada@example.com".into()));
    }
    let refused = pollster::block_on(world.provider.server().register_client({
        let mut new = authmint::server::NewClient::default();
        new.metadata.grant_types = vec![GrantType::ClientCredentials];
        new.metadata.id_token_encrypted_response_alg = Some("RSA-OAEP-256".into());
        new
    }));
    assert!(refused.unwrap_err().to_string().contains("jwks"));
}

#[test]
fn user_info_is_signed_for_the_client_that_registered_it() {
    let world = World::new();
    let (id, secret) =
        registered(&world, |metadata| metadata.userinfo_signed_response_alg = Some("RS256".into()));
    let tokens = log_in(&world, &id, &secret, "openid email");
    let answer = user_info(&world, tokens["access_token"].as_str().unwrap());
    let keys = KeySet::from_jwks(&text(&world.get(&format!("{ISSUER}/jwks")))).unwrap();
    let policy = Policy::new(&[Algorithm::RS256]).typ("JWT").issuer(ISSUER).audience(&id).accept_expired();
    let known = keys.verify_jwt::<Value>(&text(&answer), &policy, world.clock.now()).unwrap().claims;
    assert_eq!(known["email"], "ada@example.com");
}

#[test]
fn s13_a_user_info_response_is_no_id_token_hint_and_no_access_token() {
    let world = World::new();
    let (id, secret) =
        registered(&world, |metadata| metadata.userinfo_signed_response_alg = Some("RS256".into()));
    let tokens = log_in(&world, &id, &secret, "openid");
    let response = text(&user_info(&world, tokens["access_token"].as_str().unwrap()));
    assert_eq!(user_info(&world, &response).status(), StatusCode::UNAUTHORIZED);
    for token in ["id_token", "access_token"] {
        let swapped = tokens[token].as_str().unwrap();
        let form = [("token", swapped)];
        let active = body(&world.post_as("/introspect", Some((&id, &secret)), &form))["active"].clone();
        assert_eq!(active, token == "access_token");
    }
}

#[test]
fn s35_client_secret_jwt_proves_the_secret_and_is_used_once() {
    let world = World::new();
    let (id, secret) = registered(&world, |metadata| {
        metadata.token_endpoint_auth_method = ClientAuthMethod::ClientSecretJwt;
        metadata.grant_types = vec![GrantType::ClientCredentials];
        metadata.redirect_uris.clear();
    });
    let now = world.clock.now().as_secs();
    let ask = |secret: &str, algorithm, jti: &str| {
        let key = Key::from_secret(secret.as_bytes(), algorithm).unwrap();
        let claims = json!({ "iss": id, "sub": id, "aud": ISSUER, "jti": jti, "exp": now + 60, "iat": now });
        let assertion = key.sign_jwt("client-authentication+jwt", &claims).unwrap();
        let form = [
            ("grant_type", "client_credentials"),
            ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
            ("client_assertion", &*assertion),
        ];
        world.post("/token", &form).status()
    };
    for algorithm in [Algorithm::HS256, Algorithm::HS384, Algorithm::HS512] {
        assert_eq!(ask(&secret, algorithm, algorithm.name()), StatusCode::OK);
        assert_eq!(ask(&secret, algorithm, algorithm.name()), StatusCode::UNAUTHORIZED, "replayed");
    }
    assert_eq!(ask(&format!("{secret}_"), Algorithm::HS256, "x"), StatusCode::UNAUTHORIZED);
    let basic = world.post_as("/token", Some((&id, &secret)), &[("grant_type", "client_credentials")]);
    assert_eq!(basic.status(), StatusCode::UNAUTHORIZED, "S34: another method than the registered one");
}

#[test]
fn s35_the_legacy_profile_takes_assertions_for_the_token_endpoint_and_no_others() {
    let world = World::with(crate::responses::legacy);
    let signer = Key::generate(Algorithm::ES256).unwrap().with_kid("k");
    let jwks = format!(r#"{{"keys":[{}]}}"#, signer.public_jwk().unwrap());
    let (id, _) = registered(&world, |metadata| {
        metadata.token_endpoint_auth_method = ClientAuthMethod::PrivateKeyJwt;
        metadata.grant_types = vec![GrantType::ClientCredentials];
        metadata.redirect_uris.clear();
        metadata.jwks = Some(serde_json::from_str(&jwks).unwrap());
    });
    let now = world.clock.now().as_secs();
    let ask = |aud: Value, jti: &str| {
        let claims = json!({ "iss": id, "sub": id, "aud": aud, "jti": jti, "exp": now + 60 });
        let assertion = signer.sign_jwt("JWT", &claims).unwrap();
        let form = [
            ("grant_type", "client_credentials"),
            ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
            ("client_assertion", &*assertion),
        ];
        world.post("/token", &form).status()
    };
    assert_eq!(ask(json!(ISSUER), "1"), StatusCode::OK);
    assert_eq!(ask(json!(format!("{ISSUER}/token")), "2"), StatusCode::OK);
    for (number, aud) in [
        json!("https://evil.example/token"),
        json!([ISSUER, "https://evil.example"]),
        json!([ISSUER]),
        json!(null),
        json!(format!("{ISSUER}/revoke")),
    ]
    .into_iter()
    .enumerate()
    {
        assert_eq!(ask(aud.clone(), &format!("bad{number}")), StatusCode::UNAUTHORIZED, "{aud}");
    }
}

#[test]
fn a_trusted_issuer_vouches_for_a_person_once() {
    let key = Key::generate(Algorithm::ES256).unwrap().with_kid("k");
    let other = Key::generate(Algorithm::ES256).unwrap().with_kid("k");
    let jwks = format!(r#"{{"keys":[{}]}}"#, key.public_jwk().unwrap());
    let world = World::with(|config| {
        let issuer = "https://partner.example".to_owned();
        config.server.trusted_issuers = vec![TrustedIssuer { issuer, keys: IssuerKeys::Jwks(jwks) }];
    });
    let (id, secret) = registered(&world, |metadata| {
        metadata.grant_types = vec![GrantType::JwtBearer];
        metadata.redirect_uris.clear();
        metadata.scope = "openid email".parse().unwrap();
    });
    let ada = pollster::block_on(world.provider.storage().account_by_username("ada")).unwrap().unwrap();
    let now = world.clock.now().as_secs();
    let base = json!({
        "iss": "https://partner.example", "sub": ada.subject, "aud": ISSUER, "jti": "1", "exp": now + 60,
    });
    let ask = |key: &Key, claims: &Value| {
        let assertion = key.sign_jwt("JWT", claims).unwrap();
        let form =
            [("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"), ("assertion", &*assertion)];
        world.post_as("/token", Some((&id, &secret)), &form)
    };
    let granted = body(&ask(&key, &base));
    let known = body(&user_info(&world, granted["access_token"].as_str().unwrap()));
    assert_eq!(known["email"], "ada@example.com");
    assert_eq!(granted.get("refresh_token"), None);
    assert_eq!(body(&ask(&key, &base))["error"], "invalid_grant", "replayed");
    for (number, (name, value)) in [
        ("iss", json!("https://other.example")),
        ("aud", json!("https://other.example")),
        ("exp", json!(now - 60)),
        ("exp", json!(now + 24 * 60 * 60)),
        ("exp", Value::Null),
        ("sub", json!("nobody")),
        ("sub", Value::Null),
        ("software_id", json!("a software statement")),
    ]
    .into_iter()
    .enumerate()
    {
        let mut claims = base.clone();
        claims["jti"] = format!("bad{number}").into();
        claims[name] = value;
        assert_eq!(body(&ask(&key, &claims))["error"], "invalid_grant", "{claims}");
    }
    let mut forged = base.clone();
    forged["jti"] = "forged".into();
    assert_eq!(body(&ask(&other, &forged))["error"], "invalid_grant");
    let revoked = granted["access_token"].as_str().unwrap();
    world.post_as("/revoke", Some((&id, &secret)), &[("token", revoked)]);
    assert_eq!(user_info(&world, revoked).status(), StatusCode::UNAUTHORIZED);
}

#[test]
fn grants_that_the_profile_or_the_server_has_not_are_unsupported() {
    let world = World::new();
    let (id, secret) = world.register(|_| {});
    let metadata = body(&world.get(&format!("{ISSUER}/.well-known/openid-configuration")));
    for grant in ["password", "implicit", "urn:ietf:params:oauth:grant-type:jwt-bearer", "urn:example:own"] {
        let answer = world.post_as("/token", Some((&id, &secret)), &[("grant_type", grant)]);
        assert_eq!(body(&answer)["error"], "unsupported_grant_type", "{grant}");
        let supported = metadata["grant_types_supported"].as_array().unwrap();
        assert!(!supported.iter().any(|known| known == grant), "{supported:?}");
    }
}

#[test]
fn pages_of_any_origin_may_call_what_no_cookie_opens() {
    let world = World::new();
    let preflight = |path: &str| {
        let request = Request::builder()
            .method(Method::OPTIONS)
            .uri(format!("{ISSUER}{path}"))
            .header("host", "op.example")
            .header("origin", "https://spa.example")
            .header("access-control-request-method", "POST");
        world.send(request.body(Bytes::new()).unwrap())
    };
    for path in ["/token", "/userinfo", "/revoke", "/par"] {
        let answer = preflight(path);
        assert_eq!(answer.status(), StatusCode::NO_CONTENT, "{path}");
        assert_eq!(answer.headers()["access-control-allow-origin"], "*");
        assert_eq!(answer.headers().get("access-control-allow-credentials"), None);
        let called = world.post(path, &[]);
        assert_eq!(called.headers()["access-control-allow-origin"], "*", "{path}");
    }
    for path in ["/introspect", "/login", "/consent", "/authorize"] {
        let answer = preflight(path);
        assert_eq!(answer.headers().get("access-control-allow-origin"), None, "{path}");
    }
}

#[test]
fn s18_client_secrets_that_are_keys_are_sealed_for_their_client() {
    let world = World::new();
    let (id, secret) = registered(&world, |metadata| {
        metadata.id_token_signed_response_alg = Some("HS256".into());
    });
    let (other, _) = registered(&world, |metadata| {
        metadata.id_token_signed_response_alg = Some("HS256".into());
    });
    let storage = world.provider.storage();
    let load = |id: &str| pollster::block_on(storage.client(id)).unwrap().unwrap().as_ref().clone();
    let mut kept = load(&id);
    let sealed = kept.sealed_secret.clone().unwrap();
    assert!(!format!("{kept:?}").contains(&secret) && !sealed.contains(&secret));
    // Moved to another client, the seal does not open.
    kept.sealed_secret = load(&other).sealed_secret;
    assert!(pollster::block_on(storage.replace_client(kept)).unwrap());
    let callback = Browser::default().authorize(&world, &request(&id, "openid", &[]));
    let form = redeem(&code_of(&callback)).map(|(name, value)| (name.to_owned(), value.to_owned()));
    let pairs: Vec<_> = form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let params: authmint::oauth2::Params = pairs.iter().copied().collect();
    let basic = data_encoding::BASE64.encode(format!("{id}:{secret}").as_bytes());
    let request = Request::post(format!("{ISSUER}/token"))
        .header("host", "op.example")
        .header("authorization", format!("Basic {basic}"))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Bytes::from(params.to_query()))
        .unwrap();
    let answer = pollster::block_on(world.provider.handle(request));
    assert_eq!(answer.status(), StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(body(&answer)["error"], "server_error");
    assert!(!text(&answer).contains("seal"));
}

#[test]
fn s42_the_password_grant_is_for_the_legacy_profile_and_has_the_limits_of_the_login() {
    let world = World::with(|config| {
        crate::responses::legacy(config);
        config.limits.per_account_and_address = 3.try_into().unwrap();
    });
    let (id, secret) = registered(&world, |metadata| {
        metadata.grant_types = vec![GrantType::Password, GrantType::RefreshToken];
        metadata.redirect_uris.clear();
        metadata.scope = "openid email".parse().unwrap();
    });
    let ask = |name: &str, password: &str| {
        let form = [("grant_type", "password"), ("username", name), ("password", password)];
        body(&world.post_as("/token", Some((&id, &secret)), &form))
    };
    for _ in 0..5 {
        assert!(ask("Ada", crate::world::PASSWORD)["access_token"].is_string(), "the right one is no guess");
    }
    let tokens = ask("ada", crate::world::PASSWORD);
    let known = body(&user_info(&world, tokens["access_token"].as_str().unwrap()));
    assert_eq!(known["email"], "ada@example.com");
    let refresh = tokens["refresh_token"].as_str().unwrap();
    let form = [("grant_type", "refresh_token"), ("refresh_token", refresh)];
    assert!(body(&world.post_as("/token", Some((&id, &secret)), &form))["access_token"].is_string());
    for _ in 0..3 {
        assert_eq!(ask("ada", "wrong")["error"], "invalid_grant");
    }
    assert_eq!(ask("ada", crate::world::PASSWORD)["error"], "temporarily_unavailable");
    assert_eq!(ask("nobody", "wrong"), ask("nobody else", "wrong"), "one answer, whoever there is");
}
