//! Provinces' own tables of 2008 to 2018.
//!
//! They have two value columns, this year's and the running total's, and only
//! the first is a fact of the year. Rows are those of `config/local_labels.csv`.
//! Where a page was flattened so that the two numbers ran together, nothing is
//! read; that the table is there says which form the report has.

use std::sync::LazyLock;

use super::super::catalogue::{Catalogue, Evidence, Indicator};
use super::super::types::{Form, ReportForm};
use super::flat::{Piece, is_serial, pieces, values_after};
use super::form2014::{is_whole, may_be_filled_up};
use super::labels::bare;
use super::ready::{Ready, Sheet, quoted};
use super::{Found, Harvest};
use crate::page::Block;
use crate::page::fold::fold;

/// Rows from which a table is a province's own.
const LEAST_ROWS: usize = 3;

pub(super) fn read(
    blocks: &[Block],
    folded: &[String],
    sheets: &[Sheet<'_>],
    catalogue: &Catalogue,
    harvest: &mut Harvest,
) {
    if harvest.disclosure_form.is_some() {
        return;
    }
    let in_tables = sheets.iter().map(|sheet| fold(&sheet.grid.text()));
    let text: String = folded.iter().cloned().chain(in_tables).collect();
    let Some(columns) = Columns::in_text(&text) else { return };
    let pieces = pieces(blocks, &harvest.used);
    if has_rows_of_2014(sheets, &pieces, catalogue) {
        return;
    }
    harvest.disclosure_form = Some(ReportForm::Local);
    let (n_facts, n_unread) = (harvest.facts.len(), harvest.unread.len());
    let mut used: Vec<usize> =
        sheets.iter().filter(|sheet| read_sheet(sheet, catalogue, harvest)).map(|sheet| sheet.block).collect();
    if used.is_empty() {
        read_lines(&pieces, columns, catalogue, harvest, &mut used);
    }
    if harvest.facts.len() + harvest.unread.len() < n_facts + n_unread + LEAST_ROWS {
        harvest.facts.truncate(n_facts);
        harvest.unread.truncate(n_unread);
        return;
    }
    harvest.facts[n_facts..].iter_mut().for_each(|fact| fact.form = None);
    if let (Some(first), Some(last)) = (used.iter().min(), used.iter().max()) {
        harvest.used[*first..=*last].iter_mut().for_each(|used| *used = true);
    }
}

/// Whether the rows are those of the form of 2014, which some fill in with a
/// column for the running total beside it.
fn has_rows_of_2014(sheets: &[Sheet<'_>], pieces: &[Piece], catalogue: &Catalogue) -> bool {
    const ENOUGH: usize = 2;
    let is_of_2014 = |label: &&str| {
        let is_first_level = |row: &Indicator| row.spelling.levels.first().is_some_and(|level| level == label);
        !label.is_empty() && row_of(label, catalogue).is_none() && catalogue.rows(Form::F2014).any(is_first_level)
    };
    let in_tables = sheets.iter().flat_map(Sheet::cells).map(|cell| cell.bare.as_str());
    let in_lines = pieces.iter().map(|piece| piece.bare.as_str());
    in_tables.chain(in_lines).filter(is_of_2014).take(ENOUGH).count() == ENOUGH
}

/// Which of the two value columns comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Columns {
    YearFirst,
    TotalFirst,
}

impl Columns {
    /// The columns of a table's heading in a folded text; none where there is
    /// no such table.
    fn in_text(text: &str) -> Option<Self> {
        let mut heading = text.match_indices("指标").map(|(at, _)| text[at..].chars().take(60).collect::<String>());
        heading.find_map(|heading: String| {
            let total = heading.find("历年累计").or_else(|| heading.find("累计"))?;
            let year = heading.find("年度")?;
            Some(if year < total { Self::YearFirst } else { Self::TotalFirst })
        })
    }
}

/// The row of the forms that a province's label stands for.
fn row_of<'a>(label: &str, catalogue: &'a Catalogue) -> Option<&'a Indicator> {
    static LABELS: LazyLock<Vec<(String, String)>> = LazyLock::new(|| {
        let mut reader = csv::Reader::from_reader(include_str!("../../../config/local_labels.csv").as_bytes());
        let rows = reader.records().filter_map(Result::ok);
        rows.filter_map(|row| Some((bare(row.get(0)?), row.get(1)?.to_owned()))).collect()
    });
    let (_, id) = LABELS.iter().find(|(known, _)| known == label)?;
    catalogue.rows(Form::F2014).find(|row| row.id.as_str() == id)
}

