//! A batch of documents into the partitions.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::damage;
use super::documents::{After, Documents, Known, Partition, page};
use super::file::{self, ON_ITS_WAY, PART, Written, damaged};
use super::rewrite::{Entering, Plan, merged};
use super::strays::strays;
use super::table::{Row, Table, Value};
use super::tables::{
    CHECKS, CONFLICTS, FACTS, FETCHES, INDICATORS, REGIONS, REPORTS, day, fetch_row, indicator_rows, instant, panel,
    region_rows,
};
use super::{Batch, Document, FetchRecord, LakeError, Vanishing};
use crate::faults::{self, FaultPoint};
use crate::page::canonical_url;
use crate::report::Catalogue;

const UNKNOWN: &str = "__HIVE_DEFAULT_PARTITION__";

/// An open lake.
#[derive(Debug)]
pub struct Lake {
    pub(super) root: PathBuf,
    pub(super) catalogue: Catalogue,
    pub(super) panel: Table,
    documents: Documents,
    has_catalogue: bool,
    put_aside: Vec<PathBuf>,
    lost: Vec<PathBuf>,
    without_reports: Vec<PathBuf>,
    strays: Vec<PathBuf>,
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

impl Lake {
    /// Opens a lake in a folder, which is made where it is missing. Nothing in
    /// it that is not a table of ours is touched; a file that is damaged is put
    /// aside, its documents are lost and to be committed again.
    ///
    /// # Errors
    ///
    /// - the folder cannot be read or made
    /// - a file of the lake is of a newer schema
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
        let (catalogue, panel) = (catalogue.clone(), panel(catalogue));
        let strays = strays(root, &panel)?;
        let mut put_aside = damage::put_aside(root, &panel)?;
        let mut documents = Documents::new();
        for (partition, path) in partitions(&root.join(REPORTS.name))? {
            match documents_of(&partition, &path) {
                Ok(found) => documents.extend(found),
                Err(error) => put_aside.push(damage::of_damaged(error)?),
            }
        }
        put_aside.sort();
        let has_catalogue = root.join(INDICATORS.name).join(PART).exists();
        let mut lake = Self {
            root: root.to_owned(),
            catalogue,
            panel,
            documents,
            has_catalogue,
            put_aside,
            lost: Vec::new(),
            without_reports: Vec::new(),
            strays,
        };
        let mut lost = lake.forget_what_lost_its_numbers();
        lost.extend(lake.without_panel().into_iter().map(|partition| lake.path(&lake.panel, partition)));
        lost.sort();
        lake.lost = lost;
        lake.without_reports = lake.numbers_without_reports()?;
        Ok(lake)
    }

    /// The files that were not there when it was opened, though its reports have what
    /// belongs to them.
    #[must_use]
    pub fn lost(&self) -> &[PathBuf] {
        &self.lost
    }

    /// The files of reports that were not there when it was opened, of partitions with
    /// numbers: a commit that was killed left them so, or they were lost. Of a partition
    /// that is gone from all tables nothing tells but whoever committed it.
    #[must_use]
    pub fn without_reports(&self) -> &[PathBuf] {
        &self.without_reports
    }

    /// The files that were damaged when it was opened, where they are now.
    #[must_use]
    pub fn put_aside(&self) -> &[PathBuf] {
        &self.put_aside
    }

    /// The files that stood among those of its tables when it was opened, and that it
    /// did not write.
    #[must_use]
    pub fn strays(&self) -> &[PathBuf] {
        &self.strays
    }

    fn numbers_without_reports(&self) -> Result<Vec<PathBuf>, LakeError> {
        let mut partitions = BTreeSet::new();
        for table in [&FACTS, &CHECKS, &CONFLICTS, &self.panel] {
            partitions.extend(files_of(&self.root.join(table.name))?.into_iter().map(|(partition, _)| partition));
        }
        let reports = partitions.iter().map(|partition| self.path(&REPORTS, partition));
        Ok(reports.filter(|path| !path.exists()).collect())
    }

    /// The partitions whose panels are missing.
    fn without_panel(&self) -> BTreeSet<&Partition> {
        let with_panel = self.documents.values().filter(|known| known.n_values > 0 && known.is_primary);
        let mut partitions: BTreeSet<&Partition> = with_panel.map(|known| &known.partition).collect();
        partitions.retain(|partition| !self.path(&self.panel, partition).exists());
        partitions
    }

