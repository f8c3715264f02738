//! The columns comparable across forms: what a researcher opens first.

use std::collections::HashMap;

use rust_decimal::Decimal;

use super::catalogue::{Catalogue, PanelTerm};
use super::ids::Applicant;
use super::types::{Form, Method};

/// A number as the panel needs it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Given<'a> {
    /// The indicator's id.
    pub indicator: &'a str,
    /// For whom.
    pub applicant: Option<Applicant>,
    /// How it was read; a table's number goes before a sentence's.
    pub method: Method,
    /// The number.
    pub value: Option<Decimal>,
}

/// The panel's columns for one report, in the catalogue's order.
///
/// Each is a sum of rows of the report's form. A row that is null counts as
/// zero where another of the same sum is reported; where none is, the column is
/// null.
#[must_use]
pub fn columns(given: &[Given<'_>], form: Form, catalogue: &Catalogue) -> Vec<Option<Decimal>> {
    let mut best: HashMap<(&str, Option<Applicant>), (Method, Decimal)> = HashMap::new();
    for number in given {
        let Some(value) = number.value else { continue };
        let place = best.entry((number.indicator, number.applicant)).or_insert((number.method, value));
        if number.method < place.0 {
            *place = (number.method, value);
        }
    }
    let term = |term: &PanelTerm| {
        let get = |applicant| best.get(&(term.indicator.as_str(), applicant)).map(|(_, value)| *value);
        match term.applicant {
            Some(applicant) => get(Some(applicant)),
            None => get(None).or_else(|| get(Some(Applicant::Total))),
        }
    };
    let column = |column: &super::catalogue::PanelColumn| {
        let (_, terms) = column.sums.iter().find(|(of, _)| *of == form)?;
        let values: Vec<Decimal> = terms.iter().filter_map(term).collect();
        (!values.is_empty()).then(|| values.into_iter().sum())
    };
    catalogue.panel.iter().map(column).collect()
}
