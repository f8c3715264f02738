//! Section 二 since 2019: for each item of article 20 of the Regulations a
//! heading row and rows of kinds.
//!
//! Headings and data differ in their spans, so a value belongs to the heading
//! at its place in the row's order, where both rows have as many.

use super::super::catalogue::{Catalogue, Indicator};
use super::super::types::{Form, ReportForm};
use super::labels::bare;
use super::{Found, Harvest, Money};
use crate::page::fold::fold;
use crate::page::{Cell, Grid, Locator};

pub(super) fn read(grid: &Grid, place: &Locator, catalogue: &Catalogue, harvest: &mut Harvest) -> bool {
    let kinds = Kind::all(catalogue);
    let mut columns: Vec<&Cell> = Vec::new();
    let mut n_by_form = [0_usize; 2];
    let n_before = harvest.facts.len() + harvest.unread.len();
    for row in &grid.rows {
        let Some(first) = row.cells.first() else { continue };
        let name = bare(&first.text);
        if name == "信息内容" || name == "信息类别" {
            columns = row.cells.iter().skip(1).collect();
            continue;
        }
        if name.starts_with("第二十条") {
            columns.clear();
            continue;
        }
        let of_kind: Vec<&Kind> = kinds.iter().filter(|kind| kind.is_named(&name)).collect();
        if of_kind.is_empty() || columns.is_empty() {
            continue;
        }
        let values: Vec<&Cell> = row.cells.iter().skip(1).collect();
        let rows = columns.iter().map(|column| row_of(&of_kind, &column.text)).collect::<Vec<_>>();
        for (index, found) in rows.iter().enumerate() {
            let Some(indicator) = found else { continue };
            n_by_form[usize::from(indicator.form == Form::F2021)] += 1;
            let Some(value) = values.get(index).filter(|_| values.len() == columns.len()) else {
                let text = values.iter().map(|cell| cell.text.as_str()).collect::<Vec<_>>().join(" | ");
                let reason = "the row has not as many cells as its heading";
                harvest.refuse(indicator, None, &text, reason, place.at_cell(first.row + 1, 1));
                continue;
            };
            let heading_unit = Money::in_heading(&fold(&columns[index].text));
            let found = Found {
                place: place.at_cell(value.row + 1, value.column + 1),
                confidence: 1.0,
                rule: "kind and heading by their order in the row",
                heading_unit,
            };
            harvest.take(indicator, None, &value.text, found);
        }
    }
    let is_read = harvest.facts.len() + harvest.unread.len() > n_before;
    if is_read {
        let form = if n_by_form[1] > n_by_form[0] { ReportForm::Form2021 } else { ReportForm::Form2019 };
        harvest.disclosure_form = Some(form);
    }
    is_read
}

/// A row of the catalogue: item of article 20, kind, column.
pub(super) struct Kind<'a> {
    kind: &'a str,
    pub column: &'a str,
    pub row: &'a Indicator,
}

impl<'a> Kind<'a> {
    pub fn all(catalogue: &'a Catalogue) -> Vec<Self> {
        let rows = catalogue.indicators.iter().filter(|row| row.form != Form::F2014);
        let kind = |row: &'a Indicator| {
            let [_, kind, column] = row.spelling.levels.as_slice() else { return None };
            row.label.starts_with("第二十条").then_some(Self { kind, column, row })
        };
        rows.filter_map(kind).collect()
    }

    /// 规范性文件 stands for 行政规范性文件 and the other way round.
    pub fn is_named(&self, name: &str) -> bool {
        let short = |name: &'_ str| name.trim_start_matches("行政").len();
        let is_document = |name: &str| name.ends_with("规范性文件");
        self.kind == name || (is_document(name) && is_document(self.kind) && short(self.kind) == short(name))
    }
}

pub(super) fn row_of<'a>(kinds: &[&Kind<'a>], heading: &str) -> Option<&'a Indicator> {
    let heading = bare(heading);
    let exact = kinds.iter().find(|kind| kind.column == heading);
    let near = || {
        // 处理决定数量 is 2019's; 本年处理决定数量 2021's: the longer wins.
        let mut near: Vec<_> = kinds.iter().filter(|kind| heading.contains(kind.column)).collect();
        near.sort_by_key(|kind| std::cmp::Reverse(kind.column.len()));
        near.first().copied()
    };
    exact.or_else(near).map(|kind| kind.row)
}
