//! A batch of documents into the partitions.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::file::{self, ON_ITS_WAY, PART, Written};
use super::primary::{Known, Partition, primaries};
use super::table::{Row, Table, Value};
use super::tables::{
    CHECKS, CONFLICTS, FACTS, FETCHES, INDICATORS, REGIONS, REPORTS, check_rows, conflict_rows, fact_rows, fetch_row,
    indicator_rows, instant, panel, region_rows, report_row,
};
use super::{Batch, Document, FetchRecord, LakeError, Vanishing};
use crate::faults::{self, FaultPoint};
use crate::page::canonical_url;
use crate::report::panel::{Given, columns};
use crate::report::{Catalogue, Form, Method, ReportForm};

/// A document's rows of one table.
type RowsOf = fn(&Document) -> Vec<Row>;

const UNKNOWN: &str = "__HIVE_DEFAULT_PARTITION__";

/// An open lake.
#[derive(Debug)]
pub struct Lake {
    root: PathBuf,
    catalogue: Catalogue,
    panel: Table,
    documents: BTreeMap<String, Known>,
}

/// What a commit did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CommitStats {
    /// Documents that were not in the lake before.
    pub n_new_documents: usize,
    /// Files that were written.
    pub n_files_written: usize,
    /// Files that already held these rows.
    pub n_files_unchanged: usize,
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

impl Lake {
    /// The URLs of the documents that count for their reports.
    ///
    /// # Errors
    ///
    /// - a file cannot be read
    pub fn primary_urls(&self) -> Result<Vec<String>, LakeError> {
        let mut urls = Vec::new();
        for (_, path) in partitions(&self.root.join(REPORTS.name))? {
            let rows = file::read(&REPORTS, &path)?;
            let primary = rows.iter().filter(|row| row[REPORTS.place("is_primary")] == Value::Flag(true));
            urls.extend(primary.filter_map(|row| row[REPORTS.place("url")].as_text().map(str::to_owned)));
        }
        Ok(urls)
    }

    /// The URLs of the documents of an id, a document's or a report's; the one
    /// that counts first.
    ///
    /// # Errors
    ///
    /// - a file cannot be read
    pub fn urls_of(&self, id: &str) -> Result<Vec<String>, LakeError> {
        let mut found = Vec::new();
        for (_, path) in partitions(&self.root.join(REPORTS.name))? {
            for row in file::read(&REPORTS, &path)? {
                let of = |name: &str| row[REPORTS.place(name)].as_text().unwrap_or_default().to_owned();
                if of("document_id") == id || of("report_id") == id {
                    let is_primary = row[REPORTS.place("is_primary")] == Value::Flag(true);
                    found.push((!is_primary, of("url")));
                }
            }
        }
        found.sort();
        Ok(found.into_iter().map(|(_, url)| url).filter(|url| !url.is_empty()).collect())
    }

