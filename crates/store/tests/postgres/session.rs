//! What each connection is told, and what happens when the database is ill.

use std::net::TcpListener;
use std::thread;
use std::time::{Duration, Instant};

use authmint_server::storage::IssuedTokens;
use authmint_server::storage::{ClientStore, KeyStore, ReplayStore, TokenStore};
use authmint_server::suite::block_on;
use authmint_server::suite::sample::{after, client, client_token, hash};
use authmint_store::{PostgresAddress, PostgresStore};

use crate::schema::{Alone, Schema};

/// A role or a database may have turned durability off; the store's sessions turn it on again.
#[test]
fn s43_an_answer_is_durable_whatever_the_database_has_set() {
    let Some(schema) = Schema::new() else { return };
    for setting in ["off", "local", "remote_write", "on", "remote_apply"] {
        let parameter =
            format!("%20-csynchronous_commit%3D{setting}%20-cdefault_transaction_isolation%3Dserializable");
        let store = block_on(PostgresStore::open(&schema.address(&parameter))).unwrap();
        // A trigger writes down what holds where a verb takes effect.
        schema.sql(
            "CREATE TABLE IF NOT EXISTS seen (durable TEXT, isolation TEXT);
             CREATE OR REPLACE FUNCTION see() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
             BEGIN
                 INSERT INTO seen VALUES (current_setting('synchronous_commit'), current_setting('transaction_isolation'));
                 RETURN NULL;
             END $$;
             CREATE OR REPLACE TRIGGER see AFTER INSERT ON used_once FOR EACH STATEMENT EXECUTE FUNCTION see();",
        );
        assert!(block_on(store.use_once(hash(setting), after(600))).unwrap());
        let seen = schema.rows("DELETE FROM seen RETURNING durable, isolation");
        let expected = if setting == "remote_apply" { "remote_apply" } else { "on" };
        assert_eq!(seen[0].get::<_, String>(0), expected, "{setting}");
        assert_eq!(seen[0].get::<_, String>(1), "read committed");
    }
}

/// A lock that is never let go gives an error in time, and afterwards the store goes on.
#[test]
fn a_database_that_hangs_gives_errors() {
    let Some(store) = Alone::new() else { return };
    block_on(store.add_client(client("app"))).unwrap();
    let begun = Instant::now();
    store.schema().client(async |other| {
        other
            .batch_execute("BEGIN; LOCK TABLE access_tokens, used_once IN ACCESS EXCLUSIVE MODE")
            .await
            .unwrap();
        let waiting = thread::scope(|scope| {
            let save = || {
                let own = (hash("own"), client_token("app"));
                block_on(store.save_tokens(IssuedTokens { access_token: Some(own), refresh_token: None }))
            };
            let (save, used) =
                (scope.spawn(save), scope.spawn(|| block_on(store.use_once(hash("jti"), after(1)))));
            assert!(block_on(store.client("app")).unwrap().is_some(), "what does not need the lock goes on");
            (save.join().unwrap().is_err(), used.join().unwrap().is_err())
        });
        assert_eq!(waiting, (true, true));
        other.batch_execute("ROLLBACK").await.unwrap();
    });
    assert!(begun.elapsed() < Duration::from_secs(30));
    assert!(block_on(store.use_once(hash("jti"), after(1))).unwrap(), "what failed did nothing");
}

/// Connections that the server cuts are errors at worst; the next verb has a new one.
#[test]
fn connections_that_are_cut_are_replaced() {
    let Some(schema) = Schema::new() else { return };
    let name = format!("cut {}", std::process::id());
    let address = schema.address(&format!("&application_name={}", name.replace(' ', "%20")));
    let store = block_on(PostgresStore::open(&address)).unwrap();
    for turn in 0..5 {
        block_on(store.keys()).unwrap();
        let cut = schema.rows(&format!(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = '{name}'"
        ));
        assert!(!cut.is_empty());
        let until = Instant::now() + Duration::from_secs(5);
        while block_on(store.keys()).is_err() {
            assert!(Instant::now() < until, "turn {turn}: the store does not recover");
        }
    }
}

/// Who listens and says nothing, and who does not listen at all.
#[test]
fn a_server_that_does_not_answer_is_an_error() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = silent.local_addr().unwrap().port();
    let open = |port: u16| {
        let address: PostgresAddress = format!("postgres://a:hunter2@127.0.0.1:{port}/a").parse().unwrap();
        block_on(PostgresStore::open(&address)).unwrap_err().to_string()
    };
    let begun = Instant::now();
    let said = open(port);
    assert!(begun.elapsed() < Duration::from_secs(15), "{said}");
    drop(silent);
    let refused = open(port);
    assert!(refused.contains("refused"), "{refused}");
    assert!(!format!("{said}{refused}").contains("hunter2"));
}

/// PostgreSQL has no text with a NUL; a stranger's identifier with one is unknown, and no error.
#[test]
fn s47_any_text_is_an_identifier() {
    let Some(store) = Alone::new() else { return };
    for id in ["a\0", "\0", "a\u{1}", "a\u{1}0", "a'; DROP TABLE clients; --", "\u{10ffff}"] {
        assert_eq!(block_on(store.client(id)).unwrap(), None);
        assert!(!block_on(store.is_revoked(id, None)).unwrap());
        assert!(block_on(store.add_client(client(id))).unwrap());
        assert_eq!(block_on(store.client(id)).unwrap().as_deref(), Some(&client(id)));
        block_on(store.revoke_jwt(id, after(1))).unwrap();
        assert!(block_on(store.is_revoked(id, None)).unwrap());
    }
}

/// One record that can't be kept is the error of its own caller, however many are in its batch.
#[test]
fn s43_a_bad_record_in_a_batch_harms_nobody_else() {
    let Some(store) = Alone::new() else { return };
    let save = |name: &str| {
        let own = (hash(name), client_token("app"));
        block_on(store.save_tokens(IssuedTokens { access_token: Some(own), refresh_token: None }))
    };
    save("taken").unwrap();
    for round in 0..10 {
        let done: Vec<bool> = thread::scope(|scope| {
            let name = |number: usize| {
                if number.is_multiple_of(8) { "taken".to_owned() } else { format!("{round} {number}") }
            };
            let save = &save;
            let all: Vec<_> =
                (0..32).map(|number| scope.spawn(move || save(&name(number)).is_ok())).collect();
            all.into_iter().map(|one| one.join().unwrap()).collect()
        });
        for (number, is_kept) in done.into_iter().enumerate() {
            assert_eq!(is_kept, number % 8 != 0);
            let found = block_on(store.access_token(hash(&format!("{round} {number}")))).unwrap();
            assert_eq!(found.is_some(), is_kept);
        }
    }
}
