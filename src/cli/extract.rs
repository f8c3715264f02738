//! `gongkai extract`

use std::collections::BTreeSet;
use std::io::Read;
use std::path::Path;

use url::Url;

use super::{Common, Exit, Failure, Format, aligned};
use crate::config::{DirectoryEntry, Settings};
use crate::ops::counted;
use crate::page::{Capture, DropReason, PlaceHint};
use crate::report::contract::{Extras, lines};
use crate::report::{Against, Applicant, Fact, Method, Outcome, Reading, Report, Severity, Unread};
use crate::words::refusal;

/// Reads files (HTML or text) and prints the reports that they hold. Needs no
/// state and no network.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  gongkai extract report.html
  gongkai extract --format json *.html > reports.jsonl
  curl -s URL | gongkai extract --url URL -

Exit code 1 where a file could not be read at all.")]
pub(super) struct Arguments {
    /// A table for a person, or one JSON object a line
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    /// The URL that the (only) file came from
    #[arg(long)]
    url: Option<Url>,
    /// Add the kept text
    #[arg(long)]
    text: bool,
    /// Add the dropped blocks with their reasons
    #[arg(long)]
    dropped: bool,
    /// Say of every number which label, place and rule gave it
    #[arg(long)]
    explain: bool,
    /// Files, or - for standard input
    #[arg(required = true)]
    paths: Vec<String>,
}

pub(super) fn run(common: &Common, arguments: &Arguments) -> Result<Exit, Failure> {
    if arguments.url.is_some() && arguments.paths.len() > 1 {
        return Err(Failure::new(Exit::WrongUse, "--url belongs to one file", "give one PATH, or leave --url out"));
    }
    let catalogue = common.catalogue_if_any()?;
    let hint = arguments.url.as_ref().map(|url| hint_of(url, portals(common).as_ref())).unwrap_or_default();
    let extras = Extras { text: arguments.text, dropped: arguments.dropped, explain: arguments.explain };
    let mut unreadable = Vec::new();
    for (index, path) in arguments.paths.iter().enumerate() {
        let body = match bytes_of(path) {
            Ok(body) => body,
            Err(error) => {
                eprintln!("error: {path}: {error}");
                unreadable.push(error);
                continue;
            }
        };
        let source = arguments.url.as_ref().map_or(path.as_str(), Url::as_str);
        let capture = Capture { final_url: arguments.url.clone(), hint: hint.clone(), ..Capture::of_bytes(body) };
        let read = if arguments.explain { crate::explain } else { crate::read };
        let reading = read(&capture, &catalogue);
        match arguments.format {
            Format::Json => super::write_out(&(lines(source, &reading, extras).join("\n") + "\n")),
            Format::Table => {
                let gap = if index > 0 { "\n" } else { "" };
                super::write_out(&format!("{gap}{}", table(source, &reading, extras)));
            }
        }
    }
    if unreadable.is_empty() {
        return Ok(Exit::Done);
    }
    let hints: BTreeSet<&str> = unreadable.iter().map(Unreadable::hint).collect();
    hints.iter().for_each(|hint| eprintln!("hint: {hint}"));
    if unreadable.len() < arguments.paths.len() {
        eprintln!(
            "hint: {} of {} could not be read; the others were",
            unreadable.len(),
            counted(arguments.paths.len(), "file")
        );
    }
    Ok(Exit::ToTell)
}

/// The settings with their portals. Mistakes in them are told, and stop no reading.
fn portals(common: &Common) -> Option<Settings> {
    common.settings_if_any().unwrap_or_else(|failure| {
        failure.words.lines().for_each(|line| eprintln!("warning: {line}"));
        eprintln!("hint: the file is read without the configured portals; `gongkai check` says whether they are sound");
        None
    })
}

