//! The form of 2014: label, unit, number, in a grid's rows or one cell a line.
//!
//! A table is a stream of cells here, whatever drew it: a label (perhaps in
//! pieces, with notes), a unit (perhaps lost), a number. The number that comes
//! next after a whole label is its row's; a second one right behind it makes
//! the row unread, for no one can tell which of the two is meant.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::super::catalogue::{Catalogue, Evidence, Indicator};
use super::super::numbers::{CellValue, cell};
use super::super::types::{Form, ReportForm};
use super::labels::{Labels, Match, bare, has_open_bracket, is_numbered, is_page_number, is_serial};
use super::ready::{Ready, Sheet, one_line, quoted};
use super::value_column::{ENDS_IN_BLANK, OTHER_CELLS, RowValue, ValueColumns, may_be_filled_up};
use super::{Found, Harvest, Money};
use crate::page::fold::{composed, fold, is_han, simplified};
use crate::page::{Block, BlockKind, Locator};

/// Rows from which a run of cells is the form, and not prose that uses its
/// words.
const LEAST_ROWS: usize = 6;

/// Characters from which a line is prose.
const PROSE: usize = 90;

/// Bytes that no label exceeds, its notes and brackets included.
const LONGEST_LABEL: usize = 400;

/// Bytes of a label in pieces, notes included; more are words of no row.
const MOST_LABEL: usize = 1_500;

/// The rule of a number that stood in one line with its label or unit.
const GLUED: &str = "label and number in one line";

/// The rule of a number that stood alone behind its label.
const BEHIND: &str = "the number after the label";

/// The headings of a column of units, bare.
const UNIT_HEADINGS: [&str; 2] = ["单位", "计量单位"];

/// Digits without a separator from which a glued number may be two cells.
const RUN_TOGETHER: usize = 7;

pub(super) fn read(
    blocks: &[Block],
    folded: &[String],
    sheets: &[Sheet<'_>],
    catalogue: &Catalogue,
    harvest: &mut Harvest,
) {
    let in_lines = folded.iter().map(String::as_str);
    let in_tables = sheets.iter().flat_map(Sheet::cells).map(|cell| cell.bare.as_str());
    if !has_labels(in_lines.chain(in_tables), catalogue) {
        return;
    }
    let labels = Labels::of(Form::F2014, catalogue);
    let mut reader = Reader::new(&labels, harvest.report_year);
    let mut sheets = sheets.iter().peekable();
    for (index, block) in blocks.iter().enumerate() {
        reader.block = index;
        let of_block = std::iter::from_fn(|| sheets.next_if(|sheet| sheet.block == index));
        let of_block: Vec<_> = of_block.collect();
        match &block.kind {
            _ if harvest.used[index] => {}
            _ if block.is_fostered() => reader.forget(),
            BlockKind::Table(_) => of_block.into_iter().for_each(|sheet| reader.sheet(sheet)),
            BlockKind::Heading(_, text) | BlockKind::Paragraph(text) => reader.text_line(text, &block.locator),
            BlockKind::List(items) => items.iter().for_each(|item| reader.text_line(item, &block.locator)),
            BlockKind::Control(_) => {}
        }
    }
    reader.release();
    reader.end_row();
    let mut rows: Vec<&str> = reader.taken.iter().map(|taken| taken.row.id.as_str()).collect();
    rows.sort_unstable();
    rows.dedup();
    if rows.len() < LEAST_ROWS {
        if reader.turned.in_one_line.len() >= LEAST_ROWS {
            harvest.disclosure_form.get_or_insert(ReportForm::Form2014);
            for (row, text, place) in reader.turned.in_one_line {
                harvest.refuse(row, None, &text, Turned::REASON, place);
            }
        }
        return;
    }
    if reader.turned.is_sure() {
        let alone = reader.taken.iter_mut().filter(|taken| taken.rule == BEHIND);
        alone.for_each(|taken| taken.refused = Some(Turned::REASON));
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
        let confidence = catalogue.confidence(&[taken.evidence]);
        let found =
            Found { place: taken.place, label: taken.label, confidence, rule: taken.rule, heading_unit: taken.unit };
        match taken.refused {
            Some(reason) => harvest.refuse(taken.row, None, &taken.raw, reason, found.place),
            None => harvest.take(taken.row, &taken.raw, found, catalogue),
        }
    }
}

/// Whether enough of the form's labels stand among folded texts to look for its
/// rows: fewer than it needs rows, for labels may be misspelt or in pieces.
fn has_labels<'t>(texts: impl Iterator<Item = &'t str>, catalogue: &Catalogue) -> bool {
    const ENOUGH: usize = LEAST_ROWS / 2;
    let mut seen = BTreeSet::new();
    for text in texts {
        seen.extend(catalogue.labels_of_2014.find_overlapping_iter(text).map(|found| found.pattern()));
        if seen.len() >= ENOUGH {
            return true;
        }
    }
    false
}

