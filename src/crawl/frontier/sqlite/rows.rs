//! Rows as they are stored.

use jiff::Timestamp;
use rusqlite::Row;
use url::Url;

use super::super::{
    ArchiveRef, Due, FrontierError, GUESS, PageRequest, PendingResponse, PortalId, Priority, ResponseId, SeenUrl,
    UrlId, UrlState, Validators,
};
use crate::crawl::address::HostKey;

/// Microseconds since 1970, as they are stored.
pub(super) fn micros(at: Timestamp) -> i64 {
    at.as_microsecond()
}

/// The instant of stored microseconds; one out of range counts as the nearest.
pub(super) fn instant(micros: i64) -> Timestamp {
    Timestamp::from_microsecond(micros).unwrap_or(if micros < 0 { Timestamp::MIN } else { Timestamp::MAX })
}

pub(super) fn due_from_row(
    row: &Row<'_>,
    host: &HostKey,
    portal: &PortalId,
) -> rusqlite::Result<Result<Due, FrontierError>> {
    let url: String = row.get(1)?;
    let body: Option<String> = row.get(2)?;
    let requested: Option<String> = row.get(3)?;
    let is_archived: bool = row.get(10)?;
    let is_half: bool = row.get(13)?;
    let validators = Validators { etag: row.get(7)?, last_modified: row.get(8)? };
    let parsed = url.parse::<Url>().map_err(|e| FrontierError::Row(format!("{url}: {e}")));
    let body = body.map(|json| serde_json::from_str(&json)).transpose();
    let body = body.map_err(|e| FrontierError::Row(format!("{url}: {e}")));
    let (mut parsed, body) = match (parsed, body) {
        (Ok(url), Ok(body)) => (url, body),
        (Err(error), _) | (_, Err(error)) => return Ok(Err(error)),
    };
    let fragment = parsed.fragment().map(str::to_owned);
    parsed.set_fragment(None);
    let due = Due {
        id: UrlId(row.get(0)?),
        request: PageRequest { url: parsed, body },
        fragment,
        requested: requested.and_then(|text| without_fragment(&text).parse().ok()),
        hops: row.get(4)?,
        found_on: row.get::<_, Option<String>>(12)?.and_then(|text| without_fragment(&text).parse().ok()),
        host: host.clone(),
        portal: portal.clone(),
        priority: Priority::from_stored(row.get(9)?),
        depth: row.get(5)?,
        attempts: row.get(6)?,
        validators: if is_archived && !is_half { validators } else { Validators::default() },
        was_there: is_archived,
        is_guess: row.get::<_, String>(11)?.starts_with(GUESS),
    };
    Ok(Ok(due))
}

/// A URL as it is asked for.
fn without_fragment(url: &str) -> &str {
    url.split_once('#').map_or(url, |(url, _)| url)
}

fn count(row: &Row<'_>, at: usize) -> rusqlite::Result<u64> {
    Ok(row.get::<_, i64>(at)?.unsigned_abs())
}

/// Where a payload lies: its file, offset and length stand side by side, from a column
/// on.
pub(super) fn archive_ref(row: &Row<'_>, at: usize) -> rusqlite::Result<ArchiveRef> {
    Ok(ArchiveRef { file: row.get(at)?, offset: count(row, at + 1)?, length: count(row, at + 2)? })
}

/// The same, where it lies anywhere.
pub(super) fn archive_ref_if_any(row: &Row<'_>, at: usize) -> rusqlite::Result<Option<ArchiveRef>> {
    row.get::<_, Option<String>>(at)?.map(|_| archive_ref(row, at)).transpose()
}

pub(super) fn pending_from_row(row: &Row<'_>) -> rusqlite::Result<PendingResponse> {
    Ok(PendingResponse {
        id: ResponseId(row.get(0)?),
        url_id: UrlId(row.get(14)?),
        fetched_at: instant(row.get(1)?),
        status: row.get(2)?,
        words: row.get(3)?,
        sha256: row.get(4)?,
        n_bytes: count(row, 5)?,
        duration_ms: count(row, 6)?,
        n_reports: row.get(7)?,
        place: archive_ref(row, 8)?,
        place_of_later: archive_ref_if_any(row, 15)?,
        url: without_fragment(&row.get::<_, String>(11)?).to_owned(),
        host: row.get(12)?,
        portal: PortalId::from(row.get::<_, String>(13)?),
    })
}

pub(super) fn seen_from_row(row: &Row<'_>) -> rusqlite::Result<SeenUrl> {
    let read = match (row.get(17)?, row.get::<_, Option<i64>>(18)?) {
        (Some(words), Some(at)) => Some((words, instant(at))),
        _ => None,
    };
    Ok(SeenUrl {
        id: UrlId(row.get(16)?),
        url: row.get(0)?,
        host: row.get(1)?,
        portal: row.get(2)?,
        priority: Priority::from_stored(row.get(3)?),
        depth: row.get(4)?,
        why: row.get(5)?,
        state: UrlState::from_stored(row.get(6)?),
        attempts: row.get(7)?,
        due_at: instant(row.get(8)?),
        last_seen: row.get::<_, Option<i64>>(9)?.map(instant),
        last_status: row.get(10)?,
        last_words: row.get(11)?,
        n_unchanged: row.get(12)?,
        archived: archive_ref_if_any(row, 13)?,
        read,
    })
}

impl From<rusqlite::Error> for FrontierError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode;
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::Full,
            Some(ErrorCode::SystemIoFailure) => Self::Disk(error.to_string()),
            Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => {
                Self::Damaged { path: None, words: error.to_string() }
            }
            _ => Self::Store(Box::new(error)),
        }
    }
}
