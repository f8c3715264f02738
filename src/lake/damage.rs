//! Files that a failing disk, or somebody, spoilt: they are put aside when the lake is
//! opened, and what they held is made again, from the archive or from other tables.
//!
//! Nothing is deleted. The name that they get beside their place is none that a reader
//! takes for one of the table: no `*.parquet`, and engines that read whole folders
//! (Spark, Hive) leave out what begins with `_`.

use std::fs;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::LakeError;
use super::commit::{children, files_of};
use super::file::{self, PART};
use super::table::Table;
use super::tables::{CHECKS, CONFLICTS, FACTS, FETCHES};

const ASIDE: &str = "_part-0.parquet.damaged";

/// Reads the files of all tables but `reports`, which is read anyway, and puts aside
/// those that are damaged; where they are now.
///
/// They are read to their ends: a page that is spoilt in the middle fails who asks for
/// it, and nobody before.
pub(super) fn put_aside(root: &Path, panel: &Table) -> Result<Vec<PathBuf>, LakeError> {
    let mut files: Vec<(&Table, PathBuf)> = Vec::new();
    for table in [&FACTS, &CHECKS, &CONFLICTS, panel] {
        files.extend(files_of(&root.join(table.name))?.into_iter().map(|(_, path)| (table, path)));
    }
    let days = children(&root.join(FETCHES.name), "fetched_on=")?.into_iter().map(|(_, dir)| dir.join(PART));
    files.extend(days.map(|path| (&FETCHES, path)));
    let errors: Vec<LakeError> = files.par_iter().filter_map(|(table, path)| file::check(table, path).err()).collect();
    errors.into_iter().map(of_damaged).collect()
}

/// Puts aside the file that an error says is damaged; where it is now. Any other error
/// stays one.
pub(super) fn of_damaged(error: LakeError) -> Result<PathBuf, LakeError> {
    let LakeError::Damaged { path, .. } = &error else { return Err(error) };
    let name = |n: u32| if n == 1 { ASIDE.to_owned() } else { format!("{ASIDE}-{n}") };
    let free = (1..u32::MAX).map(|n| path.with_file_name(name(n))).find(|aside| !aside.exists());
    let Some(aside) = free else { return Err(error) };
    let fail = |source| LakeError::Io { path: path.clone(), source };
    fs::rename(path, &aside).and_then(|()| file::sync_folders(&aside)).map_err(fail)?;
    Ok(aside)
}
