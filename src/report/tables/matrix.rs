//! Section 三 since 2019: what became of the requests, by applicant.
//!
//! Columns are known by their headings, rows by their labels under their
//! group. A row's values are as many as there are columns; a row with more or
//! fewer is not shifted but left unread.

use std::sync::Arc;

use rust_decimal::Decimal;

use super::super::catalogue::{Catalogue, Evidence, Indicator};
use super::super::ids::Applicant;
use super::super::numbers::CellValue;
use super::super::types::Form;
use super::labels::{bare, is_numbered, nearest, parts_of_path, shortened};
use super::ready::{Ready, Sheet, quoted, without_blank_end};
use super::sums::{Reading, reading};
use super::{Found, Harvest};

pub(super) fn read(sheet: &Sheet<'_>, form: Form, catalogue: &Catalogue, harvest: &mut Harvest) -> bool {
    let rows = MatrixRow::all(form, catalogue);
    let columns = match columns(sheet) {
        Some(Ok(columns)) if another_is_the_total(sheet, &columns) => {
            refuse_all(sheet, &rows, "the rows add up to another column than the one headed 总计", harvest);
            harvest.matrix = None;
            return true;
        }
        Some(Ok(columns)) => columns,
        Some(Err(reason)) => {
            refuse_all(sheet, &rows, reason, harvest);
            harvest.matrix = None;
            return true;
        }
        // A table without headings that goes on with the rows of the one
        // before (it broke over a page) has that one's columns.
        None => match harvest.matrix.as_ref().filter(|before| goes_on(sheet, &rows, &before.columns)) {
            Some(before) => Columns { evidence: Evidence::GoesOn, ..before.columns.clone() },
            None => return false,
        },
    };
    let first_column = usual_first_column(sheet, columns.applicants.len());
    let rarely_filled = rarely_filled(sheet, columns.applicants.len());
    let n_before = harvest.facts.len() + harvest.unread.len();
    let begins = sheet.cells().any(|cell| cell.bare.contains("本年新收"));
    let mut group = harvest.matrix.take().filter(|_| !begins).map(|before| before.group).unwrap_or_default();
    for row in &sheet.rows {
        let Some((labels, values)) = split(row, columns.applicants.len()) else {
            note_group(row, &mut group);
            refuse_ragged(sheet, row, &rows, &group, &columns, harvest);
            continue;
        };
        note_group(labels, &mut group);
        let Some((found, label)) = row_of(labels, &rows, &mut group) else {
            harvest.n_stray_numbers += values.iter().filter(|cell| cell.is_number()).count();
            continue;
        };
        let row = Row { sheet, values, columns: &columns, found, label: &label };
        let is_elsewhere = values.first().is_some_and(|first| Some(first.cell.column) != first_column);
        let is_unsure = is_elsewhere || columns.evidence == Evidence::HeadingLost;
        if row.has_stray(&rarely_filled) {
            row.refuse("a number stands under no heading", harvest);
        } else if row.has_moved_left(&rarely_filled) {
            row.refuse("its total may stand one column too far left", harvest);
        } else if is_elsewhere && values[0].is_blank() && values.iter().any(Ready::is_number) && !adds_up(values) {
            // A blank label may have been taken for a value: then every number
            // is another column's.
            row.refuse("its cells do not stand under the headings", harvest);
        } else if is_unsure && row.contradicts_its_total() {
            row.refuse("its cells do not stand where others do, and do not add up", harvest);
        } else {
            row.take(catalogue, harvest);
        }
    }
    harvest.matrix = Some(Broken { columns, group });
    harvest.facts.len() + harvest.unread.len() > n_before
}

