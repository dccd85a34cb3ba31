//! The promises of [`PushedRequestStore`](crate::storage::PushedRequestStore) (S31, S44).

use super::sample::{after, hash, pushed_request};
use super::{block_on, race};
use crate::storage::{PushedRequest, Storage};

/// A look does not consume; taking does, and returns what was kept. An identifier that is taken is not taken over.
pub async fn s44_a_pushed_request_is_taken_once(store: &dyn Storage) {
    store.save_pushed_request(hash("r"), pushed_request(), 10).await.unwrap();
    let second = PushedRequest { client_id: "another".to_owned(), ..pushed_request() };
    store.save_pushed_request(hash("r"), second, 10).await.unwrap_err();
    assert_eq!(store.pushed_request(hash("r")).await.unwrap(), Some(pushed_request()));
    assert_eq!(store.take_pushed_request(hash("other")).await.unwrap(), None);
    assert_eq!(store.take_pushed_request(hash("r")).await.unwrap(), Some(pushed_request()));
    assert_eq!(store.take_pushed_request(hash("r")).await.unwrap(), None);
    assert_eq!(store.pushed_request(hash("r")).await.unwrap(), None);
}

/// Of many that take one request, one gets it.
pub async fn s44_one_of_many_takes_wins(store: &dyn Storage) {
    store.save_pushed_request(hash("r"), pushed_request(), 10).await.unwrap();
    let taken = race(|_| block_on(store.take_pushed_request(hash("r"))).unwrap());
    assert_eq!(taken.iter().flatten().count(), 1);
}

/// Of more than may wait, those that expire first go, never the new one; what expired is purged.
pub async fn s47_no_more_pushed_requests_wait_than_may(store: &dyn Storage) {
    for (id, seconds) in [("1", 300), ("2", 100), ("3", 200), ("4", 50)] {
        let request = PushedRequest { expires_at: after(seconds), ..pushed_request() };
        store.save_pushed_request(hash(id), request, 2).await.unwrap();
    }
    for (id, waits) in [("1", true), ("2", false), ("3", false), ("4", true)] {
        assert_eq!(store.pushed_request(hash(id)).await.unwrap().is_some(), waits, "{id}");
    }
    assert_eq!(store.purge(after(300)).await.unwrap(), 2);
    assert_eq!(store.pushed_request(hash("1")).await.unwrap(), None);
}
