//! Token, introspection, revocation and UserInfo endpoints under attack: rows S15, S26, S27, S34, S36, S40.

use authmint::client::{Client, Login, LoginOptions};
use authmint::oauth2::{ClientAuthMethod, GrantType};
use http::{Request, StatusCode};

use crate::world::{
    Browser, CALLBACK, CHALLENGE, ISSUER, World, block_on, code_of, json, query, redeem, request,
};

fn log_in(world: &World, client: &Client) -> Login {
    let (address, pending) = block_on(client.start(&LoginOptions::default())).unwrap();
    let callback = Browser::default().authorize(world, &address);
    block_on(client.callback(&pending, callback.split_once('?').unwrap().1)).unwrap()
}

/// A fresh code.
fn code(world: &World, id: &str) -> String {
    code_of(&Browser::default().authorize(world, &request(id, "openid offline_access", &[])))
}

#[test]
fn s27_a_code_is_good_once_and_its_replay_ends_everything_that_came_of_it() {
    for opaque in [true, false] {
        let world = World::new();
        let (id, key) = if opaque { world.opaque() } else { world.register(|_| {}) };
        let code = code(&world, &id);
        let first = world.post_as("/token", Some((&id, &key)), &redeem(&code));
        assert_eq!(first.status(), StatusCode::OK);
        assert_eq!(first.headers()["cache-control"], "no-store");
        let first = json(&first);
        let access = first["access_token"].as_str().unwrap();
        let active = |token: &str| {
            json(&world.post_as("/introspect", Some((&id, &key)), &[("token", token)]))["active"] == true
        };
        assert!(active(access));
        let again = world.post_as("/token", Some((&id, &key)), &redeem(&code));
        assert_eq!(
            (again.status(), json(&again)["error"].as_str().unwrap()),
            (StatusCode::BAD_REQUEST, "invalid_grant")
        );
        assert!(!active(access));
        let refresh = first["refresh_token"].as_str().unwrap();
        let form = [("grant_type", "refresh_token"), ("refresh_token", refresh)];
        assert_eq!(json(&world.post_as("/token", Some((&id, &key)), &form))["error"], "invalid_grant");
    }
}

#[test]
fn s27_of_parallel_redemptions_exactly_one_succeeds() {
    let world = World::new();
    let (id, key) = world.register(|_| {});
    let code = code(&world, &id);
    let successes = std::thread::scope(|scope| {
        let attempts: Vec<_> = (0..16)
            .map(|_| {
                scope.spawn(|| {
                    world.post_as("/token", Some((&id, &key)), &redeem(&code)).status() == StatusCode::OK
                })
            })
            .collect();
        attempts
            .into_iter()
            .filter(|_| true)
            .map(|attempt| attempt.join().unwrap())
            .filter(|won| *won)
            .count()
    });
    assert_eq!(successes, 1);
}

#[test]
fn s27_a_code_is_bound_to_its_client_its_address_its_verifier_and_a_minute() {
    let world = World::new();
    let (id, key) = world.register(|_| {});
    let (other, other_key) = world.register(|_| {});
    let code = code(&world, &id);
    let refused = |basic: (&str, &str), form: &[(&str, &str)]| {
        let response = world.post_as("/token", Some(basic), form);
        assert_eq!(response.status(), StatusCode::BAD_REQUEST);
        json(&response)["error"].as_str().unwrap().to_owned()
    };
    assert_eq!(refused((&other, &other_key), &redeem(&code)), "invalid_grant");
    let mut elsewhere = redeem(&code);
    elsewhere[2].1 = "https://app.example/other";
    assert_eq!(refused((&id, &key), &elsewhere), "invalid_grant");
    assert_eq!(refused((&id, &key), &redeem(&code)[..2]), "invalid_grant");
    assert_eq!(refused((&id, &key), &redeem(&code)[..3]), "invalid_grant");
    let mut wrong = redeem(&code);
    let other_verifier = "x".repeat(43);
    wrong[3].1 = &other_verifier;
    assert_eq!(refused((&id, &key), &wrong), "invalid_grant");
    // None of these used it up.
    assert_eq!(world.post_as("/token", Some((&id, &key)), &redeem(&code)).status(), StatusCode::OK);
    let late = self::code(&world, &id);
    world.pass(60);
    assert_eq!(refused((&id, &key), &redeem(&late)), "invalid_grant");
}

