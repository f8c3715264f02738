//! `gongkai explain`

use url::Url;

use super::{Common, Exit, Failure, aligned, rests_until};
use crate::archive;
use crate::clock::{Clock, in_words};
use crate::config::{LeftOut, Plan};
use crate::crawl::address::HostKey;
use crate::crawl::discover::{Context, ENOUGH, explain};
use crate::crawl::engine::{Neighbours, read_article};
use crate::crawl::frontier::{ArchiveRef, Frontier, LEFT, PageRequest, SqliteFrontier, UrlState, Version};
use crate::lake::documents_named;
use crate::ops::counted;
use crate::pipeline::{CrawlError, hint, record_ref};

/// Says why a URL was (not) fetched, and where each number of it came from.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  gongkai explain https://www.example.gov.cn/art/2018/3/8/art_1_1.html
  gongkai explain --numbers https://www.example.gov.cn/art/2018/3/8/art_1_1.html
  gongkai explain --numbers 330483-county-人民政府-2017")]
pub(super) struct Arguments {
    /// A URL, or a document's or report's id of the lake
    #[arg(value_name = "ID-OR-URL")]
    id_or_url: String,
    /// Read it again from the archive and explain every number
    #[arg(long)]
    numbers: bool,
}

pub(super) fn run(common: &Common, arguments: &Arguments) -> Result<Exit, Failure> {
    let path = common.places.frontier();
    if !path.exists() {
        return Err(Failure::new(
            Exit::WrongUse,
            format!("there is no crawl state in {}", path.display()),
            "name the folder with --state",
        ));
    }
    let frontier = SqliteFrontier::open_to_look(&path).map_err(CrawlError::from)?;
    let all = asked(common, &arguments.id_or_url)?;
    let mut first_failure = None;
    for (index, asked) in all.iter().enumerate() {
        if index > 0 {
            sayln!("");
        }
        // Of the documents of a report another may be at hand.
        if let Err(failure) = one(common, &frontier, asked, arguments) {
            first_failure.get_or_insert(failure);
        }
    }
    first_failure.map_or(Ok(Exit::Done), Err)
}

/// What a person asks about.
struct Asked {
    url: Url,
    /// The document of the lake that is meant: an older version of the page perhaps.
    /// None where the page is, as it is now.
    document: Option<String>,
}

/// The pages that a person means.
fn asked(common: &Common, id_or_url: &str) -> Result<Vec<Asked>, Failure> {
    if let Some(url) = id_or_url.parse::<Url>().ok().filter(Url::has_host) {
        return Ok(vec![Asked { url, document: None }]);
    }
    let documents = documents_named(&common.places.output, id_or_url).map_err(CrawlError::from)?;
    let of = |(document, url): (String, String)| Some(Asked { url: url.parse().ok()?, document: Some(document) });
    let all: Vec<Asked> = documents.into_iter().filter_map(of).collect();
    if all.is_empty() {
        let at = common.places.output.display();
        let words = format!("{id_or_url} is no URL, and no document or report of the lake in {at}");
        let hint = if id_or_url.contains('.') {
            format!("a URL begins with http:// or https://: gongkai explain https://{id_or_url}")
        } else {
            "name the lake with --output, or give a page's URL, with its https://".to_owned()
        };
        return Err(Failure::new(Exit::WrongUse, words, hint));
    }
    Ok(all)
}

