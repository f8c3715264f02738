//! Which column of a grid holds this year's numbers, and which cell of a row is in it.

use super::captions;
use super::labels::is_numbered;
use super::period::{self, Told};
use super::ready::{Ready, Sheet, end_of};
use crate::page::Place;
use crate::page::fold::fold;

/// Where the value of a row stands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum RowValue {
    /// In the cell of that place in the row.
    At(usize),
    /// There are numbers, and none is surely the value.
    Unclear,
    /// There are numbers, and the headings do not make one this year's: why.
    NotTold(&'static str),
    /// The row has no cell for it.
    Nowhere,
}

/// Which column of a grid holds this year's numbers.
pub(super) struct ValueColumns {
    /// The grid column that the heading names; none without a heading.
    column: Option<u32>,
    /// Whether the heading names other columns of numbers beside it.
    has_rivals: bool,
    /// Why the headings make none of them this year's.
    not_told: Option<&'static str>,
}

impl ValueColumns {
    pub fn of(sheet: &Sheet<'_>, year: Option<i16>) -> Self {
        for (at, row) in sheet.rows.iter().take(4).enumerate() {
            let texts: Vec<String> = row.iter().map(|cell| fold(cell.text())).collect();
            let is_heading =
                texts.iter().any(|text| text.contains("指标") || text.contains("项目") || text.contains("内容"));
            // A caption over the whole width heads no column: 2016年统计指标表.
            if !is_heading || row.len() < 2 {
                continue;
            }
            // Under a heading over several columns theirs tell more.
            let below = sheet.rows.get(at + 1).filter(|row| is_second_heading(row, year));
            let cells = row.iter().chain(below.into_iter().flatten());
            let headings: Vec<(u32, String)> = cells.map(|cell| (cell.cell.column, fold(cell.text()))).collect();
            if let Some(columns) = Self::named(&headings, sheet, year) {
                return columns;
            }
        }
        Self { column: None, has_rivals: has_more_numbers(sheet), not_told: None }
    }

    /// The column that headings name; none where they name none.
    fn named(headings: &[(u32, String)], sheet: &Sheet<'_>, year: Option<i16>) -> Option<Self> {
        let told: Vec<Told> = headings.iter().map(|(_, text)| period::of_heading(text, year)).collect();
        // Years in the heading: where nothing tells the report's own, the latest.
        let year_of = |text: &String| {
            text.trim_end_matches(['年', '度']).parse::<u16>().ok().filter(|year| (2000..2100).contains(year))
        };
        let latest =
            || headings.iter().enumerate().filter_map(|(index, (_, text))| Some((year_of(text)?, index))).max();
        let is_value = |text: &str| {
            text.contains("统计数") || text.contains("数值") || text.contains("本年") || text.ends_with("年度")
        };
        let first = |of: Told| told.iter().position(|told| *told == of);
        let this = first(Told::ThisYear).or_else(|| first(Told::ThisTerm));
        // 本年 beside 本年累计; a heading that stands twice is one.
        let differs = |this: usize| {
            let is_rival = |at: usize| headings[at].0 != headings[this].0 && headings[at].1 != headings[this].1;
            (0..told.len()).any(|at| told[at] == told[this] && is_rival(at))
        };
        if this.is_some_and(differs) {
            return Some(Self { column: None, has_rivals: true, not_told: Some(SEVERAL_COLUMNS) });
        }
        let named = this.or_else(|| latest().filter(|_| year.is_none()).map(|(_, index)| index)).or_else(|| {
            let mut each = headings.iter().zip(&told);
            each.position(|((_, text), told)| *told == Told::Nothing && is_value(text))
        });
        let other = told.iter().position(|told| matches!(told, Told::Other(_)));
        let is_number = |at: usize| {
            let text = &headings[at].1;
            told[at] != Told::Nothing || year_of(text).is_some() || is_value(text) || text.contains('比')
        };
        match (named, other) {
            (Some(index), _) => {
                let has_rivals = (0..headings.len()).any(|at| at != index && is_number(at)) || has_more_numbers(sheet);
                Some(Self { column: Some(headings[index].0), has_rivals, not_told: None })
            }
            // A column of plain numbers beside it may be this year's.
            (None, Some(_))
                if !headings.iter().any(|(_, text)| {
                    captions::is_of_numbers(text) && period::of_heading(text, year) == Told::Nothing
                }) =>
            {
                Some(Self { column: None, has_rivals: true, not_told: Some(ANOTHER_TIME) })
            }
            _ => None,
        }
    }

