//! What a run did and with what, as one file of the lake's `runs` folder.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;
use serde::Serialize;

use crate::config::{Settings, hide_credentials};
use crate::crawl::engine::{Ending, PortalTally, Tally};
use crate::faults::{self, FaultPoint};
use crate::{archive, crawl, lake};

/// The version of the run report's fields. Fields are only ever added.
const SCHEMA_VERSION: u32 = 1;

/// Portals that a list of the report names.
const MOST_NAMED: usize = 10;

/// What a run did and with what.
#[derive(Debug, Serialize)]
pub struct RunReport<'a> {
    schema_version: u32,
    started_at: Timestamp,
    ended_at: Timestamp,
    ending: &'static str,
    used: &'a Used,
    /// By mean time of an answer, slowest first.
    slowest: Vec<NamedPortal<'a>>,
    /// By URLs given up, most first.
    failing: Vec<NamedPortal<'a>>,
    /// URLs that wait for the next run.
    n_left: u64,
    run: &'a Tally,
}

/// A portal of a list of the report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NamedPortal<'a> {
    /// Its id.
    pub portal: &'a str,
    /// Requests for its pages.
    pub n_requests: u64,
    /// How long they took in the mean.
    pub mean_answer_ms: u64,
    /// URLs that were given up.
    pub n_failed: u64,
    /// The last thing that went wrong.
    pub last_trouble: Option<&'a str>,
}

/// What a run used: enough to tell in ten years why it did what it did.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Used {
    /// The command line, without passwords.
    pub command_line: Vec<String>,
    /// The configuration as it was understood, without passwords.
    pub configuration: serde_json::Value,
    /// The ids of the portals that the run was for, with those who took no part.
    pub portals: Vec<String>,
    /// The versions of everything that has one.
    pub versions: Versions,
}

/// The versions of everything that has one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Versions {
    /// The program's.
    pub program: &'static str,
    /// The forms, identities and regions.
    pub catalogue: String,
    /// The lake's schema.
    pub lake_schema: u32,
    /// The frontier's schema.
    pub state_schema: i64,
    /// What the archive's records hold.
    pub archive_schema: u32,
}

impl Used {
    /// What a run over these portals uses.
    #[must_use]
    pub fn new(settings: &Settings, portals: Vec<String>, command_line: impl Iterator<Item = String>) -> Self {
        Self {
            command_line: command_line.map(|argument| hide_credentials(&argument)).collect(),
            configuration: settings.resolved(),
            portals,
            versions: Versions {
                program: env!("CARGO_PKG_VERSION"),
                catalogue: settings.catalogue.version.clone(),
                lake_schema: lake::SCHEMA_VERSION,
                state_schema: crawl::frontier::SCHEMA_VERSION,
                archive_schema: archive::SCHEMA_VERSION,
            },
        }
    }
}

/// The configuration of the last run that wrote a report under an output folder; none
/// where none can be read.
#[must_use]
pub fn last_configuration(output: &Path) -> Option<serde_json::Value> {
    let paths = fs::read_dir(output.join("runs")).ok()?.filter_map(|entry| Some(entry.ok()?.path()));
    // Their names are their instants; one that is on its way has another ending.
    let last = paths.filter(|path| path.extension().is_some_and(|ending| ending == "json")).max()?;
    let mut report: serde_json::Value = serde_json::from_slice(&fs::read(last).ok()?).ok()?;
    Some(report["used"]["configuration"].take())
}

impl<'a> RunReport<'a> {
    /// The report of a run that ended at `ended_at`.
    #[must_use]
    pub fn new(ended_at: Timestamp, ending: Ending, tally: &'a Tally, used: &'a Used) -> Self {
        let started_at = jiff::SignedDuration::try_from(tally.duration).ok().and_then(|t| ended_at.checked_sub(t).ok());
        Self {
            schema_version: SCHEMA_VERSION,
            started_at: started_at.unwrap_or(ended_at),
            ended_at,
            ending: ending.as_str(),
            used,
            slowest: slowest(tally),
            failing: failing(tally),
            n_left: n_left(tally),
            run: tally,
        }
    }

    /// Writes the report as `runs/INSTANT.json` under the output folder: whole
    /// or not at all.
    ///
    /// # Errors
    ///
    /// - the folder cannot be written
    pub fn write(&self, output: &Path) -> std::io::Result<PathBuf> {
        let dir = output.join("runs");
        fs::create_dir_all(&dir)?;
        clear(&dir)?;
        let name = format!("{}.json", self.ended_at.strftime("%Y%m%dT%H%M%S%.3fZ"));
        let (path, on_its_way) = (dir.join(&name), dir.join(format!(".{name}.tmp")));
        let mut bytes = serde_json::to_vec_pretty(self)?;
        bytes.push(b'\n');
        let mut file = File::create(&on_its_way)?;
        file.write_all(&bytes)?;
        file.sync_all()?;
        faults::pass(FaultPoint::RunReportWriting)?;
        fs::rename(&on_its_way, &path)?;
        File::open(&dir)?.sync_all()?;
        Ok(path)
    }
}

