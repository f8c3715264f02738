//! Records back to captures. A clipped file is an error, never an end.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use flate2::bufread::GzDecoder;
use jiff::Timestamp;

use super::{ArchiveError, RecordRef};
use crate::page::{Capture, PlaceHint};

/// Bytes of a record's header and block that are read; more is an error.
const MOST_HEADER: usize = 64 * 1024;
const MOST_BLOCK: u64 = 64 * 1024 * 1024;

/// A record of an archive file.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Where its gzip member begins.
    pub offset: u64,
    /// `WARC-Type`.
    pub record_type: String,
    /// The header fields, names as they stand.
    pub fields: Vec<(String, String)>,
    /// The block.
    pub block: Vec<u8>,
}

/// Reads the records of one file in order.
#[derive(Debug)]
pub struct Reader {
    path: PathBuf,
    file: BufReader<File>,
    offset: u64,
}

impl Reader {
    /// Opens a file.
    ///
    /// # Errors
    ///
    /// - the file cannot be opened
    pub fn open(path: &Path) -> Result<Self, ArchiveError> {
        let file = File::open(path).map_err(|source| ArchiveError::Io { path: path.to_owned(), source })?;
        Ok(Self { path: path.to_owned(), file: BufReader::new(file), offset: 0 })
    }

    /// The next record; none at the file's end.
    ///
    /// # Errors
    ///
    /// - the file breaks off in the record, or holds no record there
    pub fn next_entry(&mut self) -> Result<Option<Entry>, ArchiveError> {
        let fail = |source| ArchiveError::Io { path: self.path.clone(), source };
        if self.file.fill_buf().map_err(fail)?.is_empty() {
            return Ok(None);
        }
        let offset = self.offset;
        let mut member = Vec::new();
        let decoder = GzDecoder::new(&mut self.file);
        let read = decoder.take(MOST_HEADER as u64 + MOST_BLOCK).read_to_end(&mut member);
        read.map_err(|error| match error.kind() {
            std::io::ErrorKind::UnexpectedEof => ArchiveError::Clipped { path: self.path.clone(), offset },
            _ => ArchiveError::Bad { path: self.path.clone(), offset, why: error.to_string() },
        })?;
        self.offset = self.file.stream_position().map_err(fail)?;
        let bad = |why: &str| ArchiveError::Bad { path: self.path.clone(), offset, why: why.to_owned() };
        parse(&member, offset).map_err(bad).map(Some)
    }
}

/// Reads the capture of one answer's record.
///
/// # Errors
///
/// - the file is missing, clipped, or holds no answer at that place
pub fn read(dir: &Path, place: &RecordRef) -> Result<Capture, ArchiveError> {
    let mut reader = Reader::open(&dir.join(&place.file))?;
    let path = reader.path.clone();
    let fail = |source| ArchiveError::Io { path: path.clone(), source };
    reader.file.seek(SeekFrom::Start(place.offset)).map_err(fail)?;
    reader.offset = place.offset;
    let entry = reader.next_entry()?.ok_or(ArchiveError::Clipped { path: path.clone(), offset: place.offset })?;
    capture(&entry).ok_or_else(|| ArchiveError::Bad {
        path,
        offset: place.offset,
        why: format!("a {} record is no answer", entry.record_type),
    })
}

fn parse(member: &[u8], offset: u64) -> Result<Entry, &'static str> {
    let end = find(member, b"\r\n\r\n").filter(|end| *end <= MOST_HEADER).ok_or("its header has no end")?;
    let header = String::from_utf8_lossy(&member[..end]);
    let mut lines = header.split("\r\n");
    if !lines.next().is_some_and(|line| line.starts_with("WARC/1.")) {
        return Err("it does not begin with WARC/1");
    }
    let fields: Vec<(String, String)> =
        lines.filter_map(|line| line.split_once(':')).map(|(n, v)| (n.to_owned(), v.trim().to_owned())).collect();
    let of = |name: &str| fields.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str());
    let record_type = of("WARC-Type").ok_or("it has no type")?.to_owned();
    let length: usize = of("Content-Length").and_then(|text| text.parse().ok()).ok_or("it has no length")?;
    let block = member.get(end + 4..end + 4 + length).ok_or("its block is shorter than its length")?.to_vec();
    Ok(Entry { offset, record_type, fields, block })
}

/// The capture of a `response` record, body and header fields as they were.
fn capture(entry: &Entry) -> Option<Capture> {
    if entry.record_type != "response" {
        return None;
    }
    let of =
        |name: &str| entry.fields.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str());
    let end = find(&entry.block, b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(&entry.block[..end]);
    let mut lines = head.split("\r\n");
    let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let headers = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.strip_prefix("X-Archive-Orig-").unwrap_or(name).to_owned(), value.to_owned()));
    let final_url = of("WARC-Target-URI")?.parse().ok()?;
    let requested_url = of("WARC-Gongkai-Requested-URI").and_then(|url| url.parse().ok());
    Some(Capture {
        requested_url: requested_url.or_else(|| Some(url::Url::clone(&final_url))),
        final_url: Some(final_url),
        fetched_at: of("WARC-Date").and_then(|date| date.parse::<Timestamp>().ok()),
        status: Some(status),
        headers: headers.collect(),
        body: entry.block[end + 4..].to_vec(),
        parts: vec![],
        hint: PlaceHint::default(),
    })
}

fn find(bytes: &[u8], needle: &[u8]) -> Option<usize> {
    bytes.windows(needle.len()).position(|window| window == needle)
}