/// A number taken for a row.
struct Taken<'a> {
    row: &'a Indicator,
    raw: String,
    place: Locator,
    block: usize,
    label: Arc<str>,
    unit: Option<Money>,
    evidence: Evidence,
    rule: &'static str,
    refused: Option<&'static str>,
}

struct Reader<'a, 'l> {
    labels: &'l Labels<'a>,
    /// The section's bare heading.
    section: Option<String>,
    /// The pieces of a label that has no number yet.
    pending: String,
    /// The unit of money that stands beside it.
    unit: Option<Money>,
    block: usize,
    taken: Vec<Taken<'a>>,
    /// Whether the last thing seen was a number that was taken.
    just_took: bool,
    /// Whether a unit stood behind the pending label.
    has_unit: bool,
    n_stray: usize,
    report_year: Option<i16>,
    head: Head,
    turned: Turned<'a>,
}

/// What tells that numbers stand before their labels, as where cards show a number
/// and below it what it counts.
#[derive(Default)]
struct Turned<'a> {
    /// Numbers right behind the heading of a section.
    n_behind_headings: usize,
    /// Headings of sections right behind a label without a number.
    n_behind_labels: usize,
    /// Labels with a number before them in one line.
    in_one_line: Vec<(&'a Indicator, String, Locator)>,
}

impl Turned<'_> {
    const REASON: &'static str = "numbers stand before their labels here, and may be other labels'";

    /// Whether numbers that stand alone do: one section may have lost a cell.
    fn is_sure(&self) -> bool {
        self.n_behind_headings > 1 && self.n_behind_labels > 1
    }
}

/// What the headings of a table of a cell a line tell.
#[derive(Default)]
struct Head {
    /// Lines that may still be headings.
    n_left: usize,
    /// Whether the rows are numbered in a column of their own.
    is_numbered: bool,
    /// The last row's number.
    n_rows: u32,
    /// A number that is a value, or numbers the row whose label comes next.
    held: Option<(String, Locator)>,
}

impl<'a, 'l> Reader<'a, 'l> {
    fn new(labels: &'l Labels<'a>, report_year: Option<i16>) -> Self {
        Self {
            labels,
            section: None,
            pending: String::new(),
            unit: None,
            block: 0,
            taken: Vec::new(),
            just_took: false,
            has_unit: false,
            n_stray: 0,
            report_year,
            head: Head::default(),
            turned: Turned::default(),
        }
    }

    /// A line of text that is no table's. Where rows are numbered in a column of
    /// their own the number before a label is no value of the row above it: that
    /// one's may be a blank, which left no line.
    fn text_line(&mut self, text: &str, place: &Locator) {
        self.note_head(text);
        if self.head.is_numbered {
            match cell(text) {
                CellValue::Number(_) => {
                    self.release();
                    self.head.held = Some((text.to_owned(), place.clone()));
                    return;
                }
                CellValue::Words | CellValue::Unreadable(_) if !is_unit(&fold(text)) => self.words_behind_number(text),
                _ => self.release(),
            }
        }
        self.line(text, place);
    }

    /// The number that was held numbers the row of a label behind it. Behind the
    /// last row are words of no row.
    fn words_behind_number(&mut self, text: &str) {
        let Some((number, _)) = &self.head.held else { return };
        let alone = bare(text);
        let is_of_table =
            self.is_label(text) || self.labels.section(&alone).is_some() || self.labels.begins_one(&alone);
        let number = number.trim().parse().ok();
        if is_of_table || number == Some(self.head.n_rows + 1) {
            self.head.n_rows = number.unwrap_or(self.head.n_rows);
            self.head.held = None;
        } else {
            self.release();
        }
    }

