//! Sentences to facts.
//!
//! | file | idea |
//! | --- | --- |
//! | `sentence` | prose cut into sentences; numbers with what stands around them |
//! | `lists` | 分别 lists written out, name by name |
//! | `topic` | what a stretch of text is about |
//! | `scope` | for whom it speaks |
//! | `period` | of which time it speaks |
//! | `claim` | what a row says, and when it may |
//! | `grammar` | the rows of words in their order, `config/narrative.csv` |
//! | `senses` | the rows of words in any order, `config/clauses.csv` |
//! | `words` | which rules may hold, told by the words of a text |
//! | `wordless` | what is said without a number of its own |
//! | `settle` | each indicator once, by the rows of the form, added up |
//!
//! A figure becomes a fact where exactly one rule names it, its sentence is
//! about the rule's topic, speaks for the whole that the report speaks for, and
//! for its year. In doubt there is no fact: a missing number is better than a
//! wrong one. The raw text is the clause as the page prints it.
//!
//! Confidence: 0.95 for a plain figure; 0.9 where words say it (未收到, 均);
//! 0.85 for 无 under a heading, for a total 截至年底 and for 累计 alone since
//! 2019, which may be of all years, and for a clause with a short word that is not
//! known; 0.7 for a total and parts of one sentence that do not add up; 0.6 for 约,
//! 近, 多 and their like; 0.5 for a part greater than its whole and parts that are more than
//! their total. What does not add up is kept and said in the fact's rule: it is
//! no conflict, which is two numbers for one thing.

mod claim;
mod grammar;
mod lists;
mod period;
mod scope;
mod senses;
mod sentence;
mod settle;
mod topic;
mod wordless;
mod words;

use std::cell::OnceCell;
use std::sync::LazyLock;

use regex::Regex;
use rust_decimal::Decimal;

use self::claim::{Claim, Needs, RuleKind};
use self::grammar::{GRAMMAR, Grammar};
use self::period::{Period, Periods};
use self::scope::{Share, Speaker, Subjects};
use self::senses::{CLAUSES, Clauses};
use self::sentence::{Figure, MOST_SENTENCE, Originals, Prose, Role, Sentence, figures, head, tail};
use self::settle::{Counted, LESS_SURE, PLAIN, ROUGH, Said, settle};
use self::topic::{Topic, Topics};
use super::catalogue::Catalogue;
use super::ids::IndicatorId;
use super::types::{Conflict, Fact, Form, LeftOut, Level, Unread};
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
    /// Its name; empty where nobody knows it.
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
    /// Figures that no fact was made of, where they are asked for; the first so many.
    pub left_out: Vec<LeftOut>,
    /// How many more there were.
    pub n_more_left_out: usize,
    /// Sentences that were passed over because they or the prose are too long.
    pub n_passed_over: usize,
}

/// Sentences of a report's prose.
const MOST_SENTENCES: usize = 20_000;

/// Bytes of a sentence that is only a section's name, at most.
const LONGEST_HEADING: usize = 120;

/// Figures of a report's prose.
const MOST_FIGURES: usize = 10_000;

/// Figures that no fact was made of, of which it is said why.
const MOST_LEFT_OUT: usize = 200;

/// Why a figure that a row names is none of it.
const NOT_THE_YEARS: &str = "a comparison, a part or a number of another time for";

/// What is asked of a report's prose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// The facts.
    Facts,
    /// Of each figure that no fact was made of, why: this takes longer.
    LeftOut,
}

/// Reads the sentences of a report's prose.
#[must_use]
pub fn read(blocks: &[Block], scope: &Scope, catalogue: &Catalogue, detail: Detail) -> Narrative {
    let Some(grammar) = GRAMMAR.as_ref() else { return Narrative::default() };
    let Some(clauses) = CLAUSES.as_ref() else { return Narrative::default() };
    let mut reader = Reader::new(grammar, clauses, scope, detail);
    let mut n_passed_over = 0;
    let prose = Prose::of(blocks);
    for (number, sentence) in prose.sentences.iter().enumerate() {
        let is_within = sentence.text.len() <= MOST_SENTENCE && number < MOST_SENTENCES;
        if is_within && reader.n_figures < MOST_FIGURES {
            reader.sentence(sentence, number);
        } else {
            n_passed_over += 1;
        }
    }
    let settled = settle(&reader.said, &reader.open, &mut Originals::of(&prose), scope, catalogue);
    if detail == Detail::LeftOut {
        reader.leave_out_what_was_taken_back(catalogue);
    }
    let Reader { mut left_out, n_more_left_out, .. } = reader;
    left_out.sort_by_key(|(sentence, _)| *sentence);
    let left_out = left_out.into_iter().map(|(_, left)| left).collect();
    Narrative { left_out, n_more_left_out, n_passed_over, ..settled }
}

