//! `gongkai status`

mod coverage;
mod overview;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use jiff::Timestamp;

use super::summary::place_of;
use super::{Common, Exit, Failure, Format, aligned};
use crate::clock::{Clock, in_words};
use crate::config::{LeftOut, Plan, PlannedPortal, Selection, Settings, Start};
use crate::crawl::answer::Wall;
use crate::crawl::frontier::{
    Frontier, KnownTrouble, LostList, PARTLY_READ, PortalId, SqliteFrontier, UrlState, by_cause,
};
use crate::crawl::restraints::{Exclusion, Exclusions};
use crate::lake::{StoredReport, reports_folder, stored_reports};
use crate::ops::{Cover, FolderLock, ListsRead, PortalStanding, counted};
use crate::pipeline::CrawlError;

/// Shows how the crawl stands: portals, the queue, which hosts rest and why, the
/// last run, reports by year and province, and what needs a person.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  gongkai status
  gongkai status --region 33 --format json | jq .queue
  gongkai status --coverage --portal 330483   which years are found, unread, absent; its legend has all words
  gongkai status --ack                        all that is listed is known: it stays silent until it changes
  gongkai status --ack 1f0c3a9b tongxiang     one trouble by its key, all of a portal by its id")]
pub(super) struct Arguments {
    /// Only this portal, by id or region code; may be given more than once
    #[arg(long, value_name = "ID")]
    portal: Vec<String>,
    /// Only portals whose region code begins so; may be given more than once
    #[arg(long, value_name = "PREFIX")]
    region: Vec<String>,
    /// Coverage by issuer and year
    #[arg(long)]
    coverage: bool,
    /// Silence what needs a person, by key, portal or place, until it changes; all where none is named
    #[arg(long, value_name = "KEY", num_args = 0.., conflicts_with = "coverage")]
    ack: Option<Vec<String>>,
    /// How it is printed
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

impl Arguments {
    /// Whether no portal and no region is named: all are meant.
    fn names_all(&self) -> bool {
        self.portal.is_empty() && self.region.is_empty()
    }
}

/// What every answer of this command looks at.
struct View {
    /// The portals of the configuration, and those that it leaves out.
    portals: Vec<PlannedPortal>,
    left_out: BTreeMap<String, LeftOut>,
    /// The documents of the lake.
    reports: Vec<StoredReport>,
    is_whole: bool,
    frontier: Box<dyn Frontier>,
    census: BTreeMap<String, BTreeMap<UrlState, u64>>,
    standings: BTreeMap<String, PortalStanding>,
    exclusions: Exclusions,
    now: Timestamp,
}

pub(super) fn run(common: &Common, arguments: &Arguments) -> Result<Exit, Failure> {
    let path = common.places.frontier();
    if !path.exists() {
        return nothing_crawled(common, arguments, &path);
    }
    if let Some(names) = &arguments.ack {
        let mut frontier = SqliteFrontier::open_as_it_is(&path).map_err(CrawlError::from)?;
        return acknowledge(&mut frontier, names, arguments.format);
    }
    let frontier = SqliteFrontier::open_to_look(&path).map_err(CrawlError::from)?;
    let view = View::new(common, arguments, Box::new(frontier))?;
    show(common, arguments, &view)
}

fn show(common: &Common, arguments: &Arguments, view: &View) -> Result<Exit, Failure> {
    if arguments.coverage {
        coverage::show(common, view, arguments.format)
    } else {
        overview::show(common, view, arguments.format)
    }
}

/// What there is to say where nothing was crawled: which portals wait for that.
fn nothing_crawled(common: &Common, arguments: &Arguments, path: &Path) -> Result<Exit, Failure> {
    let lost = lost_state(common, path)?;
    if arguments.format == Format::Table {
        let hint = "`gongkai crawl` makes it, --state names another folder";
        let yet = || format!("nothing was crawled yet: there is no state in {} ({hint})", path.display());
        sayln!("{}", lost.clone().unwrap_or_else(yet));
    } else if let Some(words) = lost {
        tracing::warn!(event = "state.lost", "{words}");
    }
    let nothing = || SqliteFrontier::of_nothing().map_err(CrawlError::from);
    if let Some(names) = &arguments.ack {
        return acknowledge(&mut nothing()?, names, arguments.format);
    }
    let view = View::new(common, arguments, Box::new(nothing()?))?;
    show(common, arguments, &view)
}

/// What there is to say where the state is lost: what it told of is there.
fn lost_state(common: &Common, path: &Path) -> Result<Option<String>, Failure> {
    let there = if common.places.has_archive() {
        common.places.archive()
    } else if stored_reports(&common.places.output).map_err(CrawlError::from)?.is_empty() {
        return Ok(None);
    } else {
        reports_folder(&common.places.output)
    };
    Ok(Some(format!(
        "the state is lost: there is no {}, though {} is there; put it back, or name its folder with --state: \
         the next crawl would ask every portal for everything anew",
        path.display(),
        there.display()
    )))
}

/// A portal of which the state knows something and that the configuration leaves out.
struct Former {
    why: LeftOut,
    portal: PlannedPortal,
}

/// The portals that are left out, of those that a person names.
fn former(
    settings: &Settings,
    census: &[(PortalId, UrlState, u64)],
    reports: &[StoredReport],
    arguments: &Arguments,
) -> Vec<Former> {
    let plan = Plan::whole(settings);
    let ids: BTreeSet<&str> = census.iter().map(|(portal, ..)| portal.as_str()).collect();
    let of = |id: &str| {
        let why = plan.left_out(settings, id)?;
        Some(Former { why, portal: as_it_was(id, settings, reports) })
    };
    let is_meant = |former: &Former| {
        let by_id = arguments.portal.contains(&former.portal.id);
        let by_region = arguments.region.iter().any(|prefix| former.portal.is_in(prefix));
        arguments.names_all() || by_id || by_region
    };
    ids.into_iter().filter_map(of).filter(is_meant).collect()
}

/// The portals of the configuration that a person names.
fn selected(settings: &Settings, arguments: &Arguments, former: &[Former]) -> Result<Vec<PlannedPortal>, Failure> {
    let (mut portals, mut regions) = (arguments.portal.clone(), arguments.region.clone());
    portals.retain(|id| former.iter().all(|former| former.portal.id != *id));
    let plan = Plan::whole(settings);
    // Where only portals lie that are left out, they are what is meant.
    let is_of_former = |prefix: &String| former.iter().any(|former| former.portal.is_in(prefix));
    regions.retain(|prefix| plan.portals.iter().any(|portal| portal.is_in(prefix)) || !is_of_former(prefix));
    let selection = Selection { portals, regions };
    if selection == Selection::default() && !arguments.names_all() {
        return Ok(Vec::new());
    }
    let plan = Plan::new(settings, &selection)
        .map_err(|error| Failure::new(Exit::WrongUse, error, "`gongkai crawl --dry-run` lists all portals"))?;
    Ok(plan.portals)
}

/// A portal that is left out, as the configuration or the lake knows it; the id of one
/// of the directory is its region's code.
fn as_it_was(id: &str, settings: &Settings, reports: &[StoredReport]) -> PlannedPortal {
    let own = settings.portals.iter().find(|own| own.id == id);
    let given = reports.iter().find(|report| report.portal.as_deref() == Some(id) && report.is_of_a_government());
    let name = own.and_then(|own| own.name.clone()).or_else(|| given?.issuer.clone());
    let of_report = given.and_then(|report| report.region_code.as_ref()?.parse().ok());
    let region = own.and_then(|own| own.region.clone()).or(of_report).or_else(|| id.parse().ok());
    PlannedPortal {
        id: id.to_owned(),
        name: name.unwrap_or_else(|| id.to_owned()),
        region,
        entries: Vec::new(),
        starts_at: Start::Named,
        max_pages: settings.crawl.max_pages,
        max_depth: settings.crawl.max_depth,
    }
}

/// What stands before a list that was asked for and never had.
fn closed(lost: &LostList) -> Option<Cover> {
    let words = lost.words.as_ref().filter(|words| !lost.was_there && !Exclusion::is_told_by(words));
    words.map(|_| if lost.state == UrlState::Refused { Cover::Blocked } else { Cover::Failed })
}

/// What a host is that had no answer for robots.txt: an answer that is none stands
/// before it, else it failed.
fn instead_of_robots(words: &str) -> Cover {
    let is_wall = words.starts_with("status ") || Wall::ALL.iter().any(|wall| words.starts_with(wall.as_str()));
    if is_wall || Exclusion::is_told_by(words) { Cover::Blocked } else { Cover::Failed }
}

/// The documents that the state knows and that the lake lacks: it was moved away,
/// another folder is named, or the archive that it is made again from is away.
fn lacking(common: &Common, view: &View) -> Result<Option<String>, Failure> {
    let known: BTreeSet<&str> = view.reports.iter().map(|report| report.document_id.as_str()).collect();
    let documents = view.frontier.documents().map_err(CrawlError::from)?;
    let n = documents.iter().filter(|id| !known.contains(id.as_str())).count();
    if n > 0 && FolderLock::held_since(&common.places.state)?.is_some() {
        // What a run has read it commits every few minutes.
        return Ok(Some(format!("the run at work has read {} that the lake does not have yet", counted(n, "report"))));
    }
    let (at, folder) = (common.places.output.display(), reports_folder(&common.places.output));
    let what = if folder.is_dir() {
        format!("the lake in {at} lacks")
    } else {
        format!("there is no lake in {at} (no folder {}): it lacks", folder.display())
    };
    let help = "the next crawl reads from the archive what is missing, or name the lake with --output";
    Ok((n > 0).then(|| format!("{what} {} that the state knows: {help}", counted(n, "report"))))
}

impl View {
    fn new(common: &Common, arguments: &Arguments, frontier: Box<dyn Frontier>) -> Result<Self, Failure> {
        let settings = common.settings()?;
        let is_whole = arguments.names_all();
        let all = frontier.census().map_err(CrawlError::from)?;
        let reports = stored_reports(&common.places.output).map_err(CrawlError::from)?;
        let former = former(&settings, &all, &reports, arguments);
        let mut portals = selected(&settings, arguments, &former)?;
        let left_out = former.iter().map(|former| (former.portal.id.clone(), former.why)).collect();
        portals.extend(former.into_iter().map(|former| former.portal));
        let mut census: BTreeMap<String, BTreeMap<UrlState, u64>> = BTreeMap::new();
        let ids: BTreeSet<&str> = portals.iter().map(|portal| portal.id.as_str()).collect();
        for (portal, state, n) in all {
            if ids.contains(portal.as_str()) {
                *census.entry(portal.to_string()).or_default().entry(state).or_default() += n;
            }
        }
        let without_robots = frontier.without_robots().map_err(CrawlError::from)?;
        let without_robots: BTreeMap<&str, Cover> =
            without_robots.iter().map(|(portal, words)| (portal.as_str(), instead_of_robots(words))).collect();
        let (mut lists_read, mut closed_lists) = (BTreeMap::new(), BTreeMap::new());
        let mut note = |portal: &PortalId, read: ListsRead| {
            let worst = lists_read.entry(portal.to_string()).or_insert(read);
            *worst = read.max(*worst);
        };
        frontier
            .lost_lists(&mut |lost| {
                note(&lost.portal, if lost.fails() { ListsRead::Before } else { ListsRead::Partly });
                if let Some(cover) = closed(&lost) {
                    let best = closed_lists.entry(lost.portal.to_string()).or_insert(cover);
                    *best = cover.min(*best);
                }
            })
            .map_err(CrawlError::from)?;
        frontier
            .lists(&mut |portal, _, words| {
                if words.starts_with(PARTLY_READ) {
                    note(&portal, ListsRead::Partly);
                }
            })
            .map_err(CrawlError::from)?;
        let troubles = frontier.troubles().map_err(CrawlError::from)?;
        let of_a_host = troubles.iter().filter(|trouble| trouble.is_out_of_order());
        let out_of_order: BTreeSet<&str> = of_a_host.map(|trouble| trouble.portal.as_str()).collect();
        let searched = frontier.wholly_searched().map_err(CrawlError::from)?;
        let searched: BTreeSet<&str> = searched.iter().map(PortalId::as_str).collect();
        let standing = |(id, counts): (&String, &BTreeMap<UrlState, u64>)| {
            let n = |states: &[UrlState]| states.iter().filter_map(|state| counts.get(state)).sum();
            let standing = PortalStanding {
                n_visited: n(&[UrlState::Visited, UrlState::Gone]),
                n_waiting: n(&[UrlState::Waiting, UrlState::InWork]),
                n_closed: n(&[UrlState::Refused, UrlState::Failed]),
                n_failed: n(&[UrlState::Failed]),
                without_robots: without_robots.get(id.as_str()).copied(),
                is_out_of_order: out_of_order.contains(id.as_str()),
                lists: lists_read.get(id).copied().unwrap_or_default(),
                was_searched: searched.contains(id.as_str()),
                closed_list: closed_lists.get(id).copied(),
            };
            (id.clone(), standing)
        };
        let standings = census.iter().map(standing).collect();
        let (exclusions, now) = (settings.restraints.exclusions, Clock::system().now());
        Ok(Self { portals, left_out, reports, is_whole, frontier, census, standings, exclusions, now })
    }

