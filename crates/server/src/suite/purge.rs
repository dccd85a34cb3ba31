//! The promises of [`Storage::purge`] (S27, S36: what it must not forget).

use super::sample::{DAY, HOUR, after, client, client_token, code, grant, hash, interaction, key, tokens};
use crate::storage::{Consumed, IssuedTokens, Storage};

/// An empty store, and one in which everything is good: nothing goes.
pub async fn nothing_expired_nothing_purged(store: &dyn Storage) {
    assert_eq!(store.purge(after(0)).await.unwrap(), 0);
    let mine = grant("g");
    store.add_client(client("app")).await.unwrap();
    store.save_code(hash("code"), code(&mine)).await.unwrap();
    store.save_tokens(tokens("1", &mine)).await.unwrap();
    store.save_interaction(hash("i"), interaction(), 10).await.unwrap();
    store.use_once(hash("jti"), after(HOUR)).await.unwrap();
    assert_eq!(store.purge(after(0)).await.unwrap(), 0);
    assert!(store.code(hash("code")).await.unwrap().is_some());
    assert!(store.access_token(hash("access 1")).await.unwrap().is_some());
    assert!(store.refresh_token(hash("refresh 1")).await.unwrap().is_some());
    assert!(store.interaction(hash("i")).await.unwrap().is_some());
}

/// What expired is gone and counted; clients and keys have no such time; a second purge finds nothing.
pub async fn what_expired_goes(store: &dyn Storage) {
    let mine = grant("g");
    let (version, _) = store.keys().await.unwrap();
    store.add_client(client("app")).await.unwrap();
    store.replace_keys(version, vec![key("k")]).await.unwrap();
    store.save_code(hash("code"), code(&mine)).await.unwrap();
    store.save_tokens(tokens("1", &mine)).await.unwrap();
    store.save_interaction(hash("i"), interaction(), 10).await.unwrap();
    store.use_once(hash("jti"), after(HOUR)).await.unwrap();
    store.revoke_jwt("jti", after(HOUR)).await.unwrap();

    let gone = store.purge(after(2 * DAY)).await.unwrap();
    assert!(gone >= 6, "a code, two tokens, an interaction, an identifier, a revocation: {gone}");
    assert_eq!(store.code(hash("code")).await.unwrap(), None);
    assert_eq!(store.access_token(hash("access 1")).await.unwrap(), None);
    assert_eq!(store.refresh_token(hash("refresh 1")).await.unwrap(), None);
    assert_eq!(store.interaction(hash("i")).await.unwrap(), None);
    assert!(!store.is_revoked("jti", None).await.unwrap());
    assert!(store.use_once(hash("jti"), after(3 * DAY)).await.unwrap());
    assert!(store.client("app").await.unwrap().is_some());
    assert_eq!(store.keys().await.unwrap().1.len(), 1);
    assert_eq!(store.purge(after(2 * DAY)).await.unwrap(), 0);
}

/// A record is good before its `expires_at` and expired at it.
pub async fn a_record_goes_at_its_time_and_not_before(store: &dyn Storage) {
    store.save_interaction(hash("i"), interaction(), 10).await.unwrap();
    let own = IssuedTokens { access_token: Some((hash("own"), client_token("app"))), refresh_token: None };
    store.save_tokens(own).await.unwrap();
    assert_eq!(store.purge(after(HOUR - 1)).await.unwrap(), 0);
    assert!(store.interaction(hash("i")).await.unwrap().is_some());
    assert!(store.access_token(hash("own")).await.unwrap().is_some());
    assert_eq!(store.purge(after(HOUR)).await.unwrap(), 2);
    assert_eq!(store.interaction(hash("i")).await.unwrap(), None);
    assert_eq!(store.access_token(hash("own")).await.unwrap(), None);
}

