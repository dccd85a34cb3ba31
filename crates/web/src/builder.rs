//! The settings of a login.

use std::fmt;
use std::sync::Arc;

use authmint_client::{Client, LoginOptions};
use authmint_jose::{Clock, SealingKey, SystemClock};

use crate::choice::{Choice, plain_choice};
use crate::cookie::Jar;
use crate::cookie_sessions::CookieSessions;
use crate::failure::LoginFailure;
use crate::login::{Inner, Keeping, Login};
use crate::pending::Finished;
use crate::provider::{Endpoint, LoginSetupError, MAIN, Provider, Route};
use crate::reply::Reply;
use crate::sessions::{MemorySessions, Sessions};

pub(crate) type FailurePage = dyn Fn(LoginFailure) -> Reply + Send + Sync;
pub(crate) type ChoicePage = dyn Fn(&[Choice]) -> Reply + Send + Sync;

/// The settings of a [`Login`]; the defaults are complete.
pub struct LoginBuilder {
    main: Client,
    providers: Vec<Provider>,
    key: SealingKey,
    keeping: Option<Keeping>,
    name: String,
    secure: bool,
    options: LoginOptions,
    failure_page: Box<FailurePage>,
    choice_page: Box<ChoicePage>,
    clock: Arc<dyn Clock>,
}

impl Login {
    /// Logins by `client`, whose `redirect_uri` ends with `/callback`. `key` seals logins that are under way: keep it, and they
    /// outlive a restart; all processes of an application share it. Cookies are for https, see
    /// [`LoginBuilder::allow_cookies_over_plain_http`].
    ///
    /// ```
    /// use authmint_web::{Client, Login, LoginSetupError, SealingKey};
    ///
    /// fn login(own: Client, google: Client, key: SealingKey) -> Result<Login, LoginSetupError> {
    ///     Login::builder(own, key).title("Example Inc.").provider("google", "Google", google).build()
    /// }
    /// ```
    #[must_use]
    pub fn builder(client: Client, key: SealingKey) -> LoginBuilder {
        let issuer = &client.metadata().server.issuer;
        let title = issuer.authority().to_owned();
        LoginBuilder {
            main: client.clone(),
            providers: vec![Provider::new(MAIN, &title, client)],
            key,
            keeping: None,
            name: "app".to_owned(),
            secure: true,
            options: LoginOptions::default(),
            failure_page: Box::new(|failure| failure.page()),
            choice_page: Box::new(plain_choice),
            clock: Arc::new(SystemClock),
        }
    }
}

impl LoginBuilder {
    /// What the first provider's button says; its host if nothing is said.
    #[must_use]
    pub fn title(mut self, title: &str) -> Self {
        if let Some(main) = self.providers.first_mut() {
            title.clone_into(&mut main.title);
        }
        self
    }

    /// A further provider. Its client's `redirect_uri` ends with `/callback/` and the `name`; `/login/` and the name begins a
    /// login with it, and `/login` lets the person choose.
    #[must_use]
    pub fn provider(mut self, name: &str, title: &str, client: Client) -> Self {
        self.providers.push(Provider::new(name, title, client));
        self
    }

    /// Keeps sessions elsewhere than in memory.
    #[must_use]
    pub fn sessions(self, sessions: Arc<dyn Sessions>) -> Self {
        Self { keeping: Some(Keeping::Store(sessions)), ..self }
    }

    /// Keeps sessions in the browsers' cookies. [`CookieSessions`] says what that costs.
    #[must_use]
    pub fn cookie_sessions(self, sessions: CookieSessions) -> Self {
        Self { keeping: Some(Keeping::Cookies(sessions)), ..self }
    }

    /// Begins the names of the cookies differently: applications on one host need different ones.
    #[must_use]
    pub fn cookie_name(self, name: &str) -> Self {
        Self { name: name.to_owned(), ..self }
    }

    /// Lets the cookies travel without TLS: for an application that browsers reach by `http`, on this machine. Anywhere
    /// else, whoever is on the way can take a session over. An answer by `form_post` then finds its login only where provider and
    /// application are of one site, such as `localhost`.
    #[must_use]
    pub fn allow_cookies_over_plain_http(self) -> Self {
        Self { secure: false, ..self }
    }

    /// Asks for more at each login.
    #[must_use]
    pub fn options(self, options: LoginOptions) -> Self {
        Self { options, ..self }
    }

    /// Shows failures on a page of the application's.
    #[must_use]
    pub fn failure_page(self, page: impl Fn(LoginFailure) -> Reply + Send + Sync + 'static) -> Self {
        Self { failure_page: Box::new(page), ..self }
    }

    /// Shows the providers to choose from on a page of the application's.
    #[must_use]
    pub fn choice_page(self, page: impl Fn(&[Choice]) -> Reply + Send + Sync + 'static) -> Self {
        Self { choice_page: Box::new(page), ..self }
    }

    /// A clock of the caller's, for tests that own it.
    #[must_use]
    pub fn clock(self, clock: Arc<dyn Clock>) -> Self {
        Self { clock, ..self }
    }

    /// The finished value.
    ///
    /// # Errors
    /// [`LoginSetupError`], with what to change.
    pub fn build(self) -> Result<Login, LoginSetupError> {
        let Self {
            main,
            providers,
            key,
            keeping,
            mut name,
            secure,
            options,
            failure_page,
            choice_page,
            clock,
        } = self;
        let is_token = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        if name.is_empty() || name.len() > 32 || !name.bytes().all(is_token) {
            return Err(LoginSetupError::CookieName);
        }
        let everyone = |path: &str, endpoint| Route { path: path.to_owned(), endpoint, provider: None };
        let mut routes = vec![everyone("/login", Endpoint::Login), everyone("/logout", Endpoint::Logout)];
        for (place, provider) in providers.iter().enumerate() {
            provider.check(secure)?;
            let mut others = providers.iter().take(place);
            if others.clone().any(|known| known.name == provider.name) {
                return Err(LoginSetupError::SameName(provider.name.clone()));
            }
            if others.any(|known| known.client.redirect_uri() == provider.client.redirect_uri()) {
                return Err(LoginSetupError::SameCallback(provider.name.clone()));
            }
            routes.extend(provider.routes(place));
        }
        if secure {
            // No other host can plant a cookie of this name (RFC 6265bis 4.1.3.2).
            name.insert_str(0, "__Host-");
        }
        let keeping = keeping
            .unwrap_or_else(|| Keeping::Store(Arc::new(MemorySessions::with_clock(Arc::clone(&clock)))));
        Ok(Login::new(Inner {
            main,
            csrf_key: key.derive("authmint app csrf"),
            providers,
            routes,
            key,
            keeping,
            finished: Finished::default(),
            jar: Jar { name, secure },
            options,
            failure_page,
            choice_page,
            clock,
        }))
    }
}

impl fmt::Debug for LoginBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LoginBuilder").field("providers", &self.providers).finish_non_exhaustive()
    }
}