    /// Makes the panels anew that are missing: all that they need are other tables.
    ///
    /// # Errors
    ///
    /// - a file cannot be read or written
    pub fn make_lost_panels(&self) -> Result<(), LakeError> {
        let plan = Plan::of_nothing(self, After::of(&self.documents));
        self.without_panel().into_iter().try_for_each(|partition| plan.rewrite_panel(partition))
    }

    /// Forgets the documents of partitions of which a file with their numbers is
    /// missing, so that they are taken for lost and committed again. Which they were.
    fn forget_what_lost_its_numbers(&mut self) -> Vec<PathBuf> {
        let mut wanted: BTreeSet<(&Partition, &str)> = BTreeSet::new();
        for known in self.documents.values() {
            let tables = [
                (FACTS.name, known.n_values > 0),
                (CHECKS.name, known.has_checks),
                (CONFLICTS.name, known.has_conflicts),
            ];
            let own = tables.into_iter().filter(|(_, has_rows)| *has_rows);
            wanted.extend(own.map(|(table, _)| (&known.partition, table)));
        }
        let path = |(partition, table): &(&Partition, &str)| path_of(&self.root, table, partition);
        wanted.retain(|file| !path(file).exists());
        let paths = wanted.iter().map(path).collect();
        let lost: BTreeSet<Partition> = wanted.into_iter().map(|(partition, _)| partition.clone()).collect();
        self.documents.retain(|_, known| !lost.contains(&known.partition));
        paths
    }

    /// Whether nothing was ever committed to it when it was opened.
    #[must_use]
    pub fn was_new(&self) -> bool {
        !self.has_catalogue
    }

    /// The number of documents.
    #[must_use]
    pub fn n_documents(&self) -> usize {
        self.documents.len()
    }

    /// Whether a document is in it.
    #[must_use]
    pub fn has_document(&self, id: &str) -> bool {
        self.documents.contains_key(id)
    }

    /// Puts a batch into the lake.
    ///
    /// Facts, checks, conflicts and panel of a partition are written before its
    /// reports, so that a reader who starts from `reports` never misses rows; a
    /// commit that was killed is made whole by committing the same batch again.
    ///
    /// # Errors
    ///
    /// - a file cannot be read or written; those written before are whole
    pub fn commit(&mut self, batch: &Batch) -> Result<CommitStats, LakeError> {
        let mut stats = CommitStats::default();
        let unpartitioned = [(&INDICATORS, indicator_rows(&self.catalogue)), (&REGIONS, region_rows(&self.catalogue))];
        for (table, rows) in unpartitioned {
            let rows = table.sorted(rows).into_iter().map(Ok);
            self.write(table, &self.root.join(table.name).join(PART), rows, &mut stats)?;
        }
        self.fetches(&batch.fetches, &mut stats)?;
        let (plan, touched) = self.plan(batch, &mut stats)?;
        for partition in &touched {
            plan.rewrite(partition, &mut stats)?;
        }
        faults::pass(FaultPoint::LakeCommitted).map_err(|source| LakeError::Io { path: self.root.clone(), source })?;
        for (id, known) in plan.after.changes() {
            match known {
                Some(known) => self.documents.insert(id, known),
                None => self.documents.remove(&id),
            };
        }
        Ok(stats)
    }

