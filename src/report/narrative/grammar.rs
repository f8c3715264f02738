//! The grammar as data: what stands before a number (or after it) says what it
//! counts. Its rows are `config/narrative.csv`.

use std::sync::LazyLock;

use regex::Regex;

use super::super::ids::IndicatorId;
use super::topic::Topic;

/// One row of the grammar.
pub(super) struct Rule {
    pub kind: RuleKind,
    pub indicator: IndicatorId,
    /// What the sentence must be about.
    pub topic: Needs,
    /// Whether a part of the region may be the subject.
    pub scope: ScopeRule,
    pub before: Regex,
    pub after: Option<Regex>,
    /// What the sentence must not say.
    pub unless: Option<Regex>,
    /// What must not stand between the figure before and this one.
    pub not_before: Option<Regex>,
    /// What the sentence must say somewhere.
    pub requires: Option<Regex>,
    /// The counters that may follow; an empty one allows none.
    pub counters: Vec<String>,
}

/// What a rule reads.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum RuleKind {
    /// A number with its counter.
    Number,
    /// Words that say that there was none.
    Zero,
    /// Words that say that all of the topic's total were so.
    All,
}

/// What a sentence must be about for a rule to hold.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Needs {
    Any,
    /// The channels of disclosure: soon after its total.
    Channels,
    Topic(Topic),
    /// Reconsideration or litigation or complaints.
    Disputes,
}

/// Whose figure a rule may take.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum ScopeRule {
    /// Only the whole that the report speaks for.
    Own,
    /// Any subject: what is counted names its own.
    Any,
}

/// The grammar; a row that cannot be read is a defect that a test finds.
pub(super) static RULES: LazyLock<Vec<Rule>> =
    LazyLock::new(|| parse(include_str!("../../../config/narrative.csv")).unwrap_or_default());

fn parse(text: &str) -> Result<Vec<Rule>, String> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let mut rules = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| error.to_string())?;
        let cell = |index: usize| record.get(index).unwrap_or_default();
        let fail = |what: String| format!("narrative.csv, {}: {what}", cell(1));
        let kind = match cell(0) {
            "number" => RuleKind::Number,
            "zero" => RuleKind::Zero,
            "all" => RuleKind::All,
            other => return Err(fail(format!("unknown kind {other}"))),
        };
        let topic = match cell(2) {
            "any" => Needs::Any,
            "channels" => Needs::Channels,
            "disputes" => Needs::Disputes,
            "request" => Needs::Topic(Topic::Request),
            "reconsideration" => Needs::Topic(Topic::Reconsideration),
            "litigation" => Needs::Topic(Topic::Litigation),
            other => return Err(fail(format!("unknown topic {other}"))),
        };
        let scope = if cell(3) == "any" { ScopeRule::Any } else { ScopeRule::Own };
        let regex = |text: &str| Regex::new(text).map_err(|error| fail(error.to_string()));
        let optional = |index: usize| Some(cell(index)).filter(|text| !text.is_empty()).map(regex).transpose();
        rules.push(Rule {
            kind,
            indicator: cell(1).parse().map_err(|error: super::super::ids::BadId| fail(error.to_string()))?,
            topic,
            scope,
            before: regex(cell(4))?,
            after: optional(5)?,
            unless: optional(6)?,
            not_before: optional(8)?,
            requires: optional(9)?,
            counters: cell(7).split('|').map(str::to_owned).collect(),
        });
    }
    Ok(rules)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Catalogue;

    #[test]
    fn every_row_can_be_read_and_names_an_indicator() {
        let rules = parse(include_str!("../../../config/narrative.csv")).unwrap();
        let catalogue = Catalogue::embedded();
        for rule in rules {
            assert!(catalogue.indicators.iter().any(|row| row.id == rule.indicator), "{}", rule.indicator);
        }
    }
}
