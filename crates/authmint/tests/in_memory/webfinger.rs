//! Which issuer a person of this host logs in at (RFC 7033, OpenID Connect Discovery 2).

use http::StatusCode;

use crate::world::{ISSUER, World, json};

const REL: &str = "http%3A%2F%2Fopenid.net%2Fspecs%2Fconnect%2F1.0%2Fissuer";

#[test]
fn everybody_of_this_host_logs_in_at_this_issuer() {
    let world = World::new();
    for resource in
        ["acct%3Aada%40op.example", "acct%3Anobody%40op.example", "https%3A%2F%2Fop.example%2Fada"]
    {
        let found = world.get(&format!("{ISSUER}/.well-known/webfinger?resource={resource}&rel={REL}"));
        assert_eq!(found.status(), StatusCode::OK, "{resource}");
        assert_eq!(found.headers()["content-type"], "application/jrd+json");
        assert_eq!(found.headers()["access-control-allow-origin"], "*");
        let found = json(&found);
        assert_eq!(found["links"][0]["rel"], "http://openid.net/specs/connect/1.0/issuer");
        assert_eq!(found["links"][0]["href"], ISSUER);
    }
    let found = json(&world.get(&format!("{ISSUER}/.well-known/webfinger?resource=acct%3Aada%40op.example")));
    assert_eq!(found["subject"], "acct:ada@op.example");
    assert_eq!(found["links"][0]["href"], ISSUER, "without rel, everything is told");
    let other = format!("{ISSUER}/.well-known/webfinger?resource=acct%3Aada%40op.example&rel=avatar");
    assert_eq!(json(&world.get(&other))["links"], serde_json::json!([]));
}

#[test]
fn of_other_hosts_nothing_is_said() {
    let world = World::new();
    for resource in
        ["acct%3Aada%40evil.example", "https%3A%2F%2Fevil.example", "mailto%3Aada%40op.example", "x"]
    {
        let found = world.get(&format!("{ISSUER}/.well-known/webfinger?resource={resource}"));
        assert_eq!(found.status(), StatusCode::NOT_FOUND, "{resource}");
    }
    for query in ["", "?rel=x", "?resource=", "?resource=a&resource=b"] {
        let found = world.get(&format!("{ISSUER}/.well-known/webfinger{query}"));
        assert_eq!(found.status(), StatusCode::BAD_REQUEST, "{query}");
    }
}

#[test]
fn it_is_at_the_root_of_the_host_also_for_an_issuer_with_a_path() {
    let world = World::with(|config| config.server.issuer = "https://op.example/tenant".parse().unwrap());
    let found = world.get("https://op.example/.well-known/webfinger?resource=acct%3Aada%40op.example");
    assert_eq!(json(&found)["links"][0]["href"], "https://op.example/tenant");
}
