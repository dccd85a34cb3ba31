//! The promises of [`TokenStore`](crate::storage::TokenStore) about revocation.

use super::sample::{access_token, after, code, grant, hash, tokens};
use super::{block_on, race};
use crate::storage::{Consumed, Grant, GrantId, Storage};

/// With a grant go its codes, its tokens of every kind, and its JWTs.
pub async fn a_revoked_grant_hides_everything(store: &dyn Storage) {
    let mine = grant("g");
    store.save_code(hash("code"), code(&mine)).await.unwrap();
    store.redeem_code(hash("code"), tokens("0", &mine), after(600)).await.unwrap();
    store.rotate_refresh_token(hash("refresh 0"), tokens("1", &mine), after(600)).await.unwrap();
    assert!(!store.is_revoked("jti", Some(&mine.id)).await.unwrap());
    store.revoke_grant(&mine.id, after(600)).await.unwrap();

    assert!(store.is_revoked("jti", Some(&mine.id)).await.unwrap());
    assert_eq!(store.code(hash("code")).await.unwrap(), None);
    for name in ["0", "1"] {
        assert_eq!(store.access_token(hash(&format!("access {name}"))).await.unwrap(), None);
        assert_eq!(store.refresh_token(hash(&format!("refresh {name}"))).await.unwrap(), None);
    }
}

/// A grant falls alone: not with another of the same person, client and session.
pub async fn another_grant_is_untouched(store: &dyn Storage) {
    let mine = grant("g");
    let mut other = mine.clone();
    other.id = GrantId("g2".to_owned());
    store.save_code(hash("code"), code(&other)).await.unwrap();
    store.save_tokens(tokens("mine", &mine)).await.unwrap();
    store.save_tokens(tokens("other", &other)).await.unwrap();
    store.revoke_grant(&mine.id, after(600)).await.unwrap();

    assert!(store.code(hash("code")).await.unwrap().is_some());
    assert_eq!(store.access_token(hash("access other")).await.unwrap(), Some(access_token(&other)));
    assert!(store.refresh_token(hash("refresh other")).await.unwrap().is_some());
    assert!(!store.is_revoked("jti", Some(&other.id)).await.unwrap());
    assert!(!store.is_revoked("jti", None).await.unwrap());
}

/// A store that never saw a grant (its tokens are JWTs) remembers all the same that it was revoked.
pub async fn an_unknown_grant_can_be_revoked(store: &dyn Storage) {
    let id = GrantId("never seen".to_owned());
    store.revoke_grant(&id, after(600)).await.unwrap();
    assert!(store.is_revoked("jti", Some(&id)).await.unwrap());
}

/// A request that was under way while its grant was revoked leaves nothing that works.
pub async fn what_is_saved_for_a_revoked_grant_stays_hidden(store: &dyn Storage) {
    let mine = grant("g");
    store.revoke_grant(&mine.id, after(600)).await.unwrap();
    store.save_code(hash("code"), code(&mine)).await.unwrap();
    store.save_tokens(tokens("1", &mine)).await.unwrap();
    assert_eq!(store.code(hash("code")).await.unwrap(), None);
    assert_eq!(store.access_token(hash("access 1")).await.unwrap(), None);
    assert_eq!(store.refresh_token(hash("refresh 1")).await.unwrap(), None);
    let redeemed = store.redeem_code(hash("code"), tokens("2", &mine), after(600)).await.unwrap();
    assert_eq!(redeemed, Consumed::Unknown);
}

