//! Provinces' own tables of 2008 to 2018.
//!
//! Most have two value columns, this year's and the running total's, or a term's and
//! the year's from its beginning, and only one is a fact of the year: which it is,
//! their headings say. Rows are those of `config/local_labels.csv`. Where no column can be told to be this
//! year's, every row is unread; where a page was flattened so that the numbers
//! ran together, nothing is read, but that the table is there says which form the
//! report has.

use std::sync::LazyLock;

use super::super::catalogue::{Catalogue, Evidence, Indicator};
use super::super::types::{Form, ReportForm};
use super::captions::is_of_numbers;
use super::flat::{Piece, pieces, values_after};
use super::labels::{SERIALS, bare, is_numbered, is_serial};
use super::period::{self, Told};
use super::ready::{Ready, Sheet, quoted};
use super::value_column::{ENDS_IN_BLANK, OTHER_CELLS, SEVERAL_COLUMNS, is_second_heading, is_whole, may_be_filled_up};
use super::{Found, Harvest, Money};
use crate::page::Block;
use crate::page::fold::fold;

/// Rows from which a table is a province's own.
const LEAST_ROWS: usize = 3;

pub(super) fn read(
    blocks: &[Block],
    folded: &[String],
    sheets: &[Sheet<'_>],
    catalogue: &Catalogue,
    harvest: &mut Harvest,
) {
    const LAST_YEAR: i16 = 2018;
    if harvest.disclosure_form.is_some() || harvest.report_year.is_some_and(|year| year > LAST_YEAR) {
        return;
    }
    let in_tables = sheets.iter().map(|sheet| fold(&sheet.grid.text()));
    let text: String = folded.iter().cloned().chain(in_tables).collect();
    if !has_heading(&text) && LABELS.iter().filter(|(label, _)| text.contains(label.as_str())).count() < LEAST_ROWS {
        return;
    }
    let pieces = pieces(blocks, &harvest.used);
    let labels = labels_of(sheets, &pieces);
    if !(has_heading(&text) || has_rows(&labels, catalogue)) || has_rows_of_2014(&labels, catalogue) {
        return;
    }
    harvest.disclosure_form = Some(ReportForm::Local);
    let (n_facts, n_unread) = (harvest.facts.len(), harvest.unread.len());
    let mut used: Vec<usize> = Vec::new();
    let mut before: Option<(Columns, u32)> = None;
    for sheet in sheets {
        let own = Columns::of_sheet(sheet, harvest.report_year).map(|columns| (columns, sheet.usual_end));
        // 附表四, without headings of its own, has those of the tables before it.
        let Some((columns, _)) = own.or_else(|| before.take().filter(|(_, end)| *end == sheet.usual_end)) else {
            continue;
        };
        if read_sheet(sheet, &columns, catalogue, harvest) {
            used.push(sheet.block);
        }
        before = Some((columns, sheet.usual_end));
    }
    if used.is_empty() {
        read_lines(&pieces, catalogue, harvest, &mut used);
    }
    if harvest.facts.len() + harvest.unread.len() < n_facts + n_unread + LEAST_ROWS {
        harvest.facts.truncate(n_facts);
        harvest.unread.truncate(n_unread);
        return;
    }
    harvest.facts[n_facts..].iter_mut().for_each(|fact| fact.form = None);
    if let (Some(first), Some(last)) = (used.iter().min(), used.iter().max()) {
        harvest.used[*first..=*last].iter_mut().for_each(|used| *used = true);
    }
}

/// Whether the rows are those of the form of 2014, which some fill in with a
/// column for the running total beside it.
fn has_rows_of_2014(labels: &[String], catalogue: &Catalogue) -> bool {
    const ENOUGH: usize = 2;
    let is_its_alone = |label: &&String| row_of(label, catalogue).is_none() && is_label_of_2014(label, catalogue);
    labels.iter().filter(is_its_alone).take(ENOUGH).count() == ENOUGH
}

fn is_label_of_2014(label: &str, catalogue: &Catalogue) -> bool {
    let is_first_level = |row: &Indicator| row.spelling.levels.first().is_some_and(|level| level == label);
    !label.is_empty() && catalogue.rows(Form::F2014).any(is_first_level)
}

/// What may be labels of rows: the cells of tables, the lines and their first
/// words, bare.
fn labels_of(sheets: &[Sheet<'_>], pieces: &[Piece]) -> Vec<String> {
    let in_tables = sheets.iter().flat_map(Sheet::cells).map(|cell| cell.bare.clone());
    let in_lines = pieces.iter().flat_map(|piece| [piece.bare.clone(), first_word(piece)]);
    let mut labels: Vec<String> = in_tables.chain(in_lines).filter(|label| !label.is_empty()).collect();
    // A line of one word gives it twice.
    labels.dedup();
    labels
}

/// Whether a folded text has the usual heading: this year's column and the
/// running total's.
fn has_heading(text: &str) -> bool {
    let mut heading = text.match_indices("指标").map(|(at, _)| text[at..].chars().take(60).collect::<String>());
    heading.any(|heading| heading.contains("累计") && heading.contains("年度"))
}

/// Whether enough rows are a province's, some of them in no other form.
fn has_rows(labels: &[String], catalogue: &Catalogue) -> bool {
    const LEAST_OWN: usize = 2;
    let rows: Vec<&String> = labels.iter().filter(|label| row_of(label, catalogue).is_some()).collect();
    let n_own = rows.iter().filter(|label| !is_label_of_2014(label, catalogue)).count();
    rows.len() >= LEAST_ROWS && n_own >= LEAST_OWN
}

/// The value columns of a table by their headings.
#[derive(Debug, PartialEq, Eq)]
struct Columns {
    /// Where each stands: a grid's column, or its place among the value columns.
    at: Vec<u32>,
    /// Which of them is this year's, or why none is.
    this_year: Result<usize, &'static str>,
    /// Columns between the labels and them that number the rows, as statisticians'
    /// tables do.
    n_codes: usize,
    /// Whether such a column stands before the labels.
    begins_with_codes: bool,
    /// Where any heading stands, over one column alone.
    headed: Vec<u32>,
}

impl Columns {
    /// Of headings, each with its place; none where no column of values is
    /// headed.
    fn of(headings: &[(u32, String)], year: Option<i16>) -> Option<Self> {
        const OTHERS: [&str; 8] = ["单位", "计量", "指标", "项目", "名称", "内容", "备注", "说明"];
        let is_value = |text: &str| {
            let is_other = OTHERS.iter().chain(&SERIALS).any(|word| text.contains(word));
            period::of_heading(text, year) != Told::Nothing || !is_other
        };
        let columns: Vec<&(u32, String)> =
            headings.iter().filter(|(_, text)| !text.is_empty() && is_value(text)).collect();
        let first = columns.first().map(|(at, _)| *at);
        let is_label =
            |(_, text): &(u32, String)| !is_serial(text) && OVER_LABELS.iter().any(|word| text.contains(word));
        let (before, behind) = headings.split_at(headings.iter().position(is_label).unwrap_or(0));
        let n_codes = behind.iter().filter(|(at, text)| is_serial(text) && Some(*at) < first).count();
        let begins_with_codes = before.iter().any(|(_, text)| is_serial(text));
        let told: Vec<Told> = columns.iter().map(|(_, text)| period::of_heading(text, year)).collect();
        let places = |of: &Told| (0..told.len()).filter(|at| told[*at] == *of).collect::<Vec<_>>();
        let is_plain = |at: usize| {
            let text = &columns[at].1;
            is_of_numbers(text) || text.ends_with(['年', '度']) || (told.len() == 1 && text.contains(['数', '量']))
        };
        let is_whole = |at: &&usize| matches!(columns[**at].1.as_str(), "合计" | "总计");
        let [this_years, this_terms, plain] = [Told::ThisYear, Told::ThisTerm, Told::Nothing].map(|of| places(&of));
        let this_year = match (this_years.as_slice(), this_terms.as_slice(), plain.as_slice()) {
            ([one], _, _) | ([], [one], _) => Ok(*one),
            ([], [], [one]) if is_plain(*one) => Ok(*one),
            // 合计, and the columns of its parts.
            ([], [], several) if several.iter().filter(is_whole).count() == 1 => {
                several.iter().find(is_whole).copied().ok_or("the headings name no whole")
            }
            ([], [], []) => Err("the columns' headings say that they are of another time than the report's"),
            _ => Err(SEVERAL_COLUMNS),
        };
        (!columns.is_empty()).then(|| Self {
            at: columns.iter().map(|(at, _)| *at).collect(),
            this_year,
            n_codes,
            begins_with_codes,
            headed: Vec::new(),
        })
    }

    /// Of a grid, where its headings stand over one row or two.
    fn of_sheet(sheet: &Sheet<'_>, year: Option<i16>) -> Option<Self> {
        const WITHIN: usize = 4;
        let is_heading = |row: &Vec<Ready<'_>>| {
            row.len() > 1 && row.iter().any(|cell| cell.bare.contains("指标") || cell.bare.contains("项目"))
        };
        let at = sheet.rows.iter().take(WITHIN).position(is_heading)?;
        let of =
            |row: &Vec<Ready<'_>>| row.iter().map(|cell| (cell.cell.column, fold(cell.text()))).collect::<Vec<_>>();
        let first = of(&sheet.rows[at]);
        let second = sheet.rows.get(at + 1).filter(|row| is_second_heading(row, year)).map(of).unwrap_or_default();
        // Two headings of one column: the lower one tells more.
        let first = first.into_iter().filter(|(column, _)| second.iter().all(|(of, _)| of != column));
        let mut headings: Vec<_> = first.chain(second.iter().cloned()).collect();
        headings.sort_by_key(|(column, _)| *column);
        let headed = headings.iter().map(|(column, _)| *column).collect();
        Self::of(&headings, year).map(|columns| Self { headed, ..columns })
    }

    /// Of lines: the words from the heading to the first row.
    fn of_pieces(pieces: &[Piece], catalogue: &Catalogue, year: Option<i16>) -> Option<Self> {
        const MOST_WORDS: usize = 12;
        let begins = |bare: &str| OVER_LABELS.iter().any(|word| bare.starts_with(word));
        let is_first = |at: &usize| {
            let bare = pieces[*at].bare.as_str();
            // 行次, and 指标名称 behind it or on the next line.
            let rest = SERIALS.iter().find_map(|code| bare.strip_prefix(code));
            let below = || pieces.get(at + 1).is_some_and(|next| begins(&next.bare));
            rest.map_or_else(|| begins(bare), |rest| if rest.is_empty() { below() } else { begins(rest) })
        };
        let begin = (0..pieces.len()).find(is_first)?;
        let is_row = |piece: &&Piece| {
            let tells = || period::of_heading(&fold(&piece.text), year) != Told::Nothing;
            row_of_piece(piece, catalogue).is_some() || (is_numbered(&piece.text) && !tells())
        };
        let head = pieces[begin..].iter().take_while(|piece| !is_row(piece));
        let words = head.flat_map(|piece| heading_words(&piece.text)).map(|word| fold(&word)).take(MOST_WORDS);
        let mut columns = Self::of(&(0..).zip(over_lines(words)).collect::<Vec<_>>(), year)?;
        columns.at = (0..columns.at.len() as u32).collect();
        Some(columns)
    }
}

/// What stands over the labels of rows.
const OVER_LABELS: [&str; 2] = ["指标", "项目"];

/// The words of headings: `指 标 名 称` is one. What numbers the columns of
/// statisticians' tables, 甲 and 乙, 1 and 2, is none.
fn heading_words(text: &str) -> Vec<String> {
    const STEMS: [&str; 5] = ["甲", "乙", "丙", "丁", "戊"];
    let words: Vec<&str> = text.split_whitespace().collect();
    let is_one = words.len() > 1 && words.iter().all(|word| word.chars().count() == 1);
    let words = if is_one { vec![words.concat()] } else { words.into_iter().map(str::to_owned).collect() };
    let is_number = |word: &str| word.len() <= 2 && word.bytes().all(|byte| byte.is_ascii_digit());
    words.into_iter().filter(|word| !STEMS.contains(&word.as_str()) && !is_number(word)).collect()
}

/// Headings whose halves stand on lines of their own: 2012 and 年度, 历年 and 累计.
fn over_lines(words: impl Iterator<Item = String>) -> Vec<String> {
    let mut joined: Vec<String> = Vec::new();
    for word in words {
        let goes_on = |before: &String| match word.as_str() {
            "年度" | "年" => before.len() == 4 && before.parse::<u16>().is_ok(),
            "累计" => before == "历年",
            "单位" => before == "计量",
            _ => false,
        };
        match joined.last_mut().filter(|before| goes_on(before)) {
            Some(before) => before.push_str(&word),
            None => joined.push(word),
        }
    }
    joined
}

/// The labels of `config/local_labels.csv`, bare, each with its row.
static LABELS: LazyLock<Vec<(String, String)>> = LazyLock::new(|| {
    let mut reader = csv::Reader::from_reader(include_str!("../../../config/local_labels.csv").as_bytes());
    let rows = reader.records().filter_map(Result::ok);
    rows.filter_map(|row| Some((bare(row.get(0)?), row.get(1)?.to_owned()))).collect()
});

/// The row of the forms that a province's label stands for.
fn row_of<'a>(label: &str, catalogue: &'a Catalogue) -> Option<&'a Indicator> {
    let label = ["本年度", "本年"].iter().find_map(|year| label.strip_prefix(year)).unwrap_or(label);
    let (_, id) = LABELS.iter().find(|(known, _)| known == label)?;
    catalogue.rows(Form::F2014).find(|row| row.id.as_str() == id)
}

