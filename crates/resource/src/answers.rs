//! What was learned about opaque tokens, for a short while (RFC 7662 4), and one question at a time about each.
//!
//! Answers are kept by the SHA-256 of the token, never by the token. Tokens that are good and tokens that are not have rooms of
//! their own: whoever sends random tokens pushes out what was learned about other random tokens, and nothing else.

use std::collections::HashMap;
use std::future::Future;
use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use authmint_jose::Timestamp;

/// The most tokens that are good, and the most that are not, in each of two halves.
const HALF: usize = 8 * 1024;

/// The SHA-256 of a token.
pub(crate) type Digest = [u8; 32];

/// What was learned about a token: `None` when it is worth nothing here.
pub(crate) type Answer<T> = Option<Arc<T>>;

/// Answers, and questions that are under way. `T` is what is known of a good token, `E` why a question fails.
#[derive(Debug)]
pub(crate) struct Answers<T, E> {
    good: Mutex<Halves<Arc<T>>>,
    bad: Mutex<Halves<()>>,
    asking: Mutex<HashMap<Digest, Arc<Question<T, E>>>>,
}

/// One question: who holds it asks, the others wait for what came of it.
type Question<T, E> = async_lock::Mutex<Option<Result<Answer<T>, E>>>;

impl<T, E: Clone> Answers<T, E> {
    pub(crate) fn new() -> Self {
        Self { good: Mutex::new(Halves::new()), bad: Mutex::new(Halves::new()), asking: Mutex::default() }
    }

    /// What is known about a token.
    pub(crate) fn known(&self, digest: &Digest, now: Timestamp) -> Option<Answer<T>> {
        if let Some(token) = lock(&self.good).get(digest, now) {
            return Some(Some(Arc::clone(token)));
        }
        lock(&self.bad).get(digest, now).map(|()| None)
    }

    /// Keeps an answer until `until`.
    pub(crate) fn keep(&self, digest: Digest, answer: Answer<T>, until: Timestamp) {
        match answer {
            Some(token) => lock(&self.good).put(digest, token, until),
            None => lock(&self.bad).put(digest, (), until),
        }
    }

    /// What `ask` says, asked once for all who want to know at the same time. A failure is told to those who waited for it and
    /// kept for nobody else. If the one who asks goes away, the next in line asks.
    pub(crate) async fn ask_once<F>(&self, digest: Digest, ask: impl FnOnce() -> F) -> Result<Answer<T>, E>
    where
        F: Future<Output = Result<Answer<T>, E>>,
    {
        let shared = Arc::clone(lock(&self.asking).entry(digest).or_default());
        let asked = Asked { answers: self, digest, question: Some(Arc::clone(&shared)) };
        // Declared later, so dropped earlier: the count that `asked` looks at must not hold this one.
        let question = shared;
        let mut outcome = question.lock().await;
        if let Some(outcome) = &*outcome {
            return outcome.clone();
        }
        let answer = ask().await;
        *outcome = Some(answer.clone());
        // Who comes now asks anew, or finds what was kept; who waits has the question in hand.
        lock(&asked.answers.asking).remove(&asked.digest);
        answer
    }
}

/// Somebody who wants to know. The last one to go takes the question along, also where nobody came to ask it.
struct Asked<'a, T, E> {
    answers: &'a Answers<T, E>,
    digest: Digest,
    question: Option<Arc<Question<T, E>>>,
}

impl<T, E> Drop for Asked<'_, T, E> {
    fn drop(&mut self) {
        let mut asking = lock(&self.answers.asking);
        // Within the lock, so that of two who go at once the second sees that it is the last.
        self.question = None;
        if asking.get(&self.digest).is_some_and(|question| Arc::strong_count(question) == 1) {
            asking.remove(&self.digest);
        }
    }
}

/// Entries in two halves: a full young half becomes the old one, and the old one goes. Nothing is searched, nothing grows.
#[derive(Debug)]
struct Halves<V> {
    young: HashMap<Digest, (V, Timestamp)>,
    old: HashMap<Digest, (V, Timestamp)>,
}

impl<V> Halves<V> {
    fn new() -> Self {
        Self { young: HashMap::new(), old: HashMap::new() }
    }

    fn get(&self, digest: &Digest, now: Timestamp) -> Option<&V> {
        let (value, until) = self.young.get(digest).or_else(|| self.old.get(digest))?;
        (now < *until).then_some(value)
    }

