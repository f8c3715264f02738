//! The forms since 2019 in text that lost its grid: one cell a line, or a row a
//! line.
//!
//! A row is given only where the alignment is unique: a label that one row of
//! the form has, then exactly as many values as the form has columns, then the
//! next label. A blank that was lost makes a value too few, and the row is
//! unread; nothing is ever filled by order across a label.

use rust_decimal::Decimal;

use super::super::catalogue::{Catalogue, Evidence, Indicator};
use super::super::ids::Applicant;
use super::super::numbers::{CellValue, cell, is_value};
use super::super::types::{Form, ReportForm};
use super::applicants::{applicant_of, has_all_characters, is_forms_order};
use super::disclosure::{Item, Kind, doubled_heading, is_heading, row_of};
use super::disputes::{self, RESULTS};
use super::labels::{bare, has_open_bracket, is_numbered, is_page_number, is_serial};
use super::matrix_rows::{GROUPS, MatrixRow, form_of_labels};
use super::ready::quoted;
use super::sums::{ends_in_its_sum, most_add_up};
use super::{Found, Harvest, Money};
use crate::page::fold::fold;
use crate::page::{Block, BlockKind, Cell, Grid, Locator, Place};

/// Characters from which a line is prose.
const PROSE: usize = 120;

/// A cell of the text.
pub(super) struct Piece {
    pub text: String,
    pub bare: String,
    pub is_value: bool,
    pub place: Locator,
    pub block: usize,
}

pub(super) fn read(blocks: &[Block], folded: &[String], catalogue: &Catalogue, harvest: &mut Harvest) {
    const MARKS: [&str; 4] = ["信息内容", "信息类别", "本年新收", "复议后起诉"];
    let is_marked = |text: &str| MARKS.iter().any(|mark| text.contains(mark));
    let of_tables: Vec<Piece> = left_tables(blocks, &harvest.used).flat_map(rows).collect();
    if !folded.iter().any(|text| is_marked(text)) && !of_tables.iter().any(|piece| is_marked(&piece.bare)) {
        return;
    }
    let mut pieces = pieces(blocks, &harvest.used);
    pieces.extend(of_tables);
    pieces.sort_by_key(|piece| piece.block);
    let n_before = harvest.facts.len();
    let mut used = Vec::new();
    disclosure(&pieces, catalogue, harvest, &mut used);
    matrix(&pieces, catalogue, harvest, &mut used);
    disputes(&pieces, catalogue, harvest, &mut used);
    if harvest.facts.len() > n_before
        && let (Some(first), Some(last)) = (used.iter().min(), used.iter().max())
    {
        for (index, block) in blocks.iter().enumerate().take(last + 1).skip(*first) {
            harvest.used[index] |= block.text().chars().count() < PROSE;
        }
    }
}

/// The tables of plain text that are left unread: a converter breaks one into
/// many, with their headings elsewhere, so that their rows are no more than lines.
fn left_tables<'b>(blocks: &'b [Block], used: &[bool]) -> impl Iterator<Item = (usize, &'b Locator, &'b Grid)> {
    blocks.iter().enumerate().zip(used).filter_map(|((index, block), used)| match &block.kind {
        BlockKind::Table(grid) if !used && matches!(block.locator.place, Place::Line(_)) => {
            Some((index, &block.locator, &**grid))
        }
        _ => None,
    })
}

/// The rows of a table as lines. A blank cell between others is one; those at the ends
/// of a row are the table's, whose rows have more cells elsewhere.
fn rows((block, place, grid): (usize, &Locator, &Grid)) -> Vec<Piece> {
    let mut pieces = Vec::new();
    for row in &grid.rows {
        let is_told = |cell: &Cell| !cell.text.trim().is_empty();
        let Some(first) = row.cells.iter().position(is_told) else { continue };
        let last = row.cells.iter().rposition(is_told).unwrap_or(first);
        for cell in &row.cells[first..=last] {
            let piece = piece(&cell.text, &place.at_cell(cell.row + 1, cell.column + 1), block);
            pieces.push(Piece { is_value: piece.is_value || !is_told(cell), ..piece });
        }
    }
    pieces
}

