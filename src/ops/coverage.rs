//! Which issuer's report of which year is there, and why another is not.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

use serde::Serialize;
use url::Url;

use crate::config::PlannedPortal;
use crate::crawl::frontier::{Candidate, MOVED, UrlState};
use crate::crawl::restraints::{Exclusion, Exclusions};
use crate::lake::StoredReport;

/// What is known of an issuer's report of a year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Cover {
    /// A document of the lake holds it, with numbers.
    Found,
    /// A document was fetched that should hold it, and no number was read, or the
    /// lake lacks it.
    Unread,
    /// Who publishes it asked to be left alone.
    Excluded,
    /// robots.txt, a block or a challenge stands before it.
    Blocked,
    /// Every attempt failed: no connection, no name, an answer that broke, a host that
    /// does not show its pages, or a link that names the report and leads to a page
    /// that is gone.
    Failed,
    /// The portal has reports of other years, was searched, and has none of
    /// this.
    Absent,
    /// The portal has reports of other years, and a list that says it has more than
    /// could be read, or a page of one that was not to be had: this one may be there.
    PartlyRead,
    /// The portal was searched, and neither a report nor a link to one of any
    /// year was found: nobody knows which years there are.
    SearchedInVain,
    /// The portal's pages have not been fetched, or not all of them.
    NeverTried,
}

impl Cover {
    /// All, best first.
    pub const ALL: [Self; 9] = [
        Self::Found,
        Self::Unread,
        Self::Excluded,
        Self::Blocked,
        Self::Failed,
        Self::Absent,
        Self::PartlyRead,
        Self::SearchedInVain,
        Self::NeverTried,
    ];

    /// Its word, as in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Found => "found",
            Self::Unread => "unread",
            Self::Excluded => "excluded",
            Self::Blocked => "blocked",
            Self::Failed => "failed",
            Self::Absent => "absent",
            Self::PartlyRead => "partly_read",
            Self::SearchedInVain => "searched_in_vain",
            Self::NeverTried => "never_tried",
        }
    }
}

/// How much of a portal's lists was read, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum ListsRead {
    /// All that they have.
    #[default]
    Wholly,
    /// One that was had failed at its last visit.
    Before,
    /// One says that it has more than could be read, or a page of one was not to be had.
    Partly,
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
    /// Of them those that failed.
    pub n_failed: u64,
    /// What a host that it waits for had instead of an answer for robots.txt: a wall,
    /// or nothing.
    pub without_robots: Option<Cover>,
    /// A host of it does not show its pages, or rests after failures.
    pub is_out_of_order: bool,
    /// How much of its lists was read.
    pub lists: ListsRead,
    /// A search of it was whole once, and none since said otherwise.
    pub was_searched: bool,
    /// What stands before a list that is known and was never had.
    pub closed_list: Option<Cover>,
}

impl PortalStanding {
    /// What is known of a report that no link names.
    #[must_use]
    pub fn cover(self) -> Cover {
        match self {
            Self { without_robots: Some(cover), .. } => cover,
            Self { is_out_of_order: true, .. } => Cover::Failed,
            Self { n_visited: 0, n_closed: 1.., .. } if self.n_failed == self.n_closed => Cover::Failed,
            Self { n_visited: 0, n_closed: 1.., .. } => Cover::Blocked,
            Self { n_visited: 0, .. } | Self { n_waiting: 1.., .. } => Cover::NeverTried,
            Self { lists: ListsRead::Before | ListsRead::Partly, .. } => Cover::PartlyRead,
            _ => Cover::Absent,
        }
    }

    /// The same of a portal that has shown where its reports are: what a whole search
    /// did not find is known while failures, or the end of a run, keep the next from being
    /// one. A wall is something new.
    #[must_use]
    pub fn cover_of_known(self) -> Cover {
        match self.cover() {
            Cover::Failed | Cover::NeverTried if self.was_searched => Cover::Absent,
            Cover::PartlyRead if self.was_searched && self.lists == ListsRead::Before => Cover::Absent,
            cover => cover,
        }
    }

