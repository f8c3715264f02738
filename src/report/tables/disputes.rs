//! Section 四 since 2019: reconsiderations and lawsuits, fifteen cells in a
//! row under three groups of five headings; some print a table for each group,
//! or the groups upright, a result and its number in a row, or a group in a row
//! or in a few rows of its own.

use super::super::catalogue::{Catalogue, Evidence, Indicator};
use super::super::types::Form;
use super::ready::{Ready, Sheet, end_of, quoted};
use super::{Found, Harvest};
use crate::page::fold::fold;

/// The headings of one group, bare, in the form's order.
pub(super) const RESULTS: [&str; 5] = ["结果维持", "结果纠正", "其他结果", "尚未审结", "总计"];

/// The same where each was cut where it broke its line.
const CUT: [&str; 5] = ["结果", "结果", "其他", "尚未", "总计"];

/// The words by which the headings of groups are known, in the form's order.
const GROUPS: [&str; 3] = ["行政复议", "直接起诉", "复议后起诉"];

pub(super) fn read(sheet: &Sheet<'_>, catalogue: &Catalogue, harvest: &mut Harvest) -> bool {
    if !sheet.cells().any(|cell| cell.bare.contains("结果维持") || cell.bare == "尚未") {
        return false;
    }
    let mut groups = groups(sheet);
    if groups.is_empty() {
        // （一）行政复议 above a table of its own.
        groups.extend(group_of(&fold(sheet.above)));
    }
    if groups.is_empty() {
        return false;
    }
    let all = rows(harvest.form_beside(), catalogue);
    let rows: Vec<&Indicator> =
        groups.iter().filter_map(|group| all.chunks(RESULTS.len()).nth(*group)).flatten().copied().collect();
    if let Some(found) = upright(sheet, &groups).or_else(|| group_by_group(sheet, &groups)) {
        for (row, cell) in rows.into_iter().zip(found) {
            take(row, cell, Evidence::Exact, sheet, catalogue, harvest);
        }
        return true;
    }
    // A row of headings left blank by a broken span has fewer.
    let least_values = rows.len() * 2 / 3;
    let is_values = |row: &&Vec<Ready<'_>>| {
        row.len() >= least_values && !row.iter().any(Ready::is_words) && !numbers_the_columns(row)
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
    if cells.len() != rows.len() || !are_in_forms_order(sheet, &groups) || !reaches_the_end(sheet, cells) {
        let text = quoted(cells.iter().map(Ready::text));
        for row in rows {
            let reason = "the cells cannot be told apart by their headings";
            harvest.refuse(row, None, &text, reason, sheet.place.clone());
        }
        return true;
    }
    let is_wider = sheet.rows.iter().any(|row| end_of(row) > end_of(cells));
    let is_cut = sheet.cells().any(|cell| CUT[..CUT.len() - 1].contains(&cell.bare.as_str()));
    let evidence = if is_wider || is_cut { Evidence::ColumnsByOrder } else { Evidence::Exact };
    for (row, cell) in rows.into_iter().zip(*cells) {
        take(row, cell, evidence, sheet, catalogue, harvest);
    }
    true
}

fn take(
    row: &Indicator,
    cell: &Ready<'_>,
    evidence: Evidence,
    sheet: &Sheet<'_>,
    catalogue: &Catalogue,
    harvest: &mut Harvest,
) {
    let found = Found {
        place: sheet.at(cell),
        label: row.label.as_str().into(),
        confidence: catalogue.confidence(&[evidence]),
        rule: "cells under the form's headings",
        heading_unit: None,
    };
    harvest.take_value(row, None, cell.text(), &cell.value, found, catalogue);
}

/// The groups of which a table has headings, as their places in the form.
fn groups(sheet: &Sheet<'_>) -> Vec<usize> {
    let is_headed = |group: &usize| sheet.cells().any(|cell| group_of_cell(cell) == Some(*group));
    (0..GROUPS.len()).filter(is_headed).collect()
}

/// The group that a heading names; none of a section's, which names all.
pub(super) fn group_of(bare: &str) -> Option<usize> {
    let is_section = bare.contains(GROUPS[0]) && bare.contains("行政诉讼");
    (0..GROUPS.len()).rev().find(|group| bare.contains(GROUPS[*group])).filter(|_| !is_section)
}

/// The group that a cell heads, by what is in its brackets too: 行政诉讼（复议后起诉）.
fn group_of_cell(cell: &Ready<'_>) -> Option<usize> {
    group_of(&cell.bare).or_else(|| group_of(&fold(cell.text())).filter(|_| cell.bare == "行政诉讼"))
}