/// Takes out of a matrix what a converter that knows no spans filled its rows up
/// with at their ends, so that all have as many cells.
///
/// Only where most rows of numbers are so, each with its seven values behind its
/// labels and nothing but blanks behind them, and where the blanks could not as
/// well stand between the labels and the values, as spans filled up in place.
pub(super) fn cut_padding(rows: &mut [Vec<Ready<'_>>]) {
    const N: usize = Applicant::ALL.len();
    // The first row of a matrix, or the last of one that broke over a page.
    let is_of_matrix = |cell: &Ready<'_>| cell.bare.contains("本年新收") || cell.bare.contains("结转下年");
    let spans = |cell: &Ready<'_>| cell.cell.row_span > 1 || cell.cell.column_span > 1;
    if !rows.iter().flatten().any(is_of_matrix) || rows.iter().flatten().any(spans) {
        return;
    }
    // `3.其他` is a label that stands first.
    let is_first = |cell: &Ready<'_>| matches!(cell.value, CellValue::Unreadable(_));
    let n_labels = |row: &[Ready<'_>]| match row.iter().take_while(|cell| cell.is_label()).count() {
        0 => usize::from(row.first().is_some_and(is_first)),
        n => n,
    };
    let behind = |row: &'_ [Ready<'_>]| row.len() - n_labels(row);
    let has_numbers = |row: &&Vec<Ready<'_>>| n_labels(row) > 0 && row.iter().any(Ready::is_number);
    let is_row = |row: &&Vec<Ready<'_>>| has_numbers(row) && behind(row) > N;
    let are_blank = |cells: &[Ready<'_>]| cells.iter().all(Ready::is_blank);
    let is_padded = |row: &Vec<Ready<'_>>| are_blank(&row[n_labels(row) + N..]);
    let is_in_place = |row: &Vec<Ready<'_>>| are_blank(&row[n_labels(row)..row.len() - N]);
    let padded = || rows.iter().filter(is_row);
    let are_most = 2 * padded().count() > rows.iter().filter(has_numbers).count();
    if !are_most || !padded().all(is_padded) || padded().all(is_in_place) {
        return;
    }
    for row in rows.iter_mut().filter(|row| n_labels(row) > 0 && behind(row) >= N) {
        let (begin, end) = (n_labels(row), n_labels(row) + N);
        if !are_blank(&row[end..]) {
            continue;
        }
        // Where the last value is blank but others are not, a cell may have been
        // lost before it: without its blanks the row has too few, and is unread.
        let is_sure = !row[end - 1].is_blank() || are_blank(&row[begin..end]);
        row.truncate(if is_sure { end } else { without_blank_end(row).len() });
    }
}

/// What the rest of a matrix that breaks over a page goes on from.
#[derive(Debug)]
pub(super) struct Broken {
    columns: Columns,
    /// The group of the last row.
    group: String,
}

/// The columns of a matrix.
#[derive(Debug, Clone)]
pub(super) struct Columns {
    /// For each value of a row whose it is; none under a heading that says
    /// nobody.
    applicants: Vec<Option<Applicant>>,
    evidence: Evidence,
}

impl Columns {
    /// The form's seven columns, told by the order of their headings.
    fn in_forms_order() -> Self {
        Self { applicants: Applicant::ALL.map(Some).to_vec(), evidence: Evidence::ColumnsByOrder }
    }
}

/// Groups of result rows, bare.
pub(super) const GROUPS: [&str; 4] = ["不予公开", "无法提供", "不予处理", "其他处理"];

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
fn columns(sheet: &Sheet<'_>) -> Option<Result<Columns, &'static str>> {
    let (headings, data) = headings_and_data(sheet);
    let mut found: Vec<(u32, Applicant)> = headings
        .iter()
        .flat_map(|row| row.iter())
        .filter_map(|cell| Some((cell.cell.column, applicant_of(&cell.bare).or_else(|| applicant_of_path(cell))?)))
        .collect();
    let are_joint = are_joint(&headings, &found);
    if found.len() < LEAST_HEADINGS && !are_joint {
        return None;
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
        .map(Ok)
        .or(Some(Err("there are more or fewer columns of numbers than headings")))
}

/// Columns of a matrix that gives organisations as one.
const JOINT_COLUMNS: usize = 3;

/// Whether the organisations have one column together, beside natural persons and
/// the total.
fn are_joint(headings: &[&[Ready<'_>]], found: &[(u32, Applicant)]) -> bool {
    let is_joint = |cell: &&Ready<'_>| cell.bare == "法人或其他组织" && cell.cell.column_span == 1;
    let mut cells = headings.iter().flat_map(|row| row.iter());
    let read: Vec<Applicant> = found.iter().map(|(_, applicant)| *applicant).collect();
    read == [Applicant::NaturalPerson, Applicant::Total] && cells.any(|cell| is_joint(&cell))
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

/// Whether the rows' sums stand in another column than the headings say: then a
/// heading is lost or misplaced, and so are the others.
fn another_is_the_total(sheet: &Sheet<'_>, columns: &Columns) -> bool {
    const ENOUGH: usize = 5;
    let n = columns.applicants.len();
    let Some(total) = columns.applicants.iter().position(|of| *of == Some(Applicant::Total)) else { return false };
    let mut n_sums = vec![0; n];
    for row in &sheet.rows {
        let Some((_, values)) = split(row, n) else { continue };
        let numbers: Vec<Decimal> = values.iter().map(number_or_zero).collect();
        // A row with a single number adds up to it anywhere.
        if numbers.iter().filter(|number| !number.is_zero()).count() >= 3 {
            let all: Decimal = numbers.iter().sum();
            let doubled = |number: &Decimal| *number + *number == all;
            n_sums.iter_mut().zip(&numbers).filter(|(_, number)| doubled(number)).for_each(|(n, _)| *n += 1);
        }
    }
    n_sums.iter().enumerate().any(|(at, n)| at != total && *n >= ENOUGH && *n > 2 * n_sums[total])
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
    let is_organisation = |of: &Applicant| !matches!(of, Applicant::NaturalPerson | Applicant::Total);
    let read: Vec<Applicant> = found.iter().map(|(_, applicant)| *applicant).collect();
    let (organisations, others): (Vec<Applicant>, Vec<Applicant>) = read.into_iter().partition(is_organisation);
    organisations.is_sorted() && others.is_sorted()
}

/// Whose column a heading is.
pub(super) fn applicant_of(heading: &str) -> Option<Applicant> {
    Some(match heading {
        "自然人" => Applicant::NaturalPerson,
        "商业企业" | "企业" | "商业组织" => Applicant::Enterprise,
        "科研机构" | "科研单位" => Applicant::ResearchInstitution,
        "社会公益组织" | "公益组织" => Applicant::PublicWelfareOrganization,
        "法律服务机构" | "法律服务" => Applicant::LegalService,
        "其他" | "其它" => Applicant::OtherOrganization,
        "总计" | "合计" => Applicant::Total,
        _ => return None,
    })
}

/// Whose column a heading is that names its group as well: 法人或其他组织—商业企业.
fn applicant_of_path(cell: &Ready<'_>) -> Option<Applicant> {
    let mut parts = parts_of_path(cell.text()).map(bare);
    let group = parts.next()?;
    parts.last().filter(|_| group == "法人或其他组织").and_then(|own| applicant_of(&own))
}

/// Whether a table without headings has rows of the matrix before it.
fn goes_on(sheet: &Sheet<'_>, rows: &[MatrixRow<'_>], before: &Columns) -> bool {
    const ENOUGH: usize = 2;
    let mut group = String::new();
    let mut is_of_it = |row: &&Vec<Ready<'_>>| {
        let Some((labels, _)) = split(row, before.applicants.len()) else { return false };
        note_group(labels, &mut group);
        row_of(labels, rows, &mut group).is_some()
    };
    sheet.rows.iter().filter(|row| is_of_it(row)).count() >= ENOUGH
}

/// Which form the matrix of a report has, from all labels of its tables: 2021's
/// has three rows under 其他处理, 2019's a single one. A matrix may be broken
/// over tables, so that no part of it alone can tell.
pub(super) fn form_of_labels<'a>(labels: impl Iterator<Item = &'a str>) -> Option<Form> {
    // Several words of each: a label may have lost a character.
    const PARTS: [&str; 4] = ["逾期不补正", "缴纳费用", "收费通知", "不再处理"];
    let (mut has_parts, mut has_group) = (false, false);
    for label in labels {
        has_parts |= PARTS.iter().any(|part| label.contains(part));
        has_group |= label.contains("其他处理");
    }
    match (has_parts, has_group) {
        (true, _) => Some(Form::F2021),
        (false, true) => Some(Form::F2019),
        (false, false) => None,
    }
}

/// Whether a label is 2021's third row under 其他处理, 3.其他; 2019's has none.
pub(super) fn is_third_of_others(text: &str) -> bool {
    let own = parts_of_path(text).last().unwrap_or_default().trim_start();
    own.starts_with(['3', '３', '③']) && is_numbered(own) && matches!(bare(own).as_str(), "其他" | "其它")
}

pub(super) struct MatrixRow<'a> {
    group: Option<&'a str>,
    leaf: &'a str,
    row: &'a Indicator,
}

/// A row that a label means, and how surely.
pub(super) type RowFound<'a> = (&'a Indicator, Evidence);

impl<'a> MatrixRow<'a> {
    pub fn all(form: Form, catalogue: &'a Catalogue) -> Vec<Self> {
        let rows = catalogue.rows(form).filter(|row| !row.applicants.is_empty());
        let made = rows.map(|row| match row.spelling.levels.as_slice() {
            [group, leaf, ..] => Self { group: Some(group), leaf, row },
            levels => Self { group: None, leaf: levels.first().map_or("", String::as_str), row },
        });
        made.collect()
    }

    /// The row of a label under its group; a label that stands once in the
    /// form needs no group, and 总计 ends all groups.
    pub fn find(rows: &[Self], leaf: &str, group: &mut String) -> Option<RowFound<'a>> {
        let mut same = rows.iter().filter(|row| row.leaf == leaf);
        let found = match (same.next(), same.next()) {
            (Some(one), None) if leaf.chars().count() >= 4 || one.group.is_none() => Some(one),
            (None, _) if leaf == "合计" => rows.iter().find(|row| row.leaf == "总计"),
            (None, _) => None,
            _ => rows.iter().find(|row| row.leaf == leaf && row.group == Some(group.as_str())),
        };
        let exact = found.map(|row| (row, Evidence::Exact));
        let (found, evidence) = exact.or_else(|| Some((Self::variant(rows, leaf, group)?, Evidence::LabelVariant)))?;
        match &found.group {
            Some(of) => (*of).clone_into(group),
            None => group.clear(),
        }
        Some((found.row, evidence))
    }

    /// A clipped, lengthened or misspelt label that only one row can mean.
    fn variant<'r>(rows: &'r [Self], leaf: &str, group: &str) -> Option<&'r Self> {
        // A group's own row has a label too short to be told from a longer one.
        let is_here = |row: &&'r Self| row.group.is_none_or(|of| group.is_empty() || of == group);
        let here = rows.iter().filter(is_here).filter(|row| !GROUPS.contains(&row.leaf)).map(|row| (row.leaf, row));
        nearest(leaf, here.clone()).or_else(|| shortened(leaf, here))
    }
}

