//! Statistics tables to facts.
//!
//! | file | idea |
//! | --- | --- |
//! | `period` | which time a heading or a caption speaks of |
//! | `captions` | what stands over a table and takes it out of the report |
//! | `ready` | tables with what every reader asks of their cells, computed once |
//! | `labels` | one spelling for labels, and the rows of a form that match one |
//! | `value_column` | which column of a grid holds this year's numbers |
//! | `form2014` | label, unit, number: a grid's rows or one cell a line |
//! | `disclosure` | section 二 since 2019: articles, kinds, columns |
//! | `matrix` | section 三 since 2019: rows by applicant columns |
//! | `applicants` | whose each of its columns is |
//! | `matrix_rows` | its rows by their labels |
//! | `sums` | what a matrix's sums say of its columns |
//! | `disputes` | section 四 since 2019: fifteen cells in a row |
//! | `pairs` | the forms since 2019 as labels with a number each |
//! | `flat` | the forms since 2019 in text without a grid |
//! | `local` | provinces' own tables |
//!
//! A row is found by its label, within its section and under its parent; its
//! order is evidence only, and a form is never filled by order. What is there
//! and cannot be read for certain goes to `unread`.
//!
//! How sure a number is follows from what was missing ([`super::evidence`]); a
//! number below the catalogue's threshold is unread.

mod applicants;
mod captions;
mod disclosure;
mod disputes;
mod flat;
mod form2014;
mod labels;
mod local;
mod matrix;
mod matrix_rows;
mod pairs;
mod period;
mod ready;
mod sums;
mod value_column;

use std::collections::HashSet;
use std::sync::Arc;

use rust_decimal::Decimal;

pub(super) use labels::bare;
pub(super) use period::{is_part_of_a_year, without_whole_years};

use self::ready::{Sheet, quoted};
use super::catalogue::{Catalogue, Evidence, Indicator};
use super::ids::Applicant;
use super::numbers::{CellNumber, CellValue, SIGN_BEHIND, cell, change_downwards, no_change};
use super::types::{Fact, Form, Level, Method, ReportForm, Unread};
use crate::page::fold::fold;
use crate::page::{Block, BlockKind, Locator};

/// What the statistics tables of a report say.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Tables {
    /// The numbers, each once.
    pub facts: Vec<Fact>,
    /// What is there and could not be read for certain.
    pub unread: Vec<Unread>,
    /// Numbers that belong to no row.
    pub n_stray_numbers: usize,
    /// The form of the disclosure table; none where there is no table.
    pub form: Option<ReportForm>,
    /// For each block whether it is part of a statistics table.
    pub used: Vec<bool>,
}

/// What is known of a report before its tables are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Subject {
    /// The year reported on; a table whose form nothing on the page tells has
    /// that of the year.
    pub year: Option<i16>,
    /// The level of who reports.
    pub level: Level,
}

/// Reads the statistics tables among the kept blocks of a report. Numbers that
/// the page says to be of another time or scope than the report's are unread.
#[must_use]
pub fn read(blocks: &[Block], subject: Option<Subject>, catalogue: &Catalogue) -> Tables {
    let report_year = subject.and_then(|subject| subject.year);
    let form_of_year = report_year.map(form_of_year);
    let mut harvest = Harvest { used: vec![false; blocks.len()], form_of_year, report_year, ..Harvest::default() };
    let sheets = Sheet::all(blocks, &harvest.used);
    // A label that fell out of a broken table tells the form as well.
    let fallen: Vec<String> =
        blocks.iter().filter(|block| block.is_fostered()).map(|block| bare(&block.text())).collect();
    let cells = || sheets.iter().flat_map(Sheet::cells);
    harvest.matrix_form = if cells().any(matrix_rows::is_third_of_others) {
        Some(Form::F2021)
    } else {
        let in_tables = cells().map(|cell| cell.bare.as_str());
        matrix_rows::form_of_labels(in_tables.chain(fallen.iter().map(String::as_str)))
    };
    let kinds = disclosure::Kind::all(catalogue);
    // A table that was read goes at once: its facts take its room.
    let mut others = Vec::new();
    for sheet in sheets {
        let mut is_read = disclosure::read(&sheet, &kinds, catalogue, &mut harvest);
        let form = harvest.matrix_form.unwrap_or_else(|| harvest.form_beside());
        is_read |= matrix::read(&sheet, form, catalogue, &mut harvest);
        is_read |= disputes::read(&sheet, catalogue, &mut harvest);
        harvest.used[sheet.block] |= is_read;
        if !is_read {
            others.push(sheet);
        }
    }
    // What is not a table may be one that was flattened into lines.
    let lines: Vec<&Block> = blocks.iter().filter(|block| !matches!(block.kind, BlockKind::Table(_))).collect();
    let folded: Vec<String> = lines.iter().map(|block| fold(&block.text())).collect();
    pairs::read(blocks, &folded, catalogue, &mut harvest);
    flat::read(blocks, &folded, catalogue, &mut harvest);
    local::read(blocks, &folded, &others, catalogue, &mut harvest);
    form2014::read(blocks, &folded, &others, catalogue, &mut harvest);
    if harvest.disclosure_form.is_none() {
        harvest.disclosure_form = form_of_headings(&folded);
        disclosure::refuse_run_together(&lines, &folded, &kinds, &mut harvest);
    }
    if let Some(subject) = subject {
        captions::put_aside(&mut harvest, blocks, subject);
    }
    harvest.settle(catalogue)
}

