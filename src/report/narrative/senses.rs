//! What a clause says, told by what its words mean.
//!
//! The rows of the grammar know words in their order, and offices put them in
//! any. A clause that no row has may still be plain: where every word of it is
//! known (`config/senses.csv`) and what they mean together is one row's
//! (`config/clauses.csv`), the order does not matter. A word that is not known,
//! or means something else, and the clause says nothing; but for the names of
//! who reports, of accounts and of sites, and a short word that it begins with,
//! with which it is less sure.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};
use regex::Regex;

use super::claim::{Claim, Needs, RuleKind, ScopeRule};
use super::grammar::{compiled, counters, expand, in_words};
use super::sentence::Figure;
use super::settle::{LESS_SURE, PLAIN, SAID};
use crate::page::fold::is_han;

/// What words may mean, a bit each; the first is nothing of weight.
type Senses = u128;

const NOTHING: Senses = 1;

/// A short word that is not known.
const UNKNOWN: Senses = 1 << (Senses::BITS - 1);

/// What [`Clauses::not_ours`] says in the words of the senses.
const NOT_OURS: &str = "不属于本机关";

/// Characters of an account's or a site's name at most.
const LONGEST_NAME: usize = 8;

/// A row of `config/clauses.csv`.
struct Frame {
    claim: Claim,
    /// What the clause must say.
    must: Vec<Senses>,
    /// All that it may say.
    may: Senses,
}

impl Frame {
    fn holds(&self, words: &[Senses]) -> bool {
        words.iter().all(|word| word & self.may != 0)
            && self.must.iter().all(|sense| words.iter().any(|word| word & sense != 0))
    }
}

/// The words and the rows.
pub(super) struct Clauses {
    finder: AhoCorasick,
    senses: Vec<Senses>,
    numbers: Vec<Frame>,
    zeros: Vec<Frame>,
    /// What words that deny mean.
    none: Senses,
    /// What words for accounts and sites mean, which have names of their own.
    accounts: Senses,
    /// 不属于管委会公开范围: who it is not for.
    not_ours: Regex,
    /// Years, dates and remarks in brackets: of no weight in a clause.
    remarks: Regex,
    /// 向省政府申请复议: to whom.
    addressed: Regex,
}

/// A clause that says that there was none of something.
pub(super) struct Denial<'t> {
    pub claim: &'static Claim,
    pub words: &'t str,
    /// Where it begins and ends in its sentence.
    pub start: usize,
    pub end: usize,
    pub confidence: f32,
}

/// A clause that says what a number before it is.
pub(super) struct Whole {
    pub claim: &'static Claim,
    /// Where it begins and ends in its sentence.
    pub start: usize,
    pub end: usize,
    /// Whether it says so of all of them.
    pub is_all: bool,
    pub confidence: f32,
}

/// How sure a clause is, at most so much.
fn sureness(words: &[Senses], most: f32) -> f32 {
    if words.contains(&UNKNOWN) { LESS_SURE } else { most }
}

/// The rows; one that cannot be read is a defect that a test finds.
pub(super) static CLAUSES: LazyLock<Option<Clauses>> = LazyLock::new(|| {
    parse(include_str!("../../../config/senses.csv"), include_str!("../../../config/clauses.csv")).ok()
});

impl Clauses {
    /// What may be counted by a figure whose clause has known words only, and how
    /// sure that is; `names` are those of who reports, which say nothing.
    pub(super) fn around(&'static self, figure: &Figure<'_>, names: &[String]) -> (Vec<&'static Claim>, f32) {
        let Some(mut words) = self.words(&self.clause_of(figure, names)) else { return (Vec::new(), PLAIN) };
        let confidence = sureness(&words, PLAIN);
        let counted = self.numbers.iter().filter(|frame| frame.claim.may_count(figure));
        let found: Vec<&Claim> = counted.filter(|frame| frame.holds(&words)).map(|frame| &frame.claim).collect();
        if !found.is_empty() || !figure.value.is_zero() {
            return (found, confidence);
        }
        // 以传真、信函形式申请的为0件: none of either.
        words.push(self.none);
        let zeros = self.zeros.iter().filter(|frame| frame.holds(&words)).map(|frame| &frame.claim);
        (zeros.collect(), confidence)
    }

