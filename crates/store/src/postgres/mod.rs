//! The store on a PostgreSQL database, which any number of nodes share.
//!
//! | file | what |
//! |---|---|
//! | `address`, `tls` | the URL, and what the connection must prove |
//! | `driver` | the thread that speaks to the database |
//! | `pool` | its connections, and what each is told first |
//! | `attempt` | one verb: its time, its transaction, its next try |
//! | `gather` | what many ask at once, in one statement |
//! | `locks` | who waits for whom |
//! | `migrate` | the tables and their versions |
//! | `columns`, `failed` | values in columns, errors |
//! | `grants`, `consume`, `waiting` | what codes, devices, tokens and requests have in common |
//! | `clients`, `interactions`, `pushed`, `codes`, `devices`, `tokens`, `replay`, `keys`, `accounts`, `sessions`, `consents` | the traits |
//! | `purge` | removing what has expired, in small steps |

mod accounts;
mod address;
mod attempt;
mod clients;
mod codes;
mod columns;
mod consents;
mod consume;
mod devices;
mod driver;
mod failed;
mod gather;
mod grants;
mod interactions;
mod keys;
mod locks;
mod migrate;
mod pool;
mod purge;
mod pushed;
mod replay;
mod sessions;
mod tls;
mod tokens;
mod waiting;

use std::fmt;
use std::sync::Arc;

use authmint_server::storage::{AccessTokenRecord, Answer, Client, Interaction, StorageError, TokenHash};
use deadpool_postgres::Pool;

pub use address::PostgresAddress;
use attempt::{Connection, Manner, attempt};
use driver::Driver;
use failed::Failed;
use gather::Gather;
use tokens::OwnToken;

/// A store on a PostgreSQL database. Every answer is durable (`synchronous_commit`), whatever the database has set.
///
/// Any number of processes on any number of machines may have it open. Each speaks to the database from a thread of its own;
/// the futures can be polled on any runtime, or none.
pub struct PostgresStore {
    // What gathers lets the thread end, so it is dropped before it.
    clients: Gather<String, Option<Arc<Client>>>,
    own_tokens: Gather<OwnToken, ()>,
    access_tokens: Gather<TokenHash, Option<AccessTokenRecord>>,
    new_interactions: Gather<interactions::New, ()>,
    taken_interactions: Gather<TokenHash, Option<Interaction>>,
    pool: Pool,
    driver: Driver,
}

impl PostgresStore {
    /// Connects, and brings the tables up to date. Several may do so at once.
    ///
    /// # Errors
    /// When the database can't be reached, or was changed by a newer version.
    pub async fn open(address: &PostgresAddress) -> Result<Self, StorageError> {
        let (pool, driver) = start(address)?;
        let migrated = pool.clone();
        driver
            .run(move || async move {
                migrate::migrate(&migrated).await?;
                migrate::warn_of_forgetting(&migrated).await
            })
            .await?;
        Ok(Self {
            clients: Gather::start(&driver, &pool, Manner::Statement, clients::find)?,
            own_tokens: Gather::start(&driver, &pool, Manner::Statement, tokens::save_own)?,
            access_tokens: Gather::start(&driver, &pool, Manner::Statement, tokens::find)?,
            new_interactions: Gather::start(&driver, &pool, Manner::Transaction, interactions::save)?,
            taken_interactions: Gather::start(&driver, &pool, Manner::Statement, interactions::take)?,
            pool,
            driver,
        })
    }

    /// What [`open`](Self::open) would do: the version of the tables, 0 where there are none, and the one it would bring
    /// them to. Changes nothing.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub async fn versions(address: &PostgresAddress) -> Result<(u64, u64), StorageError> {
        let (pool, driver) = start(address)?;
        driver.run(move || async move { migrate::versions(&pool).await }).await
    }

    /// Carries a verb out on the store's thread.
    fn run<T: Send + 'static>(
        &self,
        manner: Manner,
        work: impl AsyncFn(&Connection) -> Result<T, Failed> + Send + 'static,
    ) -> Answer<'_, T> {
        Box::pin(async move {
            let pool = self.pool.clone();
            let work = move || async move {
                attempt(&pool, manner, &work).await.map_err(Failed::into_storage_error)
            };
            self.driver.run(work).await
        })
    }
}

fn start(address: &PostgresAddress) -> Result<(Pool, Driver), StorageError> {
    let pool = pool::make(address)?;
    let closing = pool.clone();
    Ok((pool, Driver::start(move || closing.close())?))
}

impl fmt::Debug for PostgresStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PostgresStore")
    }
}
