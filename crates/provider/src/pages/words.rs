//! Times, waits and names in words that a person reads at a glance.

use jiff::Timestamp;

/// How long to wait, rounded up, so that nobody comes back a moment too early.
pub(super) fn wait(seconds: u64) -> String {
    match seconds {
        0..=1 => "a moment".into(),
        2..=90 => format!("{seconds} seconds"),
        91..=5400 => format!("{} minutes", seconds.div_ceil(60)),
        _ => format!("{} hours", seconds.div_ceil(3600)),
    }
}

/// A moment twice: for machines (RFC 3339) and for people.
pub(super) struct Moment {
    pub(super) machine: String,
    pub(super) human: String,
}

impl Moment {
    /// From seconds since 1970, as in the claim `auth_time`; nothing if no calendar holds it.
    pub(super) fn from_unix(seconds: i64) -> Option<Self> {
        let moment = Timestamp::from_second(seconds).ok()?;
        Some(Self { machine: moment.to_string(), human: moment.strftime("%-d %B %Y, %H:%M UTC").to_string() })
    }
}

/// A name of someone else's choosing, cut where it would push the page's own words out of sight.
pub(super) fn name(text: &str) -> String {
    const LONGEST: usize = 80;
    let text = text.trim();
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default().trim_end()),
        None => text.to_owned(),
    }
}

/// The letter that stands for a name where there is no picture.
pub(super) fn initial(text: &str) -> String {
    text.chars()
        .find(|character| character.is_alphanumeric())
        .map_or_else(|| "?".into(), |c| c.to_uppercase().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_are_rounded_up() {
        assert_eq!(wait(0), "a moment");
        assert_eq!(wait(30), "30 seconds");
        assert_eq!(wait(121), "3 minutes");
        assert_eq!(wait(7201), "3 hours");
    }

    #[test]
    fn moments_are_for_machines_and_people() {
        let moment = Moment::from_unix(1_784_383_500).unwrap();
        assert_eq!(moment.machine, "2026-07-18T14:05:00Z");
        assert_eq!(moment.human, "18 July 2026, 14:05 UTC");
        assert!(Moment::from_unix(i64::MAX).is_none());
    }

    #[test]
    fn long_names_are_cut_between_characters() {
        assert_eq!(name(" Ada "), "Ada");
        let cut = name(&"é".repeat(500));
        assert_eq!(cut.chars().count(), 81);
        assert!(cut.ends_with('…'));
    }

    #[test]
    fn an_initial_is_a_letter_or_a_question() {
        assert_eq!(initial("<ada>"), "A");
        assert_eq!(initial("متجر"), "م");
        assert_eq!(initial("<>"), "?");
    }
}
