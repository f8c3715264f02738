//! Which issuer's report of which year is there, and why another is not.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::config::PlannedPortal;
use crate::crawl::frontier::{Candidate, UrlState};
use crate::lake::StoredReport;

/// What is known of an issuer's report of a year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Cover {
    /// A document of the lake holds it, with numbers.
    Found,
    /// A document was fetched that should hold it, and no number was read.
    Unread,
    /// robots.txt, a block, a challenge or failures stand before it.
    Blocked,
    /// The portal was searched and has none.
    Absent,
    /// The portal's pages have not been fetched, or not all of them.
    NeverTried,
}

impl Cover {
    /// All, best first.
    pub const ALL: [Self; 5] = [Self::Found, Self::Unread, Self::Blocked, Self::Absent, Self::NeverTried];

    /// Its word, as in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Found => "found",
            Self::Unread => "unread",
            Self::Blocked => "blocked",
            Self::Absent => "absent",
            Self::NeverTried => "never_tried",
        }
    }
}

/// How far a portal's pages have come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PortalStanding {
    /// URLs that were visited.
    pub n_visited: u64,
    /// URLs that wait or are under way.
    pub n_waiting: u64,
    /// URLs that are refused or failed.
    pub n_closed: u64,
    /// A host that it waits for has no answer for robots.txt.
    pub is_without_robots: bool,
}

impl PortalStanding {
    /// What is known of a report that no link names.
    #[must_use]
    pub fn cover(self) -> Cover {
        match self {
            Self { is_without_robots: true, .. } | Self { n_visited: 0, n_closed: 1.., .. } => Cover::Blocked,
            Self { n_visited: 0, .. } | Self { n_waiting: 1.., .. } => Cover::NeverTried,
            _ => Cover::Absent,
        }
    }
}

/// An issuer's reports by year.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct IssuerCoverage {
    /// The portal.
    pub portal: String,
    /// The issuer's region.
    pub region_code: Option<String>,
    /// Who reports.
    pub issuer: String,
    /// What is known, by year.
    pub years: BTreeMap<i16, Cover>,
}

/// The coverage of some portals: of each its own government, then the other
/// issuers of whom it gave a report.
#[must_use]
pub fn coverage(
    portals: &[PlannedPortal],
    standings: &BTreeMap<String, PortalStanding>,
    candidates: &[Candidate],
    reports: &[StoredReport],
    years: std::ops::RangeInclusive<i16>,
) -> Vec<IssuerCoverage> {
    let mut named: BTreeMap<(&str, i16), Cover> = BTreeMap::new();
    for candidate in candidates {
        if let Some((year, cover)) = year_of(&candidate.why).zip(cover_of(candidate)) {
            let best = named.entry((candidate.portal.as_str(), year)).or_insert(cover);
            *best = cover.min(*best);
        }
    }
    let mut by_portal: BTreeMap<&str, Vec<&StoredReport>> = BTreeMap::new();
    for report in reports {
        by_portal.entry(report.portal.as_deref().unwrap_or_default()).or_default().push(report);
    }
    let mut by_region: BTreeMap<&str, Vec<&StoredReport>> = BTreeMap::new();
    for report in reports.iter().filter(|report| is_of_a_government(report)) {
        by_region.entry(report.region_code.as_deref().unwrap_or_default()).or_default().push(report);
    }
    let mut all = Vec::new();
    for portal in portals {
        let given = by_portal.get(portal.id.as_str()).map_or(&[][..], Vec::as_slice);
        let region = portal.region.as_ref().map(|code| code.as_str().to_owned());
        let elsewhere = region.as_deref().and_then(|code| by_region.get(code)).map_or(&[][..], Vec::as_slice);
        let is_own = |report: &&&StoredReport| {
            let is_here = region.is_some() && report.region_code == region;
            is_of_a_government(report) && (is_here || report.issuer == portal.name)
        };
        let rest = standings.get(&portal.id).copied().unwrap_or_default().cover();
        let of_year = |own: &[&StoredReport], year: i16, links_count: bool| {
            let read = own.iter().filter(|report| report.report_year == Some(year)).map(|report| read_cover(report));
            let linked = links_count.then(|| named.get(&(portal.id.as_str(), year)).copied()).flatten();
            read.chain(linked).min().unwrap_or(rest)
        };
        let own: Vec<&StoredReport> = given.iter().filter(is_own).chain(elsewhere).copied().collect();
        all.push(IssuerCoverage {
            portal: portal.id.clone(),
            region_code: region.clone(),
            issuer: portal.name.clone(),
            years: years.clone().map(|year| (year, of_year(&own, year, true))).collect(),
        });
        let others: BTreeSet<(&Option<String>, &str)> = given
            .iter()
            .filter(|report| !is_own(report))
            .map(|report| (&report.region_code, report.issuer.as_str()))
            .collect();
        for (region_code, issuer) in others {
            let own: Vec<&StoredReport> = given
                .iter()
                .filter(|report| report.issuer == issuer && report.region_code == *region_code)
                .copied()
                .collect();
            all.push(IssuerCoverage {
                portal: portal.id.clone(),
                region_code: region_code.clone(),
                issuer: issuer.to_owned(),
                // A link does not say whose report it leads to.
                years: years.clone().map(|year| (year, of_year(&own, year, false))).collect(),
            });
        }
    }
    all
}

