//! The JSON line of `gongkai extract`, as DESIGN.md's command contract has it.

use jiff::civil::Date;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde::Serialize;
use serde_json::{Number, Value};

use super::ids::{Applicant, DocumentId, IndicatorId, RegionCode, ReportId};
use super::types::{LeftOut, Level, Method, Origin, Outcome, Reading, Report, ReportForm, Script, Severity};

/// What a line holds beside the contract's least.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Extras {
    /// Add the kept text as `text`.
    pub text: bool,
    /// Add the dropped blocks as `dropped`.
    pub dropped: bool,
    /// Add to each fact the label and the rule that gave it, the identity's evidence,
    /// and the figures of sentences that no fact was made of.
    pub explain: bool,
}

/// The lines of a reading: one for each report, or one that says why there is
/// none.
#[must_use]
pub fn lines(source: &str, reading: &Reading, extras: Extras) -> Vec<String> {
    if reading.reports.is_empty() {
        return vec![json(&no_report(source, reading, extras))];
    }
    reading.reports.iter().map(|report| json(&line(source, report, reading, extras))).collect()
}

/// A number as JSON has it: exact where it is whole, the nearest double where
/// it is not.
#[must_use]
pub fn number(value: Decimal) -> Value {
    let value = value.normalize();
    let whole = (value.scale() == 0).then(|| value.to_i64()).flatten().map(Number::from);
    whole.or_else(|| Number::from_f64(value.to_f64()?)).map_or(Value::Null, Value::Number)
}

fn json<T: Serialize>(line: &T) -> String {
    // These types hold nothing that JSON cannot say.
    serde_json::to_string(line).unwrap_or_else(|error| format!("{{\"error\":\"{error}\"}}"))
}

#[derive(Serialize)]
struct Line<'a> {
    source: &'a str,
    document_id: &'a DocumentId,
    report: Head<'a>,
    facts: Vec<FactLine<'a>>,
    conflicts: Vec<ConflictLine<'a>>,
    checks: Vec<CheckLine<'a>>,
    unread: Vec<UnreadLine<'a>>,
    n_stray_numbers: usize,
    notes: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    evidence: Option<&'a [String]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    left_out: Option<&'a [LeftOut]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dropped: Option<Vec<DroppedLine>>,
}

#[derive(Serialize)]
struct Head<'a> {
    report_id: &'a ReportId,
    title: &'a str,
    issuer: Option<&'a str>,
    region_code: Option<&'a RegionCode>,
    level: Level,
    report_year: Option<i16>,
    form: ReportForm,
    published_on: Option<Date>,
    script: Script,
    origin: Origin,
}

#[derive(Serialize)]
struct FactLine<'a> {
    indicator: &'a IndicatorId,
    applicant: Option<Applicant>,
    value: Value,
    unit: &'a str,
    raw: &'a str,
    method: Method,
    locator: String,
    confidence: f32,
    #[serde(skip_serializing_if = "Option::is_none")]
    label: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rule: Option<&'a str>,
}

#[derive(Serialize)]
struct ConflictLine<'a> {
    indicator: &'a IndicatorId,
    applicant: Option<Applicant>,
    table: Value,
    sentence_before: Value,
    narrative: Value,
}

#[derive(Serialize)]
struct CheckLine<'a> {
    check: &'a str,
    indicator: &'a IndicatorId,
    applicant: Option<Applicant>,
    outcome: Outcome,
    severity: Severity,
    left: Value,
    right: Value,
    n_blank: usize,
}

#[derive(Serialize)]
struct UnreadLine<'a> {
    indicator: &'a IndicatorId,
    applicant: Option<Applicant>,
    reason: &'a str,
    raw: Option<&'a str>,
    locator: Option<String>,
}

#[derive(Serialize)]
struct DroppedLine {
    locator: String,
    reason: &'static str,
    text: String,
}

#[derive(Serialize)]
struct NoReportLine<'a> {
    source: &'a str,
    report: Value,
    reason: &'a str,
    kind: Option<super::types::NoReportKind>,
    notes: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    dropped: Option<Vec<DroppedLine>>,
}

fn no_report<'a>(source: &'a str, reading: &'a Reading, extras: Extras) -> NoReportLine<'a> {
    let reason = reading.no_report.as_ref();
    NoReportLine {
        source,
        report: Value::Null,
        reason: reason.map_or("no reason was given", |reason| &reason.words),
        kind: reason.map(|reason| reason.kind),
        notes: &reading.notes,
        dropped: extras.dropped.then(|| dropped(reading)),
    }
}

fn line<'a>(source: &'a str, report: &'a Report, reading: &'a Reading, extras: Extras) -> Line<'a> {
    let head = Head {
        report_id: &report.report_id,
        title: &report.title,
        issuer: report.issuer.as_deref(),
        region_code: report.region.as_ref(),
        level: report.level,
        report_year: report.report_year,
        form: report.form,
        published_on: report.published_on,
        script: report.script,
        origin: report.origin,
    };
    let facts = report.facts.iter().map(|fact| FactLine {
        indicator: &fact.indicator,
        applicant: fact.applicant,
        value: fact.value.map_or(Value::Null, number),
        unit: &fact.unit,
        raw: &fact.raw,
        method: fact.method,
        locator: fact.locator.to_string(),
        confidence: fact.confidence,
        label: extras.explain.then_some(fact.label.as_deref()).flatten(),
        rule: extras.explain.then_some(fact.rule.as_ref()),
    });
    let conflicts = report.conflicts.iter().map(|conflict| ConflictLine {
        indicator: &conflict.indicator,
        applicant: conflict.applicant,
        table: conflict.against.table().map_or(Value::Null, number),
        sentence_before: conflict.against.sentence().map_or(Value::Null, number),
        narrative: number(conflict.narrative),
    });
    let checks = report.checks.iter().map(|check| CheckLine {
        check: &check.check,
        indicator: &check.indicator,
        applicant: check.applicant,
        outcome: check.outcome,
        severity: check.severity,
        left: check.left.map_or(Value::Null, number),
        right: check.right.map_or(Value::Null, number),
        n_blank: check.n_blank,
    });
    let unread = report.unread.iter().map(|unread| UnreadLine {
        indicator: &unread.indicator,
        applicant: unread.applicant,
        reason: &unread.reason,
        raw: unread.raw.as_deref(),
        locator: unread.locator.as_ref().map(ToString::to_string),
    });
    Line {
        source,
        document_id: &report.document_id,
        report: head,
        facts: facts.collect(),
        conflicts: conflicts.collect(),
        checks: checks.collect(),
        unread: unread.collect(),
        n_stray_numbers: report.n_stray_numbers,
        notes: &reading.notes,
        evidence: extras.explain.then_some(report.evidence.as_slice()),
        left_out: extras.explain.then_some(report.left_out.as_slice()),
        text: extras.text.then_some(report.text.as_str()),
        dropped: extras.dropped.then(|| dropped(reading)),
    }
}

fn dropped(reading: &Reading) -> Vec<DroppedLine> {
    let line = |dropped: &crate::page::Dropped| DroppedLine {
        locator: dropped.block.locator.to_string(),
        reason: dropped.reason.words(),
        text: dropped.block.text().into_owned(),
    };
    reading.article.dropped.iter().map(line).collect()
}