struct Reader<'a> {
    grammar: &'static Grammar,
    clauses: &'static Clauses,
    /// The names of who reports: they add nothing to a clause.
    names: Vec<String>,
    scope: &'a Scope,
    topic: Option<Topic>,
    /// What the sentence itself names, up to what is looked at.
    topic_here: Option<Topic>,
    /// The heading above, until a sentence follows it.
    heading: Option<String>,
    /// What the section's heading says of it.
    section: Section,
    /// Whether the disputes last spoken of are about disclosure.
    is_of_disclosure: bool,
    /// Sentences since the total of disclosure was said.
    since_disclosure: usize,
    /// The last sentence of the section that counted requests.
    requests_at: Option<usize>,
    /// Whether any did.
    has_requests: bool,
    /// What the sentence before said of time and subject, for one that goes on.
    period: Period,
    share: Share,
    /// What was said before a sentence that goes on behind a semicolon.
    earlier: String,
    /// The figures of the sentence, and the last one of those before: where
    /// each ends and, if it is a total, of which topic. For 均 and 全部.
    totals: Vec<(usize, Option<(Topic, Decimal)>)>,
    said: Vec<Said>,
    /// How often something was said, what was taken back since included.
    n_said: usize,
    /// Sentences with a figure of the year that no rule named.
    open: Vec<usize>,
    detail: Detail,
    /// With the sentence that each stands in.
    left_out: Vec<(usize, LeftOut)>,
    n_more_left_out: usize,
    /// The figures that were taken for a row's, with their sentences and clauses; kept
    /// where it is asked for what was left out.
    taken: Vec<(usize, String, &'static Claim)>,
    /// Whether the sentence counted what others were asked for.
    has_others: bool,
    n_figures: usize,
}

/// What a heading says of the sentences below it.
#[derive(Debug, Clone, Copy, Default)]
struct Section {
    /// What it is about.
    topic: Option<Topic>,
    /// 下一步打算: nothing there is a count of the year.
    is_plan: bool,
    is_of_fees: bool,
    /// 县政府办公室受理情况: a part's.
    is_part: bool,
}

/// Sentences after a total in which its channels may follow.
const CHANNELS_FOLLOW: usize = 4;
/// Sentences after requests in which disputes about them may follow.
const SOON: usize = 2;
/// Words of replies to requests.
const REPLIES: [&str; 4] = ["同意公开", "不予公开", "部分公开", "予以公开"];
/// Words before what requests ask for.
const CONTENTS: [&str; 8] = ["涉及", "内容", "要求公开", "申请公开的是", "主要是", "集中在", "集中于", "关于"];
/// Bytes around a figure in which what a rule requires or forbids may stand.
const NEAR: usize = 600;

impl<'a> Reader<'a> {
    fn new(grammar: &'static Grammar, clauses: &'static Clauses, scope: &'a Scope, detail: Detail) -> Self {
        Self {
            grammar,
            clauses,
            names: names_of(scope),
            scope,
            topic: None,
            topic_here: None,
            heading: None,
            section: Section::default(),
            is_of_disclosure: false,
            since_disclosure: usize::MAX,
            requests_at: None,
            has_requests: false,
            period: Period::default(),
            share: Share::Whole,
            earlier: String::new(),
            totals: Vec::new(),
            said: Vec::new(),
            n_said: 0,
            open: Vec::new(),
            detail,
            left_out: Vec::new(),
            n_more_left_out: 0,
            taken: Vec::new(),
            has_others: false,
            n_figures: 0,
        }
    }

