//! Moments in words: when something ends, and how far away that is.

use jiff::Timestamp;

/// A moment twice: for machines (RFC 3339) and for people.
pub(super) struct Moment {
    pub(super) machine: String,
    pub(super) human: String,
}

impl Moment {
    /// From seconds since 1970; nothing if no calendar holds it.
    pub(super) fn from_unix(seconds: i64) -> Option<Self> {
        let moment = Timestamp::from_second(seconds).ok()?;
        Some(Self {
            machine: moment.to_string(),
            human: moment.strftime("%-d %B %Y, %H:%M:%S UTC").to_string(),
        })
    }
}

/// How far `then` lies after `now`, both in seconds since 1970.
pub(super) fn remaining(now: i64, then: i64) -> String {
    match then.saturating_sub(now) {
        i64::MIN..=0 => "expired".into(),
        1 => "1 second left".into(),
        seconds @ 2..=119 => format!("{seconds} seconds left"),
        seconds @ 120..=7199 => format!("{} minutes left", seconds / 60),
        seconds @ 7200..=172_799 => format!("{} hours left", seconds / 3600),
        seconds => format!("{} days left", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn remaining_time_is_never_longer_than_it_is() {
        assert_eq!(remaining(100, 100), "expired");
        assert_eq!(remaining(i64::MAX, i64::MIN), "expired");
        assert_eq!(remaining(0, 1), "1 second left");
        assert_eq!(remaining(0, 300), "5 minutes left");
        assert_eq!(remaining(0, 7_199), "119 minutes left");
        assert_eq!(remaining(0, 2_592_000), "30 days left");
    }

    #[test]
    fn moments_are_for_machines_and_people() {
        let moment = Moment::from_unix(1_784_383_500).unwrap();
        assert_eq!(moment.machine, "2026-07-18T14:05:00Z");
        assert_eq!(moment.human, "18 July 2026, 14:05:00 UTC");
    }
}
