//! What the lake holds, for those who only look: nothing is opened for writing,
//! so a crawl may go on meanwhile.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use itertools::Itertools;
use jiff::Timestamp;

use super::LakeError;
use super::commit::{files_of, path_of};
use super::file;
use super::table::{Row, Value};
use super::tables::{FACTS, REPORTS};
use crate::report::Method;

/// A document of the table `reports`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredReport {
    /// Its id.
    pub document_id: String,
    /// Its report.
    pub report_id: String,
    /// Where it was read; empty for a local file.
    pub url: String,
    /// Who reports; none where nobody could be found.
    pub issuer: Option<String>,
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

impl StoredReport {
    /// Whether a government reports, and none of its offices.
    #[must_use]
    pub fn is_of_a_government(&self) -> bool {
        matches!(self.level.as_str(), "province" | "prefecture" | "county")
    }
}

/// The folder of a lake's documents, which each lake has.
#[must_use]
pub fn reports_folder(root: &Path) -> PathBuf {
    root.join(REPORTS.name)
}

/// The documents of a lake, partition by partition; none where there is no
/// lake yet.
///
/// # Errors
///
/// - a file cannot be read, or is of a newer schema
pub fn stored_reports(root: &Path) -> Result<Vec<StoredReport>, LakeError> {
    let mut found = Vec::new();
    for (partition, path) in files_of(&reports_folder(root))? {
        for row in file::rows(&REPORTS, &path)? {
            let row = row?;
            let text = |name: &str| row[REPORTS.place(name)].as_text().map(str::to_owned);
            let n_values = match row[REPORTS.place("n_values")] {
                Value::Count(n) => n.unsigned_abs(),
                _ => 0,
            };
            found.push(StoredReport {
                document_id: text("document_id").unwrap_or_default(),
                report_id: text("report_id").unwrap_or_default(),
                url: text("url").unwrap_or_default(),
                issuer: text("issuer"),
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

/// A fact as the lake holds it, with the URL of its document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredFact {
    /// The document's URL; empty for a local file.
    pub url: String,
    /// What is counted.
    pub indicator: String,
    /// For whom.
    pub applicant: Option<String>,
    /// How it was read.
    pub method: Method,
    /// The number.
    pub value: Option<rust_decimal::Decimal>,
}

/// The URLs of the documents that count for their reports.
///
/// # Errors
///
/// - a file cannot be read
pub fn primary_urls(root: &Path) -> Result<Vec<String>, LakeError> {
    let mut urls = Vec::new();
    for (_, path) in files_of(&reports_folder(root))? {
        for row in file::rows(&REPORTS, &path)? {
            let row = row?;
            if row[REPORTS.place("is_primary")] == Value::Flag(true) {
                urls.extend(row[REPORTS.place("url")].as_text().map(str::to_owned));
            }
        }
    }
    Ok(urls)
}

/// The documents of an id, a document's or a report's: their own ids and URLs; the one
/// that counts first.
///
/// # Errors
///
/// - a file cannot be read
pub fn documents_named(root: &Path, id: &str) -> Result<Vec<(String, String)>, LakeError> {
    let mut found = Vec::new();
    for (_, path) in files_of(&reports_folder(root))? {
        for row in file::rows(&REPORTS, &path)? {
            let row = row?;
            let of = |name: &str| row[REPORTS.place(name)].as_text().unwrap_or_default().to_owned();
            if of("document_id") == id || of("report_id") == id {
                let is_primary = row[REPORTS.place("is_primary")] == Value::Flag(true);
                found.push((!is_primary, of("url"), of("document_id")));
            }
        }
    }
    found.sort();
    Ok(found.into_iter().map(|(_, url, document)| (document, url)).filter(|(_, url)| !url.is_empty()).collect())
}

/// Every fact of the lake: for a lake that fits into memory, the demo's.
///
/// # Errors
///
/// - a file cannot be read
pub fn stored_facts(root: &Path) -> Result<Vec<StoredFact>, LakeError> {
    let mut found = Vec::new();
    for (partition, path) in files_of(&reports_folder(root))? {
        let of = |row: &Row, name: &str| row[REPORTS.place(name)].as_text().unwrap_or_default().to_owned();
        let urls: BTreeMap<String, String> = file::rows(&REPORTS, &path)?
            .map_ok(|row| (of(&row, "document_id"), of(&row, "url")))
            .collect::<Result<_, _>>()?;
        for row in file::rows(&FACTS, &path_of(root, FACTS.name, &partition))? {
            let row = row?;
            let text = |name: &str| row[FACTS.place(name)].as_text();
            let url = text("document_id").and_then(|id| urls.get(id)).cloned().unwrap_or_default();
            found.push(StoredFact {
                url,
                indicator: text("indicator").unwrap_or_default().to_owned(),
                applicant: text("applicant").map(str::to_owned),
                method: text("method").and_then(|text| text.parse().ok()).unwrap_or(Method::Narrative),
                value: row[FACTS.place("value")].as_decimal(),
            });
        }
    }
    Ok(found)
}
