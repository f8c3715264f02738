//! What a row of the grammar says, and when it may.

use regex::Regex;

use super::super::ids::IndicatorId;
use super::scope::Share;
use super::sentence::Figure;
use super::topic::Topic;

/// What a row of the grammar says, and when it may.
pub(super) struct Claim {
    pub kind: RuleKind,
    pub indicator: IndicatorId,
    /// What the sentence must be about.
    pub topic: Needs,
    /// Whether a part of the region may be the subject.
    pub scope: ScopeRule,
    /// What the row asks of the words and where it stands, for a person.
    pub words: String,
    /// What the text up to the number must say somewhere.
    pub requires: Option<Regex>,
    /// What the sentence must not say.
    pub unless: Option<Regex>,
    /// The counters that may follow; an empty one allows none.
    pub counters: Vec<String>,
    /// How much it asks for: of several rows that hold, those count that ask for
    /// most.
    pub weight: usize,
}

impl Claim {
    /// Whether a figure has one of the counters; none of anything needs none.
    pub(super) fn may_count(&self, figure: &Figure<'_>) -> bool {
        let is_bare_zero = figure.counter.is_empty() && figure.value.is_zero();
        is_bare_zero || self.counters.iter().any(|counter| counter == figure.counter)
    }

    /// Whether a text says what the sentence must not say.
    pub(super) fn is_forbidden_by(&self, text: &str) -> bool {
        self.unless.as_ref().is_some_and(|unless| unless.is_match(text))
    }

    /// Whether what it counts is a part of requests, replies or disputes: where the
    /// sentence's total was another matter's, so is the part.
    pub(super) fn is_part_of_a_total(&self) -> bool {
        let starts = ["reply.", "result.", "request.concluded", "request.received."];
        let is_part = starts.iter().any(|start| self.indicator.as_str().starts_with(start));
        let is_item = matches!(self.kind, RuleKind::Part | RuleKind::PartBehind);
        is_part || self.is_outcome() || (self.is_of_disputes() && is_item)
    }

    pub(super) fn is_of_disputes(&self) -> bool {
        let starts = ["reconsideration.", "litigation.", "complaint."];
        starts.iter().any(|start| self.indicator.as_str().starts_with(start))
    }

    /// Whether it counts how disputes ended.
    pub(super) fn is_outcome(&self) -> bool {
        self.is_of_disputes() && !self.indicator.as_str().contains("total")
    }

    pub(super) fn is_total_of_disputes(&self) -> bool {
        matches!(self.indicator.as_str(), "reconsideration.total" | "litigation.total")
    }

    /// Whether it is of lawsuits without a reconsideration before.
    pub(super) fn is_direct(&self) -> bool {
        self.indicator.as_str().starts_with("litigation.direct.")
    }
}

/// What a rule reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RuleKind {
    /// A number with its counter.
    Number,
    /// An item of an enumeration, before its number.
    Part,
    /// An item of an enumeration, behind its number.
    PartBehind,
    /// Words that say that there was none.
    Zero,
    /// Words that say that all of the topic's total were so.
    All,
    /// A heading under which 无 says that there was none.
    NoneUnder,
}

impl RuleKind {
    /// What a rule of the kind reads, for a person.
    pub(super) fn in_words(self) -> &'static str {
        match self {
            Self::Number => "a number behind its words",
            Self::Part => "an item of an enumeration, its words before its number",
            Self::PartBehind => "an item of an enumeration, its words behind its number",
            Self::Zero => "words that say that there was none",
            Self::All => "words that say that it was all of them",
            Self::NoneUnder => "a heading with none below it",
        }
    }
}

/// What a sentence must be about for a rule to hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Needs {
    /// Nothing: its words suffice.
    Nothing,
    /// No matter of its own, unless disclosure is named too.
    Any,
    /// The same of its own sentence alone: its words name what they count, whatever
    /// was spoken of before.
    Named,
    /// The channels of disclosure: soon after its total.
    Channels,
    /// Fees for disclosure: under a heading of fees, among requests, or by their words.
    Fees,
    Topic(Topic),
    /// Reconsideration or litigation or complaints.
    Disputes,
}

/// Whose figure a rule may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ScopeRule {
    /// Only the whole that the report speaks for.
    Own,
    /// The whole, or the government itself: what it does in its own name.
    Government,
    /// Any subject: what is counted names its own.
    Any,
}

impl Needs {
    /// # Errors
    ///
    /// A topic that there is not.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let needs = match text {
            "nothing" => Needs::Nothing,
            "any" => Needs::Any,
            "named" => Needs::Named,
            "channels" => Needs::Channels,
            "fees" => Needs::Fees,
            "disputes" => Needs::Disputes,
            "disclosure" => Needs::Topic(Topic::Disclosure),
            "request" => Needs::Topic(Topic::Request),
            "reconsideration" => Needs::Topic(Topic::Reconsideration),
            "litigation" => Needs::Topic(Topic::Litigation),
            "direct" => Needs::Topic(Topic::DirectLitigation),
            "later" => Needs::Topic(Topic::LaterLitigation),
            other => return Err(format!("unknown topic {other}")),
        };
        Ok(needs)
    }
}

impl ScopeRule {
    pub(super) fn parse(text: &str) -> Self {
        match text {
            "any" => Self::Any,
            "government" => Self::Government,
            _ => Self::Own,
        }
    }

    /// Whether a rule may take what is said for a share of the whole: never for
    /// more than it.
    pub(super) fn may_speak_for(self, share: Share) -> bool {
        match share {
            Share::Whole => true,
            Share::Government => self != Self::Own,
            Share::Part => self == Self::Any,
            Share::More => false,
        }
    }
}
