//! Sentences to facts.
//!
//! | file | idea |
//! | --- | --- |
//! | `sentence` | prose cut into sentences; numbers with what stands around them |
//! | `lists` | 分别 lists written out, name by name |
//! | `topic` | what a stretch of text is about, and for whom it speaks |
//! | `grammar` | the rules, read from `config/narrative.csv` |
//!
//! A figure becomes a fact where exactly one rule names it, its sentence is
//! about the rule's topic, speaks for the whole that the report speaks for, and
//! for its year. In doubt there is no fact: a missing number is better than a
//! wrong one. The raw text is the clause in folded spelling.

mod grammar;
mod lists;
mod sentence;
mod topic;

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use regex::Regex;
use rust_decimal::Decimal;

use self::grammar::{Needs, RULES, Rule, RuleKind, ScopeRule};
use self::sentence::{Figure, MOST_SENTENCE, Sentence, figures, sentences};
use self::topic::{Subject, Topic, last_topic, subject};
use super::catalogue::Catalogue;
use super::ids::{Applicant, IndicatorId};
use super::types::{Conflict, Fact, Form, Level, Method, Unread};
use crate::page::Block;

/// What the sentences of a report speak for.
#[derive(Debug, Clone, PartialEq)]
pub struct Scope {
    /// The year reported on.
    pub report_year: Option<i16>,
    /// The issuer's level.
    pub level: Level,
    /// Its region's name.
    pub region_name: Option<String>,
    /// Its name.
    pub issuer: String,
    /// The form whose rows the sentences speak of.
    pub form: Option<Form>,
}

/// What the sentences of a report say.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Narrative {
    /// The figures, each once.
    pub facts: Vec<Fact>,
    /// Where two sentences contradict each other.
    pub conflicts: Vec<Conflict>,
    /// What is there and could not be read for certain.
    pub unread: Vec<Unread>,
    /// Sentences that were passed over because they or the prose are too long.
    pub n_passed_over: usize,
}

/// Sentences of a report's prose.
const MOST_SENTENCES: usize = 20_000;

/// Figures of a report's prose.
const MOST_FIGURES: usize = 10_000;

/// Reads the sentences of a report's prose.
#[must_use]
pub fn read(blocks: &[Block], scope: &Scope, catalogue: &Catalogue) -> Narrative {
    let mut reader = Reader {
        scope,
        topic: None,
        is_of_disclosure: false,
        since_disclosure: usize::MAX,
        totals: HashMap::new(),
        said: Vec::new(),
        n_figures: 0,
    };
    let mut n_passed_over = 0;
    for (number, sentence) in sentences(blocks).into_iter().enumerate() {
        if sentence.text.len() > MOST_SENTENCE || number >= MOST_SENTENCES || reader.n_figures >= MOST_FIGURES {
            n_passed_over += 1;
        } else {
            reader.sentence(&sentence);
        }
    }
    Narrative { n_passed_over, ..settle(&reader.said, scope, catalogue) }
}

/// A figure that a rule named.
struct Said {
    indicator: IndicatorId,
    value: Decimal,
    confidence: f32,
    raw: String,
    sentence: usize,
    place: crate::page::Locator,
    rule: &'static str,
}

struct Reader<'a> {
    scope: &'a Scope,
    topic: Option<Topic>,
    /// Whether the disputes last spoken of are about disclosure.
    is_of_disclosure: bool,
    /// Sentences since the total of disclosure was said.
    since_disclosure: usize,
    /// The totals said so far, for 均 and 全部.
    totals: HashMap<Topic, Decimal>,
    said: Vec<Said>,
    n_figures: usize,
}

impl std::hash::Hash for Topic {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        std::mem::discriminant(self).hash(state);
    }
}

/// Sentences after a total in which its channels may follow.
const CHANNELS_FOLLOW: usize = 4;