    /// Lets the number that was held count as a value.
    fn release(&mut self) {
        if let Some((number, place)) = self.head.held.take() {
            self.line(&number, &place);
        }
    }

    /// Whether a table of lines numbers its rows: its headings tell.
    fn note_head(&mut self, text: &str) {
        const LINES: usize = 6;
        let folded = fold(text);
        let is_serial = is_serial(folded.as_str());
        self.head.n_left = self.head.n_left.saturating_sub(1);
        // Behind 序号 the other headings follow.
        let begins = folded.contains("指标") && folded.len() <= LONGEST_LABEL && self.head.n_left == 0;
        if is_serial || begins {
            self.head = Head { n_left: LINES, is_numbered: is_serial, ..Head::default() };
        }
    }

    /// A line of text: one cell, or a row whose cells were glued.
    fn line(&mut self, text: &str, place: &Locator) {
        let n = text.chars().count();
        if n >= PROSE {
            return self.prose(text, place);
        }
        if is_page_number(&fold(text)) {
            return;
        }
        let behind = text.trim_start_matches(|c: char| c.is_ascii_digit());
        if behind.len() < text.len() && behind.trim_start().starts_with(is_han) {
            let row = self.labels.exact(&bare(behind), self.section.as_deref());
            self.turned.in_one_line.extend(row.map(|row| (row, text.to_owned(), place.clone())));
        }
        if let Some((label, value)) = self.split_glued(text) {
            self.words(&label);
            let before = fold(text.trim_end().strip_suffix(value.as_str()).unwrap_or(text));
            let unit = UNITS.iter().find(|unit| before.ends_with(**unit));
            self.unit = unit.and_then(|unit| Money::of(unit));
            self.value(&value, place, GLUED);
        } else {
            self.cell(text, place);
        }
    }

    /// A long line: prose, or a whole table in one line.
    fn prose(&mut self, text: &str, place: &Locator) {
        self.end_row();
        let is_word = |word: &&str| word.len() < LONGEST_LABEL && !is_rule(word);
        let words: Vec<&str> = text.split_whitespace().filter(is_word).collect();
        let n_rows = words.iter().filter(|word| self.labels.exact(&bare(word), None).is_some()).count();
        if n_rows >= LEAST_ROWS {
            words.into_iter().for_each(|word| self.line(word, place));
        }
    }

    fn sheet(&mut self, sheet: &Sheet<'_>) {
        self.release();
        self.head = Head::default();
        let columns = ValueColumns::of(sheet, self.report_year);
        let units = sheet.cells().find(|cell| UNIT_HEADINGS.contains(&cell.bare.as_str())).map(|cell| cell.cell.column);
        for row in &sheet.rows {
            self.end_row();
            let n_before = self.taken.len();
            let value = columns.value(sheet, row);
            for (index, cell) in row.iter().enumerate() {
                let at = sheet.at(cell);
                match value {
                    RowValue::At(value) if index == value => self.sheet_value(cell, &at),
                    // The other value columns: last year's, the running total.
                    RowValue::At(value) if index > value => {}
                    RowValue::At(_) | RowValue::Unclear | RowValue::NotTold(_) if index > 0 && !cell.is_label() => {}
                    _ => self.line(&cell.label(), &at),
                }
            }
            let reason = match value {
                RowValue::Unclear if may_be_filled_up(sheet, row) => Some(ENDS_IN_BLANK),
                RowValue::Unclear => Some(OTHER_CELLS),
                RowValue::NotTold(reason) => Some(reason),
                RowValue::At(_) | RowValue::Nowhere => None,
            };
            if let (Some(reason), Some(first)) = (reason, row.first()) {
                let numbers = row.iter().filter(|cell| cell.is_number()).map(Ready::text);
                self.refuse(&quoted(numbers), reason, &sheet.place.at_cell(first.cell.row + 1, 1));
            }
            let in_units = row.iter().find(|cell| Some(cell.cell.column) == units);
            if in_units.is_some_and(Ready::is_number) {
                self.doubt_money(n_before);
            }
        }
        self.end_row();
    }