    /// Which of a row's cells is the value.
    ///
    /// Beside columns of other numbers only a row of the heading's whole width
    /// tells; a cell too few or too many would put another column's number in
    /// its place. Without them a number that is the row's only one is its value.
    pub fn value(&self, sheet: &Sheet<'_>, cells: &[Ready<'_>]) -> RowValue {
        if cells.len() < 2 {
            return RowValue::Nowhere;
        }
        let numbers: Vec<usize> = (1..cells.len()).filter(|index| cells[*index].is_number()).collect();
        let Some(column) = self.column else {
            let is_unclear = numbers.len() > 1 || (self.has_rivals && !numbers.is_empty());
            if let Some(reason) = self.not_told.filter(|_| !numbers.is_empty()) {
                return RowValue::NotTold(reason);
            }
            return if is_unclear { RowValue::Unclear } else { RowValue::At(cells.len() - 1) };
        };
        let covers =
            |ready: &Ready<'_>| (ready.cell.column..ready.cell.column + ready.cell.column_span).contains(&column);
        let below = cells.iter().position(covers).filter(|index| *index > 0);
        let has_label = cells.iter().any(Ready::is_words);
        match (below, numbers.as_slice()) {
            (Some(index), _) if self.has_rivals && is_whole(sheet, cells) && !may_be_filled_up(sheet, cells) => {
                RowValue::At(index)
            }
            (_, []) if !self.has_rivals => below.map_or(RowValue::Nowhere, RowValue::At),
            (Some(index), [one]) if !self.has_rivals && index == *one => RowValue::At(index),
            (_, [one]) if !self.has_rivals && has_label && !is_whole(sheet, cells) => RowValue::At(*one),
            (_, []) => RowValue::Nowhere,
            _ => RowValue::Unclear,
        }
    }
}

/// Whether a row goes on with the headings above it: it has words only, and one
/// of them a time.
pub(super) fn is_second_heading(row: &[Ready<'_>], year: Option<i16>) -> bool {
    let tells = |cell: &Ready<'_>| period::of_heading(&fold(cell.text()), year) != Told::Nothing;
    // 其中:2013年 is a heading, 其中:1.网站公开 a row's label.
    let is_label = |cell: &Ready<'_>| is_numbered(cell.text()) && !tells(cell);
    row.iter().any(tells) && !row.iter().any(Ready::is_number) && !row.iter().any(is_label)
}

/// Whether most rows have several numbers, whatever the headings say: a heading
/// may be lost. The first cell may number the row.
fn has_more_numbers(sheet: &Sheet<'_>) -> bool {
    let n_numbers = |row: &Vec<Ready<'_>>| row.iter().skip(1).filter(|cell| cell.is_number()).count();
    let (n_one, n_more) = sheet.rows.iter().map(n_numbers).fold((0, 0), |(one, more), n| match n {
        0 => (one, more),
        1 => (one + 1, more),
        _ => (one, more + 1),
    });
    n_more > n_one
}

/// Why a row is unread that is not its heading's.
pub(super) const OTHER_CELLS: &str = "the row has other cells than its heading: its number cannot be told";

/// Why a table's rows are unread.
const ANOTHER_TIME: &str = "the column's heading says that it is of another time than the report's";
pub(super) const SEVERAL_COLUMNS: &str = "the headings do not tell which column is this year's";

/// Why a row is unread that [`may_be_filled_up`].
pub(super) const ENDS_IN_BLANK: &str = "the row ends in a blank, and may have lost a cell before it";

/// Whether a row of a text ends in a blank: what wrote the table may have filled
/// up a row that lost a cell, and what stands in each column is another's.
pub(super) fn may_be_filled_up(sheet: &Sheet<'_>, row: &[Ready<'_>]) -> bool {
    let is_of_text = matches!(sheet.place.place, Place::Line(_));
    is_of_text && row.last().is_some_and(Ready::is_blank) && row.iter().any(Ready::is_number)
}

/// Whether a row reaches as far as its heading and most rows do, and no
/// farther: where the heading itself has lost a cell, no row is whole.
pub(super) fn is_whole(sheet: &Sheet<'_>, row: &[Ready<'_>]) -> bool {
    let heading = sheet.rows.first().map_or(0, |row| end_of(row));
    let Some(last) = row.last().map(|ready| ready.cell) else { return false };
    let end = end_of(row);
    let is_covered = || (end..heading).all(|column| sheet.grid.at(last.row, column).is_some());
    heading == sheet.usual_end && (end == heading || (end < heading && is_covered()))
}
