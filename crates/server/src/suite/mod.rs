//! The shared tests of the [storage traits](crate::storage): one function for each promise of their contract.
//!
//! An author of a store writes one line and gets one `#[test]` for each promise:
//!
//! ```ignore
//! authmint_server::storage_suite!(|| async { std::sync::Arc::new(MyStore::new().await) });
//! ```
//!
//! The closure makes a new, empty store for each test; what its future yields dereferences to the store (`Arc`, `Box`,
//! or a struct of the author's that also holds a temporary directory). [`run`] goes through the same promises in one
//! call, for those who have a test runner of their own. A promise that is broken panics with what was expected.
//!
//! Futures are driven by [`block_on`], which names no runtime; races run on threads.
#![allow(
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    reason = "these are tests: a promise that is broken panics"
)]

pub mod clients;
pub mod codes;
pub mod devices;
pub mod interactions;
pub mod keys;
pub mod purge;
pub mod pushed;
pub mod refresh_tokens;
pub mod replay;
pub mod revocation;
pub mod sample;
pub mod tokens;

use std::future::Future;
use std::ops::Deref;
use std::pin::pin;
use std::sync::{Arc, Barrier};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};

use crate::storage::Storage;

/// How many threads race in the tests of "one winner".
pub const RACERS: usize = 8;

/// The list of promises, in one place: calls the macro `$then` with `$($with)*` in parentheses and the list.
#[doc(hidden)]
#[macro_export]
macro_rules! __storage_promises {
    ($($then:ident)::+ ! ($($with:tt)*)) => {
        $($then)::+! { ($($with)*)
            clients::a_client_comes_back_as_it_was_added,
            clients::clients_are_listed_by_identifier,
            clients::an_identifier_is_given_to_one_client,
            clients::one_of_many_adds_wins,
            clients::a_client_is_replaced_by_its_own_successor_only,
            clients::a_removed_client_takes_its_codes_and_tokens_along,
            clients::another_client_keeps_its_codes_and_tokens,
            interactions::an_interaction_is_taken_once,
            interactions::one_of_many_takes_wins,
            interactions::an_identifier_is_not_taken_over,
            interactions::s47_no_more_interactions_wait_than_may,
            pushed::s44_a_pushed_request_is_taken_once,
            pushed::s44_one_of_many_takes_wins,
            pushed::s47_no_more_pushed_requests_wait_than_may,
            devices::s39_a_device_code_is_redeemed_once_with_its_tokens,
            devices::s39_a_replay_ends_the_grant,
            devices::s39_one_of_many_redemptions_wins,
            devices::s39_the_first_decision_counts,
            devices::s39_one_of_many_decisions_wins,
            devices::s39_what_was_not_allowed_gives_nothing,
            devices::s39_who_polls_too_fast_waits_longer,
            devices::a_user_code_is_given_out_once_at_a_time,
            devices::s32_a_decision_after_its_session_ended_is_dead,
            devices::s47_no_more_devices_wait_than_may,
            devices::devices_expire,
            codes::s27_a_code_is_redeemed_once_with_its_tokens,
            codes::s27_a_replay_ends_the_grant,
            codes::s27_one_of_many_redemptions_wins,
            codes::s27_a_used_code_is_not_made_new_by_saving_it_again,
            codes::an_unknown_code_keeps_no_token,
            codes::s27_a_code_of_a_revoked_grant_is_unknown,
            codes::s43_a_redemption_that_fails_consumes_nothing,
            codes::a_future_that_is_not_polled_does_nothing,
            tokens::tokens_come_back_as_they_were_saved,
            tokens::a_grant_is_kept_without_a_token,
            tokens::an_access_token_is_ended_alone,
            tokens::a_taken_hash_is_refused_and_nothing_of_the_response_is_kept,
            refresh_tokens::s36_a_rotation_keeps_its_successors,
            refresh_tokens::s36_reuse_ends_the_grant,
            refresh_tokens::s36_one_of_many_rotations_wins,
            refresh_tokens::s36_a_token_of_a_revoked_grant_is_unknown,
            refresh_tokens::s43_a_rotation_that_fails_consumes_nothing,
            revocation::a_revoked_grant_hides_everything,
            revocation::another_grant_is_untouched,
            revocation::an_unknown_grant_can_be_revoked,
            revocation::what_is_saved_for_a_revoked_grant_stays_hidden,
            revocation::a_session_takes_its_grants_but_spares_offline_ones,
            revocation::the_end_of_a_session_names_its_clients_once,
            revocation::one_of_many_ends_of_a_session_names_its_clients,
            revocation::a_grant_saved_after_its_session_ended_is_dead,
            revocation::a_code_saved_after_its_session_ended_is_dead,
            revocation::a_jwt_is_ended_by_its_jti,
            revocation::a_revocation_is_remembered_until_its_time,
            revocation::the_later_time_of_two_revocations_counts,
            revocation::s36_a_rotation_and_a_revocation_leave_nothing_alive,
            keys::the_list_of_keys_is_empty_at_first,
            keys::a_list_of_keys_is_replaced_at_its_version_only,
            keys::one_of_many_replacements_wins,
            replay::s44_an_identifier_is_used_once,
            replay::s44_one_of_many_uses_wins,
            replay::s44_a_use_is_remembered_until_its_latest_time,
            purge::nothing_expired_nothing_purged,
            purge::what_expired_goes,
            purge::a_record_goes_at_its_time_and_not_before,
            purge::s27_a_redeemed_code_stays_while_its_grant_may_live,
            purge::s36_a_rotated_token_stays_while_its_grant_may_live,
            purge::s36_what_was_revoked_does_not_come_back,
            purge::many_records_are_purged,
        }
    };
}

/// Makes one `#[test]` for each promise of the [storage traits](crate::storage).
///
/// Takes a closure that returns a future of a new, empty store behind a pointer: see [the suite](crate::suite).
#[macro_export]
macro_rules! storage_suite {
    ($make:expr) => {
        $crate::__storage_promises!($crate::__storage_tests!($make));
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __storage_tests {
    (($make:expr) $($module:ident :: $promise:ident),* $(,)?) => {
        $(
            #[test]
            fn $promise() {
                $crate::suite::block_on(async {
                    let store = ($make)().await;
                    $crate::suite::$module::$promise(&*store).await;
                });
            }
        )*
    };
}

macro_rules! run_all {
    (($make:ident) $($module:ident :: $promise:ident),* $(,)?) => {
        $( $module::$promise(&*$make().await).await; )*
    };
}

/// Checks every promise, each on a new store.
///
/// # Panics
/// When a promise is broken.
pub async fn run<F, Fut, P>(make: F)
where
    F: Fn() -> Fut,
    Fut: Future<Output = P>,
    P: Deref,
    P::Target: Storage + Sized,
{
    crate::__storage_promises!(run_all!(make));
}

/// Runs a future on this thread, which sleeps while the future waits.
pub fn block_on<T>(future: impl Future<Output = T>) -> T {
    struct Unpark(Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut future = pin!(future);
    loop {
        match future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(value) => return value,
            Poll::Pending => thread::park(),
        }
    }
}

/// Starts `attempt` on [`RACERS`] threads at the same instant, each with its number; returns what each got.
pub fn race<T: Send>(attempt: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let start = Barrier::new(RACERS);
    thread::scope(|scope| {
        let racers: Vec<_> = (0..RACERS)
            .map(|number| {
                let (start, attempt) = (&start, &attempt);
                scope.spawn(move || {
                    start.wait();
                    attempt(number)
                })
            })
            .collect();
        racers.into_iter().map(|racer| racer.join().unwrap()).collect()
    })
}
