//! The forms' arithmetic, and table against narrative.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use rust_decimal::Decimal;

use super::catalogue::{Catalogue, Identity, Indicator, Per, Relation, Rule};
use super::ids::{Applicant, IndicatorId};
use super::types::{Check, Conflict, Fact, Form, Method, Outcome};

/// Tests the identities of the forms that the tables have.
///
/// A part that is null counts as zero where another part of the same sum is
/// reported; a null total, or parts that are all null, make a check not
/// applicable. A check never changes a number.
#[must_use]
pub fn check(facts: &[Fact], catalogue: &Catalogue) -> Vec<Check> {
    let tables = facts.iter().filter(|fact| fact.method == Method::Table);
    let mut by_form: BTreeMap<Form, Cells<'_>> = BTreeMap::new();
    for fact in tables {
        if let Some(form) = fact.form {
            by_form.entry(form).or_default().insert((&fact.indicator, fact.applicant), fact.value);
        }
    }
    let forms: Vec<Form> = by_form.keys().copied().collect();
    let mut checks = Vec::new();
    for identity in catalogue.identities.iter().filter(|identity| forms.contains(&identity.form)) {
        if let Some(cells) = by_form.get(&identity.form) {
            test(identity, cells, catalogue, &mut checks);
        }
    }
    checks
}

/// What the tables say, by row and applicant.
type Cells<'a> = HashMap<(&'a IndicatorId, Option<Applicant>), Option<Decimal>>;

fn test(identity: &Identity, cells: &Cells<'_>, catalogue: &Catalogue, checks: &mut Vec<Check>) {
    let get = |id: &IndicatorId, applicant| cells.get(&(id, applicant)).copied().flatten();
    let mut push = |indicator: &IndicatorId, applicant, relation, left: Option<Decimal>, right: Option<Decimal>| {
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
        checks.push(Check { check, indicator: indicator.clone(), applicant, outcome, severity, left, right });
    };
    let rows = || catalogue.rows(identity.form).filter(|row| is_there(row, cells));
    match &identity.rule {
        Rule::Sums { relation, left, right, per } => {
            let is_matrix = *per == Per::Applicant;
            let columns = if is_matrix { Applicant::ALL.map(Some).to_vec() } else { vec![None] };
            for applicant in columns {
                if left.iter().chain(right).any(|id| cells.contains_key(&(id, applicant))) {
                    let (left_sum, right_sum) = (sum(left, applicant, &get), sum(right, applicant, &get));
                    push(&left[0], applicant, *relation, left_sum, right_sum);
                }
            }
        }
        Rule::RowTotal => {
            for row in rows().filter(|row| !row.applicants.is_empty()) {
                let parts = row.applicants.iter().filter(|applicant| **applicant != Applicant::Total);
                let values: Vec<_> = parts.filter_map(|applicant| get(&row.id, Some(*applicant))).collect();
                let right = (!values.is_empty()).then(|| values.into_iter().sum());
                push(&row.id, Some(Applicant::Total), Relation::Equal, get(&row.id, Some(Applicant::Total)), right);
            }
        }
        Rule::PartNotAboveWhole => {
            for row in rows() {
                let Some(parent) = &row.parent else { continue };
                let columns = if row.applicants.is_empty() {
                    vec![None]
                } else {
                    row.applicants.iter().copied().map(Some).collect()
                };
                for applicant in columns {
                    let (part, whole) = (get(&row.id, applicant), get(parent, applicant));
                    if part.is_some() && whole.is_some() {
                        push(&row.id, applicant, Relation::NotAbove, part, whole);
                    }
                }
            }
        }
        // Two reports are needed: the lake's affair.
        Rule::AcrossYears { .. } => {}
    }
}

fn is_there(row: &Indicator, cells: &Cells<'_>) -> bool {
    let mut columns = row.applicants.iter().copied().map(Some).chain([None]);
    columns.any(|applicant| cells.contains_key(&(&row.id, applicant)))
}

fn sum(
    ids: &[IndicatorId],
    applicant: Option<Applicant>,
    get: &impl Fn(&IndicatorId, Option<Applicant>) -> Option<Decimal>,
) -> Option<Decimal> {
    let values: Vec<_> = ids.iter().filter_map(|id| get(id, applicant)).collect();
    (!values.is_empty()).then(|| values.into_iter().sum())
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
            conflicts.push(Conflict { indicator: said.indicator.clone(), applicant: said.applicant, table, narrative });
        }
    }
    conflicts
}
