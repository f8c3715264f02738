//! Section 二 since 2019: for each item of article 20 of the Regulations a
//! heading row and rows of kinds.
//!
//! Headings and data differ in their spans, so a value belongs to the heading
//! at its place in the row's order, where both rows have as many.

use super::super::catalogue::{Catalogue, Evidence, Indicator};
use super::super::numbers::CellValue;
use super::super::types::{Form, ReportForm};
use super::labels::{bare, nearest};
use super::ready::{Ready, Sheet, quoted, without_blank_end};
use super::value_column::ENDS_IN_BLANK;
use super::{Found, Harvest, Money};
use crate::page::Block;
use crate::page::fold::fold;

pub(super) fn read(sheet: &Sheet<'_>, kinds: &[Kind<'_>], catalogue: &Catalogue, harvest: &mut Harvest) -> bool {
    let is_heading = |cell: &Ready<'_>| is_heading(&cell.bare);
    if !sheet.rows.iter().any(|row| row.first().is_some_and(is_heading)) {
        return by_row(sheet, kinds, catalogue, harvest);
    }
    let mut columns: &[Ready<'_>] = &[];
    let above = fold(sheet.above);
    let mut item = if above.starts_with("第二十条") { Item::of(&above) } else { Item::default() };
    let is_filled = is_filled(sheet);
    let mut n_by_form = [0_usize; 2];
    let n_before = harvest.facts.len() + harvest.unread.len();
    for row in &sheet.rows {
        let Some((first, values)) = row.split_first() else { continue };
        if is_heading(first) {
            columns = without_blank_end(values);
            item.n_headings += 1;
            continue;
        }
        if first.bare.starts_with("第二十条") {
            columns = &[];
            item = Item::of(&fold(first.text()));
            continue;
        }
        let of_kind = Kind::of_cell(kinds, first);
        if of_kind.is_empty() || columns.is_empty() {
            continue;
        }
        let bare: Vec<&str> = columns.iter().map(|column| column.bare.as_str()).collect();
        let doubled = doubled_heading(&of_kind, &bare);
        let is_doubled = doubled.is_some();
        let own: Vec<Option<String>> = columns.iter().map(|column| heading_of(column, harvest.report_year)).collect();
        let row = |own: &Option<String>| own.as_deref().and_then(|own| row_of(&of_kind, own));
        let found = doubled.unwrap_or_else(|| own.iter().map(row).collect());
        // The form's own headings, all of them: where one is lost, a cell lost
        // below would not be missed.
        let has_all = found
            .iter()
            .flatten()
            .all(|of| columns.len() >= of_kind.iter().filter(|kind| kind.row.form == of.form).count());
        let values = without_filling(values, columns.len());
        let is_short = is_filled && values.last().is_some_and(Ready::is_blank) && !values.iter().all(Ready::is_blank);
        let under = if !has_all {
            Err("not all of the form's headings stand above the row")
        } else if values.len() != columns.len() {
            Err("the row has not as many cells as its heading")
        } else if is_short {
            Err(ENDS_IN_BLANK)
        } else {
            places(&found, values, |at| own[at].is_none())
        };
        for (index, indicator) in found.into_iter().enumerate() {
            let Some(indicator) = indicator else { continue };
            n_by_form[usize::from(indicator.form == Form::F2021)] += 1;
            let at = match &under {
                Ok(places) => places[index],
                Err(reason) => {
                    let text = quoted(values.iter().map(Ready::text));
                    harvest.refuse(indicator, None, &text, reason, sheet.at(first));
                    continue;
                }
            };
            let (column, value) = (&columns[index], &values[at]);
            let heading_unit = Money::in_heading(&fold(column.text())).or(item.unit());
            if item.leaves_in_doubt(indicator, heading_unit, &value.value) {
                harvest.refuse(indicator, None, value.text(), Item::DOUBT, sheet.at(value));
                continue;
            }
            let evidence = if at == index && !is_doubled { Evidence::Exact } else { Evidence::ColumnsByOrder };
            let found = Found {
                place: sheet.at(value),
                label: first.label(),
                confidence: catalogue.confidence(&[evidence]),
                rule: "the row's kind, and the heading that stands above the number",
                heading_unit,
            };
            harvest.take_value(indicator, None, value.text(), &value.value, found, catalogue);
        }
    }
    let is_read = harvest.facts.len() + harvest.unread.len() > n_before;
    if is_read {
        let form = if n_by_form[1] > n_by_form[0] { ReportForm::Form2021 } else { ReportForm::Form2019 };
        harvest.disclosure_form = Some(form);
    }
    is_read
}

/// A table with a number a row, which names its kind and what it counts: 规章,
/// 本年制发件数, 3. The kind may stand above, over several rows.
fn by_row(sheet: &Sheet<'_>, kinds: &[Kind<'_>], catalogue: &Catalogue, harvest: &mut Harvest) -> bool {
    const LEAST_ROWS: usize = 4;
    let mut of_kind: Vec<&Kind<'_>> = Vec::new();
    let mut found: Vec<(&Indicator, &Ready<'_>, &Ready<'_>, Option<Money>)> = Vec::new();
    for row in &sheet.rows {
        let named = row.iter().map(|cell| Kind::of_name(kinds, &cell.bare)).find(|named| !named.is_empty());
        of_kind = named.unwrap_or(of_kind);
        let [.., column, value] = row.as_slice() else { continue };
        let named = of_kind.iter().find(|kind| kind.column == column.bare);
        if let Some(kind) = named.filter(|_| !value.is_label()) {
            found.push((kind.row, column, value, Money::in_heading(&fold(column.text()))));
        }
    }
    if found.len() < LEAST_ROWS {
        return false;
    }
    let n_2021 = found.iter().filter(|(indicator, ..)| indicator.form == Form::F2021).count();
    let is_2021 = 2 * n_2021 > found.len();
    harvest.disclosure_form = Some(if is_2021 { ReportForm::Form2021 } else { ReportForm::Form2019 });
    for (indicator, column, value, heading_unit) in found {
        let found = Found {
            place: sheet.at(value),
            label: column.label(),
            confidence: catalogue.confidence(&[Evidence::Exact]),
            rule: "kind and heading in the number's own row",
            heading_unit,
        };
        harvest.take_value(indicator, None, value.text(), &value.value, found, catalogue);
    }
    true
}