fn one(common: &Common, frontier: &dyn Frontier, asked: &Asked, arguments: &Arguments) -> Result<(), Failure> {
    let url = &asked.url;
    let seen = frontier.seen(&PageRequest::get(url.clone())).map_err(CrawlError::from)?;
    let portal = seen.as_ref().map(|seen| seen.portal.as_str()).unwrap_or_default();
    let settings = common.settings()?;
    let plan = Plan::whole(&settings);
    let exclusion = settings.restraints.exclusions.of_url(portal, url);
    if let (None, Some(exclusion)) = (&seen, exclusion) {
        sayln!("{url} is left alone\n{exclusion}");
        return Ok(());
    }
    let Some(seen) = seen else { return not_seen(common, frontier, url) };
    let portal = seen.portal.clone();
    let row = |name: &str, value: String| vec![name.to_owned(), value];
    let or = |value: Option<String>| value.unwrap_or_else(|| "never".to_owned());
    let state = serde_json::to_value(seen.state).unwrap_or_default();
    let mut rows = vec![
        row("url", seen.url.clone()),
        row("portal", seen.portal.clone()),
        row("found because", seen.why.clone()),
        row("depth", seen.depth.to_string()),
        row("state", state.as_str().unwrap_or_default().to_owned()),
        row("last seen", or(seen.last_seen.map(in_words))),
        row("outcome", or(seen.last_words.clone())),
    ];
    if let Some((words, at)) = seen.read.filter(|(words, _)| seen.last_words.as_ref() != Some(words)) {
        rows.push(row("last read", format!("{words}, of {}", in_words(at))));
    }
    match (exclusion, plan.left_out(&settings, &portal)) {
        (Some(exclusion), _) => rows.push(row("left alone", exclusion.to_string())),
        (None, Some(LeftOut::Off)) => rows.push(row("left out", format!("the portal {portal} is off"))),
        (None, Some(LeftOut::NotConfigured)) => {
            rows.push(row("left out", format!("the portal {portal} is not configured any more")));
        }
        (None, None) => {
            let now = Clock::system().now();
            let next = if seen.due_at <= now { "with the next run".to_owned() } else { in_words(seen.due_at) };
            rows.push(row("next visit", next));
            let host = HostKey::of(url).map(|host| rests_until(frontier, &host, now));
            if let Some(until) = host.transpose().map_err(CrawlError::from)?.flatten() {
                rows.push(row("its host rests", format!("until {}: `gongkai status` says why", in_words(until))));
            }
        }
    }
    if seen.state == UrlState::Visited {
        rows.push(row("unchanged", counted(seen.n_unchanged, "visit") + " in a row"));
    }
    let version = match &asked.document {
        Some(document) => {
            rows.push(row("document", document.clone()));
            frontier.version(document).map_err(CrawlError::from)?
        }
        None => seen.archived.map(|place| Version { url: seen.id, until: None, place }),
    };
    if let Some(ArchiveRef { file, offset, .. }) = version.as_ref().map(|version| &version.place) {
        rows.push(row("archived in", format!("{file} at byte {offset}")));
    }
    say!("{}", aligned(&rows));
    if let (true, Some(document), None) = (arguments.numbers, &asked.document, &version) {
        // Another version of the page has other numbers.
        let words = format!("the state does not know which version of the page the document {document} is");
        let hint = "give the page's URL: its last version is read; or name the state that the lake was made with";
        return Err(Failure::new(Exit::WrongUse, words, hint));
    }
    if arguments.numbers
        && let Some(version) = version
    {
        let archived =
            |place: &ArchiveRef| archive::read(&common.places.archive(), &record_ref(place)).map_err(CrawlError::from);
        let mut capture = archived(&version.place)?;
        capture.hint = hint(&portal, plan.portals.iter().find(|planned| planned.id == portal));
        let pages = frontier.article_of(version.url, version.until).map_err(CrawlError::from)?;
        let neighbours = Neighbours::fetch(&pages, version.url, archived).unwrap_or_else(|error| {
            sayln!("\nread without its article's other pages: {error}");
            Neighbours::default()
        });
        for report in read_article(&capture, neighbours, &settings.catalogue).reading.reports {
            sayln!("\n{} ({})", report.title, report.report_id);
            report.evidence.iter().for_each(|line| sayln!("  {line}"));
            let rows: Vec<Vec<String>> = report
                .facts
                .iter()
                .map(|fact| {
                    let value = fact.value.map_or_else(|| "null".to_owned(), |value| value.to_string());
                    let name = fact
                        .applicant
                        .map_or_else(|| fact.indicator.to_string(), |a| format!("{}[{a}]", fact.indicator));
                    vec![format!("  {name}"), value, fact.why()]
                })
                .collect();
            say!("{}", aligned(&rows));
        }
    }
    Ok(())
}

/// Says of a URL that is not in the frontier which portals that begin on its host
/// asked to be left alone; where one is asked, or none is known, also where links
/// to the URL stand.
fn not_seen(common: &Common, frontier: &dyn Frontier, url: &Url) -> Result<(), Failure> {
    let settings = common.settings()?;
    let all = Plan::whole(&settings);
    let here: Vec<_> = all.beginning_at(url).collect();
    let exclusions: Vec<_> = here
        .iter()
        .filter_map(|portal| Some((&portal.id, portal.exclusion(&settings.restraints.exclusions)?)))
        .collect();
    if exclusions.is_empty() || exclusions.len() < here.len() {
        not_followed(common, frontier, url)?;
    } else {
        sayln!("{url} is left alone");
    }
    for (portal, exclusion) in exclusions {
        sayln!("the portal {portal} begins on its host, {exclusion}");
    }
    Ok(())
}

/// Says of a URL that is not in the frontier where links to it stand, and what
/// was said against following them.
fn not_followed(common: &Common, frontier: &dyn Frontier, url: &Url) -> Result<(), Failure> {
    /// Pages of its host that are looked through.
    const MOST: u32 = 500;
    let host = HostKey::of(url);
    let pages = host.map(|host| frontier.archived_pages(&host, MOST)).transpose().map_err(CrawlError::from)?;
    let pages = pages.unwrap_or_default();
    let mut links = Vec::new();
    let mut n_unreadable = 0;
    for page in &pages {
        // A finished file may be moved away.
        let Ok(capture) = archive::read(&common.places.archive(), &record_ref(&page.place)) else {
            n_unreadable += 1;
            continue;
        };
        if let Some((text, verdict)) = explain(&capture, Context::of(page.priority, page.depth), url) {
            let at = capture.url().map(ToString::to_string).unwrap_or_default();
            links.push((at, text, verdict));
        }
    }
    let away = match n_unreadable {
        0 => String::new(),
        n => format!(", {n} could not be read: their archive files are away"),
    };
    let n_read = pages.len() - n_unreadable;
    sayln!("{url} was not followed; looked through: {} of its host{away}", counted(n_read, "archived page"));
    if links.is_empty() {
        let mut elsewhere = Vec::new();
        let is_it = |link: &str| link.rsplit(' ').next() == Some(url.as_str());
        let each = &mut |_, page, link: String| elsewhere.extend(is_it(&link).then_some((page, link)));
        frontier.left_links(each).map_err(CrawlError::from)?;
        match elsewhere.first() {
            Some((page, link)) => sayln!("on {page} a link was {LEFT}{link}"),
            None => sayln!("none of them links to it; pages of other hosts were not looked through"),
        }
        return Ok(());
    }
    links.sort_by(|a, b| b.2.score.total_cmp(&a.2.score));
    for (at, text, verdict) in links.iter().take(5) {
        sayln!("on {at}, as \"{text}\": {:.1} of the {ENOUGH} that are enough", verdict.score);
        for point in &verdict.points {
            sayln!("  {point}");
        }
        if verdict.points.is_empty() {
            sayln!("  no word of its text is in config/discovery.csv, and a URL alone says too little");
        }
    }
    Ok(())
}
