//! The forms' arithmetic, and table against narrative.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use rust_decimal::Decimal;

use super::catalogue::{Catalogue, Identity, Per, Relation, Rule};
use super::ids::{Applicant, IndicatorId};
use super::types::{Against, Check, Conflict, Fact, Form, Method, Outcome, Unread};

/// Tests the identities of the forms that the tables have.
///
/// A part that is null counts as zero where another part of the same sum is
/// reported; a null total, or parts that are all null, make a check not
/// applicable. A check never changes a number.
#[must_use]
pub fn check(facts: &[Fact], catalogue: &Catalogue) -> Vec<Check> {
    let tables: Vec<&Fact> = facts.iter().filter(|fact| fact.method == Method::Table).collect();
    let mut by_form: BTreeMap<Form, Cells<'_>> = BTreeMap::new();
    // The cells of a row mostly stand together.
    for row in tables.chunk_by(|a, b| a.form == b.form && a.indicator == b.indicator) {
        let Some(form) = row[0].form else { continue };
        let slots = by_form.entry(form).or_default().entry(&row[0].indicator).or_default();
        row.iter().for_each(|fact| slots[slot(fact.applicant)] = Some(fact.value));
    }
    let mut checks = Vec::new();
    for identity in &catalogue.identities {
        if let Some(cells) = by_form.get(&identity.form) {
            test(identity, cells, catalogue, &mut checks);
        }
    }
    checks
}

/// A row's cells: each applicant's, then the only one of a row without columns;
/// none for a cell that is not there.
type Slots = [Option<Option<Decimal>>; Applicant::ALL.len() + 1];

/// What the tables say, by row.
type Cells<'a> = HashMap<&'a IndicatorId, Slots>;

fn slot(applicant: Option<Applicant>) -> usize {
    applicant.map_or(Applicant::ALL.len(), |applicant| applicant as usize)
}

fn value(slots: Option<&Slots>, applicant: Option<Applicant>) -> Option<Decimal> {
    slots?[slot(applicant)].flatten()
}

fn test(identity: &Identity, cells: &Cells<'_>, catalogue: &Catalogue, checks: &mut Vec<Check>) {
    let mut push = |indicator: &IndicatorId, applicant, relation, left: Sum, right: Sum| {
        let n_blank = left.n_blank + right.n_blank;
        let (left, right) = (left.value, right.value);
        let outcome = match (left, right) {
            (Some(left), Some(right)) => {
                let holds = match relation {
                    Relation::Equal => left == right,
                    Relation::NotAbove => left <= right,
                };
                if holds { Outcome::Pass } else { Outcome::Fail }
            }
            _ => Outcome::NotApplicable,
        };
        let (check, severity) = (identity.check.clone(), identity.severity);
        checks.push(Check { check, indicator: indicator.clone(), applicant, outcome, severity, left, right, n_blank });
    };
    let rows = || catalogue.rows(identity.form).filter_map(|row| Some((row, cells.get(&row.id)?)));
    match &identity.rule {
        Rule::Sums { relation, left, right, per } => {
            let slots = |ids: &[IndicatorId]| ids.iter().map(|id| cells.get(id)).collect::<Vec<_>>();
            let (left_slots, right_slots) = (slots(left), slots(right));
            let is_matrix = *per == Per::Applicant;
            let columns = if is_matrix { Applicant::ALL.map(Some).to_vec() } else { vec![None] };
            for applicant in columns {
                let is_there = |slots: &&Slots| slots[slot(applicant)].is_some();
                if left_slots.iter().chain(&right_slots).flatten().any(is_there) {
                    push(&left[0], applicant, *relation, sum(&left_slots, applicant), sum(&right_slots, applicant));
                }
            }
        }
        Rule::RowTotal => {
            // 法人或其他组织 as one column: what it counts is none of the parts.
            let has_organisations = |slots: &Slots| {
                Applicant::ALL.iter().any(|of| of.is_organisation() && slots[slot(Some(*of))].is_some())
            };
            let rows = rows().filter(|(row, slots)| !row.applicants.is_empty() && has_organisations(slots));
            for (row, slots) in rows {
                let parts = row.applicants.iter().filter(|applicant| **applicant != Applicant::Total);
                let right = Sum::of(parts.filter_map(|applicant| slots[slot(Some(*applicant))]));
                let left = Sum::of(slots[slot(Some(Applicant::Total))].into_iter());
                push(&row.id, Some(Applicant::Total), Relation::Equal, left, right);
            }
        }
        Rule::PartNotAboveWhole => {
            for (row, slots) in rows() {
                let Some(whole_slots) = row.parent.as_ref().and_then(|parent| cells.get(parent)) else { continue };
                let columns = if row.applicants.is_empty() {
                    vec![None]
                } else {
                    row.applicants.iter().copied().map(Some).collect()
                };
                for applicant in columns {
                    let (part, whole) = (value(Some(slots), applicant), value(Some(whole_slots), applicant));
                    if part.is_some() && whole.is_some() {
                        let [part, whole] = [part, whole].map(|value| Sum::of(std::iter::once(value)));
                        push(&row.id, applicant, Relation::NotAbove, part, whole);
                    }
                }
            }
        }
        // Two reports are needed.
        Rule::AcrossYears { .. } => {}
    }
}