    /// The words of a figure's clause that are not known, quoted, if any.
    pub(super) fn unknown_in(&'static self, figure: &Figure<'_>, names: &[String]) -> Option<String> {
        let clause = self.clause_of(figure, names);
        let (start, end) = (0..0, clause.len()..clause.len());
        let words = self.finder.find_iter(clause.as_str()).map(|word| word.range());
        let known: Vec<Range<usize>> = std::iter::once(start).chain(words).chain([end]).collect();
        let gap = |around: &[Range<usize>]| {
            let gap = around[0].end..around[1].start;
            // One character of a word is none: 平均, where 均 is known.
            let is_one = |range: &Range<usize>| clause[range.clone()].chars().count() == 1;
            match (is_one(&gap), is_one(&around[1]), is_one(&around[0])) {
                (true, true, _) => &clause[gap.start..around[1].end],
                (true, false, true) => &clause[around[0].start..gap.end],
                _ => &clause[gap],
            }
        };
        let gaps: Vec<&str> = known.windows(2).map(gap).collect();
        // A word that is a part of another says nothing more: 规划 and 划.
        let is_part = |(at, gap): (usize, &&str)| {
            let holds = |(other, word): (usize, &&str)| word.contains(*gap) && (word.len() > gap.len() || other < at);
            gap.is_empty() || gaps.iter().enumerate().any(holds)
        };
        let unknown = gaps.iter().enumerate().filter(|gap| !is_part(*gap)).map(|(_, gap)| format!("“{gap}”"));
        let unknown: Vec<String> = unknown.collect();
        (!unknown.is_empty()).then(|| unknown.join(", "))
    }

    /// What all of the number before are, by clauses such as 均为当面申请, and what a
    /// clause without a number says, which is of one alone: 行政复议1件,维持.
    pub(super) fn wholes(&'static self, text: &str, names: &[String]) -> Vec<Whole> {
        const ALL: [char; 4] = ['均', '都', '皆', '全'];
        let mut found = Vec::new();
        let mut start = 0;
        for piece in text.split_inclusive([',', '。', ';', ':', '(', ')']) {
            let clause = piece.trim_end_matches([',', '。', ';', ':', '(', ')']);
            let behind = clause.trim_start_matches(|c: char| c.is_ascii_digit() || "件起宗条".contains(c));
            // 结果均为维持
            let behind = behind.strip_prefix("结果").filter(|rest| rest.starts_with(ALL)).unwrap_or(behind);
            let is_all = behind.starts_with(ALL);
            if (is_all || !clause.contains(|c: char| c.is_ascii_digit()))
                && let Some(words) = self.words(&self.plain(behind, names))
            {
                let holding = self.numbers.iter().filter(|frame| frame.holds(&words));
                let (end, confidence) = (start + clause.len(), sureness(&words, SAID));
                found.extend(holding.map(|frame| Whole { claim: &frame.claim, start, end, is_all, confidence }));
            }
            start += piece.len();
        }
        found
    }

    /// The clauses of a sentence that deny something.
    pub(super) fn denials<'t>(&'static self, text: &'t str, names: &[String]) -> Vec<Denial<'t>> {
        let mut found = Vec::new();
        let mut before: Option<(usize, &str)> = None;
        let mut start = 0;
        for piece in text.split_inclusive([',', '。', ';', ':', '!', '?']) {
            let end = start + piece.len();
            let clause = piece.trim_end_matches([',', '。', ';', ':', '!', '?']);
            let mut from = start;
            let may_deny = clause.contains(['未', '没', '无', '零', '不', '空']);
            let mut words = may_deny.then(|| self.words(&self.plain(clause, names))).flatten();
            // 因信息公开申请复议的,没有发生: the clause before says of what.
            let is_bare = |words: &[Senses]| words.iter().all(|word| word & (NOTHING | self.none) != 0);
            if let Some((at, earlier)) = before.filter(|_| words.as_deref().is_some_and(is_bare)) {
                let both = self.words(&self.plain(earlier, names)).zip(words.take());
                words = both.map(|(earlier, words)| [earlier, words].concat());
                from = at;
            }
            if let Some(words) = words.filter(|words| words.iter().any(|word| word & self.none != 0)) {
                let holding = self.zeros.iter().filter(|frame| frame.holds(&words));
                found.extend(holding.map(|frame| Denial {
                    claim: &frame.claim,
                    words: text[from..end].trim_end_matches([',', '。', ';', ':']),
                    start: from,
                    end,
                    confidence: sureness(&words, SAID),
                }));
            }
            before = Some((start, clause));
            start = end;
        }
        found
    }