/// Logout ends every grant of the session, except those that were given `offline_access`; other sessions go on.
pub async fn a_session_takes_its_grants_but_spares_offline_ones(store: &dyn Storage) {
    let in_session = |id: &str, session: &str, offline: bool| {
        let mut grant = grant(id);
        (grant.session_id, grant.offline) = (session.to_owned(), offline);
        grant
    };
    let ended = [in_session("e1", "s", false), in_session("e2", "s", false)];
    let spared = [in_session("s1", "s", true), in_session("s2", "another", false)];
    for grant in ended.iter().chain(&spared) {
        store.save_code(hash(&format!("code {}", grant.id)), code(grant)).await.unwrap();
        store.save_tokens(tokens(&grant.id.0, grant)).await.unwrap();
    }
    store.revoke_session("s", after(600)).await.unwrap();
    store.revoke_session("unknown", after(600)).await.unwrap();

    for (grants, alive) in [(&ended, false), (&spared, true)] {
        for grant in grants {
            let id = &grant.id;
            assert_eq!(store.code(hash(&format!("code {id}"))).await.unwrap().is_some(), alive, "{id}");
            assert_eq!(
                store.access_token(hash(&format!("access {id}"))).await.unwrap().is_some(),
                alive,
                "{id}"
            );
            assert_eq!(
                store.refresh_token(hash(&format!("refresh {id}"))).await.unwrap().is_some(),
                alive,
                "{id}"
            );
            assert_eq!(store.is_revoked("jti", Some(id)).await.unwrap(), !alive, "{id}");
        }
    }
}

/// An authorization that was under way while the person logged out leaves a code that buys nothing.
pub async fn a_code_saved_after_its_session_ended_is_dead(store: &dyn Storage) {
    let mine = grant("g");
    let mut offline = grant("offline");
    (offline.session_id, offline.offline) = (mine.session_id.clone(), true);
    store.revoke_session(&mine.session_id, after(600)).await.unwrap();
    store.save_code(hash("code"), code(&mine)).await.unwrap();
    store.save_code(hash("offline"), code(&offline)).await.unwrap();
    assert_eq!(store.code(hash("code")).await.unwrap(), None);
    let redeemed = store.redeem_code(hash("code"), tokens("1", &mine), after(600)).await.unwrap();
    assert_eq!(redeemed, Consumed::Unknown);
    assert_eq!(store.access_token(hash("access 1")).await.unwrap(), None);
    assert!(store.is_revoked("jti", Some(&mine.id)).await.unwrap());
    assert!(store.code(hash("offline")).await.unwrap().is_some());
    assert!(!store.is_revoked("jti", Some(&offline.id)).await.unwrap());
}

/// A `jti` that was ended is ended with and without a grant; others are not.
pub async fn a_jwt_is_ended_by_its_jti(store: &dyn Storage) {
    let id = GrantId("g".to_owned());
    store.revoke_jwt("g.1", after(600)).await.unwrap();
    store.revoke_jwt("g.1", after(600)).await.unwrap();
    assert!(store.is_revoked("g.1", None).await.unwrap());
    assert!(store.is_revoked("g.1", Some(&id)).await.unwrap());
    assert!(!store.is_revoked("g.2", Some(&id)).await.unwrap());
    assert!(!store.is_revoked("g", Some(&id)).await.unwrap());
}

/// A purge before `until` forgets no revocation: of a JWT, of a grant, of a session.
pub async fn a_revocation_is_remembered_until_its_time(store: &dyn Storage) {
    let (one, two) = (grant("g1"), grant("g2"));
    store.revoke_jwt("jti", after(600)).await.unwrap();
    store.revoke_grant(&one.id, after(600)).await.unwrap();
    store.revoke_session(&two.session_id, after(600)).await.unwrap();
    store.purge(after(599)).await.unwrap();
    assert!(store.is_revoked("jti", None).await.unwrap());
    assert!(store.is_revoked("other", Some(&one.id)).await.unwrap());
    store.save_code(hash("code"), code(&two)).await.unwrap();
    assert_eq!(store.code(hash("code")).await.unwrap(), None);
}