#[test]
fn s34_a_client_uses_the_method_it_registered_and_no_other() {
    let world = World::new();
    let (id, key) = world.register(|_| {});
    let public = world.public();
    let form = [("grant_type", "authorization_code"), ("code", "x")];
    let check = |basic: Option<(&str, &str)>, more: &[(&str, &str)]| {
        let response = world.post_as("/token", basic, &[&form[..], more].concat());
        let challenged = response.headers().contains_key("www-authenticate");
        (json(&response)["error"].as_str().unwrap().to_owned(), response.status().as_u16(), challenged)
    };
    let invalid = |challenged| ("invalid_client".to_owned(), 401, challenged);
    assert_eq!(check(None, &[("client_id", &id)]), invalid(false));
    assert_eq!(check(None, &[("client_id", &id), ("client_secret", &key)]), invalid(false));
    assert_eq!(check(Some((&id, "wrong")), &[]), invalid(true));
    assert_eq!(check(Some((&id, "")), &[]), invalid(true));
    assert_eq!(check(Some(("unknown", &key)), &[]), invalid(true));
    assert_eq!(check(Some((&public, "x")), &[]), invalid(true));
    assert_eq!(check(None, &[]), invalid(false));
    assert_eq!(check(Some((&id, &key)), &[("client_id", &id), ("client_secret", &key)]).0, "invalid_request");
    let client = block_on(world.provider.storage().client(&id)).unwrap().unwrap();
    let hash = authmint::jose::base64url::encode(client.secret_hash.unwrap().as_bytes());
    assert_eq!(check(Some((&id, &hash)), &[]), invalid(true));
    assert_eq!(check(Some((&id, &key)), &[]).0, "invalid_grant");
    assert_eq!(check(None, &[("client_id", &public)]).0, "invalid_grant");
}

#[test]
fn s34_grants_are_for_those_who_registered_them() {
    let world = World::new();
    let (id, key) = world.register(|_| {});
    let form = [("grant_type", "client_credentials")];
    assert_eq!(json(&world.post_as("/token", Some((&id, &key)), &form))["error"], "unauthorized_client");
    let (machine, key) = world.register(|new| {
        new.metadata.grant_types = vec![GrantType::ClientCredentials];
        new.metadata.redirect_uris.clear();
        new.metadata.scope = "orders:read openid".parse().unwrap();
        new.audience = vec!["https://api.example".into()];
    });
    let issued = json(&world.post_as("/token", Some((&machine, &key)), &form));
    assert_eq!(issued["scope"], "orders:read");
    assert!(issued.get("refresh_token").is_none() && issued.get("id_token").is_none());
    for scope in ["openid", "orders:write", "offline_access"] {
        let form = [("grant_type", "client_credentials"), ("scope", scope)];
        assert_eq!(json(&world.post_as("/token", Some((&machine, &key)), &form))["error"], "invalid_scope");
    }
}

#[test]
fn s36_a_refresh_token_is_good_once_and_its_reuse_ends_the_grant() {
    let world = World::new();
    let (id, key) = world.opaque();
    let client = world.client(&id, &key);
    let login = log_in(&world, &client);
    let second = block_on(client.refresh(&login.tokens, login.id_token.as_ref())).unwrap();
    let third = block_on(client.refresh(&second, login.id_token.as_ref())).unwrap();
    assert!(block_on(client.introspect(&third.access_token, None)).unwrap().active);
    // The first one again: somebody else has it.
    assert!(block_on(client.refresh(&login.tokens, login.id_token.as_ref())).is_err());
    assert!(block_on(client.refresh(&third, login.id_token.as_ref())).is_err());
    assert!(!block_on(client.introspect(&third.access_token, None)).unwrap().active);
    assert!(block_on(client.user_info(&third, &login.user_info.sub)).is_err());
}