    /// The same of a portal that was searched to its end and has shown no report of any
    /// year.
    #[must_use]
    pub fn in_vain(self) -> Cover {
        self.closed_list.unwrap_or(Cover::SearchedInVain)
    }
}

/// An issuer's reports by year.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct IssuerCoverage {
    /// The portal.
    pub portal: String,
    /// The issuer's region.
    pub region_code: Option<String>,
    /// Who reports; none where nobody could be found.
    pub issuer: Option<String>,
    /// What is known, by year.
    pub years: BTreeMap<i16, Cover>,
}

/// The coverage of some portals: of each its own government, or the office whose
/// portal it is, then the other issuers of whom it gave a report.
#[must_use]
pub fn coverage(
    portals: &[PlannedPortal],
    standings: &BTreeMap<String, PortalStanding>,
    candidates: &[Candidate],
    reports: &[StoredReport],
    exclusions: &Exclusions,
    years: RangeInclusive<i16>,
) -> Vec<IssuerCoverage> {
    let known = Known::new(candidates, reports, exclusions);
    let of_portal = |portal: &PlannedPortal| {
        let standing = standings.get(&portal.id).copied().unwrap_or_default();
        let rest = match standing.cover() {
            _ if portal.exclusion(exclusions).is_some() => Cover::Excluded,
            _ if known.knows_reports_of(&portal.id) => standing.cover_of_known(),
            Cover::Absent | Cover::PartlyRead => standing.in_vain(),
            rest => rest,
        };
        let (own, others) = known.issuers(portal);
        let of = |issuer: Issuer<'_>| IssuerCoverage {
            portal: portal.id.clone(),
            years: years.clone().map(|year| (year, known.cover(&issuer, year).unwrap_or(rest))).collect(),
            region_code: issuer.region_code,
            issuer: issuer.name.map(str::to_owned),
        };
        std::iter::once(own).chain(others).map(of).collect::<Vec<_>>()
    };
    portals.iter().flat_map(of_portal).collect()
}

/// What links and the lake tell, by where to look for it.
struct Known<'a> {
    by_link: BTreeMap<(&'a str, i16), Cover>,
    /// The portals with a link that names a year's report, wherever it led.
    linking: BTreeSet<&'a str>,
    by_portal: BTreeMap<&'a str, Vec<&'a StoredReport>>,
    governments: BTreeMap<&'a str, Vec<&'a StoredReport>>,
}

/// Who reports, and the documents of all its years.
struct Issuer<'a> {
    name: Option<&'a str>,
    region_code: Option<String>,
    reports: Vec<&'a StoredReport>,
    /// The portal whose links speak of it: a link does not say whose report it
    /// leads to, so it counts for the portal's own issuer alone.
    linked_by: Option<&'a str>,
}

impl<'a> Known<'a> {
    fn new(candidates: &'a [Candidate], reports: &'a [StoredReport], exclusions: &Exclusions) -> Self {
        let mut known = Self {
            by_link: BTreeMap::new(),
            linking: BTreeSet::new(),
            by_portal: BTreeMap::new(),
            governments: BTreeMap::new(),
        };
        let documents: BTreeSet<&str> = reports.iter().map(|report| report.document_id.as_str()).collect();
        for candidate in candidates {
            let Some(year) = year_of(&candidate.why) else { continue };
            known.linking.insert(candidate.portal.as_str());
            if let Some(cover) = cover_of(candidate, exclusions).or_else(|| lacking(candidate, &documents)) {
                let best = known.by_link.entry((candidate.portal.as_str(), year)).or_insert(cover);
                *best = cover.min(*best);
            }
        }
        for report in reports {
            known.by_portal.entry(report.portal.as_deref().unwrap_or_default()).or_default().push(report);
            if report.is_of_a_government() {
                let region = report.region_code.as_deref().unwrap_or_default();
                known.governments.entry(region).or_default().push(report);
            }
        }
        known
    }

    /// Whether a portal has shown where its reports are: of one that has not, no
    /// year is known to be absent.
    fn knows_reports_of(&self, portal: &str) -> bool {
        self.linking.contains(portal) || self.by_portal.contains_key(portal)
    }

