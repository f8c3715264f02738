//! What a portal costs in a run, and where its pages lead nowhere.
//!
//! Pages are counted by the pattern of their URLs. A pattern of which many
//! pages in a row led to no new report is a trap: a calendar, endless paging, a
//! list with filters, redirects to ever new URLs. What a page led to is
//! credited to the whole way that led to it, so that a column of sixty offices
//! is none.

use std::collections::{BTreeMap, HashMap, HashSet};

use jiff::{SignedDuration, Timestamp};
use url::Url;

use super::Target;
use crate::crawl::address::HostKey;
use crate::crawl::frontier::{KnownTrouble, PortalId, Priority};

/// Pages of one pattern in a row that lead to no report: then it is a trap.
/// Lists on which reports stand among other news have some pages between two.
const MOST_BARREN: u32 = 30;
/// The same for one path, whatever its query's fields: filters combine.
const MOST_BARREN_QUERIES: u32 = 60;
/// Pages of a host that are another's, byte for byte: so many, and half of all
/// so far, and it is that host's mirror. The twins of the others may be yet to
/// come: hosts are asked in turn.
const LEAST_OF_A_MIRROR: u32 = 5;
/// How a trap is told; what the run before told so is one from the start.
const TRAP: &str = "a trap: ";
/// How long what leads nowhere is left without another look: portals are
/// rebuilt.
pub(super) const TRAP_LASTS: SignedDuration = SignedDuration::from_hours(24 * 180);
/// Patterns of one portal that are told apart; the rest count as one.
const MOST_PATTERNS: usize = 200;

/// The portals of a run.
#[derive(Debug, Default)]
pub(super) struct Watch {
    portals: HashMap<PortalId, Watched>,
}

#[derive(Debug, Default)]
struct Watched {
    /// When its first page ended; none before.
    began_at: Option<Timestamp>,
    n_bytes: u64,
    n_failed: u32,
    patterns: BTreeMap<String, Pattern>,
    /// The links of the last page of each path's pattern, in short.
    last_links: HashMap<String, u64>,
    /// The hosts that are not the portal's own.
    others: HashMap<HostKey, Other>,
    /// Hosts whose pages are led for good to another: from, to.
    moves: HashSet<(HostKey, HostKey)>,
    /// Whether it was told that links are too deep.
    has_told_depth: bool,
}

/// Pages of a host, and those of them that are another's.
#[derive(Debug, Default, Clone, Copy)]
struct Other {
    n_pages: u32,
    n_twins: u32,
    is_mirror: bool,
}

#[derive(Debug, Default, Clone, Copy)]
struct Pattern {
    n_fetched: u32,
    n_barren: u32,
    is_trap: bool,
}

/// How a page ended, as far as the watch is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Came {
    /// Something new: a report, or a file that may hold one.
    Fruit,
    /// A page or a redirect.
    Page,
    /// What was there before: it says nothing of where it leads.
    Unchanged,
    /// It failed.
    Failed,
}

/// URLs that lead nowhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Trapped {
    /// Their pattern, or the host.
    pub pattern: String,
    /// What is wrong, in words.
    pub words: String,
}

impl Watch {
    /// A pattern that an earlier run told to be a trap is one from the start, so
    /// that each night does not walk as far into it again. Whether it is.
    pub fn remember(&mut self, portal: &PortalId, told: &KnownTrouble, now: Timestamp) -> bool {
        if !told.words.starts_with(TRAP) || now.duration_since(told.since) > TRAP_LASTS {
            return false;
        }
        let watched = self.portals.entry(portal.clone()).or_default();
        watched.patterns.entry(told.place.clone()).or_default().is_trap = true;
        true
    }

    /// Counts a page that ended. `is_search` where it is no report's page: only
    /// the ways are watched.
    pub fn ended(
        &mut self,
        portal: &PortalId,
        url: &Url,
        came: Came,
        is_search: bool,
        n_bytes: u64,
        now: Timestamp,
    ) -> Option<Trapped> {
        let watched = self.portals.entry(portal.clone()).or_default();
        watched.began_at.get_or_insert(now);
        watched.n_bytes += n_bytes;
        watched.n_failed += u32::from(came == Came::Failed);
        let mut trapped = None;
        for (pattern, limit) in patterns(url) {
            let pattern = watched.known(pattern);
            let counts = watched.patterns.entry(pattern.clone()).or_default();
            counts.n_fetched += 1;
            if is_search && matches!(came, Came::Page | Came::Failed) {
                counts.n_barren += 1;
                if counts.n_barren >= limit && !counts.is_trap {
                    counts.is_trap = true;
                    let words = format!(
                        "{TRAP}{limit} pages in a row like {pattern} led to no new report, the others are left"
                    );
                    trapped = Some(Trapped { pattern, words });
                }
            }
        }
        trapped
    }