/// The kinds behind whose names numbers stand in a line without anything between, 规章003:
/// how many cells they were cannot be told. `lines` are those of the folded texts.
pub(super) fn refuse_run_together(lines: &[&Block], folded: &[String], kinds: &[Kind<'_>], harvest: &mut Harvest) {
    let Some(form) = harvest.disclosure_form.and_then(ReportForm::official) else { return };
    for (line, text) in lines.iter().zip(folded).filter(|(_, text)| text.contains("第二十条")) {
        for kind in kinds.iter().filter(|kind| kind.row.form == form) {
            let numbers = text.match_indices(kind.kind).map(|(at, name)| {
                let behind = &text[at + name.len()..];
                &behind[..behind.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(behind.len())]
            });
            if let Some(numbers) = numbers.filter(|numbers| !numbers.is_empty()).last() {
                harvest.refuse(kind.row, None, numbers, "its cells ran together into one line", line.locator.clone());
            }
        }
    }
}

/// The heading of an item of article 20 above rows of numbers.
#[derive(Debug, Clone, Default)]
pub(super) struct Item {
    is_there: bool,
    unit: Option<Money>,
    /// Rows of column headings since: a second one is another item's, whose own
    /// heading was lost.
    pub n_headings: u32,
}

impl Item {
    /// Why money is unread below a lost heading.
    pub const DOUBT: &str = "nothing says whether it is in 元 or 万元";

    /// That of a folded heading.
    pub fn of(folded: &str) -> Self {
        Self { is_there: true, unit: Money::in_heading(folded), n_headings: 0 }
    }

    /// The unit that it names for the numbers below it.
    pub fn unit(&self) -> Option<Money> {
        self.unit.filter(|_| self.n_headings < 2)
    }

    /// Whether a number is money whose unit may have stood in a heading that was
    /// lost.
    pub fn leaves_in_doubt(&self, row: &Indicator, unit: Option<Money>, value: &CellValue) -> bool {
        let is_lost = !self.is_there || self.n_headings > 1;
        let is_bare = matches!(value, CellValue::Number(number) if number.unit.is_none() && !number.value.is_zero());
        is_lost && unit.is_none() && Money::of(&row.unit).is_some() && is_bare
    }
}

/// The rows under headings of which the first two are the same: 2019's 本年新制作数量
/// and 本年新公开数量, misprinted, or clipped where they broke their lines. The third
/// stands for itself, and the order is the form's.
pub(super) fn doubled_heading<'a>(of_kind: &[&Kind<'a>], columns: &[&str]) -> Option<Vec<Option<&'a Indicator>>> {
    let [first, second, third] = columns else { return None };
    let rows: Vec<&&Kind<'a>> = of_kind.iter().filter(|kind| kind.row.form == Form::F2019).collect();
    let [made, published, total] = rows.as_slice() else { return None };
    let begins = |kind: &Kind<'_>| kind.column.starts_with(first);
    let is_clipped = *first == "本年新" && begins(made) && begins(published);
    let is_misprinted = [made.column, published.column].contains(first);
    let holds = first == second && *third == total.column && (is_clipped || is_misprinted);
    holds.then(|| vec![Some(made.row), Some(published.row), Some(total.row)])
}

