//! The form of 2014: label, unit, number, in a grid's rows or one cell a line.
//!
//! A table is a stream of cells here, whatever drew it: a label (perhaps in
//! pieces, with notes), a unit (perhaps lost), a number. The number that comes
//! next after a whole label is its row's; a second one right behind it makes
//! the row unread, for no one can tell which of the two is meant.

use super::super::catalogue::{Catalogue, Indicator};
use super::super::numbers::{CellValue, cell};
use super::super::types::{Form, ReportForm};
use super::labels::{Labels, Match, bare, has_open_bracket, is_numbered};
use super::{Found, Harvest};
use crate::page::fold::{fold, simplified};
use crate::page::{Block, BlockKind, Grid, Locator};

/// Rows from which a run of cells is the form, and not prose that uses its
/// words.
const LEAST_ROWS: usize = 6;

/// Characters from which a line is prose.
const PROSE: usize = 90;

/// Bytes of a label in pieces, notes included; more are words of no row.
const MOST_LABEL: usize = 1_500;

/// The rule of a number that stood in one line with its label or unit.
const GLUED: &str = "label and number in one line";

/// Digits without a separator from which a glued number may be two cells.
const RUN_TOGETHER: usize = 7;

pub(super) fn read(blocks: &[Block], catalogue: &Catalogue, harvest: &mut Harvest) {
    let labels = Labels::of(Form::F2014, catalogue);
    let mut reader = Reader::new(&labels);
    for (index, block) in blocks.iter().enumerate() {
        reader.block = index;
        match &block.kind {
            _ if harvest.used[index] => {}
            BlockKind::Table(grid) => reader.grid(grid, &block.locator),
            BlockKind::Heading(_, text) | BlockKind::Paragraph(text) => reader.line(text, &block.locator),
            BlockKind::List(items) => items.iter().for_each(|item| reader.line(item, &block.locator)),
            BlockKind::Control(_) => {}
        }
    }
    reader.end_row();
    let mut rows: Vec<&str> = reader.taken.iter().map(|taken| taken.row.id.as_str()).collect();
    rows.sort_unstable();
    rows.dedup();
    if rows.len() < LEAST_ROWS {
        return;
    }
    let (first, last) = (reader.taken.first().map(|t| t.block), reader.taken.last().map(|t| t.block));
    if let (Some(first), Some(last)) = (first, last) {
        for (index, block) in blocks.iter().enumerate().take(last + 1).skip(first) {
            harvest.used[index] |= block.text().chars().count() < PROSE || matches!(block.kind, BlockKind::Table(_));
        }
    }
    harvest.n_stray_numbers += reader.n_stray;
    harvest.disclosure_form.get_or_insert(ReportForm::Form2014);
    for taken in reader.taken {
        let found = Found { place: taken.place, confidence: taken.confidence, rule: taken.rule, heading_unit: None };
        match taken.refused {
            Some(reason) => harvest.refuse(taken.row, None, &taken.raw, reason, found.place),
            None => harvest.take(taken.row, None, &taken.raw, found),
        }
    }
}

/// A number taken for a row.
struct Taken<'a> {
    row: &'a Indicator,
    raw: String,
    place: Locator,
    block: usize,
    confidence: f32,
    rule: &'static str,
    refused: Option<&'static str>,
}

struct Reader<'a, 'l> {
    labels: &'l Labels<'a>,
    /// The section's bare heading.
    section: Option<String>,
    /// The pieces of a label that has no number yet.
    pending: String,
    block: usize,
    taken: Vec<Taken<'a>>,
    /// Whether the last thing seen was a number that was taken.
    just_took: bool,
    n_stray: usize,
}

impl<'a, 'l> Reader<'a, 'l> {
    fn new(labels: &'l Labels<'a>) -> Self {
        Self {
            labels,
            section: None,
            pending: String::new(),
            block: 0,
            taken: Vec::new(),
            just_took: false,
            n_stray: 0,
        }
    }

    /// A line of text: one cell, or a row whose cells were glued.
    fn line(&mut self, text: &str, place: &Locator) {
        let n = text.chars().count();
        if n >= PROSE {
            return self.prose(text, place);
        }
        if let Some((label, value)) = self.split_glued(text) {
            self.words(&label, place);
            self.value(&value, place, GLUED);
        } else {
            self.cell(text, place);
        }
    }

