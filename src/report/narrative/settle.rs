//! What was said, settled: each indicator once, in the rows of the report's
//! form, checked against itself.

use rust_decimal::Decimal;

use super::super::catalogue::{Catalogue, Indicator};
use super::super::ids::{Applicant, IndicatorId};
use super::super::types::{Against, Conflict, Fact, Form, Method, Unread};
use super::scope::Share;
use super::sentence::Originals;
use super::{Narrative, Scope};
use crate::page::Locator;

/// A figure that a rule named.
pub(super) struct Said {
    pub indicator: IndicatorId,
    pub counted: Counted,
    /// The clause that says it, in folded spelling.
    pub clause: String,
    /// The sentence's place among all.
    pub sentence: usize,
    /// The first sentence of what says it: it, or the heading above it.
    pub since: usize,
    pub place: Locator,
    pub rule: &'static str,
}

/// What a sentence counts.
#[derive(Debug, Clone, Copy)]
pub(super) struct Counted {
    pub value: Decimal,
    pub confidence: f32,
    /// Whether it is a total on a day, which may be one of all years.
    pub is_on_a_day: bool,
    /// For whom: the whole, or the government itself where that may stand for it.
    pub share: Share,
}

impl Counted {
    /// Of the whole, by words and not on a day.
    pub(super) fn by_words(value: Decimal, confidence: f32) -> Self {
        Self { value, confidence, is_on_a_day: false, share: Share::Whole }
    }
}

/// A row of the form and what was said of it.
struct Row<'a> {
    id: IndicatorId,
    applicant: Option<Applicant>,
    indicator: &'a Indicator,
    said: Vec<&'a Said>,
    /// Whether another word for it was used: 收到 for 新收.
    is_by_another_name: bool,
}

/// Each indicator once: the first figure counts, one that differs from it is a
/// conflict. Two in one sentence make it unread, and so does a greater one in a
/// later sentence: then the first may be a part. `open` are the sentences with a
/// figure that no rule named.
pub(super) fn settle(
    said: &[Said],
    open: &[usize],
    originals: &mut Originals<'_>,
    scope: &Scope,
    catalogue: &Catalogue,
) -> Narrative {
    let mut raw = |said: &Said| originals.of_clause(&said.clause, said.since..said.sentence + 1);
    let mut narrative = Narrative::default();
    let mut sentences = Vec::new();
    for row in rows(said, scope.form, catalogue) {
        let (id, applicant, first) = (row.id, row.applicant, row.said[0]);
        let twice =
            row.said.iter().any(|other| other.sentence == first.sentence && other.counted.value != first.counted.value);
        let mut unread = twice.then_some("one sentence gives two numbers for it");
        for other in row.said.iter().filter(|other| !twice && other.counted.value != first.counted.value) {
            if other.counted.value > first.counted.value {
                unread = Some("a later sentence gives a greater number for it");
            } else if first.counted.share == Share::Part {
                unread = Some("it is said of a part, and another number after it");
            }
            let conflict = Conflict {
                indicator: id.clone(),
                applicant,
                against: Against::Sentence(first.counted.value),
                narrative: other.counted.value,
            };
            if !narrative.conflicts.contains(&conflict) {
                narrative.conflicts.push(conflict);
            }
        }
        if let Some(reason) = unread {
            let raw = row.said.iter().map(|said| raw(said)).collect::<Vec<_>>().join(" | ");
            narrative.unread.push(Unread {
                indicator: id,
                applicant,
                reason: reason.to_owned(),
                raw: Some(raw),
                locator: Some(first.place.clone()),
            });
            continue;
        }
        sentences.push(first.sentence);
        narrative.facts.push(Fact {
            indicator: id,
            applicant,
            value: Some(first.counted.value.normalize()),
            unit: row.indicator.unit.clone(),
            raw: raw(first),
            method: Method::Narrative,
            locator: first.place.clone(),
            confidence: first.counted.confidence,
            form: None,
            label: None,
            rule: format!("a sentence that counts {}: {}", row.indicator.label, first.rule).into(),
        });
    }
    let form = scope.form.unwrap_or(Form::F2014);
    doubt_parts(&mut narrative.facts, form, catalogue);
    doubt_sums(&mut narrative.facts, &sentences, open, form, catalogue);
    narrative
}

/// What of it counts: for a fact, a conflict or a number that is unread.
pub(super) fn counting<'a>(said: &'a [Said], form: Option<Form>, catalogue: &'a Catalogue) -> Vec<&'a Said> {
    rows(said, form, catalogue).into_iter().flat_map(|row| row.said).collect()
}

/// Whether the form has no row for what was said.
pub(super) fn has_no_row(said: &Said, form: Option<Form>, catalogue: &Catalogue) -> bool {
    in_form(said, form, catalogue).is_empty()
}