/// Removes what a killed run left on its way.
fn clear(dir: &Path) -> std::io::Result<()> {
    for entry in fs::read_dir(dir)? {
        let (path, name) = entry.map(|entry| (entry.path(), entry.file_name().to_string_lossy().into_owned()))?;
        if name.starts_with('.') && name.ends_with(".json.tmp") {
            fs::remove_file(path)?;
        }
    }
    Ok(())
}

/// The portals whose answers took longest in the mean.
#[must_use]
pub fn slowest(tally: &Tally) -> Vec<NamedPortal<'_>> {
    let mut portals: Vec<_> = named(tally).filter(|portal| portal.mean_answer_ms > 0).collect();
    portals.sort_by_key(|portal| std::cmp::Reverse(portal.mean_answer_ms));
    portals.truncate(MOST_NAMED);
    portals
}

/// The portals that gave up the most URLs.
#[must_use]
pub fn failing(tally: &Tally) -> Vec<NamedPortal<'_>> {
    let mut portals: Vec<_> = named(tally).filter(|portal| portal.n_failed > 0).collect();
    portals.sort_by_key(|portal| std::cmp::Reverse(portal.n_failed));
    portals.truncate(MOST_NAMED);
    portals
}

/// URLs that wait for the next run.
#[must_use]
pub fn n_left(tally: &Tally) -> u64 {
    tally.waiting.iter().map(|(_, n)| n).sum()
}

fn named(tally: &Tally) -> impl Iterator<Item = NamedPortal<'_>> {
    let mean = |portal: &PortalTally| {
        let n = u32::try_from(portal.n_requests).unwrap_or(u32::MAX);
        portal.answer_time.checked_div(n).unwrap_or(Duration::ZERO)
    };
    tally.portals.iter().map(move |(id, portal)| NamedPortal {
        portal: id.as_str(),
        n_requests: portal.n_requests,
        mean_answer_ms: u64::try_from(mean(portal).as_millis()).unwrap_or(u64::MAX),
        n_failed: portal.n_failed,
        last_trouble: portal.last_trouble.as_deref(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crawl::frontier::PortalId;

    fn tally(portals: &[(&str, u64, u64, u64)]) -> Tally {
        let mut tally = Tally::default();
        for (id, n_requests, seconds, n_failed) in portals {
            let portal = PortalTally {
                n_requests: *n_requests,
                answer_time: Duration::from_secs(*seconds),
                n_failed: *n_failed,
                ..PortalTally::default()
            };
            tally.portals.insert(PortalId::from(*id), portal);
        }
        tally
    }

    #[test]
    fn the_slowest_by_the_mean_and_the_failing_by_the_number() {
        let tally = tally(&[("many", 100, 100, 2), ("slow", 2, 9, 0), ("none", 0, 0, 7)]);
        let ids = |portals: Vec<NamedPortal<'_>>| portals.iter().map(|p| p.portal.to_owned()).collect::<Vec<_>>();
        assert_eq!(ids(slowest(&tally)), ["slow", "many"]);
        assert_eq!(slowest(&tally)[0].mean_answer_ms, 4500);
        assert_eq!(ids(failing(&tally)), ["none", "many"]);
    }

    #[test]
    fn a_report_is_written_whole_under_its_instant_and_holds_no_password() {
        let dir = tempfile::tempdir().unwrap();
        let settings = Settings::load(Path::new("tests/config_cases/sound_minimal")).unwrap();
        let words = ["gongkai", "crawl", "--output", "https://me:secret@store.example/lake"].map(str::to_owned);
        let used = Used::new(&settings, vec!["p".to_owned()], words.into_iter());
        let (tally, ended_at) = (tally(&[("p", 2, 2, 0)]), "2026-01-02T03:04:05.678Z".parse().unwrap());
        let path = RunReport::new(ended_at, Ending::TimeUp, &tally, &used).write(dir.path()).unwrap();
        assert_eq!(path, dir.path().join("runs/20260102T030405.678Z.json"));
        let text = fs::read_to_string(&path).unwrap();
        assert!(!text.contains("secret"), "{text}");
        let json: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(json["ending"], "time_up");
        assert_eq!(json["used"]["portals"], serde_json::json!(["p"]));
        assert_eq!(json["used"]["configuration"]["crawl"]["interval_ms"], settings.crawl.interval_ms);
        assert_eq!(json["used"]["versions"]["program"], env!("CARGO_PKG_VERSION"));
        assert_eq!(json["slowest"][0]["mean_answer_ms"], 1000);
        assert_eq!(fs::read_dir(dir.path().join("runs")).unwrap().count(), 1, "nothing is left on its way");
    }
}
