//! The grammar as data: what stands before a number (or after it) says what it
//! counts. Its rows are `config/narrative.csv`.
//!
//! | kind | a row is |
//! | --- | --- |
//! | `let` | a name for a pattern: `{name}` in the rows below it |
//! | `number` | what stands right before a number, or, where `after` is given, on both sides of it |
//! | `part` | an item of an enumeration, alone in its clause before the number or behind it |
//! | `zero` | words that say that there was none |
//! | `all` | words that say that all of the number before were so |
//! | `none` | a heading under which 无 says that there was none |
//!
//! The indicator `*.upheld` with the topic `outcomes` is a row for each of
//! reconsideration and the three kinds of lawsuits.

use std::sync::LazyLock;

use regex::{Regex, RegexBuilder};

use super::claim::{Claim, Needs, RuleKind, ScopeRule};
use super::sentence::{Figure, head};
use super::words::Index;

/// One row of the grammar.
pub(super) struct Rule {
    pub claim: Claim,
    pub before: Regex,
    pub after: Option<Regex>,
    /// What must not follow the number.
    pub not_after: Option<Regex>,
    /// What must not stand between the figure before and this one.
    pub not_before: Option<Regex>,
}

/// The rules, and what tells in one pass over a text which of them may hold.
pub(super) struct Grammar {
    /// Rules for numbers by what stands before them.
    pub before: Vec<Rule>,
    before_index: Index,
    /// Rules for numbers by what follows where nothing stands before them.
    behind: Vec<Rule>,
    behind_index: Index,
    /// A clause with nothing before its number.
    bare: Regex,
    /// Rules without a number.
    pub wordless: Vec<Rule>,
    wordless_index: Index,
    /// Rules for headings.
    pub headings: Vec<Rule>,
}

/// The grammar; a row that cannot be read is a defect that a test finds.
pub(super) static GRAMMAR: LazyLock<Option<Grammar>> =
    LazyLock::new(|| parse(include_str!("../../../config/narrative.csv")).ok());

impl Grammar {
    /// The rules whose words stand around a figure.
    pub(super) fn around<'a>(&'a self, figure: &Figure<'_>) -> Vec<&'a Claim> {
        let fits = |rule: &&Rule| {
            rule.after.as_ref().is_none_or(|after| after.is_match(figure.after))
                && rule.not_after.as_ref().is_none_or(|after| !after.is_match(figure.after))
                && rule.not_before.as_ref().is_none_or(|forbidden| !forbidden.is_match(figure.since))
        };
        let mut found: Vec<&Rule> = Vec::new();
        if !figure.lead.is_empty() {
            let rules = self.before_index.candidates(figure.lead).into_iter().map(|index| &self.before[index]);
            let counted = rules.filter(|rule| rule.claim.may_count(figure));
            let matching = counted.filter_map(|rule| Some((rule, rule.before.find(figure.lead)?.start())));
            let alone = matching.filter(|(_, start)| !ends_joined(&figure.lead[..*start]));
            found.extend(alone.map(|(rule, _)| rule).filter(fits));
        }
        if self.bare.is_match(figure.lead) {
            let clause = head(figure.after, LONGEST_ITEM);
            let rules = self.behind_index.candidates(clause).into_iter().map(|index| &self.behind[index]);
            let counted = rules.filter(|rule| rule.claim.may_count(figure));
            found.extend(counted.filter(fits));
        }
        found.into_iter().map(|rule| &rule.claim).collect()
    }

    /// The rules without a number whose words a sentence may have.
    pub(super) fn without_number<'a>(&'a self, text: &str) -> Vec<&'a Rule> {
        self.wordless_index.candidates(text).into_iter().map(|index| &self.wordless[index]).collect()
    }
}

/// Bytes of the longest item of an enumeration.
const LONGEST_ITEM: usize = 160;

/// Whether what follows is the last of several words that share one number:
/// 信函、传真申请5件 is no count of either.
fn ends_joined(before: &str) -> bool {
    let is_and = before.ends_with('及') && !before.ends_with("涉及");
    is_and || before.ends_with(['、', '和', '与', '或'])
}

fn parse(text: &str) -> Result<Grammar, String> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let mut names: Vec<(String, String)> = Vec::new();
    let mut rules = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| error.to_string())?;
        let cell = |index: usize| record.get(index).unwrap_or_default();
        if cell(0) == "let" {
            let pattern = expand(cell(4), &names);
            names.push((format!("{{{}}}", cell(1)), format!("(?:{pattern})")));
            continue;
        }
        for (indicator, topic) in indicators(cell(1), cell(2)) {
            rules.extend(row(&record, &indicator, topic, &names).map_err(|what| format!("{indicator}: {what}"))?);
        }
    }
    let (headings, rest): (Vec<Rule>, Vec<Rule>) = rules.into_iter().partition(|r| r.claim.kind == RuleKind::NoneUnder);
    let is_wordless = |rule: &Rule| matches!(rule.claim.kind, RuleKind::Zero | RuleKind::All);
    let (wordless, rest): (Vec<Rule>, Vec<Rule>) = rest.into_iter().partition(is_wordless);
    let (behind, before): (Vec<Rule>, Vec<Rule>) = rest.into_iter().partition(|r| r.claim.kind == RuleKind::PartBehind);
    let before_it = |rules: &[Rule]| Index::of(rules.iter().map(|rule| rule.before.as_str()));
    Ok(Grammar {
        before_index: before_it(&before)?,
        behind_index: Index::of(behind.iter().filter_map(|rule| Some(rule.after.as_ref()?.as_str())))?,
        wordless_index: before_it(&wordless)?,
        bare: compiled(&expand("^{begin}$", &names)).map_err(|error| error.to_string())?,
        before,
        behind,
        wordless,
        headings,
    })
}