/// What the configured portals know of a URL's host, and the directory, the
/// program's where the configuration has none: the region, where one alone has it.
fn hint_of(url: &Url, settings: Option<&Settings>) -> PlaceHint {
    let host = |url: &Url| url.host_str().map(|host| host.trim_start_matches("www.").to_owned());
    let Some(wanted) = host(url) else { return PlaceHint::default() };
    let configured = settings.map(|settings| settings.directory.clone()).filter(|directory| !directory.is_empty());
    let directory = configured.unwrap_or_else(DirectoryEntry::embedded);
    let of_directory = directory.iter().map(|entry| (&entry.homepage, Some(&entry.region)));
    let own = settings.map_or(&[][..], |settings| &settings.portals);
    let of_own = own.iter().flat_map(|portal| portal.entry.iter().map(|entry| (entry, portal.region.as_ref())));
    let known = of_directory.chain(of_own).filter(|(place, _)| host(place).as_deref() == Some(wanted.as_str()));
    let regions: BTreeSet<_> = known.filter_map(|(_, region)| region).collect();
    let region = if regions.len() == 1 { regions.first().map(|code| code.as_str().to_owned()) } else { None };
    PlaceHint { region, ..PlaceHint::default() }
}

/// What is named and no file that can be read.
#[derive(Debug, thiserror::Error)]
enum Unreadable {
    #[error("it is a URL, and `extract` reads files")]
    Url,
    #[error("it is a folder: name its files, such as {0}/*.html")]
    Folder(String),
    #[error("{}", refusal(.0))]
    Refused(#[from] std::io::Error),
}

impl Unreadable {
    fn hint(&self) -> &'static str {
        match self {
            Self::Url => {
                "fetch one page with `curl -s URL | gongkai extract --url URL -`, a configured portal with `gongkai \
                 crawl --portal ID`"
            }
            Self::Folder(_) | Self::Refused(_) => {
                "name files that hold pages, or pipe one page in: gongkai extract - < page.html"
            }
        }
    }
}

fn bytes_of(path: &str) -> Result<Vec<u8>, Unreadable> {
    if path == "-" {
        let mut bytes = Vec::new();
        std::io::stdin().read_to_end(&mut bytes)?;
        return Ok(bytes);
    }
    let file = Path::new(path);
    if !file.exists() && path.parse().is_ok_and(|url: Url| matches!(url.scheme(), "http" | "https")) {
        return Err(Unreadable::Url);
    }
    if file.is_dir() {
        return Err(Unreadable::Folder(path.trim_end_matches('/').to_owned()));
    }
    Ok(std::fs::read(file)?)
}

fn table(source: &str, reading: &Reading, extras: Extras) -> String {
    let mut text = format!("{source}\n");
    if let Some(reason) = &reading.no_report {
        text.push_str(&format!("  no report: {}\n", reason.words));
    }
    for report in &reading.reports {
        text.push_str(&of_report(report, extras));
    }
    for note in &reading.notes {
        text.push_str(&format!("  note: {note}\n"));
    }
    if extras.dropped {
        for dropped in &reading.article.dropped {
            let words: String = dropped.block.text().replace('\n', " ").chars().take(60).collect();
            text.push_str(&format!("  dropped, {}: {words}\n", DropReason::words(dropped.reason)));
        }
    }
    text
}