    /// The clause of a figure without its number: what stands before it, and what
    /// follows until the clause ends. Where nothing of weight stands before it,
    /// the clause before belongs to it: 当面申请者居多,为53件.
    fn clause_of(&self, figure: &Figure<'_>, names: &[String]) -> String {
        let since = self.plain(figure.since, names);
        // 信函最多(7件): the clause stands before the bracket.
        let since = since.trim_end_matches('(');
        let pieces: Vec<&str> = since.split([',', ':', ';', '。', '(', ')']).collect();
        let is_first = figure.until.len() == figure.since.len();
        let (last, earlier) = pieces.split_last().map_or(("", &[][..]), |(last, earlier)| (*last, earlier));
        let says_nothing =
            |text: &str| self.words(text).is_some_and(|words| words.iter().all(|word| word & NOTHING != 0));
        // 7件申请均已答复 says of them all what they are; 申请7件均已答复 what they were asked.
        let behind = clause_behind(figure.after);
        let behind = if says_nothing(last) { behind } else { until_all(behind) };
        let tail = self.plain(tail_of(behind), names).into_owned();
        // The first piece belongs to the figure before, unless there is none.
        let earlier = earlier.get(usize::from(!is_first)..).and_then(<[_]>::last).copied().unwrap_or_default();
        if says_nothing(last) && says_nothing(&tail) {
            format!("{earlier}{last}{tail}")
        } else {
            format!("{last}{tail}")
        }
    }

    /// A text without years, dates, remarks and the names of who reports.
    fn plain<'t>(&self, text: &'t str, names: &[String]) -> Cow<'t, str> {
        // Looked for where they may be: most clauses have none.
        let mut text = Cow::Borrowed(text);
        if text.contains("(兼)") {
            text = Cow::Owned(text.replace("(兼)", "兼"));
        }
        for (signs, pattern, to) in [
            (&['年', '月', '('][..], &self.remarks, ""),
            (&['不', '向'], &self.not_ours, NOT_OURS),
            (&['向'], &self.addressed, "$verb"),
        ] {
            if text.contains(signs)
                && let Cow::Owned(changed) = pattern.replace_all(&text, to)
            {
                text = Cow::Owned(changed);
            }
        }
        for name in names {
            if text.contains(name.as_str()) {
                text = Cow::Owned(text.replace(name.as_str(), ""));
            }
        }
        text
    }

    /// What the words of a plain text mean; none where one is not known, but for a
    /// short one that it begins with: who did it. Elsewhere it may say of what:
    /// 专利申请, 消防人员.
    fn words(&self, text: &str) -> Option<Vec<Senses>> {
        let mut end = 0;
        let mut words = Vec::new();
        for word in self.finder.find_iter(text) {
            let sense = self.senses[word.pattern().as_usize()];
            let gap = &text[end..word.start()];
            // The name of an account or a site: 平安青禾微博.
            let is_name = sense & self.accounts != 0 && gap.chars().count() <= LONGEST_NAME;
            if !gap.is_empty() && !is_name {
                (words.is_empty() && says_little(gap)).then(|| words.push(UNKNOWN))?;
            }
            end = word.end();
            words.push(sense);
        }
        (end == text.len()).then_some(words)
    }
}

/// Whether a word that is not known is too short to change what its clause says,
/// and no negation, comparison, time or exception.
fn says_little(gap: &str) -> bool {
    const LONGEST: usize = 2;
    const WEIGHTY: &str = "未没无不非免拒除外前后余零上去昨比多少较增减涨降期半双拟应待历些每次再二副同正代违逾移";
    gap.chars().count() <= LONGEST && gap.chars().all(|c| is_han(c) && !WEIGHTY.contains(c))
}

/// What follows a counter until its clause ends.
fn clause_behind(after: &str) -> &str {
    &after[..after.find([',', '。', ';', ':', '(', ')', '!', '?']).unwrap_or(after.len())]
}

/// A clause up to what it says of all of them: 71件均已答复.
fn until_all(clause: &str) -> &str {
    &clause[..clause.find(['均', '都', '皆']).unwrap_or(clause.len())]
}

/// What of a clause belongs to the counter before it.
fn tail_of(clause: &str) -> &str {
    // The next item of a list: 维持3件、撤销1件.
    match clause.find(|c: char| c.is_ascii_digit()) {
        Some(digit) => &clause[..clause[..digit].rfind(['、', '和', '及', '与']).unwrap_or(0)],
        None => clause,
    }
}

