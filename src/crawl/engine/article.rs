//! An article that a portal split over pages or frames, read as one.
//!
//! Each page of it is a page of its own to the crawl: asked for in its turn,
//! archived, visited again. What it says is read together with what has come of
//! the others, each time that one of them comes or changes; the document is the
//! first page's.

use url::Url;

use crate::crawl::frontier::{ArchiveRef, ArticlePage, UrlId};
use crate::page::Capture;
use crate::report::{Catalogue, Reading};

/// Pages of an article that are read together at most.
const MOST_PAGES: usize = 50;
/// Bytes of them in the archive at most.
const MOST_BYTES: u64 = 16 * 1024 * 1024;

/// The pages around one of an article, in their order, as they lie in the
/// archive.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Neighbours {
    before: Vec<Capture>,
    after: Vec<Capture>,
}

impl Neighbours {
    /// Whether a page stands alone.
    pub fn is_empty(&self) -> bool {
        self.before.is_empty() && self.after.is_empty()
    }

    /// Fetches the pages of the article of `page` from the archive; too long an
    /// article, and one of which nothing else has come, is read page by page.
    pub fn fetch<E>(
        pages: &[ArticlePage],
        page: UrlId,
        mut archived: impl FnMut(&ArchiveRef) -> Result<Capture, E>,
    ) -> Result<Self, E> {
        let n_bytes: u64 = pages.iter().filter_map(|page| Some(page.place.as_ref()?.length)).sum();
        let mut all = Self::default();
        if pages.len() > MOST_PAGES || n_bytes > MOST_BYTES {
            return Ok(all);
        }
        let mut side = &mut all.before;
        for known in pages {
            if known.id == page {
                side = &mut all.after;
            } else if let Some(place) = &known.place {
                side.push(archived(place)?);
            }
        }
        Ok(all)
    }
}

/// Forgets that reports end too early: a page of several ends where the next begins.
pub(super) fn is_one_of_several(reading: &mut Reading) {
    reading.reports.iter_mut().for_each(|report| report.cut_short = None);
}

/// What a page of an article says.
pub(crate) struct Said {
    pub reading: Reading,
    /// The page under which the whole of it goes, where that is another.
    pub first_page: Option<Url>,
}

/// Reads a page together with the others of its article, where that tells more
/// than it does alone: the outline of a site in frames says nothing about what
/// stands in one of them.
pub(crate) fn read(capture: &Capture, neighbours: Neighbours, catalogue: &Catalogue) -> Said {
    let mut alone = crate::read(capture, catalogue);
    if neighbours.is_empty() {
        return Said { reading: alone, first_page: None };
    }
    is_one_of_several(&mut alone);
    let Neighbours { before, after } = neighbours;
    let is_first = before.is_empty();
    let mut pages = before.into_iter().chain([capture.clone()]).chain(after);
    let Some(first) = pages.next() else { return Said { reading: alone, first_page: None } };
    let whole = Capture { parts: pages.collect(), hint: capture.hint.clone(), ..first };
    let mut together = crate::read(&whole, catalogue);
    is_one_of_several(&mut together);
    if n_numbers(&together) <= n_numbers(&alone) {
        return Said { reading: alone, first_page: None };
    }
    Said { reading: together, first_page: whole.url().filter(|_| !is_first).cloned() }
}

fn n_numbers(reading: &Reading) -> usize {
    reading.reports.iter().map(|report| report.facts.len()).sum()
}
