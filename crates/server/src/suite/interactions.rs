//! The promises of [`InteractionStore`](crate::storage::InteractionStore).

use super::sample::{hash, interaction};
use super::{block_on, race};
use crate::storage::{Interaction, Storage};

/// A look does not consume; taking does, and returns what was kept.
pub async fn an_interaction_is_taken_once(store: &dyn Storage) {
    let waiting = interaction();
    store.save_interaction(hash("i"), waiting.clone()).await.unwrap();
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
    store.save_interaction(hash("i"), interaction()).await.unwrap();
    let taken = race(|_| block_on(store.take_interaction(hash("i"))).unwrap());
    assert_eq!(taken.iter().flatten().count(), 1);
}

/// Saving under an identifier that is taken is an error, and what was there stays.
pub async fn an_identifier_is_not_taken_over(store: &dyn Storage) {
    store.save_interaction(hash("i"), interaction()).await.unwrap();
    let second = Interaction { request: "client_id=another".to_owned(), ..interaction() };
    store.save_interaction(hash("i"), second).await.unwrap_err();
    assert_eq!(store.interaction(hash("i")).await.unwrap(), Some(interaction()));
}