/// The form whose rows reports of a year fill in.
#[must_use]
pub fn form_of_year(year: i16) -> Form {
    match year {
        ..=2018 => Form::F2014,
        2019 | 2020 => Form::F2019,
        _ => Form::F2021,
    }
}

/// The form of a disclosure table whose cells ran together, by the headings that
/// only one form has: it is there, though no number of it can be told.
fn form_of_headings(folded: &[String]) -> Option<ReportForm> {
    let says = |words: [&str; 2]| folded.iter().any(|line| words.iter().all(|word| line.contains(word)));
    if says(["本年新制作数量", "对外公开总数量"]) {
        Some(ReportForm::Form2019)
    } else if says(["本年制发件数", "现行有效件数"]) {
        Some(ReportForm::Form2021)
    } else {
        None
    }
}

/// Copies of a row that are quoted where they contradict each other.
const MOST_QUOTED: usize = 8;

/// The blocks in which no statistics were read, for the reader of sentences.
#[must_use]
pub fn prose(blocks: &[Block], tables: &Tables) -> Vec<Block> {
    flat::prose(blocks, &tables.used)
}

/// What the readers bring home, before doubles are settled.
#[derive(Debug, Default)]
struct Harvest {
    facts: Vec<Fact>,
    unread: Vec<Unread>,
    n_stray_numbers: usize,
    disclosure_form: Option<ReportForm>,
    /// What the labels of the matrix tell.
    matrix_form: Option<Form>,
    form_of_year: Option<Form>,
    report_year: Option<i16>,
    /// The last matrix, for the rest of it in a table of its own.
    matrix: Option<matrix::Broken>,
    used: Vec<bool>,
}

impl Harvest {
    /// The form of a table that does not tell it: that of the disclosure table,
    /// else of the matrix, else of the year.
    fn form_beside(&self) -> Form {
        let disclosure = self.disclosure_form.and_then(ReportForm::official);
        let forms = [disclosure, self.matrix_form, self.form_of_year];
        forms.into_iter().flatten().find(|form| *form != Form::F2014).unwrap_or(Form::F2021)
    }

    /// Each cell once: two different numbers for one cell make it unread, and
    /// so does too little evidence.
    fn settle(self, catalogue: &Catalogue) -> Tables {
        let mut unread = self.unread;
        let mut seen = HashSet::new();
        unread.retain(|unread| seen.insert((unread.indicator.clone(), unread.applicant)));
        // Sorted by reference: a page may hold a table twenty times.
        let mut all: Vec<(usize, &Fact)> = self.facts.iter().enumerate().collect();
        all.sort_by(|(_, a), (_, b)| (&a.indicator, a.applicant).cmp(&(&b.indicator, b.applicant)));
        let mut kept = Vec::with_capacity(all.len());
        for found in all.chunk_by(|(_, a), (_, b)| (&a.indicator, a.applicant) == (&b.indicator, b.applicant)) {
            // A table printed twice may be blank in one of its copies; a row
            // that stands twice in one table contradicts itself.
            let in_one_table = found.iter().all(|(_, fact)| fact.locator.place == found[0].1.locator.place);
            let is_told = found.iter().any(|(_, fact)| fact.value.is_some());
            let counts = |(_, fact): &&(usize, &Fact)| in_one_table || !is_told || fact.value.is_some();
            let mut counted = found.iter().filter(counts);
            let Some((at, first)) = counted.next() else { continue };
            unread.retain(|unread| (&unread.indicator, unread.applicant) != (&first.indicator, first.applicant));
            let reason = if counted.any(|(_, other)| other.value != first.value) {
                "the row stands there twice with different numbers".to_owned()
            } else if first.confidence < catalogue.confidences.threshold() {
                format!("too little evidence ({:.2}): {}", first.confidence, first.rule)
            } else {
                kept.push(*at);
                continue;
            };
            let raw = quoted(found.iter().take(MOST_QUOTED).map(|(_, fact)| fact.raw.as_str()));
            let (indicator, applicant) = (first.indicator.clone(), first.applicant);
            unread.push(Unread { indicator, applicant, reason, raw: Some(raw), locator: Some(first.locator.clone()) });
        }
        let mut all: Vec<Option<Fact>> = self.facts.into_iter().map(Some).collect();
        let facts: Vec<Fact> = kept.into_iter().filter_map(|at| all[at].take()).collect();
        let form = self.disclosure_form.or_else(|| facts.iter().find_map(|fact| fact.form).map(ReportForm::from));
        Tables { facts, unread, n_stray_numbers: self.n_stray_numbers, form, used: self.used }
    }

