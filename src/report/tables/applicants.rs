//! Whose each column of the matrix is, told by its headings.

use super::super::catalogue::Evidence;
use super::super::ids::Applicant;
use super::labels::{bare, parts_of_path};
use super::matrix::split;
use super::ready::{Ready, Sheet};
use super::sums::{Reading, ends_in_its_sum, has_sum_at, most_add_up, numbers, reading};

/// The columns of a matrix.
#[derive(Debug, Clone)]
pub(super) struct Columns {
    /// For each value of a row whose it is; none under a heading that says
    /// nobody.
    pub applicants: Vec<Option<Applicant>>,
    pub evidence: Evidence,
}

impl Columns {
    /// The form's seven columns, told by the order of their headings.
    fn in_forms_order() -> Self {
        Self { applicants: Applicant::ALL.map(Some).to_vec(), evidence: Evidence::ColumnsByOrder }
    }
}

/// Headings from which a table is a matrix.
const LEAST_HEADINGS: usize = 4;

/// The applicant columns in the order of a row's values, from the headings
/// above the first row of numbers; none where this is no matrix, an error
/// where the headings do not tell the columns.
///
/// Where the headings' own columns are those of a row's values they tell the
/// order; a shift common to all is a label column more or less. Where spans
/// were lost or do not add up, only the form's own order, all seven headings
/// in it, can be meant: where a grid gives another, the rows' sums decide.
pub(super) fn columns(sheet: &Sheet<'_>) -> Option<Result<Columns, &'static str>> {
    let (headings, data) = headings_and_data(sheet);
    let mut found: Vec<(u32, Applicant)> = headings
        .iter()
        .flat_map(|row| row.iter())
        .filter_map(|cell| Some((cell.cell.column, applicant_of(&cell.bare).or_else(|| applicant_of_path(cell))?)))
        .collect();
    let are_joint = are_joint(&headings, &found);
    let in_pieces = || in_pieces(sheet, &headings, data?);
    if found.len() < LEAST_HEADINGS && !are_joint {
        let beside = || beside_organisations(&headings, data?);
        return in_pieces().or_else(beside).or_else(|| total_alone(sheet, &found, data?)).map(Ok);
    }
    without_repeats(&mut found);
    let printed = found.clone();
    found.sort_by_key(|(column, _)| *column);
    let mut distinct: Vec<Applicant> = found.iter().map(|(_, applicant)| *applicant).collect();
    distinct.sort_unstable();
    distinct.dedup();
    if distinct.len() != found.len() {
        return Some(Err("two columns have the same heading"));
    }
    let least = if are_joint { JOINT_COLUMNS } else { LEAST_HEADINGS };
    let Some(values) = data.and_then(|data| usual_values(data, least)) else {
        return Some(Err("the rows have no common number of cells"));
    };
    let all = |found: Vec<(u32, Applicant)>| found.into_iter().map(|(_, applicant)| Some(applicant)).collect();
    if values.len() == found.len() {
        let shift = |(value, (column, _)): (&u32, &(u32, Applicant))| i64::from(*value) - i64::from(*column);
        let shifts: Vec<i64> = values.iter().zip(&found).map(shift).collect();
        let by_place: Vec<Applicant> = found.iter().map(|(_, applicant)| *applicant).collect();
        if shifts.iter().all(|shift| *shift == shifts[0]) {
            let evidence = if shifts[0] == 0 { Evidence::Exact } else { Evidence::ColumnsByOrder };
            let read = if by_place.is_sorted() { Ok(Reading::ByPlace) } else { reading(sheet, &printed, &by_place) };
            return Some(read.map(|reading| match reading {
                Reading::ByPlace => Columns { applicants: all(found), evidence },
                Reading::InFormsOrder => Columns::in_forms_order(),
            }));
        }
        if distinct.len() == Applicant::ALL.len() && is_forms_order(&printed) {
            return Some(Ok(Columns::in_forms_order()));
        }
        return Some(Err("the headings do not stand above the numbers"));
    }
    under_their_headings(&headings, &values, &found)
        .or_else(in_pieces)
        .map(Ok)
        .or(Some(Err("there are more or fewer columns of numbers than headings")))
}

/// The form's order, where a converter broke headings over lines, 商业 in one row and
/// 企业 in the next: each of their characters is there, and the rows' sums are last.
fn in_pieces(sheet: &Sheet<'_>, headings: &[&[Ready<'_>]], data: &[Vec<Ready<'_>>]) -> Option<Columns> {
    let n = Applicant::ALL.len();
    let is_whole = usual_values(data, n)?.len() == n;
    let characters = headings.iter().copied().flatten().flat_map(|cell| cell.text().chars());
    let rows = sheet.rows.iter().filter_map(|row| Some(numbers(split(row, n)?.1)));
    (is_whole && has_all_characters(characters) && most_add_up(rows)).then(Columns::in_forms_order)
}