/// The indicators of a row, each with its topic.
fn indicators(indicator: &str, topic: &str) -> Vec<(String, String)> {
    if topic != "outcomes" {
        return vec![(indicator.to_owned(), topic.to_owned())];
    }
    let kinds = [
        ("reconsideration", "reconsideration"),
        ("litigation", "litigation"),
        ("litigation.direct", "direct"),
        ("litigation.after_reconsideration", "later"),
    ];
    let of = kinds.into_iter().map(|(id, topic)| (indicator.replacen('*', id, 1), topic.to_owned()));
    // The form of 2014 does not ask for lawsuits that are still open.
    of.filter(|(id, _)| id != "litigation.pending").collect()
}

/// The rules of one row: an item of an enumeration is two.
fn row(
    record: &csv::StringRecord,
    indicator: &str,
    topic: String,
    names: &[(String, String)],
) -> Result<Vec<Rule>, String> {
    let cell = |index: usize| record.get(index).unwrap_or_default();
    let topic = Needs::parse(&topic)?;
    let label = expand(cell(4), names);
    let suffix = expand("{is}$", names);
    let before = |kind: RuleKind| match kind {
        RuleKind::Number if label.ends_with('$') => label.clone(),
        RuleKind::Number => format!("(?:{label}){suffix}"),
        RuleKind::Part => format!("{}(?:{label}){}{suffix}", expand("^{begin}", names), expand("{kind}", names)),
        RuleKind::PartBehind => "^$".to_owned(),
        RuleKind::Zero | RuleKind::All | RuleKind::NoneUnder => label.clone(),
    };
    let behind = format!("{}(?:{label}){}", expand("^{begin}", names), expand("{close}", names));
    let kinds: &[RuleKind] = match cell(0) {
        "number" => &[RuleKind::Number],
        "part" => &[RuleKind::Part, RuleKind::PartBehind],
        "zero" => &[RuleKind::Zero],
        "all" => &[RuleKind::All],
        "none" => &[RuleKind::NoneUnder],
        other => return Err(format!("unknown kind {other}")),
    };
    let regex = |text: &str| compiled(text).map_err(|error| error.to_string());
    let optional = |index: usize| {
        let text = Some(cell(index)).filter(|text| !text.is_empty());
        text.map(|text| regex(&expand(text, names))).transpose()
    };
    let rule = |kind: RuleKind| {
        Ok(Rule {
            claim: Claim {
                kind,
                indicator: indicator.parse().map_err(|error: super::super::ids::BadId| error.to_string())?,
                topic,
                scope: ScopeRule::parse(cell(3)),
                words: in_words(kind, "narrative.csv", record),
                counters: counters(&expand(cell(7), names)),
                requires: optional(9)?,
                unless: optional(10)?,
                weight: 0,
            },
            before: regex(&before(kind))?,
            after: if kind == RuleKind::PartBehind { Some(regex(&behind)?) } else { optional(5)? },
            not_after: optional(6)?,
            not_before: optional(8)?,
        })
    };
    kinds.iter().map(|kind| rule(*kind)).collect()
}

/// What a row of a file of the configuration reads, and where it stands, for a person.
pub(super) fn in_words(kind: RuleKind, file: &str, record: &csv::StringRecord) -> String {
    let line = record.position().map_or(0, csv::Position::line);
    format!("{} (config/{file}, line {line})", kind.in_words())
}

/// A pattern of the grammar. Each keeps what it learns of texts in a cache, of
/// which every thread has its own: hundreds of them are kept small.
pub(super) fn compiled(text: &str) -> Result<Regex, regex::Error> {
    const MOST_CACHE: usize = 128 * 1024;
    RegexBuilder::new(text).dfa_size_limit(MOST_CACHE).build()
}

/// The counters of a list, which may be a name's.
pub(super) fn counters(list: &str) -> Vec<String> {
    let bare = list.strip_prefix("(?:").and_then(|list| list.strip_suffix(')')).unwrap_or(list);
    bare.split('|').map(str::to_owned).collect()
}

/// A pattern with the names that it uses written out.
pub(super) fn expand(pattern: &str, names: &[(String, String)]) -> String {
    let write_out = |text: String, (name, value): &(String, String)| {
        if text.contains(name.as_str()) { text.replace(name.as_str(), value) } else { text }
    };
    names.iter().fold(pattern.to_owned(), write_out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Catalogue;

    #[test]
    fn every_row_can_be_read_and_names_an_indicator() {
        let grammar = parse(include_str!("../../../config/narrative.csv")).unwrap();
        let catalogue = Catalogue::embedded();
        for rule in grammar.before.iter().chain(&grammar.behind).chain(&grammar.wordless).chain(&grammar.headings) {
            assert!(catalogue.indicators.iter().any(|row| row.id == rule.claim.indicator), "{}", rule.claim.indicator);
            assert!(
                !rule.before.is_match("") || rule.claim.kind == RuleKind::PartBehind,
                "{} needs no word",
                rule.claim.words
            );
        }
    }
}
