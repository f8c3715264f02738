//! Prose cut into sentences, and numbers with what stands around them.

use rust_decimal::Decimal;

use super::super::numbers::{Number, Spelling, numbers_in};
use super::lists;
use crate::page::fold::fold;
use crate::page::{Block, BlockKind, Locator};

/// Bytes of a sentence that is read: what stands before a figure is searched
/// for each. The longest of the real ones, lists of channels, have 1,500.
pub(super) const MOST_SENTENCE: usize = 6_000;

/// A sentence in folded spelling, without quotation marks.
#[derive(Debug, Clone)]
pub(super) struct Sentence {
    pub text: String,
    pub place: Locator,
    /// Whether it heads a section.
    pub is_heading: bool,
}

/// A number of a sentence and what stands around it.
#[derive(Debug)]
pub(super) struct Figure<'a> {
    pub value: Decimal,
    /// The sentence up to the number.
    pub until: &'a str,
    /// The sentence between the figure before and this one.
    pub since: &'a str,
    /// The words of its own clause before it.
    pub lead: &'a str,
    /// The counter, empty where there is none.
    pub counter: &'static str,
    /// What follows the counter.
    pub after: &'a str,
    pub approximate: bool,
}

/// The sentences of blocks in order. Lines that a converter broke in the
/// middle of a sentence are joined; a table that was flattened into the text
/// ends it.
pub(super) fn sentences(blocks: &[Block]) -> Vec<Sentence> {
    let mut sentences = Vec::new();
    let mut open: Option<(String, Locator)> = None;
    for block in blocks {
        let lines: Vec<&str> = match &block.kind {
            BlockKind::Heading(_, text) | BlockKind::Paragraph(text) => vec![text],
            BlockKind::List(items) => items.iter().map(String::as_str).collect(),
            // Prose in a layout table that was taken for data.
            BlockKind::Table(grid) => {
                grid.rows.iter().flat_map(|row| &row.cells).map(|cell| cell.text.as_str()).collect()
            }
            BlockKind::Control(_) => vec![],
        };
        for line in lines {
            let text: String = fold(line).chars().filter(|c| !is_quote(*c)).collect();
            let joins = open.as_ref().is_some_and(|(before, _)| !ends(before) && before.chars().nth(20).is_some());
            if joins && !begins_a_section(&text) {
                if let Some((before, _)) = &mut open {
                    before.push_str(&text);
                }
            } else {
                cut(open.take(), &mut sentences);
                open = Some((text, block.locator.clone()));
            }
        }
    }
    cut(open, &mut sentences);
    sentences
}

fn cut(text: Option<(String, Locator)>, sentences: &mut Vec<Sentence>) {
    let Some((text, place)) = text else { return };
    let prose = before_flattened_table(&text);
    let is_heading = begins_a_section(prose) && prose.chars().nth(39).is_none() && !ends(prose);
    let mut rest = prose;
    while !rest.is_empty() {
        let end = rest
            .char_indices()
            .find(|(_, c)| matches!(c, '。' | ';' | '!' | '?'))
            .map_or(rest.len(), |(at, c)| at + c.len_utf8());
        let (sentence, after) = rest.split_at(end);
        let text = if sentence.len() > MOST_SENTENCE { sentence.to_owned() } else { lists::spread(sentence) };
        sentences.push(Sentence { text, place: place.clone(), is_heading });
        rest = after;
    }
}

/// The text before a statistics table that was run together behind it.
fn before_flattened_table(text: &str) -> &str {
    let heads = ["指标名称", "统计指标单位", "统计指标计量单位"];
    let at = heads.iter().filter_map(|head| text.find(head)).min();
    at.map_or(text, |at| &text[..at])
}

fn ends(text: &str) -> bool {
    text.ends_with(['。', ';', '!', '?', ':'])
}

/// 一、 (一) 1. at the start.
fn begins_a_section(text: &str) -> bool {
    let number = |c: char| c.is_ascii_digit() || "一二三四五六七八九十".contains(c);
    let inside = text.strip_prefix('(').unwrap_or(text);
    let rest = inside.trim_start_matches(number);
    rest.len() < inside.len() && rest.starts_with(['、', '.', ')'])
}

fn is_quote(c: char) -> bool {
    matches!(c, '"' | '\'' | '“' | '”' | '‘' | '’' | '「' | '」' | '『' | '』' | '《' | '》')
}

/// Counters, longest first.
const COUNTERS: [&str; 27] = [
    "万元", "人次", "件次", "条次", "场次", "班次", "篇次", "元", "条", "件", "次", "篇", "个", "人", "份", "场", "期",
    "宗", "起", "名", "例", "处", "项", "家", "批", "类", "户",
];

/// The figures of a sentence, in order: numbers that count something, or stand
/// alone at a clause's end. Years, dates, percentages and document numbers are
/// none.
pub(super) fn figures(sentence: &str) -> Vec<Figure<'_>> {
    let mut figures = Vec::new();
    let mut last_end = 0;
    for number in numbers_in(sentence) {
        if let Some(figure) = figure(sentence, &number, last_end) {
            last_end = sentence.len() - figure.after.len();
            figures.push(figure);
        }
    }
    figures
}

fn figure<'a>(sentence: &'a str, number: &Number, last_end: usize) -> Option<Figure<'a>> {
    let (start, end) = (number.span.start, number.span.end);
    // 一是, 三个: numerals of a sentence are words more often than counts.
    if number.spelling == Spelling::DigitByDigit {
        return None;
    }
    let mut after = &sentence[end..];
    let vague = ["多", "余", "几"].iter().find(|word| after.starts_with(**word));
    after = &after[vague.map_or(0, |word| word.len())..];
    let counter = COUNTERS.into_iter().find(|counter| after.starts_with(counter)).unwrap_or("");
    after = &after[counter.len()..];
    if counter.is_empty() && (number.spelling == Spelling::Numerals || !is_clause_end(after)) {
        return None;
    }
    if after.starts_with('%') || after.starts_with("年") || after.starts_with("个百分点") {
        return None;
    }
    let until = &sentence[..start];
    let from = clause_start(until).max(last_end.min(start));
    let opening = [',', '、', ':', ')', '('];
    let lead = until[from..].trim_start_matches(opening).trim_end_matches(':');
    let lead = lead.strip_prefix("其中").map_or(lead, |rest| rest.trim_start_matches(opening));
    let lead = lead.trim_end_matches(['约', '近', '超', '过', '逾']);
    let approximate = vague.is_some() || until.ends_with(['约', '近', '逾']);
    let since = &until[last_end.min(start)..];
    Some(Figure { value: number.value, until, since, lead, counter, after, approximate })
}

fn is_clause_end(after: &str) -> bool {
    after.is_empty() || after.starts_with(['。', ',', ';', '、', ')'])
}

/// Where the clause that a number ends begins.
fn clause_start(until: &str) -> usize {
    until
        .char_indices()
        .rev()
        .find(|(_, c)| matches!(c, ',' | ':' | '(' | '。' | ';'))
        .map_or(0, |(at, c)| at + c.len_utf8())
}
