//! A page that came: its reports, where it leads, and what it turned out to be.
//!
//! Pure, and so at home in a thread of its own.

use std::sync::Arc;

use jiff::Timestamp;
use url::Url;

use super::article::{self, Neighbours, Said};
use super::missing::{TextKey, text_key};
use crate::crawl::address::{HostKey, extension};
use crate::crawl::discover::{Context, Discovery, Link, Role, discover, is_attachment};
use crate::crawl::frontier::{CUT_SHORT, Due, GUESS, LEFT, NewUrl, PARTLY_READ, Priority, UNREAD};
use crate::crawl::page_rules::{ObeyPages, PageRules};
use crate::crawl::paging::is_page_field;
use crate::faults;
use crate::page::{Capture, charset};
use crate::report::{Catalogue, NoReportKind, Reading, Report, ReportForm};

/// How the outcome of a page begins that asks not to be read.
pub(crate) const NOINDEX: &str = "noindex";

/// Links beyond the depth that are kept to be told of.
const MOST_TOO_DEEP: usize = 5;

/// Links to reports that make a page a list of them.
const LEAST_OF_A_LIST: usize = 2;

/// What a page's reading needs to know of its portal.
pub(super) struct Surroundings {
    pub catalogue: Arc<Catalogue>,
    /// Links followed from an entry at most.
    pub max_depth: u16,
    /// The portal's own page.
    pub home: Option<Url>,
    /// The sitemaps that the host's robots.txt names.
    pub sitemaps: Vec<String>,
    /// What of a page's wishes is obeyed.
    pub obey: ObeyPages,
    /// The name by which pages know us.
    pub agent: String,
}

/// What a page brought.
pub(super) struct Found {
    pub reports: Vec<Report>,
    pub links: Vec<NewUrl>,
    /// The next pages of the list that it is.
    pub next_pages: Vec<NewUrl>,
    /// The outcome in words; what varies stands after a colon.
    pub words: String,
    /// The first page of the article, where the reports are its.
    pub first_page: Option<Url>,
    /// What the page is, where it was found as something else.
    pub turned_out: Option<Priority>,
    /// Links deeper than the portal's depth; the first few.
    pub too_deep: Vec<NewUrl>,
    pub sign: Sign,
}

/// What a page says of itself beside its links.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Sign {
    /// Its visible text, in short.
    pub text: Option<TextKey>,
    /// Why it holds no report, where it holds none.
    pub no_report: Option<NoReportKind>,
    /// Whether links on it name reports.
    pub names_reports: bool,
    /// Whether it leads on at all, guesses aside.
    pub leads_on: bool,
    /// All its links but those of its pager, in short.
    pub links_key: Option<u64>,
}