    fn sentence(&mut self, sentence: &Sentence, number: usize) {
        let text = sentence.text.as_str();
        self.since_disclosure = self.since_disclosure.saturating_add(1);
        let names_disputes = text.contains("复议") || text.contains("诉讼");
        let mut topics = Topics::of(text);
        // 主动公开的20件,同意公开26件: a kind of reply among the others.
        let is_list = self.topic == Some(Topic::Request) && sentence.role == Role::Prose;
        if is_list && REPLIES.iter().any(|word| text.contains(word)) {
            topics.leave_out(Topic::Disclosure);
        }
        if sentence.role != Role::Prose {
            // What heads no more than its line divides a section, as (二)答复情况 does that
            // of requests: what the section is about still holds.
            let is_run_in = sentence.role == Role::RunIn;
            let is_numbered = text.starts_with(['(', '1', '2', '3', '4', '5']);
            let is_divided = matches!(self.topic, Some(Topic::Request | Topic::Disclosure));
            let goes_on = is_run_in || (is_divided && is_numbered);
            self.is_of_disclosure = names_disputes || text.contains("公开") || (is_run_in && self.is_of_disclosure);
            self.topic = topics.last().or(self.topic.filter(|_| goes_on));
            self.requests_at = self.requests_at.filter(|_| is_run_in);
            self.section = Section { topic: self.topic, ..self.section_under(text) };
            self.heading = Some(text.to_owned());
            return;
        }
        // 由此引发行政复议2件: of the requests that were just spoken of, as is what
        // follows them in their section.
        let goes_back = ["由此", "因答复", "此类"].iter().any(|word| text.contains(word));
        let is_soon = self.topic == Some(Topic::Request) && self.requests_at.is_some_and(|at| number <= at + SOON);
        let is_of_requests = is_soon || (goes_back && self.has_requests);
        self.is_of_disclosure |=
            names_disputes && (text.contains("公开") || text.contains("政府信息") || is_of_requests);
        let heading = self.heading.take();
        if self.section.is_plan {
            if self.detail == Detail::LeftOut {
                for of_plans in figures(text) {
                    self.leave_out(number, of_plans.clause, "its section tells of plans".to_owned());
                }
            }
            return;
        }
        // A paragraph may turn aside from what its section is about, and the next one back.
        let is_disclosures = self.section.topic == Some(Topic::Disclosure);
        if sentence.begins && is_disclosures && self.topic == Some(Topic::Elsewhere) {
            self.topic = self.section.topic;
        }
        let mut before = self.topic;
        let view = View {
            text,
            topics,
            scope: self.scope,
            period: if sentence.goes_on { self.period } else { Period::default() },
            share: match self.section.is_part {
                true => Share::Part,
                false if sentence.goes_on => self.share,
                false => Share::Whole,
            },
            periods: OnceCell::new(),
            subjects: OnceCell::new(),
        };
        self.totals = self.totals.last().map(|(_, total)| (0, *total)).into_iter().collect();
        self.has_others &= sentence.goes_on;
        if !sentence.goes_on {
            self.earlier.clear();
        }
        for figure in figures(text) {
            self.n_figures += 1;
            self.topic_here = view.topics.at(figure.until.len());
            self.topic = self.topic_here.or(before);
            let total = self.figure(&figure, &view, sentence, number);
            // What follows a total is of its topic, unless it names another.
            before = total.map(|(topic, _)| topic).or(before);
            self.totals.push((text.len() - figure.after.len(), total));
        }
        self.without_numbers(&view, before, sentence, number);
        self.denials(&view, before, sentence, number);
        self.wholes(&view, before, sentence, number);
        self.none_behind_colon(sentence, number);
        // 60%属于行政审批: what the requests asked for.
        let is_of_contents = (before == Some(Topic::Request) || view.topics.has(Topic::Request))
            && (text.contains('%') || CONTENTS.iter().any(|word| text.contains(word)));
        let last = view.topics.last().filter(|topic| *topic != Topic::Elsewhere || !is_of_contents);
        self.topic = last.or(before);
        if text.ends_with(';') && self.earlier.len() < NEAR {
            self.earlier.push_str(text);
        }
        if text.ends_with(';') {
            self.period = view.periods().last();
            self.share = view.subjects().at(text.len());
        }
        if let Some(heading) = heading {
            self.none_under(&heading, sentence, number);
        }
        // 五、因申请行政复议、提起行政诉讼的情况。无。
        if text.ends_with("情况。") && text.len() <= LONGEST_HEADING && !text.contains([',', '未', '无', '没']) {
            self.heading = Some(text.to_owned());
        }
    }

    fn section_under(&self, heading: &str) -> Section {
        const PLANS: [&str; 9] =
            ["下一步", "打算", "工作计划", "工作思路", "改进", "存在的问题", "存在问题", "主要问题", "工作安排"];
        const PARTS: [&str; 6] = ["办公", "本级", "部门", "单位", "乡镇", "街道"];
        let says = |words: &[&str]| words.iter().any(|word| heading.contains(word));
        Section {
            topic: None,
            is_plan: says(&PLANS),
            is_of_fees: says(&["收费", "费用"]) && !says(&["公示"]),
            is_part: says(&PARTS) && subjects(heading, self.scope, Share::Whole).at(heading.len()) != Share::Whole,
        }
    }