    /// Counts a page that is said to be gone while that is in doubt: it may fail.
    pub fn doubts(&mut self, portal: &PortalId, n_bytes: u64, now: Timestamp) {
        let watched = self.portals.entry(portal.clone()).or_default();
        watched.began_at.get_or_insert(now);
        watched.n_bytes += n_bytes;
        watched.n_failed += 1;
    }

    /// A doubt is settled: its page ends now.
    pub fn settles(&mut self, portal: &PortalId) {
        if let Some(watched) = self.portals.get_mut(portal) {
            watched.n_failed = watched.n_failed.saturating_sub(1);
        }
    }

    /// Whether a page has the very links of the one before it with its path, its
    /// query and its pager aside.
    pub fn repeats(&mut self, portal: &PortalId, url: &Url, links: Option<u64>) -> bool {
        let last = &mut self.portals.entry(portal.clone()).or_default().last_links;
        let Some(links) = links else { return false };
        let path = path_pattern(url);
        let is_room = last.len() < MOST_PATTERNS || last.contains_key(&path);
        is_room && last.insert(path, links) == Some(links)
    }

    /// Credits the pages that led to a report.
    pub fn led_to_report<'a>(&mut self, portal: &PortalId, way: impl Iterator<Item = &'a str>) {
        let Some(watched) = self.portals.get_mut(portal) else { return };
        for url in way.filter_map(|text| text.parse::<Url>().ok()) {
            for (pattern, _) in patterns(&url) {
                if let Some(counts) = watched.patterns.get_mut(&pattern) {
                    counts.n_barren = 0;
                }
            }
        }
    }

    /// Notes that a page that was there is led for good to another host.
    pub fn moves(&mut self, portal: &PortalId, from: &HostKey, to: &HostKey) {
        let moves = &mut self.portals.entry(portal.clone()).or_default().moves;
        if moves.len() < MOST_PATTERNS {
            moves.insert((from.clone(), to.clone()));
        }
    }

    /// Whether pages of a host are led for good to another: what both show is no
    /// mirror's.
    pub fn has_moved(&self, portal: &PortalId, from: &HostKey, to: &HostKey) -> bool {
        self.portals.get(portal).is_some_and(|watched| watched.moves.contains(&(from.clone(), to.clone())))
    }

    /// Counts a page of a host, and the host of its twin where it has one. The
    /// portal's own host `home` is nobody's mirror, whichever page came first.
    pub fn twin(
        &mut self,
        portal: &PortalId,
        host: &HostKey,
        twin: Option<&HostKey>,
        home: &HostKey,
        now: Timestamp,
    ) -> Option<Trapped> {
        let watched = self.portals.entry(portal.clone()).or_default();
        watched.began_at.get_or_insert(now);
        if host != home {
            watched.others.entry(host.clone()).or_default().n_pages += 1;
        }
        let of = twin.filter(|twin| *twin != host)?;
        let (mirror, of) = if host == home { (of, host) } else { (host, of) };
        let counts = watched.others.entry(mirror.clone()).or_default();
        counts.n_twins += 1;
        let is_news = !counts.is_mirror;
        counts.is_mirror |= counts.n_twins >= LEAST_OF_A_MIRROR && counts.n_twins * 2 >= counts.n_pages;
        (is_news && counts.is_mirror).then(|| Trapped {
            pattern: mirror.to_string(),
            words: format!("a mirror: {LEAST_OF_A_MIRROR} pages of {mirror} are those of {of}, the others are left"),
        })
    }

    /// Whether it is yet to be told that a portal's links are too deep: once a
    /// run is enough.
    pub fn is_news(&mut self, portal: &PortalId) -> bool {
        self.portals.get_mut(portal).is_some_and(|watched| !std::mem::replace(&mut watched.has_told_depth, true))
    }

    /// Whether a URL is of a pattern or a host that leads nowhere. A report may
    /// have the pattern of pages that do.
    pub fn is_trapped(&self, portal: &PortalId, url: &Url, priority: Priority) -> bool {
        let Some(watched) = self.portals.get(portal) else { return false };
        let is_mirror =
            HostKey::of(url).and_then(|host| watched.others.get(&host)).is_some_and(|other| other.is_mirror);
        let is_trap = |pattern: &String| watched.patterns.get(pattern).is_some_and(|counts| counts.is_trap);
        is_mirror || priority != Priority::Report && patterns(url).iter().any(|(pattern, _)| is_trap(pattern))
    }

    /// Which budget of a portal is used up, in words; pages are the frontier's.
    pub fn over(&self, target: &Target, now: Timestamp) -> Option<String> {
        let watched = self.portals.get(&target.portal)?;
        let time = SignedDuration::try_from(target.max_time).unwrap_or(SignedDuration::MAX);
        let what = if watched.n_bytes >= target.max_bytes {
            format!("its {} bytes", target.max_bytes)
        } else if watched.n_failed >= target.max_failures {
            format!("its {} failures", target.max_failures)
        } else if watched.began_at.is_some_and(|began_at| now.duration_since(began_at) >= time) {
            format!("its {} s", target.max_time.as_secs())
        } else {
            return None;
        };
        Some(used_up(&what, self.busiest(&target.portal)))
    }

    /// The pattern of which a portal has had the most pages.
    pub fn busiest(&self, portal: &PortalId) -> Option<&str> {
        let patterns = self.portals.get(portal)?.patterns.iter();
        let busiest = patterns.max_by_key(|(pattern, counts)| (counts.n_fetched, std::cmp::Reverse(pattern.len())));
        busiest.map(|(pattern, _)| pattern.as_str())
    }
}