fn parse(senses: &str, clauses: &str) -> Result<Clauses, String> {
    let mut bits: HashMap<String, Senses> = HashMap::from([("-".to_owned(), NOTHING)]);
    let mut known: HashMap<String, Senses> = HashMap::new();
    for record in csv::Reader::from_reader(senses.as_bytes()).records() {
        let record = record.map_err(|error| error.to_string())?;
        let n = bits.len();
        let next = u32::try_from(n).ok().and_then(|n| NOTHING.checked_shl(n)).filter(|bit| *bit != UNKNOWN);
        let next = next.ok_or("too many senses")?;
        let bit = *bits.entry(record.get(0).unwrap_or_default().to_owned()).or_insert(next);
        for word in record.get(1).unwrap_or_default().split('|') {
            *known.entry(word.to_owned()).or_default() |= bit;
        }
    }
    let mut names: Vec<(String, String)> = Vec::new();
    let (mut numbers, mut zeros) = (Vec::new(), Vec::new());
    for record in csv::Reader::from_reader(clauses.as_bytes()).records() {
        let record = record.map_err(|error| error.to_string())?;
        let cell = |index: usize| record.get(index).unwrap_or_default();
        if cell(0) == "let" {
            names.push((format!("{{{}}}", cell(1)), cell(5).to_owned()));
            continue;
        }
        let senses = |index: usize| -> Result<Vec<Senses>, String> {
            let written = expand(cell(index), &names);
            written
                .split_whitespace()
                .map(|sense| bits.get(sense).copied().ok_or_else(|| format!("no sense {sense}")))
                .collect()
        };
        let regex = |index: usize| {
            let text = Some(expand(cell(index), &names)).filter(|text| !text.is_empty());
            text.as_deref().map(compiled).transpose().map_err(|error| error.to_string())
        };
        let must = senses(4)?;
        let may = senses(5)?.iter().chain(&must).fold(NOTHING | UNKNOWN, |all, sense| all | sense);
        let (kind, frames) = match cell(0) {
            "number" => (RuleKind::Number, &mut numbers),
            "zero" => (RuleKind::Zero, &mut zeros),
            other => return Err(format!("unknown kind {other}")),
        };
        let claim = Claim {
            kind,
            indicator: cell(1).parse().map_err(|error: super::super::ids::BadId| error.to_string())?,
            topic: Needs::parse(cell(2))?,
            scope: ScopeRule::parse(cell(3)),
            words: in_words(kind, "clauses.csv", &record),
            requires: regex(7)?,
            unless: regex(8)?,
            counters: counters(cell(6)),
            weight: must.len(),
        };
        frames.push(Frame { claim, must, may });
    }
    let (words, senses): (Vec<String>, Vec<Senses>) = known.into_iter().unzip();
    let pattern = |text: &str| Regex::new(text).map_err(|error| error.to_string());
    let finder = AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(&words);
    Ok(Clauses {
        finder: finder.map_err(|error| error.to_string())?,
        senses,
        numbers,
        zeros,
        accounts: ["weibo", "wechat", "website"].iter().filter_map(|sense| bits.get(*sense)).sum(),
        not_ours: pattern(concat!(
            r"(?:不(?:属于?|归|由)|非[我本])[^,。;:、0-9信息]+?",
            r"(?:公开范围|公开职责|职责权限范围|职责范围|职责权限|职权范围|公开|掌握|负责|管辖|权限)",
            r"|(?:告知|建议|引导|指引)(?:其|申请人)*向[^,。;:、0-9]+?(?:机关|部门|单位|局|委|厅|政府|法院)(?:申请|提出|咨询|查询)",
        ))?,
        none: *bits.get("none").ok_or("no sense none")?,
        remarks: pattern(r"(?:19|20)[0-9]{2}年度?|[0-9]{1,2}月(?:[0-9]{1,2}日)?|\([^()0-9兼]*\)")?,
        addressed: pattern(r"向[^,。;0-9]+?(?:政府|厅|局|部|委|机关|法院)(?P<verb>申请|提起|提出)")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Catalogue;

    #[test]
    fn every_row_can_be_read_and_names_an_indicator() {
        let read = parse(include_str!("../../../config/senses.csv"), include_str!("../../../config/clauses.csv"));
        let clauses = read.unwrap();
        let catalogue = Catalogue::embedded();
        for frame in clauses.numbers.iter().chain(&clauses.zeros) {
            assert!(
                catalogue.indicators.iter().any(|row| row.id == frame.claim.indicator),
                "{}",
                frame.claim.indicator
            );
            assert!(!frame.must.is_empty());
        }
    }

    #[test]
    fn what_follows_a_number_ends_with_its_clause() {
        let cases = [
            (",其余", ""),
            ("、撤销1件", ""),
            ("公开了所需信息,2件", "公开了所需信息"),
            ("均已答复:", ""),
            ("属于不存在、不归本机关公开的情形", "属于不存在、不归本机关公开的情形"),
            ("维持、1件撤销", "维持"),
        ];
        for (after, tail) in cases {
            assert_eq!(tail_of(until_all(clause_behind(after))), tail, "{after}");
        }
    }
}