/// The row that a row's labels name: its last label, else all of them as one,
/// for a label may be spread over cells.
fn row_of<'a>(labels: &[Ready<'_>], rows: &[MatrixRow<'a>], group: &mut String) -> Option<(RowFound<'a>, Arc<str>)> {
    let named: Vec<&Ready<'_>> = labels.iter().filter(|cell| !cell.bare.is_empty()).collect();
    let leaf = named.last()?;
    if let Some(found) = MatrixRow::find(rows, &leaf.bare, group) {
        return Some((found, leaf.label()));
    }
    let spread = (2..=named.len()).find_map(|n| {
        let spread = &named[named.len() - n..];
        let joined: String = spread.iter().map(|cell| cell.bare.as_str()).collect();
        let found = MatrixRow::find(rows, &joined, group)?;
        Some((found, spread.iter().map(|cell| cell.text()).collect::<String>().into()))
    });
    spread.or_else(|| {
        // 三、本年度办理结果—(三)不予公开—1.属于国家秘密
        let parts: Vec<String> = parts_of_path(leaf.text()).map(bare).collect();
        let (own, above) = parts.split_last().filter(|(_, above)| !above.is_empty())?;
        if let Some(of) = above.iter().rev().find(|part| GROUPS.contains(&part.as_str())) {
            group.clone_from(of);
        }
        Some((MatrixRow::find(rows, own, group)?, leaf.label()))
    })
}

