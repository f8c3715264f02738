//! When a page is worth another visit.

use std::time::Duration;

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

use crate::clock::in_china;
use crate::crawl::frontier::Priority;

/// A night's visit may begin a little earlier than the last did: what comes back
/// nightly, or after some days, is due this long before the time is full.
const SLACK_HOURS: i64 = 4;

/// When a page is visited again that was found unchanged `n_unchanged` times
/// in a row.
///
/// Lists, columns and home pages come back every night from December to April,
/// when reports appear (the law's date is the end of January, then that of
/// March; stragglers follow), and every week else: they are how new reports are
/// found, and an unchanged one costs a conditional request. A report is looked
/// at again the next night, because corrections come early, and then ever more
/// rarely: after a week, a month, a quarter, half a year.
pub(super) fn again_at(priority: Priority, n_unchanged: u32, now: Timestamp) -> Timestamp {
    const DAYS: [i64; 5] = [1, 7, 30, 90, 180];
    match priority {
        Priority::Report => in_days(DAYS[(n_unchanged as usize).min(DAYS.len() - 1)], now),
        Priority::List | Priority::Column | Priority::Rest => match next_season(now) {
            None => in_days(1, now),
            // A week must not reach far into the season.
            Some(opens) => in_days(7, now).min(opens.max(in_days(1, now))),
        },
    }
}

/// When a page that the portal says is not there is looked for again.
pub(super) fn gone_until(now: Timestamp) -> Timestamp {
    in_days(30, now)
}

/// How long a page that failed rests before its next attempt in the same run,
/// the first time.
pub(super) const PAGE_RESTS: Duration = Duration::from_millis(500);

/// The same of a name that the resolver had no answer for: a resolver that is
/// down is down for a while, and takes all portals with it.
pub(super) const NAME_RESTS: Duration = Duration::from_mins(1);

/// How long what failed rests after so many attempts before: twice as long each
/// time.
pub(super) fn backoff(first: Duration, attempts: u32) -> Duration {
    first * (1 << attempts.min(10))
}

/// When what failed is tried again: by the next night's run, even one that
/// begins a little earlier.
pub(super) fn failed_until(now: Timestamp) -> Timestamp {
    now.checked_add(SignedDuration::from_hours(20)).unwrap_or(Timestamp::MAX)
}

/// When a challenge, a block or a ban of robots.txt is looked at again: what
/// we may not do is asked rarely, but portals do change their minds.
pub(super) fn refused_until(now: Timestamp) -> Timestamp {
    in_days(7, now)
}

/// When the season in which reports appear begins; none while it lasts.
fn next_season(now: Timestamp) -> Option<Timestamp> {
    let today = in_china(now).date();
    if matches!(today.month(), 12 | 1..=4) {
        return None;
    }
    let opens = Date::new(today.year(), 12, 1).ok()?;
    jiff::tz::Offset::constant(8).to_timestamp(opens.at(0, 0, 0, 0)).ok()
}

fn in_days(days: i64, now: Timestamp) -> Timestamp {
    now.checked_add(SignedDuration::from_hours(24 * days - SLACK_HOURS)).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hours(priority: Priority, n_unchanged: u32, now: &str) -> i64 {
        let now: Timestamp = now.parse().unwrap();
        again_at(priority, n_unchanged, now).duration_since(now).as_hours()
    }

    #[test]
    fn reports_are_looked_at_ever_more_rarely() {
        let days = |n| (hours(Priority::Report, n, "2026-01-15T00:00:00+08:00") + SLACK_HOURS) / 24;
        assert_eq!((0..7).map(days).collect::<Vec<_>>(), [1, 7, 30, 90, 180, 180, 180]);
    }

    #[test]
    fn lists_come_back_nightly_in_the_season_and_weekly_else() {
        let (nightly, weekly) = (20, 164);
        for (now, expected) in [
            ("2025-12-01T00:00:00+08:00", nightly),
            ("2026-01-15T01:30:00+08:00", nightly),
            ("2026-04-30T23:59:59+08:00", nightly),
            ("2026-05-01T00:00:00+08:00", weekly),
            ("2026-07-15T00:00:00+08:00", weekly),
            // The season's first night is not slept through.
            ("2026-11-28T00:00:00+08:00", 72),
            ("2026-11-30T23:30:00+08:00", nightly),
        ] {
            for priority in [Priority::List, Priority::Column, Priority::Rest] {
                assert_eq!(hours(priority, 9, now), expected, "{now}");
            }
        }
    }
}