fn is_of_a_government(report: &StoredReport) -> bool {
    matches!(report.level.as_str(), "province" | "prefecture" | "county")
}

fn read_cover(report: &StoredReport) -> Cover {
    if report.n_values > 0 { Cover::Found } else { Cover::Unread }
}

/// What a link that names a report came to; nothing where it led to a report,
/// which the lake tells better, or where the page is gone.
fn cover_of(candidate: &Candidate) -> Option<Cover> {
    match (candidate.state, candidate.n_reports) {
        (UrlState::Waiting | UrlState::InWork, None) => Some(Cover::NeverTried),
        (UrlState::Refused | UrlState::Failed, None) => Some(Cover::Blocked),
        (_, Some(0)) => Some(Cover::Unread),
        _ => None,
    }
}

/// The first year of a link's words.
fn year_of(why: &str) -> Option<i16> {
    let words = why.split("; found on ").next().unwrap_or(why);
    let runs = words.split(|c: char| !c.is_ascii_digit()).filter(|run| run.len() == 4);
    runs.filter_map(|run| run.parse().ok()).find(|year| (2003..2100).contains(year))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Start;
    use crate::crawl::frontier::PortalId;

    fn portal(id: &str) -> PlannedPortal {
        PlannedPortal {
            id: id.to_owned(),
            name: format!("{id}人民政府"),
            region: "330483".parse().ok(),
            entries: vec![],
            starts_at: Start::HomePage,
            max_pages: 9,
            max_depth: 9,
        }
    }

    fn report(year: i16, level: &str, issuer: &str, n_values: u64) -> StoredReport {
        StoredReport {
            document_id: format!("{issuer} {year}"),
            report_id: format!("{issuer}-{year}"),
            url: String::new(),
            issuer: issuer.to_owned(),
            region_code: Some("330483".to_owned()),
            level: level.to_owned(),
            portal: Some("p".to_owned()),
            report_year: Some(year),
            province: Some("33".to_owned()),
            is_primary: true,
            n_values,
            vanished_at: None,
        }
    }

    fn candidate(words: &str, state: UrlState, n_reports: Option<u32>) -> Candidate {
        let why = format!("its words name a report: {words}; found on http://a.example/2030/");
        Candidate { portal: PortalId::from("p"), why, state, n_reports }
    }

    fn words(issuer: &IssuerCoverage) -> Vec<&'static str> {
        issuer.years.values().map(|cover| cover.as_str()).collect()
    }

    #[test]
    fn each_year_says_what_is_known_of_it() {
        let standings = BTreeMap::from([("p".to_owned(), PortalStanding { n_visited: 5, ..Default::default() })]);
        let candidates = [
            candidate("2011年年报", UrlState::Refused, None),
            candidate("2012年年报", UrlState::Visited, Some(0)),
            candidate("2013年年报", UrlState::Waiting, None),
            candidate("2014年年报", UrlState::Gone, None),
            // The year was read from another page.
            candidate("2010年年报", UrlState::Failed, None),
        ];
        let reports = [report(2010, "county", "p人民政府", 9), report(2015, "county", "p人民政府", 0)];
        let all = coverage(&[portal("p")], &standings, &candidates, &reports, 2010..=2016);
        assert_eq!(words(&all[0]), ["found", "blocked", "unread", "never_tried", "absent", "unread", "absent"]);
        assert_eq!(all.len(), 1);
    }

    #[test]
    fn a_department_is_an_issuer_of_its_own() {
        let standings = BTreeMap::from([("p".to_owned(), PortalStanding { n_visited: 5, ..Default::default() })]);
        let candidates = [candidate("2011年年报", UrlState::Refused, None)];
        let reports = [report(2010, "department", "统计局", 9)];
        let all = coverage(&[portal("p")], &standings, &candidates, &reports, 2010..=2011);
        assert_eq!(all.iter().map(|issuer| issuer.issuer.as_str()).collect::<Vec<_>>(), ["p人民政府", "统计局"]);
        assert_eq!((words(&all[0]), words(&all[1])), (vec!["absent", "blocked"], vec!["found", "absent"]));
    }

    #[test]
    fn a_portal_that_was_not_searched_to_the_end_proves_no_absence() {
        let standing = |n_visited, n_waiting, n_closed, is_without_robots| {
            PortalStanding { n_visited, n_waiting, n_closed, is_without_robots }.cover()
        };
        assert_eq!(standing(0, 0, 0, false), Cover::NeverTried);
        assert_eq!(standing(3, 1, 0, false), Cover::NeverTried);
        assert_eq!(standing(0, 0, 1, false), Cover::Blocked);
        assert_eq!(standing(0, 1, 0, true), Cover::Blocked);
        assert_eq!(standing(3, 0, 1, false), Cover::Absent);
    }
}
