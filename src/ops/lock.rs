//! One run at a time for each state folder, and for each lake.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{ErrorKind, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;

use crate::words::refusal;

/// The lock of a state folder.
const OF_STATE: &str = "lock";
/// The lock of a lake: a state may lie in the same folder.
const OF_LAKE: &str = "lake.lock";
/// How often, and how long apart, a lock is tried that somebody has.
const LOOKS: u32 = 5;
const LOOK: Duration = Duration::from_millis(10);

/// The lock on a folder, held until it is dropped or the process ends.
#[derive(Debug)]
pub struct FolderLock {
    _file: File,
}

/// A lock that was not taken.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Another run holds it.
    #[error("another run holds the folder {path}{holder}")]
    Held {
        /// The folder.
        path: PathBuf,
        /// Who, as the holder wrote it.
        holder: String,
    },
    /// The folder cannot be written.
    #[error("cannot lock the folder {path}: {}", refusal(source))]
    Io {
        /// The folder.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
}

impl FolderLock {
    /// Takes the lock of a state folder.
    ///
    /// # Errors
    ///
    /// - as [`Self::of_lake`]
    pub fn of_state(folder: &Path) -> Result<Self, LockError> {
        Self::take(folder, OF_STATE)
    }

    /// Takes the lock of a lake: two states may share one, and only one run at a time
    /// writes its files. The folder is made where it is missing.
    ///
    /// The system releases it when the process ends, however it ends.
    ///
    /// # Errors
    ///
    /// - another process holds it
    /// - the folder cannot be made or written
    pub fn of_lake(folder: &Path) -> Result<Self, LockError> {
        Self::take(folder, OF_LAKE)
    }

    /// Since when a run holds the lock of a state folder; none where none does. For
    /// one who only looks.
    ///
    /// # Errors
    ///
    /// - the lock cannot be read
    pub fn held_since(folder: &Path) -> Result<Option<Timestamp>, LockError> {
        let fail = |source| LockError::Io { path: folder.to_owned(), source };
        let file = match File::open(folder.join(OF_STATE)) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(fail(error)),
        };
        match file.try_lock_shared() {
            Ok(()) => Ok(None),
            // The holder wrote who it is when it took it.
            Err(TryLockError::WouldBlock) => {
                let at = file.metadata().and_then(|metadata| metadata.modified()).map_err(fail)?;
                Ok(Timestamp::try_from(at).ok())
            }
            Err(TryLockError::Error(source)) => Err(fail(source)),
        }
    }

    /// Takes the locks of a state and of a lake; where another run holds one of them,
    /// neither folder is made.
    ///
    /// # Errors
    ///
    /// - as [`Self::of_lake`]
    pub fn of_both(state: &Path, lake: &Path) -> Result<[Self; 2], LockError> {
        if !lake.join(OF_LAKE).exists() {
            return Ok([Self::of_state(state)?, Self::of_lake(lake)?]);
        }
        let lake = Self::of_lake(lake)?;
        Ok([Self::of_state(state)?, lake])
    }

    fn take(folder: &Path, name: &str) -> Result<Self, LockError> {
        let fail = |source| LockError::Io { path: folder.to_owned(), source };
        std::fs::create_dir_all(folder).map_err(fail)?;
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(folder.join(name))
            .map_err(fail)?;
        let mut taken = file.try_lock();
        for _ in 0..LOOKS {
            // Who only looks has it for an instant.
            if matches!(taken, Err(TryLockError::WouldBlock)) {
                std::thread::sleep(LOOK);
                taken = file.try_lock();
            }
        }
        match taken {
            Ok(()) => {
                let words = format!("process {}", std::process::id());
                file.set_len(0)
                    .and_then(|()| file.rewind())
                    .and_then(|()| file.write_all(words.as_bytes()))
                    .map_err(fail)?;
                Ok(Self { _file: file })
            }
            Err(TryLockError::WouldBlock) => {
                let mut holder = String::new();
                let _ = file.take(100).read_to_string(&mut holder);
                let holder = if holder.is_empty() { holder } else { format!(" ({holder})") };
                Err(LockError::Held { path: folder.to_owned(), holder })
            }
            Err(TryLockError::Error(source)) => Err(fail(source)),
        }
    }
}