    /// Takes a cell for a row: a fact, or a line in `unread`.
    fn take(&mut self, row: &Indicator, text: &str, found: Found, catalogue: &Catalogue) {
        self.take_value(row, None, text, &cell(text), found, catalogue);
    }

    /// The same, of a cell that was read before.
    fn take_value(
        &mut self,
        row: &Indicator,
        applicant: Option<Applicant>,
        text: &str,
        value: &CellValue,
        found: Found,
        catalogue: &Catalogue,
    ) {
        // A sign behind the number tells of a change which way it went, and words
        // that there was none.
        let is_change = row.id.as_str().ends_with(".items_change");
        let change = match value {
            CellValue::Unreadable(SIGN_BEHIND) if is_change => change_downwards(text),
            CellValue::Words | CellValue::Unreadable(_) if is_change => no_change(text),
            _ => None,
        };
        let change = change.map(CellValue::Number);
        let (value, confidence) = match change.as_ref().unwrap_or(value) {
            CellValue::Blank | CellValue::NotReported => (None, found.confidence),
            CellValue::Number(number) => {
                let Some(value) = in_unit_of(number, row, found.heading_unit) else {
                    return self.refuse(row, applicant, text, "its unit is not the row's", found.place);
                };
                if Money::of(&row.unit).is_none() && !value.fract().is_zero() {
                    return self.refuse(row, applicant, text, "a fraction where things are counted", found.place);
                }
                let letter = number.letter_for_zero.then(|| catalogue.confidence(&[Evidence::LetterForZero]));
                (Some(value), found.confidence * letter.unwrap_or(1.0))
            }
            CellValue::Words => {
                return self.refuse(row, applicant, text, "words where a number should be", found.place);
            }
            CellValue::Unreadable(reason) => return self.refuse(row, applicant, text, reason, found.place),
        };
        self.facts.push(Fact {
            indicator: row.id.clone(),
            applicant,
            value,
            unit: row.unit.clone(),
            raw: text.trim().to_owned(),
            method: Method::Table,
            locator: found.place,
            confidence,
            form: Some(row.form),
            label: Some(found.label),
            rule: found.rule.into(),
        });
    }

    fn refuse(&mut self, row: &Indicator, applicant: Option<Applicant>, raw: &str, reason: &str, place: Locator) {
        self.unread.push(Unread {
            indicator: row.id.clone(),
            applicant,
            reason: reason.to_owned(),
            raw: Some(raw.trim().to_owned()),
            locator: Some(place),
        });
    }
}

/// How and where a cell was found.
#[derive(Debug, Clone)]
struct Found {
    place: Locator,
    /// The label beside it as the document prints it.
    label: Arc<str>,
    confidence: f32,
    rule: &'static str,
    /// A unit that the column's heading names, where it is not the row's.
    heading_unit: Option<Money>,
}

/// A unit of money, as so many yuan; counts need none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Money(u64);

impl Money {
    fn of(unit: &str) -> Option<Self> {
        let yuan = match unit.strip_suffix('元')? {
            "" => 1,
            "十" => 10,
            "百" => 100,
            "千" => 1_000,
            "万" => 10_000,
            "十万" => 100_000,
            "百万" => 1_000_000,
            "千万" => 10_000_000,
            "亿" => 100_000_000,
            _ => return None,
        };
        Some(Self(yuan))
    }

    /// The unit that a heading's note names: `（单位：元）`.
    fn in_heading(folded: &str) -> Option<Self> {
        let end = folded.find('元')?;
        let is_multiple = |c: &char| matches!(c, '十' | '百' | '千' | '万' | '亿');
        let length: usize = folded[..end].chars().rev().take_while(is_multiple).map(char::len_utf8).sum();
        Self::of(&folded[end - length..end + '元'.len_utf8()])
    }

    fn in_yuan(self) -> Decimal {
        self.0.into()
    }
}

/// A cell's number in its row's unit; none where the units do not go together.
fn in_unit_of(number: &CellNumber, row: &Indicator, heading: Option<Money>) -> Option<Decimal> {
    let wanted = Money::of(&row.unit);
    let given = number.unit.as_deref().and_then(Money::of);
    match (wanted, given.or(heading)) {
        (Some(wanted), Some(given)) => {
            Some((number.value.checked_mul(given.in_yuan())?.checked_div(wanted.in_yuan())?).normalize())
        }
        (None, _) if given.is_some() => None,
        (Some(_), None) if number.unit.is_some() => None,
        _ => Some(number.value.normalize()),
    }
}
