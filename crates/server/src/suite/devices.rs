//! The promises of [`DeviceStore`](crate::storage::DeviceStore) (S39, S44).

use super::sample::{DAY, HOUR, after, device_authorization, grant, hash, tokens};
use super::{block_on, race};
use crate::storage::{Consumed, DeviceAuthorization, DeviceDecision, Storage};

async fn save(store: &dyn Storage, name: &str) {
    let (device, user) = (hash(&format!("device {name}")), hash(&format!("user {name}")));
    assert!(store.save_device_authorization(device, user, device_authorization(), 100).await.unwrap());
}

async fn allow(store: &dyn Storage, name: &str) -> bool {
    let decision = DeviceDecision::Allowed(Box::new(grant(name)));
    store.decide_device_authorization(hash(&format!("user {name}")), decision).await.unwrap()
}

/// What was allowed is seen by a poll, redeemed with its tokens, and not given again.
pub async fn s39_a_device_code_is_redeemed_once_with_its_tokens(store: &dyn Storage) {
    save(store, "g").await;
    let waiting = store.device_authorization(hash("user g")).await.unwrap();
    assert_eq!(waiting, Some(device_authorization()));
    let polled = store.poll_device(hash("device g"), after(0)).await.unwrap().unwrap();
    assert_eq!((polled.decision, polled.redeemed, polled.too_fast), (None, false, false));
    assert!(allow(store, "g").await);
    assert_eq!(store.device_authorization(hash("user g")).await.unwrap(), None);
    let polled = store.poll_device(hash("device g"), after(5)).await.unwrap().unwrap();
    assert_eq!(polled.authorization, device_authorization());
    assert_eq!(polled.decision, Some(DeviceDecision::Allowed(Box::new(grant("g")))));
    let redeemed =
        store.redeem_device_code(hash("device g"), tokens("1", &grant("g")), after(600)).await.unwrap();
    assert_eq!(redeemed, Consumed::Now);
    assert!(store.access_token(hash("access 1")).await.unwrap().is_some());
    assert!(store.refresh_token(hash("refresh 1")).await.unwrap().is_some());
    assert!(store.poll_device(hash("device g"), after(10)).await.unwrap().unwrap().redeemed);
}

/// The second redemption is told so, keeps no token, and has ended the grant when it answers.
pub async fn s39_a_replay_ends_the_grant(store: &dyn Storage) {
    save(store, "g").await;
    allow(store, "g").await;
    let redeem = |name: &'static str| {
        store.redeem_device_code(hash("device g"), tokens(name, &grant("g")), after(600))
    };
    assert_eq!(redeem("1").await.unwrap(), Consumed::Now);
    assert_eq!(redeem("2").await.unwrap(), Consumed::Before);
    for name in ["1", "2"] {
        assert_eq!(store.access_token(hash(&format!("access {name}"))).await.unwrap(), None);
    }
    assert!(store.is_revoked("jti", Some(&grant("g").id)).await.unwrap());
    assert_eq!(redeem("3").await.unwrap(), Consumed::Unknown);
    assert_eq!(store.poll_device(hash("device g"), after(60)).await.unwrap(), None);
}

/// Of many redemptions, one consumes the code, and one is the replay that ends the grant.
pub async fn s39_one_of_many_redemptions_wins(store: &dyn Storage) {
    for round in 0..10 {
        let name = round.to_string();
        save(store, &name).await;
        allow(store, &name).await;
        let code = hash(&format!("device {name}"));
        let outcomes = race(|number| {
            let issued = tokens(&format!("{round} {number}"), &grant(&name));
            block_on(store.redeem_device_code(code, issued, after(600))).unwrap()
        });
        let count = |what| outcomes.iter().filter(|outcome| **outcome == what).count();
        assert_eq!((count(Consumed::Now), count(Consumed::Before)), (1, 1), "{outcomes:?}");
    }
}

/// A decision is not changed, and there is none for a code that nobody has.
pub async fn s39_the_first_decision_counts(store: &dyn Storage) {
    save(store, "g").await;
    let deny = |code: &str| store.decide_device_authorization(hash(code), DeviceDecision::Denied);
    assert!(!deny("user other").await.unwrap());
    assert!(deny("user g").await.unwrap());
    assert!(!allow(store, "g").await);
    let polled = store.poll_device(hash("device g"), after(0)).await.unwrap().unwrap();
    assert_eq!(polled.decision, Some(DeviceDecision::Denied));
    assert_eq!(store.grant(&grant("g").id).await.unwrap(), None);
}