#[test]
fn s36_of_racing_refreshes_at_most_one_succeeds() {
    let world = World::new();
    let (id, key) = world.opaque();
    let login = log_in(&world, &world.client(&id, &key));
    let token = login.tokens.refresh_token.unwrap();
    let form = [("grant_type", "refresh_token"), ("refresh_token", token.expose())];
    let successes = std::thread::scope(|scope| {
        let attempts: Vec<_> = (0..16)
            .map(|_| {
                scope.spawn(|| world.post_as("/token", Some((&id, &key)), &form).status() == StatusCode::OK)
            })
            .collect();
        attempts.into_iter().map(|attempt| attempt.join().unwrap()).filter(|won| *won).count()
    });
    assert_eq!(successes, 1);
}

#[test]
fn s36_a_refresh_is_for_its_client_for_no_more_than_was_granted_and_by_todays_policy() {
    let world = World::new();
    let (id, key) = world.register(|_| {});
    let (other, other_key) = world.register(|_| {});
    let client = world.client(&id, &key);
    let login = log_in(&world, &client);
    let token = login.tokens.refresh_token.clone().unwrap();
    let form = [("grant_type", "refresh_token"), ("refresh_token", token.expose())];
    assert_eq!(json(&world.post_as("/token", Some((&other, &other_key)), &form))["error"], "invalid_grant");
    let wider = [&form[..], &[("scope", "openid admin")]].concat();
    assert_eq!(json(&world.post_as("/token", Some((&id, &key)), &wider))["error"], "invalid_scope");
    let narrower = [&form[..], &[("scope", "openid")]].concat();
    let issued = json(&world.post_as("/token", Some((&id, &key)), &narrower));
    assert_eq!(issued["scope"], "openid");

    // A locked person refreshes nothing.
    let token = issued["refresh_token"].as_str().unwrap();
    assert!(
        block_on(world.provider.storage().set_disabled(
            &login.user_info.sub,
            true,
            world.provider.server().revoked_until()
        ))
        .unwrap()
    );
    let form = [("grant_type", "refresh_token"), ("refresh_token", token)];
    assert_eq!(json(&world.post_as("/token", Some((&id, &key)), &form))["error"], "invalid_grant");
    assert!(block_on(client.user_info(&login.tokens, &login.user_info.sub)).is_err());
}

#[test]
fn s36_refresh_tokens_expire_and_offline_access_outlives_the_session() {
    let world = World::new();
    let (id, key) = world.register(|_| {});
    let client = world.client(&id, &key);
    let login = log_in(&world, &client);
    world.pass(29 * 24 * 3600);
    let renewed = block_on(client.refresh(&login.tokens, login.id_token.as_ref())).unwrap();
    world.pass(31 * 24 * 3600);
    assert!(block_on(client.refresh(&renewed, login.id_token.as_ref())).is_err());
}

#[test]
fn s32_logout_ends_the_tokens_of_the_session_but_not_offline_access() {
    for (scope, survives) in [("openid", false), ("openid offline_access", true)] {
        let world = World::new();
        let (id, key) = world.register(|_| {});
        let mut browser = Browser::default();
        let address = format!(
            "{ISSUER}/authorize?response_type=code&client_id={id}&redirect_uri={CALLBACK}&scope={}&code_challenge={CHALLENGE}&code_challenge_method=S256",
            scope.replace(' ', "%20")
        );
        let callback = browser.authorize(&world, &address);
        let code = query(&callback).get("code").unwrap().to_owned();
        let issued = json(&world.post_as("/token", Some((&id, &key)), &redeem(&code)));
        let hint = issued["id_token"].as_str().unwrap();
        browser.open(&world, &format!("{ISSUER}/logout?id_token_hint={hint}"));
        assert!(browser.session().is_none());
        let refresh =
            [("grant_type", "refresh_token"), ("refresh_token", issued["refresh_token"].as_str().unwrap())];
        let access = [("token", issued["access_token"].as_str().unwrap())];
        assert_eq!(
            json(&world.post_as("/introspect", Some((&id, &key)), &access))["active"],
            survives,
            "{scope}"
        );
        assert_eq!(
            world.post_as("/token", Some((&id, &key)), &refresh).status() == StatusCode::OK,
            survives,
            "{scope}"
        );
    }
}

