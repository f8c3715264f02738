//! How the crawl stands, over its portals.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::{View, lacking, trouble_row};
use crate::cli::{Common, Exit, Failure, Format, aligned};
use crate::clock::in_words;
use crate::config::PlannedPortal;
use crate::crawl::frontier::{KnownTrouble, PastRun, PortalId, Queue, RESTS, Standing, UrlState, by_cause};
use crate::crawl::gates::GateState;
use crate::ops::{Cover, FolderLock, counted};
use crate::pipeline::CrawlError;
use crate::report::Catalogue;
use crate::words::natural;

/// How the crawl stands.
#[derive(Debug, Serialize)]
struct Overview {
    last_run: Option<LastRun>,
    open_run: Option<Open>,
    queue: Queue,
    /// How many portals are in which state.
    states: BTreeMap<&'static str, u64>,
    portals: Vec<PortalRow>,
    parked: Vec<Parked>,
    /// Reports that count, by province's code, then by year.
    reports: BTreeMap<String, BTreeMap<String, u64>>,
    /// What the lake lacks, in words.
    lacking: Option<String>,
    needs_a_person: Vec<KnownTrouble>,
}

/// A run that has not ended.
#[derive(Debug, Serialize)]
struct Open {
    standing: OpenStanding,
    /// Since when it is at work; else when it began.
    since: Timestamp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum OpenStanding {
    /// A process holds the state.
    Running,
    /// It was stopped with all saved.
    Interrupted,
    /// It ended without a word: it failed, or was killed.
    Died,
}

#[derive(Debug, Serialize)]
struct LastRun {
    started_at: Timestamp,
    ended_at: Timestamp,
    counts: serde_json::Value,
}

#[derive(Debug, Serialize)]
struct PortalRow {
    portal: String,
    name: String,
    state: &'static str,
    /// Reports of which it has a document.
    found: u64,
    /// Those of them whose document here counts, as by province and year.
    reports: u64,
    urls: BTreeMap<UrlState, u64>,
}

#[derive(Debug, Serialize)]
struct Parked {
    host: String,
    /// None where it rested for the last run alone.
    until: Option<Timestamp>,
    n_times: u64,
    why: Option<String>,
}

pub(super) fn show(common: &Common, view: &View, format: Format) -> Result<Exit, Failure> {
    let overview = Overview::new(common, view)?;
    match format {
        Format::Json => sayln!("{}", serde_json::to_string_pretty(&overview).unwrap_or_default()),
        Format::Table => say!("{}", overview.table(&common.settings()?.catalogue)),
    }
    Ok(Exit::Done)
}

impl LastRun {
    /// A run that was interrupted and went on began again: its counts are of then.
    fn of(run: PastRun) -> Self {
        let counts: serde_json::Value = serde_json::from_str(&run.report_json).unwrap_or_default();
        let took = counts.get("duration_ms").and_then(serde_json::Value::as_i64).map(SignedDuration::from_millis);
        let began = took.and_then(|took| run.ended_at.checked_sub(took).ok());
        Self { started_at: began.unwrap_or(run.started_at), ended_at: run.ended_at, counts }
    }
}

impl Open {
    /// The run that is at work, or the one that the next goes on with.
    fn of(common: &Common, view: &View) -> Result<Option<Self>, Failure> {
        if let Some(since) = FolderLock::held_since(&common.places.state)? {
            return Ok(Some(Self { standing: OpenStanding::Running, since }));
        }
        let open = view.frontier.open_run().map_err(CrawlError::from)?;
        Ok(open.map(|run| {
            let standing = if run.was_stopped { OpenStanding::Interrupted } else { OpenStanding::Died };
            Self { standing, since: run.started_at }
        }))
    }

    fn words(&self) -> String {
        let since = in_words(self.since);
        match self.standing {
            OpenStanding::Running => format!("a run is at work since {since}\n"),
            OpenStanding::Interrupted => format!("a run began {since} and was interrupted: the next goes on with it\n"),
            OpenStanding::Died => {
                format!("a run began {since} and died (it failed, or was killed): the next goes on with it\n")
            }
        }
    }
}

impl Overview {
    fn new(common: &Common, view: &View) -> Result<Self, Failure> {
        let frontier = &view.frontier;
        let last_run = frontier.last_run().map_err(CrawlError::from)?.map(LastRun::of);
        let open_run = Open::of(common, view)?;
        let mut reports: BTreeMap<String, BTreeMap<String, u64>> = BTreeMap::new();
        let unknown = || "unknown".to_owned();
        let lacking = lacking(common, view)?;
        for report in &view.reports {
            if report.is_primary && view.shows(report.portal.as_deref().unwrap_or_default()) {
                let year = report.report_year.map_or_else(unknown, |year| year.to_string());
                *reports
                    .entry(report.province.clone().unwrap_or_else(unknown))
                    .or_default()
                    .entry(year)
                    .or_default() += 1;
            }
        }
        let portals = portal_rows(view)?;
        let mut states = BTreeMap::new();
        portals.iter().for_each(|portal| *states.entry(portal.state).or_default() += 1);
        let mut needs_a_person = by_cause(frontier.troubles().map_err(CrawlError::from)?);
        needs_a_person.retain(|trouble| view.shows(&trouble.portal));
        let is_left_out = |portal: &&PlannedPortal| {
            view.left_out.contains_key(&portal.id) || portal.exclusion(&view.exclusions).is_some()
        };
        let crawled = view.portals.iter().filter(|portal| !is_left_out(portal));
        let crawled: Vec<PortalId> = crawled.map(|portal| PortalId::from(portal.id.as_str())).collect();
        let queue = frontier.queue(&crawled, view.now).map_err(CrawlError::from)?;
        let parked = parked(view, &needs_a_person)?;
        Ok(Self { last_run, open_run, queue, states, portals, parked, reports, lacking, needs_a_person })
    }

