//! The hours in which a portal wants to be left to its citizens.

use std::str::FromStr;

use jiff::{SignedDuration, Timestamp};

/// Hours of each day, in China's time, in which nothing is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QuietHours {
    /// Minutes after midnight at which they begin and end.
    from: i64,
    to: i64,
}

/// A text that names no hours.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` names no hours: they should look like 08:00-18:30, in China's time")]
pub struct BadHours(pub String);

const DAY: i64 = 24 * 60;
/// China's time is eight hours ahead all year, all over the country.
const AHEAD_SECONDS: i64 = 8 * 3600;

impl FromStr for QuietHours {
    type Err = BadHours;

    fn from_str(text: &str) -> Result<Self, BadHours> {
        let bad = || BadHours(text.to_owned());
        let (from, to) = text.split_once('-').ok_or_else(bad)?;
        let (from, to) = (minutes(from).ok_or_else(bad)?, minutes(to).ok_or_else(bad)?);
        // A whole day would be an end, not quiet.
        if (to - from).rem_euclid(DAY) == 0 || from == DAY { Err(bad()) } else { Ok(Self { from, to }) }
    }
}

fn minutes(text: &str) -> Option<i64> {
    let (hours, minutes) = text.trim().split_once(':')?;
    let is_number = |text: &str| text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
    let (hours, minutes): (i64, i64) = if is_number(hours) && is_number(minutes) {
        (hours.parse().ok()?, minutes.parse().ok()?)
    } else {
        return None;
    };
    let all = hours * 60 + minutes;
    (minutes < 60 && all <= DAY).then_some(all)
}

impl QuietHours {
    /// When the quiet that holds now ends; none where none holds. Hours may
    /// run over midnight.
    #[must_use]
    pub fn until(&self, now: Timestamp) -> Option<Timestamp> {
        let second = (now.as_second() + AHEAD_SECONDS).rem_euclid(DAY * 60);
        let length = (self.to - self.from).rem_euclid(DAY) * 60;
        let since = (second - self.from * 60).rem_euclid(DAY * 60);
        let left = SignedDuration::from_secs(length - since);
        let start_of_second = Timestamp::from_second(now.as_second()).ok()?;
        (since < length).then(|| start_of_second.checked_add(left).ok()).flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_are_those_of_china_and_may_run_over_midnight() {
        let cases = [
            ("08:00-18:00", "2024-01-01T07:59:59+08", None),
            ("08:00-18:00", "2024-01-01T08:00:00+08", Some("2024-01-01T18:00:00+08")),
            ("08:00-18:00", "2024-01-01T17:59:59.9+08", Some("2024-01-01T18:00:00+08")),
            ("08:00-18:00", "2024-01-01T18:00:00+08", None),
            ("08:00-18:00", "2023-12-31T16:00:00Z", None),
            ("08:00-18:00", "2024-01-01T00:00:00Z", Some("2024-01-01T18:00:00+08")),
            ("22:30-06:00", "2024-01-01T23:00:00+08", Some("2024-01-02T06:00:00+08")),
            ("22:30-06:00", "2024-01-01T05:00:00+08", Some("2024-01-01T06:00:00+08")),
            ("22:30-06:00", "2024-01-01T12:00:00+08", None),
            ("06:00-24:00", "2024-01-01T12:00:00+08", Some("2024-01-02T00:00:00+08")),
        ];
        for (hours, now, until) in cases {
            let found = hours.parse::<QuietHours>().unwrap().until(now.parse().unwrap());
            assert_eq!(found, until.map(|text| text.parse().unwrap()), "{hours:?} {now}");
        }
        for text in [
            "",
            "8-18",
            "08:00",
            "08:00-08:00",
            "00:00-24:00",
            "08:60-09:00",
            "24:00-01:00",
            "25:00-26:00",
            "-1:00-02:00",
            "0800-1800",
        ] {
            assert!(text.parse::<QuietHours>().is_err(), "{text}");
        }
    }
}
