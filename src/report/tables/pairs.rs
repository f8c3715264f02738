//! The forms since 2019 as pairs of a label and its number, without columns, as
//! portals' pages for telephones print them.
//!
//! A row of the matrix, a kind of article 20's items or a group of disputes
//! stands above, and below it applicants, headings or results, each with its own
//! number. A number is its label's where it stands in one line with it and nothing
//! else, or where labels and numbers take turns to the end of the group: a blank
//! that left no line breaks the turns, and the group is unread.

use rust_decimal::Decimal;

use super::super::catalogue::{Catalogue, Evidence, Indicator};
use super::super::ids::Applicant;
use super::super::numbers::{cell, is_value};
use super::super::types::{Form, ReportForm};
use super::applicants::{self, applicant_of};
use super::disclosure::{Item, Kind, row_of};
use super::disputes::{self, RESULTS};
use super::form2014::{UNITS, is_unit};
use super::labels::{bare, has_open_bracket, is_numbered};
use super::matrix_rows::{GROUPS, MatrixRow, RowFound, form_of_labels};
use super::ready::quoted;
use super::sums::ends_in_its_sum;
use super::{Found, Harvest, Money};
use crate::page::fold::fold;
use crate::page::{Block, BlockKind, Locator};

/// Characters from which a line is prose.
const PROSE: usize = 120;

/// Groups from which a page prints its statistics in pairs.
const LEAST_GROUPS: usize = 3;

/// Labels and numbers that are quoted of a group that cannot be read.
const MOST_PIECES: usize = 24;

/// Characters that no name of a group of disputes exceeds.
const LONGEST_GROUP: usize = 24;

/// What heads applicants, and is none.
const OVER_APPLICANTS: [&str; 5] = ["法人或其他组织", "法人和其他组织", "法人", "申请人情况", "小计"];

/// Labels of applicants that rows have as well.
const ROWS_TOO: [Applicant; 2] = [Applicant::OtherOrganization, Applicant::Total];

pub(super) fn read(blocks: &[Block], folded: &[String], catalogue: &Catalogue, harvest: &mut Harvest) {
    const MARKS: [&str; 5] = ["第二十条", "本年新收", "结果维持", "处理决定数量", "制发件数"];
    if !folded.iter().any(|text| MARKS.iter().any(|mark| text.contains(mark))) {
        return;
    }
    let lines = lines(blocks, &harvest.used);
    let bare_lines: Vec<String> = lines.iter().map(|line| bare(line.text)).collect();
    let matrix_form = form_of_labels(bare_lines.iter().map(String::as_str));
    let form = matrix_form.or(harvest.matrix_form).unwrap_or_else(|| harvest.form_beside());
    let kinds = Kind::all(catalogue);
    let rows = MatrixRow::all(form, catalogue);
    let names = Names { kinds: &kinds, rows: &rows };
    let groups = groups(&lines, &names);
    if groups.iter().filter(|group| group.pairs().is_ok_and(|pairs| !pairs.is_empty())).count() < LEAST_GROUPS {
        return;
    }
    harvest.matrix_form = matrix_form.or(harvest.matrix_form);
    let n_before = harvest.facts.len();
    for group in &groups {
        group.take(form, catalogue, harvest);
    }
    let of_disclosure = |fact: &super::Fact| kinds.iter().any(|kind| kind.row.id == fact.indicator);
    let forms = harvest.facts[n_before..].iter().filter(|fact| of_disclosure(fact)).filter_map(|fact| fact.form);
    if let Some(form) = forms.max_by_key(|form| *form == Form::F2021) {
        harvest.disclosure_form.get_or_insert(ReportForm::from(form));
    }
}

/// A line of the article that is no prose.
struct Line<'b> {
    text: &'b str,
    place: &'b Locator,
    block: usize,
}

