//! What a link leads to, by the words of `config/discovery.csv`.

use std::sync::LazyLock;

use crate::report::recognise::{is_title_of_report, year_of_title};

/// What a link leads to, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// A report.
    Report = 0,
    /// A list of reports.
    ReportList = 1,
    /// The next page of a list.
    NextPage = 2,
    /// The disclosure column.
    Column = 3,
    /// A frame: a part of the page itself.
    Frame = 4,
}

/// What is seen of a link.
pub(super) struct Seen<'a> {
    /// Its words, folded.
    pub text: &'a str,
    pub url: &'a str,
    /// Whether the page is a list of reports.
    pub on_list: bool,
    /// Whether the page is the disclosure column.
    pub on_column: bool,
}

/// From this score on a link is followed.
const ENOUGH: f32 = 0.55;

struct Word {
    in_url: bool,
    word: String,
    role: WordRole,
    weight: f32,
}

#[derive(PartialEq, Eq, Clone, Copy)]
enum WordRole {
    List,
    Column,
    None,
}

static WORDS: LazyLock<Vec<Word>> =
    LazyLock::new(|| parse(include_str!("../../../config/discovery.csv")).unwrap_or_default());

fn parse(text: &str) -> Result<Vec<Word>, String> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let mut words = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| error.to_string())?;
        let cell = |index: usize| record.get(index).unwrap_or_default();
        words.push(Word {
            in_url: cell(0) == "url",
            word: cell(1).to_owned(),
            role: match cell(2) {
                "list" => WordRole::List,
                "column" => WordRole::Column,
                "none" => WordRole::None,
                other => return Err(format!("{}: unknown role {other}", cell(1))),
            },
            weight: cell(3).parse().map_err(|_| format!("{}: no weight", cell(1)))?,
        });
    }
    Ok(words)
}

/// What a link leads to, how sure that is and why; none where it leads nowhere
/// that matters.
pub(super) fn role_of(seen: &Seen<'_>) -> Option<(Role, f32, String)> {
    let n = seen.text.chars().count();
    if n == 0 || n > 80 {
        return None;
    }
    if is_title_of_report(seen.text) && year_of_title(seen.text).is_some() {
        return Some((Role::Report, 1.0, format!("its words name a report: {}", seen.text)));
    }
    if seen.on_list && n <= 12 && is_bare_year(seen.text) {
        return Some((Role::Report, 0.6, format!("a year on a list of reports: {}", seen.text)));
    }
    // A long line is news; a column's name is short.
    if n > 24 {
        return None;
    }
    let url = seen.url.to_ascii_lowercase();
    let (mut list, mut column, mut none) = (0.0_f32, 0.0_f32, 0.0_f32);
    let (mut because, mut text_says) = (Vec::new(), [0.0_f32; 2]);
    for word in WORDS.iter() {
        let is_there = if word.in_url { url.contains(&word.word) } else { seen.text.contains(&word.word) };
        if !is_there {
            continue;
        }
        because.push(word.word.as_str());
        match (word.role, word.in_url) {
            (WordRole::None, _) => none += word.weight,
            // The longest word of the text counts, those inside it do not again.
            (WordRole::List, false) => text_says[0] = text_says[0].max(word.weight),
            (WordRole::Column, false) => text_says[1] = text_says[1].max(word.weight),
            (WordRole::List, true) => list = list.max(word.weight),
            (WordRole::Column, true) => column = column.max(word.weight),
        }
    }
    // A URL's word alone says too little of a link in the middle of a page.
    let near = if seen.on_list || seen.on_column { 0.1 } else { 0.0 };
    let list = if text_says[0] > 0.0 { list + text_says[0] + near } else { list.min(0.4) } - none;
    let column = if text_says[1] > 0.0 { column + text_says[1] } else { 0.0 } - none;
    let why = || format!("its words: {}", because.join(", "));
    if list >= ENOUGH
        && list >= column.min(0.9)
        && (text_says[0] >= 0.7 || seen.on_list || seen.on_column || url_is_list(&url))
    {
        return Some((Role::ReportList, list, why()));
    }
    (column >= ENOUGH && !seen.on_list).then(|| (Role::Column, column, why()))
}

fn url_is_list(url: &str) -> bool {
    WORDS.iter().any(|word| word.in_url && word.role == WordRole::List && url.contains(&word.word))
}

/// 2017年, 2017年度, 2017
fn is_bare_year(text: &str) -> bool {
    let rest = text.trim_start_matches(|c: char| c.is_ascii_digit());
    let digits = text.len() - rest.len();
    // Reports exist since 2008 (some of earlier years were posted later).
    let year = text.get(..4).and_then(|year| year.parse::<u16>().ok());
    let is_year = year.is_some_and(|year| (2003..2050).contains(&year));
    digits == 4 && is_year && matches!(rest, "" | "年" | "年度" | "年年报" | "年度报告" | "年度年报" | "年报")
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_word_can_be_read() {
        assert!(super::parse(include_str!("../../../config/discovery.csv")).unwrap().len() > 30);
    }
}
