//! How much room a disk has left.

use std::path::Path;

/// Tells how much room there is; a test's says what it likes.
pub trait DiskSpace: Send + Sync {
    /// The bytes that this user may still write where a folder lies.
    ///
    /// # Errors
    ///
    /// - the folder is not there, or the system does not tell
    fn free_bytes(&self, folder: &Path) -> std::io::Result<u64>;
}

/// The machine's disks.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemDisk;

#[cfg(unix)]
impl DiskSpace for SystemDisk {
    fn free_bytes(&self, folder: &Path) -> std::io::Result<u64> {
        let about = rustix::fs::statvfs(folder)?;
        Ok(about.f_bavail.saturating_mul(about.f_frsize))
    }
}

#[cfg(not(unix))]
impl DiskSpace for SystemDisk {
    fn free_bytes(&self, _folder: &Path) -> std::io::Result<u64> {
        Err(std::io::ErrorKind::Unsupported.into())
    }
}

/// Why a run must not write on: a folder whose disk has less room than `least`.
///
/// Where the system does not tell, nothing is held against the disk: a full one
/// still stops the run with an error.
#[must_use]
pub fn shortage(disk: &dyn DiskSpace, folders: &[&Path], least: u64) -> Option<String> {
    let is_short = |folder: &&&Path| disk.free_bytes(folder).is_ok_and(|free| free < least);
    let folder = folders.iter().find(is_short)?;
    Some(format!("the disk of {} has less than min_free_bytes = {least} bytes free", folder.display()))
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_folder_has_some_room_and_not_all_there_is() {
        let dir = tempfile::tempdir().unwrap();
        let folders = [dir.path()];
        assert_eq!(shortage(&SystemDisk, &folders, 1), None);
        let words = shortage(&SystemDisk, &folders, u64::MAX).unwrap();
        assert!(words.contains(&dir.path().display().to_string()), "{words}");
        assert_eq!(shortage(&SystemDisk, &[Path::new("/no/such/folder")], u64::MAX), None);
    }
}
