//! `gongkai check`

use super::crawl::{all_files_are_there, nothing_to_crawl, user_agent};
use super::{Common, Exit, Failure, aligned};
use crate::config::{Plan, Selection, Settings};
use crate::crawl::restraints::{QuietHours, Scope};
use crate::ops::counted;

/// Checks every setting strictly, and says what is configured.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  gongkai check
  gongkai check --config /etc/gongkai

Every error is listed with its file, line and column, and with it what to write; of a file that is no TOML its first.
Exit code 2 where there is one, or no operator, or nothing to crawl, or a file is lost that the last run of --output
had, as of a crawl. Notes are no errors.")]
pub(super) struct Arguments {}

pub(super) fn run(common: &Common, _arguments: &Arguments) -> Result<Exit, Failure> {
    let settings = common.settings()?;
    let plan = Plan::new(&settings, &Selection::default()).map_err(|error| Failure::new(Exit::WrongUse, error, ""))?;
    let row = |name: &str, value: String| vec![name.to_owned(), value];
    let agent =
        settings.user_agent().unwrap_or_else(|_| "none: [operator] is empty, a crawl would be refused".to_owned());
    let rows = [
        row("configuration", settings.dir.display().to_string()),
        row("directory", format!("{} with a home page", counted(settings.directory.len(), "government"))),
        row("portals.toml", counted(settings.portals.len(), "portal")),
        row("to be crawled", counted(plan.portals.len(), "portal")),
        row("exclusions", settings.restraints.exclusions.all().len().to_string()),
        row("limits", settings.restraints.limits.len().to_string()),
        row("quiet hours", quiet(&settings.restraints.quiet_hours)),
        row("interval", format!("{} ms for each host and address", settings.crawl.interval_ms)),
        row("user agent", agent),
        row(
            "catalogue",
            format!("{}, {}", settings.catalogue.version, counted(settings.catalogue.regions.places().len(), "region")),
        ),
    ];
    say!("{}", aligned(&rows));
    for exclusion in settings.restraints.exclusions.all() {
        sayln!("{exclusion}");
    }
    notes(&settings).iter().for_each(|note| sayln!("note: {note}"));
    all_files_are_there(common, &settings)?;
    if plan.portals.is_empty() {
        return Err(nothing_to_crawl(&settings));
    }
    user_agent(&settings)?;
    sayln!("the configuration is sound");
    Ok(Exit::Done)
}

/// What is no error, and hardly meant: restraints of portals that are not there. Who
/// asked to be left alone stays so, whoever is configured.
pub(super) fn notes(settings: &Settings) -> Vec<String> {
    let exclusions =
        settings.exclusions_of_nobody().into_iter().map(|id| format!("an exclusion names the portal {id}"));
    let limits = settings.restraints.limits.iter().filter_map(|limit| match &limit.scope {
        Scope::Portal(id) if !settings.names_portal(id) => Some(format!("a limit names the portal {id}")),
        _ => None,
    });
    exclusions.chain(limits).map(|what| format!("{what}, which is not configured")).collect()
}

fn quiet(hours: &QuietHours) -> String {
    if *hours == QuietHours::default() { "none".to_owned() } else { format!("{hours} (UTC+8)") }
}
