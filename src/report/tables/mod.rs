//! Statistics tables to facts.
//!
//! | file | idea |
//! | --- | --- |
//! | `labels` | one spelling for labels, and the rows of a form that match one |
//! | `form2014` | label, unit, number: a grid's rows or one cell a line |
//! | `disclosure` | section 二 since 2019: articles, kinds, columns |
//! | `matrix` | section 三 since 2019: rows by applicant columns |
//! | `disputes` | section 四 since 2019: fifteen cells in a row |
//! | `flat` | the forms since 2019 in text without a grid |
//! | `local` | provinces' own tables |
//!
//! A row is found by its label, within its section and under its parent; its
//! order is evidence only, and a form is never filled by order. What is there
//! and cannot be read for certain goes to `unread`.
//!
//! Confidence: 1.0 where label, section and number are exactly the form's; 0.9
//! where the label is a variant that only one row of its section can mean; 0.8
//! where a letter stood for a zero or the columns were told by their order.

mod disclosure;
mod disputes;
mod flat;
mod form2014;
mod labels;
mod local;
mod matrix;

use std::collections::HashSet;

use rust_decimal::Decimal;

pub(super) use labels::bare;

use super::catalogue::{Catalogue, Indicator};
use super::ids::Applicant;
use super::numbers::{CellNumber, CellValue, cell};
use super::types::{Fact, Method, ReportForm, Unread};
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

/// Reads the statistics tables among the kept blocks of a report.
#[must_use]
pub fn read(blocks: &[Block], catalogue: &Catalogue) -> Tables {
    let mut harvest = Harvest { used: vec![false; blocks.len()], ..Harvest::default() };
    for (index, block) in blocks.iter().enumerate() {
        if let BlockKind::Table(grid) = &block.kind {
            let place = &block.locator;
            let is_read = disclosure::read(grid, place, catalogue, &mut harvest)
                | matrix::read(grid, place, catalogue, &mut harvest)
                | disputes::read(grid, place, catalogue, &mut harvest);
            harvest.used[index] |= is_read;
        }
    }
    flat::read(blocks, catalogue, &mut harvest);
    local::read(blocks, catalogue, &mut harvest);
    form2014::read(blocks, catalogue, &mut harvest);
    harvest.settle()
}

/// What the readers bring home, before doubles are settled.
#[derive(Debug, Default)]
struct Harvest {
    facts: Vec<Fact>,
    unread: Vec<Unread>,
    n_stray_numbers: usize,
    disclosure_form: Option<ReportForm>,
    /// The last matrix's columns, for the rest of it in a table of its own.
    matrix: Option<matrix::Columns>,
    used: Vec<bool>,
}

impl Harvest {
    /// Each cell once: two different numbers for one cell make it unread.
    fn settle(self) -> Tables {
        let key = |fact: &Fact| (fact.indicator.clone(), fact.applicant);
        let mut all: Vec<&Fact> = self.facts.iter().collect();
        all.sort_by_key(|fact| key(fact));
        let (mut facts, mut unread) = (Vec::new(), self.unread);
        let mut seen = HashSet::new();
        unread.retain(|unread| seen.insert((unread.indicator.clone(), unread.applicant)));
        for found in all.chunk_by(|a, b| key(a) == key(b)) {
            // A table printed twice may be blank in one of its copies.
            let is_told = found.iter().any(|fact| fact.value.is_some());
            let found: Vec<&Fact> = found.iter().copied().filter(|fact| fact.value.is_some() || !is_told).collect();
            let first = found[0];
            unread.retain(|unread| (&unread.indicator, unread.applicant) != (&first.indicator, first.applicant));
            if found.iter().all(|other| other.value == first.value) {
                facts.push(first.clone());
                continue;
            }
            let numbers: Vec<_> = found.iter().map(|fact| fact.raw.as_str()).collect();
            unread.push(Unread {
                indicator: first.indicator.clone(),
                applicant: first.applicant,
                reason: "the row stands there twice with different numbers".to_owned(),
                raw: Some(numbers.join(" | ")),
                locator: Some(first.locator.clone()),
            });
        }
        let form = self.disclosure_form.or_else(|| facts.iter().find_map(|fact| fact.form).map(ReportForm::from));
        Tables { facts, unread, n_stray_numbers: self.n_stray_numbers, form, used: self.used }
    }

    /// Takes a cell for a row: a fact, or a line in `unread`.
    fn take(&mut self, row: &Indicator, applicant: Option<Applicant>, text: &str, found: Found) {
        let value = match cell(text) {
            CellValue::Blank | CellValue::NotReported => None,
            CellValue::Number(number) => match in_unit_of(&number, row, found.heading_unit) {
                Some(value) => {
                    let letter = if number.letter_for_zero { 0.8 } else { 1.0 };
                    return self.push(row, applicant, Some(value), text, found.confidence.min(letter), found);
                }
                None => return self.refuse(row, applicant, text, "its unit is not the row's", found.place),
            },
            CellValue::Words => {
                return self.refuse(row, applicant, text, "words where a number should be", found.place);
            }
            CellValue::Unreadable(reason) => return self.refuse(row, applicant, text, reason, found.place),
        };
        self.push(row, applicant, value, text, found.confidence, found);
    }

    fn push(
        &mut self,
        row: &Indicator,
        applicant: Option<Applicant>,
        value: Option<Decimal>,
        raw: &str,
        confidence: f32,
        found: Found,
    ) {
        self.facts.push(Fact {
            indicator: row.id.clone(),
            applicant,
            value,
            unit: row.unit.clone(),
            raw: raw.trim().to_owned(),
            method: Method::Table,
            locator: found.place,
            confidence,
            form: Some(row.form),
            rule: format!("form {} row {} {}: {}", row.form, row.order, row.label, found.rule),
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
    confidence: f32,
    rule: &'static str,
    /// A unit that the column's heading names, where it is not the row's.
    heading_unit: Option<Money>,
}

/// Units of money; counts need none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Money {
    Yuan,
    TenThousand,
    HundredMillion,
}

impl Money {
    fn of(unit: &str) -> Option<Self> {
        match unit {
            "元" => Some(Self::Yuan),
            "万元" => Some(Self::TenThousand),
            "亿元" => Some(Self::HundredMillion),
            _ => None,
        }
    }

    /// The unit that a heading's note names: `（单位：元）`.
    fn in_heading(folded: &str) -> Option<Self> {
        [("亿元", Self::HundredMillion), ("万元", Self::TenThousand), ("元", Self::Yuan)]
            .into_iter()
            .find_map(|(word, unit)| folded.contains(word).then_some(unit))
    }

    fn in_yuan(self) -> Decimal {
        Decimal::from(match self {
            Self::Yuan => 1_u32,
            Self::TenThousand => 10_000,
            Self::HundredMillion => 100_000_000,
        })
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
