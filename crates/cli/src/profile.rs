//! `authmint profile`: what a profile allows and demands, and why.

use authmint_server::Profile;
use clap::Subcommand;
use serde_json::json;

use crate::config::Settings;
use crate::output::{Failure, print};

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Show what a profile allows and demands, with the reason and the section of each rule
    Show {
        /// The profile; that of the settings if nothing is said
        name: Option<Profile>,
        /// As JSON
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        settings: Box<Settings>,
    },
}

/// What, says, why, source: how wide each may be.
const WIDTHS: [usize; 4] = [16, 30, 36, 22];

/// Runs the command.
pub(crate) fn run(command: &Command) -> Result<(), Failure> {
    let Command::Show { name, json, settings } = command;
    let profile = match name {
        Some(profile) => *profile,
        None => settings.file()?.0.profile.map(|profile| profile.0).unwrap_or_default(),
    };
    let rules = profile.rules();
    if *json {
        let rules: Vec<_> = rules
            .iter()
            .map(|rule| json!({ "what": rule.what, "says": rule.says, "why": rule.why, "source": rule.source }))
            .collect();
        print(&serde_json::to_string_pretty(&json!({ "profile": profile.name(), "rules": rules }))?);
        return Ok(());
    }
    let names: Vec<_> = Profile::ALL.iter().map(|profile| profile.name()).collect();
    print(&format!("Profile {profile} (there are {})", names.join(", ")));
    row(&["WHAT", "SAYS", "WHY", "SOURCE"]);
    for rule in &rules {
        row(&[rule.what, &rule.says, rule.why, rule.source]);
    }
    Ok(())
}

/// A row whose cells have as many lines as they need.
fn row(cells: &[&str; 4]) {
    let wrapped: Vec<_> = cells.iter().zip(WIDTHS).map(|(cell, width)| wrap(cell, width)).collect();
    print("");
    for line in 0..wrapped.iter().map(Vec::len).max().unwrap_or_default() {
        let cells = wrapped.iter().zip(WIDTHS);
        let cells: Vec<_> = cells
            .map(|(lines, width)| format!("{:<width$}", lines.get(line).map_or("", String::as_str)))
            .collect();
        print(cells.join("  ").trim_end());
    }
}

fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split(' ') {
        let longer = line.chars().count().saturating_add(word.chars().count()).saturating_add(1);
        if !line.is_empty() && longer > width {
            lines.push(std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    lines.push(line);
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_kept_whole() {
        assert_eq!(wrap("a code that was stolen", 8), ["a code", "that was", "stolen"]);
        assert_eq!(wrap("immeasurable", 4), ["immeasurable"]);
        assert_eq!(wrap("", 4), [""]);
    }
}