    /// Whether a portal is one of those that are looked at.
    fn shows(&self, portal: &str) -> bool {
        self.is_whole || self.portals.iter().any(|planned| planned.id == portal)
    }
}

fn acknowledge(frontier: &mut dyn Frontier, names: &[String], format: Format) -> Result<Exit, Failure> {
    let all = frontier.troubles().map_err(CrawlError::from)?;
    let meets = |name: &&String| all.iter().any(|trouble| is_named(trouble, name));
    // Who misspelt one name does not know yet what they meant.
    if let Some(name) = names.iter().find(|name| !meets(name)) {
        return Err(Failure::new(
            Exit::WrongUse,
            format!("nothing that needs a person has the key, portal or place {name}"),
            "`gongkai status` lists what there is, with its keys",
        ));
    }
    let known = by_cause(frontier.acknowledge(names).map_err(CrawlError::from)?);
    if format == Format::Json {
        sayln!("{:#}", serde_json::json!({ "acknowledged": known }));
        return Ok(Exit::Done);
    }
    let rows: Vec<_> = known.iter().map(trouble_row).collect();
    say!("{}", aligned(&rows));
    sayln!("{} acknowledged: silent until something changes", known.len());
    Ok(Exit::Done)
}

fn is_named(trouble: &KnownTrouble, name: &str) -> bool {
    [&trouble.key, &trouble.portal, &trouble.place].iter().any(|own| *own == name)
}

fn trouble_row(trouble: &KnownTrouble) -> Vec<String> {
    vec![
        format!("  {}", trouble.key),
        trouble.portal.clone(),
        place_of(trouble),
        trouble.words.clone(),
        format!("since {}", in_words(trouble.since)),
    ]
}