    /// What a batch changes, and the partitions that change: those that a
    /// document leaves first.
    fn plan<'b>(&'b self, batch: &'b Batch, stats: &mut CommitStats) -> Result<(Plan<'b>, Vec<Partition>), LakeError> {
        let marks: BTreeMap<String, Value> = batch.vanished.iter().filter_map(mark).collect();
        let (mut left, mut entered) = (BTreeSet::new(), self.partitions_of(&marks)?);
        let mut after = After::of(&self.documents);
        let mut entering: BTreeMap<Partition, BTreeMap<&str, Entering<'_>>> = BTreeMap::new();
        for id in &batch.withdrawn {
            left.extend(after.take(id.as_str()).map(|known| known.partition));
        }
        for (id, one) in self.each_once(batch) {
            let Entering { document, said_at, .. } = one;
            let report = &document.report;
            let partition = Partition {
                report_year: report.report_year,
                province: report.region.as_ref().map(|code| code.province().to_owned()),
            };
            let before = self.documents.get(id);
            stats.n_new_documents += usize::from(before.is_none());
            if let Some(before) = before.filter(|before| before.partition != partition) {
                left.insert(before.partition.clone());
            }
            entered.insert(partition.clone());
            entering.entry(partition.clone()).or_default().insert(id, one);
            let n_values = report.facts.iter().filter(|fact| fact.value.is_some()).count();
            let known = Known {
                partition,
                report_id: report.report_id.as_str().to_owned(),
                page: page_of(document),
                origin: report.origin,
                n_values: i64::try_from(n_values).unwrap_or(i64::MAX),
                published_on: report.published_on.map(day).and_then(|day| day.as_day()),
                said_at,
                is_primary: before.is_some_and(|before| before.is_primary),
                has_checks: !report.checks.is_empty(),
                has_conflicts: !report.conflicts.is_empty(),
            };
            after.put(id, known);
        }
        entered.extend(after.settle());
        let mut touched: Vec<Partition> = left.iter().cloned().collect();
        touched.extend(entered.into_iter().filter(|partition| !left.contains(partition)));
        let read_anew = entering.values().flat_map(BTreeMap::keys).copied();
        let gone = read_anew.chain(batch.withdrawn.iter().map(crate::report::DocumentId::as_str)).collect();
        Ok((Plan { lake: self, after, entering, gone, marks }, touched))
    }

    /// The documents of a batch, each once, in the order of their fetching: the lake is
    /// the same in how many commits they ever came.
    fn each_once<'b>(&self, batch: &'b Batch) -> BTreeMap<&'b str, Entering<'b>> {
        let mut in_order: Vec<&Document> = batch.documents.iter().collect();
        in_order.sort_by_key(|document| document.provenance.fetched_at);
        let of = |document: &'b Document| (page_of(document), document.report.report_id.as_str());
        // When each page said something of a report.
        let mut said: BTreeMap<(u64, &str), BTreeSet<i64>> =
            in_order.iter().map(|document| (of(document), BTreeSet::new())).collect();
        for known in self.documents.values() {
            if let Some(said) = said.get_mut(&(known.page, known.report_id.as_str())) {
                said.insert(known.said_at);
            }
        }
        let mut found: BTreeMap<&str, Entering<'b>> = BTreeMap::new();
        for document in in_order {
            let id = document.report.document_id.as_str();
            let from = &document.provenance;
            let at = from.again_at.or(from.fetched_at).map_or(0, jiff::Timestamp::as_microsecond);
            let said = said.entry(of(document)).or_default();
            let before = found.get(id).map(|one| one.said_at).or_else(|| Some(self.documents.get(id)?.said_at));
            // What its page says still keeps its day; what is said again after something
            // else, which may come with a later commit, is as new as its last saying.
            let is_again = |before: i64| from.again_at.is_some() || said.range(before + 1..at).next().is_some();
            let said_at = before.filter(|before| *before >= at || !is_again(*before)).unwrap_or(at);
            said.insert(said_at);
            let one = found.entry(id).or_insert(Entering { document, first: from, said_at });
            (one.document, one.said_at) = (document, said_at);
        }
        found
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
            for row in file::rows(&REPORTS, &path)? {
                if row?[url].as_text().is_some_and(|url| urls.contains_key(url)) {
                    found.insert(partition);
                    break;
                }
            }
        }
        Ok(found)
    }

    fn fetches(&self, fetches: &[FetchRecord], stats: &mut CommitStats) -> Result<(), LakeError> {
        let mut by_day: BTreeMap<String, Vec<Row>> = BTreeMap::new();
        for fetch in fetches {
            by_day.entry(fetch.fetched_at.strftime("%Y-%m-%d").to_string()).or_default().push(fetch_row(fetch));
        }
        for (day, new) in by_day {
            let path = self.root.join(FETCHES.name).join(format!("fetched_on={day}")).join(PART);
            let rows = merged(&FETCHES, file::rows(&FETCHES, &path)?, FETCHES.sorted(new).into_iter());
            self.write(&FETCHES, &path, rows, stats)?;
        }
        Ok(())
    }

    pub(super) fn write(
        &self,
        table: &Table,
        path: &Path,
        rows: impl Iterator<Item = Result<Row, LakeError>>,
        stats: &mut CommitStats,
    ) -> Result<(), LakeError> {
        match file::write(table, path, rows, &self.catalogue.version)? {
            Written::New => stats.n_files_written += 1,
            Written::AsBefore => stats.n_files_unchanged += 1,
        }
        Ok(())
    }

    pub(super) fn path(&self, table: &Table, partition: &Partition) -> PathBuf {
        path_of(&self.root, table.name, partition)
    }
}

/// The documents of a partition.
fn documents_of(partition: &Partition, path: &Path) -> Result<Vec<(String, Known)>, LakeError> {
    let known =
        |row: Result<Row, LakeError>| known(&row?, partition).ok_or_else(|| damaged(path, "a row is none of ours"));
    file::rows(&REPORTS, path)?.map(known).collect()
}