/// Long after a code expired, its second use still ends the grant; when the grant has expired, it goes.
pub async fn s27_a_redeemed_code_stays_while_its_grant_may_live(store: &dyn Storage) {
    let mine = grant("g");
    let mut issued = tokens("1", &mine);
    if let Some((_, record)) = &mut issued.refresh_token {
        record.expires_at = after(DAY);
    }
    store.save_code(hash("code"), code(&mine)).await.unwrap();
    store.save_code(hash("unused"), code(&grant("unused"))).await.unwrap();
    store.redeem_code(hash("code"), issued, after(600)).await.unwrap();
    store.purge(after(DAY - 1)).await.unwrap();
    assert_eq!(store.code(hash("unused")).await.unwrap(), None);
    assert!(store.refresh_token(hash("refresh 1")).await.unwrap().is_some());
    let replayed = store.redeem_code(hash("code"), IssuedTokens::default(), after(DAY + 600)).await.unwrap();
    assert_eq!(replayed, Consumed::Before);
    assert_eq!(store.refresh_token(hash("refresh 1")).await.unwrap(), None);

    let other = grant("other");
    store.save_code(hash("other"), code(&other)).await.unwrap();
    store.redeem_code(hash("other"), IssuedTokens::default(), after(600)).await.unwrap();
    store.purge(after(DAY)).await.unwrap();
    assert_eq!(store.code(hash("other")).await.unwrap(), None);
}

/// Long after a rotated token expired, its reuse still ends the grant; when the grant has expired, it goes.
pub async fn s36_a_rotated_token_stays_while_its_grant_may_live(store: &dyn Storage) {
    let mine = grant("g");
    let mut successors = tokens("1", &mine);
    if let Some((_, record)) = &mut successors.refresh_token {
        record.expires_at = after(DAY);
    }
    store.save_tokens(tokens("0", &mine)).await.unwrap();
    store.rotate_refresh_token(hash("refresh 0"), successors, after(600)).await.unwrap();
    store.purge(after(DAY - 1)).await.unwrap();
    assert!(store.refresh_token(hash("refresh 0")).await.unwrap().unwrap().rotated);
    let reused =
        store.rotate_refresh_token(hash("refresh 0"), IssuedTokens::default(), after(DAY + 600)).await;
    assert_eq!(reused.unwrap(), Consumed::Before);
    assert_eq!(store.refresh_token(hash("refresh 1")).await.unwrap(), None);
    assert!(store.is_revoked("jti", Some(&mine.id)).await.unwrap());

    let other = grant("other");
    store.save_tokens(tokens("2", &other)).await.unwrap();
    store.rotate_refresh_token(hash("refresh 2"), IssuedTokens::default(), after(600)).await.unwrap();
    store.purge(after(DAY)).await.unwrap();
    assert_eq!(store.refresh_token(hash("refresh 2")).await.unwrap(), None);
}

/// A revocation is forgotten at its time; codes and tokens that it hid and that have not expired stay hidden.
pub async fn s36_what_was_revoked_does_not_come_back(store: &dyn Storage) {
    let mine = grant("g");
    store.save_code(hash("code"), code(&mine)).await.unwrap();
    store.save_tokens(tokens("1", &mine)).await.unwrap();
    store.revoke_grant(&mine.id, after(600)).await.unwrap();
    store.save_tokens(tokens("late", &mine)).await.unwrap();
    for seconds in [1, 600, 601, 602] {
        store.purge(after(seconds)).await.unwrap();
        assert_eq!(store.code(hash("code")).await.unwrap(), None);
        for name in ["1", "late"] {
            assert_eq!(store.access_token(hash(&format!("access {name}"))).await.unwrap(), None, "{seconds}");
            assert_eq!(
                store.refresh_token(hash(&format!("refresh {name}"))).await.unwrap(),
                None,
                "{seconds}"
            );
        }
        let redeemed = store.redeem_code(hash("code"), tokens("2", &mine), after(600)).await.unwrap();
        assert_eq!(redeemed, Consumed::Unknown);
    }
}

/// More records than any sensible batch go in one call, and all of them.
pub async fn many_records_are_purged(store: &dyn Storage) {
    const MANY: u64 = 2500;
    for number in 0..MANY {
        let mut record = client_token("app");
        record.expires_at = after(number % 7);
        let own =
            IssuedTokens { access_token: Some((hash(&number.to_string()), record)), refresh_token: None };
        store.save_tokens(own).await.unwrap();
    }
    assert_eq!(store.purge(after(HOUR)).await.unwrap(), MANY);
    for number in [0, 1, MANY - 1] {
        assert_eq!(store.access_token(hash(&number.to_string())).await.unwrap(), None);
    }
}
