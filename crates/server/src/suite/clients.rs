//! The promises of [`ClientStore`](crate::storage::ClientStore).

use super::sample::{access_token, after, client, client_token, code, grant, hash, tokens};
use super::{block_on, race};
use crate::storage::{Consumed, Grant, IssuedTokens, Storage};

/// What was added is found, every field of it; another identifier finds nothing.
pub async fn a_client_comes_back_as_it_was_added(store: &dyn Storage) {
    let added = client("app");
    assert!(store.add_client(added.clone()).await.unwrap());
    assert_eq!(store.client("app").await.unwrap().as_deref(), Some(&added));
    assert_eq!(store.client("App").await.unwrap(), None, "identifiers are exact");
    assert_eq!(store.client("").await.unwrap(), None);
}

/// The list is complete and in the order of the identifiers.
pub async fn clients_are_listed_by_identifier(store: &dyn Storage) {
    assert_eq!(store.clients().await.unwrap(), []);
    for id in ["b", "a", "C"] {
        assert!(store.add_client(client(id)).await.unwrap());
    }
    let listed: Vec<String> = store.clients().await.unwrap().iter().map(|client| client.id.clone()).collect();
    assert_eq!(listed, ["C", "a", "b"]);
}

/// An identifier that is taken is refused, and the client that has it stays as it was.
pub async fn an_identifier_is_given_to_one_client(store: &dyn Storage) {
    let (first, mut second) = (client("app"), client("app"));
    second.secret_hash = None;
    assert!(store.add_client(first.clone()).await.unwrap());
    assert!(!store.add_client(second).await.unwrap());
    assert_eq!(store.client("app").await.unwrap().as_deref(), Some(&first));
}

/// Of many that add one identifier, one is told that it did, and its client is the one that is kept.
pub async fn one_of_many_adds_wins(store: &dyn Storage) {
    let added = race(|number| {
        let mut mine = client("app");
        mine.audience = vec![number.to_string()];
        block_on(store.add_client(mine)).unwrap()
    });
    let winners: Vec<usize> = (0..added.len()).filter(|number| added.get(*number) == Some(&true)).collect();
    let kept = store.client("app").await.unwrap().unwrap();
    assert_eq!(winners.len(), 1);
    assert_eq!(Some(kept.audience.concat()), winners.first().map(usize::to_string));
}

/// With a client go its codes, its refresh tokens and its access tokens, and they don't come back with its name.
pub async fn a_removed_client_takes_its_codes_and_tokens_along(store: &dyn Storage) {
    let (one, two) = (grant("g1"), grant("g2"));
    store.add_client(client("app")).await.unwrap();
    store.save_code(hash("code"), code(&one)).await.unwrap();
    store.save_tokens(tokens("two", &two)).await.unwrap();
    let own = IssuedTokens { access_token: Some((hash("own"), client_token("app"))), refresh_token: None };
    store.save_tokens(own).await.unwrap();

    assert!(store.remove_client("app").await.unwrap());
    assert!(!store.remove_client("app").await.unwrap(), "it is gone");
    assert_eq!(store.client("app").await.unwrap(), None);
    for again in [false, true] {
        if again {
            assert!(store.add_client(client("app")).await.unwrap());
        }
        assert_eq!(store.code(hash("code")).await.unwrap(), None);
        assert_eq!(store.refresh_token(hash("refresh two")).await.unwrap(), None);
        assert_eq!(store.access_token(hash("access two")).await.unwrap(), None);
        assert_eq!(store.access_token(hash("own")).await.unwrap(), None);
        let redeemed = store.redeem_code(hash("code"), IssuedTokens::default(), after(1)).await.unwrap();
        assert_eq!(redeemed, Consumed::Unknown);
        let rotated =
            store.rotate_refresh_token(hash("refresh two"), IssuedTokens::default(), after(1)).await;
        assert_eq!(rotated.unwrap(), Consumed::Unknown);
    }
}

/// Removing one client leaves the others' codes and tokens alone; removing none leaves all alone.
pub async fn another_client_keeps_its_codes_and_tokens(store: &dyn Storage) {
    let mine = grant("g1");
    let other = Grant { client_id: "other".to_owned(), ..grant("g2") };
    for id in ["app", "other"] {
        store.add_client(client(id)).await.unwrap();
    }
    store.save_tokens(tokens("mine", &mine)).await.unwrap();
    store.save_code(hash("code"), code(&other)).await.unwrap();
    store.save_tokens(tokens("other", &other)).await.unwrap();

    assert!(!store.remove_client("nobody").await.unwrap());
    assert!(store.remove_client("app").await.unwrap());
    assert!(store.client("other").await.unwrap().is_some());
    assert_eq!(store.code(hash("code")).await.unwrap().unwrap().record, code(&other));
    assert_eq!(store.access_token(hash("access other")).await.unwrap(), Some(access_token(&other)));
    assert!(store.refresh_token(hash("refresh other")).await.unwrap().is_some());
}

/// A change is kept; a client that is not there, or came under the identifier of the one that was looked at, stays as it is.
pub async fn a_client_is_replaced_by_its_own_successor_only(store: &dyn Storage) {
    let changed = |created: u64| {
        let mut changed = client("app");
        changed.metadata.client_name = Some("Changed".to_owned());
        changed.created_at = after(created);
        changed
    };
    assert!(!store.replace_client(changed(0)).await.unwrap());
    assert_eq!(store.client("app").await.unwrap(), None);
    store.add_client(client("app")).await.unwrap();
    store.add_client(client("other")).await.unwrap();
    assert!(!store.replace_client(changed(1)).await.unwrap());
    assert_eq!(*store.client("app").await.unwrap().unwrap(), client("app"));
    assert!(store.replace_client(changed(0)).await.unwrap());
    assert_eq!(*store.client("app").await.unwrap().unwrap(), changed(0));
    assert_eq!(*store.client("other").await.unwrap().unwrap(), client("other"));
}
