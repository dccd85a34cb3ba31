//! What a person reads in the terminal: results on standard output, everything else on standard error.

use std::fmt::Display;
use std::io::{IsTerminal, Write};
use std::process::ExitCode;

use tracing_subscriber::EnvFilter;

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

    /// Says what to do.
    pub(crate) fn advice(self, advice: impl Display) -> Self {
        Self { advice: Some(advice.to_string()), ..self }
    }
}

impl<E: std::error::Error> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::new(error)
    }
}

/// Prints a failure and returns the exit code 1. (Wrong arguments end with 2, by clap.)
pub(crate) fn fail(failure: &Failure) -> ExitCode {
    say(&format!("error: {}", failure.problem));
    if let Some(advice) = &failure.advice {
        say(&format!("  try: {advice}"));
    }
    ExitCode::FAILURE
}

/// A line of the result. It may quote what a stranger wrote, so nothing in it steers a terminal.
pub(crate) fn print(line: &str) {
    let harmless: String = line
        .chars()
        .map(|c| if c.is_control() && !matches!(c, '\n' | '\t') { '\u{fffd}' } else { c })
        .collect();
    // A reader that has gone away is no failure.
    let _ = writeln!(std::io::stdout(), "{harmless}");
}

/// A line for the person, not for a pipe.
pub(crate) fn say(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// Sets up the log: `AUTHMINT_LOG` chooses the level, `level` if it says nothing; JSON where no terminal is looking.
pub(crate) fn log(level: &str) {
    let filter = EnvFilter::try_from_env("AUTHMINT_LOG").unwrap_or_else(|_| EnvFilter::new(level));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let started = if std::io::stderr().is_terminal() {
        builder.with_target(false).compact().try_init()
    } else {
        builder.json().flatten_event(true).try_init()
    };
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