fn lines<'b>(blocks: &'b [Block], used: &[bool]) -> Vec<Line<'b>> {
    let mut lines = Vec::new();
    for (block, of) in blocks.iter().enumerate().filter(|(block, of)| !used[*block] && !of.is_fostered()) {
        let line = |text: &'b str| Line { text, place: &of.locator, block };
        match &of.kind {
            BlockKind::Heading(_, text) | BlockKind::Paragraph(text) => lines.push(line(text)),
            BlockKind::List(items) => lines.extend(items.iter().map(|item| line(item))),
            BlockKind::Table(_) | BlockKind::Control(_) => {}
        }
    }
    lines
}

/// A label of a line, or a number.
#[derive(Clone)]
struct Piece<'b> {
    text: String,
    bare: String,
    is_value: bool,
    /// Whether nothing parts it from another pair.
    is_run_on: bool,
    /// The line's number among the lines.
    line: usize,
    place: &'b Locator,
    block: usize,
}

/// What stands above pairs.
enum Above<'k, 'a> {
    Row(RowFound<'a>),
    Kinds(Vec<&'k Kind<'a>>, Item),
    /// A group of disputes, by its place in the form.
    Disputes(usize),
}

/// What stands above pairs, and the pieces below it.
struct Group<'b, 'k, 'a> {
    above: Above<'k, 'a>,
    label: Piece<'b>,
    pieces: Vec<Piece<'b>>,
}

/// The groups of an article. What begins none and belongs to none ends the one
/// before it.
fn groups<'b, 'k, 'a>(lines: &[Line<'b>], names: &Names<'k, 'a>) -> Vec<Group<'b, 'k, 'a>> {
    let mut groups: Vec<Group<'b, 'k, 'a>> = Vec::new();
    let mut is_open = false;
    let (mut item, mut result) = (Item::default(), String::new());
    for (at, line) in lines.iter().enumerate() {
        for (text, is_run_on) in names.parts(line.text) {
            let piece = Piece {
                is_value: is_value(&text),
                bare: bare(&text),
                text,
                is_run_on,
                line: at,
                place: line.place,
                block: line.block,
            };
            let group = groups.last_mut().filter(|_| is_open);
            let folded = fold(&piece.text);
            if piece.is_value || is_unit(&folded) || piece.bare.is_empty() {
                group.into_iter().for_each(|group| group.push(piece.clone()));
            } else if let Some(group) = group.filter(|group| group.has(&piece)) {
                group.pieces.push(piece);
            } else if folded.starts_with("第二十条") {
                (item, is_open) = (Item::of(&folded), false);
            } else {
                let above = names.above(&piece, &item, &mut result);
                is_open = above.is_some();
                groups.extend(above.map(|above| Group { above, label: piece, pieces: Vec::new() }));
            }
        }
    }
    groups
}

