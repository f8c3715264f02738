//! `gongkai status`

use std::collections::BTreeMap;

use super::{Common, Failure, WRONG_USE, aligned};
use crate::crawl::frontier::{Frontier, UrlState};
use crate::pipeline::CrawlError;

/// Shows portals by state, what waits, what is parked, and the last run.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  gongkai status
  gongkai status --json | jq .portals")]
pub(super) struct Arguments {
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(common: &Common, arguments: &Arguments) -> Result<u8, Failure> {
    let path = common.places.frontier();
    if !path.exists() {
        return Err(Failure::new(
            WRONG_USE,
            format!("there is no crawl state in {}", path.display()),
            "run `gongkai crawl` first, or name the folder with --state",
        ));
    }
    let frontier = Frontier::open(&path).map_err(CrawlError::from)?;
    let census = frontier.census().map_err(CrawlError::from)?;
    let reports: BTreeMap<String, u64> = frontier
        .reports_by_portal()
        .map_err(CrawlError::from)?
        .into_iter()
        .map(|(portal, n)| (portal.to_string(), n))
        .collect();
    let gates = frontier.gates().map_err(CrawlError::from)?;
    let last_run = frontier.last_run().map_err(CrawlError::from)?;
    let mut by_portal: BTreeMap<String, BTreeMap<UrlState, u64>> = BTreeMap::new();
    for (portal, state, n) in census {
        *by_portal.entry(portal.to_string()).or_default().entry(state).or_default() += n;
    }
    if arguments.json {
        let gates: BTreeMap<String, serde_json::Value> = gates
            .into_iter()
            .map(|(host, json)| (host.to_string(), serde_json::from_str(&json).unwrap_or_default()))
            .collect();
        let last: serde_json::Value = last_run.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
        let json = serde_json::json!({ "portals": by_portal, "reports": reports, "hosts": gates, "last_run": last });
        sayln!("{json:#}");
        return Ok(0);
    }
    let states = [UrlState::Waiting, UrlState::Visited, UrlState::Gone, UrlState::Failed, UrlState::Refused];
    let mut rows =
        vec![["portal", "reports", "waiting", "visited", "gone", "failed", "refused"].map(str::to_owned).to_vec()];
    for (portal, counts) in &by_portal {
        let mut row = vec![portal.clone(), reports.get(portal).copied().unwrap_or(0).to_string()];
        row.extend(states.iter().map(|state| counts.get(state).copied().unwrap_or(0).to_string()));
        rows.push(row);
    }
    say!("{}", aligned(&rows));
    for (host, json) in &gates {
        let gate: serde_json::Value = serde_json::from_str(json).unwrap_or_default();
        if let Some(until) = gate.get("parked_until").and_then(serde_json::Value::as_str) {
            sayln!("parked: {host} until {until}");
        }
    }
    Ok(0)
}
