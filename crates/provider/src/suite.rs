//! The shared tests of the provider's [storage traits](crate::storage), beside [those of the
//! server](authmint_server::suite): one function for each promise.
//!
//! ```ignore
//! authmint_provider::provider_suite!(|| async { std::sync::Arc::new(MyStore::new().await) });
//! ```
#![allow(
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    reason = "these are tests: a promise that is broken panics"
)]

use std::future::Future;
use std::ops::Deref;

use authmint_oidc::PersonClaims;
use authmint_server::storage::{Grant, GrantId};
use authmint_server::suite::sample::{DAY, HOUR, after, client, code, grant, hash, scope, tokens};
pub use authmint_server::suite::{block_on, race};

use crate::storage::{Account, LoginSession, ProviderStorage};

/// The list of promises, in one place: calls the macro `$then` with `$($with)*` in parentheses and the list.
#[doc(hidden)]
#[macro_export]
macro_rules! __provider_promises {
    ($($then:ident)::+ ! ($($with:tt)*)) => {
        $($then)::+! { ($($with)*)
            an_account_comes_back_as_it_was_added,
            a_user_name_is_given_to_one_person_in_whatever_case,
            a_subject_is_given_to_one_person,
            one_of_many_accounts_gets_the_user_name,
            accounts_are_listed_by_user_name,
            a_new_password_ends_every_session_of_the_account,
            a_new_password_ends_every_grant_of_the_account,
            a_locked_account_has_no_session,
            a_locked_account_has_the_grants_of_no_session,
            a_code_saved_after_a_new_password_or_a_lock_is_dead,
            what_is_not_there_is_not_changed,
            a_session_is_ended_once,
            one_of_many_ends_wins,
            a_session_replaces_the_one_before,
            a_session_under_the_same_cookie_is_overwritten,
            a_revoked_session_has_no_cookie_and_gets_none,
            sessions_are_purged_at_their_time,
            consents_add_up,
            a_consent_is_forgotten,
            a_removed_client_has_no_consents,
            a_consent_that_outgrows_a_scope_is_the_newest_alone,
        }
    };
}