impl Reader<'_> {
    fn sentence(&mut self, sentence: &Sentence) {
        let text = sentence.text.as_str();
        self.since_disclosure = self.since_disclosure.saturating_add(1);
        let names_disputes = text.contains("复议") || text.contains("诉讼");
        if sentence.is_heading {
            self.is_of_disclosure = names_disputes;
            self.topic = last_topic(text);
            return;
        }
        self.is_of_disclosure |= names_disputes && text.contains("公开");
        let number = self.said.len();
        let before = self.topic;
        for figure in figures(text) {
            self.n_figures += 1;
            self.topic = last_topic(figure.until).or(before);
            if self.is_of_another_year(&figure)
                || is_comparison(&figure)
                || is_cumulative(&figure, self.scope.report_year)
                || is_planned(figure.until)
                || is_of_some_months(&figure)
            {
                continue;
            }
            if let Some(rule) = self.rule_for(&figure, text) {
                self.say(rule, figure.value, &figure, sentence, number);
            }
        }
        self.topic = last_topic(text).or(before);
        self.without_numbers(sentence, number);
    }

    fn rule_for(&self, figure: &Figure<'_>, text: &str) -> Option<&'static Rule> {
        let is_part = self.speaks_of_a_part(figure.until);
        let fits = |rule: &&Rule| {
            rule.kind == RuleKind::Number
                && rule.counters.iter().any(|counter| counter == figure.counter)
                && (rule.scope == ScopeRule::Any || !is_part)
                && self.is_about(rule.topic, text)
                && (self.is_of_disclosure || !is_of_disputes(rule))
                && !figure.lead.is_empty()
                && rule.before.is_match(figure.lead)
                && rule.after.as_ref().is_none_or(|after| after.is_match(figure.after))
                && rule.unless.as_ref().is_none_or(|unless| !unless.is_match(text))
                && rule.not_before.as_ref().is_none_or(|forbidden| !forbidden.is_match(figure.since))
                && rule.requires.as_ref().is_none_or(|required| required.is_match(text))
        };
        let found: Vec<&Rule> = RULES.iter().filter(fits).collect();
        let first = *found.first()?;
        // A disputes total that names both kinds is of neither.
        let both = figure.lead.contains("行政复议") && figure.lead.contains("行政诉讼");
        let instances = ["一审", "二审"].iter().any(|word| figure.until.contains(word));
        let is_dispute = matches!(rule_topic(first), Some(Topic::Reconsideration | Topic::Litigation));
        let one = found.iter().all(|rule| rule.indicator == first.indicator);
        (one && !(is_dispute && (both || instances))).then_some(first)
    }

    fn is_about(&self, needs: Needs, text: &str) -> bool {
        match needs {
            Needs::Any => self.topic != Some(Topic::Elsewhere) || text.contains("信息公开"),
            Needs::Channels => self.since_disclosure <= CHANNELS_FOLLOW,
            Needs::Topic(topic) => self.topic == Some(topic),
            Needs::Disputes => {
                matches!(self.topic, Some(Topic::Reconsideration | Topic::Litigation | Topic::Complaint))
            }
        }
    }

    /// Departments have no parts that report on their own.
    fn speaks_of_a_part(&self, until: &str) -> bool {
        let is_government = matches!(self.scope.level, Level::Province | Level::Prefecture | Level::County);
        // 2018年共召开…: a clause that begins with the year begins anew.
        let year = self.scope.report_year.map(|year| format!(",{year}年"));
        let from = year.and_then(|year| until.rfind(&year)).unwrap_or(0);
        is_government && subject(&until[from..]) == Subject::Part
    }

    fn is_of_another_year(&self, figure: &Figure<'_>) -> bool {
        static YEAR: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"((?:19|20)[0-9]{2})年").ok());
        const EARLIER: [&str; 7] = ["上年", "去年", "上一年", "前年", "往年", "上年度", "同期"];
        let clause = figure.until.rsplit([',', '。', ';']).next().unwrap_or_default();
        // What was carried over from last year is a number of this year.
        if clause.contains("结转") {
            return false;
        }
        if EARLIER.iter().any(|word| clause.contains(word)) {
            return true;
        }
        let year = YEAR.as_ref().and_then(|year| year.captures_iter(figure.until).last());
        let year: Option<i16> = year.and_then(|found| found.get(1)?.as_str().parse().ok());
        match (year, self.scope.report_year) {
            // 较2016年同期数量剧增,其中:维持69件: what follows 其中 is this year's.
            (Some(year), Some(report)) if year != report => {
                let at = figure.until.rfind(&format!("{year}年")).unwrap_or(0);
                !(figure.until[at..].contains("其中") && is_compared(&figure.until[..at]))
            }
            _ => false,
        }
    }

    fn say(&mut self, rule: &'static Rule, value: Decimal, figure: &Figure<'_>, sentence: &Sentence, number: usize) {
        let in_ten_thousands = matches!(rule.indicator.as_str(), "fee.collected" | "capacity.budget");
        let value = if in_ten_thousands && figure.counter == "元" { value / Decimal::from(10_000) } else { value };
        let number_and_counter = &sentence.text[figure.until.len()..sentence.text.len() - figure.after.len()];
        let raw = format!("{}{number_and_counter}", figure.lead);
        self.push(rule, value, if figure.approximate { 0.6 } else { 0.95 }, raw, sentence, number);
    }

    fn push(
        &mut self,
        rule: &'static Rule,
        value: Decimal,
        confidence: f32,
        raw: String,
        sentence: &Sentence,
        number: usize,
    ) {
        match rule.indicator.as_str() {
            "disclosure.total" => self.since_disclosure = 0,
            "request.received" => drop(self.totals.insert(Topic::Request, value)),
            "reconsideration.total" => drop(self.totals.insert(Topic::Reconsideration, value)),
            "litigation.total" => drop(self.totals.insert(Topic::Litigation, value)),
            _ => {}
        }
        self.said.push(Said {
            indicator: rule.indicator.clone(),
            value,
            confidence,
            raw,
            sentence: number,
            place: sentence.place.clone(),
            rule: rule.before.as_str(),
        });
    }

    /// 未收到…申请, 均驳回: what is said without a number.
    fn without_numbers(&mut self, sentence: &Sentence, number: usize) {
        let text = sentence.text.as_str();
        for rule in RULES.iter().filter(|rule| rule.kind != RuleKind::Number) {
            let Some(found) = rule.before.find(text) else { continue };
            let until = &text[..found.end()];
            let is_part = rule.scope == ScopeRule::Own && self.speaks_of_a_part(until);
            let topic = self.topic;
            self.topic = last_topic(until).or(topic);
            let holds = !is_part
                && (self.is_of_disclosure || !is_of_disputes(rule))
                && self.is_about(rule.topic, text)
                && !speaks_of_other_years(until, self.scope.report_year);
            let total = rule_topic(rule).and_then(|topic| self.totals.get(&topic).copied());
            let value = if rule.kind == RuleKind::Zero { Some(Decimal::ZERO) } else { total };
            if let Some(value) = value.filter(|_| holds && !is_denied(&self.said[number..], rule)) {
                self.push(rule, value, 0.9, found.as_str().to_owned(), sentence, number);
            }
            self.topic = topic;
        }
    }
}