#[test]
fn s40_a_token_is_only_its_owners_and_its_audiences_business() {
    let world = World::new();
    let (id, key) = world.register(|new| new.audience = vec!["orders-api".into()]);
    let client = world.client(&id, &key);
    let login = log_in(&world, &client);
    let api = |name: &str| {
        world.register(|new| {
            new.id = Some(name.into());
            new.metadata.redirect_uris.clear();
            new.metadata.grant_types = vec![GrantType::ClientCredentials];
        })
    };
    let (orders, orders_key) = api("orders-api");
    let (other, other_key) = api("other-api");
    let public = world.public();
    for token in [login.tokens.access_token.expose(), login.tokens.refresh_token.as_ref().unwrap().expose()] {
        for hint in ["access_token", "refresh_token", "nonsense"] {
            let form = [("token", token), ("token_type_hint", hint)];
            let asked = |basic: (&str, &str)| json(&world.post_as("/introspect", Some(basic), &form));
            assert_eq!(asked((&id, &key))["active"], true);
            assert_eq!(asked((&other, &other_key)), serde_json::json!({ "active": false }));
        }
        let revoked = world.post_as("/revoke", Some((&other, &other_key)), &[("token", token)]);
        assert_eq!(json(&revoked)["error"], "unauthorized_client");
    }
    let access = login.tokens.access_token.expose();
    assert_eq!(
        json(&world.post_as("/introspect", Some((&orders, &orders_key)), &[("token", access)]))["active"],
        true
    );
    assert_eq!(
        json(&world.post("/introspect", &[("token", access), ("client_id", &public)]))["error"],
        "unauthorized_client"
    );
    assert_eq!(world.post("/introspect", &[("token", access)]).status(), StatusCode::UNAUTHORIZED);
    for junk in ["x", "a.b.c", "....", "é", &"x".repeat(60_000)] {
        let form = [("token", junk)];
        assert_eq!(
            json(&world.post_as("/introspect", Some((&id, &key)), &form)),
            serde_json::json!({ "active": false })
        );
        assert_eq!(world.post_as("/revoke", Some((&id, &key)), &form).status(), StatusCode::OK);
    }
    // Revoking the refresh token takes the access token along.
    block_on(client.revoke(login.tokens.refresh_token.as_ref().unwrap(), None)).unwrap();
    assert_eq!(
        json(&world.post_as("/introspect", Some((&orders, &orders_key)), &[("token", access)]))["active"],
        false
    );
}

#[test]
fn s15_one_kind_of_token_is_not_taken_for_another() {
    let world = World::new();
    let (id, key) = world.register(|_| {});
    let login = log_in(&world, &world.client(&id, &key));
    let id_token = login.tokens.id_token.clone().unwrap();
    let user_info = |token: &str| {
        let request = Request::get(format!("{ISSUER}/userinfo")).header("host", "op.example");
        world.send(
            request.header("authorization", format!("Bearer {token}")).body(bytes::Bytes::new()).unwrap(),
        )
    };
    assert_eq!(user_info(login.tokens.access_token.expose()).status(), StatusCode::OK);
    let refused = user_info(id_token.expose());
    assert_eq!(refused.status(), StatusCode::UNAUTHORIZED);
    assert!(refused.headers()["www-authenticate"].to_str().unwrap().contains("invalid_token"));
    assert_eq!(
        user_info(login.tokens.refresh_token.as_ref().unwrap().expose()).status(),
        StatusCode::UNAUTHORIZED
    );
    let hinted = world.get(&format!("{ISSUER}/logout?id_token_hint={}", login.tokens.access_token.expose()));
    assert_eq!(hinted.status(), StatusCode::BAD_REQUEST);
    let introspected = world.post_as("/introspect", Some((&id, &key)), &[("token", id_token.expose())]);
    assert_eq!(json(&introspected)["active"], false);
}

