//! Typed settings; every error points at its line.
//!
//! What was typed is [`Settings`]; what will be done is a [`Plan`]. The folder
//! holds `gongkai.toml`, and perhaps `portals.toml`, `portals.csv` and the
//! catalogue's files; what is missing is empty, or the program's own copy.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;
use toml::Spanned;
use url::Url;

use crate::crawl::guard::Cidr;
use crate::report::{Catalogue, CatalogueFiles, RegionCode};

/// The settings of an installation, checked.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Who crawls.
    pub operator: Operator,
    /// How.
    pub crawl: Crawl,
    /// Portals with settings of their own.
    pub portals: Vec<Portal>,
    /// The directory: governments with their home pages.
    pub directory: Vec<DirectoryEntry>,
    /// Forms, identities and regions.
    pub catalogue: Catalogue,
    /// The folder, for messages.
    pub dir: PathBuf,
}

/// Who crawls: both go into the User-Agent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Operator {
    /// The name of the operator, such as a university's lab.
    pub name: String,
    /// `mailto:` or a web address where the operator is reached.
    pub contact: String,
}

/// How to crawl. Every option has a default that suits public portals.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Crawl {
    /// From an answer to the next request, for each host and each address.
    pub interval_ms: u64,
    /// At most this much is added to it at random.
    pub jitter_ms: u64,
    /// Requests under way at once, over all hosts.
    pub concurrency: usize,
    /// For a connection, TLS included.
    pub connect_timeout_ms: u64,
    /// Between two pieces of an answer.
    pub read_timeout_ms: u64,
    /// For a whole answer.
    pub total_timeout_ms: u64,
    /// Of an answer's decoded body.
    pub max_body_bytes: u64,
    /// Redirects followed for one page.
    pub max_redirects: u8,
    /// Attempts at one page in one run.
    pub max_attempts: u32,
    /// A run ends when nothing is due for longer than this.
    pub max_wait_ms: u64,
    /// Pages of one portal in one run.
    pub max_pages: u32,
    /// Links followed from a portal's entry.
    pub max_depth: u16,
    /// Payload bytes of one portal in one run.
    pub max_portal_bytes: u64,
    /// URLs of one portal that fail in one run.
    pub max_portal_failures: u32,
    /// Time of one portal in one run.
    pub max_portal_ms: u64,
    /// Answers that are written together.
    pub flush_at: usize,
    /// An answer waits this long at most before it is written.
    pub flush_after_ms: u64,
    /// The lake is committed this often while a run goes on.
    pub commit_every_ms: u64,
    /// An archive file is closed at this size.
    pub archive_file_bytes: u64,
    /// Networks beside the public ones that may be crawled: one's own servers.
    pub allow_addresses: Vec<String>,
}

impl Default for Crawl {
    fn default() -> Self {
        Self {
            interval_ms: 1000,
            jitter_ms: 250,
            concurrency: 64,
            connect_timeout_ms: 20_000,
            read_timeout_ms: 30_000,
            total_timeout_ms: 180_000,
            max_body_bytes: 20 * 1024 * 1024,
            max_redirects: 5,
            max_attempts: 3,
            max_wait_ms: 600_000,
            max_pages: 300,
            max_depth: 6,
            max_portal_bytes: 512 * 1024 * 1024,
            max_portal_failures: 100,
            max_portal_ms: 6 * 3_600_000,
            flush_at: 32,
            flush_after_ms: 500,
            commit_every_ms: 300_000,
            archive_file_bytes: 1024 * 1024 * 1024,
            allow_addresses: Vec::new(),
        }
    }
}

impl Crawl {
    /// The networks that may be crawled beside the public ones.
    #[must_use]
    pub fn networks(&self) -> Vec<Cidr> {
        // Checked when the settings were loaded.
        self.allow_addresses.iter().filter_map(|text| text.parse().ok()).collect()
    }
}

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

/// What is wrong with the settings, all of it.
#[derive(Debug, thiserror::Error)]
#[error("{}", self.0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
pub struct ConfigErrors(pub Vec<ConfigError>);

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError {
    /// The file.
    pub file: PathBuf,
    /// Line and column, from 1; none where the file as a whole is meant.
    pub at: Option<(usize, usize)>,
    /// What is wrong, and what it should be.
    pub message: String,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file.display())?;
        if let Some((line, column)) = self.at {
            write!(f, ":{line}:{column}")?;
        }
        write!(f, ": {}", self.message)
    }
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct RawMain {
    operator: Spanned2<Operator>,
    crawl: Spanned2<Crawl>,
}

