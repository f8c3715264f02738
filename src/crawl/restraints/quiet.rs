//! Hours in which no request goes out.

use std::fmt;

use jiff::{SignedDuration, Timestamp};
use serde::{Serialize, Serializer};

use crate::clock::in_china;

/// Hours of the day, by the clocks of the portals (UTC+8), in which no request
/// goes out. Windows may reach over midnight.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct QuietHours(Vec<Window>);

/// From a minute of the day to another, the second not included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Window {
    from: u16,
    to: u16,
}

/// A text that is no window.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no window: it should look like 08:00-18:30, two times of a day (UTC+8) that differ")]
pub struct BadHours(pub String);

const DAY: u16 = 24 * 60;

impl QuietHours {
    /// The windows as they are written, such as `08:00-18:30`.
    ///
    /// # Errors
    ///
    /// - one is no window
    pub fn parse(texts: &[impl AsRef<str>]) -> Result<Self, BadHours> {
        texts.iter().map(|text| window(text.as_ref())).collect::<Result<_, _>>().map(Self)
    }

    /// When an instant's quiet hours end; none where requests may go out.
    #[must_use]
    pub fn until(&self, now: Timestamp) -> Option<Timestamp> {
        let mut end = now;
        // Windows may touch or overlap; each is used once at most, so that
        // windows that fill the day end as well.
        for _ in &self.0 {
            let Some(left) = self.0.iter().filter_map(|window| window.left(end)).max() else { break };
            end = end.checked_add(left).unwrap_or(Timestamp::MAX);
        }
        (end > now).then_some(end)
    }

    /// The time of a span of a day's length at most that is not quiet.
    #[must_use]
    pub fn open_time(&self, from: Timestamp, to: Timestamp) -> SignedDuration {
        let (mut open, mut at) = (SignedDuration::ZERO, from);
        let minute = SignedDuration::from_mins(1);
        while at < to {
            let next = at.checked_add(minute).unwrap_or(Timestamp::MAX).min(to);
            if self.until(at).is_none() {
                open += next.duration_since(at);
            }
            at = next;
        }
        open
    }
}

impl Window {
    /// How long an instant has to wait; none outside.
    fn left(self, at: Timestamp) -> Option<SignedDuration> {
        let time = in_china(at).time();
        let minute = u16::from(time.hour().unsigned_abs()) * 60 + u16::from(time.minute().unsigned_abs());
        let since = (minute + DAY - self.from) % DAY;
        let length = (self.to + DAY - self.from) % DAY;
        let passed = SignedDuration::from_secs(i64::from(time.second()))
            + SignedDuration::from_nanos(i64::from(time.subsec_nanosecond()));
        (since < length).then(|| SignedDuration::from_mins(i64::from(length - since)) - passed)
    }
}

fn window(text: &str) -> Result<Window, BadHours> {
    let bad = || BadHours(text.to_owned());
    let minute = |text: &str| -> Option<u16> {
        let (hour, minute) = text.trim().split_once(':')?;
        let (hour, minute): (u16, u16) = (hour.parse().ok()?, minute.parse().ok()?);
        let is_time = (hour < 24 && minute < 60) || (hour, minute) == (24, 0);
        is_time.then_some((hour * 60 + minute) % DAY)
    };
    let (from, to) = text.split_once('-').ok_or_else(bad)?;
    let (from, to) = minute(from).zip(minute(to)).ok_or_else(bad)?;
    if from == to { Err(bad()) } else { Ok(Window { from, to }) }
}

impl fmt::Display for QuietHours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let clock = |minute: u16| format!("{:02}:{:02}", minute / 60, minute % 60);
        let windows = self.0.iter().map(|window| format!("{}-{}", clock(window.from), clock(window.to)));
        f.write_str(&windows.collect::<Vec<_>>().join(", "))
    }
}

impl Serialize for QuietHours {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn china(text: &str) -> Timestamp {
        format!("2026-01-15T{text}+08:00").parse().unwrap()
    }

    fn until(windows: &[&str], at: &str) -> Option<String> {
        let end = QuietHours::parse(windows).unwrap().until(china(at));
        end.map(|end| in_china(end).strftime("%dT%H:%M:%S").to_string())
    }

    #[test]
    fn quiet_hours_end_when_the_windows_do() {
        let day = ["08:00-18:30"];
        assert_eq!(until(&day, "07:59:59"), None);
        assert_eq!(until(&day, "08:00:00").as_deref(), Some("15T18:30:00"));
        assert_eq!(until(&day, "18:29:59.5").as_deref(), Some("15T18:30:00"));
        assert_eq!(until(&day, "18:30:00"), None);
        let night = ["22:00-06:00"];
        assert_eq!(until(&night, "23:30:00").as_deref(), Some("16T06:00:00"));
        assert_eq!(until(&night, "05:00:00").as_deref(), Some("15T06:00:00"));
        assert_eq!(until(&night, "12:00:00"), None);
        assert_eq!(until(&["08:00-12:00", "12:00-14:00"], "09:00:00").as_deref(), Some("15T14:00:00"));
        assert_eq!(until(&["18:00-24:00"], "19:00:00").as_deref(), Some("16T00:00:00"));
        assert_eq!(until(&[], "19:00:00"), None);
    }

    #[test]
    fn the_open_time_of_a_night() {
        let quiet = QuietHours::parse(&["02:00-03:00"]).unwrap();
        let open = quiet.open_time(china("01:30:00"), china("04:00:30"));
        assert_eq!(open.as_secs(), 90 * 60 + 30);
    }

    #[test]
    fn what_is_no_window_is_said() {
        for text in ["8-18", "08:00", "08:00-08:00", "25:00-26:00", "08:60-09:00", "", "00:00-24:00"] {
            assert_eq!(QuietHours::parse(&[text]), Err(BadHours(text.to_owned())), "{text}");
        }
        assert_eq!(QuietHours::parse(&["08:00-9:30"]).unwrap().to_string(), "08:00-09:30");
    }
}
