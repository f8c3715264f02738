//! Section 四 since 2019: reconsiderations and lawsuits, fifteen cells in a
//! row under three groups of five headings.

use super::super::catalogue::{Catalogue, Indicator};
use super::super::numbers::{CellValue, cell};
use super::super::types::{Form, ReportForm};
use super::labels::bare;
use super::{Found, Harvest};
use crate::page::{Cell, Grid, Locator};

/// The headings of one group, bare, in the form's order.
pub(super) const RESULTS: [&str; 5] = ["结果维持", "结果纠正", "其他结果", "尚未审结", "总计"];

pub(super) fn read(grid: &Grid, place: &Locator, catalogue: &Catalogue, harvest: &mut Harvest) -> bool {
    let headings: Vec<String> = grid.rows.iter().flat_map(|row| &row.cells).map(|cell| bare(&cell.text)).collect();
    let has = |word: &str| headings.iter().any(|heading| heading.contains(word));
    if !(has("行政复议") && has("行政诉讼") && has("结果维持")) {
        return false;
    }
    let results: Vec<&str> = headings.iter().map(String::as_str).filter(|heading| RESULTS.contains(heading)).collect();
    // Only in the form's order can the order of fifteen cells tell their rows.
    let is_forms_order = results.len() == 15 && results.chunks(5).all(|group| group == RESULTS);
    let direct = headings.iter().position(|heading| heading.contains("直接起诉"));
    let after = headings.iter().position(|heading| heading.contains("复议后起诉"));
    let groups_in_order = matches!((direct, after), (Some(direct), Some(after)) if direct < after);
    let form = match harvest.disclosure_form {
        Some(ReportForm::Form2019) => Form::F2019,
        _ => Form::F2021,
    };
    let rows: Vec<&Indicator> = catalogue
        .rows(form)
        .filter(|row| row.label.starts_with("行政复议 /") || row.label.starts_with("行政诉讼 /"))
        .collect();
    let values = grid.rows.iter().map(|row| row.cells.as_slice()).filter(|cells| is_values(cells)).collect::<Vec<_>>();
    let [cells] = values.as_slice() else {
        for row in rows {
            harvest.refuse(row, None, "", "there is no single row of numbers under the headings", place.clone());
        }
        return true;
    };
    if cells.len() != rows.len() || !is_forms_order || !groups_in_order {
        let text = cells.iter().map(|cell| cell.text.as_str()).collect::<Vec<_>>().join(" | ");
        for row in rows {
            let reason = "the cells cannot be told apart by their headings";
            harvest.refuse(row, None, &text, reason, place.clone());
        }
        return true;
    }
    for (row, cell) in rows.into_iter().zip(*cells) {
        let found = Found {
            place: place.at_cell(cell.row + 1, cell.column + 1),
            confidence: 1.0,
            rule: "fifteen cells under the form's headings",
            heading_unit: None,
        };
        harvest.take(row, None, &cell.text, found);
    }
    true
}

/// A row without words: numbers, marks or blanks, more of them than headings
/// left blank by a broken span.
fn is_values(cells: &[Cell]) -> bool {
    let words = cells.iter().any(|cell| matches!(self::cell(&cell.text), CellValue::Words));
    cells.len() >= 10 && !words
}
