//! Sentences to facts.

use super::catalogue::Catalogue;
use super::types::{Conflict, Fact, Form, Level, Unread};
use crate::page::Block;

/// What the sentences of a report speak for.
#[derive(Debug, Clone, PartialEq)]
pub struct Scope {
    /// The year reported on.
    pub report_year: Option<i16>,
    /// The issuer's level.
    pub level: Level,
    /// Its region's name.
    pub region_name: Option<String>,
    /// Its name.
    pub issuer: String,
    /// The form whose rows the sentences speak of.
    pub form: Option<Form>,
}

/// What the sentences of a report say.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Narrative {
    /// The figures, each once.
    pub facts: Vec<Fact>,
    /// Where two sentences contradict each other.
    pub conflicts: Vec<Conflict>,
    /// What is there and could not be read for certain.
    pub unread: Vec<Unread>,
}

/// Reads the sentences of a report's prose.
#[must_use]
pub fn read(_blocks: &[Block], _scope: &Scope, _catalogue: &Catalogue) -> Narrative {
    Narrative::default()
}
