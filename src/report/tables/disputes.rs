//! Section 四 since 2019: reconsiderations and lawsuits, fifteen cells in a
//! row under three groups of five headings.

use super::super::catalogue::{Catalogue, Evidence, Indicator};
use super::super::types::Form;
use super::ready::{Ready, Sheet, end_of, quoted};
use super::{Found, Harvest};

/// The headings of one group, bare, in the form's order.
pub(super) const RESULTS: [&str; 5] = ["结果维持", "结果纠正", "其他结果", "尚未审结", "总计"];

/// Cells from which a row without words is the row of numbers, and not a row
/// of headings left blank by a broken span.
const LEAST_VALUES: usize = 10;

pub(super) fn read(sheet: &Sheet<'_>, catalogue: &Catalogue, harvest: &mut Harvest) -> bool {
    let has = |word: &str| sheet.cells().any(|cell| cell.bare.contains(word));
    if !(has("行政复议") && has("行政诉讼") && has("结果维持")) {
        return false;
    }
    let rows = rows(harvest.form_beside(), catalogue);
    let is_values = |row: &&Vec<Ready<'_>>| {
        row.len() >= LEAST_VALUES && !row.iter().any(Ready::is_words) && !numbers_the_columns(row)
    };
    let mut values: Vec<_> = sheet.rows.iter().filter(is_values).collect();
    // A row in which nothing stands beside one that is filled in was drawn, and
    // means nothing.
    if values.iter().any(|row| !row.iter().all(Ready::is_blank)) {
        values.retain(|row| !row.iter().all(Ready::is_blank));
    }
    let [cells] = values.as_slice() else {
        for row in rows {
            let text = quoted(values.iter().flat_map(|row| row.iter()).take(MOST_QUOTED).map(Ready::text));
            let reason = format!("there are {} rows of numbers under the headings, not one", values.len());
            harvest.refuse(row, None, &text, &reason, sheet.place.clone());
        }
        return true;
    };
    if cells.len() != rows.len() || !are_in_forms_order(sheet) || !reaches_the_end(sheet, cells) {
        let text = quoted(cells.iter().map(Ready::text));
        for row in rows {
            let reason = "the cells cannot be told apart by their headings";
            harvest.refuse(row, None, &text, reason, sheet.place.clone());
        }
        return true;
    }
    let is_wider = sheet.rows.iter().any(|row| end_of(row) > end_of(cells));
    let evidence = if is_wider { Evidence::ColumnsByOrder } else { Evidence::Exact };
    for (row, cell) in rows.into_iter().zip(*cells) {
        let found = Found {
            place: sheet.at(cell),
            label: row.label.as_str().into(),
            confidence: catalogue.confidence(&[evidence]),
            rule: "fifteen cells under the form's headings",
            heading_unit: None,
        };
        harvest.take_value(row, None, cell.text(), &cell.value, found, catalogue);
    }
    true
}

/// Cells that are quoted of rows that cannot be told apart.
const MOST_QUOTED: usize = 45;

/// 1, 2, 3 to the end: a row that numbers the columns.
fn numbers_the_columns(row: &[Ready<'_>]) -> bool {
    row.iter().zip(1_u32..).all(|(cell, n)| cell.text().trim().parse() == Ok(n))
}

/// Whether a row is as wide as the widest but for groups' headings: a narrower one has lost a cell, though
/// a blank one at the table's edge may make up the number.
fn reaches_the_end(sheet: &Sheet<'_>, cells: &[Ready<'_>]) -> bool {
    // A group's heading may span more columns than its five.
    let is_group = |row: &&Vec<Ready<'_>>| row.last().is_some_and(|last| last.cell.column_span > 1 && !last.is_blank());
    sheet.rows.iter().filter(|row| !is_group(row)).all(|row| end_of(row) <= end_of(cells))
}

/// The fifteen rows of a form; 2019's and 2021's differ in nothing but the form
/// that they belong to.
pub(super) fn rows(form: Form, catalogue: &Catalogue) -> Vec<&Indicator> {
    let is_of_disputes = |row: &&Indicator| row.label.starts_with("行政复议 /") || row.label.starts_with("行政诉讼 /");
    catalogue.rows(form).filter(is_of_disputes).collect()
}

/// Only under the form's own headings in its order can the order of fifteen
/// cells tell their rows.
fn are_in_forms_order(sheet: &Sheet<'_>) -> bool {
    let is_result = |cell: &&Ready<'_>| RESULTS.contains(&cell.bare.as_str());
    let printed: Vec<(u32, &str)> =
        sheet.cells().filter(is_result).map(|cell| (cell.cell.column, cell.bare.as_str())).collect();
    let direct = sheet.cells().position(|cell| cell.bare.contains("直接起诉"));
    let after = sheet.cells().position(|cell| cell.bare.contains("复议后起诉"));
    let are_three_groups = |headings: &[(u32, &str)]| {
        headings.len() == 3 * RESULTS.len()
            && headings.chunks(RESULTS.len()).all(|group| group.iter().map(|(_, result)| *result).eq(RESULTS))
    };
    (are_three_groups(&printed) || are_three_groups(&without_repeats(&printed)))
        && matches!((direct, after), (Some(direct), Some(after)) if direct < after)
}

/// Headings without those that stand again in their own column: a converter that
/// knows no spans repeats a cell's text in each position that it covered.
fn without_repeats<'h>(printed: &[(u32, &'h str)]) -> Vec<(u32, &'h str)> {
    let is_first = |(at, heading): &(usize, &(u32, &str))| !printed[..*at].contains(heading);
    printed.iter().enumerate().filter(is_first).map(|(_, heading)| *heading).collect()
}
