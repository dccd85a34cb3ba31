//! What a provider does by itself: new signing keys, and the removal of what has expired.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::de::{self, Deserialize, Deserializer, Visitor};

use crate::settings_file::{File, Seconds};

/// How often, and how long before the end.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Upkeep {
    /// `None`: by hand only.
    pub(crate) rotate_keys_every: Option<Duration>,
    pub(crate) clean_up_every: Duration,
    /// How long a provider that was asked to end says that it is not ready before it stops accepting.
    pub(crate) drain: Duration,
}

impl Default for Upkeep {
    fn default() -> Self {
        Self {
            rotate_keys_every: Some(Duration::from_secs(90 * 24 * 60 * 60)),
            clean_up_every: Duration::from_secs(5 * 60),
            drain: Duration::ZERO,
        }
    }
}

impl Upkeep {
    pub(crate) fn new(file: &File) -> Self {
        let default = Self::default();
        let seconds = |Seconds(seconds)| Duration::from_secs(u64::from(seconds));
        Self {
            rotate_keys_every: file.rotate_keys_every.map_or(default.rotate_keys_every, |every| every.0),
            clean_up_every: file.clean_up_every.map_or(default.clean_up_every, seconds),
            drain: file.drain.map_or(default.drain, |seconds| Duration::from_secs(u64::from(seconds))),
        }
    }
}

/// Reads a number above 0 with a unit: days, hours, minutes or, as without one, seconds.
pub(crate) fn span(text: &str) -> Option<Duration> {
    let units = [('d', 24 * 60 * 60), ('h', 60 * 60), ('m', 60), ('s', 1)];
    let with_unit = units.iter().find_map(|(unit, seconds)| Some((text.strip_suffix(*unit)?, *seconds)));
    let (number, unit) = with_unit.unwrap_or((text, 1));
    let number: u32 = number.parse().ok().filter(|number| *number > 0)?;
    Some(Duration::from_secs(u64::from(number).checked_mul(unit)?))
}

/// A span of days: `"90d"`, a number of seconds, or `"never"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Every(pub(crate) Option<Duration>);

/// What may be written.
const FORM: &str = "a span of time such as \"90d\", \"12h\" or \"never\", or a number of seconds above 0";

impl FromStr for Every {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "never" {
            return Ok(Self(None));
        }
        span(text).map(|span| Self(Some(span))).ok_or_else(|| format!("{text:?} is not {FORM}"))
    }
}

impl fmt::Display for Every {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(seconds) = self.0.map(|every| every.as_secs()) else { return f.write_str("never") };
        match [('d', 24 * 60 * 60), ('h', 60 * 60), ('m', 60)]
            .iter()
            .find(|(_, unit)| seconds.is_multiple_of(*unit))
        {
            Some((name, unit)) => write!(f, "{}{name}", seconds.checked_div(*unit).unwrap_or(seconds)),
            None => write!(f, "{seconds}s"),
        }
    }
}

impl<'de> Deserialize<'de> for Every {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Read;

        impl Visitor<'_> for Read {
            type Value = Every;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(FORM)
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Every, E> {
                text.parse().map_err(E::custom)
            }

            fn visit_i64<E: de::Error>(self, number: i64) -> Result<Every, E> {
                let seconds = u32::try_from(number).ok().filter(|seconds| *seconds > 0);
                let seconds =
                    seconds.ok_or_else(|| E::invalid_value(de::Unexpected::Signed(number), &self))?;
                Ok(Every(Some(Duration::from_secs(seconds.into()))))
            }
        }

        deserializer.deserialize_any(Read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_read_and_shown_in_the_largest_unit() {
        for (text, seconds, shown) in [
            ("90d", 7_776_000, "90d"),
            ("24h", 86_400, "1d"),
            ("90m", 5400, "90m"),
            ("61s", 61, "61s"),
            ("90", 90, "90s"),
        ] {
            let every: Every = text.parse().unwrap();
            assert_eq!(every.0, Some(Duration::from_secs(seconds)));
            assert_eq!(every.to_string(), shown);
        }
        assert_eq!("never".parse::<Every>().unwrap().to_string(), "never");
        for text in ["", "0d", "d", "-1d", "0", "1w", "9999999999d", "1.5h"] {
            assert!(text.parse::<Every>().is_err(), "{text}");
        }
    }
}