/// Says that a budget is used up, and by which pages most.
pub(super) fn used_up(what: &str, busiest: Option<&str>) -> String {
    // Without their number: what is known of is told again when its words change.
    let by = busiest.map_or_else(String::new, |pattern| format!(", most for pages like {pattern}"));
    format!("{what} for one run are used up{by}: the rest waits for the next")
}

impl Watched {
    /// The pattern under which a page counts: memory is bounded.
    fn known(&self, pattern: String) -> String {
        let is_room = self.patterns.len() < MOST_PATTERNS || self.patterns.contains_key(&pattern);
        if is_room { pattern } else { "any other page".to_owned() }
    }
}

/// The patterns of a URL, with the barren pages that each may have in a row:
/// numbers are N, long mixed names X, a query is its fields' names.
fn patterns(url: &Url) -> Vec<(String, u32)> {
    let path = path_pattern(url);
    let mut names: Vec<String> = url.query_pairs().map(|(name, _)| format!("{name}=*")).collect();
    if names.is_empty() {
        return vec![(path, MOST_BARREN)];
    }
    names.sort();
    names.dedup();
    vec![(format!("{path}?{}", names.join("&")), MOST_BARREN), (format!("{path}?*"), MOST_BARREN_QUERIES)]
}

/// The pattern of a URL, for a person.
pub(super) fn pattern(url: &Url) -> String {
    patterns(url).swap_remove(0).0
}

