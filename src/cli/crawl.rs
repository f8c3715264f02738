//! `gongkai crawl`

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use clap::ValueEnum;
use jiff::Timestamp;
use tokio::runtime::Runtime;

use super::check::notes;
use super::summary::{news, summary};
use super::{Common, Exit, Failure, LogFormat, aligned, rests_until};
use crate::clock::{Clock, in_words};
use crate::config::{Plan, PlannedPortal, Selection, Settings};
use crate::crawl::address::HostKey;
use crate::crawl::engine::{Ending, Tally};
use crate::crawl::frontier::{Frontier, PortalId, SqliteFrontier};
use crate::crawl::resolve::SystemResolver;
use crate::ops::{FolderLock, Metrics, MetricsError, Progress, RunReport, Used, counted, last_configuration};
use crate::pipeline::{CrawlError, Run, crawl, due_again};

/// Crawls the configured portals once: politely, resumable at any point, only
/// what is due.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  gongkai crawl --region 3304 --dry-run
  gongkai crawl --portal tongxiang --portal 330424
  gongkai crawl --max-minutes 300 --quiet    from cron
  gongkai crawl --portal tongxiang --again   though nothing of it is due

Lists are due nightly from December to April and weekly else, reports ever more rarely. What is visited again is asked
conditionally, and what has not changed is not rewritten.")]
pub(super) struct Arguments {
    /// What the run is for: nightly visits what is due; backfill takes ten times the pages a portal
    #[arg(long, value_enum, default_value_t = Profile::Nightly)]
    profile: Profile,
    /// Only this portal, by id or region code; may be given more than once
    #[arg(long, value_name = "ID")]
    portal: Vec<String>,
    /// Only portals whose region code begins so; may be given more than once
    #[arg(long, value_name = "PREFIX")]
    region: Vec<String>,
    /// Visit again, and ask conditionally, what was visited and is not due yet
    #[arg(long)]
    again: bool,
    /// Stop after this, with everything saved
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=525_600))]
    max_minutes: Option<u64>,
    /// Say what would be done, and do nothing
    #[arg(long)]
    dry_run: bool,
    /// Serve Prometheus metrics under /metrics of a loopback address while the run goes on
    #[arg(long, value_name = "127.0.0.1:PORT", value_parser = loopback_address)]
    metrics: Option<SocketAddr>,
    /// Print only what is new and needs a person: nothing in a good night
    #[arg(long)]
    quiet: bool,
}

