//! A partition written anew: its file's rows and a batch's, merged as they come
//! by.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use itertools::{EitherOrBoth, Itertools};

use super::commit::{CommitStats, Lake};
use super::documents::{After, Partition};
use super::file;
use super::table::{Row, Table, Value};
use super::tables::{CHECKS, CONFLICTS, FACTS, REPORTS, check_rows, conflict_rows, fact_rows, report_row};
use super::{Document, LakeError, Provenance};
use crate::report::panel::{Given, columns};
use crate::report::tables::form_of_year;
use crate::report::{Form, Method, ReportForm};

/// A document's rows of one table.
type RowsOf = fn(&Document) -> Vec<Row>;

/// A document of a batch.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entering<'b> {
    /// It, as it was read last.
    pub document: &'b Document,
    /// Where and when the batch has it first.
    pub first: &'b Provenance,
    /// When its page said it: first, or again after something else.
    pub said_at: i64,
}

/// What a commit changes.
pub(super) struct Plan<'b> {
    pub lake: &'b Lake,
    pub after: After<'b>,
    /// The batch's documents by partition and id.
    pub entering: BTreeMap<Partition, BTreeMap<&'b str, Entering<'b>>>,
    /// Documents whose rows of before go: withdrawn, or read again.
    pub gone: BTreeSet<&'b str>,
    /// When pages were taken away, by canonical URL.
    pub marks: BTreeMap<String, Value>,
}

impl<'b> Plan<'b> {
    /// A plan that changes nothing.
    pub fn of_nothing(lake: &'b Lake, after: After<'b>) -> Self {
        Self { lake, after, entering: BTreeMap::new(), gone: BTreeSet::new(), marks: BTreeMap::new() }
    }

    /// Writes the panel of a partition alone.
    pub fn rewrite_panel(&self, partition: &Partition) -> Result<(), LakeError> {
        self.write_panel(partition, &self.report_rows(partition)?, &mut CommitStats::default())
    }

    fn write_panel(&self, partition: &Partition, reports: &[Row], stats: &mut CommitStats) -> Result<(), LakeError> {
        let panel = &self.lake.panel;
        let rows = panel.sorted(self.panel_rows(partition, reports)?);
        self.lake.write(panel, &self.lake.path(panel, partition), rows.into_iter().map(Ok), stats)
    }

    /// Writes the tables of a partition, its reports last.
    pub fn rewrite(&self, partition: &Partition, stats: &mut CommitStats) -> Result<(), LakeError> {
        let tables: [(&Table, RowsOf); 3] = [
            (&FACTS, |document| fact_rows(&document.report)),
            (&CHECKS, |document| check_rows(&document.report)),
            (&CONFLICTS, |document| conflict_rows(&document.report)),
        ];
        for (table, rows_of) in tables {
            let path = self.lake.path(table, partition);
            let (id, primary) = (table.place("document_id"), table.place("is_primary"));
            let new = self.entering(partition).flat_map(|one| table.sorted(rows_of(one.document)));
            let rows = merged(table, self.staying(table, partition)?, new).map_ok(|mut row| {
                row[primary] = Value::Flag(self.is_primary(&row[id]));
                row
            });
            self.lake.write(table, &path, rows, stats)?;
        }
        let reports = self.report_rows(partition)?;
        self.write_panel(partition, &reports, stats)?;
        self.lake.write(&REPORTS, &self.lake.path(&REPORTS, partition), reports.into_iter().map(Ok), stats)
    }

