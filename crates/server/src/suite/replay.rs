//! The promises of [`ReplayStore`](crate::storage::ReplayStore) (S44).

use super::sample::{after, hash};
use super::{block_on, race};
use crate::storage::Storage;

/// The first use is told so; every later one is refused.
pub async fn s44_an_identifier_is_used_once(store: &dyn Storage) {
    assert!(store.use_once(hash("a"), after(600)).await.unwrap());
    assert!(!store.use_once(hash("a"), after(600)).await.unwrap());
    assert!(!store.use_once(hash("a"), after(601)).await.unwrap());
    assert!(store.use_once(hash("b"), after(600)).await.unwrap());
}

/// Of many uses of one identifier, one is the first.
pub async fn s44_one_of_many_uses_wins(store: &dyn Storage) {
    for round in 0..20 {
        let identifier = hash(&round.to_string());
        let used = race(|_| block_on(store.use_once(identifier, after(600))).unwrap());
        assert_eq!(used.iter().filter(|first| **first).count(), 1);
        assert!(!store.use_once(identifier, after(600)).await.unwrap());
    }
}

/// A purge before the latest `until` forgets no use, however often the identifier came back.
pub async fn s44_a_use_is_remembered_until_its_latest_time(store: &dyn Storage) {
    for (name, untils) in [("once", vec![600]), ("later", vec![100, 600]), ("sooner", vec![600, 100])] {
        for (turn, until) in untils.into_iter().enumerate() {
            assert_eq!(store.use_once(hash(name), after(until)).await.unwrap(), turn == 0);
        }
    }
    store.purge(after(599)).await.unwrap();
    for name in ["once", "later", "sooner"] {
        assert!(!store.use_once(hash(name), after(600)).await.unwrap(), "{name}");
    }
}