/// Of many decisions, one is kept.
pub async fn s39_one_of_many_decisions_wins(store: &dyn Storage) {
    save(store, "g").await;
    let kept = race(|_| block_on(allow(store, "g")));
    assert_eq!(kept.iter().filter(|kept| **kept).count(), 1);
}

/// Neither a code that waits nor one that was denied gives tokens.
pub async fn s39_what_was_not_allowed_gives_nothing(store: &dyn Storage) {
    save(store, "g").await;
    for _ in 0..2 {
        let outcome =
            store.redeem_device_code(hash("device g"), tokens("1", &grant("g")), after(600)).await.unwrap();
        assert_eq!(outcome, Consumed::Unknown);
        assert_eq!(store.access_token(hash("access 1")).await.unwrap(), None);
        store.decide_device_authorization(hash("user g"), DeviceDecision::Denied).await.unwrap();
    }
}

/// Each poll before its time makes the interval five seconds longer.
pub async fn s39_who_polls_too_fast_waits_longer(store: &dyn Storage) {
    save(store, "g").await;
    for (at, too_fast) in [(0, false), (5, false), (9, true), (18, true), (33, false), (48, false)] {
        let polled = store.poll_device(hash("device g"), after(at)).await.unwrap().unwrap();
        assert_eq!(polled.too_fast, too_fast, "at {at}");
    }
}

/// A user code that waits is not given to a second device; a device code that is taken is an error.
pub async fn a_user_code_is_given_out_once_at_a_time(store: &dyn Storage) {
    save(store, "g").await;
    let other = DeviceAuthorization { client_id: "other".to_owned(), ..device_authorization() };
    let again = store.save_device_authorization(hash("device 2"), hash("user g"), other.clone(), 100);
    assert!(!again.await.unwrap());
    assert_eq!(store.device_authorization(hash("user g")).await.unwrap(), Some(device_authorization()));
    store.save_device_authorization(hash("device g"), hash("user 2"), other, 100).await.unwrap_err();
    assert_eq!(store.poll_device(hash("device 2"), after(0)).await.unwrap(), None);
}

/// What was allowed in a session that had ended by then gives nothing.
pub async fn s32_a_decision_after_its_session_ended_is_dead(store: &dyn Storage) {
    save(store, "g").await;
    store.revoke_session(&grant("g").session_id, after(600)).await.unwrap();
    assert!(allow(store, "g").await);
    assert_eq!(store.poll_device(hash("device g"), after(0)).await.unwrap(), None);
    let outcome = store.redeem_device_code(hash("device g"), tokens("1", &grant("g")), after(600));
    assert_eq!(outcome.await.unwrap(), Consumed::Unknown);
    assert_eq!(store.access_token(hash("access 1")).await.unwrap(), None);
}

/// Of more than may wait, those that expire first go, never the new one.
pub async fn s47_no_more_devices_wait_than_may(store: &dyn Storage) {
    for (name, seconds) in [("1", 300), ("2", 100), ("3", 200), ("4", 50)] {
        let device = DeviceAuthorization { expires_at: after(seconds), ..device_authorization() };
        let (code, user) = (hash(name), hash(&format!("user {name}")));
        assert!(store.save_device_authorization(code, user, device, 2).await.unwrap());
    }
    for (name, waits) in [("1", true), ("2", false), ("3", false), ("4", true)] {
        let user = hash(&format!("user {name}"));
        assert_eq!(store.device_authorization(user).await.unwrap().is_some(), waits, "{name}");
    }
}

/// A code goes at its time; one that was redeemed stays for as long as its grant, so that a replay is known as one.
pub async fn devices_expire(store: &dyn Storage) {
    save(store, "waits").await;
    save(store, "g").await;
    allow(store, "g").await;
    store.redeem_device_code(hash("device g"), tokens("1", &grant("g")), after(600)).await.unwrap();
    store.purge(after(2 * HOUR)).await.unwrap();
    assert_eq!(store.poll_device(hash("device waits"), after(2 * HOUR)).await.unwrap(), None);
    assert!(store.poll_device(hash("device g"), after(2 * HOUR)).await.unwrap().is_some());
    save(store, "waits").await;
    store.purge(after(2 * DAY)).await.unwrap();
    assert_eq!(store.poll_device(hash("device g"), after(2 * DAY)).await.unwrap(), None);
}
