//! The promises of [`TokenStore`](crate::storage::TokenStore) about rotation (S36, S43).

use super::sample::{access_token, after, grant, hash, refresh_token, tokens};
use super::{block_on, race};
use crate::storage::{Consumed, Storage};

/// A look does not consume. A rotation marks the token and keeps its successors, as often as there is one.
pub async fn s36_a_rotation_keeps_its_successors(store: &dyn Storage) {
    let mine = grant("g");
    store.save_tokens(tokens("0", &mine)).await.unwrap();
    for (old, new) in [("0", "1"), ("1", "2"), ("2", "3")] {
        let old = hash(&format!("refresh {old}"));
        for _ in 0..2 {
            assert!(!store.refresh_token(old).await.unwrap().unwrap().rotated);
        }
        let rotated = store.rotate_refresh_token(old, tokens(new, &mine), after(600)).await.unwrap();
        assert_eq!(rotated, Consumed::Now);
        let stored = store.refresh_token(old).await.unwrap().unwrap();
        assert_eq!((stored.record, stored.rotated), (refresh_token(&mine), true));
        let access = store.access_token(hash(&format!("access {new}"))).await.unwrap();
        assert_eq!(access, Some(access_token(&mine)));
    }
    let stored = store.refresh_token(hash("refresh 3")).await.unwrap().unwrap();
    assert_eq!((stored.record, stored.rotated), (refresh_token(&mine), false));
    assert!(store.access_token(hash("access 0")).await.unwrap().is_some(), "access tokens run on");
}

/// A token that was exchanged before ends its grant, whichever generation it is of.
pub async fn s36_reuse_ends_the_grant(store: &dyn Storage) {
    let mine = grant("g");
    store.save_tokens(tokens("0", &mine)).await.unwrap();
    for (old, new) in [("refresh 0", "1"), ("refresh 1", "2")] {
        store.rotate_refresh_token(hash(old), tokens(new, &mine), after(600)).await.unwrap();
    }
    let reused =
        store.rotate_refresh_token(hash("refresh 0"), tokens("thief", &mine), after(600)).await.unwrap();
    assert_eq!(reused, Consumed::Before);
    for name in ["0", "1", "2", "thief"] {
        assert_eq!(store.access_token(hash(&format!("access {name}"))).await.unwrap(), None, "{name}");
        assert_eq!(store.refresh_token(hash(&format!("refresh {name}"))).await.unwrap(), None, "{name}");
    }
    assert!(store.is_revoked("jti", Some(&mine.id)).await.unwrap());
    let newest = store.rotate_refresh_token(hash("refresh 2"), tokens("3", &mine), after(600)).await.unwrap();
    assert_eq!(newest, Consumed::Unknown);
    assert_eq!(store.access_token(hash("access 3")).await.unwrap(), None);
}

/// Of many rotations of one token, one wins; one is the reuse that ends the grant; no token is left alive.
pub async fn s36_one_of_many_rotations_wins(store: &dyn Storage) {
    for round in 0..20 {
        let mine = grant(&format!("g{round}"));
        let old = hash(&format!("refresh {round}"));
        store.save_tokens(tokens(&round.to_string(), &mine)).await.unwrap();
        let outcomes = race(|number| {
            let successors = tokens(&format!("{round} {number}"), &mine);
            block_on(store.rotate_refresh_token(old, successors, after(600))).unwrap()
        });
        let count = |what| outcomes.iter().filter(|outcome| **outcome == what).count();
        assert_eq!((count(Consumed::Now), count(Consumed::Before)), (1, 1), "{outcomes:?}");
        for number in 0..outcomes.len() {
            assert_eq!(store.access_token(hash(&format!("access {round} {number}"))).await.unwrap(), None);
            assert_eq!(store.refresh_token(hash(&format!("refresh {round} {number}"))).await.unwrap(), None);
        }
    }
}

/// A token that is not known, or whose grant was revoked, buys nothing and ends nothing.
pub async fn s36_a_token_of_a_revoked_grant_is_unknown(store: &dyn Storage) {
    let (mine, other) = (grant("g"), grant("other"));
    store.save_tokens(tokens("0", &mine)).await.unwrap();
    store.revoke_grant(&mine.id, after(600)).await.unwrap();
    assert_eq!(store.refresh_token(hash("refresh 0")).await.unwrap(), None);
    for (token, grant) in [("refresh 0", &mine), ("never issued", &other)] {
        let rotated = store.rotate_refresh_token(hash(token), tokens("1", grant), after(600)).await.unwrap();
        assert_eq!(rotated, Consumed::Unknown);
        assert_eq!(store.access_token(hash("access 1")).await.unwrap(), None);
        assert_eq!(store.refresh_token(hash("refresh 1")).await.unwrap(), None);
    }
    assert!(!store.is_revoked("jti", Some(&other.id)).await.unwrap());
}

/// Where a successor can't be kept, the token is not consumed and the other successor is not kept either.
pub async fn s43_a_rotation_that_fails_consumes_nothing(store: &dyn Storage) {
    let (mine, other) = (grant("g"), grant("other"));
    store.save_tokens(tokens("0", &mine)).await.unwrap();
    store.save_tokens(tokens("taken", &other)).await.unwrap();
    let mut successors = tokens("1", &mine);
    successors.refresh_token = Some((hash("refresh taken"), refresh_token(&mine)));
    store.rotate_refresh_token(hash("refresh 0"), successors, after(600)).await.unwrap_err();

    assert_eq!(store.access_token(hash("access 1")).await.unwrap(), None);
    assert!(!store.refresh_token(hash("refresh 0")).await.unwrap().unwrap().rotated);
    let rotated =
        store.rotate_refresh_token(hash("refresh 0"), tokens("1", &mine), after(600)).await.unwrap();
    assert_eq!(rotated, Consumed::Now);
}
