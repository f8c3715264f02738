//! What needs a person: told once, silent once a person knows of it.

use jiff::Timestamp;
use serde::Serialize;
use sha2::{Digest, Sha256};

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
}

/// Whose a trouble is that is no single portal's; no id has a space.
pub const ALL_PORTALS: &str = "all portals";

/// How far a trouble has been told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
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