/// What was said by the rows of the form, in the order in which it was said.
/// Where the form's own word and another were used, the form's own counts.
fn rows<'a>(said: &'a [Said], form: Option<Form>, catalogue: &'a Catalogue) -> Vec<Row<'a>> {
    let mut rows: Vec<Row<'a>> = Vec::new();
    for one in said {
        for (id, applicant, indicator) in in_form(one, form, catalogue) {
            let is_by_another_name = id != one.indicator;
            let Some(row) = rows.iter_mut().find(|row| row.id == id) else {
                rows.push(Row { id, applicant, indicator, said: vec![one], is_by_another_name });
                continue;
            };
            if row.is_by_another_name && !is_by_another_name {
                row.said = vec![one];
                row.is_by_another_name = false;
            } else if row.is_by_another_name == is_by_another_name {
                row.said.push(one);
            }
        }
    }
    rows.extend(replies_on_time(said, &rows, form, catalogue));
    rows.iter_mut().for_each(leave_out_running_totals);
    rows.iter_mut().for_each(leave_out_rough_ones);
    rows
}

/// The forms since 2019 have no row for what was concluded on time: where nothing else
/// was said of all replies, it is they, as 271件按时办结,16件结转下年度 says.
fn replies_on_time<'a>(
    said: &'a [Said],
    rows: &[Row<'a>],
    form: Option<Form>,
    catalogue: &'a Catalogue,
) -> Option<Row<'a>> {
    let form = form.filter(|form| *form != Form::F2014)?;
    let (id, applicant, indicator) = row_of(form, "result.total".parse().ok()?, catalogue)?;
    let on_time: Vec<&Said> =
        said.iter().filter(|said| said.indicator.as_str() == "request.concluded.on_time").collect();
    let is_alone = !on_time.is_empty() && rows.iter().all(|row| row.id != id);
    is_alone.then_some(Row { id, applicant, indicator, said: on_time, is_by_another_name: true })
}

/// Beside an exact number a rough one of the same size says nothing: 2.1万余条,
/// 21347条.
fn leave_out_rough_ones(row: &mut Row<'_>) {
    let Some(exact) = row.said.iter().find(|said| said.counted.confidence > ROUGH).map(|said| said.counted.value)
    else {
        return;
    };
    let is_near = |value: Decimal| (value - exact).abs() * Decimal::TEN <= exact;
    row.said.retain(|said| said.counted.confidence > ROUGH || !is_near(said.counted.value));
}

/// Beside a number of the year a total on a day is the running one.
fn leave_out_running_totals(row: &mut Row<'_>) {
    if row.said.iter().any(|said| !said.counted.is_on_a_day) {
        row.said.retain(|said| !said.counted.is_on_a_day);
    }
}

/// How sure a plain figure is.
pub(super) const PLAIN: f32 = 0.95;
/// How sure what words say is: 未收到, 均.
pub(super) const SAID: f32 = 0.9;
/// How sure 无 under a heading is, a total on a day, which may be one of all years,
/// and a clause with a word that is not known.
pub(super) const LESS_SURE: f32 = 0.85;
/// How sure an approximate number is: 约, 近, 多.
pub(super) const ROUGH: f32 = 0.6;
/// How sure a part is that is greater than its whole.
const DOUBTFUL: f32 = 0.5;
/// How sure a total and its parts are that do not add up.
const UNBALANCED: f32 = 0.7;

/// A part greater than its whole is an error of the document or a number of
/// another scope: it is kept, and less sure.
fn doubt_parts(facts: &mut [Fact], form: Form, catalogue: &Catalogue) {
    let said: Vec<(IndicatorId, Option<Decimal>)> =
        facts.iter().map(|fact| (fact.indicator.clone(), fact.value)).collect();
    for fact in facts {
        let Some(whole) = parent(fact, form, catalogue) else { continue };
        let whole = said.iter().find(|(id, _)| id == whole).and_then(|(_, value)| *value);
        if whole.is_some_and(|whole| fact.value.is_some_and(|part| part > whole)) {
            doubt(fact, DOUBTFUL, "greater than its whole");
        }
    }
}