    /// A portal's own issuer, and the others that it gave reports of.
    fn issuers(&self, portal: &'a PlannedPortal) -> (Issuer<'a>, Vec<Issuer<'a>>) {
        let given = self.by_portal.get(portal.id.as_str()).map_or(&[][..], Vec::as_slice);
        let region_code = portal.region.as_ref().map(|code| code.as_str().to_owned());
        let is_office = names_an_office(&portal.name);
        let is_own = |report: &StoredReport| {
            if is_office {
                // Titles may leave out the places before an office's name.
                return !report.is_of_a_government()
                    && report.issuer.as_ref().is_some_and(|issuer| portal.name.ends_with(issuer));
            }
            let is_here = region_code.is_some() && report.region_code == region_code;
            report.is_of_a_government() && (is_here || report.issuer.as_ref() == Some(&portal.name))
        };
        // What the government of its region reports is not the office's.
        let elsewhere = region_code.as_deref().filter(|_| !is_office).and_then(|code| self.governments.get(code));
        let own = given.iter().filter(|report| is_own(report)).chain(elsewhere.into_iter().flatten());
        // Titles may leave out the region before an issuer's name, the report's id
        // always does.
        let mut others: BTreeMap<(&Option<String>, &str), Vec<&StoredReport>> = BTreeMap::new();
        for report in given.iter().filter(|report| !is_own(report)) {
            others.entry((&report.region_code, without_year(&report.report_id))).or_default().push(report);
        }
        let mut own = Issuer {
            name: Some(&portal.name),
            reports: own.copied().collect(),
            linked_by: Some(&portal.id),
            region_code: region_code.clone(),
        };
        let other = |((region_code, _), reports): ((&Option<String>, &str), Vec<&'a StoredReport>)| Issuer {
            name: reports.iter().filter_map(|report| report.issuer.as_deref()).max_by_key(|name| name.len()),
            region_code: region_code.clone(),
            reports,
            linked_by: None,
        };
        let mut others: Vec<Issuer<'_>> = others.into_iter().map(other).collect();
        if is_office && own.reports.is_empty() && others.len() == 1 {
            // A government's office may publish for it, or be called otherwise by now.
            own = Issuer { linked_by: own.linked_by, ..others.remove(0) };
        }
        (own, others)
    }

    /// What is known of an issuer's report of a year, where anything is.
    fn cover(&self, issuer: &Issuer<'_>, year: i16) -> Option<Cover> {
        let of_year = issuer.reports.iter().filter(|report| report.report_year == Some(year));
        let linked = issuer.linked_by.and_then(|portal| self.by_link.get(&(portal, year))).copied();
        of_year.map(|report| read_cover(report)).chain(linked).min()
    }
}

/// Whether a portal's name is an office's: that of a government, of its site or of a
/// place is not.
fn names_an_office(name: &str) -> bool {
    const OFFICES: [&str; 20] = [
        "局", "厅", "委", "会", "办", "室", "处", "院", "所", "队", "校", "学", "镇", "乡", "街道", "苏木", "中心",
        "公司", "海关", "银行",
    ];
    const TOWNSHIPS: [&str; 3] = ["镇", "乡", "苏木"];
    let place = name.strip_suffix("政府").map(|place| place.trim_end_matches("人民"));
    let (name, ends) = place.map_or((name, &OFFICES[..]), |place| (place, &TOWNSHIPS[..]));
    ends.iter().any(|end| name.ends_with(end))
}

/// Whose report one is, by its id: all but the year.
fn without_year(report_id: &str) -> &str {
    report_id.rsplit_once('-').map_or(report_id, |(whose, _)| whose)
}

fn read_cover(report: &StoredReport) -> Cover {
    if report.n_values > 0 { Cover::Found } else { Cover::Unread }
}