fn path_pattern(url: &Url) -> String {
    const LONG: usize = 16;
    let host = HostKey::of(url).map(|host| host.to_string()).unwrap_or_default();
    let segments = url.path().split('/').map(|segment| {
        let has_digit = segment.bytes().any(|b| b.is_ascii_digit());
        let stem = segment.split('.').next().unwrap_or_default();
        if has_digit && stem.len() >= LONG && stem.bytes().all(|b| b.is_ascii_alphanumeric()) {
            return segment.replacen(stem, "X", 1);
        }
        let mut text = String::new();
        for c in segment.chars() {
            match c {
                c if c.is_ascii_digit() && text.ends_with('N') => {}
                c if c.is_ascii_digit() => text.push('N'),
                c => text.push(c),
            }
        }
        text
    });
    format!("{host}{}", segments.collect::<Vec<_>>().join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        text.parse().unwrap()
    }

    #[test]
    fn urls_that_differ_in_numbers_have_one_pattern() {
        let cases = [
            ("http://a.gov.cn/art/2018/3/8/art_9_77.html", "a.gov.cn/art/N/N/N/art_N_N.html"),
            ("http://a.gov.cn/l?b=1&a=2&a=3", "a.gov.cn/l?a=*&b=*"),
            ("http://a.gov.cn/x/0a1b2c3d4e5f60718293.shtml", "a.gov.cn/x/X.shtml"),
            ("http://a.gov.cn/", "a.gov.cn/"),
        ];
        for (text, expected) in cases {
            assert_eq!(pattern(&url(text)), expected);
        }
    }

    #[test]
    fn barren_pages_in_a_row_make_a_trap_and_a_report_at_their_end_does_not() {
        let (mut watch, portal, now) = (Watch::default(), PortalId::from("p"), Timestamp::UNIX_EPOCH);
        let page = |n: u32| url(&format!("http://a.gov.cn/cal/{n}/"));
        let mut end = |n, came| watch.ended(&portal, &page(n), came, true, 1, now);
        for n in 1..MOST_BARREN {
            assert_eq!(end(n, Came::Page), None);
        }
        assert_eq!(end(99, Came::Unchanged), None, "what is as before says nothing");
        watch.led_to_report(&portal, ["http://a.gov.cn/cal/7/"].into_iter());
        assert_eq!(watch.ended(&portal, &page(100), Came::Page, true, 1, now), None);
        let mut trapped = None;
        for n in 0..MOST_BARREN {
            trapped = trapped.or(watch.ended(&portal, &page(200 + n), Came::Page, true, 1, now));
        }
        assert_eq!(trapped.map(|trapped| trapped.pattern).as_deref(), Some("a.gov.cn/cal/N/"));
        assert!(watch.is_trapped(&portal, &page(5), Priority::List));
        assert!(!watch.is_trapped(&portal, &page(5), Priority::Report));
        assert!(!watch.is_trapped(&portal, &url("http://a.gov.cn/cal/"), Priority::List));
        assert_eq!(watch.busiest(&portal), Some("a.gov.cn/cal/N/"));
    }

    #[test]
    fn a_page_of_a_list_repeats_the_one_before() {
        let (mut watch, portal) = (Watch::default(), PortalId::from("p"));
        let mut repeats = |text: &str, links| watch.repeats(&portal, &url(text), links);
        assert!(!repeats("http://a.gov.cn/list", Some(1)));
        assert!(repeats("http://a.gov.cn/list?page=2", Some(1)));
        assert!(!repeats("http://a.gov.cn/list?page=3", Some(2)));
        assert!(!repeats("http://a.gov.cn/other", Some(2)), "another list");
        assert!(!repeats("http://a.gov.cn/bare", None) && !repeats("http://a.gov.cn/bare?page=2", None));
    }

    #[test]
    fn budgets_of_bytes_failures_and_time_are_told_with_the_busiest_pattern() {
        let target = Target {
            portal: "p".into(),
            name: String::new(),
            region: None,
            entries: vec![],
            max_pages: 9,
            max_depth: 9,
            max_bytes: 100,
            max_failures: 2,
            max_time: std::time::Duration::from_mins(1),
        };
        let now = Timestamp::UNIX_EPOCH;
        let over = |came, n_bytes, seconds| {
            let mut watch = Watch::default();
            assert_eq!(watch.over(&target, now), None, "nothing was asked for yet");
            for n in 0..2 {
                watch.ended(&target.portal, &url(&format!("http://a.gov.cn/{n}")), came, true, n_bytes, now);
            }
            watch.over(&target, now + SignedDuration::from_secs(seconds))
        };
        let told = |what: &str| {
            Some(format!(
                "its {what} for one run are used up, most for pages like a.gov.cn/N: the rest waits for the next"
            ))
        };
        assert_eq!(over(Came::Page, 49, 59), None);
        assert_eq!(over(Came::Page, 50, 0), told("100 bytes"));
        assert_eq!(over(Came::Failed, 0, 0), told("2 failures"));
        assert_eq!(over(Came::Page, 0, 60), told("60 s"));
    }

    #[test]
    fn a_host_whose_pages_are_anothers_is_its_mirror() {
        let (mut watch, portal, now) = (Watch::default(), PortalId::from("p"), Timestamp::UNIX_EPOCH);
        let host = |name: &str| HostKey::of(&url(&format!("http://{name}/"))).unwrap();
        let (own, other) = (host("www.a.gov.cn"), host("a.gov.cn"));
        let mut told = Vec::new();
        for n in 1..=LEAST_OF_A_MIRROR {
            // Whichever of the two comes first, the pair counts once, and not
            // against the portal's own host.
            let (first, second) = if n % 2 == 0 { (&own, &other) } else { (&other, &own) };
            told.extend(watch.twin(&portal, first, None, &own, now));
            assert_eq!(told, []);
            told.extend(watch.twin(&portal, second, Some(first), &own, now));
        }
        assert_eq!(told.len(), 1);
        for _ in 0..9 {
            assert_eq!(watch.twin(&portal, &other, Some(&own), &own, now), None, "it is told once");
        }
        assert!(watch.is_trapped(&portal, &url("http://a.gov.cn/x"), Priority::Report));
        assert!(!watch.is_trapped(&portal, &url("http://www.a.gov.cn/x"), Priority::Report));
    }
}
