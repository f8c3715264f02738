//! What is remembered of each document, and which document of a report counts.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use crate::report::Origin;

/// What is remembered of each document of the lake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Known {
    pub partition: Partition,
    pub report_id: String,
    /// Where it lies, in short: see [`page`].
    pub page: u64,
    pub origin: Origin,
    pub n_values: i64,
    /// In days since 1970.
    pub published_on: Option<i32>,
    /// When its page said it: first, or again after another.
    pub said_at: i64,
    pub is_primary: bool,
    /// Whether it has rows in `checks`.
    pub has_checks: bool,
    /// Whether it has rows in `conflicts`.
    pub has_conflicts: bool,
}

/// A partition of the lake: report year and province, each perhaps unknown.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Partition {
    pub report_year: Option<i16>,
    pub province: Option<String>,
}

/// Documents by id.
pub(super) type Documents = BTreeMap<String, Known>;

/// The documents as they will be: those of the lake, and what a commit changes.
#[derive(Debug)]
pub(super) struct After<'d> {
    before: &'d Documents,
    /// None where a document leaves the lake.
    changes: BTreeMap<String, Option<Known>>,
}

impl<'d> After<'d> {
    pub fn of(before: &'d Documents) -> Self {
        Self { before, changes: BTreeMap::new() }
    }

    pub fn get(&self, id: &str) -> Option<&Known> {
        self.changes.get(id).map_or_else(|| self.before.get(id), Option::as_ref)
    }

    /// Whether a document will stand in a partition.
    pub fn is_in(&self, id: &str, partition: &Partition) -> bool {
        self.get(id).is_some_and(|known| known.partition == *partition)
    }

    pub fn put(&mut self, id: &str, known: Known) {
        self.changes.insert(id.to_owned(), Some(known));
    }

    /// A document leaves the lake; what was known of it.
    pub fn take(&mut self, id: &str) -> Option<Known> {
        let known = self.get(id)?.clone();
        self.changes.insert(id.to_owned(), None);
        Some(known)
    }

    /// Settles which documents count for the reports that the changes touch: of
    /// each report the most official, then the most complete, then the newest,
    /// then the first by id. On one page the newest is what was said last, of
    /// several pages what was published last, as a correction is. Gives the
    /// partitions where a document that was there begins or ceases to count.
    pub fn settle(&mut self) -> BTreeSet<Partition> {
        let mut reports = BTreeSet::new();
        for (id, known) in &self.changes {
            let both = self.before.get(id).into_iter().chain(known);
            reports.extend(both.map(|known| known.report_id.as_str()));
        }
        let unchanged = self.before.iter().filter(|(id, _)| !self.changes.contains_key(*id));
        let changed = self.changes.iter().filter_map(|(id, known)| Some((id, known.as_ref()?)));
        let of_them = unchanged.chain(changed).filter(|(_, known)| reports.contains(known.report_id.as_str()));
        let of_them: Vec<(&String, &Known)> = of_them.collect();
        let of_pages = best(&of_them, |known| (known.report_id.as_str(), known.page), |known| Reverse(known.said_at));
        let best = best(
            &of_pages,
            |known| known.report_id.as_str(),
            |known| (Reverse(known.published_on), Reverse(known.said_at)),
        );
        let primary: BTreeSet<&String> = best.into_iter().map(|(id, _)| id).collect();
        let turned: Vec<(String, Known)> = of_them
            .into_iter()
            .filter(|(id, known)| known.is_primary != primary.contains(id))
            .map(|(id, known)| (id.clone(), Known { is_primary: !known.is_primary, ..known.clone() }))
            .collect();
        let was_there = turned.iter().filter(|(id, _)| self.before.contains_key(id));
        let partitions = was_there.map(|(_, known)| known.partition.clone()).collect();
        self.changes.extend(turned.into_iter().map(|(id, known)| (id, Some(known))));
        partitions
    }

    /// What changes: none where a document leaves.
    pub fn changes(self) -> BTreeMap<String, Option<Known>> {
        self.changes
    }
}

/// The best document of each group: the most official, then the most complete, then
/// the newest, then the first by id.
fn best<'k, G: Ord, N: Ord>(
    documents: &[(&'k String, &'k Known)],
    group: impl Fn(&'k Known) -> G,
    newest_first: impl Fn(&Known) -> N,
) -> Vec<(&'k String, &'k Known)> {
    let rank =
        |(id, known): &(&'k String, &'k Known)| (known.origin, Reverse(known.n_values), newest_first(known), *id);
    let mut best: BTreeMap<G, (&String, &Known)> = BTreeMap::new();
    for document in documents {
        let place = best.entry(group(document.1)).or_insert(*document);
        if rank(document) < rank(place) {
            *place = *document;
        }
    }
    best.into_values().collect()
}

/// A page's canonical URL in short, or the document's id where it has none: whether two
/// documents lie on one page is all that is asked of it.
pub(super) fn page(url: Option<&str>, document_id: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    url.unwrap_or(document_id).hash(&mut hasher);
    hasher.finish()
}