    fn put(&mut self, digest: Digest, value: V, until: Timestamp) {
        if self.young.len() >= HALF {
            self.old = mem::take(&mut self.young);
        }
        self.young.insert(digest, (value, until));
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::task::Poll;
    use std::time::Duration;

    use authmint_jose::sha256;

    use super::*;

    const NOW: Timestamp = Timestamp::from_secs(1_000);
    const LATER: Timestamp = Timestamp::from_secs(1_030);

    fn digest(n: usize) -> Digest {
        sha256(&n.to_be_bytes())
    }

    #[test]
    fn s40_a_flood_of_random_tokens_fills_nothing_and_pushes_out_no_good_one() {
        let answers: Answers<&str, ()> = Answers::new();
        answers.keep(digest(0), Some(Arc::new("good")), LATER);
        for n in 1..100_000 {
            answers.keep(digest(n), None, LATER);
        }
        assert_eq!(answers.known(&digest(0), NOW), Some(Some(Arc::new("good"))));
        assert_eq!(answers.known(&digest(99_999), NOW), Some(None));
        let bad = lock(&answers.bad);
        assert!(bad.young.len() + bad.old.len() <= 2 * HALF);
    }

    #[test]
    fn an_answer_counts_until_its_time() {
        let answers: Answers<&str, ()> = Answers::new();
        answers.keep(digest(0), Some(Arc::new("good")), LATER);
        assert!(answers.known(&digest(0), Timestamp::from_secs(1_029)).is_some());
        assert!(answers.known(&digest(0), LATER).is_none());
        assert!(answers.known(&digest(1), NOW).is_none());
    }

    #[test]
    fn many_who_ask_at_once_cause_one_question_and_share_a_failure() {
        for outcome in [Ok(Some(Arc::new("good"))), Ok(None), Err("down")] {
            let (answers, asked) = (Answers::<&str, &str>::new(), AtomicUsize::new(0));
            let started = std::sync::Barrier::new(16);
            let ask = || {
                started.wait();
                pollster::block_on(answers.ask_once(digest(0), || async {
                    asked.fetch_add(1, Ordering::SeqCst);
                    std::thread::sleep(Duration::from_millis(300));
                    outcome.clone()
                }))
            };
            std::thread::scope(|scope| {
                let all: Vec<_> = (0..16).map(|_| scope.spawn(ask)).collect();
                assert!(all.into_iter().all(|one| one.join().unwrap() == outcome));
            });
            assert_eq!(asked.load(Ordering::SeqCst), 1);
            assert!(lock(&answers.asking).is_empty());
            // Nothing is kept of it here: the next one asks again.
            let again = pollster::block_on(answers.ask_once(digest(0), || async { Ok(None) }));
            assert_eq!(again, Ok(None));
        }
    }

    #[test]
    fn who_goes_away_while_asking_leaves_the_question_to_the_next() {
        let answers = Answers::<&str, &str>::new();
        {
            let mut given_up = Box::pin(answers.ask_once(digest(0), std::future::pending));
            let waker = std::task::Waker::noop();
            let mut context = std::task::Context::from_waker(waker);
            assert!(given_up.as_mut().poll(&mut context).is_pending());
        }
        assert!(lock(&answers.asking).is_empty());
        let next = pollster::block_on(answers.ask_once(digest(0), || async { Ok(None) }));
        assert_eq!(next, Ok(None));
    }

    /// However many wait and come at once: an answer is not handed on for longer than it is kept.
    #[test]
    fn who_comes_after_an_answer_asks_anew_while_others_still_wait_for_it() {
        let answers = Answers::<&str, &str>::new();
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        let ready = Cell::new(false);
        let slow =
            || std::future::poll_fn(|_| if ready.get() { Poll::Ready(Err("down")) } else { Poll::Pending });
        let mut first = Box::pin(answers.ask_once(digest(0), slow));
        let mut second = Box::pin(answers.ask_once(digest(0), slow));
        assert!(first.as_mut().poll(&mut context).is_pending());
        assert!(second.as_mut().poll(&mut context).is_pending());
        ready.set(true);
        assert_eq!(first.as_mut().poll(&mut context), Poll::Ready(Err("down")));
        let third = pollster::block_on(answers.ask_once(digest(0), || async { Ok(None) }));
        assert_eq!(third, Ok(None));
        assert_eq!(second.as_mut().poll(&mut context), Poll::Ready(Err("down")));
    }
}
