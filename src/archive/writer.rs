//! Appending to the archive, and cutting back after a crash.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::record::{member, request, response, warcinfo};
use super::{ArchiveError, Exchange, Position, RecordRef};
use crate::faults::{self, FaultPoint};

/// Appends exchanges to a file at a time; a full one is followed by a new one.
#[derive(Debug)]
pub struct Writer {
    dir: PathBuf,
    software: String,
    max_file_bytes: u64,
    open: Option<Open>,
    /// The name that sorts behind all others, perhaps of a file that was moved away.
    last: String,
}

#[derive(Debug)]
struct Open {
    name: String,
    file: File,
    length: u64,
}

/// How the names of our files begin; the second of their first record follows, and
/// a number.
const PREFIX: &str = "gongkai-";

fn is_ours(name: &str) -> bool {
    stamp_of(name).is_some() && name.ends_with(".warc.gz")
}

/// The second that a file's name begins with.
fn stamp_of(name: &str) -> Option<&str> {
    let stamp = name.strip_prefix(PREFIX)?.get(.."YYYYmmddHHMMSS".len())?;
    stamp.bytes().all(|byte| byte.is_ascii_digit()).then_some(stamp)
}

impl Writer {
    /// Opens an archive where the state says that it is whole: what stands
    /// behind that position was never acknowledged and is cut off, so that no
    /// torn member stays in the file.
    ///
    /// # Errors
    ///
    /// - the folder or the file cannot be written
    pub fn open(
        dir: &Path,
        software: &str,
        max_file_bytes: u64,
        committed: Option<&Position>,
    ) -> Result<Self, ArchiveError> {
        std::fs::create_dir_all(dir).map_err(|source| ArchiveError::Io { path: dir.to_owned(), source })?;
        let last = last_name(dir)?.max(committed.map(|position| position.file.clone()).unwrap_or_default());
        let mut writer = Self { dir: dir.to_owned(), software: software.to_owned(), max_file_bytes, open: None, last };
        let Some(position) = committed else { return Ok(writer) };
        let path = dir.join(&position.file);
        let fail = |source| ArchiveError::Io { path: path.clone(), source };
        if path.exists() {
            let file = OpenOptions::new().append(true).open(&path).map_err(fail)?;
            let length = file.metadata().map_err(fail)?.len();
            if length < position.length {
                return Err(ArchiveError::Clipped { path, offset: length });
            }
            if length > position.length {
                file.set_len(position.length).map_err(fail)?;
                file.sync_all().map_err(fail)?;
            }
            writer.open = Some(Open { name: position.file.clone(), file, length: position.length });
        }
        writer.remove_later_than(&position.file)?;
        Ok(writer)
    }

    /// The position of an archive of which the state knows nothing yet: what is
    /// there stays, what comes after it is this state's own.
    ///
    /// # Errors
    ///
    /// - the folder cannot be read
    pub fn before_anything(dir: &Path) -> Result<Position, ArchiveError> {
        let last = last_name(dir)?;
        // Sorts between that file and the next, and names neither.
        let file = if last.is_empty() { PREFIX.to_owned() } else { format!("{last}~") };
        Ok(Position { file, length: 0 })
    }

    /// Files begun after the committed position hold nothing acknowledged.
    fn remove_later_than(&self, name: &str) -> Result<(), ArchiveError> {
        let fail = |source| ArchiveError::Io { path: self.dir.clone(), source };
        for entry in std::fs::read_dir(&self.dir).map_err(fail)? {
            let entry = entry.map_err(fail)?;
            let other = entry.file_name().to_string_lossy().into_owned();
            if is_ours(&other) && other.as_str() > name {
                std::fs::remove_file(entry.path()).map_err(fail)?;
            }
        }
        Ok(())
    }