fn read_sheet(sheet: &Sheet<'_>, catalogue: &Catalogue, harvest: &mut Harvest) -> bool {
    let is_total = |text: &str| fold(text).contains("累计");
    let heading = sheet.rows.iter().find(|row| row.iter().any(|cell| is_total(cell.text())));
    let year = heading.and_then(|row| {
        let is_year = |text: &str| (text.contains("年度") || text.ends_with('年')) && !is_total(text);
        row.iter().find(|cell| is_year(&fold(cell.text()))).map(|cell| cell.cell.column)
    });
    let Some(year) = year else { return false };
    for row in &sheet.rows {
        let Some(label) = row.iter().find(|cell| !cell.bare.is_empty()) else { continue };
        let Some(indicator) = row_of(&label.bare, catalogue) else { continue };
        let Some(value) = row.iter().find(|cell| cell.cell.column == year) else { continue };
        if is_whole(sheet, row) && !may_be_filled_up(sheet, row) {
            let found = Found {
                place: sheet.at(value),
                label: label.label(),
                confidence: catalogue.confidence(&[Evidence::LocalTable]),
                rule: "a province's own table, this year's column",
                heading_unit: None,
            };
            harvest.take_value(indicator, None, value.text(), &value.value, found, catalogue);
        } else {
            let reason = "the row has other cells than its heading: its number cannot be told";
            harvest.refuse(indicator, None, &quoted(row.iter().skip(1).map(Ready::text)), reason, sheet.at(value));
        }
    }
    true
}

fn read_lines(pieces: &[Piece], columns: Columns, catalogue: &Catalogue, harvest: &mut Harvest, used: &mut Vec<usize>) {
    // A number of the next row would stand for a blank that was lost.
    let is_numbered = pieces.iter().any(|piece| is_serial(&piece.bare));
    for (at, piece) in pieces.iter().enumerate().filter(|(_, piece)| !piece.is_value) {
        // A unit may stand between the label and its numbers.
        let is_unit = |piece: &Piece| matches!(piece.bare.as_str(), "条" | "件" | "次" | "人" | "个" | "篇");
        let from = at + usize::from(pieces.get(at + 1).is_some_and(is_unit));
        let label = piece.text.split_whitespace().next().map(bare).unwrap_or_default();
        let Some(indicator) = row_of(&piece.bare, catalogue).or_else(|| row_of(&label, catalogue)) else { continue };
        let values = values_after(pieces, from);
        used.push(piece.block);
        if let [first, second] = values
            && !is_numbered
        {
            let value = if columns == Columns::YearFirst { first } else { second };
            let found = Found {
                place: value.place.clone(),
                label: piece.text.as_str().into(),
                confidence: catalogue.confidence(&[Evidence::LocalTable, Evidence::NoGrid]),
                rule: "a province's own table, this year's of two",
                heading_unit: None,
            };
            harvest.take(indicator, &value.text, found, catalogue);
            used.push(second.block);
        } else if !values.is_empty() {
            let text = quoted(values.iter().map(|value| value.text.as_str()));
            let reason = "not two numbers, this year's and the running total's";
            harvest.refuse(indicator, None, &text, reason, piece.place.clone());
        }
    }
}
