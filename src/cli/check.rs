//! `gongkai check`

use super::{Common, Failure, aligned};
use crate::config::{Plan, Selection};
use crate::crawl::restraints::QuietHours;

/// Checks every setting strictly, and says what is configured.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  gongkai check
  gongkai check --config /etc/gongkai

Every error is listed with its file, line and column; exit code 2 where there is one.")]
pub(super) struct Arguments {}

pub(super) fn run(common: &Common, _arguments: &Arguments) -> Result<u8, Failure> {
    let settings = common.settings()?;
    let plan =
        Plan::new(&settings, &Selection::default()).map_err(|error| Failure::new(super::WRONG_USE, error, ""))?;
    let row = |name: &str, value: String| vec![name.to_owned(), value];
    let agent =
        settings.user_agent().unwrap_or_else(|_| "none: [operator] is empty, a crawl would be refused".to_owned());
    let rows = [
        row("configuration", settings.dir.display().to_string()),
        row("directory", format!("{} governments", settings.directory.len())),
        row("portals.toml", format!("{} portals", settings.portals.len())),
        row("to be crawled", format!("{} portals", plan.portals.len())),
        row("exclusions", settings.restraints.exclusions.all().len().to_string()),
        row("limits", settings.restraints.limits.len().to_string()),
        row("quiet hours", quiet(&settings.restraints.quiet_hours)),
        row("interval", format!("{} ms for each host and address", settings.crawl.interval_ms)),
        row("user agent", agent),
        row(
            "catalogue",
            format!("{}, {} regions", settings.catalogue.version, settings.catalogue.regions.places().len()),
        ),
    ];
    say!("{}", aligned(&rows));
    for exclusion in settings.restraints.exclusions.all() {
        sayln!("{exclusion}");
    }
    sayln!("the configuration is sound");
    Ok(0)
}

fn quiet(hours: &QuietHours) -> String {
    if *hours == QuietHours::default() { "none".to_owned() } else { format!("{hours} (UTC+8)") }
}