    /// Appends an exchange and says where its answer's record lies.
    ///
    /// # Errors
    ///
    /// - the disk is full or the file cannot be written
    pub fn append(&mut self, exchange: &Exchange<'_>) -> Result<RecordRef, ArchiveError> {
        let at = exchange.capture.fetched_at.unwrap_or(Timestamp::UNIX_EPOCH);
        self.begin_file_if_needed(at)?;
        let software = self.software.clone();
        let Some(open) = &mut self.open else { unreachable!("a file was just begun") };
        let place = format!("{}:{}", open.name, open.length);
        let (header, id, block) = response(exchange, at, &place);
        let (request_header, request_block) = request(exchange, at, &id, &software);
        let path = self.dir.join(&open.name);
        let fail = |source| ArchiveError::Io { path: path.clone(), source };
        let answer = member(&header, &block).map_err(fail)?;
        let asked = member(&request_header, &request_block).map_err(fail)?;
        let record = RecordRef { file: open.name.clone(), offset: open.length, length: answer.len() as u64 };
        open.file.write_all(&answer).and_then(|()| open.file.write_all(&asked)).map_err(fail)?;
        faults::pass(FaultPoint::ArchiveAppended).map_err(fail)?;
        open.length += (answer.len() + asked.len()) as u64;
        Ok(record)
    }

    /// Puts on disk what was appended, and says up to where the archive is
    /// whole.
    ///
    /// # Errors
    ///
    /// - the disk refuses
    pub fn sync(&mut self) -> Result<Option<Position>, ArchiveError> {
        let Some(open) = &self.open else { return Ok(None) };
        let path = self.dir.join(&open.name);
        let synced = faults::pass(FaultPoint::ArchiveSyncing).and_then(|()| open.file.sync_all());
        synced
            .and_then(|()| faults::pass(FaultPoint::ArchiveSynced))
            .map_err(|source| ArchiveError::Io { path, source })?;
        Ok(Some(Position { file: open.name.clone(), length: open.length }))
    }

    fn begin_file_if_needed(&mut self, at: Timestamp) -> Result<(), ArchiveError> {
        if self.open.as_ref().is_some_and(|open| open.length < self.max_file_bytes) {
            return Ok(());
        }
        self.sync()?;
        faults::pass(FaultPoint::ArchiveFileBeginning)
            .map_err(|source| ArchiveError::Io { path: self.dir.clone(), source })?;
        let (name, file) = self.new_file(at)?;
        let (header, block) = warcinfo(&name, &self.software, at);
        let path = self.dir.join(&name);
        let fail = |source| ArchiveError::Io { path: path.clone(), source };
        let info = member(&header, &block).map_err(fail)?;
        let mut open = Open { name, file, length: info.len() as u64 };
        open.file.write_all(&info).map_err(fail)?;
        // The folder must know the new file before the state names it.
        File::open(&self.dir).and_then(|dir| dir.sync_all()).map_err(fail)?;
        self.open = Some(open);
        Ok(())
    }

    /// A file whose name sorts after every name before it, also where the clock was
    /// put back: what sorts behind the committed position is removed at a start.
    fn new_file(&mut self, at: Timestamp) -> Result<(String, File), ArchiveError> {
        let now = at.strftime("%Y%m%d%H%M%S").to_string();
        let stamp = stamp_of(&self.last).filter(|last| *last > now.as_str()).unwrap_or(&now);
        let names = (0_u32..).map(|n| format!("{PREFIX}{stamp}-{n:05}.warc.gz"));
        for name in names.skip_while(|name| *name <= self.last) {
            let path = self.dir.join(&name);
            match OpenOptions::new().append(true).create_new(true).open(&path) {
                Ok(file) => {
                    self.last.clone_from(&name);
                    return Ok((name, file));
                }
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
                Err(source) => return Err(ArchiveError::Io { path, source }),
            }
        }
        unreachable!("names do not end")
    }
}

/// The name of ours that sorts behind all others in a folder; empty where there is
/// none.
fn last_name(dir: &Path) -> Result<String, ArchiveError> {
    let fail = |source: std::io::Error| ArchiveError::Io { path: dir.to_owned(), source };
    let entries = match std::fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(String::new()),
        Err(error) => return Err(fail(error)),
    };
    let mut last = String::new();
    for entry in entries {
        let name = entry.map_err(fail)?.file_name().to_string_lossy().into_owned();
        if is_ours(&name) && name > last {
            last = name;
        }
    }
    Ok(last)
}