/// Reads a page, together with what has come of its article's others.
pub(super) fn read_page(
    capture: &Capture,
    neighbours: Neighbours,
    due: &Due,
    surroundings: &Surroundings,
    now: Timestamp,
) -> Found {
    faults::read(&due.request.url);
    let asked = asked_by_page(capture, surroundings);
    let Said { mut reading, first_page } = article::read(capture, neighbours, &surroundings.catalogue);
    if asked.noindex {
        reading.reports.clear();
    }
    let context = Context {
        body: due.request.body.as_ref(),
        fragment: due.fragment.as_deref(),
        is_guess: due.is_guess,
        home: surroundings.home.as_ref(),
        sitemaps: &surroundings.sitemaps,
        ..Context::of(due.priority, due.depth)
    };
    let mut discovery = if asked.nofollow { Discovery::default() } else { discover(capture, context) };
    if !reading.reports.is_empty() {
        // A report's page may name those of other years, and its own next
        // parts; its menu and its sidebar lead back to where it was found. A column
        // that shows the newest report itself is a column all the same.
        let is_of_column = |role: Role| match due.priority {
            Priority::Report => false,
            Priority::List => matches!(role, Role::Year | Role::ReportList),
            Priority::Column | Priority::Rest => role != Role::NextPage,
        };
        let is_wanting = reading.reports.iter().all(|report| report.form == ReportForm::Narrative);
        let is_its = |link: &Link| is_part_of(due, link) || (is_wanting && link.role == Role::Part);
        discovery.links.retain(|link| link.role == Role::Report || is_its(link) || is_of_column(link.role));
        if discovery.links.iter().any(is_its) {
            // What is missing here stands there.
            article::is_one_of_several(&mut reading);
        }
    }
    let names_reports = discovery.links.iter().any(|link| matches!(link.role, Role::Report | Role::Year));
    let is_article = !reading.reports.is_empty() || (due.priority == Priority::Report && !names_reports);
    if is_error(&reading) && due.depth > 0 && !names_reports {
        // As of a page with status 404: its menu stands on others too, and
        // links that count from its place lead to ever more missing pages.
        discovery.links.clear();
    }
    let mut words = words(&reading, &discovery, asked, due);
    if first_page.is_some() && !reading.reports.is_empty() {
        words.push_str(": with the other pages of its article");
    }
    let turned_out = turned_out(&reading, &discovery, due);
    let sign = Sign {
        text: text_key(capture),
        no_report: reading.no_report.as_ref().map(|reason| reason.kind),
        names_reports,
        leads_on: discovery.links.iter().any(|link| !link.why.starts_with(GUESS)),
        links_key: discovery.links_key,
    };
    let (mut links, mut next_pages, mut too_deep) = (Vec::new(), Vec::new(), Vec::new());
    for link in discovery.links {
        let limit = limit_of(link.role, surroundings.max_depth);
        let is_next_page = link.role == Role::NextPage;
        let is_part = is_article && (link.role == Role::Part || is_part_of(due, &link));
        let Some(mut new) = new_url(due, link, now) else { continue };
        if is_part {
            (new.is_part, new.priority) = (true, Priority::Report);
        }
        if new.depth <= limit {
            if is_next_page { &mut next_pages } else { &mut links }.push(new);
        } else if too_deep.len() < MOST_TOO_DEEP {
            too_deep.push(new);
        }
    }
    Found { reports: reading.reports, links, next_pages, words, first_page, turned_out, too_deep, sign }
}

/// Whether a page only says that there is none.
fn is_error(reading: &Reading) -> bool {
    reading.no_report.as_ref().is_some_and(|reason| reason.kind == NoReportKind::ErrorPage)
}

/// Whether a link leads to a further part of the page's own article: its file is
/// called after the first part's, `t20240112_7_1.html` after `t20240112_7.html`,
/// or its query differs in the page's number alone.
fn is_part_of(due: &Due, link: &Link) -> bool {
    let (page, next) = (&due.request.url, &link.request.url);
    if link.role != Role::NextPage || link.request.body.is_some() {
        return false;
    }
    let own: Vec<_> = page.query_pairs().collect();
    let mut others = next.query_pairs().filter(|pair| !own.contains(pair));
    let is_same_file = next.path() == page.path()
        && others.next().is_some_and(|(name, _)| is_page_field(&name))
        && others.next().is_none();
    let is_called_after = next.path().strip_prefix(&first_part(due)).is_some_and(|rest| rest.starts_with(['_', '-']));
    is_same_file || is_called_after
}

/// The path of an article's first part, without its extension: the page's own,
/// or that which a later part shares with the part on which it was found.
fn first_part(due: &Due) -> String {
    let stem = |url: &Url| url.path().rsplit_once('.').map_or(url.path(), |(stem, _)| stem).to_owned();
    let without_number = |stem: &str| {
        let first = stem.trim_end_matches(|c: char| c.is_ascii_digit());
        first.strip_suffix(['_', '-']).filter(|_| first.len() < stem.len()).unwrap_or(stem).to_owned()
    };
    let own = stem(&due.request.url);
    let first = without_number(&own);
    let is_later = due.found_on.as_ref().map(stem).is_some_and(|on| on == first || without_number(&on) == first);
    if is_later { first } else { own }
}

