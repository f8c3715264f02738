//! Files that somebody put among those of the tables, such as a copy of one: who reads
//! with a glob counts their rows as well. They are named, and left where they are.

use std::path::{Path, PathBuf};

use super::LakeError;
use super::commit::{entries, partition};
use super::file::PART;
use super::table::Table;
use super::tables::{CHECKS, CONFLICTS, FACTS, FETCHES, INDICATORS, REGIONS, REPORTS};

/// The Parquet files below the folders of the tables that are none of ours, in order.
pub(super) fn strays(root: &Path, panel: &Table) -> Result<Vec<PathBuf>, LakeError> {
    let mut found = Vec::new();
    for table in [&REPORTS, &FACTS, &CHECKS, &CONFLICTS, panel, &FETCHES, &INDICATORS, &REGIONS] {
        let of_table = root.join(table.name);
        let mut folders = vec![of_table.clone()];
        while let Some(folder) = folders.pop() {
            for path in entries(&folder)? {
                if path.is_dir() {
                    folders.push(path);
                } else if is_globbed(&path) && !is_own(table, path.strip_prefix(&of_table).unwrap_or(&path)) {
                    found.push(path);
                }
            }
        }
    }
    found.sort();
    Ok(found)
}

/// Whether readers take a file for one of the table.
fn is_globbed(path: &Path) -> bool {
    let is_hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
    !is_hidden && path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("parquet"))
}

/// Whether a file below a table's folder is one that we write.
fn is_own(table: &Table, path: &Path) -> bool {
    let names: Option<Vec<&str>> = path.iter().map(std::ffi::OsStr::to_str).collect();
    match names.as_deref() {
        Some([PART]) => [INDICATORS.name, REGIONS.name].contains(&table.name),
        Some([day, PART]) if table.name == FETCHES.name => {
            let day = day.strip_prefix("fetched_on=").unwrap_or_default();
            day.parse::<jiff::civil::Date>().is_ok_and(|date| date.to_string() == day)
        }
        Some([year, province, PART]) => {
            let names = year.strip_prefix("report_year=").zip(province.strip_prefix("province="));
            table.name != FETCHES.name && names.is_some_and(|(year, province)| partition(year, province).is_some())
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_ours_by_its_name_and_its_folders() {
        let cases = [
            (&FACTS, "report_year=2017/province=33/part-0.parquet", true),
            (&FACTS, "report_year=__HIVE_DEFAULT_PARTITION__/province=__HIVE_DEFAULT_PARTITION__/part-0.parquet", true),
            (&FACTS, "report_year=2017/province=33/part-0 (1).parquet", false),
            (&FACTS, "report_year=2017/province=33 (1)/part-0.parquet", false),
            (&FACTS, "report_year=2017 - Copy/province=33/part-0.parquet", false),
            (&FACTS, "report_year=02017/province=33/part-0.parquet", false),
            (&FACTS, "report_year=2017/part-0.parquet", false),
            (&FACTS, "part-0.parquet", false),
            (&FETCHES, "fetched_on=2026-01-02/part-0.parquet", true),
            (&FETCHES, "fetched_on=2026-01-02 (1)/part-0.parquet", false),
            (&REGIONS, "part-0.parquet", true),
            (&REGIONS, "old.parquet", false),
        ];
        for (table, path, expected) in cases {
            assert_eq!(is_own(table, Path::new(path)), expected, "{} {path}", table.name);
        }
    }
}
