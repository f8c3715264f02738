//! `gongkai demo`

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use url::Url;

use super::crawl::{take_locks, write_run_report};
use super::summary::summary;
use super::{Common, Exit, Failure, LogFormat};
use crate::clock::Clock;
use crate::config::{Crawl, Operator, PlannedPortal, Settings, Start};
use crate::crawl::engine::{Ending, Tally};
use crate::crawl::frontier::{Frontier, SqliteFrontier};
use crate::crawl::resolve::FixedResolver;
use crate::crawl::restraints::Restraints;
use crate::demo::portals::{DemoPortal, Running, start};
use crate::demo::score::{Score, score};
use crate::lake::{primary_urls, stored_facts};
use crate::ops::{Progress, counted};
use crate::pipeline::{CrawlError, Places, Run, crawl};
use crate::report::Catalogue;

/// Starts 25 invented portals on this machine's loopback addresses,
/// crawls them with the very engine of `crawl`, and compares the lake with what they
/// published.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  gongkai demo
  gongkai demo --seed 7 --output /tmp/lake --state /tmp/state
  GONGKAI_LOG=info gongkai demo              with a line for each report that it finds

Writes OUTPUT/demo and STATE/demo (demo-SEED for another seed), deletes nothing, sends no packet
off this machine.
Exit code 0 where every published number was found again.")]
pub(super) struct Arguments {
    /// Other invented numbers
    #[arg(long, default_value_t = OWN_SEED)]
    seed: u64,
}

const OWN_SEED: u64 = 1;

pub(super) fn run(common: &Common, arguments: &Arguments) -> Result<Exit, Failure> {
    // Another seed's numbers are other versions of the same pages.
    let folder = if arguments.seed == OWN_SEED { "demo".to_owned() } else { format!("demo-{}", arguments.seed) };
    let places = Places { output: common.places.output.join(&folder), state: common.places.state.join(&folder) };
    let own = Common { config: common.config.clone(), places: places.clone(), log: common.log };
    let _locks = take_locks(&own)?;
    let catalogue = Catalogue::embedded();
    let clock = Clock::system();
    // Whoever looks at a demo does not wait until a list is due again.
    let mut frontier = SqliteFrontier::open(&places.frontier()).map_err(CrawlError::from)?;
    frontier.due_again(None, clock.now()).map_err(CrawlError::from)?;
    drop(frontier);
    let runtime = super::runtime()?;
    let (running, ending, tally) = runtime.block_on(crawl_demo(arguments.seed, &catalogue, &own, &clock))?;
    let facts = stored_facts(&places.output).map_err(CrawlError::from)?;
    let score = score(&running.published, &facts);
    let n_of_panel = primary_urls(&places.output).map_err(CrawlError::from)?.len();
    let names = running.portals.iter().map(|portal| (portal.id.clone(), portal.name.clone())).collect();
    say!("{}", summary(ending, &tally, &names));
    say!("{}", found(&running, &score, ending));
    let ids = running.portals.iter().map(|portal| portal.id.clone()).collect();
    let report = write_run_report(&places.output, &clock, ending, &tally, &settings(&catalogue), ids)?;
    sayln!("run report: {}", report.display());
    if ending != Ending::Stopped {
        let config = configure(&running, &places.state).map_err(|error| {
            let words = format!("the demo's configuration in {}: {error}", places.state.display());
            Failure::new(Exit::Failed, words, "check that --state names a folder that can be written")
        })?;
        say!("{}", to_look_at_it(&running, &places, &config, n_of_panel));
    }
    Ok(match ending {
        Ending::Stopped => Exit::Interrupted,
        _ if score.n_found < score.n_numbers => Exit::ToTell,
        _ => Exit::Done,
    })
}

async fn crawl_demo(
    seed: u64,
    catalogue: &Catalogue,
    common: &Common,
    clock: &Clock,
) -> Result<(Running, Ending, Tally), Failure> {
    let running = start(seed, catalogue, clock)
        .await
        .map_err(|error| Failure::new(Exit::Failed, error, "the demo needs loopback addresses (127.0.1.x)"))?;
    let settings = settings(catalogue);
    let portals: Vec<PlannedPortal> = running.portals.iter().filter_map(|portal| planned(portal, &settings)).collect();
    let resolver = FixedResolver::of(running.hosts.iter().cloned());
    let mut progress = Progress::on_stderr(common.log == LogFormat::Text);
    let shown = clock.clone();
    let run = Run {
        settings: &settings,
        portals: &portals,
        places: &common.places,
        user_agent: settings.user_agent().map_err(|error| Failure::new(Exit::Failed, error, ""))?,
        resolver: Arc::new(resolver),
        clock: clock.clone(),
        max_time: None,
        noticed: vec![],
    };
    let observe = move |snapshot: &_| progress.show(snapshot, shown.now());
    let (ending, tally) = crawl(run, super::asked_to_stop(), observe).await?;
    Ok((running, ending, tally))
}

