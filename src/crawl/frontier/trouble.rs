//! What needs a person: told once, silent once a person knows of it.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use jiff::Timestamp;
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::types::{OUTAGE, RESTS};
use crate::crawl::address::HostKey;
use crate::page::hex;

/// Something that needs a person, as the state remembers it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct KnownTrouble {
    /// A short name for it, the same as long as portal and place are.
    pub key: String,
    /// The portal, by id.
    pub portal: String,
    /// A URL, a host or the portal itself.
    pub place: String,
    /// What is wrong, in words.
    pub words: String,
    /// Since when, in these words.
    pub since: Timestamp,
    /// When it was last met.
    pub last_at: Timestamp,
    /// How far it has been told.
    pub standing: Standing,
    /// The URLs of its host that it speaks of; its place is one of them.
    pub n_places: u64,
}

impl KnownTrouble {
    /// Whether it says that a whole host is out of order: it was not searched.
    #[must_use]
    pub fn is_out_of_order(&self) -> bool {
        self.words.starts_with(OUTAGE) || self.words == RESTS
    }

    /// What it is one trouble with others by: a host that refuses ten pages for one
    /// reason is one trouble. That a page is gone is of the page: another that is
    /// gone later is told again.
    pub(super) fn cause(&self) -> Option<(String, HostKey, String, Option<Standing>)> {
        let host = self.place.parse().ok().as_ref().and_then(HostKey::of)?;
        let standing = self.words.starts_with("gone: ").then_some(self.standing);
        Some((self.portal.clone(), host, self.words.clone(), standing))
    }
}

/// Troubles, those of one cause on one host as one: as well known as the best known
/// of them, news first.
#[must_use]
pub fn by_cause(troubles: Vec<KnownTrouble>) -> Vec<KnownTrouble> {
    let mut found: Vec<KnownTrouble> = Vec::new();
    let mut by_cause = HashMap::new();
    for trouble in troubles {
        let first = trouble.cause().and_then(|cause| match by_cause.entry(cause) {
            Entry::Occupied(first) => Some(*first.get()),
            Entry::Vacant(vacant) => {
                vacant.insert(found.len());
                None
            }
        });
        match first.and_then(|first: usize| found.get_mut(first)) {
            Some(first) => {
                first.n_places += 1;
                first.standing = first.standing.max(trouble.standing);
                (first.since, first.last_at) = (first.since.min(trouble.since), first.last_at.max(trouble.last_at));
            }
            None => found.push(trouble),
        }
    }
    found.sort_by_key(|trouble| trouble.standing != Standing::News);
    found
}

/// Whose a trouble is that is no single portal's; no id has a space.
pub const ALL_PORTALS: &str = "all portals";

/// How far a trouble has been told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// No summary told it in these words yet.
    News,
    /// A summary told it.
    Told,
    /// A person said that it is known.
    Acknowledged,
}

/// The short name of a trouble.
#[must_use]
pub fn trouble_key(portal: &str, place: &str) -> String {
    let mut digest = Sha256::new();
    digest.update(portal);
    digest.update([b'\n']);
    digest.update(place);
    hex(&digest.finalize()[..4])
}