fn of_report(report: &Report, extras: Extras) -> String {
    let or = |value: Option<String>, other: &str| value.unwrap_or_else(|| other.to_owned());
    let row = |name: &str, value: String| vec![format!("  {name}"), value];
    let head = [
        row("title", report.title.clone()),
        row("issuer", or(report.issuer.clone(), "unknown")),
        row("region", format!("{}, {}", or(report.region.as_ref().map(ToString::to_string), "unknown"), report.level)),
        row("year", or(report.report_year.map(|year| year.to_string()), "unknown")),
        row("form", report.form.to_string()),
        row("published", or(report.published_on.map(|date| date.to_string()), "not said")),
        row("script, origin", format!("{}, {}", report.script, report.origin)),
        row("report id", report.report_id.to_string()),
    ];
    let mut text = aligned(&head);
    let of = |method| report.facts.iter().filter(move |fact| fact.method == method).collect::<Vec<_>>();
    for (name, facts) in [("table", of(Method::Table)), ("narrative", of(Method::Narrative))] {
        if !facts.is_empty() {
            let n_numbers = facts.iter().filter(|fact| fact.value.is_some()).count();
            let n_blank = facts.len() - n_numbers;
            let blank = if n_blank == 0 { String::new() } else { format!(", {n_blank} not reported") };
            text.push_str(&format!("\n  {} of the {name}{blank}\n", counted(n_numbers, "number")));
            text.push_str(&aligned(&facts.iter().map(|fact| of_fact(fact, extras)).collect::<Vec<_>>()));
        }
    }
    let failed = report.checks.iter().filter(|check| check.outcome == Outcome::Fail);
    for check in failed {
        let how = if check.severity == Severity::Error { "does not add up" } else { "is unusual" };
        let column = check.applicant.map(|applicant| format!(", {}", applicant.label())).unwrap_or_default();
        let side = |value: Option<rust_decimal::Decimal>| value.map_or_else(|| "-".to_owned(), |v| v.to_string());
        let blank = match check.n_blank {
            0 => String::new(),
            1 => ", a blank cell counted as 0".to_owned(),
            n => format!(", {n} blank cells counted as 0"),
        };
        text.push_str(&format!(
            "\n  {how}: {} ({}{column}): {} against {}{blank}",
            check.check,
            check.indicator,
            side(check.left),
            side(check.right)
        ));
    }
    for conflict in &report.conflicts {
        let before = match conflict.against {
            Against::Table(value) => format!("{value} in the table"),
            Against::Sentence(value) => format!("{value} in a sentence before"),
        };
        text.push_str(&format!(
            "\n  contradicts itself: {}: {before}, {} in a sentence",
            conflict.indicator, conflict.narrative
        ));
    }
    let is_of_one_text =
        |one: &Unread, next: &Unread| (&one.reason, &one.raw, &one.locator) == (&next.reason, &next.raw, &next.locator);
    for cells in report.unread.chunk_by(is_of_one_text) {
        let raw = cells[0].raw.as_deref().map(|raw| format!(" ({raw})")).unwrap_or_default();
        let place = cells[0].locator.as_ref().map(|place| format!(" at {place}")).unwrap_or_default();
        text.push_str(&format!("\n  not read: {}: {}{raw}{place}", rows_of(cells), cells[0].reason));
    }
    if !text.ends_with('\n') {
        text.push('\n');
    }
    if extras.explain {
        for line in &report.evidence {
            text.push_str(&format!("  because: {line}\n"));
        }
        for left in &report.left_out {
            text.push_str(&format!("  no fact: {} ({})\n", left.clause, left.why));
        }
    }
    if extras.text {
        text.push_str(&format!("\n{}\n", report.text));
    }
    text
}

/// The rows of cells, each with its columns.
fn rows_of(cells: &[Unread]) -> String {
    let row = |row: &[Unread]| {
        let columns: Vec<&str> = row.iter().filter_map(|cell| cell.applicant).map(Applicant::label).collect();
        let columns = if columns.is_empty() { String::new() } else { format!(" [{}]", columns.join(", ")) };
        format!("{}{columns}", row[0].indicator)
    };
    let rows: Vec<String> = cells.chunk_by(|one, next| one.indicator == next.indicator).map(row).collect();
    rows.join(", ")
}

fn of_fact(fact: &Fact, extras: Extras) -> Vec<String> {
    let name =
        fact.applicant.map_or_else(|| fact.indicator.to_string(), |a| format!("{} [{}]", fact.indicator, a.label()));
    let value = fact.value.map_or_else(|| "not reported".to_owned(), |value| value.to_string());
    let mut row = vec![format!("    {name}"), value, fact.unit.to_string()];
    if extras.explain {
        row.push(fact.why());
    }
    row
}