fn read_sheet(sheet: &Sheet<'_>, columns: &Columns, catalogue: &Catalogue, harvest: &mut Harvest) -> bool {
    let (n_facts, n_unread) = (harvest.facts.len(), harvest.unread.len());
    for row in &sheet.rows {
        let Some(label) = row.iter().find(|cell| !cell.bare.is_empty()) else { continue };
        let Some(indicator) = row_of(&label.bare, catalogue) else { continue };
        let numbers = || quoted(row.iter().filter(|cell| !cell.is_words()).map(Ready::text));
        let this = match columns.this_year {
            Ok(this) => columns.at[this],
            Err(reason) => {
                harvest.refuse(indicator, None, &numbers(), reason, sheet.at(label));
                continue;
            }
        };
        let value = row.iter().find(|cell| cell.cell.column == this);
        let is_headed = |cell: &Ready<'_>| !cell.is_number() || columns.headed.contains(&cell.cell.column);
        let is_told = is_whole(sheet, row) && !may_be_filled_up(sheet, row) && row.iter().all(is_headed);
        if let Some(value) = value.filter(|_| is_told) {
            let found = Found {
                place: sheet.at(value),
                label: label.label(),
                confidence: catalogue.confidence(&[Evidence::LocalTable]),
                rule: "a province's own table, this year's column",
                heading_unit: row.iter().find_map(|cell| Money::of(&fold(cell.text()))),
            };
            harvest.take_value(indicator, None, value.text(), &value.value, found, catalogue);
        } else {
            let reason = if may_be_filled_up(sheet, row) { ENDS_IN_BLANK } else { OTHER_CELLS };
            harvest.refuse(indicator, None, &numbers(), reason, sheet.at(label));
        }
    }
    harvest.facts.len() + harvest.unread.len() > n_facts + n_unread
}