    /// Says what a figure counts; gives it back where it is a total.
    fn figure(
        &mut self,
        figure: &Figure<'_>,
        view: &View<'_>,
        sentence: &Sentence,
        number: usize,
    ) -> Option<(Topic, Decimal)> {
        if self.sums_up(figure, number) {
            return None;
        }
        let (claims, sureness) = self.claims_for(figure, view);
        if claims.is_empty() {
            self.forget_what_is_less_than_a_part(figure, view, number);
            let has_ours = self.said.last().is_some_and(|said| said.sentence == number);
            self.has_others |= !has_ours && is_of_others(figure);
            if has_ours
                && !is_comparison(figure)
                && matches!(figure.counter, "件" | "条" | "宗" | "起" | "份" | "人" | "名")
            {
                self.open.push(number);
            }
        }
        let n_said = self.n_said;
        let counted = claims.iter().map(|claim| self.count(claim, sureness, figure, view, sentence, number));
        let total = counted.last().flatten();
        match (self.detail, claims.first()) {
            (Detail::Facts, _) => {}
            (Detail::LeftOut, Some(claim)) if self.n_said > n_said => {
                self.taken.push((number, figure.clause.to_owned(), claim));
            }
            (Detail::LeftOut, Some(claim)) => {
                self.leave_out(number, figure.clause, format!("{NOT_THE_YEARS} {}", claim.indicator));
            }
            (Detail::LeftOut, None) if self.left_out.len() < MOST_LEFT_OUT => {
                self.leave_out(number, figure.clause, self.why_not(figure, view));
            }
            (Detail::LeftOut, None) => self.n_more_left_out += 1,
        }
        total
    }

    fn leave_out(&mut self, sentence: usize, clause: &str, why: String) {
        if self.left_out.len() < MOST_LEFT_OUT {
            self.left_out.push((sentence, LeftOut { clause: clause.to_owned(), why }));
        } else {
            self.n_more_left_out += 1;
        }
    }

    /// What was taken for a row's at first, and is no fact in the end.
    fn leave_out_what_was_taken_back(&mut self, catalogue: &Catalogue) {
        let counting = settle::counting(&self.said, self.scope.form, catalogue);
        let mut left_out = Vec::new();
        for (sentence, clause, claim) in &self.taken {
            let is_it = |said: &&Said| said.sentence == *sentence && said.clause == *clause;
            let why = match self.said.iter().find(is_it) {
                _ if counting.iter().copied().any(|said| is_it(&said)) => continue,
                None => "what its sentence goes on with shows that it is a part of",
                Some(said) if settle::has_no_row(said, self.scope.form, catalogue) => {
                    "the report's form has no row for"
                }
                Some(_) => "another number counts, exact, of the year or by the form's own word, for",
            };
            left_out.push((*sentence, clause.clone(), format!("{why} {}", claim.indicator)));
        }
        left_out.into_iter().for_each(|(sentence, clause, why)| self.leave_out(sentence, &clause, why));
    }

