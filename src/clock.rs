//! The only place that asks what time it is.
//!
//! Time is tokio's, counted from one reading of the wall clock, so that a test
//! that pauses tokio's time drives the whole engine, deadlines and politeness
//! included. Stages take instants as arguments; only the rim holds a [`Clock`].

use std::time::Duration;

use jiff::civil::DateTime;
use jiff::tz::Offset;
use jiff::{SignedDuration, Timestamp};

/// What the clocks of the portals show: all of China keeps UTC+8, without
/// summer time.
#[must_use]
pub fn in_china(at: Timestamp) -> DateTime {
    Offset::constant(8).to_datetime(at)
}

/// An instant for a person: to the second, in UTC.
#[must_use]
pub fn in_words(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string()
}

/// An instant a while later, or the end of time.
#[must_use]
pub fn later(at: Timestamp, wait: Duration) -> Timestamp {
    SignedDuration::try_from(wait).ok().and_then(|wait| at.checked_add(wait).ok()).unwrap_or(Timestamp::MAX)
}

/// A clock: a wall time at the start, and what has passed since.
#[derive(Debug, Clone)]
pub struct Clock {
    wall_at_start: Timestamp,
    start: tokio::time::Instant,
}

impl Clock {
    /// The machine's clock.
    #[must_use]
    #[allow(clippy::disallowed_methods, reason = "this is the clock module")]
    pub fn system() -> Self {
        Self::starting_at(Timestamp::now())
    }

    /// A clock that shows `wall` now and runs with tokio's time: a test's.
    #[must_use]
    #[allow(clippy::disallowed_methods, reason = "this is the clock module")]
    pub fn starting_at(wall: Timestamp) -> Self {
        Self { wall_at_start: wall, start: tokio::time::Instant::now() }
    }

    /// What time it is. Never runs backwards while the process lives.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        let passed = SignedDuration::try_from(self.start.elapsed()).unwrap_or(SignedDuration::MAX);
        self.wall_at_start.checked_add(passed).unwrap_or(Timestamp::MAX)
    }

    /// Sleeps until an instant; returns at once where it has passed.
    pub async fn sleep_until(&self, instant: Timestamp) {
        let wait = Duration::try_from(instant.duration_since(self.now())).unwrap_or(Duration::ZERO);
        tokio::time::sleep(wait).await;
    }
}