    fn table(&self, catalogue: &Catalogue) -> String {
        let mut text = match &self.last_run {
            Some(run) => {
                let n = |key: &str| run.counts.get(key).and_then(serde_json::Value::as_u64).unwrap_or_default();
                format!(
                    "last run: {} to {}: {}, {}, {} new or changed, {} given up\n",
                    in_words(run.started_at),
                    in_words(run.ended_at),
                    counted(n("n_requests"), "request"),
                    counted(n("n_pages"), "page"),
                    counted(n("n_reports"), "report"),
                    n("n_failed")
                )
            }
            None if self.open_run.is_some() => String::new(),
            None => "last run: none has ended yet\n".to_owned(),
        };
        self.open_run.iter().for_each(|open| text.push_str(&open.words()));
        let is_due = self.queue.n_due + self.queue.n_due_again > 0;
        text.push_str(&format!(
            "queue: {} waiting, {} of them due; {} visited before and due again; next: {}\n",
            counted(self.queue.n_waiting, "URL"),
            self.queue.n_due,
            self.queue.n_due_again,
            match self.queue.next_due() {
                Some(next) => in_words(next),
                None if is_due => "with the next run".to_owned(),
                None => "nothing".to_owned(),
            }
        ));
        let states: Vec<String> =
            self.states.iter().map(|(state, n)| format!("{n} {}", state.replace('_', " "))).collect();
        text.push_str(&format!("portals: {}\n", states.join(", ")));
        text.push_str(&self.portals_table());
        let row = |parked: &Parked| {
            let until = parked.until.map_or_else(|| "the next run".to_owned(), in_words);
            let why = parked.why.clone().unwrap_or_default();
            vec![format!("  {}", parked.host), format!("until {until}"), why]
        };
        section(&mut text, "hosts that rest:", self.parked.iter().map(row).collect());
        section(&mut text, "reports by province and year:", self.reports_rows(catalogue));
        self.lacking.iter().for_each(|words| text.push_str(&format!("{words}\n")));
        for (title, is_known) in [("needs a person:", false), ("acknowledged:", true)] {
            let is_here = |trouble: &&KnownTrouble| (trouble.standing == Standing::Acknowledged) == is_known;
            section(&mut text, title, self.needs_a_person.iter().filter(is_here).map(trouble_row).collect());
        }
        text
    }

    /// A row for each portal that was begun: the others are in the count.
    fn portals_table(&self) -> String {
        let states = [UrlState::Waiting, UrlState::Visited, UrlState::Gone, UrlState::Failed, UrlState::Refused];
        let heading =
            ["  portal", "name", "state", "found", "primary", "waiting", "visited", "gone", "failed", "refused"];
        let mut rows = vec![heading.map(str::to_owned).to_vec()];
        for portal in self.portals.iter().filter(|portal| !portal.urls.is_empty()) {
            let mut row = vec![
                format!("  {}", portal.portal),
                portal.name.clone(),
                portal.state.replace('_', " "),
                portal.found.to_string(),
                portal.reports.to_string(),
            ];
            row.extend(states.iter().map(|state| portal.urls.get(state).copied().unwrap_or(0).to_string()));
            rows.push(row);
        }
        if rows.len() > 1 { aligned(&rows) } else { String::new() }
    }