    /// All rows that a figure's words are those of, whatever else they ask for.
    fn rows_around(&self, figure: &Figure<'_>) -> Vec<&'static Claim> {
        let (by_words, _) = self.clauses.around(figure, &self.names);
        self.grammar.around(figure).into_iter().chain(by_words).collect()
    }

    /// 设立了3个查阅点,各县区设27个: what a part has more of was no whole.
    fn forget_what_is_less_than_a_part(&mut self, figure: &Figure<'_>, view: &View<'_>, number: usize) {
        static SUM_FOLLOWS: LazyLock<Option<Regex>> =
            LazyLock::new(|| crate::pattern(r"^[,、;][^0-9。;,]{0,6}(?:共|合计|总计)[^0-9。;,]{0,2}[0-9]"));
        let is_of_part = || matches!(view.subjects().at(figure.until.len()), Share::Part | Share::Government);
        let sum_follows = || SUM_FOLLOWS.as_ref().is_some_and(|sum| sum.is_match(figure.after));
        if !self.said.iter().any(|said| said.sentence == number) || !is_of_part() || sum_follows() {
            return;
        }
        let of_part = self.rows_around(figure);
        let is_less = |said: &Said| {
            said.sentence == number
                && of_part.iter().any(|claim| claim.indicator == said.indicator)
                && in_unit_of(&said.indicator, figure).is_some_and(|of_part| of_part > said.counted.value)
        };
        self.said.retain(|said| !is_less(said));
    }

    /// Why no row takes a figure.
    fn why_not(&self, figure: &Figure<'_>, view: &View<'_>) -> String {
        let rules = self.rows_around(figure);
        let Some(rule) = rules.first() else {
            return match self.clauses.unknown_in(figure, &self.names) {
                Some(words) => format!("no rule understands {words}"),
                None => "each word is understood, but no rule has them together".to_owned(),
            };
        };
        let share = view.subjects().at(figure.until.len());
        let (near, after) = (tail(figure.until, NEAR), head(figure.after, NEAR));
        let why = if rule.is_forbidden_by(near) || rule.is_forbidden_by(after) {
            "another word of its sentence speaks against it"
        } else if !self.says_what_is_asked_for(rule, near) {
            "its sentence does not say what that row asks for"
        } else if !rule.scope.may_speak_for(share) && !rule.is_outcome() {
            "it is said of a part, or of more than the report speaks for"
        } else if !self.is_about(rule.topic, near, after) {
            "its sentence is about something else"
        } else if self.has_others && rule.is_part_of_a_total() {
            "its sentence counts what is no disclosure"
        } else {
            "several rows take it, or its disputes are not about disclosure"
        };
        let by_words = match self.clauses.unknown_in(figure, &self.names) {
            Some(words) => format!("; no rule understands {words}"),
            None => String::new(),
        };
        format!("{}: {why}{by_words}", rule.indicator)
    }

    /// Takes 合计17处 as the sum of what its sentence counted before: 3处, 14处.
    fn sums_up(&mut self, figure: &Figure<'_>, number: usize) -> bool {
        const SUMMED: [&str; 9] = [
            "reconsideration.total",
            "litigation.total",
            "response.press_conferences",
            "capacity.reading_points",
            "capacity.agencies",
            "capacity.budget",
            "training.courses",
            "training.participants",
            "training.meetings",
        ];
        const WORDS: [&str; 6] = ["合计", "总计", "共计", "总数", "共", "计"];
        let bare = figure.lead.trim_start_matches(|c| "全各级两三年省市县区州旗盟".contains(c));
        let bare = bare.trim_end_matches(['为', '达', '有', '到', '是']);
        if !WORDS.contains(&bare) || figure.counter.is_empty() {
            return false;
        }
        let mut of_sentence = self.said.iter().rev().take_while(|said| said.sentence == number);
        let is_summed =
            |said: &&Said| SUMMED.contains(&said.indicator.as_str()) && said.clause.ends_with(figure.counter);
        let Some(last) = of_sentence.find(is_summed) else { return false };
        let value = in_unit_of(&last.indicator, figure).filter(|value| *value >= last.counted.value);
        let Some(value) = value else { return false };
        let confidence = if figure.approximate { ROUGH } else { last.counted.confidence };
        let sum = Said {
            indicator: last.indicator.clone(),
            counted: Counted { value, confidence, ..last.counted },
            clause: figure.clause.to_owned(),
            place: last.place.clone(),
            ..*last
        };
        self.said.retain(|said| said.sentence != number || said.indicator != sum.indicator);
        self.said.push(sum);
        true
    }

    /// Takes a figure as a row's; gives it back where it is a total.
    fn count(
        &mut self,
        rule: &'static Claim,
        sureness: f32,
        figure: &Figure<'_>,
        view: &View<'_>,
        sentence: &Sentence,
        number: usize,
    ) -> Option<(Topic, Decimal)> {
        let at = figure.until.len();
        let period = view.periods().at(at);
        // What was carried over names the year that it came from, or goes to.
        let is_carried = rule.indicator.as_str().starts_with("request.carried");
        let is_the_years = is_carried || period.is_the_years(figure.since);
        if is_comparison(figure) || is_of_each(figure) || !is_the_years || is_before_a_part(figure) {
            return None;
        }
        let value = in_unit_of(&rule.indicator, figure)?;
        let confidence = if figure.approximate {
            ROUGH
        } else if period.is_on_a_day() {
            sureness.min(LESS_SURE)
        } else {
            sureness
        };
        let share = view.subjects().at(at);
        let counted = Counted { value, confidence, is_on_a_day: period.is_on_a_day(), share };
        self.say(rule, counted, figure.clause.to_owned(), sentence, number);
        match rule.indicator.as_str() {
            "disclosure.total" => Some((Topic::Disclosure, value)),
            "request.received" | "request.new" | "request.concluded" => Some((Topic::Request, value)),
            "reconsideration.total" => Some((Topic::Reconsideration, value)),
            "litigation.total" => Some((Topic::Litigation, value)),
            "litigation.direct.total" => Some((Topic::DirectLitigation, value)),
            "litigation.after_reconsideration.total" => Some((Topic::LaterLitigation, value)),
            _ => None,
        }
    }

    /// The rows of a figure: one, or all of which it says that there was none; and
    /// how sure that is.
    fn claims_for(&self, figure: &Figure<'_>, view: &View<'_>) -> (Vec<&'static Claim>, f32) {
        let share = view.subjects().at(figure.until.len());
        let near = tail(figure.until, NEAR);
        let is_forbidden = |rule: &Claim| rule.is_forbidden_by(near) || rule.is_forbidden_by(head(figure.after, NEAR));
        let fits = |rule: &&'static Claim| {
            !(self.has_others && rule.is_part_of_a_total())
                // Who decided a dispute is another's name: 市政府维持4件.
                && (rule.scope.may_speak_for(share) || rule.is_outcome())
                && self.is_about(rule.topic, near, head(figure.after, NEAR))
                // No dispute at all is none about disclosure.
                && (self.is_of_disclosure || figure.value.is_zero() || !rule.is_of_disputes())
                && !self.is_other_matters(rule, view.text)
                && !is_of_all_kinds(rule, figure)
                && !is_one_reason_of_several(rule, figure)
                && self.says_what_is_asked_for(rule, near)
                && !is_forbidden(rule)
        };
        let by_order = self.grammar.around(figure);
        let mut found: Vec<&'static Claim> = by_order.iter().copied().filter(fits).collect();
        let mut sureness = PLAIN;
        // What a row of words in their order forbids, no other may say.
        if found.is_empty() && !by_order.iter().any(|rule| is_forbidden(rule)) {
            let (by_words, confidence) = self.clauses.around(figure, &self.names);
            found = by_words.into_iter().filter(fits).collect();
            sureness = confidence;
        }
        // 新收到申请21件 is what came new, however it says so.
        if found.iter().any(|claim| claim.indicator.as_str() == "request.new") {
            found.retain(|claim| claim.indicator.as_str() != "request.received");
        }
        let most = found.iter().map(|claim| claim.weight).max();
        found.retain(|claim| Some(claim.weight) == most);
        let Some(first) = found.first().copied().filter(|first| first.kind != RuleKind::Zero) else {
            return (found, sureness);
        };
        // A total of disputes that names both kinds is of neither.
        let both = figure.lead.contains("复议") && figure.lead.contains("诉讼") && !figure.lead.contains("复议后");
        // One at each instance is counted twice.
        let instances = ["二审", "再审"].iter().any(|word| near.contains(word))
            || (near.contains("一审") && head(figure.after, NEAR).contains("二审"));
        let one = found.iter().all(|rule| rule.indicator == first.indicator);
        let is_later = matches!(first.topic, Needs::Topic(Topic::DirectLitigation | Topic::LaterLitigation));
        let is_split = first.is_of_disputes() && ((both && !is_later && !first.is_direct()) || instances);
        (if one && !is_split { vec![first] } else { Vec::new() }, sureness)
    }

