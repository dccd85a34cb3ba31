//! The issuer's own address: who is signed in, or what this is.

use bytes::Bytes;
use http::{Request, StatusCode};

use super::{Visit, user};
use crate::error::Error;
use crate::pages::{Home, SignedIn};
use crate::provider::Provider;
use crate::reply::{self, Reply};

/// `GET /`.
pub(crate) async fn show(provider: &Provider, request: &Request<Bytes>) -> Result<Reply, Error> {
    let visit = Visit::read(provider, request).await?;
    let html = match &visit.person {
        Some(person) => SignedIn {
            layout: provider.layout(),
            action: provider.path("/logout"),
            csrf: provider.cookies().csrf(&visit.browser, "logout", ""),
            user: user(&person.account),
            since: i64::try_from(person.session.auth_time.as_secs()).unwrap_or(i64::MAX),
        }
        .render(),
        None => Home {
            layout: provider.layout(),
            issuer: provider.server().issuer().to_string(),
            discovery_path: provider.path("/.well-known/openid-configuration"),
            login_path: provider.path("/login"),
        }
        .render(),
    };
    Ok(visit.remember(provider, reply::page(StatusCode::OK, html, None)))
}