/// The lines as cells; a line that ends in several values is a row.
pub(super) fn pieces(blocks: &[Block], used: &[bool]) -> Vec<Piece> {
    let mut pieces = Vec::new();
    for (index, block) in blocks.iter().enumerate().filter(|(index, _)| !used[*index]) {
        let lines: Vec<&str> = match &block.kind {
            BlockKind::Heading(_, text) | BlockKind::Paragraph(text) => vec![text],
            BlockKind::List(items) => items.iter().map(String::as_str).collect(),
            BlockKind::Table(_) | BlockKind::Control(_) => continue,
        };
        if block.is_fostered() {
            pieces.push(Piece::prose(&block.locator, index));
            continue;
        }
        for line in lines {
            let is_long = line.chars().count() >= PROSE;
            if is_long && is_flattened(line) {
                pieces.extend(words(line).map(|word| piece(word, &block.locator, index)));
                continue;
            }
            if is_long {
                // Prose ends what stood before it.
                pieces.push(Piece::prose(&block.locator, index));
                continue;
            }
            if is_page_number(&fold(line)) {
                continue;
            }
            if let Some((item, rest)) = item_in_one_line(line) {
                pieces.extend([item, HEADS].iter().chain(&rest).map(|word| piece(word, &block.locator, index)));
                continue;
            }
            let words = with_units(words(line));
            let n_values = words.iter().rev().take_while(|word| is_value(word)).count();
            let (label, values) = words.split_at(words.len() - n_values);
            let label = label.join(" ");
            if !label.is_empty() {
                pieces.push(piece(&label, &block.locator, index));
            }
            pieces.extend(values.iter().map(|value| piece(value, &block.locator, index)));
        }
    }
    pieces
}

/// Words, each number with the unit of money that stands apart behind it: `56.9 万元`.
fn with_units<'w>(words: impl Iterator<Item = &'w str>) -> Vec<String> {
    let mut joined: Vec<String> = Vec::new();
    for word in words {
        match joined.last_mut() {
            Some(number) if is_value(number) && Money::of(&fold(word)).is_some() => number.push_str(word),
            _ => joined.push(word.to_owned()),
        }
    }
    joined
}

/// What heads a row of headings of the disclosure table.
const HEADS: &str = "信息内容";

/// An item of the disclosure table that is one line, 第二十条第一款第（五）项：信息内容
/// 本年处理决定数量 行政许可 3: its name, and the words behind 信息内容.
fn item_in_one_line(line: &str) -> Option<(&str, Vec<&str>)> {
    let (item, rest) = line.split_once(HEADS)?;
    let rest: Vec<&str> = words(rest).collect();
    let ends_in_number = rest.last().is_some_and(|last| is_value(last));
    (ends_in_number && item.trim_start().starts_with("第二十条")).then_some((item, rest))
}

/// The words of a line. A bar that separated cells is none of them; a blank cell is
/// lost with it, and its row is told by its count.
fn words(line: &str) -> impl Iterator<Item = &str> {
    line.split(|c: char| c.is_whitespace() || c == '|').filter(|word| !word.is_empty())
}

/// A long line that is a page with its tables: many words, and not a few of
/// them values.
pub(super) fn is_flattened(line: &str) -> bool {
    const LEAST_WORDS: usize = 20;
    const WORDS_A_VALUE: usize = 5;
    let (n_words, n_values) =
        line.split_whitespace().fold((0, 0), |(words, values), word| (words + 1, values + usize::from(is_value(word))));
    n_words >= LEAST_WORDS && n_values * WORDS_A_VALUE >= n_words
}

/// The prose of a line that is a page with its tables: the words that are
/// sentences or head a section.
fn prose_of(line: &str) -> impl Iterator<Item = &str> {
    let heads_a_section = |word: &str| {
        let rest = word.trim_start_matches(|c: char| "一二三四五六七八九十".contains(c));
        rest.len() < word.len() && rest.starts_with('、')
    };
    line.split_whitespace().filter(move |word| word.contains(['。', '，', '；']) || heads_a_section(word))
}