impl<'b, 'a> Group<'b, '_, 'a> {
    /// Takes a number, or the unit of the one before it.
    fn push(&mut self, piece: Piece<'b>) {
        if piece.is_value {
            self.pieces.push(piece);
        } else if let Some(number) = self.pieces.last_mut().filter(|last| last.is_value && is_unit(&fold(&piece.text)))
        {
            number.text.push_str(&piece.text);
        }
    }

    /// Whether a label is of what stands in such a group.
    fn has(&self, label: &Piece<'_>) -> bool {
        match &self.above {
            Above::Row(_) => {
                let Some(applicant) = applicant_of(&label.bare) else {
                    return OVER_APPLICANTS.contains(&label.bare.as_str());
                };
                let is_again = || self.pieces.iter().any(|piece| piece.bare == label.bare);
                !(ROWS_TOO.contains(&applicant) && (is_numbered(&label.text) || is_again()))
            }
            Above::Kinds(kinds, _) => row_of(kinds, &label.bare).is_some(),
            Above::Disputes(_) => RESULTS.contains(&label.bare.as_str()),
        }
    }

    /// Each label with its number, or why they cannot be told.
    fn pairs(&self) -> Result<Vec<(&Piece<'b>, &Piece<'b>)>, &'static str> {
        let is_pair = |pair: &[Piece<'_>]| matches!(pair, [label, value] if !label.is_value && value.is_value);
        let own_lines = || self.pieces.chunk_by(|a, b| a.line == b.line);
        let are_alone = own_lines().all(|line| is_pair(line) || matches!(line, [label] if !label.is_value));
        // What stands over applicants has no number where they take turns.
        let is_over = |piece: &Piece<'_>| OVER_APPLICANTS.contains(&piece.bare.as_str());
        let pairs: Vec<(&Piece<'_>, &Piece<'_>)> = if are_alone {
            own_lines().filter(|line| is_pair(line)).map(|line| (&line[0], &line[1])).collect()
        } else {
            let all: Vec<&Piece<'_>> = self.pieces.iter().collect();
            let heads = |at: usize| is_over(all[at]) && !all.get(at + 1).is_some_and(|next| next.is_value);
            let turns: Vec<&Piece<'_>> = (0..all.len()).filter(|at| !heads(*at)).map(|at| all[at]).collect();
            let in_turn = |first_is_value: bool| {
                let takes_turns = |turn: &[&Piece<'_>]| {
                    turn.len() == 2 && turn[0].is_value == first_is_value && turn[1].is_value != first_is_value
                };
                turns.chunks(2).all(takes_turns)
            };
            if in_turn(false) {
                turns.chunks(2).map(|turn| (turn[0], turn[1])).collect()
            } else if in_turn(true) {
                let pairs: Vec<_> = turns.chunks(2).map(|turn| (turn[1], turn[0])).collect();
                if !self.adds_up(&pairs) {
                    return Err("its numbers stand before their labels, and do not add up so");
                }
                pairs
            } else {
                return Err("labels and numbers do not take turns below it: a number or a label is missing");
            }
        };
        // A label that was lost leaves the numbers beside it as one.
        if self.pieces.iter().any(|piece| piece.is_run_on) && !self.adds_up(&pairs) {
            return Err("its labels and numbers run on, and do not add up so");
        }
        let is_again = |at: usize| pairs[..at].iter().any(|(label, _)| label.bare == pairs[at].0.bare);
        if (0..pairs.len()).any(is_again) { Err("a label stands below it twice") } else { Ok(pairs) }
    }

    /// Whether pairs are all of a row's or of a group's, and the total is the sum of
    /// the others.
    fn adds_up(&self, pairs: &[(&Piece<'_>, &Piece<'_>)]) -> bool {
        let n = match self.above {
            Above::Row(_) => Applicant::ALL.len(),
            Above::Disputes(_) => RESULTS.len(),
            Above::Kinds(..) => return false,
        };
        let is_total = |label: &Piece<'_>| applicant_of(&label.bare) == Some(Applicant::Total);
        let (totals, parts): (Vec<_>, Vec<_>) = pairs.iter().partition(|(label, _)| is_total(label));
        let numbers: Vec<Decimal> = parts.iter().chain(&totals).map(|(_, value)| cell(&value.text).or_zero()).collect();
        totals.len() == 1 && pairs.len() == n && ends_in_its_sum(&numbers)
    }

    fn take(&self, form: Form, catalogue: &'a Catalogue, harvest: &mut Harvest) {
        if !self.pieces.iter().any(|piece| piece.is_value) || self.pieces.iter().all(|piece| piece.is_value) {
            return;
        }
        let disputes = disputes::rows(form, catalogue);
        let pairs = match self.pairs() {
            Ok(pairs) => pairs,
            Err(reason) => {
                let text = quoted(self.pieces.iter().take(MOST_PIECES).map(|piece| piece.text.as_str()));
                let mut labels: Vec<&Piece<'_>> = self.pieces.iter().filter(|piece| !piece.is_value).collect();
                labels.sort_by(|a, b| a.bare.cmp(&b.bare));
                labels.dedup_by(|a, b| a.bare == b.bare);
                for (row, applicant) in labels.into_iter().filter_map(|label| self.cell_of(label, &disputes)) {
                    harvest.refuse(row, applicant, &text, reason, self.label.place.clone());
                }
                return;
            }
        };
        harvest.used[self.label.block] = true;
        self.pieces.iter().for_each(|piece| harvest.used[piece.block] = true);
        let evidence = match self.above {
            Above::Row((_, evidence)) => evidence,
            _ => Evidence::Exact,
        };
        for (label, value) in pairs {
            let Some((row, applicant)) = self.cell_of(label, &disputes) else {
                harvest.n_stray_numbers += 1;
                continue;
            };
            let heading_unit = match &self.above {
                Above::Kinds(_, item) => {
                    let unit = Money::in_heading(&fold(&label.text)).or(item.unit());
                    if item.leaves_in_doubt(row, unit, &cell(&value.text)) {
                        harvest.refuse(row, None, &value.text, Item::DOUBT, value.place.clone());
                        continue;
                    }
                    unit
                }
                _ => None,
            };
            let found = Found {
                place: value.place.clone(),
                label: format!("{} {}", self.label.text, label.text).into(),
                confidence: catalogue.confidence(&[evidence, Evidence::NoGrid]),
                rule: "the number beside its label, below its row's",
                heading_unit,
            };
            harvest.take_value(row, applicant, &value.text, &cell(&value.text), found, catalogue);
        }
    }

    /// The cell of the form that a label below the group's own means.
    fn cell_of(&self, label: &Piece<'_>, disputes: &[&'a Indicator]) -> Option<(&'a Indicator, Option<Applicant>)> {
        match &self.above {
            Above::Row((row, _)) => Some((row, Some(applicant_of(&label.bare)?))),
            Above::Kinds(kinds, _) => Some((row_of(kinds, &label.bare)?, None)),
            Above::Disputes(group) => {
                let result = RESULTS.iter().position(|result| *result == label.bare)?;
                Some((disputes.get(group * RESULTS.len() + result)?, None))
            }
        }
    }
}