    fn reports_rows(&self, catalogue: &Catalogue) -> Vec<Vec<String>> {
        if self.reports.is_empty() {
            return vec![];
        }
        let years: BTreeSet<&String> = self.reports.values().flat_map(BTreeMap::keys).collect();
        let n_most = self.reports.values().flat_map(BTreeMap::values).max().copied().unwrap_or_default();
        // One cell, so that 18 years fit a terminal.
        let in_line = |cells: Vec<String>| {
            let width = n_most.to_string().len().max(2);
            cells.iter().map(|cell| format!("{cell:>width$}")).collect::<Vec<_>>().join(" ")
        };
        let short = |year: &&String| if year.len() == 4 { year[2..].to_owned() } else { "??".to_owned() };
        let heading = in_line(years.iter().map(short).collect());
        let mut rows = vec![vec!["  province".to_owned(), heading, "all".to_owned()]];
        for (province, by_year) in &self.reports {
            let code = format!("{province}0000").parse().ok();
            let name = code.and_then(|code| catalogue.regions.of_code(&code, None)).map(|place| place.name.clone());
            let mut row = vec![format!("  {province} {}", name.unwrap_or_default())];
            row.push(in_line(
                years.iter().map(|year| by_year.get(*year).map(u64::to_string).unwrap_or_default()).collect(),
            ));
            row.push(by_year.values().sum::<u64>().to_string());
            rows.push(row);
        }
        rows
    }
}

fn portal_rows(view: &View) -> Result<Vec<PortalRow>, Failure> {
    let given = view.frontier.reports_by_portal().map_err(CrawlError::from)?;
    let given: BTreeSet<&str> = given.iter().filter(|(_, n)| *n > 0).map(|(portal, _)| portal.as_str()).collect();
    let mut reports: BTreeMap<&str, u64> = BTreeMap::new();
    let mut found: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for report in &view.reports {
        let portal = report.portal.as_deref().unwrap_or_default();
        found.entry(portal).or_default().insert(&report.report_id);
        *reports.entry(portal).or_default() += u64::from(report.is_primary);
    }
    let unread: BTreeSet<String> = view
        .frontier
        .unread_by_portal()
        .map_err(CrawlError::from)?
        .into_iter()
        .map(|(portal, _)| portal.to_string())
        .collect();
    let excluded = view.portals.iter().filter(|portal| portal.exclusion(&view.exclusions).is_some());
    let excluded: BTreeSet<&str> = excluded.map(|portal| portal.id.as_str()).collect();
    let names: BTreeMap<&str, &str> =
        view.portals.iter().map(|portal| (portal.id.as_str(), portal.name.as_str())).collect();
    let ids: BTreeSet<&str> = names.keys().copied().chain(view.census.keys().map(String::as_str)).collect();
    let mut ids: Vec<&str> = ids.into_iter().collect();
    ids.sort_by(|a, b| natural(a, b));
    let row = |id: &str| {
        let standing = view.standings.get(id).copied().unwrap_or_default();
        let state = match standing.cover() {
            _ if view.left_out.contains_key(id) => view.left_out[id].as_str(),
            _ if excluded.contains(id) => Cover::Excluded.as_str(),
            _ if given.contains(id) => Cover::Found.as_str(),
            _ if unread.contains(id) => Cover::Unread.as_str(),
            cover @ (Cover::Blocked | Cover::Failed) => cover.as_str(),
            Cover::Absent | Cover::PartlyRead => match standing.in_vain() {
                cover @ (Cover::Blocked | Cover::Failed) => cover.as_str(),
                _ => Cover::SearchedInVain.as_str(),
            },
            _ if standing.n_visited > 0 => "being_searched",
            _ => Cover::NeverTried.as_str(),
        };
        PortalRow {
            portal: id.to_owned(),
            name: names.get(id).copied().unwrap_or_default().to_owned(),
            state,
            found: found.get(id).map_or(0, |reports| reports.len() as u64),
            reports: reports.get(id).copied().unwrap_or(0),
            urls: view.census.get(id).cloned().unwrap_or_default(),
        }
    };
    Ok(ids.into_iter().map(row).collect())
}

/// The hosts that asked for time or that politeness has parked, and those that the last
/// run asked no more, with what their last answer was.
fn parked(view: &View, troubles: &[KnownTrouble]) -> Result<Vec<Parked>, Failure> {
    let resting = troubles.iter().filter(|trouble| trouble.is_resting_host());
    let resting: BTreeMap<&str, &str> = resting.map(|trouble| (trouble.place.as_str(), why_rests(trouble))).collect();
    let mut found = Vec::new();
    for (host, json) in view.frontier.gates().map_err(CrawlError::from)? {
        let gate: GateState = serde_json::from_str(&json).unwrap_or_default();
        let until = gate.rests_until().filter(|until| *until > view.now);
        if until.is_none() && !resting.contains_key(host.as_str()) {
            continue;
        }
        let n_times = gate.n_parkings.into();
        let last = view.frontier.last_words_of(host.as_str()).map_err(CrawlError::from)?;
        let why = last.or_else(|| resting.get(host.as_str()).map(|why| (*why).to_owned()));
        found.push(Parked { host: host.to_string(), until, n_times, why });
    }
    Ok(found)
}

/// Why a host rests, as its trouble says.
fn why_rests(trouble: &KnownTrouble) -> &str {
    trouble.words.strip_prefix(RESTS).unwrap_or(&trouble.words)
}

fn section(text: &mut String, title: &str, rows: Vec<Vec<String>>) {
    if !rows.is_empty() {
        text.push_str(title);
        text.push('\n');
        text.push_str(&aligned(&rows));
    }
}