/// The blocks in which no statistics were read, for the reader of sentences; of
/// a line that is a page with its tables its prose.
pub(super) fn prose(blocks: &[Block], used: &[bool]) -> Vec<Block> {
    let mut prose = Vec::new();
    for (block, used) in blocks.iter().zip(used) {
        match &block.kind {
            BlockKind::Paragraph(line) if line.chars().count() >= PROSE && is_flattened(line) => {
                let paragraph = |text: &str| Block { kind: BlockKind::Paragraph(text.to_owned()), ..block.clone() };
                prose.extend(prose_of(line).map(paragraph));
            }
            _ if *used => {}
            _ => prose.push(block.clone()),
        }
    }
    prose
}

/// A cell, or prose where it is too long for one.
fn piece(text: &str, place: &Locator, block: usize) -> Piece {
    if text.chars().count() >= PROSE {
        return Piece::prose(place, block);
    }
    Piece { bare: bare(text), is_value: is_value(text), text: text.to_owned(), place: place.clone(), block }
}

impl Piece {
    /// Prose, which ends what stood before it.
    fn prose(place: &Locator, block: usize) -> Self {
        Self { text: String::new(), bare: "。".into(), is_value: false, place: place.clone(), block }
    }
}

/// How a value of these lines was found.
fn found(value: &Piece, label: &str, evidence: Evidence, rule: &'static str, catalogue: &Catalogue) -> Found {
    let confidence = catalogue.confidence(&[evidence, Evidence::NoGrid]);
    Found { place: value.place.clone(), label: label.into(), confidence, rule, heading_unit: None }
}

/// Values that were refused, as a person would quote them.
fn texts(values: &[Piece]) -> String {
    quoted(values.iter().map(|value| value.text.as_str()))
}

/// The values that follow a label.
pub(super) fn values_after(pieces: &[Piece], at: usize) -> &[Piece] {
    let n = pieces[at + 1..].iter().take_while(|piece| piece.is_value).count();
    &pieces[at + 1..at + 1 + n]
}

/// The values of a label: those that follow it, of a table's row those in the same.
/// A converter that breaks a table moves labels of several lines away from their
/// values, before them or behind.
fn values_of(pieces: &[Piece], at: usize) -> &[Piece] {
    let label = &pieces[at].place;
    let row = |place: &Locator| place.cell.map(|(row, _)| row);
    let is_beside = |value: &&Piece| {
        let place = &value.place;
        place.cell.is_none() || (place.place == label.place && row(place) == row(label))
    };
    let values = values_after(pieces, at);
    let n = values.iter().take_while(is_beside).count();
    &values[..n]
}

