//! What a matrix's own sums say of its columns.
//!
//! The form prints the total of each row: headings in the wrong places
//! contradict the rows below them, and of two readings the one that adds up is
//! meant.

use rust_decimal::Decimal;

use super::super::ids::Applicant;
use super::applicants::is_forms_order;
use super::matrix::split;
use super::ready::{Ready, Sheet};

/// How the columns of a matrix are to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reading {
    /// As the headings stand above the numbers.
    ByPlace,
    /// In the form's order, which the headings are printed in: their spans do
    /// not add up, so that a grid puts them elsewhere.
    InFormsOrder,
}

/// Which reading the rows of a matrix add up in, where its headings' places
/// are not the form's order, by the headings as they are printed and by their
/// places; an error where they tell neither.
///
/// A heading whose span was lost (法人或其他组织 over one column of its five)
/// lets the next ones move up in a grid. The headings are then still printed in
/// the form's order, and 总计 stands over a column that is no sum.
pub(super) fn reading(
    sheet: &Sheet<'_>,
    printed: &[(u32, Applicant)],
    by_place: &[Applicant],
) -> Result<Reading, &'static str> {
    const UNCLEAR: &str = "the headings' places and their order differ, and the rows do not tell which is meant";
    let n = by_place.len();
    let are_in_forms_order = is_forms_order(printed);
    let Some(total) = by_place.iter().position(|of| *of == Applicant::Total) else {
        return if are_in_forms_order { Err(UNCLEAR) } else { Ok(Reading::ByPlace) };
    };
    let rows = Rows::of(sheet, n);
    if !are_in_forms_order {
        return if rows.contradict(total) {
            Err("the rows do not add up under their headings")
        } else {
            Ok(Reading::ByPlace)
        };
    }
    if total == n - 1 {
        // Either reading has the same sums. Kinds of organisations with another
        // column between them were torn apart by spans.
        return if are_together(by_place) { Ok(Reading::ByPlace) } else { Err(UNCLEAR) };
    }
    let (by_place_only, in_order_only) = rows.n_only(total, n - 1);
    if in_order_only > 2 * by_place_only {
        if n == Applicant::ALL.len() { Ok(Reading::InFormsOrder) } else { Err(UNCLEAR) }
    } else if by_place_only > 2 * in_order_only {
        Ok(Reading::ByPlace)
    } else {
        Err(UNCLEAR)
    }
}

/// Whether the columns of organisations stand beside each other.
fn are_together(columns: &[Applicant]) -> bool {
    let n = columns.iter().filter(|of| of.is_organisation()).count();
    let from = columns.iter().position(|of| of.is_organisation()).unwrap_or_default();
    columns[from..].iter().take_while(|of| of.is_organisation()).count() == n
}

/// The numbers of the rows in which any is not zero.
struct Rows(Vec<Vec<Decimal>>);

impl Rows {
    fn of(sheet: &Sheet<'_>, n_columns: usize) -> Self {
        let values = sheet.rows.iter().filter_map(|row| Some(split(row, n_columns)?.1));
        Self(values.map(numbers).filter(|numbers| numbers.iter().any(|number| !number.is_zero())).collect())
    }

    /// How many rows have their sum in one column and not in another, and the
    /// other way round.
    fn n_only(&self, one: usize, other: usize) -> (usize, usize) {
        let n =
            |at: usize, not: usize| self.0.iter().filter(|row| has_sum_at(row, at) && !has_sum_at(row, not)).count();
        (n(one, other), n(other, one))
    }

    /// Whether the column that should be the rows' sum is it in hardly any row.
    /// Where a total is blank, or no row has one, nothing is said.
    fn contradict(&self, total: usize) -> bool {
        const LEAST: usize = 3;
        let told = self.0.iter().filter(|row| !row[total].is_zero());
        let (n_hold, n_fail) = told
            .fold((0, 0), |(hold, fail), row| if has_sum_at(row, total) { (hold + 1, fail) } else { (hold, fail + 1) });
        n_fail >= LEAST && n_fail > 4 * n_hold
    }
}

/// The numbers of a row's values; zero where there is none.
pub(super) fn numbers(values: &[Ready<'_>]) -> Vec<Decimal> {
    values.iter().map(|cell| cell.value.or_zero()).collect()
}

/// Whether a row's last number is the sum of all others.
pub(super) fn ends_in_its_sum(row: &[Decimal]) -> bool {
    row.len().checked_sub(1).is_some_and(|last| has_sum_at(row, last))
}

/// Whether rows have the sum of the others last: several that are not zero, and hardly
/// one that has not, as an office may err.
pub(super) fn most_add_up(rows: impl Iterator<Item = Vec<Decimal>>) -> bool {
    const ENOUGH: usize = 3;
    const ROWS_AN_ERROR: usize = 10;
    let (mut n_telling, mut n_failing) = (0, 0);
    for row in rows {
        if !ends_in_its_sum(&row) {
            n_failing += 1;
        } else if row.iter().any(|number| !number.is_zero()) {
            n_telling += 1;
        }
    }
    n_telling >= ENOUGH && n_failing * ROWS_AN_ERROR <= n_telling
}

/// Whether a row's number at a place is the sum of all others.
pub(super) fn has_sum_at(row: &[Decimal], at: usize) -> bool {
    let all: Decimal = row.iter().sum();
    row[at] + row[at] == all
}