fn read_lines(pieces: &[Piece], catalogue: &Catalogue, harvest: &mut Harvest, used: &mut Vec<usize>) {
    let Some(columns) = Columns::of_pieces(pieces, catalogue, harvest.report_year) else { return };
    let is_numbered =
        columns.begins_with_codes || (columns.n_codes == 0 && pieces.iter().any(|piece| is_serial(&piece.bare)));
    for (at, piece) in pieces.iter().enumerate().filter(|(_, piece)| !piece.is_value) {
        let Some(indicator) = row_of_piece(piece, catalogue) else { continue };
        let Some((unit, at)) = behind_codes(pieces, at, columns.n_codes) else { continue };
        let values = values_after(pieces, at);
        let Some(last) = values.last() else { continue };
        used.extend([piece.block, last.block]);
        let text = || quoted(values.iter().map(|value| value.text.as_str()));
        // Behind its own number a row in one line ends with it.
        let is_one_line = begins_with_code(piece) && last.block == piece.block;
        match columns.this_year {
            Err(reason) => harvest.refuse(indicator, None, &text(), reason, piece.place.clone()),
            // A number of the next row would stand for a blank that was lost.
            Ok(_) if is_numbered && !is_one_line => {
                let reason = "the rows are numbered, and a number of the next may stand for a blank";
                harvest.refuse(indicator, None, &text(), reason, piece.place.clone());
            }
            Ok(_) if values.len() != columns.at.len() => {
                let reason = "the row has not as many numbers as there are columns of them";
                harvest.refuse(indicator, None, &text(), reason, piece.place.clone());
            }
            Ok(this) => {
                let value = &values[this];
                let found = Found {
                    place: value.place.clone(),
                    label: piece.text.as_str().into(),
                    confidence: catalogue.confidence(&[Evidence::LocalTable, Evidence::NoGrid]),
                    rule: "a province's own table, this year's number of the row's",
                    heading_unit: unit,
                };
                harvest.take(indicator, &value.text, found, catalogue);
            }
        }
    }
}