    /// Whether disputes were counted before, and a sentence that does not name
    /// disclosure counts more: 全局的行政复议案件达到604件.
    fn is_other_matters(&self, claim: &Claim, text: &str) -> bool {
        claim.is_total_of_disputes()
            && !text.contains("公开")
            && self.said.iter().any(|said| said.indicator == claim.indicator)
    }

    /// Whether the text before a figure, or what its sentence goes on from, says what a
    /// row asks for.
    fn says_what_is_asked_for(&self, claim: &Claim, near: &str) -> bool {
        claim.requires.as_ref().is_none_or(|asked| asked.is_match(near) || asked.is_match(&self.earlier))
    }

    fn is_about(&self, needs: Needs, before: &str, after: &str) -> bool {
        let says = |word: &str| before.contains(word) || after.contains(word);
        match needs {
            Needs::Nothing => true,
            Needs::Any => self.topic != Some(Topic::Elsewhere) || says("信息公开"),
            Needs::Named => self.topic_here != Some(Topic::Elsewhere) || says("信息公开"),
            Needs::Channels => self.since_disclosure <= CHANNELS_FOLLOW || before.contains("通过不同渠道和方式公开"),
            Needs::Fees => {
                let words = ["信息公开", "依申请", "公开信息", "政府信息", "政务信息", "检索", "复印", "复制", "邮寄"];
                self.section.is_of_fees || self.topic == Some(Topic::Request) || words.iter().any(|word| says(word))
            }
            Needs::Topic(topic) => self.topic == Some(topic),
            Needs::Disputes => matches!(
                self.topic,
                Some(
                    Topic::Reconsideration
                        | Topic::Litigation
                        | Topic::DirectLitigation
                        | Topic::LaterLitigation
                        | Topic::Complaint
                )
            ),
        }
    }

    fn say(&mut self, rule: &'static Claim, counted: Counted, clause: String, from: &Sentence, number: usize) {
        // 省政府发布解读49篇,全省发布16216篇: the whole, wherever it is told.
        let is_its = |said: &Said| said.indicator == rule.indicator;
        if counted.share == Share::Government
            && self.said.iter().any(|said| is_its(said) && said.counted.share == Share::Whole)
        {
            return;
        }
        if counted.share == Share::Whole {
            self.said.retain(|said| !is_its(said) || said.counted.share != Share::Government);
        }
        if rule.indicator.as_str() == "disclosure.total" {
            self.since_disclosure = 0;
        }
        if ["request.", "reply.", "result."].iter().any(|start| rule.indicator.as_str().starts_with(start)) {
            self.requests_at = Some(number);
            self.has_requests = true;
        }
        self.n_said += 1;
        self.said.push(Said {
            indicator: rule.indicator.clone(),
            counted,
            clause,
            sentence: number,
            since: number,
            place: from.place.clone(),
            rule: rule.words.as_str(),
        });
    }
}

