//! The promises of [`TokenStore`](crate::storage::TokenStore) about keeping access tokens.

use super::sample::{access_token, after, client_token, grant, hash, refresh_token, tokens};
use crate::storage::{IssuedTokens, Storage};

/// What was saved is found, every field of it; nothing to save is no error.
pub async fn tokens_come_back_as_they_were_saved(store: &dyn Storage) {
    let mut mine = grant("g");
    mine.offline = true;
    mine.amr = Vec::new();
    let own =
        IssuedTokens { access_token: Some((hash("own"), client_token("service"))), refresh_token: None };
    assert_eq!(store.access_token(hash("own")).await.unwrap(), None);
    store.save_tokens(IssuedTokens::default()).await.unwrap();
    store.save_tokens(own).await.unwrap();
    store.save_tokens(tokens("1", &mine)).await.unwrap();

    assert_eq!(store.access_token(hash("own")).await.unwrap(), Some(client_token("service")));
    assert_eq!(store.access_token(hash("access 1")).await.unwrap(), Some(access_token(&mine)));
    let stored = store.refresh_token(hash("refresh 1")).await.unwrap().unwrap();
    assert_eq!((stored.record, stored.rotated), (refresh_token(&mine), false));
    assert_eq!(
        store.access_token(hash("refresh 1")).await.unwrap(),
        None,
        "a refresh token is no access token"
    );
    assert_eq!(store.refresh_token(hash("access 1")).await.unwrap(), None);
}

/// Ending one access token leaves the others of its grant alone; ending an unknown one is no error.
pub async fn an_access_token_is_ended_alone(store: &dyn Storage) {
    let mine = grant("g");
    store.save_tokens(tokens("1", &mine)).await.unwrap();
    store.save_tokens(tokens("2", &mine)).await.unwrap();
    store.revoke_access_token(hash("access 1")).await.unwrap();
    store.revoke_access_token(hash("access 1")).await.unwrap();
    store.revoke_access_token(hash("unknown")).await.unwrap();
    assert_eq!(store.access_token(hash("access 1")).await.unwrap(), None);
    assert_eq!(store.access_token(hash("access 2")).await.unwrap(), Some(access_token(&mine)));
    assert!(store.refresh_token(hash("refresh 1")).await.unwrap().is_some());
    assert!(!store.is_revoked("jti", Some(&mine.id)).await.unwrap());
}

/// A hash that is taken is an error; neither token of the response is kept, and the old one stays.
pub async fn a_taken_hash_is_refused_and_nothing_of_the_response_is_kept(store: &dyn Storage) {
    let (mine, other) = (grant("g"), grant("other"));
    store.save_tokens(tokens("1", &mine)).await.unwrap();
    let mut issued = tokens("2", &other);
    issued.refresh_token = Some((hash("refresh 1"), refresh_token(&other)));
    store.save_tokens(issued).await.unwrap_err();
    let mut issued = tokens("3", &other);
    issued.access_token = Some((hash("access 1"), access_token(&other)));
    store.save_tokens(issued).await.unwrap_err();

    assert_eq!(store.access_token(hash("access 1")).await.unwrap(), Some(access_token(&mine)));
    assert_eq!(store.refresh_token(hash("refresh 1")).await.unwrap().unwrap().record.grant, mine);
    assert_eq!(store.access_token(hash("access 2")).await.unwrap(), None);
    assert_eq!(store.refresh_token(hash("refresh 3")).await.unwrap(), None);
}

/// A grant can be kept by itself, and ended; tokens that are saved for it afterwards are its own.
pub async fn a_grant_is_kept_without_a_token(store: &dyn Storage) {
    let mine = grant("g");
    assert_eq!(store.grant(&mine.id).await.unwrap(), None);
    store.save_grant(mine.clone()).await.unwrap();
    assert_eq!(store.grant(&mine.id).await.unwrap(), Some(mine.clone()));
    let token = IssuedTokens { access_token: tokens("1", &mine).access_token, refresh_token: None };
    store.save_tokens(token).await.unwrap();
    assert!(store.access_token(hash("access 1")).await.unwrap().is_some());
    store.revoke_grant(&mine.id, after(600)).await.unwrap();
    assert_eq!(store.grant(&mine.id).await.unwrap(), None);
    assert_eq!(store.access_token(hash("access 1")).await.unwrap(), None);
    store.save_grant(mine.clone()).await.unwrap();
    assert_eq!(store.grant(&mine.id).await.unwrap(), None);
}