/// Whether among characters are those of all headings, each as often as it must.
pub(super) fn has_all_characters(among: impl Iterator<Item = char>) -> bool {
    const HEADINGS: &str = "自然人法人或其他组织总计商业企业科研机构社会公益组织法律服务机构其他";
    let mut left: Vec<char> = among.collect();
    HEADINGS.chars().all(|c| left.iter().position(|of| *of == c).map(|at| left.swap_remove(at)).is_some())
}

/// Columns of a matrix that gives organisations as one.
const JOINT_COLUMNS: usize = 3;

/// Whether the organisations have one column together, beside natural persons and
/// the total.
fn are_joint(headings: &[&[Ready<'_>]], found: &[(u32, Applicant)]) -> bool {
    let is_joint = |cell: &Ready<'_>| cell.bare == "法人或其他组织" && cell.cell.column_span == 1;
    let read = found.iter().map(|(_, applicant)| *applicant);
    read.eq([Applicant::NaturalPerson, Applicant::Total]) && headings.iter().copied().flatten().any(is_joint)
}

/// The columns of natural persons and of the total, where the row of headings that
/// names the organisations between them was lost: what stands above these spans their
/// columns, and they are nobody's.
fn beside_organisations(headings: &[&[Ready<'_>]], data: &[Vec<Ready<'_>>]) -> Option<Columns> {
    let n = Applicant::ALL.len();
    let values = usual_values(data, n).filter(|values| values.len() == n)?;
    let column = |of: &str, span: usize| {
        let mut cells = headings.iter().copied().flatten().filter(|cell| cell.bare == of);
        let is_its = |cell: &&Ready<'_>| usize::try_from(cell.cell.column_span) == Ok(span);
        cells.next().filter(is_its).filter(|_| cells.next().is_none()).map(|cell| cell.cell.column)
    };
    let printed = [column("自然人", 1)?, column("法人或其他组织", n - 2)?, column("总计", 1)?];
    let applicant = |at: usize| match at {
        0 => Some(Applicant::NaturalPerson),
        _ if at == n - 1 => Some(Applicant::Total),
        _ => None,
    };
    (printed == [values[0], values[1], values[n - 1]])
        .then(|| Columns { applicants: (0..n).map(applicant).collect(), evidence: Evidence::HeadingLost })
}

/// The column of the total alone, where a converter wrote headings of its own over the
/// others (数据1, 数据2): they are nobody's, and the rows' sums stand under 总计.
fn total_alone(sheet: &Sheet<'_>, found: &[(u32, Applicant)], data: &[Vec<Ready<'_>>]) -> Option<Columns> {
    let n = Applicant::ALL.len();
    let values = usual_values(data, n).filter(|values| values.len() == n)?;
    let is_last = *found == [(*values.last()?, Applicant::Total)];
    let mut rows = sheet.rows.iter().filter_map(|row| Some(numbers(split(row, n)?.1))).peekable();
    let applicant = |at: usize| (at == n - 1).then_some(Applicant::Total);
    (is_last && rows.peek().is_some() && rows.all(|row| ends_in_its_sum(&row)))
        .then(|| Columns { applicants: (0..n).map(applicant).collect(), evidence: Evidence::HeadingLost })
}

/// Leaves of headings that stand in the same column one: a converter that knows
/// no spans repeats the text of a cell in each position that it covered.
fn without_repeats(found: &mut Vec<(u32, Applicant)>) {
    let mut seen = Vec::new();
    found.retain(|heading| {
        let is_new = !seen.contains(heading);
        if is_new {
            seen.push(*heading);
        }
        is_new
    });
}

/// Whether the rows' sums stand in another column than the headings say, or, where
/// none says 总计, under one that says whose they are: then a heading is lost or
/// misplaced, and so are the others.
pub(super) fn another_is_the_total(sheet: &Sheet<'_>, columns: &Columns) -> bool {
    const ENOUGH: usize = 5;
    let n = columns.applicants.len();
    let total = columns.applicants.iter().position(|of| *of == Some(Applicant::Total));
    let mut n_sums = vec![0; n];
    for row in &sheet.rows {
        let Some((_, values)) = split(row, n) else { continue };
        let numbers = numbers(values);
        // A row with a single number adds up to it anywhere.
        if numbers.iter().filter(|number| !number.is_zero()).count() >= 3 {
            n_sums.iter_mut().enumerate().for_each(|(at, n)| *n += usize::from(has_sum_at(&numbers, at)));
        }
    }
    let n_of_total = total.map_or(0, |total| n_sums[total]);
    let may_be_total = |at: usize| total.is_none() && columns.applicants[at].is_none();
    let is_other = |at: usize| Some(at) != total && !may_be_total(at);
    n_sums.iter().enumerate().any(|(at, n)| is_other(at) && *n >= ENOUGH && *n > 2 * n_of_total)
}

/// Where more numbers stand in a row than headings name, each number's column
/// by the heading right above it, if every number has one, though it may say
/// nobody.
fn under_their_headings(headings: &[&[Ready<'_>]], values: &[u32], found: &[(u32, Applicant)]) -> Option<Columns> {
    let last_row = headings.iter().flat_map(|row| row.iter()).map(|cell| cell.cell.row + cell.cell.row_span).max();
    let is_right_above =
        |cell: &&Ready<'_>| cell.cell.column_span == 1 && Some(cell.cell.row + cell.cell.row_span) == last_row;
    let has_leaf = |column: &u32| {
        let cells = headings.iter().flat_map(|row| row.iter());
        cells.filter(is_right_above).any(|cell| cell.cell.column == *column)
    };
    let stands_above = |(column, _): &(u32, Applicant)| values.contains(column);
    if !found.iter().all(stands_above) || !values.iter().all(has_leaf) {
        return None;
    }
    let of = |column: &u32| found.iter().find(|(at, _)| at == column).map(|(_, applicant)| *applicant);
    Some(Columns { applicants: values.iter().map(of).collect(), evidence: Evidence::HeadingLost })
}

/// The rows above the first row of numbers, and those from it on.
fn headings_and_data<'s, 'a>(sheet: &'s Sheet<'a>) -> (Vec<&'s [Ready<'a>]>, Option<&'s [Vec<Ready<'a>>]>) {
    let is_data = |row: &Vec<Ready<'_>>| row.iter().any(|cell| cell.is_number() || cell.bare.contains("本年新收"));
    let at = sheet.rows.iter().position(is_data);
    let headings = sheet.rows.iter().take(at.unwrap_or(sheet.rows.len())).map(Vec::as_slice).collect();
    (headings, at.map(|at| &sheet.rows[at..]))
}

/// The grid columns of the values that most rows have, so many at least.
fn usual_values(rows: &[Vec<Ready<'_>>], least: usize) -> Option<Vec<u32>> {
    let columns = rows.iter().filter_map(|row| {
        let n = row.iter().rev().take_while(|cell| !cell.is_label()).count();
        let values = &row[row.len() - n..];
        (n >= least && n < row.len() && values.iter().any(Ready::is_number))
            .then(|| values.iter().map(|cell| cell.cell.column).collect::<Vec<u32>>())
    });
    let mut counted: Vec<(usize, Vec<u32>)> = Vec::new();
    for columns in columns {
        match counted.iter_mut().find(|(_, known)| *known == columns) {
            Some((n, _)) => *n += 1,
            None => counted.push((1, columns)),
        }
    }
    // Of equals the first: rows later on are more often broken.
    counted.into_iter().rev().max_by_key(|(n, _)| *n).map(|(_, columns)| columns)
}

/// Whether headings in reading order are the form's: 自然人 and 总计 above, the
/// organisations below them in the form's order.
pub(super) fn is_forms_order(found: &[(u32, Applicant)]) -> bool {
    let read = found.iter().map(|(_, applicant)| *applicant);
    let (organisations, others): (Vec<Applicant>, Vec<Applicant>) = read.partition(|of| of.is_organisation());
    organisations.is_sorted() && others.is_sorted()
}

/// The headings of columns, bare, each with whose it is.
pub(super) const NAMES: [(&str, Applicant); 14] = [
    ("自然人", Applicant::NaturalPerson),
    ("商业企业", Applicant::Enterprise),
    ("企业", Applicant::Enterprise),
    ("商业组织", Applicant::Enterprise),
    ("科研机构", Applicant::ResearchInstitution),
    ("科研单位", Applicant::ResearchInstitution),
    ("社会公益组织", Applicant::PublicWelfareOrganization),
    ("公益组织", Applicant::PublicWelfareOrganization),
    ("法律服务机构", Applicant::LegalService),
    ("法律服务", Applicant::LegalService),
    ("其他", Applicant::OtherOrganization),
    ("其它", Applicant::OtherOrganization),
    ("总计", Applicant::Total),
    ("合计", Applicant::Total),
];

/// Whose column a heading is.
pub(super) fn applicant_of(heading: &str) -> Option<Applicant> {
    NAMES.iter().find(|(name, _)| *name == heading).map(|(_, applicant)| *applicant)
}

/// Whose column a heading is that names its group as well: 法人或其他组织—商业企业.
fn applicant_of_path(cell: &Ready<'_>) -> Option<Applicant> {
    let mut parts = parts_of_path(cell.text()).map(bare);
    let group = parts.next()?;
    parts.last().filter(|_| group == "法人或其他组织").and_then(|own| applicant_of(&own))
}