/// What a link that names a report came to; nothing where it led to a report,
/// which the lake tells better.
fn cover_of(candidate: &Candidate, exclusions: &Exclusions) -> Option<Cover> {
    if candidate.n_reports.is_none() && is_left_alone(candidate, exclusions) {
        return Some(Cover::Excluded);
    }
    match (candidate.state, candidate.n_reports) {
        (UrlState::Waiting | UrlState::InWork, None) => Some(Cover::NeverTried),
        (UrlState::Refused, None) => Some(Cover::Blocked),
        (UrlState::Failed | UrlState::Gone, None) => Some(Cover::Failed),
        (_, Some(0)) => Some(Cover::Unread),
        // It leads on to what is no report, a login perhaps.
        (UrlState::Visited, None) if has_moved(candidate) => Some(Cover::Failed),
        _ => None,
    }
}

/// What is known of a report that was read and that the lake lacks: its folder is away,
/// another one was named, or what it lost cannot be read again.
fn lacking(candidate: &Candidate, documents: &BTreeSet<&str>) -> Option<Cover> {
    let mut had = candidate.documents.as_deref()?.split_whitespace();
    had.any(|id| !documents.contains(id)).then_some(Cover::Unread)
}

fn has_moved(candidate: &Candidate) -> bool {
    candidate.last_words.as_ref().is_some_and(|words| words.starts_with(MOVED))
}

