//! Section 三 since 2019: what became of the requests, by applicant.
//!
//! Columns are known by their headings, rows by their labels under their
//! group. A row's values are as many as there are columns; a row with more or
//! fewer is not shifted but left unread.

use super::super::catalogue::{Catalogue, Indicator};
use super::super::ids::Applicant;
use super::super::numbers::{CellValue, cell};
use super::super::types::{Form, ReportForm};
use super::labels::bare;
use super::{Found, Harvest};
use crate::page::{Cell, Grid, Locator, Row};

pub(super) fn read(grid: &Grid, place: &Locator, catalogue: &Catalogue, harvest: &mut Harvest) -> bool {
    let Some(Columns { applicants: columns, form, confidence }) = columns_or_those_before(grid, catalogue, harvest)
    else {
        return false;
    };
    let rows = MatrixRow::all(form, catalogue);
    let n_before = harvest.facts.len() + harvest.unread.len();
    let mut group = String::new();
    for row in &grid.rows {
        let Some((labels, values)) = split(row, columns.len()) else {
            note_group(row, &mut group);
            refuse_ragged(row, &rows, &group, columns.len(), place, harvest);
            continue;
        };
        for label in labels.iter().map(|cell| bare(&cell.text)) {
            if GROUPS.contains(&label.as_str()) {
                group = label;
            }
        }
        let leaf = labels.iter().rev().map(|cell| bare(&cell.text)).find(|label| !label.is_empty());
        let Some(indicator) = leaf.and_then(|leaf| MatrixRow::find(&rows, &leaf, &mut group)) else {
            harvest.n_stray_numbers += values.iter().filter(|cell| is_number(cell)).count();
            continue;
        };
        for (applicant, value) in columns.iter().zip(values) {
            let found = Found {
                place: place.at_cell(value.row + 1, value.column + 1),
                confidence,
                rule: "row by its label, column by its heading",
                heading_unit: None,
            };
            harvest.take(indicator, Some(*applicant), &value.text, found);
        }
    }
    harvest.facts.len() + harvest.unread.len() > n_before
}

/// The columns of a matrix.
#[derive(Debug, Clone)]
pub(super) struct Columns {
    applicants: Vec<Applicant>,
    form: Form,
    confidence: f32,
}

/// A matrix's columns by its headings; or, where a table without headings goes
/// on with the rows of the one before (it broke over a page), that one's.
fn columns_or_those_before(grid: &Grid, catalogue: &Catalogue, harvest: &mut Harvest) -> Option<Columns> {
    if let Some((applicants, confidence)) = columns(grid) {
        let form = match &harvest.matrix {
            // 其他处理 and its parts may stand in the other half.
            Some(before) if !has_result_other(grid) => before.form,
            _ => form_of(grid, harvest.disclosure_form),
        };
        harvest.matrix = Some(Columns { applicants, form, confidence });
        return harvest.matrix.clone();
    }
    let before = harvest.matrix.clone()?;
    let rows = MatrixRow::all(before.form, catalogue);
    let mut group = String::new();
    let mut is_of_it = |row: &Row| {
        let (labels, _) = split(row, before.applicants.len())?;
        labels.iter().rev().map(|cell| bare(&cell.text)).find_map(|label| MatrixRow::find(&rows, &label, &mut group))
    };
    let n = grid.rows.iter().filter(|row| is_of_it(row).is_some()).count();
    (n >= 2).then_some(Columns { confidence: 0.9, ..before })
}

/// Groups of result rows, bare.
pub(super) const GROUPS: [&str; 4] = ["不予公开", "无法提供", "不予处理", "其他处理"];

/// The applicant columns in the order of a row's values, from the headings
/// above the first row of numbers, and how sure that order is. None where this
/// is no matrix.
///
/// Where the headings' own columns are those of a row's values they tell the
/// order. Where spans were lost or do not add up they cannot; all seven
/// headings then stand for the form's own order.
fn columns(grid: &Grid) -> Option<(Vec<Applicant>, f32)> {
    let mut found: Vec<(u32, Applicant)> = Vec::new();
    let mut first_row = None;
    for row in &grid.rows {
        let is_data = row.cells.iter().filter(|cell| is_number(cell)).count() >= 4;
        if is_data || row.cells.iter().any(|cell| bare(&cell.text).contains("本年新收")) {
            first_row = Some(row);
            break;
        }
        for cell in &row.cells {
            let heading = bare(&cell.text);
            let applicant = Applicant::ALL.into_iter().find(|applicant| is_heading(&heading, *applicant));
            if let Some(applicant) = applicant {
                found.push((cell.column, applicant));
            }
        }
    }
    let mut distinct: Vec<Applicant> = found.iter().map(|(_, applicant)| *applicant).collect();
    distinct.sort_unstable();
    distinct.dedup();
    if found.len() < 4 || distinct.len() != found.len() {
        return None;
    }
    found.sort_by_key(|(column, _)| *column);
    let values = first_row.and_then(|row| row.cells.len().checked_sub(found.len()).map(|at| &row.cells[at..]));
    let is_above = |values: &[Cell]| values.iter().zip(&found).all(|(cell, (column, _))| cell.column == *column);
    if values.is_some_and(is_above) {
        return Some((found.into_iter().map(|(_, applicant)| applicant).collect(), 1.0));
    }
    (distinct.len() == Applicant::ALL.len()).then(|| (Applicant::ALL.to_vec(), 0.9))
}

