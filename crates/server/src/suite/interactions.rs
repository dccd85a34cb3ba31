//! The promises of [`InteractionStore`](crate::storage::InteractionStore).

use super::sample::{after, hash, interaction};
use super::{block_on, race};
use crate::storage::{Interaction, Storage};

/// A look does not consume; taking does, and returns what was kept.
pub async fn an_interaction_is_taken_once(store: &dyn Storage) {
    let waiting = interaction();
    store.save_interaction(hash("i"), waiting.clone(), 10).await.unwrap();
    for _ in 0..2 {
        assert_eq!(store.interaction(hash("i")).await.unwrap(), Some(waiting.clone()));
    }
    assert_eq!(store.interaction(hash("other")).await.unwrap(), None);
    assert_eq!(store.take_interaction(hash("other")).await.unwrap(), None);
    assert_eq!(store.take_interaction(hash("i")).await.unwrap(), Some(waiting));
    assert_eq!(store.take_interaction(hash("i")).await.unwrap(), None);
    assert_eq!(store.interaction(hash("i")).await.unwrap(), None);
}

/// Of many that take one interaction, one gets it.
pub async fn one_of_many_takes_wins(store: &dyn Storage) {
    store.save_interaction(hash("i"), interaction(), 10).await.unwrap();
    let taken = race(|_| block_on(store.take_interaction(hash("i"))).unwrap());
    assert_eq!(taken.iter().flatten().count(), 1);
}

/// Saving under an identifier that is taken is an error, and what was there stays.
pub async fn an_identifier_is_not_taken_over(store: &dyn Storage) {
    store.save_interaction(hash("i"), interaction(), 10).await.unwrap();
    let second = Interaction { request: "client_id=another".to_owned(), ..interaction() };
    store.save_interaction(hash("i"), second, 10).await.unwrap_err();
    assert_eq!(store.interaction(hash("i")).await.unwrap(), Some(interaction()));
}

/// Of more than may wait, those that expire first go; what was taken or purged makes room.
pub async fn s47_no_more_interactions_wait_than_may(store: &dyn Storage) {
    let until = |seconds| Interaction { expires_at: after(seconds), ..interaction() };
    for (id, seconds) in [("1", 300), ("2", 100), ("3", 200), ("4", 400), ("5", 50)] {
        store.save_interaction(hash(id), until(seconds), 3).await.unwrap();
    }
    for (id, waits) in [("1", true), ("2", false), ("3", false), ("4", true), ("5", true)] {
        assert_eq!(store.interaction(hash(id)).await.unwrap().is_some(), waits, "{id}");
    }
    store.take_interaction(hash("4")).await.unwrap();
    assert_eq!(store.purge(after(50)).await.unwrap(), 1);
    for id in ["6", "7"] {
        store.save_interaction(hash(id), until(500), 3).await.unwrap();
    }
    for id in ["1", "6", "7"] {
        assert!(store.interaction(hash(id)).await.unwrap().is_some(), "{id}");
    }
}
