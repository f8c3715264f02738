//! Provinces' own tables of 2008 to 2018.
//!
//! They have two value columns, this year's and the running total's, and only
//! the first is a fact of the year. Rows are those of `config/local_labels.csv`.
//! Where a page was flattened so that the two numbers ran together, nothing is
//! read; that the table is there says which form the report has.

use std::sync::LazyLock;

use super::super::catalogue::{Catalogue, Indicator};
use super::super::types::{Form, ReportForm};
use super::flat::{Piece, pieces, values_after};
use super::labels::bare;
use super::{Found, Harvest};
use crate::page::fold::fold;
use crate::page::{Block, BlockKind, Grid, Locator};

/// Rows from which a table is a province's own.
const LEAST_ROWS: usize = 3;

pub(super) fn read(blocks: &[Block], catalogue: &Catalogue, harvest: &mut Harvest) {
    let text: String = blocks.iter().map(|block| fold(&block.text())).collect();
    let Some(columns) = Columns::in_text(&text).filter(|_| harvest.disclosure_form.is_none()) else { return };
    if has_rows_of_2014(blocks, catalogue) {
        return;
    }
    harvest.disclosure_form = Some(ReportForm::Local);
    let (n_facts, n_unread) = (harvest.facts.len(), harvest.unread.len());
    let mut used = Vec::new();
    for (index, block) in blocks.iter().enumerate() {
        if let BlockKind::Table(grid) = &block.kind
            && read_grid(grid, &block.locator, catalogue, harvest)
        {
            used.push(index);
        }
    }
    if used.is_empty() {
        read_lines(&pieces(blocks, &harvest.used), columns, catalogue, harvest, &mut used);
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
fn has_rows_of_2014(blocks: &[Block], catalogue: &Catalogue) -> bool {
    const ENOUGH: usize = 2;
    let is_of_2014 = |text: &str| {
        let label = bare(text);
        row_of(&label, catalogue).is_none()
            && catalogue.rows(Form::F2014).any(|row| row.spelling.levels.first() == Some(&label))
    };
    let cells = blocks.iter().flat_map(|block| match &block.kind {
        BlockKind::Table(grid) => grid.rows.iter().flat_map(|row| &row.cells).map(|cell| cell.text.clone()).collect(),
        BlockKind::Heading(_, text) | BlockKind::Paragraph(text) if text.chars().count() < 60 => vec![text.clone()],
        _ => vec![],
    });
    cells.filter(|text| is_of_2014(text)).take(ENOUGH).count() == ENOUGH
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

fn found(place: Locator, rule: &'static str) -> Found {
    Found { place, confidence: 0.9, rule, heading_unit: None }
}

fn read_grid(grid: &Grid, place: &Locator, catalogue: &Catalogue, harvest: &mut Harvest) -> bool {
    let is_total = |text: &str| fold(text).contains("累计");
    let heading = grid.rows.iter().find(|row| row.cells.iter().any(|cell| is_total(&cell.text)));
    let year = heading.and_then(|row| {
        let is_year = |text: &str| (text.contains("年度") || text.ends_with('年')) && !is_total(text);
        row.cells.iter().find(|cell| is_year(&fold(&cell.text))).map(|cell| cell.column)
    });
    let Some(year) = year else { return false };
    for row in &grid.rows {
        let label = row.cells.iter().map(|cell| bare(&cell.text)).find(|label| !label.is_empty());
        let Some(indicator) = label.and_then(|label| row_of(&label, catalogue)) else { continue };
        if let Some(cell) = row.cells.iter().find(|cell| cell.column == year) {
            let at = place.at_cell(cell.row + 1, cell.column + 1);
            harvest.take(indicator, None, &cell.text, found(at, "a province's own table, this year's column"));
        }
    }
    true
}

fn read_lines(pieces: &[Piece], columns: Columns, catalogue: &Catalogue, harvest: &mut Harvest, used: &mut Vec<usize>) {
    for (at, piece) in pieces.iter().enumerate().filter(|(_, piece)| !piece.is_value) {
        // A unit may stand between the label and its numbers.
        let is_unit = |piece: &Piece| matches!(piece.bare.as_str(), "条" | "件" | "次" | "人" | "个" | "篇");
        let from = at + usize::from(pieces.get(at + 1).is_some_and(is_unit));
        let label = piece.text.split_whitespace().next().map(bare).unwrap_or_default();
        let Some(indicator) = row_of(&piece.bare, catalogue).or_else(|| row_of(&label, catalogue)) else { continue };
        let values = values_after(pieces, from);
        used.push(piece.block);
        if let [first, second] = values {
            let value = if columns == Columns::YearFirst { first } else { second };
            harvest.take(
                indicator,
                None,
                &value.text,
                found(value.place.clone(), "a province's own table, this year's of two"),
            );
            used.push(second.block);
        } else if !values.is_empty() {
            let text = values.iter().map(|value| value.text.as_str()).collect::<Vec<_>>().join(" | ");
            let reason = "not two numbers, this year's and the running total's";
            harvest.refuse(indicator, None, &text, reason, piece.place.clone());
        }
    }
}
