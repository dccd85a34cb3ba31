//! A schema for each test, gone afterwards.

use std::env;
use std::io::Write;
use std::ops::Deref;
use std::sync::Once;
use std::sync::atomic::{AtomicUsize, Ordering};

use authmint_server::suite::block_on;
use authmint_store::{PostgresAddress, PostgresStore};
use tokio_postgres::{NoTls, Row};

/// A schema of the test server.
pub(crate) struct Schema {
    name: String,
    server: String,
}

impl Schema {
    /// A new one; nothing where there is no server. Tests that are not run must not look as if they had passed, so this
    /// goes past what captures their output.
    pub(crate) fn new() -> Option<Self> {
        static SAY: Once = Once::new();
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let Ok(server) = env::var("AUTHMINT_TEST_POSTGRES") else {
            SAY.call_once(|| {
                let text = "\n*** NOT RUN: the tests of PostgreSQL. They need a server:\n\
                            ***   tests/postgres/start cargo test -p authmint-store --all-features\n\n";
                std::io::stderr().write_all(text.as_bytes()).unwrap();
            });
            return None;
        };
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let schema = Self { name: format!("test_{}_{number}", std::process::id()), server };
        let name = &schema.name;
        schema.sql(&format!("DROP SCHEMA IF EXISTS {name} CASCADE; CREATE SCHEMA {name}"));
        Some(schema)
    }

    /// The address of the schema, with further parameters.
    pub(crate) fn address(&self, parameters: &str) -> PostgresAddress {
        format!("{}?options=-csearch_path%3D{}{parameters}", self.server, self.name).parse().unwrap()
    }

    /// A node of its own on the schema.
    pub(crate) fn node(&self) -> PostgresStore {
        block_on(PostgresStore::open(&self.address(""))).unwrap()
    }

    /// Statements beside the store's.
    pub(crate) fn sql(&self, sql: &str) {
        self.client(async |client| client.batch_execute(sql).await.unwrap());
    }

    pub(crate) fn rows(&self, sql: &str) -> Vec<Row> {
        self.client(async |client| client.query(sql, &[]).await.unwrap())
    }

    pub(crate) fn client<T>(&self, work: impl AsyncFnOnce(&tokio_postgres::Client) -> T) -> T {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let (client, connection) = tokio_postgres::connect(&self.server, NoTls).await.unwrap();
            let connection = tokio::spawn(connection);
            client.batch_execute(&format!("SET search_path = {}", self.name)).await.unwrap();
            let done = work(&client).await;
            drop(client);
            connection.await.unwrap().unwrap();
            done
        })
    }
}

impl Drop for Schema {
    fn drop(&mut self) {
        self.sql(&format!("DROP SCHEMA IF EXISTS {} CASCADE", self.name));
    }
}

/// A store on a schema that goes away with it.
pub(crate) struct Alone {
    store: PostgresStore,
    schema: Schema,
}

impl Alone {
    pub(crate) fn new() -> Option<Self> {
        let schema = Schema::new()?;
        Some(Self { store: schema.node(), schema })
    }

    pub(crate) fn schema(&self) -> &Schema {
        &self.schema
    }
}

impl Deref for Alone {
    type Target = PostgresStore;

    fn deref(&self) -> &PostgresStore {
        &self.store
    }
}
