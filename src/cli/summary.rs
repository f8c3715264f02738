//! What a run came to, for a person.

use std::collections::BTreeMap;

use super::aligned;
use crate::clock::in_words;
use crate::crawl::answer::Wall;
use crate::crawl::engine::{Ending, PlatformNights, Tally};
use crate::crawl::frontier::KnownTrouble;
use crate::ops::{NamedPortal, counted, failing, n_left, slowest};

/// Rows of a list at most.
const SHOWN: usize = 10;
/// Where the others of most lists are.
const REPORT: &str = "in the run report";

/// The whole summary: what was done, how it went, what is left, what needs a
/// person.
pub(super) fn summary(ending: Ending, tally: &Tally, names: &BTreeMap<String, String>) -> String {
    let mut text = format!(
        "{} after {} s: {}, {} ({} new, {} unchanged), {} new or changed, {} and {}, {:.1} MB\n",
        ending_words(ending),
        tally.duration.as_secs(),
        counted(tally.n_requests, "request"),
        counted(tally.n_pages, "page"),
        tally.n_new_payloads,
        tally.n_unchanged,
        counted(tally.n_reports, "report"),
        counted(tally.n_failed_checks, "failed check"),
        counted(tally.n_check_warnings, "warning"),
        tally.n_bytes as f64 / 1e6
    );
    if tally.n_reports_before > 0 {
        text.push_str(&format!(
            "of the interrupted run before: {} new or changed\n",
            counted(tally.n_reports_before, "report")
        ));
    }
    if tally.n_reports_again > 0 {
        text.push_str(&format!("read again, and as before: {}\n", counted(tally.n_reports_again, "report")));
    }
    let mut outcomes: Vec<_> = tally.outcomes.iter().collect();
    outcomes.sort_by_key(|(_, n)| std::cmp::Reverse(**n));
    let rows = outcomes.iter().take(SHOWN).map(|(words, n)| vec![format!("  {words}"), n.to_string()]);
    section(&mut text, "outcomes:", rows.collect(), outcomes.len(), REPORT);
    let of = |wall: Wall| tally.outcomes.get(wall.as_str()).map(|n| format!("{wall} {n}"));
    let walls: Vec<_> = Wall::ALL.into_iter().filter_map(of).collect();
    if !walls.is_empty() {
        text.push_str(&format!("walls that were left alone: {}\n", walls.join(", ")));
    }
    for (host, trouble) in &tally.relaxed {
        text.push_str(&format!("certificate let through, as configured: {host}: {trouble}\n"));
    }
    let name = |portal: &NamedPortal<'_>| names.get(portal.portal).cloned().unwrap_or_default();
    let slowest = slowest(tally);
    let rows = slowest.iter().take(3).map(|portal| {
        let mean = format!("{} ms", portal.mean_answer_ms);
        vec![format!("  {}", portal.portal), name(portal), mean, counted(portal.n_requests, "request")]
    });
    section(&mut text, "slowest portals, by the mean of their answers:", rows.collect(), 0, REPORT);
    let failing = failing(tally);
    let rows = failing.iter().map(|portal| {
        let words = portal.last_trouble.map(|words| format!("the last: {words}")).unwrap_or_default();
        vec![format!("  {}", portal.portal), name(portal), portal.n_failed.to_string(), words]
    });
    section(&mut text, "portals with URLs given up:", rows.collect(), 0, REPORT);
    if !tally.in_vain.is_empty() {
        text.push_str(&format!(
            "searched to the end in vain: {}; no report was found\n",
            counted(tally.in_vain.len(), "portal")
        ));
    }
    let n_portals = tally.waiting.iter().filter(|(_, n)| *n > 0).count();
    if n_left(tally) > 0 {
        text.push_str(&format!(
            "left for the next run: {} of {}\n",
            counted(n_left(tally), "URL"),
            counted(n_portals, "portal")
        ));
    }
    if let Some(next) = tally.next_at {
        let nothing = if tally.n_requests == 0 { "nothing was due; " } else { "" };
        text.push_str(&format!("{nothing}the next is due {}\n", in_words(next)));
    }
    let rows = tally.held.iter().map(|(who, why)| vec![format!("  {who}"), why.clone()]);
    section(&mut text, "held back by the configuration:", rows.collect(), 0, REPORT);
    let rows = tally.resting.iter().take(SHOWN).map(|(host, until)| vec![format!("  {host}"), until.clone()]);
    section(&mut text, "hosts that rest, with something waiting:", rows.collect(), tally.resting.len(), REPORT);
    tally.nights.iter().for_each(|nights| text.push_str(&of_nights(nights)));
    text.push_str(&news(tally));
    if tally.n_told_before + tally.n_acknowledged > 0 {
        text.push_str(&format!(
            "known troubles: {} told before, {} acknowledged; `gongkai status` lists them\n",
            tally.n_told_before, tally.n_acknowledged
        ));
    }
    text
}