impl Arguments {
    /// Whether only what is new and needs a person is said.
    pub fn is_quiet(&self) -> bool {
        self.quiet
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Profile {
    /// What is due
    Nightly,
    /// All of a portal's years
    Backfill,
}

/// The refusal where no portal is configured: an empty file is mostly one that was cut off.
pub(super) fn nothing_to_crawl(settings: &Settings) -> Failure {
    let dir = settings.dir.display();
    let words = format!("{dir}: there is nothing to crawl: no portal is configured, or all are off");
    Failure::new(Exit::WrongUse, words, "write a [[portal]] into portals.toml, or governments into portals.csv")
}

/// The refusal where a file of the configuration is lost that the last run had.
pub(super) fn all_files_are_there(common: &Common, settings: &Settings) -> Result<(), Failure> {
    let lost = last_configuration(&common.places.output).map(|then| settings.lost_since(&then)).unwrap_or_default();
    let Some(path) = lost.first() else { return Ok(()) };
    let words = format!("{}: the last run had this file, and it is not there", path.display());
    let hint =
        "put it back; where that is meant, leave one that says nothing: an empty file, of portals.csv its heading";
    Err(Failure::new(Exit::WrongUse, words, hint))
}

/// Who crawls, or the refusal where nobody says.
pub(super) fn user_agent(settings: &Settings) -> Result<String, Failure> {
    let hint = "write them into gongkai.toml, e.g. name = \"Example University Data Lab\", contact = \"mailto:crawl@example.org\"";
    settings.user_agent().map_err(|error| Failure::new(Exit::WrongUse, error, hint))
}

pub(super) fn run(common: &Common, arguments: &Arguments) -> Result<Exit, Failure> {
    let settings = common.settings()?;
    all_files_are_there(common, &settings)?;
    let selection = Selection { portals: arguments.portal.clone(), regions: arguments.region.clone() };
    let mut plan = Plan::new(&settings, &selection)
        .map_err(|error| Failure::new(Exit::WrongUse, error, "`gongkai crawl --dry-run` lists all portals"))?;
    if plan.portals.is_empty() {
        return Err(nothing_to_crawl(&settings));
    }
    if arguments.profile == Profile::Backfill {
        plan.portals.iter_mut().for_each(|portal| portal.max_pages = portal.max_pages.saturating_mul(10));
    }
    if arguments.dry_run {
        say!("{}", dry_run(&settings, &plan));
        notes(&settings).iter().for_each(|note| sayln!("note: {note}"));
        let now = Clock::system().now();
        // Who asks again does not wait until anything is due.
        let at = if arguments.again { Timestamp::MAX } else { now };
        say!("{}", what_is_first(common, &plan, at, now)?);
        // What is shown would be refused.
        return user_agent(&settings).map(|_| Exit::Done);
    }
    let user_agent = user_agent(&settings)?;
    let _locks = take_locks(common)?;
    let clock = Clock::system();
    let shown = clock.clone();
    let mut progress = Progress::on_stderr(common.log == LogFormat::Text);
    let runtime = super::runtime()?;
    // A night's crawl does not fail for a port that another holds.
    let (metrics, noticed) = match arguments.metrics.map(|address| serve_metrics(&runtime, address, &clock)) {
        None => (None, vec![]),
        Some(Ok(metrics)) => (Some(metrics), vec![]),
        Some(Err(error)) => (None, vec![("metrics".to_owned(), format!("{error}: the run goes on without them"))]),
    };
    let run = Run {
        settings: &settings,
        portals: &plan.portals,
        places: &common.places,
        user_agent,
        resolver: Arc::new(SystemResolver { timeout: Duration::from_secs(20) }),
        clock: clock.clone(),
        max_time: arguments.max_minutes.map(|minutes| Duration::from_secs(minutes * 60)),
        noticed,
    };
    if arguments.again {
        due_again(&run)?;
    }
    let observe = move |snapshot: &_| {
        progress.show(snapshot, shown.now());
        metrics.iter().for_each(|metrics| metrics.show(snapshot));
    };
    let (ending, tally) = runtime.block_on(crawl(run, super::asked_to_stop(), observe))?;
    runtime.shutdown_timeout(Duration::from_secs(1));
    tell(common, arguments, &settings, &plan, &clock, ending, &tally)?;
    Ok(match ending {
        Ending::Stopped => Exit::Interrupted,
        Ending::DiskLow => Exit::ToTell,
        _ if tally.n_news > 0 => Exit::ToTell,
        _ => Exit::Done,
    })
}

/// Says what there is to say, and writes the run report: what is new counts as told
/// and is not told again, also where the disk has no room for the report.
fn tell(
    common: &Common,
    arguments: &Arguments,
    settings: &Settings,
    plan: &Plan,
    clock: &Clock,
    ending: Ending,
    tally: &Tally,
) -> Result<(), Failure> {
    let portals = plan.portals.iter().map(|portal| portal.id.clone()).collect();
    if arguments.quiet {
        say!("{}", news(tally));
    } else {
        let names = plan.portals.iter().map(|portal| (portal.id.clone(), portal.name.clone())).collect();
        say!("{}", summary(ending, tally, &names));
        say!("{}", left_alone(settings, plan));
    }
    let report = write_run_report(&common.places.output, clock, ending, tally, settings, portals)?;
    if !arguments.quiet {
        sayln!("run report: {}", report.display());
    }
    Ok(())
}

/// Writes what a run did beside the lake; where that is.
pub(super) fn write_run_report(
    output: &Path,
    clock: &Clock,
    ending: Ending,
    tally: &Tally,
    settings: &Settings,
    portals: Vec<String>,
) -> Result<PathBuf, Failure> {
    let used = Used::new(settings, portals, std::env::args());
    RunReport::new(clock.now(), ending, tally, &used).write(output).map_err(|error| {
        let words = format!("the run report in {}: {error}", output.join("runs").display());
        Failure::new(Exit::Failed, words, "free some space or check that --output can be written; all else is saved")
    })
}

/// The portals of a run that were not asked for anything because they asked for
/// that: who names one should not take its silence for a good night.
fn left_alone(settings: &Settings, plan: &Plan) -> String {
    /// Rows at most: `gongkai check` lists all exclusions.
    const SHOWN: usize = 10;
    let of = |portal: &PlannedPortal| Some((portal.id.clone(), portal.exclusion(&settings.restraints.exclusions)?));
    let all: Vec<_> = plan.portals.iter().filter_map(of).collect();
    if all.is_empty() {
        return String::new();
    }
    let rows = all.iter().take(SHOWN).map(|(id, exclusion)| vec![format!("  {id}"), exclusion.to_string()]);
    let more = match all.len().saturating_sub(SHOWN) {
        0 => String::new(),
        n => format!("  and {n} more: `gongkai check` lists the exclusions\n"),
    };
    format!("left alone, nothing was asked of them:\n{}{more}", aligned(&rows.collect::<Vec<_>>()))
}

fn serve_metrics(runtime: &Runtime, address: SocketAddr, clock: &Clock) -> Result<Metrics, MetricsError> {
    let metrics = runtime.block_on(Metrics::serve(address, clock.now()))?;
    tracing::info!(event = "metrics.listening", address = %metrics.address(), "metrics are served");
    Ok(metrics)
}

fn loopback_address(text: &str) -> Result<SocketAddr, String> {
    let address = text.parse::<SocketAddr>().ok().filter(|address| address.ip().is_loopback());
    address.ok_or_else(|| "metrics are served on a loopback address and port only, such as 127.0.0.1:9464".to_owned())
}

/// Takes the state and the lake for this run.
pub(super) fn take_locks(common: &Common) -> Result<[FolderLock; 2], Failure> {
    Ok(FolderLock::of_both(&common.places.state, &common.places.output)?)
}

/// Where a portal's crawl begins, or who asked that it does not.
fn begins_at(settings: &Settings, portal: &PlannedPortal) -> String {
    let exclusion = portal.exclusion(&settings.restraints.exclusions).map(ToString::to_string);
    exclusion.or_else(|| portal.entries.first().map(ToString::to_string)).unwrap_or_default()
}

fn dry_run(settings: &Settings, plan: &Plan) -> String {
    let mut rows = vec![["portal", "region", "name", "begins at", "pages", "depth"].map(str::to_owned).to_vec()];
    for portal in &plan.portals {
        rows.push(vec![
            portal.id.clone(),
            portal.region.as_ref().map(ToString::to_string).unwrap_or_default(),
            portal.name.clone(),
            begins_at(settings, portal),
            format!("≤ {}", portal.max_pages),
            format!("≤ {}", portal.max_depth),
        ]);
    }
    let agent =
        settings.user_agent().unwrap_or_else(|_| "none: [operator] is empty, the crawl would be refused".to_owned());
    format!(
        "{}\n{}, {} ms between requests to a host or address\nuser agent: {agent}\n",
        aligned(&rows),
        counted(plan.portals.len(), "portal"),
        settings.crawl.interval_ms
    )
}

/// What the known portals are asked for first, and why: their links with the
/// points of their scores.
fn what_is_first(common: &Common, plan: &Plan, at: Timestamp, now: Timestamp) -> Result<String, Failure> {
    const PORTALS: usize = 20;
    const LINKS: u32 = 5;
    let path = common.places.frontier();
    if !path.exists() {
        return Ok("nothing is known of them yet: each is searched from where it begins\n".to_owned());
    }
    let frontier = SqliteFrontier::open_to_look(&path).map_err(CrawlError::from)?;
    let mut text = String::new();
    for portal in plan.portals.iter().take(PORTALS) {
        let first = frontier.first_of(&PortalId::from(portal.id.as_str()), at, LINKS).map_err(CrawlError::from)?;
        if let (true, Some(next)) = (first.due.is_empty(), first.next_at) {
            text.push_str(&format!("\n{}: nothing known is due before {}\n", portal.id, in_words(next)));
        }
        if first.due.is_empty() {
            continue;
        }
        text.push_str(&format!("\n{} is asked first for\n", portal.id));
        for (url, why) in &first.due {
            text.push_str(&format!("  {url}\n    {why}\n"));
            let host = url.parse().ok().as_ref().and_then(HostKey::of);
            let until = host.map(|host| rests_until(&frontier, &host, now)).transpose().map_err(CrawlError::from)?;
            if let Some(until) = until.flatten() {
                text.push_str(&format!("    its host rests until {}: `gongkai status` says why\n", in_words(until)));
            }
        }
    }
    if plan.portals.len() > PORTALS {
        text.push_str(&format!(
            "\nand {}: name some with --portal\n",
            counted(plan.portals.len() - PORTALS, "more portal")
        ));
    }
    Ok(text)
}