    /// A long line: prose, or a whole table in one line.
    fn prose(&mut self, text: &str, place: &Locator) {
        self.end_row();
        let words: Vec<&str> = text.split_whitespace().collect();
        let n_rows = words.iter().filter(|word| self.labels.exact(&bare(word), None).is_some()).count();
        if n_rows >= LEAST_ROWS {
            words.into_iter().for_each(|word| self.line(word, place));
        }
    }

    fn grid(&mut self, grid: &Grid, place: &Locator) {
        let columns = ValueColumns::of(grid);
        for row in &grid.rows {
            self.end_row();
            let cells: Vec<_> = row.cells.iter().collect();
            let values = columns.values(&cells);
            for (index, cell) in cells.iter().enumerate() {
                let at = place.at_cell(cell.row + 1, cell.column + 1);
                match values {
                    Some(value) if index == value => self.grid_value(&cell.text, &at),
                    // The other value columns: last year's, the running total.
                    Some(value) if index > value => {}
                    Some(_) if index > 0 && !matches!(self::cell(&cell.text), CellValue::Words) => {}
                    _ => self.line(&cell.text.replace('\n', ""), &at),
                }
            }
        }
        self.end_row();
    }

    /// The cell of a grid's value column: a blank one is the row's too.
    fn grid_value(&mut self, text: &str, place: &Locator) {
        match cell(text) {
            CellValue::Words => self.line(text, place),
            _ => self.value(text, place, "the value column of the label's row"),
        }
    }

    /// One cell on its own.
    fn cell(&mut self, text: &str, place: &Locator) {
        let folded = fold(text);
        match cell(text) {
            CellValue::Blank => {}
            CellValue::Number(_) | CellValue::NotReported => self.value(text, place, "the number after the label"),
            CellValue::Unreadable(_) if is_page_number(&folded) => {}
            CellValue::Unreadable(_)
                if begins_as_number(&folded) && self.current().is_some() && !self.is_label(text) =>
            {
                self.value(text, place, "the number after the label");
            }
            _ if is_unit(&folded) => {}
            _ => self.words(text, place),
        }
    }

    /// A label, a piece of one, a heading, or words of no row.
    fn words(&mut self, text: &str, _place: &Locator) {
        self.just_took = false;
        if self.pending.len() > MOST_LABEL {
            self.pending.clear();
        }
        let alone = bare(text);
        if let Some(section) = self.labels.section(&alone) {
            self.section = Some(section.to_owned());
            text.clone_into(&mut self.pending);
            return;
        }
        if has_open_bracket(&self.pending) {
            self.pending.push_str(text);
            return;
        }
        let section = self.section.as_deref();
        let is_new = is_numbered(text) || self.labels.exact(&alone, section).is_some();
        let joined = format!("{}{text}", self.pending);
        let joined_bare = bare(&joined);
        let goes_on = self.labels.exact(&joined_bare, section).is_some() || self.labels.begins_one(&joined_bare);
        let is_note = fold(text).starts_with('(') && !is_numbered(text);
        self.pending =
            if (!is_new && goes_on || is_note) && !self.pending.is_empty() { joined } else { text.to_owned() };
    }

