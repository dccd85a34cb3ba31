//! The promises of [`CodeStore`](crate::storage::CodeStore) (S27, S43).

use super::sample::{access_token, after, code, grant, hash, refresh_token, tokens};
use super::{block_on, race};
use crate::storage::{Consumed, IssuedTokens, Storage};

/// A look does not consume. A redemption marks the code and keeps both tokens.
pub async fn s27_a_code_is_redeemed_once_with_its_tokens(store: &dyn Storage) {
    let mine = grant("g");
    store.save_code(hash("code"), code(&mine)).await.unwrap();
    for _ in 0..2 {
        let stored = store.code(hash("code")).await.unwrap().unwrap();
        assert_eq!((stored.record, stored.redeemed), (code(&mine), false));
    }
    let redeemed = store.redeem_code(hash("code"), tokens("1", &mine), after(600)).await.unwrap();
    assert_eq!(redeemed, Consumed::Now);
    let stored = store.code(hash("code")).await.unwrap().unwrap();
    assert_eq!((stored.record, stored.redeemed), (code(&mine), true));
    assert_eq!(store.access_token(hash("access 1")).await.unwrap(), Some(access_token(&mine)));
    let stored = store.refresh_token(hash("refresh 1")).await.unwrap().unwrap();
    assert_eq!((stored.record, stored.rotated), (refresh_token(&mine), false));
    assert!(!store.is_revoked("jti", Some(&mine.id)).await.unwrap());
}

/// The second redemption is told so, keeps no token, and has ended the grant when it answers.
pub async fn s27_a_replay_ends_the_grant(store: &dyn Storage) {
    let mine = grant("g");
    store.save_code(hash("code"), code(&mine)).await.unwrap();
    store.redeem_code(hash("code"), tokens("1", &mine), after(600)).await.unwrap();
    let replayed = store.redeem_code(hash("code"), tokens("2", &mine), after(600)).await.unwrap();
    assert_eq!(replayed, Consumed::Before);
    for name in ["1", "2"] {
        assert_eq!(store.access_token(hash(&format!("access {name}"))).await.unwrap(), None);
        assert_eq!(store.refresh_token(hash(&format!("refresh {name}"))).await.unwrap(), None);
    }
    assert_eq!(store.code(hash("code")).await.unwrap(), None);
    assert!(store.is_revoked("jti", Some(&mine.id)).await.unwrap());
    let third = store.redeem_code(hash("code"), tokens("3", &mine), after(600)).await.unwrap();
    assert_eq!(third, Consumed::Unknown);
    assert_eq!(store.access_token(hash("access 3")).await.unwrap(), None);
}

/// Of many redemptions, one consumes the code; one is the replay that ends the grant; no token is left alive.
pub async fn s27_one_of_many_redemptions_wins(store: &dyn Storage) {
    for round in 0..20 {
        let mine = grant(&format!("g{round}"));
        let hash_of_code = hash(&format!("code {round}"));
        store.save_code(hash_of_code, code(&mine)).await.unwrap();
        let outcomes = race(|number| {
            let issued = tokens(&format!("{round} {number}"), &mine);
            block_on(store.redeem_code(hash_of_code, issued, after(600))).unwrap()
        });
        let count = |what| outcomes.iter().filter(|outcome| **outcome == what).count();
        assert_eq!((count(Consumed::Now), count(Consumed::Before)), (1, 1), "{outcomes:?}");
        for number in 0..outcomes.len() {
            assert_eq!(store.access_token(hash(&format!("access {round} {number}"))).await.unwrap(), None);
            assert_eq!(store.refresh_token(hash(&format!("refresh {round} {number}"))).await.unwrap(), None);
        }
    }
}

/// A hash that is taken can't be saved again, so that a used code stays used.
pub async fn s27_a_used_code_is_not_made_new_by_saving_it_again(store: &dyn Storage) {
    let mine = grant("g");
    store.save_code(hash("code"), code(&mine)).await.unwrap();
    store.redeem_code(hash("code"), IssuedTokens::default(), after(600)).await.unwrap();
    store.save_code(hash("code"), code(&mine)).await.unwrap_err();
    store.save_code(hash("code"), code(&grant("another"))).await.unwrap_err();
    let stored = store.code(hash("code")).await.unwrap().unwrap();
    assert_eq!((stored.record, stored.redeemed), (code(&mine), true));
}

/// What was never issued is unknown, and its redemption keeps nothing and ends nothing.
pub async fn an_unknown_code_keeps_no_token(store: &dyn Storage) {
    let mine = grant("g");
    assert_eq!(store.code(hash("code")).await.unwrap(), None);
    let redeemed = store.redeem_code(hash("code"), tokens("1", &mine), after(600)).await.unwrap();
    assert_eq!(redeemed, Consumed::Unknown);
    assert_eq!(store.access_token(hash("access 1")).await.unwrap(), None);
    assert_eq!(store.refresh_token(hash("refresh 1")).await.unwrap(), None);
    assert!(!store.is_revoked("jti", Some(&mine.id)).await.unwrap());
}

/// A grant that was revoked before its code came back: the code is unknown and buys nothing.
pub async fn s27_a_code_of_a_revoked_grant_is_unknown(store: &dyn Storage) {
    let mine = grant("g");
    store.save_code(hash("code"), code(&mine)).await.unwrap();
    store.revoke_grant(&mine.id, after(600)).await.unwrap();
    assert_eq!(store.code(hash("code")).await.unwrap(), None);
    let redeemed = store.redeem_code(hash("code"), tokens("1", &mine), after(600)).await.unwrap();
    assert_eq!(redeemed, Consumed::Unknown);
    assert_eq!(store.access_token(hash("access 1")).await.unwrap(), None);
}

/// Where a token can't be kept, the code is not consumed and the other token is not kept either.
pub async fn s43_a_redemption_that_fails_consumes_nothing(store: &dyn Storage) {
    let (mine, other) = (grant("g"), grant("other"));
    store.save_code(hash("code"), code(&mine)).await.unwrap();
    store.save_tokens(tokens("taken", &other)).await.unwrap();
    let mut issued = tokens("1", &mine);
    issued.refresh_token = Some((hash("refresh taken"), refresh_token(&mine)));
    store.redeem_code(hash("code"), issued, after(600)).await.unwrap_err();

    assert_eq!(store.access_token(hash("access 1")).await.unwrap(), None);
    let taken = store.refresh_token(hash("refresh taken")).await.unwrap().unwrap();
    assert_eq!(taken.record.grant, other);
    assert!(!store.code(hash("code")).await.unwrap().unwrap().redeemed);
    let redeemed = store.redeem_code(hash("code"), tokens("1", &mine), after(600)).await.unwrap();
    assert_eq!(redeemed, Consumed::Now);
}

/// A future that was made and dropped without being polled has no effect.
pub async fn a_future_that_is_not_polled_does_nothing(store: &dyn Storage) {
    let mine = grant("g");
    store.save_code(hash("code"), code(&mine)).await.unwrap();
    drop(store.redeem_code(hash("code"), tokens("1", &mine), after(600)));
    drop(store.revoke_grant(&mine.id, after(600)));
    // A write after it, so that a store with a queue has worked off whatever was put in.
    store.save_code(hash("another"), code(&grant("another"))).await.unwrap();
    assert!(!store.code(hash("code")).await.unwrap().unwrap().redeemed);
    assert_eq!(store.access_token(hash("access 1")).await.unwrap(), None);
}
