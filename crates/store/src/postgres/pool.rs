//! The connections: how many, how long anybody waits for one, and what each is told first.

use std::time::Duration;

use authmint_server::storage::StorageError;
use deadpool_postgres::{Hook, HookError, Manager, ManagerConfig, Pool, RecyclingMethod, Runtime};
use tokio_postgres::NoTls;

use super::address::PostgresAddress;
use super::tls;

/// How long a verb waits for a connection.
const WAIT: Duration = Duration::from_secs(5);
/// How long making one may take.
const CREATE: Duration = Duration::from_secs(10);

/// What a session is told, whatever the database or the role has set. An answer must be durable; the order of locks in this
/// store is made for `read committed`; and nothing waits for ever, not even for a node that died in a transaction.
const SESSION: &str = "
    SELECT set_config('synchronous_commit', 'on', false)
    WHERE current_setting('synchronous_commit') NOT IN ('on', 'remote_apply');
    SET default_transaction_isolation = 'read committed';
    SET statement_timeout = '10s';
    SET lock_timeout = '8s';
    SET idle_in_transaction_session_timeout = '20s';
";

/// No connection is made yet.
pub(super) fn make(address: &PostgresAddress) -> Result<Pool, StorageError> {
    let settings = ManagerConfig { recycling_method: RecyclingMethod::Fast };
    let manager = match tls::connector(&address.tls)? {
        Some(connector) => Manager::from_config(address.config.clone(), connector, settings),
        None => Manager::from_config(address.config.clone(), NoTls, settings),
    };
    Pool::builder(manager)
        .max_size(address.pool_size)
        .wait_timeout(Some(WAIT))
        .create_timeout(Some(CREATE))
        .recycle_timeout(Some(WAIT))
        .runtime(Runtime::Tokio1)
        .post_create(Hook::async_fn(|connection, _| {
            Box::pin(async move { connection.batch_execute(SESSION).await.map_err(HookError::Backend) })
        }))
        .build()
        .map_err(StorageError::new)
}