/// Whether rows are filled up with blanks to the table's width: those that name
/// an item of article 20 are. Then a row that ends in a blank may have lost a
/// cell before it.
fn is_filled(sheet: &Sheet<'_>) -> bool {
    let is_item = |row: &&Vec<Ready<'_>>| row.first().is_some_and(|first| first.bare.starts_with("第二十条"));
    sheet.rows.iter().filter(is_item).any(|row| row.len() > 1 && row[1..].iter().all(Ready::is_blank))
}

/// A row's values without the blanks that a converter filled the row up with.
/// Where the last value is blank as well, a cell may have been lost before it,
/// and the row is left as it is; one without any value has none wherever it ends.
fn without_filling<'s, 'a>(values: &'s [Ready<'a>], n: usize) -> &'s [Ready<'a>] {
    let n_filled = without_blank_end(values).len();
    if n_filled == n || (n_filled == 0 && values.len() > n) { &values[..n] } else { values }
}

/// For each heading the place of its value in a row of as many cells: its own,
/// unless a number stands where no heading is. A span that a converter filled up
/// with a blank, above on another side than below, moves it there; then as many
/// values as headings stand in the same order, or nothing is certain.
/// Numbers below another year's heading are where they should be.
fn places(
    headings: &[Option<&Indicator>],
    values: &[Ready<'_>],
    is_other_years: impl Fn(usize) -> bool,
) -> Result<Vec<usize>, &'static str> {
    let is_stray = |at: usize| headings[at].is_none() && values[at].is_number() && !is_other_years(at);
    if !(0..values.len()).any(is_stray) {
        return Ok((0..values.len()).collect());
    }
    let mut filled = (0..values.len()).filter(|at| !values[*at].is_blank());
    let n_headings = headings.iter().flatten().count();
    if filled.clone().count() != n_headings {
        return Err("a number stands under no heading");
    }
    Ok(headings.iter().map(|heading| heading.and_then(|_| filled.next()).unwrap_or_default()).collect())
}