/// A section with its place; a missing one has none.
#[derive(Default)]
struct Spanned2<T>(T, usize);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Spanned2<T> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let spanned = Spanned::<T>::deserialize(deserializer)?;
        let start = spanned.span().start;
        Ok(Self(spanned.into_inner(), start))
    }
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct RawPortals {
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

impl Settings {
    /// Loads the settings of a folder, strictly.
    ///
    /// # Errors
    ///
    /// - a file cannot be read, or says something unknown, doubled or
    ///   impossible; all of it is listed with its line and column
    pub fn load(dir: &Path) -> Result<Self, ConfigErrors> {
        let mut errors = Vec::new();
        let main = File::read(dir, "gongkai.toml", &mut errors);
        let raw: RawMain = main.parse(&mut errors);
        let crawl = check_crawl(&main, raw.crawl, &mut errors);
        let operator = check_operator(&main, raw.operator, &mut errors);
        let catalogue = load_catalogue(dir, &mut errors);
        let file = File::read(dir, "portals.toml", &mut errors);
        let portals: RawPortals = file.parse(&mut errors);
        let portals = check_portals(&file, portals, &catalogue, &mut errors);
        let directory = load_directory(dir, &mut errors);
        if errors.is_empty() && main.text.is_none() && file.text.is_none() && directory.is_empty() {
            let message =
                "the folder holds no gongkai.toml, portals.toml or portals.csv: name it with --config".to_owned();
            errors.push(ConfigError { file: dir.to_owned(), at: None, message });
        }
        if errors.is_empty() {
            Ok(Self { operator, crawl, portals, directory, catalogue, dir: dir.to_owned() })
        } else {
            Err(ConfigErrors(errors))
        }
    }

    /// Who we are, for the User-Agent (RFC 9110 10.1.5).
    ///
    /// # Errors
    ///
    /// - the operator has no name or contact: a portal must be able to reach
    ///   who crawls it
    pub fn user_agent(&self) -> Result<String, ConfigError> {
        let Operator { name, contact } = &self.operator;
        if name.trim().is_empty() || contact.trim().is_empty() {
            let message = "a crawl needs [operator] name and contact: portals must be able to reach who crawls them";
            return Err(ConfigError { file: self.dir.join("gongkai.toml"), at: None, message: message.to_owned() });
        }
        let ascii = |text: &str| -> String { text.chars().filter(|c| c.is_ascii_graphic() || *c == ' ').collect() };
        Ok(format!("gongkai/{} (+{}; {})", env!("CARGO_PKG_VERSION"), ascii(contact), ascii(name).trim()))
    }
}

/// A file of the folder.
struct File {
    path: PathBuf,
    text: Option<String>,
}

impl File {
    fn read(dir: &Path, name: &str, errors: &mut Vec<ConfigError>) -> Self {
        let path = dir.join(name);
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => Some(text),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
            Err(error) => {
                let message = match error.kind() {
                    std::io::ErrorKind::InvalidData => "the file is not UTF-8: save it as UTF-8".to_owned(),
                    _ => error.to_string(),
                };
                errors.push(ConfigError { file: path.clone(), at: None, message });
                None
            }
        };
        Self { path, text }
    }

    fn parse<T: Default + for<'de> Deserialize<'de>>(&self, errors: &mut Vec<ConfigError>) -> T {
        let Some(text) = &self.text else { return T::default() };
        toml::from_str(text).unwrap_or_else(|error| {
            let offset = error.span().map_or(0, |span| span.start);
            errors.push(self.error(offset, error.message().trim_end()));
            T::default()
        })
    }

    fn error(&self, offset: usize, message: &str) -> ConfigError {
        let text = self.text.as_deref().unwrap_or_default();
        let before = &text[..text.floor_char_boundary(offset)];
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        ConfigError { file: self.path.clone(), at: Some((line, column)), message: message.to_owned() }
    }

    /// Where a key of a section stands: at the beginning of a line, or else
    /// anywhere (an inline table).
    fn place_of(&self, section: usize, key: &str) -> usize {
        let text = self.text.as_deref().unwrap_or_default();
        let from = text.floor_char_boundary(section);
        let mut at = from;
        for line in text[from..].split_inclusive('\n') {
            let trimmed = line.trim_start();
            if trimmed.strip_prefix(key).is_some_and(|rest| rest.trim_start().starts_with('=')) {
                return at + line.len() - trimmed.len();
            }
            at += line.len();
        }
        text[from..].find(key).map_or(section, |at| from + at)
    }
}

