//! Accounts: what a user name and a password may be, and the account as a source of claims.

use std::sync::Arc;

use authmint_jose::{Secret, SystemEntropy, Timestamp, random_token};
use authmint_oidc::PersonClaims;
use authmint_server::ClaimsSource;
use authmint_server::audit;
use authmint_server::storage::Answer;

use crate::error::Error;
use crate::passwords::{MAX_BYTES, MIN_CHARACTERS, Passwords};
use crate::storage::{Account, ProviderStorage};

/// The longest user name, in bytes.
const MAX_USERNAME_BYTES: usize = 128;

/// The user name as it is kept and looked up: visible ASCII in lower case, so that no two names look the same.
///
/// # Errors
/// [`Error::Account`] when it is empty, too long, or holds other characters.
pub fn username(text: &str) -> Result<String, Error> {
    let text = text.trim();
    if text.is_empty() || text.len() > MAX_USERNAME_BYTES || !text.bytes().all(|byte| byte.is_ascii_graphic())
    {
        return Err(Error::Account(
            "a user name is 1 to 128 letters, digits and signs of ASCII, without spaces",
        ));
    }
    Ok(text.to_ascii_lowercase())
}

/// Refuses a password that is too short or too long. Nothing else is asked of it (NIST SP 800-63B 3.1.1.2).
///
/// # Errors
/// [`Error::Account`].
pub fn check_password(password: &Secret) -> Result<(), Error> {
    if password.expose().chars().count() < MIN_CHARACTERS {
        return Err(Error::Account("a password has at least 8 characters; a sentence makes a good one"));
    }
    if password.expose().len() > MAX_BYTES {
        return Err(Error::Account("a password has at most 1024 bytes"));
    }
    Ok(())
}

/// Makes an account.
///
/// # Errors
/// [`Error::Account`] when name or password can't be used, or the name is taken.
pub async fn add(
    storage: &dyn ProviderStorage,
    passwords: &Passwords,
    name: &str,
    password: Secret,
    claims: PersonClaims,
    now: Timestamp,
) -> Result<Account, Error> {
    let username = username(name)?;
    check_password(&password)?;
    let account = Account {
        subject: random_token(&SystemEntropy)?.expose().chars().take(22).collect(),
        username,
        password_hash: passwords.hash(password).await?,
        claims,
        disabled: false,
        created_at: now,
    };
    if !storage.add_account(account.clone()).await? {
        return Err(Error::Account("this user name is taken"));
    }
    tracing::info!(target: audit::TARGET, event = "account_added", subject = account.subject, "account added");
    Ok(account)
}

/// Changes a password; every login session and every grant of the account ends, and its tokens until `revoked_until`.
///
/// # Errors
/// [`Error::Account`] when the password can't be used or there is no such account.
pub async fn set_password(
    storage: &dyn ProviderStorage,
    passwords: &Passwords,
    name: &str,
    password: Secret,
    revoked_until: Timestamp,
) -> Result<(), Error> {
    check_password(&password)?;
    let account = storage.account_by_username(&username(name)?).await?;
    let account = account.ok_or(Error::Account("there is no account with this user name"))?;
    let hash = passwords.hash(password).await?;
    storage.set_password_hash(&account.subject, hash, revoked_until).await?;
    tracing::info!(target: audit::TARGET, event = "password_changed", subject = account.subject, "password changed");
    Ok(())
}

/// Claims out of the accounts; a locked account has none.
#[derive(Debug)]
pub(crate) struct AccountClaims(pub(crate) Arc<dyn ProviderStorage>);

impl ClaimsSource for AccountClaims {
    fn claims<'a>(&'a self, subject: &'a str) -> Answer<'a, Option<PersonClaims>> {
        Box::pin(async move {
            let account = self.0.account(subject).await?;
            Ok(account.filter(|account| !account.disabled).map(|account| account.claims))
        })
    }
}
