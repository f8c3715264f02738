//! The portals: the operator's own (`portals.toml`) and the directory's
//! (`portals.csv`).

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use serde::Deserialize;
use toml::Spanned;
use url::Url;

use super::file::{ConfigError, File, hide_credentials, web_address};
use crate::crawl::frontier::PageRequest;
use crate::report::{Catalogue, RegionCode};

/// A portal with settings of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Portal {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: Option<String>,
    /// Its region.
    pub region: Option<RegionCode>,
    /// Where to begin; empty for the directory's home page.
    pub entry: Vec<Url>,
    /// Pages of one run, where not the common number.
    pub max_pages: Option<u32>,
    /// Links followed, where not the common number.
    pub max_depth: Option<u16>,
    /// Whether it is left out.
    pub off: bool,
}

/// A government of the directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DirectoryEntry {
    /// Its region's code.
    pub region: RegionCode,
    /// Its region's name.
    pub name: String,
    /// Its home page.
    pub homepage: Url,
}

impl DirectoryEntry {
    /// The directory in the program.
    #[must_use]
    pub fn embedded() -> Vec<Self> {
        let all = directory(include_str!("../../config/portals.csv"));
        all.into_iter().filter_map(|line| line.entry.ok().flatten()).collect()
    }

    /// The government's name.
    pub(super) fn full_name(&self) -> String {
        full_name(&self.name)
    }

    /// Whether one of the operator's portals stands for it: not that of a
    /// department of the same region.
    pub(super) fn is_replaced(&self, portals: &[Portal]) -> bool {
        let is_it = |name: &String| *name == self.full_name() || *name == self.name;
        portals.iter().any(|own| own.region.as_ref() == Some(&self.region) && own.name.as_ref().is_none_or(is_it))
    }
}

