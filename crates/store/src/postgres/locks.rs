//! Who waits for whom.
//!
//! PostgreSQL runs transactions side by side, and each sees what was there when its statement began. To look whether a
//! grant was ended and then to save something for it is therefore not safe by itself: the end may come in between, see
//! nothing, and leave alive what is saved a moment later. So whoever saves and whoever ends first take a lock, and only
//! then look, in a statement of its own:
//!
//! | what is locked | shared by who saves | alone by who ends |
//! |---|---|---|
//! | a person | a login session | all of the person's sessions and grants |
//! | a login session | the session, a code in it | the session with its grants |
//! | a grant | (alone, too) the grant itself | the grant |
//!
//! In this order they are taken. What consumes a code or a refresh token, and the end of many grants at once, work on
//! grants that are there, and lock their rows; a row is locked after the locks of the table above.

use authmint_jose::sha256;

use super::attempt::Connection;
use super::failed::Failed;

/// What an advisory lock of PostgreSQL is known by. Two things that share one wait for each other without need.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key(i64);

pub(super) fn person(subject: &str) -> Key {
    key("person", subject)
}

pub(super) fn session(id: &str) -> Key {
    key("session", id)
}

pub(super) fn grant(id: &str) -> Key {
    key("grant", id)
}

pub(super) fn migrations(schema: &str) -> Key {
    key("migrations", schema)
}

fn key(kind: &str, id: &str) -> Key {
    let hash = sha256(format!("authmint {kind} {id}").as_bytes());
    Key(hash.first_chunk().copied().map_or(0, i64::from_be_bytes))
}

/// Waits for the locks one after the other; they are let go at the end of the transaction.
pub(super) async fn exclusive(connection: &Connection, keys: &[Key]) -> Result<(), Failed> {
    let sql = "SELECT pg_advisory_xact_lock(key) FROM unnest($1::bigint[]) AS key";
    take(connection, sql, keys).await
}

/// As [`exclusive`], but together with others who share.
pub(super) async fn shared(connection: &Connection, keys: &[Key]) -> Result<(), Failed> {
    let sql = "SELECT pg_advisory_xact_lock_shared(key) FROM unnest($1::bigint[]) AS key";
    take(connection, sql, keys).await
}

async fn take(connection: &Connection, sql: &str, keys: &[Key]) -> Result<(), Failed> {
    let keys: Vec<i64> = keys.iter().map(|key| key.0).collect();
    connection.rows(sql, &[&keys]).await.map(drop)
}