/// 未收到 of one kind beside a number of the same thing says less than it seems.
fn is_denied(said_in_it: &[Said], rule: &Rule) -> bool {
    said_in_it.iter().any(|said| said.indicator == rule.indicator && !said.value.is_zero())
}

/// 平均每月, 1至6月: not what the year came to.
fn is_of_some_months(figure: &Figure<'_>) -> bool {
    static MONTHS: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"[0-9]{1,2}月?(?:至|到|-|—|~)(?P<last>[0-9]{1,2})月(?:[^0-9]|$)").ok());
    const WORDS: [&str; 9] = ["平均", "日均", "月均", "年均", "每月", "每季", "季度", "上半年", "下半年"];
    let last = MONTHS.as_ref().and_then(|months| months.captures(figure.until));
    WORDS.iter().any(|word| figure.since.contains(word)) || last.is_some_and(|last| &last["last"] != "12")
}

fn is_of_disputes(rule: &Rule) -> bool {
    let id = rule.indicator.as_str();
    ["reconsideration.", "litigation.", "complaint."].iter().any(|start| id.starts_with(start))
}

fn rule_topic(rule: &Rule) -> Option<Topic> {
    match rule.topic {
        Needs::Topic(topic) => Some(topic),
        _ => None,
    }
}

fn is_compared(text: &str) -> bool {
    text.ends_with(['比', '较', '与']) || text.ends_with("同比")
}

/// What grew, and by how much, is no count of the year.
fn is_comparison(figure: &Figure<'_>) -> bool {
    const WORDS: [&str; 16] = [
        "增长", "增加", "减少", "上升", "下降", "降低", "升幅", "降幅", "同比", "环比", "提高", "占", "多出", "增幅",
        "少于", "多于",
    ];
    let lead = figure.lead;
    WORDS.iter().any(|word| lead.contains(word)) || lead.starts_with(['比', '较'])
}

/// 累计 since the Regulations took force; not what a year adds up to.
fn is_cumulative(figure: &Figure<'_>, year: Option<i16>) -> bool {
    let until = figure.until;
    let since = ["以来", "历年", "截至目前", "截止目前", "自2008年", "迄今", "至今", "条例施行", "条例实施"];
    if since.iter().any(|word| until.contains(word)) {
        return true;
    }
    let of_the_year = year.is_some_and(|year| until.contains(&format!("{year}年")))
        || ["全年", "本年", "年内", "今年"].iter().any(|word| until.contains(word));
    let by_the_end = ["截至", "截止", "年底"].iter().any(|word| until.contains(word));
    until.contains("累计") && (by_the_end || !of_the_year)
}