/// The numbers of groups that stand upright, in the form's order: under the
/// heading of each, or beside it, its five results in order, each with one number
/// behind it.
fn upright<'s, 'a>(sheet: &'s Sheet<'a>, groups: &[usize]) -> Option<Vec<&'s Ready<'a>>> {
    let is_result = |cell: &Ready<'_>| RESULTS.contains(&cell.bare.as_str());
    let mut found = Vec::new();
    let (mut group, mut above) = (None, None);
    for row in &sheet.rows {
        let Some(at) = row.iter().position(is_result) else {
            above = row.iter().filter_map(group_of_cell).next_back().or(above);
            continue;
        };
        let [value] = &row[at + 1..] else { return None };
        let beside = row[..at].iter().filter_map(group_of_cell).next_back();
        let headed = beside.or_else(|| above.take());
        let n_before = found.len();
        // A heading stands beside the first of its five, or above it.
        if headed.is_some() != (n_before % RESULTS.len() == 0) || row[at].bare != RESULTS[n_before % RESULTS.len()] {
            return None;
        }
        group = headed.or(group);
        if value.is_words() || group != groups.get(n_before / RESULTS.len()).copied() {
            return None;
        }
        found.push(value);
    }
    (found.len() == groups.len() * RESULTS.len()).then_some(found)
}

/// The numbers of groups that have rows of their own, in the form's order: each of
/// five results headed once in its column, and each group's name before its
/// numbers, in their row or in one above it.
fn group_by_group<'s, 'a>(sheet: &'s Sheet<'a>, groups: &[usize]) -> Option<Vec<&'s Ready<'a>>> {
    let mut columns: Vec<(u32, usize)> = Vec::new();
    let mut group = None;
    let mut found: Vec<Option<&Ready<'_>>> = vec![None; groups.len() * RESULTS.len()];
    for row in &sheet.rows {
        let results: Vec<(u32, usize)> =
            row.iter().filter_map(|cell| Some((cell.cell.column, result_of(cell)?))).collect();
        let named: Vec<usize> = row.iter().filter_map(group_of_cell).collect();
        match (results.as_slice(), named.as_slice()) {
            ([], []) => {}
            ([], [of]) => group = groups.iter().position(|known| known == of),
            // Headings beside a group's name, or of two groups, are another layout's.
            ([_, ..], []) if results.len() == RESULTS.len() => {
                let is_each_once = (0..RESULTS.len()).all(|at| results.iter().any(|(_, of)| *of == at));
                columns = is_each_once.then_some(results)?;
                continue;
            }
            _ => return None,
        }
        let values: Vec<&Ready<'_>> = row.iter().filter(|cell| !cell.is_words()).collect();
        if !values.iter().any(|cell| cell.is_number()) {
            continue;
        }
        let group = group?;
        if values.len() != columns.len() {
            return None;
        }
        for value in values {
            let (_, result) = columns.iter().find(|(column, _)| *column == value.cell.column)?;
            let place = &mut found[group * RESULTS.len() + result];
            // A second row of numbers leaves it open which counts.
            if place.replace(value).is_some() {
                return None;
            }
        }
    }
    found.into_iter().collect()
}

/// The result that a cell heads, by its place in the form.
fn result_of(cell: &Ready<'_>) -> Option<usize> {
    RESULTS.iter().position(|result| *result == cell.bare)
}

/// Cells that are quoted of rows that cannot be told apart.
const MOST_QUOTED: usize = 45;

/// 1, 2, 3 to the end: a row that numbers the columns.
fn numbers_the_columns(row: &[Ready<'_>]) -> bool {
    row.iter().zip(1_u32..).all(|(cell, n)| cell.text().trim().parse() == Ok(n))
}

/// Whether a row is as wide as the widest but for groups' headings: a narrower one
/// has lost a cell, though a blank one at the table's edge may make up the number.
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

/// Only under the form's own headings in its order, cut or not, can the order of fifteen
/// cells tell their rows.
fn are_in_forms_order(sheet: &Sheet<'_>, groups: &[usize]) -> bool {
    let is_result = |cell: &&Ready<'_>| RESULTS.contains(&cell.bare.as_str()) || CUT.contains(&cell.bare.as_str());
    let is_group = |group: &[(u32, &str)]| {
        let own = group.iter().zip(RESULTS.into_iter().zip(CUT));
        group.len() == RESULTS.len() && own.into_iter().all(|((_, of), (whole, cut))| *of == whole || *of == cut)
    };
    let printed: Vec<(u32, &str)> =
        sheet.cells().filter(is_result).map(|cell| (cell.cell.column, cell.bare.as_str())).collect();
    let place = |group: &usize| sheet.cells().position(|cell| group_of_cell(cell) == Some(*group));
    let places: Vec<Option<usize>> = groups.iter().map(place).collect();
    let are_all_groups = |headings: &[(u32, &str)]| {
        headings.len() == groups.len() * RESULTS.len() && headings.chunks(RESULTS.len()).all(is_group)
    };
    (are_all_groups(&printed) || are_all_groups(&without_repeats(&printed))) && places.is_sorted()
}

/// Headings without those that stand again in their own column: a converter that
/// knows no spans repeats a cell's text in each position that it covered.
fn without_repeats<'h>(printed: &[(u32, &'h str)]) -> Vec<(u32, &'h str)> {
    let is_first = |(at, heading): &(usize, &(u32, &str))| !printed[..*at].contains(heading);
    printed.iter().enumerate().filter(is_first).map(|(_, heading)| *heading).collect()
}
