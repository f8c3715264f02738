//! When a page is worth another visit.

use jiff::{SignedDuration, Timestamp};

use crate::crawl::frontier::Priority;

/// When a page is visited again that was found unchanged `n_unchanged` times
/// in a row.
///
/// Lists, columns and home pages come back with every run: they are how new
/// reports are found, and an unchanged one costs a conditional request. A
/// report is looked at again by the next run, because corrections come early,
/// and then ever more rarely: after a week, a month, a quarter, half a year.
pub(super) fn again_at(priority: Priority, n_unchanged: u32, now: Timestamp) -> Timestamp {
    const DAYS: [i64; 5] = [0, 7, 30, 90, 180];
    let days = match priority {
        Priority::Report => DAYS[(n_unchanged as usize).min(DAYS.len() - 1)],
        Priority::List | Priority::Column | Priority::Rest => 0,
    };
    in_days(days, now)
}

/// When a page that the portal says is not there is looked for again.
pub(super) fn gone_until(now: Timestamp) -> Timestamp {
    in_days(30, now)
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

fn in_days(days: i64, now: Timestamp) -> Timestamp {
    now.checked_add(SignedDuration::from_hours(24 * days)).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_come_back_with_every_run_and_reports_ever_more_rarely() {
        let now = Timestamp::from_second(1_700_000_000).unwrap();
        let days = |priority, n| again_at(priority, n, now).duration_since(now).as_hours() / 24;
        assert_eq!((0..7).map(|n| days(Priority::Report, n)).collect::<Vec<_>>(), [0, 7, 30, 90, 180, 180, 180]);
        for priority in [Priority::List, Priority::Column, Priority::Rest] {
            assert_eq!(days(priority, 9), 0);
        }
    }
}