fn disclosure(pieces: &[Piece], catalogue: &Catalogue, harvest: &mut Harvest, used: &mut Vec<usize>) {
    let kinds = Kind::all(catalogue);
    // The words of the row of headings, and its headings, as printed and bare.
    let mut words: Option<Vec<String>> = None;
    let mut columns: Vec<(String, String)> = Vec::new();
    let mut item = Item::default();
    let mut n_2021 = 0_i32;
    let mut any = false;
    for (at, piece) in pieces.iter().enumerate().filter(|(_, piece)| !piece.is_value) {
        if piece.bare == "。" || piece.bare.starts_with("第二十条") {
            columns.clear();
            words = None;
            item = if piece.bare == "。" { Item::default() } else { Item::of(&fold(&piece.text)) };
            continue;
        }
        // The headings of a row stand on one line, or on lines of their own.
        let mut own = piece.text.split_whitespace().map(str::to_owned).peekable();
        if is_heading(&piece.bare) || own.peek().is_some_and(|first| is_heading(&bare(first))) {
            columns.clear();
            item.n_headings += 1;
            words = Some(if is_heading(&piece.bare) { Vec::new() } else { own.skip(1).collect() });
            continue;
        }
        if let Some(joined) = joined_headings(&piece.text, &kinds) {
            columns.clear();
            item.n_headings += 1;
            words = Some(joined);
            continue;
        }
        let values = values_of(pieces, at);
        let mut of_kind = Kind::of_name(&kinds, &piece.bare);
        // A name that goes on behind its numbers, as where a cell had two lines.
        if of_kind.is_empty()
            && !values.is_empty()
            && let Some(rest) = pieces.get(at + 1 + values.len())
        {
            of_kind = Kind::of_name(&kinds, &format!("{}{}", piece.bare, rest.bare));
        }
        if of_kind.is_empty() {
            words.iter_mut().for_each(|words| words.extend(&mut own));
            continue;
        }
        if let Some(words) = words.take() {
            columns = headings(&words, &kinds);
        }
        if columns.is_empty() || values.is_empty() {
            continue;
        }
        let bare: Vec<&str> = columns.iter().map(|(_, column)| column.as_str()).collect();
        let doubled = doubled_heading(&of_kind, &bare);
        let evidence = if doubled.is_some() { Evidence::ColumnsByOrder } else { Evidence::Exact };
        let rows = doubled.unwrap_or_else(|| bare.iter().map(|column| row_of(&of_kind, column)).collect());
        for (index, row) in rows.into_iter().enumerate() {
            let Some(row) = row else { continue };
            n_2021 += if row.form == Form::F2021 { 1 } else { -1 };
            if values.len() == columns.len() {
                let rule = "as many values as headings before it";
                let heading_unit = Money::in_heading(&fold(&columns[index].0)).or(item.unit());
                let value = &values[index];
                if item.leaves_in_doubt(row, heading_unit, &cell(&value.text)) {
                    harvest.refuse(row, None, &value.text, Item::DOUBT, value.place.clone());
                    continue;
                }
                let mut found = found(value, &piece.text, evidence, rule, catalogue);
                found.heading_unit = heading_unit;
                harvest.take(row, &values[index].text, found, catalogue);
                any = true;
            } else {
                let reason = "the row has not as many values as there are headings";
                harvest.refuse(row, None, &texts(values), reason, piece.place.clone());
            }
        }
        used.push(piece.block);
        used.extend(values.last().map(|value| value.block));
    }
    if any {
        let form = if n_2021 > 0 { ReportForm::Form2021 } else { ReportForm::Form2019 };
        harvest.disclosure_form.get_or_insert(form);
    }
}

