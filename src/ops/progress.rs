//! How a crawl stands, while it goes on.

use std::io::IsTerminal;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use jiff::Timestamp;

use super::counted;
use crate::crawl::engine::Snapshot;

/// Shows a crawl's progress: a line that changes on a terminal, a log line now
/// and then elsewhere.
#[derive(Debug)]
pub struct Progress {
    bar: Option<ProgressBar>,
    last_logged_pages: u64,
}

/// Pages between two log lines.
const LOG_EVERY: u64 = 50;

impl Progress {
    /// Progress on standard error: a bar for a person at a terminal, log lines
    /// else.
    #[must_use]
    pub fn on_stderr(is_for_a_person: bool) -> Self {
        let bar = (is_for_a_person && std::io::stderr().is_terminal()).then(|| {
            let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(5));
            // A template of one's own that is tested by being used.
            if let Ok(style) = ProgressStyle::with_template("{spinner} {elapsed} {msg}") {
                bar.set_style(style);
            }
            bar
        });
        Self { bar, last_logged_pages: 0 }
    }

    /// Shows how a run stands now.
    pub fn show(&mut self, snapshot: &Snapshot, now: Timestamp) {
        let words = line(snapshot, now);
        match &self.bar {
            Some(bar) => {
                bar.set_message(words);
                bar.tick();
            }
            None if snapshot.n_pages >= self.last_logged_pages + LOG_EVERY => {
                self.last_logged_pages = snapshot.n_pages;
                tracing::info!(
                    event = "run.progress",
                    n_pages = snapshot.n_pages,
                    n_reports = snapshot.n_reports,
                    n_failed = snapshot.n_failed,
                    n_under_way = snapshot.n_under_way,
                    "{words}"
                );
            }
            None => {}
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

/// Portals, pages, reports, what is under way, and what is waited for.
fn line(snapshot: &Snapshot, now: Timestamp) -> String {
    let mut words = format!(
        "{}, {}, {}, {} given up, {} under way",
        counted(snapshot.n_portals, "portal"),
        counted(snapshot.n_pages, "page"),
        counted(snapshot.n_reports, "report"),
        snapshot.n_failed,
        snapshot.n_under_way
    );
    if snapshot.n_under_way == 0
        && let Some(at) = snapshot.next_at
    {
        let seconds = at.duration_since(now).as_secs().max(0);
        words.push_str(&format!(
            ", waiting {seconds} s: politeness keeps {} closed",
            counted(snapshot.n_hosts_waiting, "host")
        ));
    }
    words
}
