//! What sentences say without a number of their own: that there was none, that
//! all of a number before were so, 无 under a heading.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;
use rust_decimal::Decimal;

use super::super::ids::IndicatorId;
use super::claim::{Claim, Needs, RuleKind};
use super::senses::Whole;
use super::sentence::{Sentence, head, tail};
use super::settle::{Counted, LESS_SURE, SAID};
use super::topic::Topic;
use super::{NEAR, Reader, View};

/// Characters between a number of one and what is said of it, at most: a clause or two.
const SOON: usize = 16;

impl Reader<'_> {
    /// Whether a row may say what words at a place of a sentence say: of its topic,
    /// for the whole and for the year. That there was no dispute at all is true of
    /// disclosure as well.
    fn may_say(&mut self, claim: &Claim, view: &View<'_>, at: Range<usize>, before: Option<Topic>) -> bool {
        // 此后未收到申请, 其他单位未收费: of the rest there was none.
        const OF_THE_REST: [&str; 8] = ["此后", "其后", "再未", "再没", "其他单位", "其余单位", "其他部门", "其余部门"];
        self.topic_here = view.topics.at(at.end);
        self.topic = self.topic_here.or(before);
        let clause = view.text[..at.start].rfind([',', '。', ';', ':']).map_or(0, |end| end + 1);
        let is_of_the_rest = OF_THE_REST.iter().any(|word| view.text[clause..at.end].contains(word));
        // 对依申请公开的信息未收费 denies a fee, and no request.
        let end = view.text[..at.end].trim_end_matches([',', '。', ';']).len();
        let end = view.text[end..].find([',', '。', ';']).map_or(view.text.len(), |more| end + more);
        let is_of_fees = claim.indicator.as_str() == "request.received"
            && ["收费", "费用"].iter().any(|word| view.text[clause..end].contains(word));
        if claim.kind == RuleKind::Zero && (is_of_the_rest || is_of_fees) {
            return false;
        }
        let (until, after) = (tail(&view.text[..at.start], NEAR), head(&view.text[at.start..], NEAR));
        claim.scope.may_speak_for(view.subjects().at(at.end))
            && (self.is_of_disclosure || !claim.is_of_disputes() || claim.kind == RuleKind::Zero)
            && self.is_about(claim.topic, until, after)
            && view.periods().at(at.end).may_be_the_years()
    }

    /// 未收到…申请, 均驳回: what is said without a number.
    pub(super) fn without_numbers(
        &mut self,
        view: &View<'_>,
        before: Option<Topic>,
        sentence: &Sentence,
        number: usize,
    ) {
        let text = view.text;
        if !text.contains(['未', '没', '无', '均', '全', '都', '不', '律', '零'])
            && !text.contains("诉讼")
            && !text.contains('费')
        {
            return;
        }
        for rule in self.grammar.without_number(text) {
            let Some(found) = rule.before.find(text) else { continue };
            let holds = self.may_say(&rule.claim, view, found.range(), before)
                && !rule.claim.is_forbidden_by(tail(&text[..found.start()], NEAR))
                && rule.not_after.as_ref().is_none_or(|after| !after.is_match(&text[found.end()..]));
            let last = self.figure_before(found.start()).and_then(|(_, total)| total);
            let value = match (rule.claim.kind, rule.claim.topic, last) {
                (RuleKind::Zero, ..) => Some(Decimal::ZERO),
                // All of the number right before, no other between.
                (_, Needs::Topic(topic), Some((of, total))) if topic == of => Some(total),
                _ => None,
            };
            // 未收到 of one kind beside a number of the same thing says less than it seems.
            let is_denied = || self.said_of(&rule.claim.indicator, number).any(|value| !value.is_zero());
            if let Some(value) = value.filter(|_| holds && !is_denied()) {
                let counted = Counted::by_words(value, SAID);
                self.say(&rule.claim, counted, found.as_str().to_owned(), sentence, number);
            }
        }
    }

    /// The numbers that a sentence has given for something already.
    fn said_of(&self, indicator: &IndicatorId, sentence: usize) -> impl Iterator<Item = Decimal> {
        let of_sentence = self.said.iter().rev().take_while(move |said| said.sentence == sentence);
        of_sentence.filter(move |said| said.indicator == *indicator).map(|said| said.counted.value)
    }

    /// The figure before a place of the sentence: where it ends, and what it is a
    /// total of.
    fn figure_before(&self, place: usize) -> Option<(usize, Option<(Topic, Decimal)>)> {
        let n = self.totals.partition_point(|(end, _)| *end <= place);
        self.totals[..n].last().copied()
    }

    /// 复议2件,均维持: what all of the number right before are.
    pub(super) fn wholes(&mut self, view: &View<'_>, before: Option<Topic>, sentence: &Sentence, number: usize) {
        if self.totals.iter().all(|(_, total)| total.is_none()) {
            return;
        }
        for Whole { claim, start, end, is_all, confidence } in self.clauses.wholes(view.text, &self.names) {
            let Some((at, Some((of, value)))) = self.figure_before(start) else { continue };
            // Of one alone, and soon behind it: 1件,经审核,同意公开.
            let is_one = value == Decimal::ONE && at > 0 && view.text[at..start].chars().count() <= SOON;
            if !is_all && !is_one {
                continue;
            }
            let holds = claim.topic == Needs::Topic(of)
                && self.may_say(claim, view, start..end, before)
                && !claim.is_forbidden_by(tail(&view.text[..start], NEAR));
            let is_total = ["request.received", "request.new", "reconsideration.total", "litigation.total"]
                .contains(&claim.indicator.as_str());
            if holds && !is_total && self.said_of(&claim.indicator, number).next().is_none() {
                let counted = Counted::by_words(value, confidence);
                self.say(claim, counted, view.text[start..end].to_owned(), sentence, number);
            }
        }
    }

    /// 没有人就信息公开申请过复议: clauses of known words, one of which denies.
    pub(super) fn denials(&mut self, view: &View<'_>, before: Option<Topic>, sentence: &Sentence, number: usize) {
        for denial in self.clauses.denials(view.text, &self.names) {
            let claim = denial.claim;
            let until = tail(&view.text[..denial.start], NEAR);
            let holds = self.may_say(claim, view, denial.start..denial.end, before)
                && claim.requires.as_ref().is_none_or(|required| required.is_match(until))
                && !claim.is_forbidden_by(denial.words);
            if holds && self.said_of(&claim.indicator, number).next().is_none() {
                let counted = Counted::by_words(Decimal::ZERO, denial.confidence);
                self.say(claim, counted, denial.words.to_owned(), sentence, number);
            }
        }
    }

    /// 无。 right under a heading says that there was none of what it names.
    pub(super) fn none_under(&mut self, heading: &str, sentence: &Sentence, number: usize) {
        static NONE: LazyLock<Option<Regex>> = LazyLock::new(|| {
            crate::pattern(concat!(
                r"^(?:[0-9]{4}年度?|本年度?|全年|年内|至今|目前|截至目前|我[局委办县市区镇乡校院]|本[局委办机关单位镇乡街道县市区]*|[,、])*",
                r"(?:和历年累计|均|都|尚|暂)*(?:无|没有|(?:为|是)零|(?:为|是)0[件宗起条项]?|零报告|空白|无申请|没有申请|无人申请|未发生|无此类情况|无此情况|无相关情况|没有此类情况|未发生此类情况|没有发生|没有相关情况|未涉及|未有(?:一|1)[例件起])[。;]?$"
            ))
        });
        if NONE.as_ref().is_some_and(|none| none.is_match(&sentence.text)) {
            self.none_of(heading, &sentence.text, sentence, number);
            // The heading is the sentence before, and says it with this one.
            let here = self.said.iter_mut().rev().take_while(|said| said.sentence == number);
            here.for_each(|said| said.since = number.saturating_sub(1));
        }
    }

    /// 收费情况:无。 says it in one sentence.
    pub(super) fn none_behind_colon(&mut self, sentence: &Sentence, number: usize) {
        const LONGEST: usize = 180;
        let text = sentence.text.trim_end_matches(['。', ';']);
        let Some((what, "无" | "没有" | "零")) = text.rsplit_once(':') else { return };
        if what.len() <= LONGEST && !what.contains([':', ',']) {
            self.none_of(what, "无", sentence, number);
        }
    }

    /// There was none of what some words name.
    fn none_of(&mut self, what: &str, words: &str, sentence: &Sentence, number: usize) {
        if self.section.is_part {
            return;
        }
        let grammar = self.grammar;
        for rule in grammar.headings.iter().filter(|rule| rule.before.is_match(what)) {
            // 无申请 under a heading of fees is no word on fees.
            if rule.claim.indicator.as_str() == "fee.collected" && words.contains("申请") {
                continue;
            }
            let counted = Counted::by_words(Decimal::ZERO, LESS_SURE);
            self.say(&rule.claim, counted, format!("{what}:{words}"), sentence, number);
        }
    }
}
