//! Typed settings; every error points at its line.
//!
//! What was typed is [`Settings`]; what will be done is a [`Plan`]. The folder
//! holds `gongkai.toml`, and perhaps `portals.toml`, `portals.csv` and the
//! catalogue's files; what is missing is empty, or the program's own copy.
//!
//! | file | idea |
//! | --- | --- |
//! | `file` | a file of the folder, and errors that point into it |
//! | `mistakes` | a file read past its mistakes |
//! | `crawl` | `[operator]` and `[crawl]` |
//! | `exclusions` | who asked to be left alone |
//! | `limits` | what is said of single hosts, portals and platforms |
//! | `portals` | the operator's portals and the directory |
//! | `plan` | the portals that a person selected |

mod crawl;
mod exclusions;
mod file;
mod limits;
mod mistakes;
mod plan;
mod portals;

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;
use toml::Spanned;

use self::crawl::{check_crawl, check_operator};
use self::exclusions::load_exclusions;
use self::file::{File, Placed};
use self::limits::{RawLimit, check_limits};
use self::portals::{RawPortals, check_portals, load_directory};
use crate::crawl::restraints::{Excluded, Exclusion, Exclusions, QuietHours, Restraints};
use crate::report::{Catalogue, CatalogueFiles, RegionCode};

pub use self::crawl::{Crawl, Operator};
pub use self::file::{ConfigError, ConfigErrors, hide_credentials};
pub use self::plan::{BadSelection, LeftOut, Plan, PlannedPortal, Selection, Start};
pub use self::portals::{DirectoryEntry, Portal};

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
    /// Who is left alone, and limits of single hosts, portals and platforms.
    pub restraints: Restraints,
    /// Forms, identities and regions.
    pub catalogue: Catalogue,
    /// The folder, for messages.
    pub dir: PathBuf,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct RawMain {
    operator: Placed<Operator>,
    crawl: Placed<Crawl>,
    limit: Vec<Spanned<RawLimit>>,
}

