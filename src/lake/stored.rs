//! What the lake holds, for those who only look: nothing is opened for writing,
//! so a crawl may go on meanwhile.

use std::path::Path;

use jiff::Timestamp;

use super::LakeError;
use super::commit::files_of;
use super::file;
use super::table::Value;
use super::tables::REPORTS;

/// A document of the table `reports`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredReport {
    /// Its id.
    pub document_id: String,
    /// Its report.
    pub report_id: String,
    /// Where it was read; empty for a local file.
    pub url: String,
    /// Who reports.
    pub issuer: String,
    /// Its region in the report's year.
    pub region_code: Option<String>,
    /// province, prefecture, county, township, department or institution.
    pub level: String,
    /// The portal that gave it.
    pub portal: Option<String>,
    /// The year that it reports on.
    pub report_year: Option<i16>,
    /// The first two digits of the region's code.
    pub province: Option<String>,
    /// Whether it counts for its report.
    pub is_primary: bool,
    /// Facts with a number.
    pub n_values: u64,
    /// When its portal was found to have taken the page away.
    pub vanished_at: Option<Timestamp>,
}

/// The documents of a lake, partition by partition; none where there is no
/// lake yet.
///
/// # Errors
///
/// - a file cannot be read, or is of a newer schema
pub fn stored_reports(root: &Path) -> Result<Vec<StoredReport>, LakeError> {
    let mut found = Vec::new();
    for (partition, path) in files_of(&root.join(REPORTS.name))? {
        for row in file::read(&REPORTS, &path)? {
            let text = |name: &str| row[REPORTS.place(name)].as_text().map(str::to_owned);
            let n_values = match row[REPORTS.place("n_values")] {
                Value::Count(n) => n.unsigned_abs(),
                _ => 0,
            };
            found.push(StoredReport {
                document_id: text("document_id").unwrap_or_default(),
                report_id: text("report_id").unwrap_or_default(),
                url: text("url").unwrap_or_default(),
                issuer: text("issuer").unwrap_or_default(),
                region_code: text("region_code"),
                level: text("level").unwrap_or_default(),
                portal: text("portal"),
                report_year: partition.report_year,
                province: partition.province.clone(),
                is_primary: row[REPORTS.place("is_primary")] == Value::Flag(true),
                n_values,
                vanished_at: match row[REPORTS.place("vanished_at")] {
                    Value::Instant(micros) => Timestamp::from_microsecond(micros).ok(),
                    _ => None,
                },
            });
        }
    }
    Ok(found)
}