/// A figure in its indicator's unit: of money 万元.
fn in_unit_of(indicator: &IndicatorId, figure: &Figure<'_>) -> Option<Decimal> {
    const MONEY: [&str; 4] = ["fee.collected", "capacity.budget", "administrative_fees.amount", "procurement.amount"];
    let ten_thousand = Decimal::from(10_000);
    match figure.counter {
        "元" if MONEY.contains(&indicator.as_str()) => figure.value.checked_div(ten_thousand),
        "亿元" if MONEY.contains(&indicator.as_str()) => figure.value.checked_mul(ten_thousand),
        // 1.5件 is a misprint, or of something else.
        _ => Some(figure.value).filter(|value| value.fract().is_zero() || MONEY.contains(&indicator.as_str())),
    }
}

/// 因不掌握等原因无法提供12件: of several reasons one is named, and the number is of
/// them all.
fn is_one_reason_of_several(rule: &Claim, figure: &Figure<'_>) -> bool {
    const SEVERAL: [&str; 5] = ["等原因", "等情形", "等理由", "等事由", "等情况"];
    let groups = ["reply.refused.", "result.refused.", "result.unavailable.", "result.not_processed.", "result.other."];
    groups.iter().any(|group| rule.indicator.as_str().starts_with(group))
        && SEVERAL.iter().any(|several| figure.lead.contains(several))
}

/// The names of who reports, the longest first: the whole, the region's, the
/// office's without it, and the place's of a government's.
fn names_of(scope: &Scope) -> Vec<String> {
    const KINDS_OF_PLACES: [char; 6] = ['省', '市', '县', '区', '旗', '州'];
    const LEAST_OF_A_NAME: usize = 3;
    const OFFICES: [&str; 4] = ["委员会", "局", "委", "厅"];
    let region = scope.region_name.clone().unwrap_or_default();
    let office = scope.issuer.strip_prefix(region.as_str()).unwrap_or_default().to_owned();
    let place = ["人民政府", "办事处"].iter().find_map(|kind| scope.issuer.strip_suffix(kind)).unwrap_or_default();
    let short = place.strip_prefix(region.as_str()).unwrap_or_default().to_owned();
    let names = [scope.issuer.clone(), place.to_owned(), short, office, region];
    let mut names: Vec<String> = names.into_iter().filter(|name| !name.is_empty()).collect();
    for (at, kind) in scope.issuer.char_indices().skip(2).filter(|(_, c)| KINDS_OF_PLACES.contains(c)) {
        let (place, of_kind) = scope.issuer.split_at(at);
        let own = &of_kind[kind.len_utf8()..];
        // 市民政局 of 青禾市民政局, with its place's kind and without.
        let parts = [of_kind, own].into_iter().filter(|part| part.chars().count() >= LEAST_OF_A_NAME);
        names.extend(parts.map(str::to_owned));
        // 青禾公安 of 青禾市公安局, as accounts are called.
        let field = OFFICES.iter().find_map(|end| own.strip_suffix(end)).filter(|field| field.chars().count() >= 2);
        names.extend(field.map(|field| format!("{place}{field}")));
    }
    names.sort_by(|one, other| other.len().cmp(&one.len()).then_with(|| one.cmp(other)));
    names.dedup();
    names
}

/// A sentence, and what its stretches are about; what only a figure of ours
/// asks for is found when it does.
struct View<'a> {
    text: &'a str,
    topics: Topics,
    scope: &'a Scope,
    /// What the sentence goes on from.
    period: Period,
    share: Share,
    periods: OnceCell<Periods>,
    subjects: OnceCell<Subjects>,
}

impl View<'_> {
    fn periods(&self) -> &Periods {
        self.periods.get_or_init(|| Periods::of(self.text, self.scope.report_year, self.period))
    }

    fn subjects(&self) -> &Subjects {
        self.subjects.get_or_init(|| subjects(self.text, self.scope, self.share))
    }
}

/// For whom a text speaks. A government's own office reports under a name that
/// others' sentences have as well: there nothing tells them apart. A zone that
/// is no listed region has bureaus and townships of its own as well.
fn subjects(text: &str, scope: &Scope, carried: Share) -> Subjects {
    const ZONES: [&str; 6] = ["管委会", "管理委员会", "开发区", "实验区", "示范区", "新区"];
    let is_zone = scope.level == Level::Department && ZONES.iter().any(|zone| scope.issuer.ends_with(zone));
    let is_government = matches!(scope.level, Level::Province | Level::Prefecture | Level::County);
    match is_zone || is_government {
        true => {
            let speaker = Speaker::Government { level: scope.level, above: regions_above(scope) };
            Subjects::of(text, scope.report_year, carried, speaker)
        }
        // Of a government's office the whole region is more than it speaks for.
        false if scope.issuer.contains("政府") && scope.level != Level::Township && !names_a_region(text) => {
            Subjects::default()
        }
        false => Subjects::of(text, scope.report_year, carried, Speaker::Office),
    }
}

