//! `gongkai demo`

use std::path::Path;
use std::sync::Arc;

use url::Url;

use super::crawl::take_locks;
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
use crate::lake::stored_facts;
use crate::ops::Progress;
use crate::pipeline::{CrawlError, Places, Run, crawl};
use crate::report::Catalogue;

/// Starts 25 invented portals on this machine's loopback addresses,
/// crawls them with the very engine of `crawl`, and compares the lake with what they
/// published.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  gongkai demo
  gongkai demo --seed 7 --output /tmp/lake --state /tmp/state

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
    let names = running.portals.iter().map(|portal| (portal.id.clone(), portal.name.clone())).collect();
    say!("{}", summary(ending, &tally, &names));
    say!("{}", found(&running, &score, &places.output));
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

fn found(running: &Running, score: &Score, output: &Path) -> String {
    let mut text = format!(
        "\n{} invented portals published {} reports with {} numbers that robots.txt allows to read.\n\
         found again: {} reports, {} numbers\n",
        running.portals.len(),
        score.n_reports,
        score.n_numbers,
        score.n_reports_found,
        score.n_found
    );
    for problem in score.problems.iter().take(10) {
        text.push_str(&format!("  {problem}\n"));
    }
    let at = output.display();
    text.push_str(&format!(
        "\nthe lake is in {at}; all numbers in it are invented. To look at it:\n  duckdb -c \"SELECT report_year, count(*) AS reports, \
         sum(requests_received) AS requests FROM read_parquet('{at}/panel/*/*/*.parquet', hive_partitioning = true) \
         GROUP BY 1 ORDER BY 1\"\n"
    ));
    text
}