/// The headings of a row that ran together, 信息内容本年处理决定数量: columns of the form
/// from end to end, and what is left at the end a note on the last, its unit.
fn joined_headings(text: &str, kinds: &[Kind<'_>]) -> Option<Vec<String>> {
    let mut rest = text.strip_prefix(HEADS)?;
    let mut headings: Vec<String> = Vec::new();
    while !rest.is_empty() {
        let columns = kinds.iter().map(|kind| kind.column).filter(|column| rest.starts_with(column));
        match (columns.max_by_key(|column| column.len()), headings.last_mut()) {
            (Some(column), _) => {
                headings.push(column.to_owned());
                rest = &rest[column.len()..];
            }
            (None, Some(last)) if bare(rest).is_empty() => {
                last.push_str(rest);
                rest = "";
            }
            (None, _) => return None,
        }
    }
    (!headings.is_empty()).then_some(headings)
}

/// The headings that words make, one each or several that are one heading over
/// several lines, as printed and bare. A word that is none is a heading all the
/// same, its column is counted, unless it is a note on the one before: （万元）.
fn headings(words: &[String], kinds: &[Kind<'_>]) -> Vec<(String, String)> {
    let is_column = |bare: &str| kinds.iter().any(|kind| kind.column == bare);
    let mut found: Vec<(String, String)> = Vec::new();
    let mut at = 0;
    while at < words.len() {
        // 本年收费金额(单位:万元 and ) below it.
        if let Some((printed, _)) = found.last_mut().filter(|(printed, _)| has_open_bracket(printed)) {
            printed.push_str(&words[at]);
            at += 1;
            continue;
        }
        let longest = LINES_OF_HEADING.min(words.len() - at);
        let n = (1..=longest).find(|n| is_column(&bare(&words[at..at + n].concat()))).unwrap_or(1);
        let printed = words[at..at + n].concat();
        at += n;
        match (bare(&printed), found.last_mut()) {
            (own, Some((last, _))) if own.is_empty() => last.push_str(&printed),
            (own, _) => found.push((printed, own)),
        }
    }
    found
}

/// Pieces before a matrix's first row among which its headings stand.
const HEADINGS_BEFORE: usize = 24;

/// Lines over which a heading may be spread: 社会 / 公益 / 组织.
const LINES_OF_HEADING: usize = 3;

/// The words of pieces, bare.
fn words_of(pieces: &[Piece]) -> Vec<String> {
    pieces.iter().flat_map(|piece| piece.text.split_whitespace().map(bare).collect::<Vec<_>>()).collect()
}

/// What words name, each or several that are one heading over several lines;
/// a word alone comes first.
fn joined<T>(words: &[String], named: impl Fn(&str) -> Option<T>) -> Vec<T> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < words.len() {
        let longest = LINES_OF_HEADING.min(words.len() - at);
        let named = (1..=longest).find_map(|n| Some((n, named(&words[at..at + n].concat())?)));
        let n = named.as_ref().map_or(1, |(n, _)| *n);
        found.extend(named.map(|(_, what)| what));
        at += n;
    }
    found
}

/// Whether the headings before a matrix are all there, in the form's order: of
/// lines nothing else tells whose a value is.
fn has_forms_headings(before: &[Piece]) -> bool {
    let from = before.len().saturating_sub(HEADINGS_BEFORE);
    let words = words_of(&before[from..]);
    // Numbers that number rows stand among the values, and a lost blank beside
    // them makes up their count.
    if words.iter().any(|word| is_serial(word)) {
        return false;
    }
    let found: Vec<(u32, Applicant)> =
        joined(&words, applicant_of).into_iter().map(|applicant| (0, applicant)).collect();
    let mut distinct: Vec<Applicant> = found.iter().map(|(_, applicant)| *applicant).collect();
    distinct.sort_unstable();
    distinct.dedup();
    distinct.len() == Applicant::ALL.len() && (found.len() > distinct.len() || is_forms_order(&found))
}

/// Whether all headings stand before a matrix though a copy of a page broke them
/// over lines, one beside another: each of their characters as often as it must.
fn has_headings_in_pieces(before: &[Piece]) -> bool {
    let Some(from) = before.iter().rposition(|piece| piece.bare.contains("申请人情况")) else { return false };
    if before.len() - from > HEADINGS_BEFORE || before[from..].iter().any(|piece| is_serial(&piece.bare)) {
        return false;
    }
    has_all_characters(before[from..].iter().flat_map(|piece| piece.text.chars()))
}

/// A row's values without a number on a line of its own behind them, where the page
/// ended: those on the label's line are seven and add up.
fn without_page_number<'p>(label: &Piece, values: &'p [Piece]) -> &'p [Piece] {
    const N: usize = Applicant::ALL.len();
    let Some((own, [behind])) = values.split_at_checked(N) else { return values };
    let numbers = numbers(own);
    let is_of_line = own.iter().all(|value| value.place == label.place) && behind.place != label.place;
    let is_number = (1..=3).contains(&behind.text.len()) && behind.text.bytes().all(|byte| byte.is_ascii_digit());
    if is_of_line && is_number && ends_in_its_sum(&numbers) { own } else { values }
}

/// Whether the rows of seven values have the sum of the others last.
fn rows_add_up(pieces: &[Piece]) -> bool {
    let is_row = |at: &usize| !pieces[*at].is_value && values_of(pieces, *at).len() == Applicant::ALL.len();
    let rows = (0..pieces.len()).filter(is_row).map(|at| values_of(pieces, at));
    most_add_up(rows.map(numbers))
}

