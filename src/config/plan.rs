//! What will be done: the portals that a person selected.

use url::Url;

use super::portals::full_name;
use super::{DirectoryEntry, Portal, Settings};
use crate::crawl::restraints::{Exclusion, Exclusions};
use crate::report::RegionCode;

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
    /// Where to begin.
    pub entries: Vec<Url>,
    /// Whether the entries are home pages, from which the column must be
    /// searched.
    pub starts_at: Start,
    /// Pages of one run.
    pub max_pages: u32,
    /// Links followed.
    pub max_depth: u16,
}

impl PlannedPortal {
    /// Whether its region's code begins so.
    #[must_use]
    pub fn is_in(&self, prefix: &str) -> bool {
        self.region.as_ref().is_some_and(|code| code.as_str().starts_with(prefix))
    }

    /// What keeps the whole portal from being asked: it asked for that itself,
    /// or each place where it begins did.
    #[must_use]
    pub fn exclusion<'a>(&self, exclusions: &'a Exclusions) -> Option<&'a Exclusion> {
        let entries: Option<Vec<_>> = self.entries.iter().map(|entry| exclusions.of_url(&self.id, entry)).collect();
        exclusions.of_portal(&self.id).or_else(|| entries?.first().copied())
    }
}

/// What a portal's entries are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// The home page.
    HomePage,
    /// Pages that the operator named.
    Named,
}

/// Why a portal is not crawled of which the state knows something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LeftOut {
    /// `off = true`.
    Off,
    /// The configuration names it no more.
    NotConfigured,
}

impl LeftOut {
    /// Its word, as in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::NotConfigured => "not_configured",
        }
    }
}

/// A selection that selects nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BadSelection(pub String);

impl Plan {
    /// The plan for all portals.
    #[must_use]
    pub fn whole(settings: &Settings) -> Self {
        Self { portals: all_portals(settings) }
    }

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
            if !all.iter().any(|portal| portal.is_in(prefix)) {
                return Err(BadSelection(format!("no portal lies in a region whose code begins with {prefix}")));
            }
        }
        let is_selected = |portal: &PlannedPortal| {
            let by_id = selection.portals.iter().any(|wanted| is_wanted(portal, wanted));
            let by_region = selection.regions.iter().any(|prefix| portal.is_in(prefix));
            (selection.portals.is_empty() && selection.regions.is_empty()) || by_id || by_region
        };
        Ok(Self { portals: all.into_iter().filter(is_selected).collect() })
    }

    /// Why a portal is not crawled that was: it is off, or not there any more; none
    /// where it is crawled.
    #[must_use]
    pub fn left_out(&self, settings: &Settings, id: &str) -> Option<LeftOut> {
        if self.portals.iter().any(|portal| portal.id == id) {
            return None;
        }
        let is_off = settings.portals.iter().any(|own| own.id == id && own.off);
        Some(if is_off { LeftOut::Off } else { LeftOut::NotConfigured })
    }

    /// The portals that begin on a URL's host; `www.` is no other.
    pub fn beginning_at<'p>(&'p self, url: &'p Url) -> impl Iterator<Item = &'p PlannedPortal> {
        self.portals.iter().filter(|portal| portal.entries.iter().any(|entry| name_of(entry) == name_of(url)))
    }
}

/// A host's name without `www.`.
fn name_of(url: &Url) -> Option<&str> {
    url.host_str().map(|host| host.strip_prefix("www.").unwrap_or(host))
}

fn is_wanted(portal: &PlannedPortal, wanted: &str) -> bool {
    portal.id == wanted || portal.region.as_ref().is_some_and(|code| code.as_str() == wanted)
}

/// The directory's portals, those with settings of their own over them.
fn all_portals(settings: &Settings) -> Vec<PlannedPortal> {
    let crawl = &settings.crawl;
    let mut portals = Vec::new();
    for entry in &settings.directory {
        if !entry.is_replaced(&settings.portals) {
            portals.push(PlannedPortal {
                id: entry.region.as_str().to_owned(),
                name: entry.full_name(),
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
        let starts_at = if own.entry.iter().all(is_home_page) { Start::HomePage } else { Start::Named };
        let entries = match own.entry.as_slice() {
            [] => homepage.map(|entry| entry.homepage.clone()).into_iter().collect(),
            named => named.to_vec(),
        };
        portals.push(PlannedPortal {
            id: own.id.clone(),
            name: own.name.clone().or_else(|| name_of_portal(own, settings)).unwrap_or_else(|| own.id.clone()),
            region: own.region.clone(),
            entries,
            starts_at,
            max_pages: own.max_pages.unwrap_or(crawl.max_pages),
            max_depth: own.max_depth.unwrap_or(crawl.max_depth),
        });
    }
    portals
}

/// The name of a portal to which nobody gave one: it is that of the government of its
/// region, or of the one on whose site it begins.
fn name_of_portal(own: &Portal, settings: &Settings) -> Option<String> {
    if let Some(region) = &own.region {
        let listed = settings.directory.iter().find(|entry| entry.region == *region).map(DirectoryEntry::full_name);
        let place = || settings.catalogue.regions.of_code(region, None).map(|place| full_name(&place.name));
        return listed.or_else(place);
    }
    let begins_there = |entry: &&DirectoryEntry| own.entry.iter().any(|url| name_of(url) == name_of(&entry.homepage));
    let mut here = settings.directory.iter().filter(begins_there);
    here.next().filter(|_| here.next().is_none()).map(DirectoryEntry::full_name)
}

/// Whether an entry is a bare home page: then it is one, whoever named it, with
/// its other scheme and its other name.
fn is_home_page(entry: &Url) -> bool {
    entry.path() == "/" && entry.query().is_none()
}