/// The exclusions, and those of portals that took a government's place in the
/// directory: one that asked to be left alone is known by its region's code, whatever
/// id its portal has now.
fn with_those_of_a_region(exclusions: &Exclusions, portals: &[Portal]) -> Exclusions {
    let of_region = |exclusion: &Exclusion| {
        let Excluded::Portal(code) = &exclusion.what else { return Vec::new() };
        let of = |portal: &Portal| Exclusion { what: Excluded::Portal(portal.id.clone()), ..exclusion.clone() };
        portals.iter().filter(|portal| portal.is_of(code) && portal.id != *code).map(of).collect()
    };
    let all = exclusions.all();
    Exclusions::new(all.iter().cloned().chain(all.iter().flat_map(of_region)).collect())
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
        let mut restraints = Restraints {
            exclusions: load_exclusions(dir, &mut errors),
            // Checked with the section.
            quiet_hours: QuietHours::parse(&crawl.quiet_hours).unwrap_or_default(),
            limits: check_limits(&main, raw.limit, &mut errors),
        };
        let operator = check_operator(&main, raw.operator, &mut errors);
        let catalogue = load_catalogue(dir, &mut errors);
        let file = File::read(dir, "portals.toml", &mut errors);
        let portals: RawPortals = file.parse(&mut errors);
        let mut of_directory = Vec::new();
        let directory = load_directory(dir, &catalogue, &mut of_directory);
        let portals = check_portals(&file, portals, &catalogue, &directory, &mut errors);
        errors.append(&mut of_directory);
        restraints.exclusions = with_those_of_a_region(&restraints.exclusions, &portals);
        if errors.is_empty() && main.text.is_none() && file.text.is_none() && directory.is_empty() {
            let message =
                "the folder holds no gongkai.toml, portals.toml or portals.csv: name it with --config".to_owned();
            errors.push(ConfigError { file: dir.to_owned(), at: None, message });
        }
        if errors.is_empty() {
            Ok(Self { operator, crawl, portals, directory, restraints, catalogue, dir: dir.to_owned() })
        } else {
            Err(ConfigErrors(errors))
        }
    }

    /// The catalogue of a folder alone: who reads files needs no portals, and is not
    /// stopped by mistakes about them.
    ///
    /// # Errors
    ///
    /// - a file of the catalogue cannot be read, or is wrong
    pub fn catalogue_of(dir: &Path) -> Result<Catalogue, ConfigErrors> {
        let mut errors = Vec::new();
        let catalogue = load_catalogue(dir, &mut errors);
        if errors.is_empty() { Ok(catalogue) } else { Err(ConfigErrors(errors)) }
    }

    /// The exclusions of portals that are not configured: mistyped, or of an id that a
    /// portal has no more, they leave nobody alone.
    #[must_use]
    pub fn exclusions_of_nobody(&self) -> Vec<&str> {
        let all = self.restraints.exclusions.all().iter().filter_map(|exclusion| match &exclusion.what {
            Excluded::Portal(id) => Some(id.as_str()),
            Excluded::Host { .. } => None,
        });
        all.filter(|id| !self.names_portal(id)).collect()
    }

    /// Whether a portal, crawled or off, has an id or the code of its region.
    #[must_use]
    pub fn names_portal(&self, id: &str) -> bool {
        self.portals.iter().any(|own| own.id == id || own.is_of(id))
            || self.directory.iter().any(|entry| entry.region.as_str() == id)
    }

    /// The files of the folder that are lost since settings were made of it: what they
    /// said would be forgotten in silence, who asked to be left alone above all: those
    /// are left alone whatever folder the settings came from. `then` is what
    /// [`Self::resolved`] gave.
    #[must_use]
    pub fn lost_since(&self, then: &serde_json::Value) -> Vec<PathBuf> {
        let is_same_folder = then["folder"].as_str().is_some_and(|dir| in_full(Path::new(dir)) == in_full(&self.dir));
        let is_some = |value: &serde_json::Value| value.as_array().is_some_and(|all| !all.is_empty());
        let said = [
            ("exclusions.toml", is_some(&then["restraints"]["exclusions"])),
            ("portals.toml", is_same_folder && is_some(&then["portals"])),
            ("portals.csv", is_same_folder && then["n_directory"].as_u64() > Some(0)),
        ];
        let said = said.into_iter().filter(|(_, said_something)| *said_something);
        said.map(|(name, _)| self.dir.join(name)).filter(|path| !path.exists()).collect()
    }

    /// The settings as they were understood, for the record. They hold no
    /// password: an address with one is refused when it is loaded.
    #[must_use]
    pub fn resolved(&self) -> serde_json::Value {
        let portal = |portal: &Portal| {
            serde_json::json!({
                "id": portal.id,
                "name": portal.name,
                "region": portal.region.as_ref().map(RegionCode::as_str),
                "entry": portal.entry,
                "max_pages": portal.max_pages,
                "max_depth": portal.max_depth,
                "off": portal.off,
            })
        };
        serde_json::json!({
            // Another run may be started from elsewhere.
            "folder": in_full(&self.dir),
            "operator": self.operator,
            "crawl": self.crawl,
            "restraints": self.restraints,
            "portals": self.portals.iter().map(portal).collect::<Vec<_>>(),
            "n_directory": self.directory.len(),
        })
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

/// The one name of a folder; the name that was given where it is not there.
fn in_full(dir: &Path) -> PathBuf {
    dir.canonicalize().unwrap_or_else(|_| dir.to_owned())
}

fn load_catalogue(dir: &Path, errors: &mut Vec<ConfigError>) -> Catalogue {
    let mut read = |name: &str| File::read(dir, name, errors).text;
    let texts = [
        read("indicators.csv"),
        read("identities.csv"),
        read("panel.csv"),
        read("regions.csv"),
        read("confidence.csv"),
    ];
    if texts.iter().all(Option::is_none) {
        return Catalogue::embedded();
    }
    let own = CatalogueFiles::EMBEDDED;
    let [indicators, identities, panel, regions, confidence] = &texts;
    let files = CatalogueFiles {
        indicators: indicators.as_deref().unwrap_or(own.indicators),
        identities: identities.as_deref().unwrap_or(own.identities),
        panel: panel.as_deref().unwrap_or(own.panel),
        regions: regions.as_deref().unwrap_or(own.regions),
        confidence: confidence.as_deref().unwrap_or(own.confidence),
    };
    Catalogue::from_files(&files).unwrap_or_else(|error| {
        let at = Some((usize::try_from(error.line).unwrap_or(1), 1));
        errors.push(ConfigError { file: dir.join(&error.file), at, message: error.message });
        Catalogue::embedded()
    })
}

/// Milliseconds as a duration.
#[must_use]
pub fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}