pub(super) fn is_heading(heading: &str, applicant: Applicant) -> bool {
    match applicant {
        Applicant::Enterprise => matches!(heading, "商业企业" | "企业" | "商业组织"),
        Applicant::ResearchInstitution => matches!(heading, "科研机构" | "科研单位"),
        Applicant::PublicWelfareOrganization => matches!(heading, "社会公益组织" | "公益组织"),
        Applicant::LegalService => matches!(heading, "法律服务机构" | "法律服务"),
        Applicant::OtherOrganization => matches!(heading, "其他" | "其它"),
        Applicant::Total => matches!(heading, "总计" | "合计"),
        Applicant::NaturalPerson => heading == "自然人",
    }
}

fn has_result_other(grid: &Grid) -> bool {
    grid.rows.iter().flat_map(|row| &row.cells).any(|cell| bare(&cell.text).contains("其他处理"))
}

/// 2021's form has three rows under 其他处理, 2019's a single one.
fn form_of(grid: &Grid, disclosure: Option<ReportForm>) -> Form {
    form_of_labels(grid.rows.iter().flat_map(|row| &row.cells).map(|cell| bare(&cell.text)), disclosure)
}

pub(super) fn form_of_labels(labels: impl Iterator<Item = String>, disclosure: Option<ReportForm>) -> Form {
    let (mut has_parts, mut has_group) = (false, false);
    for label in labels {
        has_parts |= label.contains("逾期不补正") || label.contains("缴纳费用");
        has_group |= label.contains("其他处理");
    }
    match (has_parts, has_group) {
        (true, _) => Form::F2021,
        (false, true) => Form::F2019,
        (false, false) => {
            disclosure.and_then(ReportForm::official).filter(|form| *form != Form::F2014).unwrap_or(Form::F2019)
        }
    }
}

pub(super) struct MatrixRow<'a> {
    group: Option<&'a str>,
    leaf: &'a str,
    row: &'a Indicator,
}

impl<'a> MatrixRow<'a> {
    pub fn all(form: Form, catalogue: &'a Catalogue) -> Vec<Self> {
        let rows = catalogue.rows(form).filter(|row| !row.applicants.is_empty());
        let made = rows.map(|row| match row.spelling.levels.as_slice() {
            [group, leaf, ..] => Self { group: Some(group), leaf, row },
            levels => Self { group: None, leaf: levels.first().map_or("", String::as_str), row },
        });
        made.collect()
    }

    /// The row of a label under its group; a label that stands once in the
    /// form needs no group, and 总计 ends all groups.
    pub fn find(rows: &[Self], leaf: &str, group: &mut String) -> Option<&'a Indicator> {
        let same: Vec<&Self> = rows.iter().filter(|row| row.leaf == leaf).collect();
        let found = match same.as_slice() {
            [one] if leaf.chars().count() >= 4 || one.group.is_none() => Some(*one),
            several => several.iter().find(|row| row.group == Some(group.as_str())).copied(),
        };
        let found = found.or_else(|| Self::variant(rows, leaf, group))?;
        match &found.group {
            Some(of) => (*of).clone_into(group),
            None => group.clear(),
        }
        Some(found.row)
    }

    /// A clipped or lengthened label that only one row can mean.
    fn variant<'r>(rows: &'r [Self], leaf: &str, group: &str) -> Option<&'r Self> {
        let n = leaf.chars().count();
        if n < 5 {
            return None;
        }
        let near = rows.iter().filter(|row| {
            let m = row.leaf.chars().count();
            let in_group = row.group.is_none_or(|of| group.is_empty() || of == group);
            in_group && n.min(m) * 2 >= n.max(m) && (row.leaf.contains(leaf) || leaf.contains(row.leaf))
        });
        let near: Vec<&Self> = near.collect();
        match near.as_slice() {
            [one] => Some(one),
            _ => None,
        }
    }
}

/// A row's label cells and its values: the last as many cells as there are
/// columns, none of them words, and no number before them.
fn split(row: &Row, n_columns: usize) -> Option<(&[Cell], &[Cell])> {
    let at = row.cells.len().checked_sub(n_columns).filter(|at| *at > 0)?;
    let (labels, values) = row.cells.split_at(at);
    let are_values = values.iter().all(|cell| !matches!(self::cell(&cell.text), CellValue::Words));
    let has_label = labels.iter().any(|cell| bare(&cell.text).chars().count() >= 2);
    (are_values && has_label && !labels.iter().any(is_number)).then_some((labels, values))
}

fn is_number(cell: &Cell) -> bool {
    matches!(self::cell(&cell.text), CellValue::Number(_))
}

/// A group's label may stand in a row of its own.
fn note_group(row: &Row, group: &mut String) {
    for label in row.cells.iter().map(|cell| bare(&cell.text)) {
        if GROUPS.contains(&label.as_str()) {
            *group = label;
        }
    }
}

/// A row of the form with more or fewer numbers than columns.
fn refuse_ragged(
    row: &Row,
    rows: &[MatrixRow<'_>],
    group: &str,
    n_columns: usize,
    place: &Locator,
    harvest: &mut Harvest,
) {
    let n_numbers = row.cells.iter().filter(|cell| is_number(cell)).count();
    if n_numbers == 0 {
        return;
    }
    let mut group = group.to_owned();
    let labels = row.cells.iter().map(|cell| bare(&cell.text)).filter(|label| label.chars().count() >= 2);
    let found = labels.into_iter().filter_map(|label| MatrixRow::find(rows, &label, &mut group)).last();
    let Some(indicator) = found else {
        harvest.n_stray_numbers += n_numbers;
        return;
    };
    let text = row.cells.iter().map(|cell| cell.text.as_str()).collect::<Vec<_>>().join(" | ");
    let reason = format!("the row has {n_numbers} numbers for {n_columns} columns");
    let at = row.cells.first().map_or(1, |cell| cell.row + 1);
    for applicant in Applicant::ALL {
        harvest.refuse(indicator, Some(applicant), &text, &reason, place.at_cell(at, 1));
    }
}
