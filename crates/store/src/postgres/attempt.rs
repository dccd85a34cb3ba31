//! One verb at the database: with a connection, within its time, alone or in a transaction, and again when it gave way to
//! another one.

use std::cell::Cell;
use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

use deadpool_postgres::{Object, Pool};
use tokio::time::{sleep, timeout};
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use super::driver::{QUEUE, TOO_MANY};
use super::failed::Failed;

/// How often a transaction that gave way is tried.
const TRIES: u32 = 8;

/// How a verb is carried out.
#[derive(Clone, Copy, Debug)]
pub(super) enum Manner {
    /// One statement, which is a transaction by itself; or statements that only read.
    Statement,
    /// Several statements that take effect together.
    Transaction,
    /// The same, for what an operator asks for: it may take long.
    LongTransaction,
}

impl Manner {
    /// The server gives up at [`pool::STATEMENT`](super::pool::STATEMENT) for each statement; this is for a server or a
    /// network that says nothing at all.
    fn patience(self) -> Duration {
        match self {
            Self::Statement | Self::Transaction => Duration::from_secs(20),
            Self::LongTransaction => Duration::from_secs(15 * 60),
        }
    }

    fn begin(self) -> Option<&'static str> {
        match self {
            Self::Statement => None,
            Self::Transaction => Some("BEGIN"),
            Self::LongTransaction => Some("BEGIN; SET LOCAL statement_timeout = '10min'"),
        }
    }
}

/// A connection that carries out one verb.
pub(super) struct Connection {
    object: Object,
    /// A statement failed, so that the transaction is dead: its COMMIT would undo it without an error.
    failed: Cell<bool>,
}

type Parameters<'a> = &'a [&'a (dyn ToSql + Sync)];

impl Connection {
    /// How many rows the statement changed.
    pub(super) async fn execute(&self, sql: &str, parameters: Parameters<'_>) -> Result<u64, Failed> {
        self.watch(async {
            let statement = self.object.prepare_cached(sql).await?;
            self.object.execute(&statement, parameters).await
        })
        .await
    }

    pub(super) async fn rows(&self, sql: &str, parameters: Parameters<'_>) -> Result<Vec<Row>, Failed> {
        self.watch(async {
            let statement = self.object.prepare_cached(sql).await?;
            self.object.query(&statement, parameters).await
        })
        .await
    }

    pub(super) async fn row(&self, sql: &str, parameters: Parameters<'_>) -> Result<Option<Row>, Failed> {
        Ok(self.rows(sql, parameters).await?.into_iter().next())
    }

    /// The row of a statement that always has one.
    pub(super) async fn one(&self, sql: &str, parameters: Parameters<'_>) -> Result<Row, Failed> {
        self.row(sql, parameters).await?.ok_or(Failed::Strange("a row is missing"))
    }

    /// Statements without parameters, one after the other.
    pub(super) async fn script(&self, sql: &str) -> Result<(), Failed> {
        self.watch(self.object.batch_execute(sql)).await
    }

    async fn watch<T>(
        &self,
        statement: impl Future<Output = Result<T, tokio_postgres::Error>>,
    ) -> Result<T, Failed> {
        let done = statement.await;
        self.failed.set(self.failed.get() || done.is_err());
        Ok(done?)
    }

    /// Closes the connection: it is not known what it would say next.
    fn give_up(self) {
        drop(Object::take(self.object));
    }
}

/// Carries a verb out. `work` is called again when the database undid it for another transaction's sake.
pub(super) async fn attempt<T>(
    pool: &Pool,
    manner: Manner,
    work: &impl AsyncFn(&Connection) -> Result<T, Failed>,
) -> Result<T, Failed> {
    let mut tries = 1;
    loop {
        match once(pool, manner, work).await {
            Err(error) if error.gave_way() && tries < TRIES => {
                sleep(pause(tries)).await;
                tries = tries.saturating_add(1);
            }
            done => return done,
        }
    }
}

/// Longer each time, and not the same for everybody: those who met once should not meet again.
fn pause(tries: u32) -> Duration {
    let chance = RandomState::new().hash_one(tries).checked_rem(20).unwrap_or_default();
    Duration::from_millis(chance.saturating_mul(tries.into()))
}

async fn once<T>(
    pool: &Pool,
    manner: Manner,
    work: &impl AsyncFn(&Connection) -> Result<T, Failed>,
) -> Result<T, Failed> {
    if pool.status().waiting >= QUEUE {
        return Err(Failed::Strange(TOO_MANY));
    }
    let object = pool.get().await.map_err(Failed::Connect)?;
    let connection = Connection { object, failed: Cell::new(false) };
    let Ok((done, is_clean)) = timeout(manner.patience(), carry_out(&connection, manner, work)).await else {
        connection.give_up();
        return Err(Failed::Late);
    };
    if !is_clean {
        connection.give_up();
    }
    done
}

/// What came of it, and whether the connection can be used again.
async fn carry_out<T>(
    connection: &Connection,
    manner: Manner,
    work: &impl AsyncFn(&Connection) -> Result<T, Failed>,
) -> (Result<T, Failed>, bool) {
    let Some(begin) = manner.begin() else {
        let done = work(connection).await;
        let is_clean = !connection.object.is_closed();
        return (done, is_clean);
    };
    if let Err(error) = connection.script(begin).await {
        return (Err(error), false);
    }
    let done = match work(connection).await {
        Ok(_) if connection.failed.get() => Err(Failed::Strange("a transaction was undone")),
        done => done,
    };
    match done {
        Ok(value) => match connection.script("COMMIT").await {
            Ok(()) => (Ok(value), true),
            // Whether it was kept is not known, and the caller is told so.
            Err(error) => (Err(error), false),
        },
        Err(error) => {
            let is_undone = connection.script("ROLLBACK").await.is_ok();
            (Err(error), is_undone)
        }
    }
}