/// The names that the forms give to what stands above pairs and in them.
struct Names<'k, 'a> {
    kinds: &'k [Kind<'a>],
    rows: &'k [MatrixRow<'a>],
}

impl<'k, 'a> Names<'k, 'a> {
    /// What a label begins; `result` is the group of results that it stands in.
    fn above(&self, label: &Piece<'_>, item: &Item, result: &mut String) -> Option<Above<'k, 'a>> {
        let kinds = Kind::of_name(self.kinds, &label.bare);
        if !kinds.is_empty() {
            return Some(Above::Kinds(kinds, item.clone()));
        }
        let folded = fold(&label.text);
        if let Some(group) = disputes::group_of(&folded).filter(|_| folded.chars().count() <= LONGEST_GROUP) {
            return Some(Above::Disputes(group));
        }
        // 不予公开1.属于国家秘密, and 不予公开 alone.
        let own = match GROUPS.iter().find_map(|group| Some((group, label.bare.strip_prefix(group)?))) {
            Some((group, own)) => {
                (*group).clone_into(result);
                if own.is_empty() { label.bare.as_str() } else { own }
            }
            None => &label.bare,
        };
        MatrixRow::find(self.rows, own, result).map(Above::Row)
    }

    /// The labels and the numbers of a line, and for each whether it stands in one
    /// word with more than one number; prose is one label, which names nothing.
    fn parts(&self, line: &str) -> Vec<(String, bool)> {
        let is_row = |text: &str| {
            let own = bare(text);
            applicant_of(&own).is_none() && MatrixRow::find(self.rows, &own, &mut String::new()).is_some()
        };
        if line.chars().count() >= PROSE || (line.ends_with(|c: char| !c.is_ascii_digit()) && is_row(line)) {
            return vec![(line.to_owned(), false)];
        }
        let with_more = |parts: Vec<String>| {
            let is_run_on = parts.iter().filter(|part| is_value(part)).count() > 1;
            parts.into_iter().map(move |part| (part, is_run_on))
        };
        words(line).into_iter().flat_map(|word| with_more(self.cut(word))).collect()
    }