/// Whether an exclusion covers a link, or covered where it redirects to.
fn is_left_alone(candidate: &Candidate, exclusions: &Exclusions) -> bool {
    let is_covered = |url: &Url| exclusions.of_url(candidate.portal.as_str(), url).is_some();
    let was_covered = candidate.last_words.as_ref().is_some_and(|words| Exclusion::is_told_by(words));
    was_covered || candidate.url.parse().is_ok_and(|url| is_covered(&url))
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
            issuer: Some(issuer.to_owned()),
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
        let (portal, url) = (PortalId::from("p"), "http://a.example/x".to_owned());
        Candidate { portal, url, why, last_words: None, state, n_reports, documents: None }
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
            candidate("2016年年报", UrlState::Failed, None),
            // The year was read from another page.
            candidate("2010年年报", UrlState::Failed, None),
        ];
        let reports = [report(2010, "county", "p人民政府", 9), report(2015, "county", "p人民政府", 0)];
        let all = coverage(&[portal("p")], &standings, &candidates, &reports, &Exclusions::default(), 2010..=2016);
        assert_eq!(words(&all[0]), ["found", "blocked", "unread", "never_tried", "failed", "unread", "failed"]);
        assert_eq!(all.len(), 1);
    }

    #[test]
    fn of_a_portal_that_never_showed_a_report_no_year_is_known_to_be_absent() {
        let standings = BTreeMap::from([("p".to_owned(), PortalStanding { n_visited: 5, ..Default::default() })]);
        let nowhere = candidate("年报专栏", UrlState::Visited, None);
        let all = coverage(&[portal("p")], &standings, &[nowhere], &[], &Exclusions::default(), 2010..=2011);
        assert_eq!(words(&all[0]), ["searched_in_vain", "searched_in_vain"]);
        let gone = candidate("2011年年报", UrlState::Gone, None);
        let all = coverage(&[portal("p")], &standings, &[gone], &[], &Exclusions::default(), 2010..=2011);
        assert_eq!(words(&all[0]), ["absent", "failed"], "a list was found: it names one year, and no other");
    }

    #[test]
    fn a_department_is_an_issuer_of_its_own() {
        let standings = BTreeMap::from([("p".to_owned(), PortalStanding { n_visited: 5, ..Default::default() })]);
        let candidates = [candidate("2011年年报", UrlState::Refused, None)];
        let reports = [report(2010, "department", "统计局", 9)];
        let all = coverage(&[portal("p")], &standings, &candidates, &reports, &Exclusions::default(), 2010..=2011);
        assert_eq!(
            all.iter().filter_map(|issuer| issuer.issuer.as_deref()).collect::<Vec<_>>(),
            ["p人民政府", "统计局"]
        );
        assert_eq!((words(&all[0]), words(&all[1])), (vec!["absent", "blocked"], vec!["found", "absent"]));
    }

    #[test]
    fn an_offices_portal_has_one_row_and_the_governments_reports_are_not_its() {
        let standings = BTreeMap::from([("p".to_owned(), PortalStanding { n_visited: 5, ..Default::default() })]);
        let portal = PlannedPortal { name: "湖南省祁阳市税务局".to_owned(), ..portal("p") };
        let of = |year, issuer: &str, region: &str| StoredReport {
            region_code: Some(region.to_owned()),
            ..report(year, "department", issuer, 9)
        };
        let government =
            StoredReport { portal: Some("q".to_owned()), ..report(2013, "county", "祁阳市人民政府", 9) };
        let candidates = [candidate("2014年年报", UrlState::Refused, None)];
        let reports = [
            government,
            of(2010, "湖南省祁阳市税务局", "430000"),
            of(2011, "祁阳市税务局", "330483"),
            of(2012, "税务局", "330483"),
            of(2012, "长沙市税务局", "430100"),
        ];
        let all = coverage(&[portal], &standings, &candidates, &reports, &Exclusions::default(), 2010..=2014);
        assert_eq!(
            all.iter().map(|issuer| issuer.issuer.as_deref().unwrap_or_default()).collect::<Vec<_>>(),
            ["湖南省祁阳市税务局", "长沙市税务局"]
        );
        assert_eq!(words(&all[0]), ["found", "found", "found", "absent", "blocked"]);
        assert_eq!(words(&all[1]), ["absent", "absent", "found", "absent", "absent"]);
        let office = PlannedPortal { name: "p人民政府办公室".to_owned(), ..self::portal("p") };
        let reports = [report(2010, "county", "p人民政府", 9)];
        let all = coverage(&[office], &standings, &[], &reports, &Exclusions::default(), 2010..=2011);
        assert_eq!((all.len(), all[0].issuer.as_deref()), (1, Some("p人民政府")), "it publishes for the government");
        assert_eq!(words(&all[0]), ["found", "absent"]);
    }

    #[test]
    fn an_offices_name_is_told_from_a_governments() {
        for name in ["临川区农业农村局", "丰都县教委", "清浦街道办事处", "虎威镇人民政府", "桐乡市人民政府办公室"]
        {
            assert!(names_an_office(name), "{name}");
        }
        for name in
            ["桐乡市人民政府", "桐乡市政府", "桐乡市", "桐乡市人民政府门户网站", "tongxiang", "阿里地区行政公署"]
        {
            assert!(!names_an_office(name), "{name}");
        }
    }

    #[test]
    fn a_portal_that_was_not_searched_to_the_end_proves_no_absence() {
        let standing = |n_visited, n_waiting, n_closed, without_robots| {
            PortalStanding { n_visited, n_waiting, n_closed, without_robots, ..Default::default() }.cover()
        };
        assert_eq!(standing(0, 0, 0, None), Cover::NeverTried);
        assert_eq!(standing(3, 1, 0, None), Cover::NeverTried);
        assert_eq!(standing(0, 0, 1, None), Cover::Blocked);
        assert_eq!(standing(0, 1, 0, Some(Cover::Failed)), Cover::Failed);
        assert_eq!(standing(3, 0, 1, None), Cover::Absent);
        let partly = PortalStanding { n_visited: 3, lists: ListsRead::Partly, ..Default::default() };
        assert_eq!(partly.cover(), Cover::PartlyRead, "what it has not shown may be there");
        let outage = PortalStanding { n_visited: 3, n_waiting: 1, is_out_of_order: true, ..partly };
        assert_eq!(outage.cover(), Cover::Failed, "its home page under every URL is no search");
        let known = |standing| PortalStanding { was_searched: true, ..standing }.cover_of_known();
        assert_eq!(outage.cover_of_known(), Cover::Failed);
        assert_eq!(known(outage), Cover::Absent, "a whole search did not find it");
        assert_eq!(
            known(PortalStanding { n_visited: 3, lists: ListsRead::Before, ..Default::default() }),
            Cover::Absent
        );
        assert_eq!(known(partly), Cover::PartlyRead, "its list says that there is more by now");
        let failed = PortalStanding { n_closed: 1, n_failed: 1, ..Default::default() };
        assert_eq!(failed.cover(), Cover::Failed, "nobody stood before it");
    }
}