    /// A number that stands where its unit should: of money nobody knows whether
    /// it is 元 or 万元.
    fn doubt_money(&mut self, from: usize) {
        let is_bare = |raw: &str| !raw.contains('元');
        for taken in self.taken.iter_mut().skip(from).filter(|taken| &*taken.row.unit == "万元") {
            if taken.unit.is_none() && is_bare(&taken.raw) {
                taken.refused = Some("a number stands where the row's unit of money should");
            }
        }
    }

    /// The numbers beside a label of which none is surely its own.
    fn refuse(&mut self, numbers: &str, reason: &'static str, place: &Locator) {
        let n = self.taken.len();
        self.value(numbers, place, "the value column of the label's row");
        for taken in &mut self.taken[n..] {
            taken.refused = Some(reason);
        }
    }

    /// The cell of a grid's value column: a blank one is the row's too.
    fn sheet_value(&mut self, cell: &Ready<'_>, place: &Locator) {
        if cell.is_words() {
            self.line(cell.text(), place);
        } else {
            self.value(cell.text(), place, "the value column of the label's row");
        }
    }

    /// One cell on its own.
    fn cell(&mut self, text: &str, place: &Locator) {
        let folded = fold(text);
        match cell(text) {
            CellValue::Blank => {}
            // A page's number in the middle of a label.
            CellValue::Number(_) if has_open_bracket(&self.pending) && !self.has_unit => {}
            CellValue::Number(_) | CellValue::NotReported => self.value(text, place, BEHIND),
            CellValue::Unreadable(_) if is_page_number(&folded) => {}
            CellValue::Unreadable(_)
                if begins_as_number(&folded) && self.current().is_some() && !self.is_label(text) =>
            {
                self.value(text, place, BEHIND);
            }
            _ if is_unit(&folded) => {
                self.unit = unit_of_money(&folded).or(self.unit);
                self.has_unit = true;
            }
            _ => match unit_and_number(text) {
                // Behind a number that was taken for the row's already.
                Some((unit, number)) if self.just_took => {
                    self.cell(unit, place);
                    self.value(number, place, BEHIND);
                }
                _ => self.words(text),
            },
        }
    }

    /// A label, a piece of one, a heading, or words of no row.
    fn words(&mut self, text: &str) {
        self.just_took = false;
        self.unit = None;
        self.has_unit = false;
        if self.pending.len() > MOST_LABEL {
            self.pending.clear();
        }
        let alone = bare(text);
        let section = self.labels.section(&alone).or_else(|| self.labels.section_begun(text));
        if let Some(section) = section {
            self.turned.n_behind_labels += usize::from(self.current().is_some());
            self.section = Some(section.to_owned());
        }
        if section.is_some() || self.pending.is_empty() {
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
        self.pending = if !is_new && goes_on || is_note { joined } else { text.to_owned() };
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
            let is_behind_heading = is_number && self.labels.section(&bare(&self.pending)).is_some();
            self.turned.n_behind_headings += usize::from(is_behind_heading);
            if let Some(last) = self.taken.last_mut().filter(|_| self.just_took && (is_number || text.contains('/'))) {
                last.refused = Some("two numbers stand beside the label");
            }
            self.pending.clear();
            return;
        };
        self.section = Some(found.row.spelling.section.clone());
        self.taken.push(Taken {
            row: found.row,
            raw: text.to_owned(),
            place: place.clone(),
            block: self.block,
            label: one_line(&self.pending),
            unit: self.unit.or_else(|| unit_in_brackets(&self.pending)),
            evidence: found.evidence,
            rule,
            refused: (rule == GLUED && is_run_together(text)).then_some("cells may have run together"),
        });
        self.pending.clear();
        self.unit = None;
        self.has_unit = false;
        self.just_took = is_number;
    }

    /// What follows belongs to nothing that stood before.
    fn forget(&mut self) {
        self.just_took = false;
        self.pending.clear();
    }

    /// Cells of different rows do not belong together; a label's first piece
    /// does with the next row's.
    fn end_row(&mut self) {
        self.just_took = false;
        if self.current().is_some() {
            self.pending.clear();
        }
    }

