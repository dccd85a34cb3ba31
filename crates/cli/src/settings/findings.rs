//! What is wrong with settings, and what is doubtful.

use crate::output::Failure;

/// Everything that was found, in the order in which it was looked at.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    /// With these nothing starts.
    pub(crate) wrong: Vec<Failure>,
    /// With these everything starts, and an operator may regret it.
    pub(crate) doubtful: Vec<Failure>,
}

impl Findings {
    /// The value, or a note of why there is none.
    pub(crate) fn take<T>(&mut self, outcome: Result<T, Failure>) -> Option<T> {
        outcome.map_err(|failure| self.wrong.push(failure)).ok()
    }

    pub(crate) fn doubt(&mut self, what: impl std::fmt::Display, advice: impl std::fmt::Display) {
        self.doubtful.push(Failure::new(what).advice(advice));
    }

    /// The value if nothing is wrong, or the first thing that is.
    ///
    /// # Errors
    /// The first that was found.
    pub(crate) fn first<T>(self, value: Option<T>) -> Result<T, Failure> {
        match (self.wrong.into_iter().next(), value) {
            (Some(failure), _) => Err(failure),
            (None, Some(value)) => Ok(value),
            (None, None) => {
                Err(Failure::new("the settings are not complete").advice("authmint config check"))
            }
        }
    }
}