    /// The row that the pending label names.
    fn current(&self) -> Option<Match<'a>> {
        self.labels.find(&bare(&self.pending), self.section.as_deref())
    }

    fn is_label(&self, text: &str) -> bool {
        self.labels.find(&bare(text), self.section.as_deref()).is_some()
    }

    fn value(&mut self, text: &str, place: &Locator, rule: &'static str) {
        let is_number = !matches!(cell(text), CellValue::Blank | CellValue::NotReported);
        let Some(found) = self.current() else {
            self.n_stray += usize::from(is_number);
            if let Some(last) = self.taken.last_mut().filter(|_| self.just_took && (is_number || text.contains('/'))) {
                last.refused = Some("two numbers stand beside the label");
            }
            self.pending.clear();
            return;
        };
        self.section = Some(bare(&found.row.section));
        self.taken.push(Taken {
            row: found.row,
            raw: text.to_owned(),
            place: place.clone(),
            block: self.block,
            confidence: found.confidence,
            rule,
            refused: (rule == GLUED && is_run_together(text)).then_some("cells may have run together"),
        });
        self.pending.clear();
        self.just_took = is_number;
    }

    /// Cells of different rows do not belong together; a label's first piece
    /// does with the next row's.
    fn end_row(&mut self) {
        self.just_took = false;
        if self.current().is_some() {
            self.pending.clear();
        }
    }

    /// `收到申请数 件 224`, `收到申请数（单位：件）224`: a label that is whole,
    /// then at most a unit, then the number.
    fn split_glued(&self, text: &str) -> Option<(String, String)> {
        let text = simplified(text.trim());
        let is_value = |c: char| c.is_ascii_digit() || "０１２３４５６７８９,，.．/／—-".contains(c);
        let start = text.char_indices().rev().take_while(|(_, c)| is_value(*c)).last().map(|(at, _)| at)?;
        let (head, value) = text.split_at(start);
        if head.is_empty() || value.is_empty() {
            return None;
        }
        let head = head.trim_end();
        let without_unit = UNITS.iter().find_map(|unit| head.strip_suffix(unit)).map(str::trim_end);
        let section = self.section.as_deref();
        for label in [Some(head), without_unit].into_iter().flatten() {
            let joined = format!("{}{label}", self.pending);
            let is_whole = |label: &str| self.labels.exact(&bare(label), section).is_some();
            if is_whole(label) || (!self.pending.is_empty() && is_whole(&joined)) {
                return Some((label.to_owned(), value.to_owned()));
            }
        }
        None
    }
}

/// Whether a glued number is long enough to be two cells without their border.
fn is_run_together(text: &str) -> bool {
    text.len() >= RUN_TOGETHER && text.bytes().all(|byte| byte.is_ascii_digit())
}

const UNITS: [&str; 10] = ["万元", "人次", "元", "条", "件", "次", "篇", "个", "人", "项"];

fn is_unit(folded: &str) -> bool {
    UNITS.contains(&folded)
        || folded.strip_prefix("单位").is_some_and(|rest| UNITS.contains(&rest.trim_start_matches(':')))
}

/// A cell that is meant as a number, against a note that has one in it.
fn begins_as_number(folded: &str) -> bool {
    folded.trim_start_matches(['+', '-', '约', '共']).starts_with(|c: char| c.is_ascii_digit())
}

/// - 4 - , 第4页
fn is_page_number(folded: &str) -> bool {
    let bare = folded.trim_matches(['-', '—', '第', '页', '共', '/', '·']);
    bare.len() < folded.len() && bare.len() <= 3 && !bare.is_empty() && bare.bytes().all(|b| b.is_ascii_digit())
}

/// Which column of a grid holds this year's numbers.
enum ValueColumns {
    /// The heading names one: its grid column.
    Column(u32),
    /// No heading: the last cell of a row.
    Last,
}

impl ValueColumns {
    fn of(grid: &Grid) -> Self {
        for row in grid.rows.iter().take(4) {
            let texts: Vec<String> = row.cells.iter().map(|cell| fold(&cell.text)).collect();
            let is_heading =
                texts.iter().any(|text| text.contains("指标") || text.contains("项目") || text.contains("内容"));
            // Years in the heading: the latest is the report's own.
            let year = |text: &String| {
                text.trim_end_matches(['年', '度']).parse::<u16>().ok().filter(|year| (2000..2100).contains(year))
            };
            let years = texts.iter().enumerate().filter_map(|(index, text)| Some((year(text)?, index)));
            if let Some((_, index)) = years.max().filter(|_| is_heading) {
                return Self::Column(row.cells[index].column);
            }
            let is_value = |text: &String| text.contains("统计数") || text.contains("数值") || text.contains("本年");
            if let Some(index) = texts.iter().position(is_value).filter(|_| is_heading) {
                return Self::Column(row.cells[index].column);
            }
        }
        Self::Last
    }

    /// Which of a row's cells is the value; none where the row has too few.
    fn values(&self, cells: &[&crate::page::Cell]) -> Option<usize> {
        if cells.len() < 2 {
            return None;
        }
        match self {
            Self::Column(column) => cells
                .iter()
                .position(|cell| (cell.column..cell.column + cell.column_span).contains(column))
                .filter(|index| *index > 0),
            Self::Last => Some(cells.len() - 1),
        }
    }
}