/// A second revocation can prolong the first and never shortens it.
pub async fn the_later_time_of_two_revocations_counts(store: &dyn Storage) {
    let mine = grant("g");
    for (first, second) in [(100, 600), (600, 100)] {
        let jti = format!("jti {first}");
        let id = GrantId(format!("grant {first}"));
        let mut mine = mine.clone();
        mine.session_id = format!("session {first}");
        for until in [after(first), after(second)] {
            store.revoke_jwt(&jti, until).await.unwrap();
            store.revoke_grant(&id, until).await.unwrap();
            store.revoke_session(&mine.session_id, until).await.unwrap();
        }
        store.purge(after(500)).await.unwrap();
        assert!(store.is_revoked(&jti, None).await.unwrap());
        assert!(store.is_revoked("other", Some(&id)).await.unwrap());
        mine.id = GrantId(format!("of session {first}"));
        store.save_code(hash(&format!("code {first}")), code(&mine)).await.unwrap();
        assert_eq!(store.code(hash(&format!("code {first}"))).await.unwrap(), None);
    }
}

/// However a revocation and rotations interleave, nothing of the grant works when all have answered.
pub async fn s36_a_rotation_and_a_revocation_leave_nothing_alive(store: &dyn Storage) {
    for round in 0..20 {
        let mine = grant(&format!("g{round}"));
        let name = |number: usize| format!("{round} {number}");
        for number in 0..super::RACERS {
            store.save_tokens(tokens(&name(number), &mine)).await.unwrap();
        }
        race(|number| {
            if number == 0 {
                block_on(store.revoke_grant(&mine.id, after(600))).unwrap();
            } else {
                let (old, successors) = (
                    hash(&format!("refresh {}", name(number))),
                    tokens(&format!("new {}", name(number)), &mine),
                );
                block_on(store.rotate_refresh_token(old, successors, after(600))).unwrap();
            }
        });
        for number in 0..super::RACERS {
            for token in [format!("refresh {}", name(number)), format!("refresh new {}", name(number))] {
                assert_eq!(store.refresh_token(hash(&token)).await.unwrap(), None);
            }
            assert_eq!(
                store.access_token(hash(&format!("access new {}", name(number)))).await.unwrap(),
                None
            );
        }
    }
}

/// Whoever ends a session learns which clients were part of it, by identifier, each once, also those whose grant was
/// revoked or outlives the session; nobody learns it again.
pub async fn the_end_of_a_session_names_its_clients_once(store: &dyn Storage) {
    let of = |id: &str, client: &str, offline| Grant {
        client_id: client.to_owned(),
        session_id: "s".to_owned(),
        offline,
        ..grant(id)
    };
    for (id, client, offline) in [("1", "b", false), ("2", "a", true), ("3", "b", false)] {
        store.save_code(hash(id), code(&of(id, client, offline))).await.unwrap();
    }
    store.save_grant(of("4", "c", false)).await.unwrap();
    store.save_code(hash("other"), code(&grant("other"))).await.unwrap();
    store.revoke_grant(&of("4", "c", false).id, after(600)).await.unwrap();
    assert_eq!(store.revoke_session("s", after(600)).await.unwrap(), ["a", "b", "c"]);
    assert!(store.revoke_session("s", after(600)).await.unwrap().is_empty());
    assert_eq!(store.revoke_session("session of other", after(600)).await.unwrap(), ["app"]);
}

/// Of many that end one session, one is told whom to tell.
pub async fn one_of_many_ends_of_a_session_names_its_clients(store: &dyn Storage) {
    store.save_code(hash("code"), code(&grant("g"))).await.unwrap();
    let told = race(|_| block_on(store.revoke_session("session of g", after(600))).unwrap());
    assert_eq!(told.iter().flatten().count(), 1);
}

/// A grant that is saved after its session ended gives nothing.
pub async fn a_grant_saved_after_its_session_ended_is_dead(store: &dyn Storage) {
    let (mine, offline) = (grant("g"), Grant { offline: true, ..grant("g2") });
    for grant in [&mine, &offline] {
        store.revoke_session(&grant.session_id, after(600)).await.unwrap();
        store.save_grant(grant.clone()).await.unwrap();
    }
    assert_eq!(store.grant(&mine.id).await.unwrap(), None);
    assert!(store.is_revoked("jti", Some(&mine.id)).await.unwrap());
    assert_eq!(store.grant(&offline.id).await.unwrap(), Some(offline));
}