/// A row's label cells and its values: the last as many cells as there are
/// columns, none of them words, and no number before them.
pub(super) fn split<'r, 'a>(row: &'r [Ready<'a>], n_columns: usize) -> Option<(&'r [Ready<'a>], &'r [Ready<'a>])> {
    let at = row.len().checked_sub(n_columns).filter(|at| *at > 0)?;
    let (labels, values) = row.split_at(at);
    let are_values = values.iter().all(|cell| !cell.is_label());
    let has_label = labels.iter().any(|cell| cell.bare.chars().count() >= 2);
    (are_values && has_label && !labels.iter().any(Ready::is_number)).then_some((labels, values))
}

/// The grid column at which the values of most rows begin.
fn usual_first_column(sheet: &Sheet<'_>, n_columns: usize) -> Option<u32> {
    let firsts = sheet.rows.iter().filter_map(|row| Some(split(row, n_columns)?.1.first()?.cell.column));
    let mut counted: Vec<(u32, usize)> = Vec::new();
    for first in firsts {
        match counted.iter_mut().find(|(column, _)| *column == first) {
            Some((_, n)) => *n += 1,
            None => counted.push((first, 1)),
        }
    }
    counted.into_iter().max_by_key(|(_, n)| *n).map(|(column, _)| column)
}

