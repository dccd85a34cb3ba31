//! The tables and their versions. Several nodes may start at once: one of them changes the tables, the others wait.

use authmint_server::storage::StorageError;
use deadpool_postgres::Pool;

use super::attempt::{Connection, Manner, attempt};
use super::failed::Failed;
use super::locks;
use crate::records::too_new;

/// One script for each version of the tables, in order.
const MIGRATIONS: &[&str] = &[
    include_str!("../../migrations/postgres/0001_begin.sql"),
    include_str!("../../migrations/postgres/0002_whole_server.sql"),
];

/// The version of the tables, 0 when there are none, and the one that this program brings them to.
pub(super) async fn versions(pool: &Pool) -> Result<(u64, u64), StorageError> {
    let found = attempt(pool, Manner::Statement, &version).await.map_err(Failed::into_storage_error)?;
    if usize::try_from(found).is_ok_and(|found| found > MIGRATIONS.len()) {
        return Err(StorageError::new(too_new(found, MIGRATIONS.len())));
    }
    Ok((found, u64::try_from(MIGRATIONS.len()).unwrap_or(u64::MAX)))
}

/// Brings the tables up to date. Where they are, nothing is asked for that needs the right to change tables.
pub(super) async fn migrate(pool: &Pool) -> Result<(), StorageError> {
    let (found, wanted) = versions(pool).await?;
    if found == wanted {
        return Ok(());
    }
    let checked = attempt(pool, Manner::Statement, &can_be_used).await.map_err(Failed::into_storage_error)?;
    if let Err(problem) = checked {
        return Err(StorageError::new(problem));
    }
    attempt(pool, Manner::LongTransaction, &apply).await.map_err(Failed::into_storage_error)?;
    // The others may have been newer.
    versions(pool).await.map(drop)
}

/// Warns of a server that forgets what it has answered.
pub(super) async fn warn_of_forgetting(pool: &Pool) -> Result<(), StorageError> {
    let fsync = attempt(pool, Manner::Statement, &async |connection: &Connection| {
        Ok(connection.one("SHOW fsync", &[]).await?.try_get::<_, String>(0)?)
    });
    if fsync.await.map_err(Failed::into_storage_error)? == "off" {
        tracing::warn!(
            "the database runs with fsync = off: when its machine fails, used codes are unused again"
        );
    }
    Ok(())
}

async fn version(connection: &Connection) -> Result<u64, Failed> {
    // `to_regclass` would be shorter, and may not see what another session made while this one waited for its lock.
    let sql = "SELECT EXISTS (SELECT 1 FROM pg_tables
               WHERE schemaname = ANY (current_schemas(false)) AND tablename = 'authmint_migrations')";
    let there = connection.one(sql, &[]).await?;
    if !there.try_get::<_, bool>(0)? {
        return Ok(0);
    }
    let row = connection.one("SELECT coalesce(max(version), 0) FROM authmint_migrations", &[]).await?;
    u64::try_from(row.try_get::<_, i64>(0)?)
        .map_err(|_| Failed::Strange("the version of the tables is below 0"))
}

async fn can_be_used(connection: &Connection) -> Result<Result<(), &'static str>, Failed> {
    let row = connection
        .one("SELECT current_setting('server_encoding') = 'UTF8', current_schema() IS NOT NULL", &[])
        .await?;
    Ok(if !row.try_get::<_, bool>(0)? {
        Err(
            "the database must be of encoding UTF8: CREATE DATABASE authmint ENCODING 'UTF8' TEMPLATE template0",
        )
    } else if !row.try_get::<_, bool>(1)? {
        Err("the role's search_path names no schema that is there, so tables can't be made")
    } else {
        Ok(())
    })
}

async fn apply(connection: &Connection) -> Result<(), Failed> {
    let schema = connection.one("SELECT current_schema()::text", &[]).await?.try_get::<_, String>(0)?;
    locks::exclusive(connection, &[locks::migrations(&schema)]).await?;
    let done = usize::try_from(version(connection).await?).unwrap_or(usize::MAX);
    if done == 0 {
        let sql = "CREATE TABLE IF NOT EXISTS authmint_migrations (
                       version    BIGINT PRIMARY KEY,
                       applied_at TIMESTAMPTZ NOT NULL DEFAULT now()
                   )";
        connection.script(sql).await?;
    }
    for (number, script) in (1_i64..).zip(MIGRATIONS).skip(done) {
        connection.script(script).await?;
        let sql = "INSERT INTO authmint_migrations (version) VALUES ($1)";
        connection.execute(sql, &[&number]).await?;
    }
    Ok(())
}