fn matrix(pieces: &[Piece], catalogue: &Catalogue, harvest: &mut Harvest, used: &mut Vec<usize>) {
    let Some(begins) = pieces.iter().position(|piece| piece.bare.contains("本年新收")) else { return };
    let has_headings = has_forms_headings(&pieces[..begins])
        || (has_headings_in_pieces(&pieces[..begins]) && rows_add_up(&pieces[begins..]));
    let labels = pieces[begins..].iter().map(|piece| piece.bare.as_str());
    harvest.matrix_form = form_of_labels(labels).or(harvest.matrix_form);
    let form = harvest.matrix_form.unwrap_or_else(|| harvest.form_beside());
    let rows = MatrixRow::all(form, catalogue);
    let (mut group, mut label) = (String::new(), String::new());
    // The place of the row before, and the numbers of no row since; up to where
    // numbers are a label's.
    let (mut before, mut strays): (Option<usize>, Vec<&Piece>) = (None, Vec::new());
    let mut labelled = begins;
    let mut untold: Vec<Option<&Indicator>> = rows.iter().map(|of| Some(of.row)).collect();
    for (at, piece) in pieces.iter().enumerate().skip(begins) {
        if piece.is_value {
            label.clear();
            if at >= labelled {
                harvest.n_stray_numbers += 1;
                strays.push(piece);
            }
            continue;
        }
        if RESULTS.contains(&piece.bare.as_str()) && piece.bare != "总计" || piece.bare == "。" {
            break;
        }
        // A row on one line has its group's label before its own.
        let printed: Vec<&str> = piece.text.split_whitespace().collect();
        let words: Vec<String> = printed.iter().copied().map(bare).collect();
        // A number begins a label, whatever stood before it: a row whose cells are
        // blank leaves its label alone.
        let begins = printed.iter().rposition(|word| is_numbered(word));
        let own = begins.map(|from| printed[from..].concat());
        if begins.is_some() {
            label.clear();
        }
        // Its name may stand in the middle of its rows, and 1. begins one before it.
        let is_of_row_before = || before.is_some_and(|before: usize| rows[before].is_of(&group));
        if own.as_deref().is_some_and(is_first) && is_of_row_before() {
            group.clear();
        }
        if let Some(of) = words.iter().chain([&piece.bare]).find(|word| GROUPS.contains(&word.as_str())) {
            group.clone_from(of);
        }
        label.push_str(own.as_deref().unwrap_or(&piece.text));
        let values = without_page_number(piece, values_of(pieces, at));
        if values.is_empty() {
            continue;
        }
        labelled = at + 1 + values.len();
        let alone = own.as_deref().map_or_else(|| piece.bare.clone(), bare);
        let spellings = words.last().cloned().into_iter().chain([alone, bare(&label)]);
        let by_label = spellings.into_iter().find_map(|label| MatrixRow::find(&rows, &label, &mut group));
        let by_number = || MatrixRow::numbered_alone(&rows, own.as_deref()?, &mut group);
        let Some((row, evidence)) = by_label.or_else(by_number) else {
            harvest.n_stray_numbers += values.len();
            strays.extend(values);
            continue;
        };
        let place = rows.iter().position(|of| of.row.id == row.id);
        let between = before.zip(place).and_then(|(before, place)| untold.get_mut(before + 1..place));
        if let Some(between) = between {
            if has_headings {
                take_between(between, &strays, harvest, catalogue);
            }
            refuse_between(between, &strays, harvest);
        }
        (before, strays) = (place, Vec::new());
        used.push(piece.block);
        used.extend(values.last().map(|value| value.block));
        let told: &[Applicant] = match values.len() {
            n if n != Applicant::ALL.len() => &[],
            _ if has_headings => &Applicant::ALL,
            _ => told_without_headings(values),
        };
        let reason = match values.len() {
            n if n != Applicant::ALL.len() => format!("the row has {n} values for 7 columns"),
            _ => "the form's seven headings do not stand above it".to_owned(),
        };
        let (evidence, rule) = if has_headings {
            (evidence, "seven values after its label")
        } else {
            (Evidence::HeadingLost, "alike in any order of the columns")
        };
        for (at, applicant) in Applicant::ALL.into_iter().enumerate() {
            if let Some(value) = values.get(at).filter(|_| told.contains(&applicant)) {
                let found = found(value, &piece.text, evidence, rule, catalogue);
                harvest.take_value(row, Some(applicant), &value.text, &cell(&value.text), found, catalogue);
            } else {
                harvest.refuse(row, Some(applicant), &texts(values), &reason, piece.place.clone());
            }
        }
    }
}

