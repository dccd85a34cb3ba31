//! The tests that every adapter passes: logins, several providers, logout from all sides, bearer tokens, and the attacks on them by
//! their number. A new adapter writes an [`Adapter`] and one line, and gets one `#[test]` for each:
//!
//! ```ignore
//! authmint_web::adapter_suite!(MyAdapter);
//! ```
//!
//! Each test has two providers in memory, an application with both, and a browser that keeps cookies as browsers do: with their
//! hosts, their ages, and which requests of other sites bring them along. A promise that is broken panics with what was expected.
#![allow(
    missing_docs,
    clippy::missing_panics_doc,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "these are tests: their names say what they show, and a promise that is broken panics"
)]

pub mod api;
pub mod armour;
mod browser;
pub mod ends;
pub mod logins;
pub mod serving;
pub mod several;
mod world;

use std::future::Future;
use std::pin::Pin;

use authmint_client::Error;
use authmint_jose::{base64url, sha256};
use authmint_oauth2::Scope;
use authmint_provider::Provider;
use authmint_resource::ResourceServer;
use authmint_server::AuthorizationServer;
use bytes::Bytes;
use http::{Request, Response};

use crate::{LoggedIn, Login, UserSession};

pub use browser::Browser;
pub use world::{Setting, World};

crate::scope!(
    pub ReadOrders = "orders:read"
);

/// What is no scope, by a mistake of a developer's.
#[derive(Clone, Copy, Debug)]
pub struct NoScope;

impl crate::RequiredScope for NoScope {
    const SCOPE: &'static str = "\"";
}

/// What a sample application is made of.
#[derive(Clone, Debug)]
pub struct Sample {
    /// Its logins.
    pub login: Login,
    /// Its API.
    pub api: ResourceServer,
}

/// A sample application that runs: behind its framework's whole stack.
pub trait Application {
    /// Sends a request and returns the answer. Its address is a path.
    fn send(&self, request: Request<Bytes>) -> Pin<Box<dyn Future<Output = Response<Bytes>> + '_>>;
}

/// What the tests need of an adapter.
pub trait Adapter {
    /// Runs a test to its end, on whatever the framework runs on.
    fn run(test: impl Future<Output = ()>);

    /// The sample application:
    ///
    /// | route | extractor | answer |
    /// |---|---|---|
    /// | those of [`Login::paths`] | | the adapter's routes |
    /// | `GET /` | `Option<LoggedIn>` | [`describe`], or `nobody` |
    /// | `GET /private` | `LoggedIn` | [`describe`] |
    /// | `POST /refresh` | `LoggedIn` | [`renew`], then `Login::update` with its headers in the answer; `409` if it is `None` |
    /// | `GET /v1/orders` | `Bearer<ReadOrders>` | `orders of ` and the token's subject; within a nested router or scope `/v1` |
    /// | `GET /broken` | `Bearer<NoScope>` | never |
    /// | the API's metadata | | `resource_metadata` |
    fn application(sample: Sample) -> impl Future<Output = Box<dyn Application>>;

    /// A provider, by the adapter's `mount`.
    fn mount(provider: Provider) -> impl Future<Output = Box<dyn Application>>;

    /// An engine, by the adapter's `engine`.
    fn engine(server: AuthorizationServer) -> impl Future<Output = Box<dyn Application>>;
}

/// What the sample application says of a person.
#[must_use]
pub fn describe(user: &LoggedIn) -> String {
    let session = user.session();
    let token = base64url::encode(&sha256(session.tokens.access_token.expose().as_bytes()));
    format!(
        "{} by {} of {}\ncsrf={}\ntoken={token}\nsid={}\n",
        user.name(),
        session.provider,
        session.issuer,
        user.csrf(),
        session.sid().unwrap_or_default()
    )
}

/// The session with new tokens.
///
/// # Errors
/// What the provider says.
pub async fn renew(login: &Login, user: &LoggedIn) -> Result<UserSession, Error> {
    let session = user.session();
    let client = login.client_of(session).ok_or(Error::Configuration("the provider is not known"))?;
    let tokens = client.refresh(&session.tokens, session.id_token.as_ref()).await?;
    Ok(UserSession { tokens, ..session.clone() })
}

/// What tokens of the API may allow.
pub(crate) fn scope() -> Scope {
    "openid profile email offline_access".parse().unwrap()
}

/// Makes one `#[test]` of each promise, for an [`Adapter`].
#[macro_export]
macro_rules! adapter_suite {
    ($adapter:ty) => {
        $crate::adapter_suite! { @ $adapter:
            api: s12_to_s16_what_is_no_access_token_is_refused,
            api: s37_a_bound_token_comes_in_with_its_proof_alone,
            api: a_scope_that_is_none_opens_nothing,
            api: an_api_says_whom_it_trusts,
            api: a_token_with_the_scope_comes_in_and_others_are_told_what_is_missing,
            armour: s30_every_answer_carries_the_armour,
            armour: s30_what_an_answer_says_is_never_markup,
            armour: s29_a_login_begins_by_going_there,
            armour: s47_a_browser_is_not_filled_with_cookies,
            armour: s45_no_header_says_where_the_application_is,
            ends: s32_logging_out_takes_the_token_of_the_form,
            ends: s32_the_provider_ends_sessions_from_afar,
            ends: s32_a_logout_ends_the_login_that_is_under_way,
            ends: s15_nothing_but_a_logout_token_of_this_provider_ends_a_session,
            ends: s32_a_frame_ends_the_session_it_names_and_no_other,
            ends: a_session_in_cookies_is_whole_and_ends_in_time,
            ends: s43_a_store_that_fails_is_no_success,
            logins: a_person_logs_in_is_known_and_logs_out,
            logins: s28_an_answer_of_another_issuer_is_refused,
            logins: s29_an_answer_counts_in_its_browser_and_once,
            logins: s29_a_login_waits_for_half_an_hour,
            logins: s29_an_answer_by_form_finds_its_login,
            logins: s29_nobody_is_sent_elsewhere,
            logins: s32_a_login_has_a_new_cookie,
            logins: new_tokens_are_kept,
            serving: a_provider_is_mounted,
            serving: an_engine_is_mounted,
            several: a_person_chooses_among_providers,
            several: s28_an_answer_at_another_providers_callback_is_refused,
            several: s32_a_provider_that_is_gone_leaves_no_sessions,
            several: somebody_else_may_begin_a_login_with_a_known_provider,
            several: settings_that_can_not_work_are_refused,
        }
    };
    (@ $adapter:ty: $($module:ident: $test:ident,)*) => {
        $(
            #[test]
            fn $test() {
                <$adapter as $crate::suite::Adapter>::run($crate::suite::$module::$test::<$adapter>());
            }
        )*
    };
}