    /// The batch's documents that enter a partition, by id.
    fn entering(&self, partition: &Partition) -> impl Iterator<Item = Entering<'b>> {
        self.entering.get(partition).into_iter().flat_map(BTreeMap::values).copied()
    }

    /// The rows of a partition's file whose documents are neither withdrawn nor
    /// read again. What no report row vouches for was left by a killed commit.
    fn staying(
        &self,
        table: &Table,
        partition: &Partition,
    ) -> Result<impl Iterator<Item = Result<Row, LakeError>>, LakeError> {
        let id = table.place("document_id");
        let stays = move |row: &Row| {
            let document = row[id].as_text().unwrap_or_default();
            !self.gone.contains(document) && self.after.is_in(document, partition)
        };
        Ok(file::rows(table, &self.lake.path(table, partition))?.filter(move |row| row.as_ref().map_or(true, stays)))
    }

    fn is_primary(&self, id: &Value) -> bool {
        id.as_text().and_then(|id| self.after.get(id)).is_some_and(|known| known.is_primary)
    }

    fn report_rows(&self, partition: &Partition) -> Result<Vec<Row>, LakeError> {
        let place = |name| REPORTS.place(name);
        let (id, primary, provenance) = (place("document_id"), place("is_primary"), place("portal") + 1);
        let (url, vanished) = (place("canonical_url"), place("vanished_at"));
        let (fetched, said_again) = (place("fetched_at"), place("said_again_at"));
        // Where and when the text was first read stays as it was, but for its portal's
        // name: that may be another today.
        let mut first: BTreeMap<String, Row> = BTreeMap::new();
        let mut rows = Vec::new();
        for row in file::rows(&REPORTS, &self.lake.path(&REPORTS, partition))? {
            let row = row?;
            match row[id].as_text() {
                Some(id) if self.gone.contains(id) => _ = first.insert(id.to_owned(), row),
                Some(id) if self.after.is_in(id, partition) => rows.push(row),
                _ => {}
            }
        }
        for one in self.entering(partition) {
            let mut row = report_row(&one.document.report, one.first, &self.lake.catalogue);
            if let Some(first) = first.get(one.document.report.document_id.as_str()) {
                row[provenance..=vanished].clone_from_slice(&first[provenance..=vanished]);
            }
            let said_at = Value::Instant(one.said_at);
            row[said_again] = if said_at > row[fetched] { said_at } else { Value::Null };
            rows.push(row);
        }
        for row in &mut rows {
            if let Some(at) = row[url].as_text().and_then(|url| self.marks.get(url)) {
                row[vanished] = at.clone();
            }
            row[primary] = Value::Flag(self.is_primary(&row[id]));
        }
        Ok(REPORTS.sorted(rows))
    }

    /// The panel of a partition, made anew of its facts, which stand by document
    /// as the reports do.
    fn panel_rows(&self, partition: &Partition, reports: &[Row]) -> Result<Vec<Row>, LakeError> {
        let place = |name: &str| FACTS.place(name);
        let (id, indicator, applicant, method, value) =
            (place("document_id"), place("indicator"), place("applicant"), place("method"), place("value"));
        let mut facts = file::rows(&FACTS, &self.lake.path(&FACTS, partition))?.peekable();
        let mut rows = Vec::new();
        for report in reports {
            let of = |name: &str| report[REPORTS.place(name)].clone();
            let document = of("document_id");
            let own: Vec<Row> = facts
                .peeking_take_while(|row| row.as_ref().is_ok_and(|row| row[id] <= document))
                .filter_ok(|row| row[id] == document)
                .collect::<Result<_, _>>()?;
            if of("is_primary") != Value::Flag(true) {
                continue;
            }
            let given = own.iter().filter_map(|row| {
                Some(Given {
                    indicator: row[indicator].as_text()?,
                    applicant: row[applicant].as_text().and_then(|text| text.parse().ok()),
                    method: row[method].as_text().and_then(|text| text.parse().ok()).unwrap_or(Method::Narrative),
                    value: row[value].as_decimal(),
                })
            });
            let form = of("form").as_text().and_then(|form| form.parse::<ReportForm>().ok());
            let form = form.and_then(ReportForm::official);
            let form = form.unwrap_or_else(|| partition.report_year.map_or(Form::F2014, form_of_year));
            let mut row: Row = ["report_id", "document_id", "issuer", "region_code", "level", "form"].map(of).to_vec();
            let columns = columns(&given.collect::<Vec<_>>(), form, &self.lake.catalogue);
            row.extend(columns.into_iter().map(|value| Value::maybe(value, Value::amount)));
            rows.push(row);
        }
        // A file that cannot be read to its end must not give half a panel.
        facts.find_map(Result::err).map_or(Ok(rows), Err)
    }
}

/// Rows of before and new ones in the table's order; of two with one key the new
/// one.
pub(super) fn merged(
    table: &Table,
    before: impl Iterator<Item = Result<Row, LakeError>>,
    new: impl Iterator<Item = Row>,
) -> impl Iterator<Item = Result<Row, LakeError>> {
    let order = table.order();
    let stand = move |before: &Result<Row, LakeError>, new: &Row| {
        before.as_ref().map_or(Ordering::Less, |before| order.of(before, new))
    };
    before.merge_join_by(new, stand).map(|either| match either {
        EitherOrBoth::Left(row) => row,
        EitherOrBoth::Right(row) | EitherOrBoth::Both(_, row) => Ok(row),
    })
}
