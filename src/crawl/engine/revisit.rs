//! When a page is worth another visit.

use std::time::Duration;

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

use crate::clock::in_china;
use crate::crawl::frontier::Priority;

/// A night's visit may begin a little earlier than the last did: what comes back
/// nightly, or after some days, is due this long before the time is full.
const SLACK_HOURS: i64 = 4;

/// For how long a report has been as it is, in days, and after how many it is looked
/// at again: each the visit that the one before it planned.
const WAITS: [(i64, i64); 5] = [(0, 1), (1, 7), (8, 30), (38, 90), (128, 180)];

/// For how long a page counts as unchanged of which nobody knows since when.
pub(super) const ONE_NIGHT: SignedDuration = SignedDuration::from_hours(24);

/// When a page is visited again that has been as it is for so long. That counts, not
/// the number of visits: who asks five times on one day has seen one day.
///
/// Lists, columns and home pages come back every night from December to April,
/// when reports appear (the law's date is the end of January, then that of
/// March; stragglers follow), and every week else: they are how new reports are
/// found, and an unchanged one costs a conditional request. A report is looked
/// at again the next night, because corrections come early, and then ever more
/// rarely: after a week, a month, a quarter, half a year.
pub(super) fn again_at(priority: Priority, unchanged_for: SignedDuration, now: Timestamp) -> Timestamp {
    match priority {
        Priority::Report => {
            // Each visit before may have been early by the slack.
            let is_reached = |(step, (days, _)): &(i64, (i64, i64))| {
                unchanged_for >= SignedDuration::from_hours(24 * days - SLACK_HOURS * step)
            };
            let reached = (0..).zip(WAITS).take_while(is_reached).last();
            in_days(reached.map_or(WAITS[0].1, |(_, (_, wait))| wait), now)
        }
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

/// The same of a report's page, the first time: it may be back the next night.
pub(super) fn vanished_until(now: Timestamp) -> Timestamp {
    in_days(1, now)
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

    fn hours(priority: Priority, unchanged_hours: i64, now: &str) -> i64 {
        let now: Timestamp = now.parse().unwrap();
        again_at(priority, SignedDuration::from_hours(unchanged_hours), now).duration_since(now).as_hours()
    }

    #[test]
    fn reports_are_looked_at_ever_more_rarely() {
        let wait = |unchanged_hours| hours(Priority::Report, unchanged_hours, "2026-01-15T00:00:00+08:00");
        for late in [0, SLACK_HOURS] {
            let (mut age, mut waits) = (0, Vec::new());
            for _ in 0..7 {
                waits.push((wait(age) + SLACK_HOURS) / 24);
                age += wait(age) + late;
            }
            assert_eq!(waits, [1, 7, 30, 90, 180, 180, 180], "visited when due, or {late} hours later");
        }
        assert_eq!(wait(-1), wait(0), "a clock that went back");
        assert_eq!((0..20).map(wait).max(), Some(wait(0)), "however often that day");
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
                assert_eq!(hours(priority, 99, now), expected, "{now}");
            }
        }
    }
}