/// Whether a text speaks of a whole region: 全市共收到138件.
fn names_a_region(text: &str) -> bool {
    text.match_indices('全')
        .any(|(at, all)| text[at + all.len()..].starts_with(['省', '市', '县', '区', '州', '盟', '旗']))
}

/// The words for the regions that the issuer's is a part of. A county that is a
/// city calls itself 全市.
fn regions_above(scope: &Scope) -> &'static [&'static str] {
    let is_city = scope.region_name.as_ref().is_none_or(|name| name.ends_with('市'));
    match scope.level {
        Level::Prefecture => &["全国", "全省"],
        Level::County if is_city => &["全国", "全省", "全州", "全盟"],
        Level::County => &["全国", "全省", "全州", "全盟", "全市"],
        _ => &["全国"],
    }
}

/// 各类行政复议案件13宗,其中因政府信息公开提起的为零: of all kinds, of which those about
/// disclosure are told.
fn is_of_all_kinds(claim: &Claim, figure: &Figure<'_>) -> bool {
    static OF_WHICH: LazyLock<Option<Regex>> =
        LazyLock::new(|| crate::pattern(r"^[^。;]{0,24}(?:其中|含|包括)[^,。;0-9]{0,8}(?:信息|政务)公开"));
    let is_total = claim.is_total_of_disputes() || claim.indicator.as_str() == "complaint.total";
    is_total
        && !figure.lead.contains("公开")
        && OF_WHICH.as_ref().is_some_and(|of_which| of_which.is_match(figure.after))
}

/// 受理许可证申请2845件: what was received of another kind, whose parts are none
/// of ours.
fn is_of_others(figure: &Figure<'_>) -> bool {
    const VERBS: [&str; 4] = ["受理", "收到", "接到", "办理"];
    let says = |text: &str, words: &[&str]| words.iter().any(|word| text.contains(word));
    let ours = ["公开", "政府信息", "依申请", "结转", "上年", "信函", "传真", "当面", "网络", "邮"];
    // 经审查受理16件 names nothing else, nor does 受理的217件申请.
    let lead = figure.lead.trim_end_matches(['的', '了', '到', '共']);
    let names_none = VERBS.iter().any(|verb| lead.ends_with(verb));
    let is_received = says(figure.lead, &VERBS) && !says(figure.lead, &ours) && !names_none;
    let is_disputed = says(figure.lead, &["复议", "诉讼"]) && !says(figure.until, &["公开", "政府信息"]);
    !figure.value.is_zero() && (is_received || is_disputed)
}

/// 共主动公开615条,今年新增94条: a running total, of which the year's is told.
fn is_before_a_part(figure: &Figure<'_>) -> bool {
    static NEW: LazyLock<Option<Regex>> = LazyLock::new(|| {
        crate::pattern(
            r"^[,(、](?:其中)?[:,]?(?:本年度?|今年|当年|20[0-9]{2}年(?:度)?)(?:新增|新公开)[^,。;0-9]{0,8}[0-9]",
        )
    });
    NEW.as_ref().is_some_and(|new| new.is_match(figure.after))
}

/// 县档案馆、图书馆各设1个, 各单位指定1名: so many at each place, of which nobody says
/// how many there are.
fn is_of_each(figure: &Figure<'_>) -> bool {
    static EACH: LazyLock<Option<Regex>> = LazyLock::new(|| {
        crate::pattern(concat!(
            r"各(?:自|设|设立|设有|建|建立|建有|有|配|配备|安排|明确|确定|指定|举办|召开|开展)?(?:了|有)?$|",
            r"各(?:单位|部门|科室|乡镇|镇|村|局|站|所|街道|处室|学校|分局)(?:均|都|分别)?(?:指定|明确|确定)了?$",
        ))
    });
    EACH.as_ref().is_some_and(|each| each.is_match(figure.lead))
}

/// What grew, and by how much, is no count of the year.
fn is_comparison(figure: &Figure<'_>) -> bool {
    const WORDS: [&str; 15] = [
        "增长", "增加", "减少", "上升", "下降", "降低", "升幅", "降幅", "同比", "环比", "提高", "多出", "增幅", "少于",
        "多于",
    ];
    let lead = figure.lead;
    let is_compared = ["相比", "比较"].iter().any(|word| figure.after.starts_with(word));
    is_compared || WORDS.iter().any(|word| lead.contains(word)) || lead.starts_with(['比', '较'])
}