/// Pages of one portal in one run, at most.
const MAX_PAGES: u32 = 1_000_000;
/// Links followed from an entry, at most.
const MAX_DEPTH: u16 = 50;

fn check_crawl(file: &File, raw: Spanned2<Crawl>, errors: &mut Vec<ConfigError>) -> Crawl {
    let Spanned2(crawl, section) = raw;
    let ranges: [(&str, u64, u64, u64); 19] = [
        ("interval_ms", crawl.interval_ms, 10, 600_000),
        ("jitter_ms", crawl.jitter_ms, 0, 60_000),
        ("concurrency", crawl.concurrency as u64, 1, 1000),
        ("connect_timeout_ms", crawl.connect_timeout_ms, 100, 600_000),
        ("read_timeout_ms", crawl.read_timeout_ms, 100, 600_000),
        ("total_timeout_ms", crawl.total_timeout_ms, 100, 3_600_000),
        ("max_body_bytes", crawl.max_body_bytes, 1024, 1024 * 1024 * 1024),
        ("max_redirects", u64::from(crawl.max_redirects), 0, 20),
        ("max_attempts", u64::from(crawl.max_attempts), 1, 20),
        ("max_wait_ms", crawl.max_wait_ms, 0, 86_400_000),
        ("max_pages", u64::from(crawl.max_pages), 1, u64::from(MAX_PAGES)),
        ("max_depth", u64::from(crawl.max_depth), 0, u64::from(MAX_DEPTH)),
        ("max_portal_bytes", crawl.max_portal_bytes, 1024, 1 << 50),
        ("max_portal_failures", u64::from(crawl.max_portal_failures), 1, 1_000_000),
        ("max_portal_ms", crawl.max_portal_ms, 1000, 7 * 86_400_000),
        ("flush_at", crawl.flush_at as u64, 1, 10_000),
        ("flush_after_ms", crawl.flush_after_ms, 1, 60_000),
        ("commit_every_ms", crawl.commit_every_ms, 1000, 86_400_000),
        ("archive_file_bytes", crawl.archive_file_bytes, 1024, 1 << 40),
    ];
    for (key, value, least, most) in ranges {
        if !(least..=most).contains(&value) {
            let message = format!("{key} = {value} is impossible: it must lie between {least} and {most}");
            errors.push(file.error(file.place_of(section, key), &message));
        }
    }
    if crawl.total_timeout_ms < crawl.connect_timeout_ms {
        let message = "total_timeout_ms is shorter than connect_timeout_ms";
        errors.push(file.error(file.place_of(section, "total_timeout_ms"), message));
    }
    for network in &crawl.allow_addresses {
        if let Err(error) = network.parse::<Cidr>() {
            let key = file.place_of(section, "allow_addresses");
            errors.push(file.error(file.place_of(key, &format!("\"{network}\"")), &error.to_string()));
        }
    }
    crawl
}

fn check_operator(file: &File, raw: Spanned2<Operator>, errors: &mut Vec<ConfigError>) -> Operator {
    let Spanned2(operator, section) = raw;
    let contact = operator.contact.trim();
    let is_mail = contact.strip_prefix("mailto:").is_some_and(|address| address.contains('@'));
    if !contact.is_empty()
        && !is_mail
        && let Err(why) = web_address(contact)
    {
        let shown = without_credentials(contact);
        let message = format!("contact = \"{shown}\" is neither mailto:… nor a web address: {why}");
        errors.push(file.error(file.place_of(section, "contact"), &message));
    }
    for (key, value) in [("name", &operator.name), ("contact", &operator.contact)] {
        if !value.chars().all(|c| c.is_ascii_graphic() || c == ' ') {
            let message = format!("{key} goes into the User-Agent, which holds ASCII only: write it in Latin letters");
            errors.push(file.error(file.place_of(section, key), &message));
        }
    }
    operator
}