    /// `收到申请数 件 224`, `收到申请数（单位：件）224`, `收到申请数：224 件`: a label
    /// that is whole, then the number, and at most a unit before or behind it.
    fn split_glued(&self, text: &str) -> Option<(String, String)> {
        // Most lines end in a word.
        let text = text.trim();
        let unit = UNITS.iter().find(|unit| text.strip_suffix(*unit).is_some_and(ends_as_number)).copied();
        let text = unit.and_then(|unit| text.strip_suffix(unit)).map_or(text, str::trim_end);
        if text.ends_with(is_han) {
            return None;
        }
        let text = composed(&simplified(text));
        let is_value = |c: char| c.is_ascii_digit() || "０１２３４５６７８９,，.．/／—-O〇○".contains(c);
        let start = text.char_indices().rev().take_while(|(_, c)| is_value(*c)).last().map(|(at, _)| at)?;
        let (head, value) = text.split_at(start);
        if head.is_empty() || value.is_empty() {
            return None;
        }
        let value = unit.map_or_else(|| value.to_owned(), |unit| format!("{value}{unit}"));
        let head = head.trim_end().trim_end_matches([':', '：']).trim_end();
        let without_unit = UNITS.iter().find_map(|unit| head.strip_suffix(unit)).map(str::trim_end);
        let section = self.section.as_deref();
        for label in [Some(head), without_unit].into_iter().flatten() {
            let joined = format!("{}{label}", self.pending);
            let is_whole = |label: &str| self.labels.exact(&bare(label), section).is_some();
            if is_whole(label) || (!self.pending.is_empty() && is_whole(&joined)) {
                return Some((label.to_owned(), value));
            }
        }
        // A misspelt label is a label only where its unit parts it from the number.
        let is_variant = |label: &&str| self.labels.find(&bare(label), section).is_some();
        without_unit.filter(is_variant).map(|label| (label.to_owned(), value))
    }
}

fn ends_as_number(text: &str) -> bool {
    text.trim_end().ends_with(|c: char| c.is_ascii_digit() || ('０'..='９').contains(&c))
}

/// What parts cells and rows, `|` and `+---+`: no cell of a table in one line, and
/// no mark that nothing is reported.
pub(super) fn is_rule(word: &str) -> bool {
    word.contains(['|', '│', '｜', '+']) && word.chars().all(|c| "|│｜+-=:".contains(c))
}

/// Whether a glued number is long enough to be two cells without their border.
fn is_run_together(text: &str) -> bool {
    text.len() >= RUN_TOGETHER && text.bytes().all(|byte| byte.is_ascii_digit())
}

pub(super) const UNITS: [&str; 14] =
    ["百万元", "千万元", "万元", "亿元", "千元", "人次", "元", "条", "件", "次", "篇", "个", "人", "项"];

pub(super) fn is_unit(folded: &str) -> bool {
    UNITS.contains(&folded)
        || folded.strip_prefix("单位").is_some_and(|rest| UNITS.contains(&rest.trim_start_matches(':')))
}

/// `件 12`: a unit and a number in one line.
fn unit_and_number(text: &str) -> Option<(&str, &str)> {
    let (unit, number) = text.trim().split_once(char::is_whitespace)?;
    (is_unit(&fold(unit)) && matches!(cell(number), CellValue::Number(_))).then_some((unit, number))
}

/// The unit of money that a unit's cell names.
fn unit_of_money(folded: &str) -> Option<Money> {
    Money::of(folded.strip_prefix("单位").unwrap_or(folded).trim_start_matches(':'))
}

/// The unit of money in a label's brackets: 费用(单位:元).
fn unit_in_brackets(label: &str) -> Option<Money> {
    let folded = fold(label);
    let mut inside = folded.split('(').skip(1).filter_map(|rest| rest.split_once(')'));
    inside.find_map(|(inside, _)| unit_of_money(inside))
}

/// A cell that is meant as a number, against a note that has one in it.
fn begins_as_number(folded: &str) -> bool {
    folded.trim_start_matches(['+', '-', '约', '共']).starts_with(|c: char| c.is_ascii_digit())
}