    /// Every fact of the lake: for a lake that fits into memory, the demo's.
    ///
    /// # Errors
    ///
    /// - a file cannot be read
    pub fn all_facts(&self) -> Result<Vec<StoredFact>, LakeError> {
        let mut found = Vec::new();
        for (partition, path) in partitions(&self.root.join(REPORTS.name))? {
            let of = |row: &Row, name: &str| row[REPORTS.place(name)].as_text().unwrap_or_default().to_owned();
            let urls: BTreeMap<String, String> =
                file::read(&REPORTS, &path)?.iter().map(|row| (of(row, "document_id"), of(row, "url"))).collect();
            for row in file::read(&FACTS, &self.path(&FACTS, &partition))? {
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

    /// Opens a lake in a folder, which is made where it is missing. Nothing in
    /// it that is not a table of ours is touched.
    ///
    /// # Errors
    ///
    /// - the folder cannot be read or made
    /// - a file of the lake is damaged, or of a newer schema
    pub fn open(root: &Path, catalogue: &Catalogue) -> Result<Self, LakeError> {
        std::fs::create_dir_all(root).map_err(|source| LakeError::Io { path: root.to_owned(), source })?;
        // Going through the partitions removes what a crash left on its way.
        for table in [FACTS.name, CHECKS.name, CONFLICTS.name, "panel"] {
            partitions(&root.join(table))?;
        }
        for dir in children(&root.join(FETCHES.name), "fetched_on=")?.into_iter().map(|(_, dir)| dir) {
            clear(&dir)?;
        }
        for table in [INDICATORS.name, REGIONS.name] {
            clear(&root.join(table))?;
        }
        let mut documents = BTreeMap::new();
        for (partition, path) in partitions(&root.join(REPORTS.name))? {
            for row in file::read(&REPORTS, &path)? {
                let damaged = || LakeError::Damaged { path: path.clone(), why: "a row is none of ours".to_owned() };
                let (id, known) = known(&row, &partition).ok_or_else(damaged)?;
                documents.insert(id, known);
            }
        }
        Ok(Self { root: root.to_owned(), catalogue: catalogue.clone(), panel: panel(catalogue), documents })
    }

    /// The number of documents.
    #[must_use]
    pub fn n_documents(&self) -> usize {
        self.documents.len()
    }

    /// Puts a batch into the lake.
    ///
    /// Facts, checks, conflicts and panel are written before reports, so that a
    /// reader who starts from `reports` never misses rows; a commit that was
    /// killed is made whole by committing the same batch again.
    ///
    /// # Errors
    ///
    /// - a file cannot be read or written; those written before are whole
    pub fn commit(&mut self, batch: &Batch) -> Result<CommitStats, LakeError> {
        let mut stats = CommitStats::default();
        self.write(&INDICATORS, self.root.join("indicators").join(PART), indicator_rows(&self.catalogue), &mut stats)?;
        self.write(&REGIONS, self.root.join("regions").join(PART), region_rows(&self.catalogue), &mut stats)?;
        self.fetches(&batch.fetches, &mut stats)?;
        let marks: BTreeMap<String, Value> = batch.vanished.iter().filter_map(mark).collect();
        let marked = self.partitions_of(&marks)?;
        let (after, touched) = self.plan(batch, marked, &mut stats);
        let gone: BTreeSet<&str> = batch
            .documents
            .iter()
            .map(|document| document.report.document_id.as_str())
            .chain(batch.withdrawn.iter().map(crate::report::DocumentId::as_str))
            .collect();
        let rows_of: [(&Table, RowsOf); 3] = [
            (&FACTS, |document| fact_rows(&document.report)),
            (&CHECKS, |document| check_rows(&document.report)),
            (&CONFLICTS, |document| conflict_rows(&document.report)),
        ];
        for partition in &touched {
            for (table, rows_of) in rows_of {
                self.rewrite(table, partition, batch, &gone, &after, rows_of, &mut stats)?;
            }
        }
        let mut reports = Vec::new();
        for partition in &touched {
            let rows = self.report_rows(partition, batch, &gone, &after, &marks)?;
            self.panel_of(partition, &rows, &mut stats)?;
            reports.push((partition, rows));
        }
        for (partition, rows) in reports {
            self.write(&REPORTS, self.path(&REPORTS, partition), rows, &mut stats)?;
        }
        faults::pass(FaultPoint::LakeCommitted).map_err(|source| LakeError::Io { path: self.root.clone(), source })?;
        self.documents = after;
        Ok(stats)
    }

    /// The documents as they will be, and the partitions that change: those
    /// that a document leaves first.
    fn plan(
        &self,
        batch: &Batch,
        marked: BTreeSet<Partition>,
        stats: &mut CommitStats,
    ) -> (BTreeMap<String, Known>, Vec<Partition>) {
        let mut after = self.documents.clone();
        let (mut left, mut entered) = (BTreeSet::new(), marked);
        for id in &batch.withdrawn {
            left.extend(after.remove(id.as_str()).map(|known| known.partition));
        }
        for document in &batch.documents {
            let report = &document.report;
            let partition = Partition {
                report_year: report.report_year,
                province: report.region.as_ref().map(|code| code.province().to_owned()),
            };
            let before = self.documents.get(report.document_id.as_str());
            stats.n_new_documents += usize::from(before.is_none());
            if let Some(before) = before.filter(|before| before.partition != partition) {
                left.insert(before.partition.clone());
            }
            entered.insert(partition.clone());
            let fetched_at = document.provenance.fetched_at.map_or(0, jiff::Timestamp::as_microsecond);
            after.insert(
                report.document_id.as_str().to_owned(),
                Known {
                    partition,
                    report_id: report.report_id.as_str().to_owned(),
                    origin: report.origin,
                    n_values: i64::try_from(report.facts.iter().filter(|fact| fact.value.is_some()).count())
                        .unwrap_or(i64::MAX),
                    fetched_at: before.map_or(fetched_at, |before| before.fetched_at),
                    is_primary: false,
                },
            );
        }
        let primary = primaries(&after);
        for (id, known) in &mut after {
            let was = self.documents.get(id).map(|before| before.is_primary);
            known.is_primary = primary.contains(id);
            if was.is_some_and(|was| was != known.is_primary) {
                entered.insert(known.partition.clone());
            }
        }
        let mut touched: Vec<Partition> = left.iter().cloned().collect();
        touched.extend(entered.into_iter().filter(|partition| !left.contains(partition)));
        (after, touched)
    }

    #[allow(clippy::too_many_arguments, reason = "a commit's parts, passed down once")]
    fn rewrite(
        &self,
        table: &Table,
        partition: &Partition,
        batch: &Batch,
        gone: &BTreeSet<&str>,
        after: &BTreeMap<String, Known>,
        rows_of: RowsOf,
        stats: &mut CommitStats,
    ) -> Result<(), LakeError> {
        let path = self.path(table, partition);
        let mut rows = file::read(table, &path)?;
        let (id, primary) = (table.place("document_id"), table.place("is_primary"));
        // What no report row vouches for was left by a killed commit.
        let is_here = |row: &Row| {
            let document = row[id].as_text().unwrap_or_default();
            !gone.contains(document) && after.get(document).is_some_and(|known| known.partition == *partition)
        };
        rows.retain(is_here);
        for document in batch.documents.iter().filter(|document| in_partition(document, partition, after)) {
            rows.extend(rows_of(document));
        }
        for row in &mut rows {
            let is_primary = row[id].as_text().and_then(|id| after.get(id)).is_some_and(|known| known.is_primary);
            row[primary] = Value::Flag(is_primary);
        }
        self.write(table, path, rows, stats)
    }

    fn report_rows(
        &self,
        partition: &Partition,
        batch: &Batch,
        gone: &BTreeSet<&str>,
        after: &BTreeMap<String, Known>,
        marks: &BTreeMap<String, Value>,
    ) -> Result<Vec<Row>, LakeError> {
        let before = file::read(&REPORTS, &self.path(&REPORTS, partition))?;
        let (id, primary) = (REPORTS.place("document_id"), REPORTS.place("is_primary"));
        let provenance = REPORTS.place("portal");
        let mut rows: Vec<Row> = Vec::new();
        for document in batch.documents.iter().filter(|document| in_partition(document, partition, after)) {
            let mut row = report_row(document, &self.catalogue);
            // Where and when the text was first read stays as it was.
            if let Some(first) = before.iter().find(|first| first[id] == row[id]) {
                row[provenance..].clone_from_slice(&first[provenance..]);
            }
            rows.push(row);
        }
        let stays = |row: &Row| row[id].as_text().is_some_and(|id| !gone.contains(id) && after.contains_key(id));
        rows.extend(before.into_iter().filter(stays));
        let (url, vanished) = (REPORTS.place("canonical_url"), REPORTS.place("vanished_at"));
        for row in &mut rows {
            if let Some(at) = row[url].as_text().and_then(|url| marks.get(url)) {
                row[vanished] = at.clone();
            }
            let is_primary = row[id].as_text().and_then(|id| after.get(id)).is_some_and(|known| known.is_primary);
            row[primary] = Value::Flag(is_primary);
        }
        Ok(rows)
    }

    /// The partitions that hold documents of these URLs. Reads the table: pages
    /// vanish rarely.
    fn partitions_of(&self, urls: &BTreeMap<String, Value>) -> Result<BTreeSet<Partition>, LakeError> {
        let mut found = BTreeSet::new();
        if urls.is_empty() {
            return Ok(found);
        }
        let url = REPORTS.place("canonical_url");
        for (partition, path) in files_of(&self.root.join(REPORTS.name))? {
            let rows = file::read(&REPORTS, &path)?;
            if rows.iter().any(|row| row[url].as_text().is_some_and(|url| urls.contains_key(url))) {
                found.insert(partition);
            }
        }
        Ok(found)
    }

    /// The panel of a partition, made anew of its facts.
    fn panel_of(&self, partition: &Partition, reports: &[Row], stats: &mut CommitStats) -> Result<(), LakeError> {
        let facts = file::read(&FACTS, &self.path(&FACTS, partition))?;
        let place = |name: &str| FACTS.place(name);
        let (id, indicator, applicant, method, value) =
            (place("document_id"), place("indicator"), place("applicant"), place("method"), place("value"));
        let mut by_document: BTreeMap<&str, Vec<Given<'_>>> = BTreeMap::new();
        for row in &facts {
            let (Some(document), Some(indicator)) = (row[id].as_text(), row[indicator].as_text()) else { continue };
            by_document.entry(document).or_default().push(Given {
                indicator,
                applicant: row[applicant].as_text().and_then(|text| text.parse().ok()),
                method: row[method].as_text().and_then(|text| text.parse().ok()).unwrap_or(Method::Narrative),
                value: row[value].as_decimal(),
            });
        }
        let of = |row: &Row, name: &str| row[REPORTS.place(name)].clone();
        let mut rows = Vec::new();
        for report in reports.iter().filter(|report| of(report, "is_primary") == Value::Flag(true)) {
            let form = of(report, "form").as_text().and_then(|form| form.parse::<ReportForm>().ok());
            let form = form.and_then(ReportForm::official).unwrap_or(match partition.report_year {
                Some(2019 | 2020) => Form::F2019,
                Some(2021..) => Form::F2021,
                _ => Form::F2014,
            });
            let given =
                of(report, "document_id").as_text().and_then(|id| by_document.get(id)).cloned().unwrap_or_default();
            let mut row: Row = ["report_id", "document_id", "issuer", "region_code", "level", "form"]
                .map(|name| of(report, name))
                .to_vec();
            row.extend(
                columns(&given, form, &self.catalogue).into_iter().map(|value| Value::maybe(value, Value::amount)),
            );
            rows.push(row);
        }
        self.write(&self.panel, self.path(&self.panel, partition), rows, stats)
    }

    fn fetches(&self, fetches: &[FetchRecord], stats: &mut CommitStats) -> Result<(), LakeError> {
        let mut by_day: BTreeMap<String, Vec<Row>> = BTreeMap::new();
        for fetch in fetches {
            by_day.entry(fetch.fetched_at.strftime("%Y-%m-%d").to_string()).or_default().push(fetch_row(fetch));
        }
        for (day, new) in by_day {
            let path = self.root.join(FETCHES.name).join(format!("fetched_on={day}")).join(PART);
            let mut rows = file::read(&FETCHES, &path)?;
            rows.extend(new);
            self.write(&FETCHES, path, rows, stats)?;
        }
        Ok(())
    }

    fn write(&self, table: &Table, path: PathBuf, rows: Vec<Row>, stats: &mut CommitStats) -> Result<(), LakeError> {
        match file::write(table, &path, rows, &self.catalogue.version)? {
            Written::New => stats.n_files_written += 1,
            Written::AsBefore => stats.n_files_unchanged += 1,
        }
        Ok(())
    }

    fn path(&self, table: &Table, partition: &Partition) -> PathBuf {
        let year = partition.report_year.map_or_else(|| UNKNOWN.to_owned(), |year| year.to_string());
        let province = partition.province.as_deref().unwrap_or(UNKNOWN);
        self.root.join(table.name).join(format!("report_year={year}")).join(format!("province={province}")).join(PART)
    }
}

/// The canonical URL of a page that was taken away or brought back, and the cell
/// that says so.
fn mark(vanishing: &Vanishing) -> Option<(String, Value)> {
    let url = vanishing.url.parse().ok()?;
    Some((canonical_url(&url), Value::maybe(vanishing.at, instant)))
}

fn in_partition(document: &Document, partition: &Partition, after: &BTreeMap<String, Known>) -> bool {
    after.get(document.report.document_id.as_str()).is_some_and(|known| known.partition == *partition)
}

fn known(row: &Row, partition: &Partition) -> Option<(String, Known)> {
    let of = |name: &str| &row[REPORTS.place(name)];
    let number = |name: &str| match of(name) {
        Value::Count(n) | Value::Instant(n) => *n,
        _ => 0,
    };
    let known = Known {
        partition: partition.clone(),
        report_id: of("report_id").as_text()?.to_owned(),
        origin: of("origin").as_text()?.parse().ok()?,
        n_values: number("n_values"),
        fetched_at: number("fetched_at"),
        is_primary: *of("is_primary") == Value::Flag(true),
    };
    Some((of("document_id").as_text()?.to_owned(), known))
}

/// The partitions of a table with their files; what a crash left on its way is
/// removed.
fn partitions(table: &Path) -> Result<Vec<(Partition, PathBuf)>, LakeError> {
    for (_, year_dir) in children(table, "report_year=")? {
        for (_, dir) in children(&year_dir, "province=")? {
            clear(&dir)?;
        }
    }
    files_of(table)
}

/// The partitions of a table with their files, in their order.
pub(super) fn files_of(table: &Path) -> Result<Vec<(Partition, PathBuf)>, LakeError> {
    let mut found = Vec::new();
    for (year, year_dir) in children(table, "report_year=")? {
        for (province, dir) in children(&year_dir, "province=")? {
            let partition =
                Partition { report_year: year.parse().ok(), province: (province != UNKNOWN).then(|| province.clone()) };
            if dir.join(PART).exists() {
                found.push((partition, dir.join(PART)));
            }
        }
    }
    found.sort();
    Ok(found)
}

/// Removes a file of ours that a crash left on its way.
fn clear(dir: &Path) -> Result<(), LakeError> {
    match std::fs::remove_file(dir.join(ON_ITS_WAY)) {
        Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
            Err(LakeError::Io { path: dir.join(ON_ITS_WAY), source })
        }
        _ => Ok(()),
    }
}

fn children(dir: &Path, prefix: &str) -> Result<Vec<(String, PathBuf)>, LakeError> {
    let fail = |source| LakeError::Io { path: dir.to_owned(), source };
    let entries = match std::fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(source) => return Err(fail(source)),
    };
    let mut found = Vec::new();
    for entry in entries {
        let entry = entry.map_err(fail)?;
        if let Some(value) = entry.file_name().to_str().and_then(|name| name.strip_prefix(prefix)) {
            found.push((value.to_owned(), entry.path()));
        }
    }
    Ok(found)
}
