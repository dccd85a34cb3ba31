//! The tables and their versions.

use std::sync::Barrier;
use std::thread;

use authmint_server::storage::ClientStore;
use authmint_server::suite::block_on;
use authmint_server::suite::sample::client;
use authmint_store::PostgresStore;

use crate::schema::Schema;

#[test]
fn eight_nodes_that_start_at_once_make_the_tables_once() {
    let Some(schema) = Schema::new() else { return };
    let start = Barrier::new(8);
    let nodes: Vec<PostgresStore> = thread::scope(|scope| {
        let starters: Vec<_> = (0..8)
            .map(|_| {
                scope.spawn(|| {
                    start.wait();
                    schema.node()
                })
            })
            .collect();
        starters.into_iter().map(|starter| starter.join().unwrap()).collect()
    });
    assert!(block_on(nodes[0].add_client(client("app"))).unwrap());
    for node in &nodes {
        assert!(block_on(node.client("app")).unwrap().is_some());
    }
    let rows = schema.rows(
        "SELECT count(*), count(DISTINCT version), min(version), max(version) FROM authmint_migrations",
    );
    let [all, distinct, first, last] = [0, 1, 2, 3].map(|column| rows[0].get::<_, i64>(column));
    assert_eq!((all, distinct, first), (last, last, 1));
}

#[test]
fn what_is_due_is_said_and_not_done() {
    let Some(schema) = Schema::new() else { return };
    let (found, wanted) = block_on(PostgresStore::versions(&schema.address(""))).unwrap();
    assert!(found == 0 && wanted >= 1);
    assert!(schema.rows("SELECT 1 FROM pg_tables WHERE schemaname = current_schema()").is_empty());
    drop(schema.node());
    assert_eq!(block_on(PostgresStore::versions(&schema.address(""))).unwrap(), (wanted, wanted));
}

#[test]
fn a_database_of_a_newer_version_is_refused() {
    let Some(schema) = Schema::new() else { return };
    drop(schema.node());
    schema.sql("INSERT INTO authmint_migrations (version) VALUES (99)");
    for error in [
        block_on(PostgresStore::versions(&schema.address(""))).unwrap_err(),
        block_on(PostgresStore::open(&schema.address(""))).unwrap_err(),
    ] {
        assert!(error.to_string().contains("version 99"), "{error}");
    }
}

/// A node needs no right to change tables where nothing is due.
#[test]
fn a_role_that_may_only_read_and_write_rows_can_serve() {
    let Some(schema) = Schema::new() else { return };
    drop(schema.node());
    let name = schema.rows("SELECT current_schema()::text")[0].get::<_, String>(0);
    schema.sql(&format!(
        "DROP ROLE IF EXISTS only_{name}; CREATE ROLE only_{name};
         GRANT USAGE ON SCHEMA {name} TO only_{name};
         GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {name} TO only_{name};"
    ));
    let node = block_on(PostgresStore::open(&schema.address(&format!("%20-crole%3Donly_{name}"))));
    assert!(block_on(node.unwrap().add_client(client("app"))).unwrap());
    schema.sql(&format!("DROP OWNED BY only_{name}; DROP ROLE only_{name}"));
}