/// What a page asks of robots, as far as that is obeyed.
fn asked_by_page(capture: &Capture, surroundings: &Surroundings) -> PageRules {
    if surroundings.obey == ObeyPages::Nothing {
        return PageRules::default();
    }
    let (text, _) = charset::decode(&capture.body, capture.header("content-type"));
    let asked = PageRules::of(&capture.headers, &text, &surroundings.agent);
    PageRules { noindex: asked.noindex && surroundings.obey == ObeyPages::All, ..asked }
}

fn words(reading: &Reading, discovery: &Discovery, asked: PageRules, due: &Due) -> String {
    let left_out = match (discovery.n_left_out, discovery.n_traps) {
        (0, 0) => String::new(),
        (n, traps) => format!(": {n} links beyond the bound and {traps} traps were left"),
    };
    let elsewhere = discovery.left.as_ref().map_or(String::new(), |(text, url)| format!(": {LEFT}\"{text}\" {url}"));
    let is_list = discovery.links.iter().filter(|link| link.role == Role::Report).count() >= LEAST_OF_A_LIST;
    match (reading.reports.len(), &reading.no_report, &discovery.more) {
        (0, ..) if asked.noindex => format!("{NOINDEX}: the page asks not to be read"),
        (0, ..) if asked.nofollow => "nofollow: the page asks not to follow its links".to_owned(),
        (0, Some(reason), _) if reason.kind == NoReportKind::Binary && due.priority == Priority::Report => {
            format!("{UNREAD}{}: {}", file_type(&due.request.url), reason.words)
        }
        (0, _, Some(said)) => format!("{PARTLY_READ}: a list of reports; {said}"),
        (0, ..) if is_list => format!("no report: a list of reports{left_out}"),
        (0, ..) => words_of(reading) + &left_out + &elsewhere,
        _ => words_of(reading),
    }
}

/// What a page holds, in words.
pub(crate) fn words_of(reading: &Reading) -> String {
    if let Some(evidence) = reading.reports.iter().find_map(|report| report.cut_short.as_ref()) {
        return format!("{CUT_SHORT}{evidence}");
    }
    match (reading.reports.len(), &reading.no_report) {
        (0, Some(reason)) => format!("no report: {}", reason.words),
        (0, None) => "no report".to_owned(),
        (1, _) => "a report".to_owned(),
        (n, _) => format!("reports: {n}"),
    }
}

/// The type that a file's name says, such as `pdf`.
fn file_type(url: &Url) -> String {
    extension(url.path()).filter(|_| is_attachment(url)).unwrap_or_else(|| "file".to_owned())
}

/// What a page is, where it was found as something else: it is visited again
/// as that.
fn turned_out(reading: &Reading, discovery: &Discovery, due: &Due) -> Option<Priority> {
    let n_reports = discovery.links.iter().filter(|link| link.role == Role::Report).count();
    let has_next = discovery.links.iter().any(|link| link.role == Role::NextPage);
    let is_list = n_reports >= LEAST_OF_A_LIST || (has_next && reading.reports.is_empty());
    let is = match (reading.reports.is_empty(), is_list) {
        (false, false) => Priority::Report,
        (true, true) if due.priority != Priority::Rest => Priority::List,
        _ => due.priority,
    };
    (is != due.priority).then_some(is)
}

/// Links followed from an entry to what a link leads to at most: reports are
/// followed from the deepest list that is.
fn limit_of(role: Role, max_depth: u16) -> u16 {
    let is_leaf = matches!(role, Role::Report | Role::Attachment | Role::Year);
    if is_leaf { max_depth.saturating_add(1) } else { max_depth }
}

/// A link as the frontier takes it. The next page of a list is as deep as the
/// list.
fn new_url(due: &Due, link: Link, now: Timestamp) -> Option<NewUrl> {
    let depth = match link.role {
        Role::NextPage | Role::Part => due.depth,
        _ => due.depth.checked_add(1)?,
    };
    Some(NewUrl {
        host: HostKey::of(&link.request.url)?,
        priority: link.role.priority(due.priority),
        request: link.request,
        requested: None,
        hops: 0,
        portal: due.portal.clone(),
        depth,
        why: format!("{}; found on {}", link.why, due.request.url),
        found_on: Some(due.id),
        is_part: false,
        not_before: now,
    })
}
