//! Two nodes on one database: what may be used once is used once among both.

use std::sync::Barrier;
use std::thread;

use authmint_provider::storage::{AccountStore, SessionStore};
use authmint_provider::suite::{account, login_session};
use authmint_server::storage::{
    ClientStore, CodeStore, Consumed, InteractionStore, ReplayStore, Storage, TokenStore,
};
use authmint_server::storage::{Grant, IssuedTokens};
use authmint_server::suite::block_on;
use authmint_server::suite::sample::{
    HOUR, after, client, client_token, code, grant, hash, interaction, tokens,
};
use authmint_store::PostgresStore;

use crate::schema::Schema;

const RACERS: usize = 64;

/// Two nodes, and 64 attempts on them at the same instant, half on each.
fn race<T: Send>(nodes: &[PostgresStore; 2], attempt: impl Fn(&PostgresStore, usize) -> T + Sync) -> Vec<T> {
    let start = Barrier::new(RACERS);
    thread::scope(|scope| {
        let racers: Vec<_> = (0..RACERS)
            .map(|number| {
                let (start, attempt) = (&start, &attempt);
                let node = if number % 2 == 0 { &nodes[0] } else { &nodes[1] };
                scope.spawn(move || {
                    start.wait();
                    attempt(node, number)
                })
            })
            .collect();
        racers.into_iter().map(|racer| racer.join().unwrap()).collect()
    })
}

fn nodes() -> Option<(Schema, [PostgresStore; 2])> {
    let schema = Schema::new()?;
    let nodes = [schema.node(), schema.node()];
    Some((schema, nodes))
}

fn count<T: PartialEq>(outcomes: &[T], what: &T) -> usize {
    outcomes.iter().filter(|outcome| *outcome == what).count()
}

#[test]
fn s27_one_of_64_redemptions_on_two_nodes_wins() {
    let Some((_schema, nodes)) = nodes() else { return };
    for round in 0..10 {
        let mine = grant(&format!("g{round}"));
        let hash_of_code = hash(&format!("code {round}"));
        block_on(nodes[0].save_code(hash_of_code, code(&mine))).unwrap();
        let outcomes = race(&nodes, |node, number| {
            block_on(node.redeem_code(hash_of_code, tokens(&format!("{round} {number}"), &mine), after(600)))
                .unwrap()
        });
        assert_eq!(
            (count(&outcomes, &Consumed::Now), count(&outcomes, &Consumed::Before)),
            (1, 1),
            "{outcomes:?}"
        );
        for number in 0..RACERS {
            let name = format!("{round} {number}");
            assert_eq!(block_on(nodes[1].access_token(hash(&format!("access {name}")))).unwrap(), None);
            assert_eq!(block_on(nodes[1].refresh_token(hash(&format!("refresh {name}")))).unwrap(), None);
        }
    }
}

#[test]
fn s36_one_of_64_rotations_on_two_nodes_wins() {
    let Some((_schema, nodes)) = nodes() else { return };
    for round in 0..10 {
        let mine = grant(&format!("g{round}"));
        block_on(nodes[0].save_tokens(tokens(&format!("{round}"), &mine))).unwrap();
        let used = hash(&format!("refresh {round}"));
        let outcomes = race(&nodes, |node, number| {
            let issued = tokens(&format!("{round} {number}"), &mine);
            block_on(node.rotate_refresh_token(used, issued, after(600))).unwrap()
        });
        assert_eq!(
            (count(&outcomes, &Consumed::Now), count(&outcomes, &Consumed::Before)),
            (1, 1),
            "{outcomes:?}"
        );
        assert!(block_on(nodes[1].is_revoked("jti", Some(&mine.id))).unwrap());
    }
}

#[test]
fn s44_one_of_64_uses_on_two_nodes_wins() {
    let Some((_schema, nodes)) = nodes() else { return };
    for round in 0..10 {
        let jti = hash(&round.to_string());
        let used = race(&nodes, |node, _| block_on(node.use_once(jti, after(600))).unwrap());
        assert_eq!(count(&used, &true), 1);
    }
}

#[test]
fn one_of_64_takes_of_an_interaction_on_two_nodes_wins() {
    let Some((_schema, nodes)) = nodes() else { return };
    for round in 0..10 {
        let id = hash(&round.to_string());
        block_on(nodes[0].save_interaction(id, interaction(), 10)).unwrap();
        let taken = race(&nodes, |node, _| block_on(node.take_interaction(id)).unwrap());
        assert_eq!(taken.iter().flatten().count(), 1);
    }
}

/// Whatever order a logout and the codes of requests under way arrive in, no code outlives the session.
#[test]
fn a_logout_among_64_saved_codes_leaves_none_alive() {
    let Some((_schema, nodes)) = nodes() else { return };
    for round in 0..10 {
        let of = |number: usize| Grant {
            session_id: format!("session {round}"),
            ..grant(&format!("g{round} {number}"))
        };
        race(&nodes, |node, number| {
            if number == RACERS / 2 {
                block_on(node.revoke_session(&format!("session {round}"), after(600))).unwrap();
            } else {
                block_on(node.save_code(hash(&format!("{round} {number}")), code(&of(number)))).unwrap();
            }
        });
        for number in 0..RACERS {
            assert_eq!(
                block_on(nodes[0].code(hash(&format!("{round} {number}")))).unwrap(),
                None,
                "{number}"
            );
        }
    }
}