/// Makes one `#[test]` for each promise of the provider's [storage traits](crate::storage).
///
/// Takes a closure that returns a future of a new, empty store behind a pointer: see [the suite](crate::suite).
#[macro_export]
macro_rules! provider_suite {
    ($make:expr) => {
        $crate::__provider_promises!($crate::__provider_tests!($make));
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __provider_tests {
    (($make:expr) $($promise:ident),* $(,)?) => {
        $(
            #[test]
            fn $promise() {
                $crate::suite::block_on(async {
                    let store = ($make)().await;
                    $crate::suite::$promise(&*store).await;
                });
            }
        )*
    };
}

macro_rules! run_all {
    (($make:ident) $($promise:ident),* $(,)?) => {
        $( $promise(&*$make().await).await; )*
    };
}

/// Checks every promise, each on a new store.
///
/// # Panics
/// When a promise is broken.
pub async fn run<F, Fut, P>(make: F)
where
    F: Fn() -> Fut,
    Fut: Future<Output = P>,
    P: Deref,
    P::Target: ProviderStorage + Sized,
{
    crate::__provider_promises!(run_all!(make));
}

/// An account of that user name, with claims of several kinds.
#[must_use]
pub fn account(username: &str) -> Account {
    Account {
        subject: format!("subject of {username}"),
        username: username.to_owned(),
        password_hash: "$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA".to_owned(),
        claims: PersonClaims {
            name: Some("Ada Lovelace – Ἀδα".to_owned()),
            email: Some("ada@example.com".to_owned()),
            email_verified: Some(true),
            updated_at: Some(after(0)),
            ..PersonClaims::default()
        },
        disabled: false,
        created_at: after(0),
    }
}

/// A login session of a person.
#[must_use]
pub fn login_session(subject: &str) -> LoginSession {
    LoginSession {
        id: format!("session of {subject}"),
        subject: subject.to_owned(),
        auth_time: after(0),
        amr: vec!["pwd".to_owned()],
        expires_at: after(HOUR),
    }
}

/// What was added is found by user name and by subject, every field of it.
pub async fn an_account_comes_back_as_it_was_added(store: &dyn ProviderStorage) {
    let ada = account("ada");
    assert!(store.add_account(ada.clone()).await.unwrap());
    assert_eq!(store.account_by_username("ada").await.unwrap(), Some(ada.clone()));
    assert_eq!(store.account(&ada.subject).await.unwrap(), Some(ada.clone()));
    assert_eq!(store.account_by_username("bob").await.unwrap(), None);
    assert_eq!(store.account("ada").await.unwrap(), None, "a user name is no subject");
    assert_eq!(store.account(&ada.subject.to_uppercase()).await.unwrap(), None, "subjects are exact");
}

/// A name that differs only in case is taken, and finds the account.
pub async fn a_user_name_is_given_to_one_person_in_whatever_case(store: &dyn ProviderStorage) {
    let ada = account("ada");
    assert!(store.add_account(ada.clone()).await.unwrap());
    for username in ["ada", "Ada", "ADA"] {
        let other = Account { username: username.to_owned(), ..account("other") };
        assert!(!store.add_account(other.clone()).await.unwrap(), "{username}");
        assert_eq!(store.account(&other.subject).await.unwrap(), None);
        assert_eq!(store.account_by_username(username).await.unwrap(), Some(ada.clone()));
    }
}

/// A subject names one person for ever.
pub async fn a_subject_is_given_to_one_person(store: &dyn ProviderStorage) {
    let ada = account("ada");
    assert!(store.add_account(ada.clone()).await.unwrap());
    assert!(!store.add_account(Account { username: "eve".to_owned(), ..ada.clone() }).await.unwrap());
    assert_eq!(store.account_by_username("eve").await.unwrap(), None);
    assert_eq!(store.account(&ada.subject).await.unwrap(), Some(ada));
}

/// Of many that ask for one user name, one gets it.
pub async fn one_of_many_accounts_gets_the_user_name(store: &dyn ProviderStorage) {
    let added = race(|number| {
        let mine = Account { subject: number.to_string(), ..account("ada") };
        block_on(store.add_account(mine)).unwrap()
    });
    let winners: Vec<String> =
        added.iter().enumerate().filter(|(_, won)| **won).map(|(number, _)| number.to_string()).collect();
    assert_eq!(winners.len(), 1);
    assert_eq!(
        winners.first(),
        store.account_by_username("ada").await.unwrap().map(|ada| ada.subject).as_ref()
    );
}

/// The list is complete and in the order of the user names.
pub async fn accounts_are_listed_by_user_name(store: &dyn ProviderStorage) {
    assert_eq!(store.accounts().await.unwrap(), []);
    for username in ["bob", "ada", "carol"] {
        store.add_account(account(username)).await.unwrap();
    }
    assert_eq!(store.accounts().await.unwrap(), [account("ada"), account("bob"), account("carol")]);
}

/// A password change ends all sessions of the person and of nobody else.
pub async fn a_new_password_ends_every_session_of_the_account(store: &dyn ProviderStorage) {
    let (ada, bob) = (account("ada"), account("bob"));
    for account in [&ada, &bob] {
        store.add_account(account.clone()).await.unwrap();
    }
    for (cookie, account) in [("a1", &ada), ("a2", &ada), ("b", &bob)] {
        store.save_session(hash(cookie), login_session(&account.subject), None).await.unwrap();
    }
    assert!(store.set_password_hash(&ada.subject, "$new".to_owned(), after(600)).await.unwrap());
    let changed = Account { password_hash: "$new".to_owned(), ..ada.clone() };
    assert_eq!(store.account(&ada.subject).await.unwrap(), Some(changed.clone()));
    assert_eq!(store.account_by_username("ada").await.unwrap(), Some(changed));
    assert_eq!(store.session(hash("a1")).await.unwrap(), None);
    assert_eq!(store.session(hash("a2")).await.unwrap(), None);
    assert_eq!(store.session(hash("b")).await.unwrap(), Some(login_session(&bob.subject)));
    assert_eq!(store.account(&bob.subject).await.unwrap(), Some(bob));
}

/// Grants of `ada` and `bob`, in a session each, for a while and for good, with a code and tokens.
async fn grants(store: &dyn ProviderStorage) -> Vec<Grant> {
    let mut grants = Vec::new();
    for name in ["ada", "bob"] {
        let account = account(name);
        store.add_account(account.clone()).await.unwrap();
        let session = login_session(&account.subject);
        store.save_session(hash(name), session.clone(), None).await.unwrap();
        for offline in [false, true] {
            let subject = account.subject.clone();
            let id = format!("{name} {offline}");
            let grant = Grant { subject, session_id: session.id.clone(), offline, ..grant(&id) };
            store.save_code(hash(&format!("code {id}")), code(&grant)).await.unwrap();
            store.save_tokens(tokens(&id, &grant)).await.unwrap();
            grants.push(grant);
        }
    }
    grants
}

/// Asserts that of these grants those named are dead, with all that descends from them, and the others are not.
async fn assert_dead(store: &dyn ProviderStorage, grants: &[Grant], dead: &[&str]) {
    for grant in grants {
        let id = &grant.id.0;
        let alive = !dead.contains(&id.as_str());
        assert_eq!(store.code(hash(&format!("code {id}"))).await.unwrap().is_some(), alive, "{id}");
        assert_eq!(store.access_token(hash(&format!("access {id}"))).await.unwrap().is_some(), alive, "{id}");
        assert_eq!(
            store.refresh_token(hash(&format!("refresh {id}"))).await.unwrap().is_some(),
            alive,
            "{id}"
        );
        assert_eq!(store.is_revoked("jti", Some(&grant.id)).await.unwrap(), !alive, "{id}");
    }
}

/// A password change ends all grants of the person, `offline_access` or not, and those of nobody else.
pub async fn a_new_password_ends_every_grant_of_the_account(store: &dyn ProviderStorage) {
    let grants = grants(store).await;
    let ada = account("ada").subject;
    assert!(store.set_password_hash(&ada, "$new".to_owned(), after(600)).await.unwrap());
    assert_dead(store, &grants, &["ada false", "ada true"]).await;
    store.purge(after(599)).await.unwrap();
    assert!(store.is_revoked("jti", Some(&GrantId("ada true".to_owned()))).await.unwrap());
}

/// A lock ends the grants that fall with their session and spares those with `offline_access`; unlocking brings none back.
pub async fn a_locked_account_has_the_grants_of_no_session(store: &dyn ProviderStorage) {
    let grants = grants(store).await;
    let ada = account("ada").subject;
    for disabled in [true, false] {
        assert!(store.set_disabled(&ada, disabled, after(600)).await.unwrap());
        assert_dead(store, &grants, &["ada false"]).await;
    }
    assert!(store.set_disabled(&account("bob").subject, false, after(600)).await.unwrap());
    assert_dead(store, &grants, &["ada false"]).await;
}

/// An authorization that was under way meanwhile leaves a code that buys nothing; after a new password also for
/// `offline_access`.
pub async fn a_code_saved_after_a_new_password_or_a_lock_is_dead(store: &dyn ProviderStorage) {
    for (name, locks) in [("ada", true), ("bob", false)] {
        let account = account(name);
        store.add_account(account.clone()).await.unwrap();
        let session = login_session(&account.subject);
        store.save_session(hash(name), session.clone(), None).await.unwrap();
        let changed = if locks {
            store.set_disabled(&account.subject, true, after(600)).await.unwrap()
        } else {
            store.set_password_hash(&account.subject, "$new".to_owned(), after(600)).await.unwrap()
        };
        assert!(changed);
        for offline in [false, true] {
            let id = format!("{name} {offline}");
            let grant = Grant { session_id: session.id.clone(), offline, ..grant(&id) };
            store.save_code(hash(&id), code(&grant)).await.unwrap();
            assert_eq!(store.code(hash(&id)).await.unwrap().is_some(), locks && offline, "{id}");
        }
    }
}

/// Locking ends all sessions of the person and of nobody else; unlocking brings none back.
pub async fn a_locked_account_has_no_session(store: &dyn ProviderStorage) {
    let (ada, bob) = (account("ada"), account("bob"));
    for (cookie, account) in [("a", &ada), ("b", &bob)] {
        store.add_account(account.clone()).await.unwrap();
        store.save_session(hash(cookie), login_session(&account.subject), None).await.unwrap();
    }
    for disabled in [true, true, false] {
        assert!(store.set_disabled(&ada.subject, disabled, after(600)).await.unwrap());
        let expected = Account { disabled, ..ada.clone() };
        assert_eq!(store.account_by_username("ada").await.unwrap(), Some(expected));
        assert_eq!(store.session(hash("a")).await.unwrap(), None);
    }
    let anew = LoginSession { id: "another".to_owned(), ..login_session(&ada.subject) };
    store.save_session(hash("a"), anew, None).await.unwrap();
    assert!(store.set_disabled(&ada.subject, false, after(600)).await.unwrap());
    assert!(store.session(hash("a")).await.unwrap().is_some(), "unlocking ends nothing");
    assert!(store.session(hash("b")).await.unwrap().is_some());
}

/// Verbs on what is not there say so or do nothing.
pub async fn what_is_not_there_is_not_changed(store: &dyn ProviderStorage) {
    assert!(!store.set_password_hash("nobody", "$new".to_owned(), after(600)).await.unwrap());
    assert!(!store.set_disabled("nobody", true, after(600)).await.unwrap());
    assert_eq!(store.session(hash("none")).await.unwrap(), None);
    assert_eq!(store.end_session(hash("none")).await.unwrap(), None);
    store.forget_consent("nobody", "app").await.unwrap();
    assert!(store.consent("nobody", "app").await.unwrap().is_empty());
}

/// A session is found until it is ended; who ends it gets it.
pub async fn a_session_is_ended_once(store: &dyn ProviderStorage) {
    let session = login_session("ada");
    store.save_session(hash("cookie"), session.clone(), None).await.unwrap();
    assert_eq!(store.session(hash("cookie")).await.unwrap(), Some(session.clone()));
    assert_eq!(store.session(hash("another")).await.unwrap(), None);
    assert_eq!(store.end_session(hash("cookie")).await.unwrap(), Some(session));
    assert_eq!(store.end_session(hash("cookie")).await.unwrap(), None);
    assert_eq!(store.session(hash("cookie")).await.unwrap(), None);
}

/// Of many that end one session, one gets it.
pub async fn one_of_many_ends_wins(store: &dyn ProviderStorage) {
    store.save_session(hash("cookie"), login_session("ada"), None).await.unwrap();
    let ended = race(|_| block_on(store.end_session(hash("cookie"))).unwrap());
    assert_eq!(ended.iter().flatten().count(), 1);
}

/// The replaced session is gone when the new one is there; one that is not there is no obstacle.
pub async fn a_session_replaces_the_one_before(store: &dyn ProviderStorage) {
    let first = login_session("ada");
    let second = LoginSession { auth_time: after(1), ..first.clone() };
    store.save_session(hash("1"), first, Some(hash("never was"))).await.unwrap();
    store.save_session(hash("2"), second.clone(), Some(hash("1"))).await.unwrap();
    assert_eq!(store.session(hash("1")).await.unwrap(), None);
    assert_eq!(store.session(hash("2")).await.unwrap(), Some(second));
}

/// Saving under a cookie that is in use keeps the newer session, also where it says that it replaces itself.
pub async fn a_session_under_the_same_cookie_is_overwritten(store: &dyn ProviderStorage) {
    for (turn, replaces) in [(0, None), (1, None), (2, Some(hash("cookie")))] {
        let session = LoginSession { auth_time: after(turn), ..login_session("ada") };
        store.save_session(hash("cookie"), session.clone(), replaces).await.unwrap();
        assert_eq!(store.session(hash("cookie")).await.unwrap(), Some(session));
    }
}

/// What revokes a session ends it under every cookie, and a login that was under way can't go on in it; the answer says so.
pub async fn a_revoked_session_has_no_cookie_and_gets_none(store: &dyn ProviderStorage) {
    let (ada, bob) = (login_session("ada"), login_session("bob"));
    for (cookie, session) in [("1", &ada), ("2", &ada), ("3", &bob)] {
        assert!(store.save_session(hash(cookie), session.clone(), None).await.unwrap());
    }
    store.revoke_session(&ada.id, after(600)).await.unwrap();
    for cookie in ["1", "2"] {
        assert_eq!(store.session(hash(cookie)).await.unwrap(), None);
    }
    assert!(!store.save_session(hash("4"), ada.clone(), Some(hash("3"))).await.unwrap());
    assert_eq!(store.session(hash("4")).await.unwrap(), None);
    assert_eq!(store.session(hash("3")).await.unwrap(), Some(bob), "no change");
    let anew = LoginSession { id: "another".to_owned(), ..ada };
    assert!(store.save_session(hash("4"), anew.clone(), Some(hash("3"))).await.unwrap());
    assert_eq!(store.session(hash("4")).await.unwrap(), Some(anew));
    assert_eq!(store.session(hash("3")).await.unwrap(), None);
}

/// A purge takes sessions that have expired and leaves the others.
pub async fn sessions_are_purged_at_their_time(store: &dyn ProviderStorage) {
    let long = LoginSession { expires_at: after(DAY), ..login_session("bob") };
    store.save_session(hash("short"), login_session("ada"), None).await.unwrap();
    store.save_session(hash("long"), long.clone(), None).await.unwrap();
    assert_eq!(store.purge(after(HOUR - 1)).await.unwrap(), 0);
    assert!(store.session(hash("short")).await.unwrap().is_some());
    assert_eq!(store.purge(after(HOUR)).await.unwrap(), 1);
    assert_eq!(store.session(hash("short")).await.unwrap(), None);
    assert_eq!(store.session(hash("long")).await.unwrap(), Some(long));
}

/// What a person allowed is the union of their decisions, apart for each person and client.
pub async fn consents_add_up(store: &dyn ProviderStorage) {
    store.remember_consent("ada", "app", &scope("openid email")).await.unwrap();
    store.remember_consent("ada", "app", &scope("email profile")).await.unwrap();
    store.remember_consent("ada", "other", &scope("read")).await.unwrap();
    store.remember_consent("bob", "app", &scope("openid")).await.unwrap();
    assert_eq!(store.consent("ada", "app").await.unwrap(), scope("openid email profile"));
    assert_eq!(store.consent("ada", "other").await.unwrap(), scope("read"));
    assert_eq!(store.consent("bob", "app").await.unwrap(), scope("openid"));
    assert!(store.consent("bob", "other").await.unwrap().is_empty());
}

/// Forgetting takes all of one decision back and nothing of others.
pub async fn a_consent_is_forgotten(store: &dyn ProviderStorage) {
    store.remember_consent("ada", "app", &scope("openid")).await.unwrap();
    store.remember_consent("ada", "other", &scope("openid")).await.unwrap();
    store.forget_consent("ada", "app").await.unwrap();
    assert!(store.consent("ada", "app").await.unwrap().is_empty());
    assert_eq!(store.consent("ada", "other").await.unwrap(), scope("openid"));
}

/// A client that comes under the identifier of a removed one inherits no consent.
pub async fn a_removed_client_has_no_consents(store: &dyn ProviderStorage) {
    for id in ["app", "other"] {
        store.add_client(client(id)).await.unwrap();
        store.remember_consent("ada", id, &scope("openid")).await.unwrap();
    }
    assert!(store.remove_client("app").await.unwrap());
    store.add_client(client("app")).await.unwrap();
    assert!(store.consent("ada", "app").await.unwrap().is_empty());
    assert_eq!(store.consent("ada", "other").await.unwrap(), scope("openid"));
}

/// Decisions that no longer fit into one scope leave the newest, never an error that lasts.
pub async fn a_consent_that_outgrows_a_scope_is_the_newest_alone(store: &dyn ProviderStorage) {
    let many = |prefix: &str| scope(&(0..60).map(|n| format!("{prefix}{n}")).collect::<Vec<_>>().join(" "));
    store.remember_consent("ada", "app", &many("a")).await.unwrap();
    store.remember_consent("ada", "app", &many("b")).await.unwrap();
    assert_eq!(store.consent("ada", "app").await.unwrap(), many("b"));
}