/// A heading as the form spells it, 本年制发件数 for 2024年制发件数 in the report of that
/// year, bare; none where it is another year's.
fn heading_of(column: &Ready<'_>, year: Option<i16>) -> Option<String> {
    let folded = fold(column.text());
    let named = folded.split_once('年').and_then(|(year, rest)| Some((year.parse::<i16>().ok()?, rest)));
    match named.filter(|(named, _)| (1990..2100).contains(named)) {
        None => Some(column.bare.clone()),
        Some((named, rest)) => (Some(named) == year).then(|| bare(&format!("本年{rest}"))),
    }
}

/// The first cell of a row of headings.
pub(super) fn is_heading(bare: &str) -> bool {
    matches!(bare, "信息内容" | "信息类别")
}

/// A row of the catalogue: item of article 20, kind, column.
pub(super) struct Kind<'a> {
    kind: &'a str,
    /// Its name without what it may begin with.
    short: &'a str,
    pub column: &'a str,
    pub row: &'a Indicator,
}

impl<'a> Kind<'a> {
    pub fn all(catalogue: &'a Catalogue) -> Vec<Self> {
        let rows = catalogue.indicators.iter().filter(|row| row.form != Form::F2014);
        let kind = |row: &'a Indicator| {
            let [_, kind, column] = row.spelling.levels.as_slice() else { return None };
            row.label.starts_with("第二十条").then(|| Self { kind, short: short(kind), column, row })
        };
        rows.filter_map(kind).collect()
    }

    /// The kinds that a cell names, perhaps with what the form says that they are:
    /// 规章：指….
    fn of_cell<'k>(kinds: &'k [Self], cell: &Ready<'_>) -> Vec<&'k Self> {
        let nearest = Self::nearest(kinds, &cell.bare);
        let name = cell.text().split_once(['：', ':']).map(|(name, _)| bare(name));
        match name.filter(|_| nearest.is_empty()) {
            Some(name) => Self::of_name(kinds, &name),
            None => nearest,
        }
    }

    /// The kinds of a name, which may be misspelt.
    fn nearest<'k>(kinds: &'k [Self], name: &str) -> Vec<&'k Self> {
        let exact = Self::of_name(kinds, name);
        if !exact.is_empty() {
            return exact;
        }
        let near = nearest(name, kinds.iter().map(|kind| (kind.kind, kind.kind)));
        near.map(|name| Self::of_name(kinds, name)).unwrap_or_default()
    }

    /// The kinds of a name. 规范性文件 stands for 行政规范性文件 and the other way round,
    /// as 许可 for 行政许可.
    pub fn of_name<'k>(kinds: &'k [Self], name: &str) -> Vec<&'k Self> {
        // Most cells are numbers, and have none.
        if name.is_empty() {
            return Vec::new();
        }
        let name = short(name);
        kinds.iter().filter(|kind| kind.short == name).collect()
    }
}

/// The name of a kind without what it may begin with or not.
fn short(name: &str) -> &str {
    name.strip_prefix("行政").unwrap_or(name)
}

/// The row of a kind under a bare heading, which may be a part of its own: 制发件数.
pub(super) fn row_of<'a>(kinds: &[&Kind<'a>], heading: &str) -> Option<&'a Indicator> {
    const LEAST: usize = 3;
    let exact = kinds.iter().find(|kind| kind.column == heading);
    let near = || {
        // 处理决定数量 is 2019's; 本年处理决定数量 2021's: the longer wins.
        let mut near: Vec<_> = kinds.iter().filter(|kind| heading.contains(kind.column)).collect();
        near.sort_by_key(|kind| std::cmp::Reverse(kind.column.len()));
        near.first().copied()
    };
    let within = || {
        let mut within = kinds.iter().filter(|kind| heading.chars().count() >= LEAST && kind.column.contains(heading));
        let one = within.next();
        one.filter(|_| within.next().is_none())
    };
    exact.or_else(near).or_else(within).map(|kind| kind.row)
}