/// The unit of money, and the last piece, of what stands between a label and its
/// numbers: a unit and codes in any order, on its line or below. None where the codes
/// are not as many as their columns.
fn behind_codes(pieces: &[Piece], label: usize, n_codes: usize) -> Option<(Option<Money>, usize)> {
    let own: Vec<&str> = words_of(&pieces[label]).skip(1).collect();
    let n_own = own.iter().filter(|word| is_code(word)).count();
    let mut unit = own.iter().find_map(|word| Money::of(word));
    let (mut n_left, mut at) = (n_codes.checked_sub(n_own)?, label);
    for piece in &pieces[label + 1..] {
        let money = Money::of(&piece.bare);
        if n_left > 0 && is_code(&piece.text) {
            n_left -= 1;
        } else if money.is_none() && !matches!(piece.bare.as_str(), "条" | "件" | "次" | "人" | "个" | "篇") {
            break;
        }
        unit = unit.or(money);
        at += 1;
    }
    (n_left == 0).then_some((unit, at))
}

/// Whether a word is a row's code, which may begin with a zero and is no number then.
fn is_code(word: &str) -> bool {
    word.bytes().all(|byte| byte.is_ascii_digit())
}

/// The words of a row's line but for its number: 12 当面申请数 条.
fn words_of(piece: &Piece) -> impl Iterator<Item = &str> {
    piece.text.split_whitespace().skip(usize::from(begins_with_code(piece)))
}

fn begins_with_code(piece: &Piece) -> bool {
    let mut words = piece.text.split_whitespace();
    words.next().is_some_and(is_code) && words.next().is_some()
}

/// The row that a piece of a text names, alone or as the first of its words, behind
/// 其中 and a numbering.
fn row_of_piece<'a>(piece: &Piece, catalogue: &'a Catalogue) -> Option<&'a Indicator> {
    row_of(&piece.bare, catalogue).or_else(|| row_of(&first_word(piece), catalogue))
}

fn first_word(piece: &Piece) -> String {
    words_of(piece).map(bare).find(|word| !word.is_empty()).unwrap_or_default()
}