fn check_portals(file: &File, raw: RawPortals, catalogue: &Catalogue, errors: &mut Vec<ConfigError>) -> Vec<Portal> {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let mut portals = Vec::new();
    for portal in raw.portal {
        let portal = portal.into_inner();
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
        let region = portal.region.and_then(|region| match region.get_ref().parse::<RegionCode>() {
            Ok(code) if catalogue.regions.of_code(&code, None).is_some() => Some(code),
            _ => {
                fail(region.span().start, format!("region = \"{}\" is no code of regions.csv", region.get_ref()));
                None
            }
        });
        let mut entry = Vec::new();
        for url in portal.entry {
            match web_address(url.get_ref()) {
                Ok(good) => entry.push(good),
                Err(why) => {
                    fail(url.span().start, format!("entry \"{}\": {why}", without_credentials(url.get_ref())));
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
    }
    portals
}

/// A URL as it may be shown: messages end up in logs.
fn without_credentials(text: &str) -> String {
    match text.parse::<Url>() {
        Ok(mut url) if !url.username().is_empty() || url.password().is_some() => {
            let hidden = url.set_username("…").and_then(|()| url.set_password(None));
            hidden.map_or_else(|()| "…".to_owned(), |()| url.to_string().replace("%E2%80%A6", "…"))
        }
        _ => text.to_owned(),
    }
}

fn web_address(text: &str) -> Result<Url, String> {
    let url: Url = text.parse().map_err(|error| match error {
        url::ParseError::RelativeUrlWithoutBase => "it must begin with http:// or https://".to_owned(),
        other => other.to_string(),
    })?;
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
        return Err("it must begin with http:// or https://".to_owned());
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("it must not hold a user name or password".to_owned());
    }
    Ok(url)
}

fn load_catalogue(dir: &Path, errors: &mut Vec<ConfigError>) -> Catalogue {
    let mut read = |name: &str| File::read(dir, name, errors).text;
    let texts = [read("indicators.csv"), read("identities.csv"), read("panel.csv"), read("regions.csv")];
    if texts.iter().all(Option::is_none) {
        return Catalogue::embedded();
    }
    let own = CatalogueFiles::EMBEDDED;
    let [indicators, identities, panel, regions] = &texts;
    let files = CatalogueFiles {
        indicators: indicators.as_deref().unwrap_or(own.indicators),
        identities: identities.as_deref().unwrap_or(own.identities),
        panel: panel.as_deref().unwrap_or(own.panel),
        regions: regions.as_deref().unwrap_or(own.regions),
    };
    Catalogue::from_files(&files).unwrap_or_else(|error| {
        let at = Some((usize::try_from(error.line).unwrap_or(1), 1));
        errors.push(ConfigError { file: dir.join(&error.file), at, message: error.message });
        Catalogue::embedded()
    })
}

fn load_directory(dir: &Path, errors: &mut Vec<ConfigError>) -> Vec<DirectoryEntry> {
    let file = File::read(dir, "portals.csv", errors);
    let Some(text) = &file.text else { return Vec::new() };
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let mut found = Vec::new();
    for record in reader.records() {
        let line = match &record {
            Ok(record) => record.position().map(csv::Position::line),
            Err(error) => error.position().map(csv::Position::line),
        };
        let entry = record.map_err(csv_words).and_then(|record| {
            let cell = |index: usize| record.get(index).unwrap_or_default().to_owned();
            let region = cell(0).parse::<RegionCode>().map_err(|error| error.to_string())?;
            // A government whose home page is not known waits for one.
            if cell(3).is_empty() {
                return Ok(None);
            }
            let bad = |why| format!("homepage {}: {why}", without_credentials(&cell(3)));
            let homepage = web_address(&cell(3)).map_err(bad)?;
            Ok(Some(DirectoryEntry { region, name: cell(1), homepage }))
        });
        match entry {
            Ok(entry) => found.extend(entry),
            Err(message) => {
                let at = line.map(|line| (usize::try_from(line).unwrap_or(usize::MAX), 1));
                errors.push(ConfigError { file: file.path.clone(), at, message });
            }
        }
    }
    found
}

fn csv_words(error: csv::Error) -> String {
    match error.kind() {
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            format!("the line has {len} columns, the heading {expected_len}")
        }
        _ => error.to_string(),
    }
}

/// What a person asks to crawl.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    /// Portal ids or region codes; empty for all.
    pub portals: Vec<String>,
    /// Prefixes of region codes; empty for all.
    pub regions: Vec<String>,
}

