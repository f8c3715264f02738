//! `gongkai crawl`

use std::sync::Arc;
use std::time::Duration;

use clap::ValueEnum;

use super::{Common, Failure, INTERRUPTED, LOCKED, NEEDS_A_PERSON, WRONG_USE, aligned};
use crate::clock::Clock;
use crate::config::{Plan, Selection, Settings};
use crate::crawl::engine::{Ending, Tally};
use crate::crawl::frontier::{Frontier, PortalId};
use crate::crawl::resolve::SystemResolver;
use crate::ops::{LockError, Progress, StateLock};
use crate::pipeline::{CrawlError, Run, crawl, write_run_report};

/// Crawls the configured portals once: politely, resumable at any point, only
/// what is due.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  gongkai crawl --region 3304 --dry-run
  gongkai crawl --portal tongxiang --portal 330424
  gongkai crawl --max-minutes 300            from cron

A second run right after the first asks conditionally and rewrites nothing that has not changed.")]
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
    /// Stop after this, with everything saved
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=525_600))]
    max_minutes: Option<u64>,
    /// Say what would be done, and do nothing
    #[arg(long)]
    dry_run: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Profile {
    /// What is due
    Nightly,
    /// All of a portal's years
    Backfill,
}

pub(super) fn run(common: &Common, arguments: &Arguments) -> Result<u8, Failure> {
    let settings = common.settings()?;
    let selection = Selection { portals: arguments.portal.clone(), regions: arguments.region.clone() };
    let mut plan = Plan::new(&settings, &selection)
        .map_err(|error| Failure::new(WRONG_USE, error, "`gongkai crawl --dry-run` lists all portals"))?;
    if arguments.profile == Profile::Backfill {
        plan.portals.iter_mut().for_each(|portal| portal.max_pages = portal.max_pages.saturating_mul(10));
    }
    if arguments.dry_run {
        say!("{}", dry_run(&settings, &plan));
        say!("{}", what_is_first(common, &plan)?);
        return Ok(0);
    }
    let hint = "write them into gongkai.toml, e.g. name = \"Example University Data Lab\", contact = \"mailto:crawl@example.org\"";
    let user_agent = settings.user_agent().map_err(|error| Failure::new(WRONG_USE, error, hint))?;
    let _lock = take_lock(common)?;
    let clock = Clock::system();
    let (before, shown) = (last_troubles(common), clock.clone());
    let mut progress = Progress::on_stderr();
    let run = Run {
        settings: &settings,
        portals: &plan.portals,
        places: &common.places,
        user_agent,
        resolver: Arc::new(SystemResolver { timeout: Duration::from_secs(20) }),
        clock: clock.clone(),
        max_time: arguments.max_minutes.map(|minutes| Duration::from_secs(minutes * 60)),
    };
    let runtime = super::runtime()?;
    let observe = move |snapshot: &_| progress.show(snapshot, shown.now());
    let (ending, tally) = runtime.block_on(crawl(run, super::asked_to_stop(), observe))?;
    runtime.shutdown_timeout(Duration::from_secs(1));
    let report = write_run_report(&common.places.output, clock.now(), ending, &tally);
    let report = report.map_err(|error| Failure::new(NEEDS_A_PERSON, error, "check that --output can be written"))?;
    say!("{}", summary(ending, &tally));
    sayln!("run report: {}", report.display());
    let is_new =
        |trouble: &&crate::crawl::engine::Trouble| !before.contains(&format!("{} {}", trouble.place, trouble.words));
    let n_new = tally.troubles.iter().filter(is_new).count();
    Ok(match ending {
        Ending::Stopped => INTERRUPTED,
        _ if n_new > 0 => NEEDS_A_PERSON,
        _ => 0,
    })
}

pub(super) fn take_lock(common: &Common) -> Result<StateLock, Failure> {
    StateLock::take(&common.places.state).map_err(|error| match &error {
        LockError::Held { .. } => Failure::new(LOCKED, &error, "wait for it, or use another --state folder"),
        LockError::Io { .. } => {
            Failure::new(NEEDS_A_PERSON, &error, "check that --state names a folder that can be written")
        }
    })
}