/// The applicants whose values are the same in whatever order the columns stand whose
/// headings were lost: the total, which is the sum of the others; all where all are alike.
fn told_without_headings(values: &[Piece]) -> &'static [Applicant] {
    match numbers_with_their_sum(values.iter()) {
        None => &[],
        Some(numbers) if numbers.iter().all(Decimal::is_zero) => &Applicant::ALL,
        Some(_) => &[Applicant::Total],
    }
}

/// The numbers of values; zero where there is none.
fn numbers(values: &[Piece]) -> Vec<Decimal> {
    values.iter().map(|value| cell(&value.text).or_zero()).collect()
}

/// A row's numbers, where each of its values is one and the last is the others' sum.
fn numbers_with_their_sum<'p>(values: impl Iterator<Item = &'p Piece>) -> Option<Vec<Decimal>> {
    let number = |value: &Piece| match cell(&value.text) {
        CellValue::Number(number) => Some(number.value),
        _ => None,
    };
    let numbers: Vec<Decimal> = values.map(number).collect::<Option<_>>()?;
    ends_in_its_sum(&numbers).then_some(numbers)
}

/// Whether a label is the first of its group: 1.属于国家秘密.
fn is_first(label: &str) -> bool {
    let folded = fold(label);
    let inside = folded.strip_prefix('(').unwrap_or(&folded);
    inside.strip_prefix(['1', '①']).is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_digit()))
}

/// Numbers of no row that are quoted.
const MOST_STRAYS: usize = 28;

/// The rows between two that were read, where between these stand seven numbers for each
/// and each seven add up: their labels were broken, and whose are which their order tells.
fn take_between(between: &mut [Option<&Indicator>], strays: &[&Piece], harvest: &mut Harvest, catalogue: &Catalogue) {
    const N: usize = Applicant::ALL.len();
    let add_up = |row: &[&Piece]| numbers_with_their_sum(row.iter().copied()).is_some();
    if between.is_empty() || strays.len() != N * between.len() || !strays.chunks(N).all(add_up) {
        return;
    }
    harvest.n_stray_numbers -= strays.len();
    for (row, values) in between.iter_mut().zip(strays.chunks(N)) {
        let Some(row) = row.take() else { continue };
        for (applicant, value) in Applicant::ALL.into_iter().zip(values) {
            let rule = "seven values for each row between the rows before and behind";
            let found = found(value, &row.label, Evidence::LabelVariant, rule, catalogue);
            harvest.take_value(row, Some(applicant), &value.text, &cell(&value.text), found, catalogue);
        }
    }
}

/// The rows between two that were read, where between these stand numbers of no row:
/// their labels were broken, and which are whose cannot be told. Each is told once.
fn refuse_between(between: &mut [Option<&Indicator>], strays: &[&Piece], harvest: &mut Harvest) {
    let Some(first) = strays.first() else { return };
    let text = quoted(strays.iter().take(MOST_STRAYS).map(|value| value.text.as_str()));
    let reason = "its label is broken: numbers of no row stand between the rows before and behind it";
    for row in between.iter_mut().filter_map(Option::take) {
        for applicant in Applicant::ALL {
            harvest.refuse(row, Some(applicant), &text, reason, first.place.clone());
        }
    }
}

/// The headings of a group over two lines: a converter gives the upper halves of
/// all, then the lower ones.
const HALVES: [[&str; 5]; 2] = [["结果", "结果", "其他", "尚未", "总"], ["维持", "纠正", "结果", "审结", "计"]];