/// One side of an identity.
#[derive(Clone, Copy, Default)]
struct Sum {
    value: Option<Decimal>,
    n_blank: usize,
}

impl Sum {
    fn of(cells: impl Iterator<Item = Option<Decimal>>) -> Self {
        let add = |sum: Self, cell: Option<Decimal>| match cell {
            Some(part) => Self { value: Some(sum.value.unwrap_or_default() + part), ..sum },
            None => Self { n_blank: sum.n_blank + 1, ..sum },
        };
        cells.fold(Self::default(), add)
    }
}

fn sum(rows: &[Option<&Slots>], applicant: Option<Applicant>) -> Sum {
    Sum::of(rows.iter().flatten().filter_map(|slots| slots[slot(applicant)]))
}

/// Takes out a sentence's number of new requests that counts those carried over
/// from the year before as well, as the table tells: 受理749件 beside 713 new
/// ones and 36 from before is no number of new ones.
pub fn counted_with_those_before(tables: &[Fact], narrative: &mut Vec<Fact>) -> Vec<Unread> {
    let total = |id: &str| {
        let is_it = |fact: &&Fact| fact.indicator.as_str() == id && fact.applicant == Some(Applicant::Total);
        tables.iter().find(is_it).and_then(|fact| fact.value)
    };
    let (Some(new), Some(before)) = (total("request.new"), total("request.carried_in")) else { return Vec::new() };
    let is_both = |fact: &mut Fact| {
        fact.indicator.as_str() == "request.new" && !before.is_zero() && fact.value == new.checked_add(before)
    };
    let taken = narrative.extract_if(.., is_both).map(|fact| Unread {
        indicator: fact.indicator,
        applicant: fact.applicant,
        reason: format!("it counts those carried over as well: the table has {new} new ones and {before} from before"),
        raw: Some(fact.raw),
        locator: Some(fact.locator),
    });
    taken.collect()
}

/// Where a sentence and the table speak of the same thing and differ.
#[must_use]
pub fn conflicts(tables: &[Fact], narrative: &[Fact]) -> Vec<Conflict> {
    let mut conflicts = Vec::new();
    let mut seen = BTreeSet::new();
    for said in narrative {
        let same = |fact: &&Fact| fact.indicator == said.indicator && fact.applicant == said.applicant;
        let total = |fact: &&Fact| {
            fact.indicator == said.indicator && said.applicant.is_none() && fact.applicant == Some(Applicant::Total)
        };
        let printed = tables.iter().find(same).or_else(|| tables.iter().find(total));
        if let (Some(table), Some(narrative)) = (printed.and_then(|fact| fact.value), said.value)
            && table != narrative
            && seen.insert((said.indicator.clone(), said.applicant, narrative))
        {
            let (indicator, applicant) = (said.indicator.clone(), said.applicant);
            conflicts.push(Conflict { indicator, applicant, against: Against::Table(table), narrative });
        }
    }
    conflicts
}