#[test]
fn s35_a_client_assertion_is_used_once_and_is_for_this_issuer_alone() {
    use authmint::jose::{Algorithm, Clock, Key};
    let world = World::new();
    let signer = Key::generate(Algorithm::EdDSA).unwrap().with_kid("k");
    let jwks = format!(r#"{{"keys":[{}]}}"#, signer.public_jwk().unwrap());
    let (id, _) = world.register(|new| {
        new.metadata.token_endpoint_auth_method = ClientAuthMethod::PrivateKeyJwt;
        new.metadata.grant_types = vec![GrantType::ClientCredentials];
        new.metadata.redirect_uris.clear();
        new.metadata.jwks = Some(serde_json::from_str(&jwks).unwrap());
    });
    let now = world.clock.now().as_secs();
    let base =
        serde_json::json!({ "iss": id, "sub": id, "aud": ISSUER, "jti": "1", "exp": now + 60, "iat": now });
    let ask = |key: &Key, typ: &str, claims: &serde_json::Value| {
        let assertion = key.sign_jwt(typ, claims).unwrap();
        let form = [
            ("grant_type", "client_credentials"),
            ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
            ("client_assertion", &*assertion),
        ];
        world.post("/token", &form).status()
    };
    assert_eq!(ask(&signer, "JWT", &base), StatusCode::OK);
    assert_eq!(ask(&signer, "JWT", &base), StatusCode::UNAUTHORIZED);
    for (n, (name, value)) in [
        ("aud", serde_json::json!(format!("{ISSUER}/token"))),
        ("aud", serde_json::json!([ISSUER, "https://evil.example"])),
        ("aud", serde_json::json!("https://evil.example")),
        ("exp", serde_json::json!(now - 60)),
        ("exp", serde_json::json!(now + 3600)),
        ("exp", serde_json::Value::Null),
        ("iss", serde_json::json!("other")),
        ("sub", serde_json::json!("other")),
        ("jti", serde_json::Value::Null),
    ]
    .into_iter()
    .enumerate()
    {
        let mut claims = base.clone();
        claims["jti"] = format!("bad{n}").into();
        claims[name] = value;
        assert_eq!(ask(&signer, "JWT", &claims), StatusCode::UNAUTHORIZED, "{claims}");
    }
    let mut fresh = base.clone();
    fresh["jti"] = "2".into();
    assert_eq!(
        ask(&Key::generate(Algorithm::EdDSA).unwrap().with_kid("k"), "JWT", &fresh),
        StatusCode::UNAUTHORIZED
    );
    assert_eq!(ask(&signer, "at+jwt", &fresh), StatusCode::UNAUTHORIZED);
    assert_eq!(ask(&signer, "client-authentication+jwt", &fresh), StatusCode::OK);
}

#[test]
fn bad_input_gets_the_specified_error() {
    let world = World::new();
    let (id, key) = world.register(|_| {});
    let basic = data_encoding::BASE64.encode(format!("{id}:{key}").as_bytes());
    let send = |content_type: &str, body: Vec<u8>| {
        let request = Request::post(format!("{ISSUER}/token"))
            .header("host", "op.example")
            .header("content-type", content_type)
            .header("authorization", format!("Basic {basic}"));
        let response = world.send(request.body(body.into()).unwrap());
        (response.status().as_u16(), json(&response)["error"].as_str().unwrap().to_owned())
    };
    let form = "application/x-www-form-urlencoded";
    assert_eq!(send(form, vec![]), (400, "invalid_request".into()));
    assert_eq!(send(form, b"grant_type=password".to_vec()), (400, "unsupported_grant_type".into()));
    assert_eq!(send(form, b"grant_type=a&grant_type=b".to_vec()), (400, "invalid_request".into()));
    assert_eq!(send(form, b"\xff=%ff".to_vec()), (400, "invalid_request".into()));
    assert_eq!(send(form, vec![b'a'; 10 * 1024 * 1024]), (413, "invalid_request".into()));
    assert_eq!(send("application/json", b"{}".to_vec()), (400, "invalid_request".into()));
    assert_eq!(send("", b"grant_type=x".to_vec()), (400, "invalid_request".into()));
    for path in ["/token", "/introspect", "/revoke"] {
        let response = world.get(&format!("{ISSUER}{path}"));
        assert_eq!(
            (response.status(), &response.headers()["allow"]),
            (StatusCode::METHOD_NOT_ALLOWED, &"POST".parse().unwrap())
        );
    }
}

/// A replay is recognised as one for as long as a token of the grant may live, not only while the code was good.
#[test]
fn s27_a_replay_after_the_codes_minute_ends_the_grant_too() {
    let world = World::new();
    let (id, key) = world.opaque();
    let callback = Browser::default().authorize(&world, &request(&id, "openid offline_access", &[]));
    let code = code_of(&callback);
    let first = json(&world.post_as("/token", Some((&id, &key)), &redeem(&code)));
    world.pass(61);
    let again = world.post_as("/token", Some((&id, &key)), &redeem(&code));
    assert_eq!(json(&again)["error"], "invalid_grant");
    let form = [("token", first["access_token"].as_str().unwrap())];
    assert_eq!(json(&world.post_as("/introspect", Some((&id, &key)), &form))["active"], false);
    let form = [("grant_type", "refresh_token"), ("refresh_token", first["refresh_token"].as_str().unwrap())];
    assert_eq!(json(&world.post_as("/token", Some((&id, &key)), &form))["error"], "invalid_grant");
}

/// What is no longer good at the token endpoint and UserInfo is not active at introspection either.
#[test]
fn s40_a_locked_persons_tokens_are_not_active() {
    for opaque in [true, false] {
        let world = World::new();
        let (id, key) = if opaque { world.opaque() } else { world.register(|_| {}) };
        let callback = Browser::default().authorize(&world, &request(&id, "openid", &[]));
        let issued = json(&world.post_as("/token", Some((&id, &key)), &redeem(&code_of(&callback))));
        let ada = block_on(world.provider.storage().account_by_username("ada")).unwrap().unwrap();
        block_on(world.provider.storage().set_disabled(
            &ada.subject,
            true,
            world.provider.server().revoked_until(),
        ))
        .unwrap();
        for token in ["access_token", "refresh_token"] {
            let form = [("token", issued[token].as_str().unwrap())];
            let reply = json(&world.post_as("/introspect", Some((&id, &key)), &form));
            assert_eq!(reply["active"], false, "opaque: {opaque}, {token}");
        }
    }
}

/// `authmint client remove`: "Remove an application with its tokens".
#[test]
fn s40_a_removed_clients_own_tokens_are_not_active() {
    let world = World::new();
    let machine = |name: &str| {
        world.register(|new| {
            new.id = Some(name.into());
            new.metadata.redirect_uris.clear();
            new.metadata.grant_types = vec![GrantType::ClientCredentials];
            new.metadata.scope = "orders:read".parse().unwrap();
            new.audience = vec!["orders-api".into()];
        })
    };
    let (api, api_key) = machine("orders-api");
    let (leaked, leaked_key) = machine("leaked");
    let form = [("grant_type", "client_credentials")];
    let issued = json(&world.post_as("/token", Some((&leaked, &leaked_key)), &form));
    let form = [("token", issued["access_token"].as_str().unwrap())];
    let active = || json(&world.post_as("/introspect", Some((&api, &api_key)), &form))["active"].clone();
    assert_eq!(active(), true);
    assert!(block_on(world.provider.storage().remove_client(&leaked)).unwrap());
    assert_eq!(active(), false);
    world.pass(1);
    machine("leaked");
    assert_eq!(active(), false, "a client of the same name inherits nothing");
}

/// The attack table: "array aud" of a client assertion is refused.
#[test]
fn s35_an_audience_in_an_array_is_refused() {
    use authmint::jose::{Algorithm, Clock, Key};
    use authmint::oauth2::ClientAuthMethod;
    let world = World::new();
    let signer = Key::generate(Algorithm::ES256).unwrap().with_kid("k");
    let jwks = format!(r#"{{"keys":[{}]}}"#, signer.public_jwk().unwrap());
    let (id, _) = world.register(|new| {
        new.metadata.token_endpoint_auth_method = ClientAuthMethod::PrivateKeyJwt;
        new.metadata.grant_types = vec![GrantType::ClientCredentials];
        new.metadata.redirect_uris.clear();
        new.metadata.jwks = Some(serde_json::from_str(&jwks).unwrap());
    });
    let now = world.clock.now().as_secs();
    let claims =
        serde_json::json!({ "iss": id, "sub": id, "aud": [ISSUER], "jti": "1", "exp": now + 60, "iat": now });
    let assertion = signer.sign_jwt("client-authentication+jwt", &claims).unwrap();
    let form = [
        ("grant_type", "client_credentials"),
        ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
        ("client_assertion", &*assertion),
    ];
    assert_eq!(json(&world.post("/token", &form))["error"], "invalid_client");
}