/// Whether words are the headings of three groups in the form's order, whole
/// or in halves.
fn has_three_groups(words: &[String]) -> bool {
    let whole = joined(words, |word| RESULTS.into_iter().find(|result| *result == word));
    if whole.len() == 3 * RESULTS.len() && whole.chunks(RESULTS.len()).all(|group| group == RESULTS) {
        return true;
    }
    let is_half = |word: &&str| HALVES.as_flattened().contains(word);
    let halves: Vec<&str> = words.iter().map(String::as_str).filter(is_half).collect();
    let n_of = |half: [&str; 5]| halves.chunks(half.len()).filter(|chunk| **chunk == half).count();
    halves.len() == 6 * RESULTS.len() && HALVES.into_iter().all(|half| n_of(half) == 3)
}

/// Whether the headings of three groups stand there though a copy of a page broke
/// them over lines: each of their characters three times.
fn has_groups_in_pieces(before: &[Piece]) -> bool {
    let all: Vec<char> = before.iter().flat_map(|piece| piece.text.chars()).collect();
    let n_of = |of: char| all.iter().filter(|c| **c == of).count();
    let group = RESULTS.concat();
    group.chars().all(|c| n_of(c) >= 3 * group.chars().filter(|of| *of == c).count())
}

/// Whether each group of five values ends in the sum of the others.
fn groups_add_up(values: &[Piece]) -> bool {
    numbers(values).chunks(RESULTS.len()).all(ends_in_its_sum)
}

/// The values of groups of which each has its name, its five headings and its five
/// values below one another, in the form's order.
fn group_by_group(pieces: &[Piece]) -> Option<Vec<&Piece>> {
    const N: usize = RESULTS.len();
    let mut values = Vec::new();
    let mut at = 0;
    for group in 0..3 {
        let is_name = |piece: &Piece| disputes::group_of(&fold(&piece.text)) == Some(group);
        let name = at
            + pieces[at..]
                .iter()
                .rposition(is_name)
                .filter(|_| group == 0)
                .or_else(|| pieces[at..].iter().position(is_name))?;
        let headings = pieces.get(name + 1..=name + N)?;
        if !headings.iter().map(|piece| piece.bare.as_str()).eq(RESULTS) {
            return None;
        }
        let own = values_after(pieces, name + N);
        values.extend((own.len() == N).then_some(own)?);
        at = name + 2 * N;
    }
    Some(values)
}

fn disputes(pieces: &[Piece], catalogue: &Catalogue, harvest: &mut Harvest, used: &mut Vec<usize>) {
    if let Some(values) = group_by_group(pieces) {
        used.extend(values.iter().map(|value| value.block));
        for (row, value) in disputes::rows(harvest.form_beside(), catalogue).into_iter().zip(values) {
            let found = found(value, &row.label, Evidence::Exact, "five values after each group's headings", catalogue);
            harvest.take(row, &value.text, found, catalogue);
        }
        return;
    }
    let is_last_group = |piece: &Piece| piece.bare.contains("复议后起诉") || piece.bare == "复议后";
    let Some(begins) = pieces.iter().rposition(is_last_group) else { return };
    let head = pieces[..begins].iter().rposition(|piece| piece.bare.contains("行政复议"));
    let from = head.filter(|head| begins - head <= HEADINGS_BEFORE).unwrap_or(begins.saturating_sub(12));
    let Some(first_value) = pieces[begins..].iter().position(|piece| piece.is_value).map(|n| begins + n) else {
        return;
    };
    let values = values_after(pieces, first_value - 1);
    let is_forms_order = has_three_groups(&words_of(&pieces[from..first_value]))
        || (has_groups_in_pieces(&pieces[from..first_value]) && groups_add_up(values));
    let rows = disputes::rows(harvest.form_beside(), catalogue);
    used.extend([pieces[from].block]);
    used.extend(values.last().map(|value| value.block));
    if !is_forms_order || values.len() != rows.len() {
        for row in rows {
            let reason = "fifteen values do not stand under the form's headings";
            harvest.refuse(row, None, &texts(values), reason, pieces[begins].place.clone());
        }
        return;
    }
    for (row, value) in rows.into_iter().zip(values) {
        let found = found(value, &row.label, Evidence::Exact, "fifteen values after the form's headings", catalogue);
        harvest.take(row, &value.text, found, catalogue);
    }
}