/// A platform that takes more than this night.
fn of_nights(nights: &PlatformNights) -> String {
    let later = match nights.later.len() {
        0 => "all of them are done".to_owned(),
        n => format!("{n} will be done later:"),
    };
    let mut text = format!(
        "platform {}: a night has room for {}; {} had a turn, {later}\n",
        nights.platform,
        counted(nights.n_requests_a_night, "request"),
        counted(nights.n_tonight, "portal"),
    );
    let rows = nights
        .later
        .iter()
        .take(SHOWN)
        .map(|later| vec![format!("  {}", later.portal), format!("by {}", later.done_on)]);
    text.push_str(&aligned(&rows.collect::<Vec<_>>()));
    if nights.later.len() > SHOWN {
        text.push_str(&format!("  and {} more, in the run report\n", nights.later.len() - SHOWN));
    }
    text
}

/// What needs a person and was not told before; empty where there is none.
pub(super) fn news(tally: &Tally) -> String {
    let mut text = tally.shortage.as_ref().map(|words| format!("{words}\n")).unwrap_or_default();
    let row = |trouble: &KnownTrouble| {
        vec![format!("  {}", trouble.key), trouble.portal.clone(), place_of(trouble), trouble.words.clone()]
    };
    let n = usize::try_from(tally.n_news).unwrap_or(usize::MAX);
    section(
        &mut text,
        "needs a person:",
        tally.news.iter().take(SHOWN).map(row).collect(),
        n,
        "named by `gongkai status`",
    );
    text
}

/// Where a trouble is, for a person.
pub(super) fn place_of(trouble: &KnownTrouble) -> String {
    match trouble.n_places {
        0 | 1 => trouble.place.clone(),
        n => format!("{} and {} more of its host", trouble.place, n - 1),
    }
}

fn ending_words(ending: Ending) -> &'static str {
    match ending {
        Ending::Done => "done",
        Ending::TimeUp => "stopped at its time limit",
        Ending::Stopped => "stopped; the next run goes on from here",
        Ending::DiskLow => "stopped, the disk is low; the next run goes on from here",
    }
}

/// Rows under a title, and where the others are of which they are the first.
fn section(text: &mut String, title: &str, rows: Vec<Vec<String>>, n_all: usize, others_are: &str) {
    if rows.is_empty() {
        return;
    }
    text.push_str(title);
    text.push('\n');
    text.push_str(&aligned(&rows));
    if n_all > rows.len() {
        text.push_str(&format!("  and {} more, {others_are}\n", n_all - rows.len()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_platform_of_which_all_is_done_after_all_has_nothing_for_later() {
        let nights =
            PlatformNights { platform: "zj".to_owned(), n_requests_a_night: 9, n_tonight: 2, later: Vec::new() };
        let said = of_nights(&nights);
        assert_eq!(said, "platform zj: a night has room for 9 requests; 2 portals had a turn, all of them are done\n");
    }

    #[test]
    fn the_summary_counts_the_walls() {
        let outcomes = [("challenge".to_owned(), 2), ("login".to_owned(), 1), ("a report".to_owned(), 9)];
        let mut tally = Tally::default();
        tally.outcomes.extend(outcomes);
        let said = summary(Ending::Done, &tally, &BTreeMap::new());
        assert!(said.contains("\nwalls that were left alone: challenge 2, login 1\n"), "{said}");
        assert!(!summary(Ending::Done, &Tally::default(), &BTreeMap::new()).contains("walls"));
    }
}