/// The demo's settings: those of a crawl, but for one's own machine.
fn settings(catalogue: &Catalogue) -> Settings {
    let crawl = Crawl {
        interval_ms: 40,
        jitter_ms: 10,
        max_wait_ms: 15_000,
        allow_addresses: vec!["127.0.1.0/24".to_owned()],
        ..Crawl::default()
    };
    let operator = Operator { name: "gongkai demo".to_owned(), contact: "mailto:demo@localhost.invalid".to_owned() };
    let dir = Path::new("demo").to_owned();
    Settings {
        operator,
        crawl,
        portals: vec![],
        directory: vec![],
        restraints: Restraints::default(),
        catalogue: catalogue.clone(),
        dir,
    }
}

fn planned(portal: &DemoPortal, settings: &Settings) -> Option<PlannedPortal> {
    Some(PlannedPortal {
        id: portal.id.clone(),
        name: portal.name.clone(),
        region: portal.region.parse().ok(),
        entries: vec![portal.entry.parse::<Url>().ok()?],
        starts_at: Start::HomePage,
        max_pages: settings.crawl.max_pages,
        max_depth: settings.crawl.max_depth,
    })
}

fn found(running: &Running, score: &Score, ending: Ending) -> String {
    let mut text = format!(
        "\n{} published {} with {} that robots.txt allows to read.\nfound again: {}, {}\n",
        counted(running.portals.len(), "invented portal"),
        counted(score.n_reports, "report"),
        counted(score.n_numbers, "number"),
        counted(score.n_reports_found, "report"),
        counted(score.n_found, "number")
    );
    if ending == Ending::Stopped {
        text.push_str("it was interrupted, the others were not read yet: the same command goes on from here\n");
        return text;
    }
    for problem in score.problems.iter().take(10) {
        text.push_str(&format!("  {problem}\n"));
    }
    text
}

/// Writes the configuration of the demo's portals, by which the commands that look at a
/// state know them. It names no operator: a crawl by it, to which no name of theirs
/// resolves, is refused.
fn configure(running: &Running, state: &Path) -> std::io::Result<PathBuf> {
    let dir = state.join("config");
    fs::create_dir_all(&dir)?;
    let portal = |portal: &DemoPortal| {
        let DemoPortal { id, name, region, entry, .. } = portal;
        format!("[[portal]]\nid = \"{id}\"\nname = \"{name}\"\nregion = \"{region}\"\nentry = [\"{entry}\"]\n")
    };
    let text: String = running.portals.iter().map(portal).collect();
    let (path, on_its_way) = (dir.join("portals.toml"), dir.join(".portals.toml.tmp"));
    File::create(&on_its_way)?.write_all(text.as_bytes())?;
    fs::rename(&on_its_way, &path)?;
    Ok(dir)
}

fn to_look_at_it(running: &Running, places: &Places, config: &Path, n_of_panel: usize) -> String {
    let (lake, state) = (places.output.display(), places.state.display());
    let folders = format!("--config {} --state {state} --output {lake}", config.display());
    let url = running.published.first().map(|published| published.url.as_str()).unwrap_or_default();
    format!(
        "\nthe lake is in {lake}; all numbers in it are invented. Its panel has {}, one for each issuer and year: \
         what mirrors and copies say again is in the other tables alone. To look at it:\n  duckdb -c \"SELECT report_year, count(*) AS reports, \
         sum(requests_received) AS requests FROM read_parquet('{lake}/panel/*/*/*.parquet', hive_partitioning = true) \
         GROUP BY 1 ORDER BY 1\"\n  gongkai status {folders}\n  gongkai status --coverage {folders}\n  \
         gongkai explain {folders} --numbers {url}\n",
        counted(n_of_panel, "row")
    )
}