/// The name of a place's government.
pub(super) fn full_name(place: &str) -> String {
    format!("{place}人民政府")
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RawPortals {
    portal: Vec<Spanned<RawPortal>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawPortal {
    id: Spanned<String>,
    name: Option<String>,
    region: Option<Spanned<String>>,
    #[serde(default)]
    entry: Vec<Spanned<String>>,
    max_pages: Option<Spanned<u32>>,
    max_depth: Option<Spanned<u16>>,
    #[serde(default)]
    off: bool,
}

/// Pages of one portal in one run, at most.
pub(super) const MAX_PAGES: u32 = 1_000_000;
/// Links followed from an entry, at most.
pub(super) const MAX_DEPTH: u16 = 50;

pub(super) fn check_portals(
    file: &File,
    raw: RawPortals,
    catalogue: &Catalogue,
    directory: &[DirectoryEntry],
    errors: &mut Vec<ConfigError>,
) -> Vec<Portal> {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let (mut portals, mut places) = (Vec::new(), Vec::new());
    for portal in raw.portal {
        let portal = portal.into_inner();
        let place = portal.id.span().start;
        let id = portal.id.get_ref().clone();
        let mut fail = |offset: usize, message: String| errors.push(file.error(offset, &message));
        let is_id = !id.is_empty() && id.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'));
        if !is_id {
            fail(portal.id.span().start, format!("id = \"{id}\" must be letters, digits, - _ ."));
        }
        if let Some(line) = seen.insert(id.clone(), portal.id.span().start) {
            let (first, _) = file.error(line, "").at.unwrap_or_default();
            fail(portal.id.span().start, format!("the id \"{id}\" is used twice, first in line {first}"));
        }
        let region = portal.region.as_ref().and_then(|region| match region.get_ref().parse::<RegionCode>() {
            Ok(code) if catalogue.regions.of_code(&code, None).is_some() => Some(code),
            _ => {
                fail(region.span().start, format!("region = \"{}\" is no code of regions.csv", region.get_ref()));
                None
            }
        });
        let is_bad_region = portal.region.is_some() && region.is_none();
        let has_home = directory.iter().any(|entry| Some(&entry.region) == region.as_ref());
        if portal.entry.is_empty() && !has_home && !is_bad_region && !portal.off {
            fail(
                place,
                format!(
                    "the portal \"{id}\" has no entry, and portals.csv no home page of its region: \
                     write entry = [\"https://…\"], or off = true"
                ),
            );
        }
        let mut entry = Vec::new();
        let mut entries = Vec::new();
        for url in portal.entry {
            match web_address(url.get_ref()) {
                Ok(good) => {
                    entry.push(good);
                    entries.push(url.span().start);
                }
                Err(why) => {
                    fail(url.span().start, format!("entry \"{}\": {why}", hide_credentials(url.get_ref())));
                }
            }
        }
        if let Some(pages) = portal.max_pages.as_ref().filter(|pages| *pages.get_ref() == 0) {
            fail(pages.span().start, "max_pages = 0 crawls nothing: use off = true".to_owned());
        }
        if let Some(pages) = portal.max_pages.as_ref().filter(|pages| *pages.get_ref() > MAX_PAGES) {
            fail(pages.span().start, format!("max_pages = {} is impossible: at most {MAX_PAGES}", pages.get_ref()));
        }
        if let Some(depth) = portal.max_depth.as_ref().filter(|depth| *depth.get_ref() > MAX_DEPTH) {
            fail(depth.span().start, format!("max_depth = {} is impossible: at most {MAX_DEPTH}", depth.get_ref()));
        }
        portals.push(Portal {
            id,
            name: portal.name,
            region,
            entry,
            max_pages: portal.max_pages.map(Spanned::into_inner),
            max_depth: portal.max_depth.map(Spanned::into_inner),
            off: portal.off,
        });
        places.push(Places { id: place, entries });
    }
    check_apart(file, &portals, &places, directory, errors);
    portals
}

/// Where a portal's id and its entries stand.
struct Places {
    id: usize,
    entries: Vec<usize>,
}

/// Two portals have neither an id nor an entry in common, those of the directory
/// among them: of an id only one would be crawled, and an entry is one page of the
/// state, asked for on behalf of one portal.
fn check_apart(
    file: &File,
    portals: &[Portal],
    places: &[Places],
    directory: &[DirectoryEntry],
    errors: &mut Vec<ConfigError>,
) {
    let others: Vec<&DirectoryEntry> = directory.iter().filter(|entry| !entry.is_replaced(portals)).collect();
    let key = |url: &Url| PageRequest::get(url.clone()).key();
    // By page: whose it is, in words.
    let mut begins: HashMap<_, String> = HashMap::new();
    for entry in &others {
        begins.insert(key(&entry.homepage), format!("{} in portals.csv", entry.full_name()));
    }
    for (portal, places) in portals.iter().zip(places).filter(|(portal, _)| !portal.off) {
        if let Some(entry) = others.iter().find(|entry| entry.region.as_str() == portal.id) {
            let whose = format!("{} in portals.csv", entry.full_name());
            let message = format!("the id \"{}\" is that of {whose}: give this portal another", portal.id);
            errors.push(file.error(places.id, &message));
        }
        let own = directory.iter().find(|entry| Some(&entry.region) == portal.region.as_ref());
        let entries: Vec<(&Url, usize)> = match own.filter(|_| portal.entry.is_empty()) {
            Some(entry) => vec![(&entry.homepage, places.id)],
            None => portal.entry.iter().zip(places.entries.iter().copied()).collect(),
        };
        let its_own = format!("the portal \"{}\"", portal.id);
        for (url, place) in entries {
            // One portal may name a page by both its schemes.
            let whose = begins.entry(key(url)).or_insert_with(|| its_own.clone());
            if *whose != its_own {
                errors.push(file.error(place, &format!("the entry {url} is that of {whose}: name its own list")));
            }
        }
    }
}

impl Portal {
    /// Whether its region has a code.
    pub(super) fn is_of(&self, code: &str) -> bool {
        self.region.as_ref().is_some_and(|region| region.as_str() == code)
    }
}

/// Loads the directory of a folder. Of two governments with one code only one would be
/// crawled, and a home page is asked for on behalf of one.
pub(super) fn load_directory(dir: &Path, catalogue: &Catalogue, errors: &mut Vec<ConfigError>) -> Vec<DirectoryEntry> {
    let file = File::read(dir, "portals.csv", errors);
    let Some(text) = &file.text else { return Vec::new() };
    let mut found = Vec::new();
    let (mut codes, mut homes) = (HashMap::new(), HashMap::new());
    for line in directory(text) {
        let number = line.number.map_or(1, |number| usize::try_from(number).unwrap_or(usize::MAX));
        let mut fail = |message| errors.push(ConfigError { file: file.path.clone(), at: Some((number, 1)), message });
        let entry = match line.entry {
            Ok(Some(entry)) => entry,
            Ok(None) => continue,
            Err(message) => {
                fail(message);
                continue;
            }
        };
        let code = &entry.region;
        if catalogue.regions.of_code(code, None).is_none() {
            fail(format!("region_code {code} is no code of regions.csv"));
        }
        if let Some(first) = codes.insert(code.clone(), number) {
            fail(format!("region_code {code} stands here twice, first in line {first}"));
        }
        if let Some(first) = homes.insert(PageRequest::get(entry.homepage.clone()).key(), number) {
            fail(format!("homepage {} stands here twice, first in line {first}", entry.homepage));
        }
        found.push(entry);
    }
    found
}

/// A line of the directory.
struct Line {
    number: Option<u64>,
    /// None for a government whose home page is not known, which waits for one.
    entry: Result<Option<DirectoryEntry>, String>,
}

/// The columns that are read; others may stand beside them, in any order.
const COLUMNS: [&str; 3] = ["region_code", "name", "homepage"];

/// Where the columns stand.
fn columns(heading: &csv::StringRecord) -> Result<[usize; COLUMNS.len()], String> {
    let place = |name: &str| heading.iter().position(|cell| cell.trim() == name);
    let missing: Vec<&str> = COLUMNS.into_iter().filter(|name| place(name).is_none()).collect();
    if missing.is_empty() {
        return Ok(COLUMNS.map(|name| place(name).unwrap_or_default()));
    }
    let found = heading.iter().collect::<Vec<_>>().join(",");
    let (missing, expected) = (missing.join(", "), COLUMNS.join(", "));
    Err(format!("the heading lacks {missing}: it is {found}, and should name {expected}"))
}

fn directory(text: &str) -> Vec<Line> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let columns = match reader.headers().map_err(|error| csv_words(&error)).and_then(columns) {
        Ok(columns) => columns,
        Err(message) => return vec![Line { number: Some(1), entry: Err(message) }],
    };
    let entry = |record: csv::StringRecord| {
        let [region, name, homepage] = columns.map(|index| record.get(index).unwrap_or_default());
        let region = region.parse::<RegionCode>().map_err(|error| error.to_string())?;
        if homepage.is_empty() {
            return Ok(None);
        }
        let bad = |why| format!("homepage {}: {why}", hide_credentials(homepage));
        Ok(Some(DirectoryEntry { region, name: name.to_owned(), homepage: web_address(homepage).map_err(bad)? }))
    };
    let line_of = |record: &Result<csv::StringRecord, csv::Error>| match record {
        Ok(record) => record.position().map(csv::Position::line),
        Err(error) => error.position().map(csv::Position::line),
    };
    let line = |record: Result<csv::StringRecord, csv::Error>| Line {
        number: line_of(&record),
        entry: record.map_err(|error| csv_words(&error)).and_then(entry),
    };
    reader.records().map(line).collect()
}

fn csv_words(error: &csv::Error) -> String {
    match error.kind() {
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            format!("the line has {len} columns, the heading {expected_len}")
        }
        _ => error.to_string(),
    }
}
