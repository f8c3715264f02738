//! What an earlier run left is finished before a run begins: the archive is cut
//! where the state says that it is whole, and what the lake lacks is read again.

use std::collections::HashMap;

use super::sink::LakeSink;
use super::{CrawlError, Places, Run, record_ref};
use crate::archive::{self, Position, Writer};
use crate::config::{Plan, PlannedPortal, Selection};
use crate::crawl::engine::{EngineError, Kept, Neighbours, Sink, documents, read_article};
use crate::crawl::frontier::{ArchivePosition, ArchiveRef, ArticlePage, Frontier, PendingResponse, ResponseId};
use crate::lake::Lake;
use crate::page::PlaceHint;
use crate::report::Catalogue;

/// Responses that are read again from the archive between two commits: with all
/// that they hold, some 20 MB.
const MOST_PENDING: u32 = 250;

/// Up to where the archive is acknowledged. A new state says so before it has
/// anything written, so that what a killed run left is told from what was there.
pub(super) fn committed_position(frontier: &mut dyn Frontier, places: &Places) -> Result<Position, CrawlError> {
    if let Some(at) = frontier.archive_position()? {
        return Ok(Position { file: at.file, length: at.length });
    }
    let position = Writer::before_anything(&places.archive())?;
    let mut batch = frontier.batch()?;
    batch.archive_position(&ArchivePosition { file: position.file.clone(), length: position.length })?;
    batch.commit()?;
    Ok(position)
}

/// Finds what the lake took and no longer has: its folder was moved, a file of
/// it was damaged and put away. The archive still holds it.
pub(super) fn mark_lost(frontier: &mut dyn Frontier, lake: &Lake) -> Result<(), CrawlError> {
    let mut lost = frontier.documents_in_lake()?;
    lost.retain(|(_, documents)| documents.split(' ').any(|id| !lake.has_document(id)));
    if lost.is_empty() {
        return Ok(());
    }
    let (event, n_lost, is_empty) = ("lake.lost", lost.len(), lake.n_documents() == 0);
    tracing::warn!(
        event,
        n_lost,
        "the lake lacks pages with reports that it had: they are read again from the archive"
    );
    let mut batch = frontier.batch()?;
    if is_empty {
        batch.all_lost_by_lake()?;
    } else {
        let lost: Vec<ResponseId> = lost.into_iter().map(|(response, _)| response).collect();
        batch.lost_by_lake(&lost)?;
    }
    batch.commit()?;
    Ok(())
}

/// Reads again from the archive what the lake has not taken yet, of whatever
/// portal, with all that is known of the place when a page comes from the net.
pub(super) fn commit_pending(
    frontier: &mut dyn Frontier,
    sink: &mut LakeSink,
    run: &Run<'_>,
    catalogue: &Catalogue,
) -> Result<(), CrawlError> {
    let mut pending = frontier.not_in_lake(None, MOST_PENDING)?;
    if pending.is_empty() {
        return Ok(());
    }
    let all = Plan::new(run.settings, &Selection::default()).map(|plan| plan.portals).unwrap_or_default();
    let portals: HashMap<&str, &PlannedPortal> =
        all.iter().chain(run.portals).map(|portal| (portal.id.as_str(), portal)).collect();
    while let Some(end) = pending.last() {
        let last = Some(end.id);
        let mut read_again = Vec::with_capacity(pending.len());
        for pending in pending {
            let portal = portals.get(pending.portal.as_str()).copied();
            let url = pending.url.clone();
            let pages = frontier.article_of(pending.url_id, Some(pending.id))?;
            match kept_again(pending, &pages, portal, run.places, catalogue) {
                Ok(kept) => {
                    read_again.push((kept.response, documents(&kept.reports)));
                    sink.keep(kept);
                }
                // A file that was moved away must not keep all others waiting.
                Err(error) => {
                    let hint = "the lake lacks the page until the archive file is put back";
                    tracing::warn!(event = "archive.unreadable", url, "{error}: {hint}");
                }
            }
        }
        let committed =
            if sink.is_full() { sink.commit(run.clock.now()).map_err(EngineError::from)? } else { Vec::new() };
        let mut batch = frontier.batch()?;
        // That a page is gone is said of the documents that come now.
        let responses: Vec<ResponseId> = read_again.iter().map(|(response, _)| *response).collect();
        batch.lost_by_lake(&responses)?;
        for (response, documents) in read_again {
            batch.documents(response, &documents)?;
        }
        batch.in_lake(&committed)?;
        batch.commit()?;
        pending = frontier.not_in_lake(last, MOST_PENDING)?;
    }
    Ok(())
}

/// A response as it lies in the archive, read as it is read now.
fn kept_again(
    pending: PendingResponse,
    pages: &[ArticlePage],
    portal: Option<&PlannedPortal>,
    places: &Places,
    catalogue: &Catalogue,
) -> Result<Kept, archive::ArchiveError> {
    let archived = |place: &ArchiveRef| archive::read(&places.archive(), &record_ref(place));
    let (mut reports, mut of_reports) = (Vec::new(), pending.url.clone());
    // A page that asked not to be read held none.
    if pending.n_reports > 0 {
        let mut capture = archived(&pending.place)?;
        capture.hint = PlaceHint {
            portal: Some(pending.portal.to_string()),
            name: portal.map(|portal| portal.name.clone()),
            region: portal.and_then(|portal| portal.region.as_ref()).map(|code| code.as_str().to_owned()),
        };
        let neighbours = Neighbours::fetch(pages, pending.url_id, archived)?;
        let said = read_article(&capture, neighbours, catalogue);
        reports = said.reading.reports;
        of_reports = said.first_page.map_or(of_reports, |first| first.to_string());
    }
    Ok(Kept {
        response: pending.id,
        fetched_at: pending.fetched_at,
        url: pending.url,
        of_reports,
        host: pending.host,
        portal: pending.portal,
        status: pending.status,
        words: pending.words,
        sha256: pending.sha256,
        n_bytes: pending.n_bytes,
        duration_ms: pending.duration_ms,
        place: pending.place,
        reports,
    })
}
