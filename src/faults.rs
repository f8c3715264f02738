//! Named points at which a run can be made to die, or its disk to fail: what
//! the tests of crash safety strike at.
//!
//! Between any two points something became durable. The variable
//! `GONGKAI_FAULT` says which point strikes, from which passing on, and how:
//! `state_committing:3:kill`, `lake_file_written:1:no_space`; `any` stands for
//! all points together. Only builds with debug assertions look at it.

use std::io;
use std::str::FromStr;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};

/// A point between two durable steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FaultPoint {
    /// The archive is about to begin a file.
    ArchiveFileBeginning,
    /// A record stands in the archive's file, and not yet on the disk.
    ArchiveAppended,
    /// The archive's file is about to be put on the disk.
    ArchiveSyncing,
    /// The archive is on the disk; the state does not say so yet.
    ArchiveSynced,
    /// A change of the state is about to be committed.
    StateCommitting,
    /// A change of the state was committed.
    StateCommitted,
    /// A file of the lake was written beside its place, and is not on the disk.
    LakeFileWritten,
    /// It is on the disk, and not in its place.
    LakeFileSynced,
    /// It is in its place, and its folder does not know for certain.
    LakeFileRenamed,
    /// The lake holds a batch; the state does not say so yet.
    LakeCommitted,
    /// The run is done; its report is about to be written.
    RunReportWriting,
}

impl FaultPoint {
    /// All points, in the order in which a run passes them first.
    pub const ALL: [Self; 11] = [
        Self::ArchiveFileBeginning,
        Self::ArchiveAppended,
        Self::ArchiveSyncing,
        Self::ArchiveSynced,
        Self::StateCommitting,
        Self::StateCommitted,
        Self::LakeFileWritten,
        Self::LakeFileSynced,
        Self::LakeFileRenamed,
        Self::LakeCommitted,
        Self::RunReportWriting,
    ];

    /// Its name in `GONGKAI_FAULT`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::ArchiveFileBeginning => "archive_file_beginning",
            Self::ArchiveAppended => "archive_appended",
            Self::ArchiveSyncing => "archive_syncing",
            Self::ArchiveSynced => "archive_synced",
            Self::StateCommitting => "state_committing",
            Self::StateCommitted => "state_committed",
            Self::LakeFileWritten => "lake_file_written",
            Self::LakeFileSynced => "lake_file_synced",
            Self::LakeFileRenamed => "lake_file_renamed",
            Self::LakeCommitted => "lake_committed",
            Self::RunReportWriting => "run_report_writing",
        }
    }
}

/// What happens at a point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    /// The process ends there and then: no destructor, nothing flushed.
    Kill,
    /// The disk is full from then on.
    NoSpace,
    /// The disk fails from then on.
    BadDisk,
}

/// Which point strikes, when and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Plan {
    /// None for any.
    point: Option<FaultPoint>,
    from: u64,
    fault: Fault,
}

impl FromStr for Plan {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let [point, from, fault] = text.split(':').collect::<Vec<_>>()[..] else { return Err(()) };
        let point = match point {
            "any" => None,
            name => Some(FaultPoint::ALL.into_iter().find(|point| point.name() == name).ok_or(())?),
        };
        let fault = match fault {
            "kill" => Fault::Kill,
            "no_space" => Fault::NoSpace,
            "bad_disk" => Fault::BadDisk,
            _ => return Err(()),
        };
        Ok(Self { point, from: from.parse().map_err(|_| ())?, fault })
    }
}

/// Passes a point: in a test it may be the last thing that the process does, or
/// the disk may refuse.
///
/// # Errors
///
/// - what `GONGKAI_FAULT` asks for, in builds with debug assertions
pub(crate) fn pass(point: FaultPoint) -> io::Result<()> {
    static PLAN: LazyLock<Option<Plan>> =
        LazyLock::new(|| std::env::var("GONGKAI_FAULT").ok().and_then(|text| text.parse().ok()));
    static N_PASSED: AtomicU64 = AtomicU64::new(0);
    if !cfg!(debug_assertions) {
        return Ok(());
    }
    let Some(plan) = PLAN.as_ref().filter(|plan| plan.point.is_none_or(|struck| struck == point)) else {
        return Ok(());
    };
    if N_PASSED.fetch_add(1, Ordering::SeqCst) + 1 < plan.from {
        return Ok(());
    }
    match plan.fault {
        Fault::Kill => std::process::abort(),
        Fault::NoSpace => Err(io::ErrorKind::StorageFull.into()),
        Fault::BadDisk => Err(io::Error::other(format!("the disk fails (a fault of a test, at {})", point.name()))),
    }
}

/// Begins to read a page: in a test it may panic there, as by a defect of ours.
///
/// The variable `GONGKAI_UNREADABLE` holds how the page's URL ends.
pub(crate) fn read(url: &url::Url) {
    static END: LazyLock<Option<String>> = LazyLock::new(|| std::env::var("GONGKAI_UNREADABLE").ok());
    let is_struck = cfg!(debug_assertions) && END.as_ref().is_some_and(|end| url.as_str().ends_with(end.as_str()));
    assert!(!is_struck, "cannot read {url} (a fault of a test)");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plans_name_a_point_a_passing_and_a_fault() {
        let plan = Plan { point: Some(FaultPoint::LakeCommitted), from: 2, fault: Fault::NoSpace };
        assert_eq!("lake_committed:2:no_space".parse(), Ok(plan));
        assert_eq!("any:17:kill".parse(), Ok(Plan { point: None, from: 17, fault: Fault::Kill }));
        for wrong in ["", "any", "any:1", "nowhere:1:kill", "any:x:kill", "any:1:rain", "any:1:kill:2"] {
            assert_eq!(wrong.parse::<Plan>(), Err(()), "{wrong}");
        }
    }
}
