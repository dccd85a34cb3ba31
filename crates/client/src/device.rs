//! A device without a browser: the person signs in on another one, the device asks until they have (RFC 8628).

use std::fmt;
use std::future::Future;
use std::time::Duration;

use authmint_jose::{Secret, Timestamp};
use authmint_oauth2::error::ErrorMessage;
use authmint_oauth2::{DeviceAuthorizationResponse, Params, Scope, TokenRequest, resource};

use crate::client::Client;
use crate::error::Error;
use crate::request::{self, Proof};
use crate::token::Tokens;

/// How much longer to wait after `slow_down` (RFC 8628 3.5).
const SLOW_DOWN: Duration = Duration::from_secs(5);
/// The shortest wait between two questions, whatever the provider says.
const SHORTEST_WAIT: Duration = Duration::from_secs(1);
/// The longest.
const LONGEST_WAIT: Duration = Duration::from_secs(5 * 60);

/// The longest code that a person is asked to type, in bytes.
const MAX_USER_CODE_BYTES: usize = 128;

/// A login on another device that was begun.
pub struct DeviceLogin {
    device_code: Secret,
    user_code: String,
    verification_uri: String,
    verification_uri_complete: Option<String>,
    expires_at: Timestamp,
    interval: Duration,
}

/// Whether the person has decided.
#[derive(Clone, Debug)]
pub enum DevicePoll {
    /// Not yet: wait for [`DeviceLogin::interval`], then ask again.
    Pending,
    /// They allowed it.
    Allowed(Box<Tokens>),
}

impl Client {
    /// Begins a login on another device. Show the person [`user_code`](DeviceLogin::user_code) and
    /// [`verification_uri`](DeviceLogin::verification_uri), then [`wait_for_device`](Self::wait_for_device).
    ///
    /// # Errors
    /// [`Error::Metadata`] when the provider has no such endpoint, [`Error::Endpoint`] when it refuses.
    pub async fn start_device(&self, scope: &Scope) -> Result<DeviceLogin, Error> {
        let url = self.endpoint(
            "device_authorization_endpoint",
            self.metadata().server.device_authorization_endpoint.as_ref(),
        )?;
        let mut params = Params::new();
        if !scope.is_empty() {
            params.set("scope", scope.as_str());
        }
        resource::to_params(&self.config().resources, &mut params);
        let response = request::post(self, url, &params, Proof::None).await?;
        let answer: DeviceAuthorizationResponse =
            request::read("the device authorization endpoint", &response)?;
        let code = &answer.user_code;
        if code.is_empty() || code.len() > MAX_USER_CODE_BYTES || code.contains(char::is_control) {
            return Err(Error::Response {
                endpoint: "the device authorization endpoint",
                problem: "a user_code that can't be shown to a person",
            });
        }
        let is_address = |uri: &str| authmint_fetch::is_secure_url(uri);
        if !is_address(&answer.verification_uri) {
            return Err(Error::Response {
                endpoint: "the device authorization endpoint",
                problem: "a verification_uri that is neither https nor on this machine",
            });
        }
        Ok(DeviceLogin {
            device_code: answer.device_code,
            user_code: answer.user_code,
            verification_uri: answer.verification_uri,
            verification_uri_complete: answer.verification_uri_complete.filter(|uri| is_address(uri)),
            expires_at: self.now().saturating_add(Duration::from_secs(answer.expires_in)),
            interval: Duration::from_secs(answer.interval).clamp(SHORTEST_WAIT, LONGEST_WAIT),
        })
    }

    /// Asks once whether the person has decided. Wait for [`DeviceLogin::interval`] before each question: it grows when the
    /// provider says so.
    ///
    /// # Errors
    /// [`Error::Endpoint`] with `access_denied` when the person said no, `expired_token` when the time is over.
    pub async fn poll_device(&self, device: &mut DeviceLogin) -> Result<DevicePoll, Error> {
        let request = TokenRequest::DeviceCode { device_code: device.device_code.clone() };
        match self.request_tokens(&request).await {
            Ok(tokens) => Ok(DevicePoll::Allowed(Box::new(tokens))),
            Err(Error::Endpoint { error, .. }) if error.error == "authorization_pending" => {
                Ok(DevicePoll::Pending)
            }
            Err(Error::Endpoint { error, .. }) if error.error == "slow_down" => {
                device.slow_down();
                Ok(DevicePoll::Pending)
            }
            // RFC 8628 3.5: what is only busy is asked again, more rarely.
            Err(error) if error.is_temporary() && self.now() < device.expires_at => {
                tracing::info!(%error, "the provider could not be asked whether the person has decided");
                device.slow_down();
                Ok(DevicePoll::Pending)
            }
            Err(error) => Err(error),
        }
    }

    /// Asks until the person has decided. `sleep` waits: `tokio::time::sleep`, or what the caller's runtime has.
    ///
    /// ```
    /// # use authmint_client::{Client, Error, Tokens};
    /// async fn log_in(client: &Client) -> Result<Tokens, Error> {
    ///     let mut device = client.start_device(&"orders:read".parse()?).await?;
    ///     println!("open {} and type {}", device.verification_uri(), device.user_code());
    ///     client.wait_for_device(&mut device, tokio::time::sleep).await
    /// }
    /// ```
    ///
    /// # Errors
    /// As [`poll_device`](Self::poll_device); [`Error::Refused`] with `expired_token` when the time is over and the provider does
    /// not say so.
    pub async fn wait_for_device<S, F>(&self, device: &mut DeviceLogin, sleep: S) -> Result<Tokens, Error>
    where
        S: Fn(Duration) -> F,
        F: Future<Output = ()>,
    {
        loop {
            sleep(device.interval).await;
            if let DevicePoll::Allowed(tokens) = self.poll_device(device).await? {
                return Ok(*tokens);
            }
            // RFC 8628 3.5: nobody asks for longer than the code is good.
            if self.now() >= device.expires_at {
                return Err(Error::Refused(ErrorMessage {
                    error: "expired_token".to_owned(),
                    error_description: Some("nobody decided in time".to_owned()),
                    error_uri: None,
                }));
            }
        }
    }
}

impl DeviceLogin {
    /// What the person types.
    #[must_use]
    pub fn user_code(&self) -> &str {
        &self.user_code
    }

    /// Where.
    #[must_use]
    pub fn verification_uri(&self) -> &str {
        &self.verification_uri
    }

    /// The same address with the code in it, for a QR code. Show the code beside it all the same (RFC 8628 3.3.1).
    #[must_use]
    pub fn verification_uri_complete(&self) -> Option<&str> {
        self.verification_uri_complete.as_deref()
    }

    /// When it is too late.
    #[must_use]
    pub fn expires_at(&self) -> Timestamp {
        self.expires_at
    }

    /// How long to wait before the next question.
    #[must_use]
    pub fn interval(&self) -> Duration {
        self.interval
    }

    fn slow_down(&mut self) {
        self.interval = self.interval.saturating_add(SLOW_DOWN).min(LONGEST_WAIT);
    }
}

impl fmt::Debug for DeviceLogin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeviceLogin")
            .field("verification_uri", &self.verification_uri)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}
