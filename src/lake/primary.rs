//! Which document of a report counts.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use crate::report::Origin;

/// What is remembered of each document of the lake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Known {
    pub partition: Partition,
    pub report_id: String,
    pub origin: Origin,
    pub n_values: i64,
    pub fetched_at: i64,
    pub is_primary: bool,
}

/// A partition of the lake: report year and province, each perhaps unknown.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Partition {
    pub report_year: Option<i16>,
    pub province: Option<String>,
}

/// The documents that count: of each report the most official, then the most
/// complete, then the newest, then the first by id.
pub(super) fn primaries(documents: &BTreeMap<String, Known>) -> BTreeSet<String> {
    let mut best: BTreeMap<&str, (&String, &Known)> = BTreeMap::new();
    for (id, known) in documents {
        let rank = |(id, known): (&String, &Known)| {
            (known.origin, Reverse(known.n_values), Reverse(known.fetched_at), id.clone())
        };
        let place = best.entry(known.report_id.as_str()).or_insert((id, known));
        if rank((id, known)) < rank(*place) {
            *place = (id, known);
        }
    }
    best.into_values().map(|(id, _)| id.clone()).collect()
}
