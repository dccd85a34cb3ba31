//! The promises of [`KeyStore`](crate::storage::KeyStore).

use super::sample::{after, key};
use super::{block_on, race};
use crate::storage::{KeysVersion, Storage};

/// A new store has no keys, and looking does not change the version.
pub async fn the_list_of_keys_is_empty_at_first(store: &dyn Storage) {
    let (version, keys) = store.keys().await.unwrap();
    assert_eq!(keys, []);
    assert_eq!(store.keys().await.unwrap().0, version);
}

/// A list is replaced as a whole, in its order, by who knows the version; who is late changes nothing.
pub async fn a_list_of_keys_is_replaced_at_its_version_only(store: &dyn Storage) {
    let (first, _) = store.keys().await.unwrap();
    let mut old = key("old");
    old.published_until = Some(after(600));
    let list = vec![key("b"), key("a"), old];
    assert!(store.replace_keys(first, list.clone()).await.unwrap());
    let (second, keys) = store.keys().await.unwrap();
    assert_ne!(first, second);
    assert_eq!(keys, list);

    assert!(!store.replace_keys(first, vec![key("late")]).await.unwrap());
    assert!(!store.replace_keys(KeysVersion(u64::MAX), Vec::new()).await.unwrap());
    assert_eq!(store.keys().await.unwrap(), (second, list));
    assert!(store.replace_keys(second, Vec::new()).await.unwrap());
    let (third, keys) = store.keys().await.unwrap();
    assert_eq!(keys, []);
    assert!(third != first && third != second, "a version never comes back");
}

/// Of many that replace the same version, one does, and its list is the one that is kept.
pub async fn one_of_many_replacements_wins(store: &dyn Storage) {
    let (version, _) = store.keys().await.unwrap();
    let replaced =
        race(|number| block_on(store.replace_keys(version, vec![key(&number.to_string())])).unwrap());
    let winners: Vec<String> =
        replaced.iter().enumerate().filter(|(_, won)| **won).map(|(number, _)| number.to_string()).collect();
    let kept: Vec<String> = store.keys().await.unwrap().1.into_iter().map(|key| key.kid).collect();
    assert_eq!(winners.len(), 1);
    assert_eq!(kept, winners);
}