/// The same for an ended grant and the tokens that are saved for it: the grant does not come back with them.
#[test]
fn an_end_among_64_saved_tokens_leaves_none_alive() {
    let Some((_schema, nodes)) = nodes() else { return };
    for round in 0..10 {
        let mine = grant(&format!("g{round}"));
        race(&nodes, |node, number| {
            if number == RACERS / 2 {
                block_on(node.revoke_grant(&mine.id, after(600))).unwrap();
            } else {
                block_on(node.save_tokens(tokens(&format!("{round} {number}"), &mine))).unwrap();
            }
        });
        for number in 0..RACERS {
            let name = format!("refresh {round} {number}");
            assert_eq!(block_on(nodes[0].refresh_token(hash(&name))).unwrap(), None, "{number}");
        }
    }
}

/// A new password among logins and requests of one person ends every session that was there, with all that hangs on it.
#[test]
fn a_new_password_among_64_codes_leaves_none_of_the_old_session() {
    let Some((_schema, nodes)) = nodes() else { return };
    let ada = account("ada");
    block_on(nodes[0].add_account(ada.clone())).unwrap();
    for round in 0..10 {
        let mut session = login_session(&ada.subject);
        session.id = format!("session {round}");
        block_on(nodes[0].save_session(hash(&session.id), session.clone(), None)).unwrap();
        let of = |number: usize| Grant {
            session_id: session.id.clone(),
            subject: ada.subject.clone(),
            offline: number.is_multiple_of(3),
            ..grant(&format!("g{round} {number}"))
        };
        race(&nodes, |node, number| {
            if number == RACERS / 2 {
                block_on(node.set_password_hash(&ada.subject, format!("$new {round}"), after(600))).unwrap();
            } else {
                block_on(node.save_code(hash(&format!("{round} {number}")), code(&of(number)))).unwrap();
            }
        });
        assert_eq!(block_on(nodes[1].session(hash(&session.id))).unwrap(), None);
        for number in 0..RACERS {
            assert_eq!(
                block_on(nodes[0].code(hash(&format!("{round} {number}")))).unwrap(),
                None,
                "{number}"
            );
        }
    }
}

/// Rotations of one client's grants while the client is removed: no token of it is left.
#[test]
fn a_removed_client_leaves_no_token_of_64_rotations() {
    let Some((_schema, nodes)) = nodes() else { return };
    for round in 0..5 {
        block_on(nodes[0].add_client(client("app"))).unwrap();
        let of = |number: usize| grant(&format!("g{round} {number}"));
        race(&nodes, |node, number| {
            block_on(node.save_tokens(tokens(&format!("{round} {number}"), &of(number)))).unwrap();
        });
        race(&nodes, |node, number| {
            if number == RACERS / 2 {
                assert!(block_on(node.remove_client("app")).unwrap());
            } else {
                let used = hash(&format!("refresh {round} {number}"));
                let issued = tokens(&format!("next {round} {number}"), &of(number));
                let outcome = block_on(node.rotate_refresh_token(used, issued, after(600))).unwrap();
                assert_ne!(outcome, Consumed::Before);
            }
        });
        for number in 0..RACERS {
            for name in [format!("refresh {round} {number}"), format!("refresh next {round} {number}")] {
                assert_eq!(block_on(nodes[0].refresh_token(hash(&name))).unwrap(), None, "{name}");
            }
        }
    }
}

/// However many strangers come at once, to whatever node: no more wait than may, and the count is right afterwards.
#[test]
fn s47_64_interactions_on_two_nodes_are_bounded_and_counted() {
    let Some((schema, nodes)) = nodes() else { return };
    for round in 0..10 {
        race(&nodes, |node, number| {
            let id = hash(&format!("{round} {number}"));
            block_on(node.save_interaction(id, interaction(), 20)).unwrap();
            if number.is_multiple_of(5) {
                block_on(node.take_interaction(id)).unwrap();
            }
        });
        let rows =
            schema.rows("SELECT (SELECT count(*) FROM interactions), (SELECT interactions FROM waiting)");
        let (there, counted): (i64, i64) = (rows[0].get(0), rows[0].get(1));
        assert_eq!(there, counted);
        assert!(there <= 20, "{there}");
    }
}

/// Nodes that purge at once remove everything together, once, and do not stop each other.
#[test]
fn many_nodes_purge_at_once() {
    let Some((_schema, nodes)) = nodes() else { return };
    let all = 3000;
    thread::scope(|scope| {
        for worker in 0..16 {
            let nodes = &nodes;
            scope.spawn(move || {
                for number in (worker..all).step_by(16) {
                    let own = (hash(&number.to_string()), client_token("app"));
                    let own = IssuedTokens { access_token: Some(own), refresh_token: None };
                    block_on(nodes[number % 2].save_tokens(own)).unwrap();
                }
            });
        }
    });
    let removed: u64 = race(&nodes, |node, _| block_on(node.purge(after(HOUR))).unwrap()).iter().sum();
    assert_eq!(removed, u64::try_from(all).unwrap());
}
