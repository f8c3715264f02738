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

/// Indicator and applicant.
type Cell<'a> = (&'a str, Option<Applicant>);

/// The panel's columns for one report, in the catalogue's order.
///
/// Each is a sum of rows of the report's form. A row that is null counts as
/// zero where another of the same sum is reported; where none is, or where a
/// row is not there at all (unread, or never said), the column is null: a part
/// of a sum must not pass for the whole.
#[must_use]
pub fn columns(given: &[Given<'_>], form: Form, catalogue: &Catalogue) -> Vec<Option<Decimal>> {
    let mut best: HashMap<Cell<'_>, (Method, Option<Decimal>)> = HashMap::new();
    for number in given {
        let place = best.entry((number.indicator, number.applicant)).or_insert((number.method, number.value));
        if number.method < place.0 {
            *place = (number.method, number.value);
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
        let values: Vec<Option<Decimal>> = terms.iter().map(term).collect::<Option<_>>()?;
        let reported: Vec<Decimal> = values.into_iter().flatten().collect();
        (!reported.is_empty()).then(|| reported.into_iter().sum())
    };
    catalogue.panel.iter().map(column).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(given: &[(&str, Method, Option<i64>)]) -> Option<Decimal> {
        let catalogue = Catalogue::embedded();
        let given: Vec<Given<'_>> = given
            .iter()
            .map(|(indicator, method, value)| Given {
                indicator,
                applicant: None,
                method: *method,
                value: value.map(Decimal::from),
            })
            .collect();
        let place = catalogue.panel.iter().position(|column| column.name == "requests_unavailable").unwrap();
        columns(&given, Form::F2014, &catalogue)[place]
    }

    #[test]
    fn a_part_of_a_sum_does_not_pass_for_the_whole() {
        let (a, b) = ("reply.not_existing", "reply.not_this_agency");
        let table = Method::Table;
        assert_eq!(column(&[(a, table, Some(3)), (b, table, Some(4))]), Some(7.into()));
        assert_eq!(column(&[(a, table, Some(3)), (b, table, None)]), Some(3.into()), "null beside a number is zero");
        assert_eq!(column(&[(a, table, None), (b, table, None)]), None);
        assert_eq!(column(&[(a, table, Some(3))]), None, "the other row is not there");
        let said = (b, Method::Narrative, Some(9));
        assert_eq!(column(&[(a, table, Some(3)), said, (b, table, Some(4))]), Some(7.into()), "the table goes first");
    }
}