/// What the last run already said: it stays silent.
fn last_troubles(common: &Common) -> Vec<String> {
    let path = common.places.frontier();
    let report = if path.exists() { Frontier::open(&path).and_then(|frontier| frontier.last_run()) } else { Ok(None) };
    let json: serde_json::Value =
        report.ok().flatten().and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
    let troubles = json.get("troubles").and_then(serde_json::Value::as_array).cloned().unwrap_or_default();
    let text = |trouble: &serde_json::Value, key: &str| {
        trouble.get(key).and_then(|v| v.as_str()).unwrap_or_default().to_owned()
    };
    troubles.iter().map(|trouble| format!("{} {}", text(trouble, "place"), text(trouble, "words"))).collect()
}

fn dry_run(settings: &Settings, plan: &Plan) -> String {
    let mut rows = vec![["portal", "region", "name", "begins at", "pages", "depth"].map(str::to_owned).to_vec()];
    for portal in &plan.portals {
        rows.push(vec![
            portal.id.clone(),
            portal.region.as_ref().map(ToString::to_string).unwrap_or_default(),
            portal.name.clone(),
            portal.entries.first().map_or_else(|| "no entry: it is skipped".to_owned(), ToString::to_string),
            format!("≤ {}", portal.max_pages),
            format!("≤ {}", portal.max_depth),
        ]);
    }
    let agent =
        settings.user_agent().unwrap_or_else(|_| "none: [operator] is empty, the crawl would be refused".to_owned());
    format!(
        "{}\n{} portals, {} ms between requests to a host or address\nuser agent: {agent}\n",
        aligned(&rows),
        plan.portals.len(),
        settings.crawl.interval_ms
    )
}

/// What the known portals are asked for first, and why: their links with the
/// points of their scores.
fn what_is_first(common: &Common, plan: &Plan) -> Result<String, Failure> {
    const PORTALS: usize = 20;
    const LINKS: u32 = 5;
    let path = common.places.frontier();
    if !path.exists() {
        return Ok("nothing is known of them yet: each is searched from where it begins\n".to_owned());
    }
    let frontier = Frontier::open(&path).map_err(CrawlError::from)?;
    let mut text = String::new();
    for portal in plan.portals.iter().take(PORTALS) {
        let first = frontier.first_of(&PortalId::from(portal.id.as_str()), LINKS).map_err(CrawlError::from)?;
        if first.is_empty() {
            continue;
        }
        text.push_str(&format!("\n{} is asked first for\n", portal.id));
        first.iter().for_each(|(url, why)| text.push_str(&format!("  {url}\n    {why}\n")));
    }
    if plan.portals.len() > PORTALS {
        text.push_str(&format!("\nand {} more portals: name some with --portal\n", plan.portals.len() - PORTALS));
    }
    Ok(text)
}

/// What a run came to, for a person.
pub(super) fn summary(ending: Ending, tally: &Tally) -> String {
    const SHOWN: usize = 10;
    let ended = match ending {
        Ending::Done => "done",
        Ending::TimeUp => "stopped at its time limit",
        Ending::Stopped => "stopped; the next run goes on from here",
    };
    let mut text = format!(
        "{ended} after {} s: {} requests, {} pages ({} new), {} reports, {:.1} MB\n",
        tally.duration.as_secs(),
        tally.n_requests,
        tally.n_pages,
        tally.n_new_payloads,
        tally.n_reports,
        tally.n_bytes as f64 / 1e6
    );
    let waiting: u64 = tally.waiting.iter().map(|(_, n)| n).sum();
    if waiting > 0 {
        text.push_str(&format!("URLs that wait for the next run: {waiting}\n"));
    }
    if !tally.troubles.is_empty() {
        text.push_str("needs a person:\n");
        let rows = tally
            .troubles
            .iter()
            .take(SHOWN)
            .map(|t| vec![format!("  {}", t.portal), t.place.clone(), t.words.clone()]);
        text.push_str(&aligned(&rows.collect::<Vec<_>>()));
        if tally.troubles.len() > SHOWN {
            text.push_str(&format!("  and {} more, in the run report\n", tally.troubles.len() - SHOWN));
        }
    }
    text
}