    /// A word as a label and its number, or as several of both, where each label is
    /// of what stands in pairs; else as it is.
    fn cut(&self, word: &str) -> Vec<String> {
        let whole = || vec![word.to_owned()];
        let (mut parts, mut rest) = (Vec::new(), word);
        while !rest.is_empty() {
            let (label, behind) = rest.split_at(rest.find(is_of_number).unwrap_or(rest.len()));
            let n = value_length(behind);
            let (value, behind) = behind.split_at(n);
            let labels = self.halves(label);
            if (!label.is_empty() && labels.is_empty()) || (!value.is_empty() && !is_value(value)) {
                return whole();
            }
            parts.extend(labels);
            parts.extend((!value.is_empty()).then(|| value.to_owned()));
            rest = behind;
        }
        parts
    }

    /// A label of what stands in pairs, or one with what stands above it before it:
    /// 规章本年制发件数. Nothing where it is none of them.
    fn halves(&self, label: &str) -> Vec<String> {
        let own = bare(label);
        let is_name = |name: &&str| own.ends_with(name);
        let columns = self.kinds.iter().map(|kind| kind.column);
        let applicants = applicants::NAMES.iter().map(|(name, _)| *name).chain(["法人或其他组织"]);
        let mut names: Vec<&str> = applicants.chain(RESULTS).chain(columns).filter(is_name).collect();
        names.sort_by_key(|name| std::cmp::Reverse(name.len()));
        if names.first().is_some_and(|name| *name == own) {
            return vec![label.to_owned()];
        }
        // 行政许可（本年处理决定数量）
        if let Some((kind, column)) = label.split_once(['（', '(']) {
            let kinds = Kind::of_name(self.kinds, &bare(kind));
            let column = column.strip_suffix(['）', ')']).unwrap_or(column);
            if row_of(&kinds, &bare(column)).is_some() {
                return vec![kind.to_owned(), column.to_owned()];
            }
        }
        let begins = |before: &str| {
            let own = bare(before);
            !Kind::of_name(self.kinds, &own).is_empty()
                || disputes::group_of(&fold(before)).is_some()
                || MatrixRow::is_named(self.rows, &own)
        };
        let at = names.iter().find_map(|name| label.rfind(name).filter(|at| begins(&label[..*at])));
        at.map(|at| vec![label[..at].to_owned(), label[at..].to_owned()]).unwrap_or_default()
    }
}

fn is_of_number(c: char) -> bool {
    c.is_ascii_digit() || ('０'..='９').contains(&c)
}

/// Bytes of the number and its unit at the beginning of a text.
fn value_length(text: &str) -> usize {
    let rest = text.trim_start_matches(|c: char| is_of_number(c) || matches!(c, ',' | '.'));
    let unit = UNITS.iter().find(|unit| rest.starts_with(**unit)).map_or(0, |unit| unit.len());
    if rest.len() == text.len() { 0 } else { text.len() - rest.len() + unit }
}

/// The words of a line; what is in brackets is of the word before.
fn words(line: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let mut from = 0;
    for (at, c) in line.char_indices() {
        let parts = c.is_whitespace() || matches!(c, ':' | '：' | '，' | '；' | ';' | '|' | '｜');
        if parts && !has_open_bracket(&line[from..at]) {
            words.push(&line[from..at]);
            from = at + c.len_utf8();
        }
    }
    words.push(&line[from..]);
    words.retain(|word| !word.is_empty());
    words
}
