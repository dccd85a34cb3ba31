//! Logout notices that come while an answer is under way: the session that it is about to make is not in the store yet, and must not
//! outlive the logout.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use crate::session::UserSession;

/// How many notices are remembered. A callback takes seconds at most.
const MOST: usize = 1000;

/// The latest notices of a provider, in the memory of this process.
#[derive(Default)]
pub(crate) struct Notices(Mutex<Latest>);

#[derive(Default)]
struct Latest {
    count: usize,
    /// `sub` and `sid`.
    notices: VecDeque<(Option<String>, Option<String>)>,
}

impl Notices {
    /// How many came until now.
    pub(crate) fn count(&self) -> usize {
        self.with(|latest| latest.count)
    }

    /// Remembers a notice. Before it ends what is in the store: then a session is either there already, or sees this.
    pub(crate) fn add(&self, sub: Option<&str>, sid: Option<&str>) {
        self.with(|latest| {
            latest.count = latest.count.wrapping_add(1);
            latest.notices.push_back((sub.map(str::to_owned), sid.map(str::to_owned)));
            if latest.notices.len() > MOST {
                latest.notices.pop_front();
            }
        });
    }

    /// Whether one of those that came after the first `count` means this session. What is not remembered any more may have.
    pub(crate) fn mean(&self, session: &UserSession, count: usize) -> bool {
        self.with(|latest| {
            let new = latest.count.wrapping_sub(count);
            let means = |(sub, sid): &(Option<String>, Option<String>)| {
                session.is_meant_by(&session.issuer, sub.as_deref(), sid.as_deref())
            };
            new > latest.notices.len() || latest.notices.iter().rev().take(new).any(means)
        })
    }

    fn with<T>(&self, work: impl FnOnce(&mut Latest) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl fmt::Debug for Notices {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Notices").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::tests::session;

    #[test]
    fn s32_notices_mean_the_sessions_under_way_and_no_later_ones() {
        let (notices, session) = (Notices::default(), session("ada", Some("s1")));
        let begun = notices.count();
        notices.add(Some("ada"), Some("s2"));
        notices.add(Some("eve"), None);
        assert!(!notices.mean(&session, begun));
        notices.add(Some("ada"), None);
        assert!(notices.mean(&session, begun));
        assert!(!notices.mean(&session, notices.count()), "a login after the logout is one");
    }

    #[test]
    fn s32_of_too_many_notices_one_may_have_meant_the_session() {
        let (notices, session) = (Notices::default(), session("ada", Some("s1")));
        let begun = notices.count();
        for _ in 0..MOST {
            notices.add(Some("eve"), None);
        }
        assert!(!notices.mean(&session, begun));
        notices.add(Some("eve"), None);
        assert!(notices.mean(&session, begun));
        assert_eq!(notices.with(|latest| latest.notices.len()), MOST);
    }
}