/// What will be crawled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The portals.
    pub portals: Vec<PlannedPortal>,
}

/// A portal that will be crawled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedPortal {
    /// Its id: its own, or its region's code.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its region.
    pub region: Option<RegionCode>,
    /// Where to begin, and whether that is only the home page.
    pub entries: Vec<Url>,
    /// Whether the entries are the directory's home page, from which the
    /// column must be searched.
    pub starts_at: Start,
    /// Pages of one run.
    pub max_pages: u32,
    /// Links followed.
    pub max_depth: u16,
}

/// What a portal's entries are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// The home page.
    HomePage,
    /// Pages that the operator named.
    Named,
}

/// A selection that selects nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BadSelection(pub String);

impl Plan {
    /// The plan for a selection.
    ///
    /// # Errors
    ///
    /// - a portal or region is named that is not configured
    pub fn new(settings: &Settings, selection: &Selection) -> Result<Self, BadSelection> {
        let all = all_portals(settings);
        for wanted in &selection.portals {
            if !all.iter().any(|portal| is_wanted(portal, wanted)) {
                return Err(BadSelection(format!("no portal has the id or region code {wanted}")));
            }
        }
        for prefix in &selection.regions {
            if !all.iter().any(|portal| is_in(portal, prefix)) {
                return Err(BadSelection(format!("no portal lies in a region whose code begins with {prefix}")));
            }
        }
        let is_selected = |portal: &PlannedPortal| {
            let by_id = selection.portals.iter().any(|wanted| is_wanted(portal, wanted));
            let by_region = selection.regions.iter().any(|prefix| is_in(portal, prefix));
            (selection.portals.is_empty() && selection.regions.is_empty()) || by_id || by_region
        };
        Ok(Self { portals: all.into_iter().filter(is_selected).collect() })
    }
}

fn is_wanted(portal: &PlannedPortal, wanted: &str) -> bool {
    portal.id == wanted || portal.region.as_ref().is_some_and(|code| code.as_str() == wanted)
}

fn is_in(portal: &PlannedPortal, prefix: &str) -> bool {
    portal.region.as_ref().is_some_and(|code| code.as_str().starts_with(prefix))
}

/// The directory's portals, those with settings of their own over them.
fn all_portals(settings: &Settings) -> Vec<PlannedPortal> {
    let crawl = &settings.crawl;
    let mut portals = Vec::new();
    for entry in &settings.directory {
        let is_replaced =
            settings.portals.iter().any(|own| own.region.as_ref() == Some(&entry.region) && stands_for(own, entry));
        if !is_replaced {
            portals.push(PlannedPortal {
                id: entry.region.as_str().to_owned(),
                name: format!("{}人民政府", entry.name),
                region: Some(entry.region.clone()),
                entries: vec![entry.homepage.clone()],
                starts_at: Start::HomePage,
                max_pages: crawl.max_pages,
                max_depth: crawl.max_depth,
            });
        }
    }
    for own in settings.portals.iter().filter(|own| !own.off) {
        let homepage = settings.directory.iter().find(|entry| Some(&entry.region) == own.region.as_ref());
        let starts_at = if own.entry.is_empty() { Start::HomePage } else { Start::Named };
        let entries = match starts_at {
            Start::Named => own.entry.clone(),
            Start::HomePage => homepage.map(|entry| entry.homepage.clone()).into_iter().collect(),
        };
        let known = own.name.clone().or_else(|| homepage.map(|entry| format!("{}人民政府", entry.name)));
        portals.push(PlannedPortal {
            id: own.id.clone(),
            name: known.unwrap_or_else(|| own.id.clone()),
            region: own.region.clone(),
            entries,
            starts_at,
            max_pages: own.max_pages.unwrap_or(crawl.max_pages),
            max_depth: own.max_depth.unwrap_or(crawl.max_depth),
        });
    }
    portals
}

/// Whether a portal of the operator's is the directory's own, and not a
/// department's of the same region.
fn stands_for(own: &Portal, entry: &DirectoryEntry) -> bool {
    own.name.as_ref().is_none_or(|name| *name == format!("{}人民政府", entry.name) || *name == entry.name)
}

/// Milliseconds as a duration.
#[must_use]
pub fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}