/// A total and its parts, said in one sentence or two that follow each other,
/// are added up: more than the total is impossible, less is possible only where
/// a figure of the sentence is of another kind.
fn doubt_sums(facts: &mut [Fact], sentences: &[usize], open: &[usize], form: Form, catalogue: &Catalogue) {
    for total in 0..facts.len() {
        let Some(whole) = facts[total].value else { continue };
        let is_near = |at: usize| sentences[at] == sentences[total] || sentences[at] == sentences[total] + 1;
        let is_part = |fact: &Fact| parent(fact, form, catalogue) == Some(&facts[total].indicator);
        let parts: Vec<usize> = (0..facts.len()).filter(|at| is_near(*at) && is_part(&facts[*at])).collect();
        let sum: Decimal = parts.iter().filter_map(|at| facts[*at].value).sum();
        let is_open = parts.iter().chain([&total]).any(|at| open.contains(&sentences[*at]));
        let sureness = match sum.cmp(&whole) {
            std::cmp::Ordering::Greater => DOUBTFUL,
            std::cmp::Ordering::Less if !is_open => UNBALANCED,
            _ => continue,
        };
        // One that is greater than the whole by itself is the one in doubt.
        let is_alone = parts.iter().any(|at| facts[*at].value.is_some_and(|part| part > whole));
        if parts.len() > 1 && !is_alone {
            let words = format!("its sentence's parts add up to {sum} of {whole}");
            parts.into_iter().chain([total]).for_each(|at| doubt(&mut facts[at], sureness, &words));
        }
    }
}

fn parent<'a>(fact: &Fact, form: Form, catalogue: &'a Catalogue) -> Option<&'a IndicatorId> {
    catalogue.row(form, &fact.indicator)?.parent.as_ref()
}

fn doubt(fact: &mut Fact, sureness: f32, words: &str) {
    fact.confidence = fact.confidence.min(sureness);
    fact.rule.to_mut().push_str("; ");
    fact.rule.to_mut().push_str(words);
}

/// The words of one form for rows of another that count the same.
const OTHER_NAMES: [(&str, &str); 11] = [
    ("request.received", "request.new"),
    ("request.concluded", "result.total"),
    ("reply.total", "result.total"),
    ("reply.granted", "result.granted"),
    ("reply.partially_granted", "result.partially_granted"),
    ("reply.refused.state_secret", "result.refused.state_secret"),
    ("reply.refused.public_safety", "result.refused.public_safety"),
    ("normative_documents.issued", "normative_documents.made"),
    ("disclosure.normative_documents", "normative_documents.published"),
    ("rules.issued", "rules.made"),
    ("normative_documents.in_force", "normative_documents.public_total"),
];

/// What sentences said before a form counted it: requests carried over, disputes
/// that were still open.
const BEFORE_ITS_FORM: [&str; 3] = ["request.", "reconsideration.", "litigation."];

/// No lawsuit at all is none of either kind that the forms since 2019 count, beside
/// the total that the sentence speaks of.
const KINDS_OF_LAWSUITS: [&str; 2] = ["litigation.direct.total", "litigation.after_reconsideration.total"];

/// The row of a form that counts something; of the matrix the total of its columns.
fn row_of(form: Form, id: IndicatorId, catalogue: &Catalogue) -> Option<(IndicatorId, Option<Applicant>, &Indicator)> {
    let row = catalogue.row(form, &id)?;
    Some((id, (!row.applicants.is_empty()).then_some(Applicant::Total), row))
}

/// The rows that a figure is one of: as the report's form has them, since 2019
/// a number of requests being the total of the matrix's columns. What no row of
/// a later form counts any more (press conferences, staff) its sentences may
/// still say: the row is that of 2014. Conclusions and replies are not among
/// them, as the later forms sort them anew. What only a later form counts
/// sentences said before it: the row is that form's, without its columns.
fn in_form<'a>(
    said: &Said,
    form: Option<Form>,
    catalogue: &'a Catalogue,
) -> Vec<(IndicatorId, Option<Applicant>, &'a Indicator)> {
    let id = &said.indicator;
    let row_of = |form: Form, id: IndicatorId| row_of(form, id, catalogue);
    let form = form.unwrap_or(Form::F2014);
    let other = || {
        let other = OTHER_NAMES.iter().find_map(|(earlier, later)| match id.as_str() {
            id if id == *earlier => Some(*later),
            id if id == *later => Some(*earlier),
            _ => None,
        });
        row_of(form, other?.parse().ok()?)
    };
    let both = || {
        if form == Form::F2014 || id.as_str() != "litigation.total" || !said.counted.value.is_zero() {
            return Vec::new();
        }
        let kinds = KINDS_OF_LAWSUITS.iter().filter_map(|kind| row_of(form, kind.parse().ok()?));
        kinds.chain(row_of(Form::F2014, id.clone())).collect()
    };
    let own = row_of(form, id.clone()).or_else(other).map_or_else(both, |row| vec![row]);
    let is_of_results = ["reply.", "request.concluded"].iter().any(|start| id.as_str().starts_with(start));
    if !own.is_empty() || is_of_results {
        return own;
    }
    let may_be_later = form == Form::F2014 && BEFORE_ITS_FORM.iter().any(|start| id.as_str().starts_with(start));
    let later = || {
        let row = [Form::F2021, Form::F2019].into_iter().find_map(|form| catalogue.row(form, id));
        row.filter(|_| may_be_later).map(|row| (id.clone(), None, row))
    };
    row_of(Form::F2014, id.clone()).or_else(later).into_iter().collect()
}