/// The page of a document in short.
fn page_of(document: &Document) -> u64 {
    let url = document.provenance.url.as_ref().and_then(|url| url.parse().ok()).map(|url| canonical_url(&url));
    page(url.as_deref(), document.report.document_id.as_str())
}

/// The file of a table's partition.
pub(super) fn path_of(root: &Path, table: &str, partition: &Partition) -> PathBuf {
    let year = partition.report_year.map_or_else(|| UNKNOWN.to_owned(), |year| year.to_string());
    let province = partition.province.as_deref().unwrap_or(UNKNOWN);
    root.join(table).join(format!("report_year={year}")).join(format!("province={province}")).join(PART)
}

/// The canonical URL of a page that was taken away or brought back, and the cell
/// that says so.
fn mark(vanishing: &Vanishing) -> Option<(String, Value)> {
    let url = vanishing.url.parse().ok()?;
    Some((canonical_url(&url), Value::maybe(vanishing.at, instant)))
}

fn known(row: &Row, partition: &Partition) -> Option<(String, Known)> {
    let of = |name: &str| &row[REPORTS.place(name)];
    let number = |name: &str| match of(name) {
        Value::Count(n) | Value::Instant(n) => *n,
        _ => 0,
    };
    let known = Known {
        partition: partition.clone(),
        page: page(of("canonical_url").as_text(), of("document_id").as_text()?),
        report_id: of("report_id").as_text()?.to_owned(),
        origin: of("origin").as_text()?.parse().ok()?,
        n_values: number("n_values"),
        published_on: of("published_on").as_day(),
        said_at: number("fetched_at").max(number("said_again_at")),
        is_primary: *of("is_primary") == Value::Flag(true),
        // None of a lake of before checks were counted.
        has_checks: number("n_checks") > 0,
        has_conflicts: number("n_conflicts") > 0,
    };
    Some((of("document_id").as_text()?.to_owned(), known))
}

/// The partitions of a table with their files; what a crash left on its way is
/// removed.
pub(super) fn partitions(table: &Path) -> Result<Vec<(Partition, PathBuf)>, LakeError> {
    folders_of(table)?.iter().try_for_each(|(_, dir)| clear(dir))?;
    files_of(table)
}

/// The partitions of a table with their files, in their order.
pub(super) fn files_of(table: &Path) -> Result<Vec<(Partition, PathBuf)>, LakeError> {
    let files = folders_of(table)?.into_iter().map(|(partition, dir)| (partition, dir.join(PART)));
    let mut found: Vec<_> = files.filter(|(_, path)| path.exists()).collect();
    found.sort();
    Ok(found)
}

/// The folders of a table's partitions. A copy that somebody made of one is none: its
/// rows are those of another partition.
fn folders_of(table: &Path) -> Result<Vec<(Partition, PathBuf)>, LakeError> {
    let mut found = Vec::new();
    for (year, year_dir) in children(table, "report_year=")? {
        for (province, dir) in children(&year_dir, "province=")? {
            found.extend(partition(&year, &province).map(|partition| (partition, dir)));
        }
    }
    Ok(found)
}

/// The partition that the values in the names of its folders say; none where we write
/// no such names.
pub(super) fn partition(year: &str, province: &str) -> Option<Partition> {
    let report_year = match year {
        UNKNOWN => None,
        _ => Some(year.parse::<i16>().ok().filter(|parsed| parsed.to_string() == year)?),
    };
    let is_code = province.len() == 2 && province.bytes().all(|byte| byte.is_ascii_digit());
    let province = match province {
        UNKNOWN => None,
        _ => is_code.then(|| Some(province.to_owned()))?,
    };
    Some(Partition { report_year, province })
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

/// What a folder holds that begins with a prefix: the rest of its name, and its path.
pub(super) fn children(dir: &Path, prefix: &str) -> Result<Vec<(String, PathBuf)>, LakeError> {
    let named = |path: PathBuf| {
        let value = path.file_name()?.to_str()?.strip_prefix(prefix)?.to_owned();
        Some((value, path))
    };
    Ok(entries(dir)?.into_iter().filter_map(named).collect())
}

/// What a folder holds; nothing where it is not there.
pub(super) fn entries(dir: &Path) -> Result<Vec<PathBuf>, LakeError> {
    let fail = |source| LakeError::Io { path: dir.to_owned(), source };
    match std::fs::read_dir(dir) {
        Ok(entries) => entries.map(|entry| Ok(entry.map_err(fail)?.path())).collect(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(source) => Err(fail(source)),
    }
}