/// For each value of a row whether most rows have no number in its place.
fn rarely_filled(sheet: &Sheet<'_>, n_columns: usize) -> Vec<bool> {
    let rows: Vec<_> = sheet.rows.iter().filter_map(|row| Some(split(row, n_columns)?.1)).collect();
    let n_numbers = |at: usize| rows.iter().filter(|values| values[at].is_number()).count();
    (0..n_columns).map(|at| 2 * n_numbers(at) < rows.len()).collect()
}

/// Whether the last value is the sum of those before it.
fn adds_up(values: &[Ready<'_>]) -> bool {
    let sum = |values: &[Ready<'_>]| values.iter().map(number_or_zero).sum::<Decimal>();
    values.split_last().is_some_and(|(total, parts)| sum(parts) == number_or_zero(total))
}

pub(super) fn number_or_zero(cell: &Ready<'_>) -> Decimal {
    match &cell.value {
        CellValue::Number(number) => number.value,
        _ => Decimal::ZERO,
    }
}

/// A group's label may stand in a row of its own.
fn note_group(cells: &[Ready<'_>], group: &mut String) {
    for cell in cells {
        if GROUPS.contains(&cell.bare.as_str()) {
            group.clone_from(&cell.bare);
        }
    }
}

/// A row of the matrix with the row of the form that its label means.
struct Row<'s, 'a> {
    sheet: &'s Sheet<'a>,
    values: &'s [Ready<'a>],
    columns: &'s Columns,
    found: RowFound<'s>,
    label: &'s Arc<str>,
}

impl Row<'_, '_> {
    /// Whether the row gives a total that is not the sum of its other values.
    fn contradicts_its_total(&self) -> bool {
        let ends_in_total = self.columns.applicants.last() == Some(&Some(Applicant::Total));
        ends_in_total && self.values.last().is_some_and(Ready::is_number) && !adds_up(self.values)
    }

    /// Whether a number stands where no heading is, and none in most rows: a cell
    /// too many moved it there, and the others with it.
    fn has_stray(&self, rarely_filled: &[bool]) -> bool {
        let places = self.columns.applicants.iter().zip(self.values).zip(rarely_filled);
        places.into_iter().any(|((of, value), is_rare)| of.is_none() && *is_rare && value.is_number())
    }

    /// Whether the total is blank where most rows have one, and the last number
    /// is the sum of those before it, or two ran together into one that is none: a
    /// cell was lost, and the row filled up.
    fn has_moved_left(&self, rarely_filled: &[bool]) -> bool {
        let ends_in_total = self.columns.applicants.last() == Some(&Some(Applicant::Total));
        let filled = without_blank_end(self.values);
        let is_blank = filled.len() < self.values.len() && rarely_filled.last() == Some(&false);
        let last = filled.last().map(number_or_zero).unwrap_or_default();
        let is_sum = !last.is_zero() && filled.len() > 1 && adds_up(filled);
        let ran_together = |value: &Ready<'_>| {
            matches!(value.value, CellValue::Unreadable(_)) && value.text().starts_with(|c: char| c.is_ascii_digit())
        };
        ends_in_total && is_blank && (is_sum || filled.iter().any(ran_together))
    }

    fn take(&self, catalogue: &Catalogue, harvest: &mut Harvest) {
        let (indicator, evidence) = self.found;
        let confidence = catalogue.confidence(&[evidence, self.columns.evidence]);
        for (applicant, value) in self.columns.applicants.iter().zip(self.values) {
            let Some(applicant) = applicant else {
                harvest.n_stray_numbers += usize::from(value.is_number());
                continue;
            };
            let found = Found {
                place: self.sheet.at(value),
                label: self.label.clone(),
                confidence,
                rule: "row by its label, column by its heading",
                heading_unit: None,
            };
            harvest.take_value(indicator, Some(*applicant), value.text(), &value.value, found, catalogue);
        }
    }

    fn refuse(&self, reason: &str, harvest: &mut Harvest) {
        let text = quoted(self.values.iter().map(Ready::text));
        let at = self.values.first().map_or_else(|| self.sheet.place.clone(), |cell| self.sheet.at(cell));
        refuse_row(self.found.0, self.columns, &text, reason, &at, harvest);
    }
}

fn refuse_row(
    indicator: &Indicator,
    columns: &Columns,
    text: &str,
    reason: &str,
    at: &crate::page::Locator,
    harvest: &mut Harvest,
) {
    for applicant in columns.applicants.iter().flatten() {
        harvest.refuse(indicator, Some(*applicant), text, reason, at.clone());
    }
}

/// A row of the form with more or fewer numbers than columns.
fn refuse_ragged(
    sheet: &Sheet<'_>,
    row: &[Ready<'_>],
    rows: &[MatrixRow<'_>],
    group: &str,
    columns: &Columns,
    harvest: &mut Harvest,
) {
    let n_numbers = row.iter().filter(|cell| cell.is_number()).count();
    if n_numbers == 0 {
        return;
    }
    let mut group = group.to_owned();
    let labels = row.iter().filter(|cell| cell.bare.chars().count() >= 2);
    let found = labels.filter_map(|cell| MatrixRow::find(rows, &cell.bare, &mut group)).last();
    let Some((indicator, _)) = found else {
        harvest.n_stray_numbers += n_numbers;
        return;
    };
    let reason = format!("the row has {n_numbers} numbers for {} columns", columns.applicants.len());
    let at = row.first().map_or_else(|| sheet.place.clone(), |cell| sheet.at(cell));
    refuse_row(indicator, columns, &quoted(row.iter().map(Ready::text)), &reason, &at, harvest);
}

/// The rows of a matrix whose columns cannot be told.
fn refuse_all(sheet: &Sheet<'_>, rows: &[MatrixRow<'_>], reason: &str, harvest: &mut Harvest) {
    let columns = Columns { applicants: Applicant::ALL.map(Some).to_vec(), evidence: Evidence::Exact };
    let mut group = String::new();
    for row in &sheet.rows {
        note_group(row, &mut group);
        let labels: Vec<&Ready<'_>> = row.iter().filter(|cell| cell.is_label() && !cell.bare.is_empty()).collect();
        let found = labels.last().and_then(|cell| MatrixRow::find(rows, &cell.bare, &mut group));
        if let (Some((indicator, _)), true) = (found, row.iter().any(Ready::is_number)) {
            let text = quoted(row.iter().filter(|cell| !cell.is_label()).map(Ready::text));
            let at = row.first().map_or_else(|| sheet.place.clone(), |cell| sheet.at(cell));
            refuse_row(indicator, &columns, &text, reason, &at, harvest);
        }
    }
}
