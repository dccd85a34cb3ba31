//! What a person reads in the terminal: results on standard output, everything else on standard error.

use std::fmt::Display;
use std::io::{IsTerminal, Write};
use std::process::ExitCode;

use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer};

use crate::audit;

/// Why a command did not do what it was asked, and what to do about it.
#[derive(Debug)]
pub(crate) struct Failure {
    problem: String,
    advice: Option<String>,
}

impl Failure {
    pub(crate) fn new(problem: impl Display) -> Self {
        Self { problem: problem.to_string(), advice: None }
    }

    /// Says what it is about.
    pub(crate) fn about(self, subject: &str) -> Self {
        Self { problem: format!("{subject}: {}", self.problem), ..self }
    }

    /// How it is shown in a terminal.
    pub(crate) fn lines(&self, kind: &str) -> Vec<String> {
        let advice = self.advice.as_ref().map(|advice| format!("  try: {advice}"));
        std::iter::once(format!("{kind}: {}", self.problem)).chain(advice).collect()
    }

    /// Says what to do.
    pub(crate) fn advice(self, advice: impl Display) -> Self {
        Self { advice: Some(advice.to_string()), ..self }
    }
}

/// One line: what is wrong, and what to do.
impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.problem)?;
        self.advice.as_ref().map_or(Ok(()), |advice| write!(f, "; try: {advice}"))
    }
}

impl<E: std::error::Error> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::new(error)
    }
}

/// Prints a failure and returns the exit code 1. (Wrong arguments end with 2, by clap.)
pub(crate) fn fail(failure: &Failure) -> ExitCode {
    for line in failure.lines("error") {
        say(&line);
    }
    ExitCode::FAILURE
}

/// A line of the result. It may quote what a stranger wrote, so nothing in it steers a terminal.
pub(crate) fn print(line: &str) {
    // A reader that has gone away is no failure.
    let _ = writeln!(std::io::stdout(), "{}", harmless(line));
}

/// A line for the person, not for a pipe. It may quote a stranger too: a provider's address, or what it says of an error.
pub(crate) fn say(line: &str) {
    let _ = writeln!(std::io::stderr(), "{}", harmless(line));
}

fn harmless(line: &str) -> String {
    line.chars().map(|c| if c.is_control() && !matches!(c, '\n' | '\t') { '\u{fffd}' } else { c }).collect()
}

/// Sets up the log: `AUTHMINT_LOG` chooses the level, `level` if it says nothing; JSON where no terminal is looking.
pub(crate) fn log(level: &str) {
    let filter = EnvFilter::try_from_env("AUTHMINT_LOG").unwrap_or_else(|_| EnvFilter::new(level));
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    let lines = if std::io::stderr().is_terminal() {
        lines.with_target(false).compact().boxed()
    } else {
        lines.json().flatten_event(true).boxed()
    };
    let shown = tracing_subscriber::registry().with(lines.with_filter(filter));
    let started = shown.with(audit::layer(audit::trail())).try_init();
    if let Err(error) = started {
        say(&format!("the log could not be set up: {error}"));
    }
}

/// Rows of columns, aligned.
pub(crate) fn table(rows: &[Vec<String>]) {
    let columns = rows.iter().map(Vec::len).max().unwrap_or_default();
    let width =
        |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max();
    let widths: Vec<usize> = (0..columns).map(|column| width(column).unwrap_or_default()).collect();
    for row in rows {
        let cells: Vec<String> =
            row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
        print(cells.join("  ").trim_end());
    }
}

/// A moment as people write it, in UTC.
pub(crate) fn moment(time: authmint_jose::Timestamp) -> String {
    let seconds = i64::try_from(time.as_secs()).unwrap_or(i64::MAX);
    jiff::Timestamp::from_second(seconds).map_or_else(|_| time.as_secs().to_string(), |time| time.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s30_what_a_stranger_wrote_steers_no_terminal() {
        assert_eq!(harmless("a\u{1b}[2J\u{9b}b\r\n\tc"), "a\u{fffd}[2J\u{fffd}b\u{fffd}\n\tc");
    }
}