/// What is meant to be reached is no count.
fn is_planned(until: &str) -> bool {
    ["力争", "明年", "下一步", "下一年", "争取", "预计", "目标"].iter().any(|word| until.contains(word))
}

fn speaks_of_other_years(until: &str, year: Option<i16>) -> bool {
    let plans = ["上年", "去年", "明年", "下一步", "往年"].iter().any(|word| until.contains(word));
    plans
        || year.is_some_and(|year| until.contains(&format!("{}年", year - 1)) && !until.contains(&format!("{year}年")))
}

/// Each indicator once: the first figure counts, one that differs from it is a
/// conflict, and two in one sentence make it unread.
fn settle(said: &[Said], scope: &Scope, catalogue: &Catalogue) -> Narrative {
    let mut narrative = Narrative::default();
    let mut order: Vec<IndicatorId> = Vec::new();
    for one in said {
        if !order.contains(&one.indicator) {
            order.push(one.indicator.clone());
        }
    }
    for indicator in order {
        let of: Vec<&Said> = said.iter().filter(|said| said.indicator == indicator).collect();
        let first = of[0];
        let Some((id, applicant, row)) = in_form(&indicator, scope.form, catalogue) else { continue };
        let twice = of.iter().any(|other| other.sentence == first.sentence && other.value != first.value);
        if twice {
            narrative.unread.push(Unread {
                indicator: id,
                applicant,
                reason: "one sentence gives two numbers for it".to_owned(),
                raw: Some(of.iter().map(|said| said.raw.as_str()).collect::<Vec<_>>().join(" | ")),
                locator: Some(first.place.clone()),
            });
            continue;
        }
        let mut seen = HashSet::from([first.value]);
        for other in of.iter().filter(|other| seen.insert(other.value)) {
            let conflict = Conflict { indicator: id.clone(), applicant, table: first.value, narrative: other.value };
            narrative.conflicts.push(conflict);
        }
        narrative.facts.push(Fact {
            indicator: id,
            applicant,
            value: Some(first.value.normalize()),
            unit: row.unit.clone(),
            raw: first.raw.clone(),
            method: Method::Narrative,
            locator: first.place.clone(),
            confidence: first.confidence,
            form: None,
            label: None,
            rule: format!("a sentence with {}", first.rule).into(),
        });
    }
    doubt_parts(&mut narrative.facts, scope.form.unwrap_or(Form::F2014), catalogue);
    narrative
}

/// How sure a part is that is greater than its whole.
const DOUBTFUL: f32 = 0.5;

/// A part greater than its whole is an error of the document or a number of
/// another scope: it is kept, and less sure.
fn doubt_parts(facts: &mut [Fact], form: Form, catalogue: &Catalogue) {
    let whole_of = |fact: &Fact| catalogue.row(form, &fact.indicator)?.parent.clone();
    let said: Vec<(IndicatorId, Option<Decimal>)> =
        facts.iter().map(|fact| (fact.indicator.clone(), fact.value)).collect();
    for fact in facts {
        let Some(whole) = whole_of(fact) else { continue };
        let whole = said.iter().find(|(id, _)| *id == whole).and_then(|(_, value)| *value);
        if whole.is_some_and(|whole| fact.value.is_some_and(|part| part > whole)) {
            fact.confidence = fact.confidence.min(DOUBTFUL);
            fact.rule.to_mut().push_str("; greater than its whole");
        }
    }
}

/// The indicator as the report's form has it: since 2019 a number of requests
/// is the total of the matrix's columns.
fn in_form<'a>(
    id: &IndicatorId,
    form: Option<Form>,
    catalogue: &'a Catalogue,
) -> Option<(IndicatorId, Option<Applicant>, &'a super::catalogue::Indicator)> {
    let form = form.unwrap_or(Form::F2014);
    let of_row = |id: IndicatorId| {
        let row = catalogue.row(form, &id)?;
        Some((id, (!row.applicants.is_empty()).then_some(Applicant::Total), row))
    };
    let later = match id.as_str() {
        "request.received" => "request.new",
        "reply.granted" => "result.granted",
        "reply.partially_granted" => "result.partially_granted",
        _ => return of_row(id.clone()),
    };
    of_row(id.clone()).or_else(|| of_row(later.parse().ok()?))
}
