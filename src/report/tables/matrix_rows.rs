//! The rows of the matrix by their labels, each under its group.

use std::sync::Arc;

use super::super::catalogue::{Catalogue, Evidence, Indicator};
use super::super::types::Form;
use super::labels::{bare, is_numbered, nearest, parts_of_path, shortened};
use super::ready::Ready;
use crate::page::fold::fold;

/// Groups of result rows, bare.
pub(super) const GROUPS: [&str; 4] = ["不予公开", "无法提供", "不予处理", "其他处理"];

/// Which form the matrix of a report has, from all labels of its tables: 2021's
/// has three rows under 其他处理, 2019's a single one. A matrix may be broken
/// over tables, so that no part of it alone can tell.
pub(super) fn form_of_labels<'a>(labels: impl Iterator<Item = &'a str>) -> Option<Form> {
    // Several words of each: a label may have lost a character.
    const PARTS: [&str; 4] = ["逾期不补正", "缴纳费用", "收费通知", "不再处理"];
    let (mut has_parts, mut has_group) = (false, false);
    for label in labels {
        has_parts |= PARTS.iter().any(|part| label.contains(part));
        has_group |= label.contains("其他处理");
    }
    match (has_parts, has_group) {
        (true, _) => Some(Form::F2021),
        (false, true) => Some(Form::F2019),
        (false, false) => None,
    }
}

/// Whether a label is 2021's third row under 其他处理, 3.其他; 2019's has none.
pub(super) fn is_third_of_others(label: &Ready<'_>) -> bool {
    if !label.bare.ends_with(['他', '它']) {
        return false;
    }
    let own = parts_of_path(label.text()).last().unwrap_or_default().trim_start();
    own.starts_with(['3', '３', '③']) && is_numbered(own) && matches!(bare(own).as_str(), "其他" | "其它")
}

pub(super) struct MatrixRow<'a> {
    group: Option<&'a str>,
    leaf: &'a str,
    pub row: &'a Indicator,
}

/// A row that a label means, and how surely.
pub(super) type RowFound<'a> = (&'a Indicator, Evidence);

impl<'a> MatrixRow<'a> {
    pub fn all(form: Form, catalogue: &'a Catalogue) -> Vec<Self> {
        let rows = catalogue.rows(form).filter(|row| !row.applicants.is_empty());
        let made = rows.map(|row| match row.spelling.levels.as_slice() {
            [group, leaf, ..] => Self { group: Some(group), leaf, row },
            levels => Self { group: None, leaf: levels.first().map_or("", String::as_str), row },
        });
        made.collect()
    }

    /// Whether it is a row of a group.
    pub fn is_of(&self, group: &str) -> bool {
        self.group == Some(group)
    }

    /// Whether a bare label is exactly that of a row.
    pub fn is_named(rows: &[Self], bare: &str) -> bool {
        rows.iter().any(|row| row.leaf == bare)
    }

    /// The row of a label under its group; a label that stands once in the
    /// form needs no group, and 总计 ends all groups.
    pub fn find(rows: &[Self], leaf: &str, group: &mut String) -> Option<RowFound<'a>> {
        let mut same = rows.iter().filter(|row| row.leaf == leaf);
        let found = match (same.next(), same.next()) {
            (Some(one), None) if leaf.chars().count() >= 4 || one.group.is_none() => Some(one),
            (None, _) if leaf == "合计" => rows.iter().find(|row| row.leaf == "总计"),
            (None, _) => None,
            _ => rows.iter().find(|row| row.leaf == leaf && row.group == Some(group.as_str())),
        };
        let exact = found.map(|row| (row, Evidence::Exact));
        let (found, evidence) = exact.or_else(|| Some((Self::variant(rows, leaf, group)?, Evidence::LabelVariant)))?;
        match &found.group {
            Some(of) => (*of).clone_into(group),
            None => group.clear(),
        }
        Some((found.row, evidence))
    }

    /// The row of a numbered label in its group, 3.公开出版物 for 3.要求提供公开出版物: the
    /// number is the row's, and the words are among its own in their order.
    fn numbered(rows: &[Self], text: &str, group: &str) -> Option<RowFound<'a>> {
        const LEAST: usize = 4;
        let folded = fold(text);
        let (number, _) = folded.split_at(folded.len() - folded.trim_start_matches(|c: char| c.is_ascii_digit()).len());
        let place = number.parse::<usize>().ok()?.checked_sub(1)?;
        let row = rows.iter().filter(|row| row.group == Some(group)).nth(place)?;
        let own = bare(text);
        let mut left = row.leaf.chars();
        let is_its = own.chars().count() >= LEAST && own.chars().all(|c| left.any(|of| of == c));
        (is_its && is_numbered(text)).then_some((row.row, Evidence::LabelVariant))
    }

    /// The one row of a numbered label whose group is not known: 3.其他 is the third of
    /// one group alone.
    pub fn numbered_alone(rows: &[Self], text: &str, group: &mut String) -> Option<RowFound<'a>> {
        let folded = fold(text);
        let number: usize = folded.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()?;
        let leaf = bare(text);
        let place = |row: &Self| rows.iter().filter(|of| of.group == row.group).position(|of| of.row.id == row.row.id);
        let is_it = |row: &&Self| row.leaf == leaf && row.group.is_some() && place(row) == number.checked_sub(1);
        let mut found = rows.iter().filter(is_it);
        let row = found.next().filter(|_| is_numbered(text) && found.next().is_none())?;
        row.group.unwrap_or_default().clone_into(group);
        Some((row.row, Evidence::LabelVariant))
    }

    /// A clipped, lengthened or misspelt label that only one row can mean.
    fn variant<'r>(rows: &'r [Self], leaf: &str, group: &str) -> Option<&'r Self> {
        // A group's own row has a label too short to be told from a longer one.
        let is_here = |row: &&'r Self| row.group.is_none_or(|of| group.is_empty() || of == group);
        let here = rows.iter().filter(is_here).filter(|row| !GROUPS.contains(&row.leaf)).map(|row| (row.leaf, row));
        nearest(leaf, here.clone()).or_else(|| shortened(leaf, here))
    }
}

/// The row that a row's labels name: its last label, else all of them as one,
/// for a label may be spread over cells.
pub(super) fn row_of<'a>(
    labels: &[Ready<'_>],
    rows: &[MatrixRow<'a>],
    group: &mut String,
) -> Option<(RowFound<'a>, Arc<str>)> {
    let named: Vec<&Ready<'_>> = labels.iter().filter(|cell| !cell.bare.is_empty()).collect();
    let leaf = named.last()?;
    if let Some(found) =
        MatrixRow::find(rows, &leaf.bare, group).or_else(|| MatrixRow::numbered(rows, leaf.text(), group))
    {
        return Some((found, leaf.label()));
    }
    let spread = (2..=named.len()).find_map(|n| {
        let spread = &named[named.len() - n..];
        let joined: String = spread.iter().map(|cell| cell.bare.as_str()).collect();
        let found = MatrixRow::find(rows, &joined, group)?;
        Some((found, spread.iter().map(|cell| cell.text()).collect::<String>().into()))
    });
    spread.or_else(|| {
        // 三、本年度办理结果—(三)不予公开—1.属于国家秘密
        let parts: Vec<String> = parts_of_path(leaf.text()).map(bare).collect();
        let (own, above) = parts.split_last().filter(|(_, above)| !above.is_empty())?;
        if let Some(of) = above.iter().rev().find(|part| GROUPS.contains(&part.as_str())) {
            group.clone_from(of);
        }
        Some((MatrixRow::find(rows, own, group)?, leaf.label()))
    })
}
