//! The eight tables, and a report as their rows.

use jiff::Timestamp;
use jiff::civil::Date;

use super::table::Kind::{Amount, Count, Date as Day, Flag, Instant, Share, Text};
use super::table::{Column, Row, Table, Value, column};
use super::{FetchRecord, Provenance};
use crate::page::canonical_url;
use crate::report::{Catalogue, Method, Outcome, Report, Severity};

pub(super) static REPORTS: Table = Table {
    name: "reports",
    key: &["document_id"],
    columns: &[
        column("document_id", Text, "Digest of the canonical URL, the kept text and the place on the page"),
        column("report_id", Text, "Region code, level, issuer without its region, year"),
        column("is_primary", Flag, "Whether this document counts for its report; one of its documents does"),
        column("url", Text, "The URL that answered").null("read from a file that has none"),
        column("canonical_url", Text, "The one spelling of the URL").null("likewise"),
        column("title", Text, "The title as printed"),
        column("issuer", Text, "Who reports, in Simplified characters").null("nobody could be found"),
        column("region_code", Text, "GB/T 2260 code in the report's year").null("the place is unknown"),
        column("level", Text, "province, prefecture, county, township, department or institution"),
        column("form", Text, "The form of the disclosure table: narrative, local, 2014, 2019 or 2021"),
        column("published_on", Day, "When the document says that it was published")
            .null("the document does not say it"),
        column("script", Text, "Hans or Hant"),
        column("origin", Text, "official, unknown, mirror or spam"),
        column("n_table_facts", Count, "Cells of the tables that were read, nulls included"),
        column("n_narrative_facts", Count, "Figures of sentences"),
        column("n_values", Count, "Facts with a number"),
        column("n_unread", Count, "What is there and could not be read for certain"),
        column("n_stray_numbers", Count, "Numbers of tables that belong to no row"),
        column("n_conflicts", Count, "Where the document contradicts itself"),
        column("n_failed_checks", Count, "Identities of severity error that do not hold"),
        column("failed_checks", Text, "Their names and rows, comma separated"),
        column("completeness", Share, "Rows of the form that were read, of all its rows")
            .unit("0 to 1")
            .null("the report has no official form"),
        column("portal", Text, "The portal in the configuration").null("not read by a crawl"),
        column("fetched_at", Instant, "When this text was first fetched").null("not read by a crawl"),
        column("payload_sha256", Text, "SHA-256 of the bytes"),
        column("payload_bytes", Count, "Size of the bytes").unit("bytes"),
        column("archive_file", Text, "The WARC file that keeps them").null("not read by a crawl"),
        column("archive_offset", Count, "Where in it the record begins").unit("bytes").null("not read by a crawl"),
        column("vanished_at", Instant, "When the portal was found to have taken the page away").null("it is there"),
        column("said_again_at", Instant, "When the page last said this text again after another").null("it did not"),
        column("n_checks", Count, "Identities that were tested, those included that could not be")
            .null("written before the column was there"),
    ],
};

pub(super) static FACTS: Table = Table {
    name: "facts",
    key: &["document_id", "indicator", "applicant", "method"],
    columns: &[
        column("document_id", Text, "The document"),
        column("report_id", Text, "Its report"),
        column("indicator", Text, "What is counted, see the table indicators"),
        column("applicant", Text, "For whom, in the matrix since 2019: a kind of applicant, or total")
            .null("the row has no columns for applicants, or a sentence that names none"),
        column("method", Text, "table or narrative"),
        column("value", Amount, "The number")
            .unit("that of `unit`")
            .null("the document says that nothing is reported: /, ——, an empty cell"),
        column("unit", Text, "The number's unit"),
        column("raw", Text, "The text that was read, as the page prints it"),
        column("locator", Text, "Where it stands in the document"),
        column("confidence", Share, "How sure the reading is, see accuracy.md").unit("0 to 1"),
        column("is_primary", Flag, "Whether its document counts for its report"),
        column("form", Text, "The form of the table that it stands in").null("a sentence, or a province's own table"),
    ],
};

pub(super) static CHECKS: Table = Table {
    name: "checks",
    key: &["document_id", "check", "indicator", "applicant"],
    columns: &[
        column("document_id", Text, "The document"),
        column("report_id", Text, "Its report"),
        column("check", Text, "The identity's name"),
        column("indicator", Text, "The left side's row"),
        column("applicant", Text, "The column it was tested in").null("the row has no columns for applicants"),
        column("outcome", Text, "pass, fail or not_applicable"),
        column("severity", Text, "error or warning"),
        column("left", Amount, "The left side").unit("that of the row").null("it could not be computed"),
        column("right", Amount, "The right side").unit("that of the row").null("it could not be computed"),
        column("is_primary", Flag, "Whether its document counts for its report"),
    ],
};

pub(super) static CONFLICTS: Table = Table {
    name: "conflicts",
    key: &["document_id", "indicator", "applicant", "narrative"],
    columns: &[
        column("document_id", Text, "The document"),
        column("report_id", Text, "Its report"),
        column("indicator", Text, "What both count"),
        column("applicant", Text, "For whom").null("the row has no columns for applicants"),
        column("table", Amount, "The table's number").unit("that of the row").null("two sentences differ"),
        column("narrative", Amount, "The sentence's number").unit("that of the row"),
        column("is_primary", Flag, "Whether its document counts for its report"),
        column("sentence_before", Amount, "The number of the sentence before")
            .unit("that of the row")
            .null("a table and a sentence differ"),
    ],
};

pub(super) static FETCHES: Table = Table {
    name: "fetches",
    key: &["fetched_at", "url", "payload_sha256"],
    columns: &[
        column("fetched_at", Instant, "When the answer had arrived"),
        column("url", Text, "The URL that answered"),
        column("host", Text, "Its host"),
        column("portal", Text, "The portal in the configuration"),
        column("status", Count, "The HTTP status"),
        column("outcome", Text, "What came of it, in words"),
        column("payload_sha256", Text, "SHA-256 of the bytes"),
        column("payload_bytes", Count, "Size of the bytes").unit("bytes"),
        column("duration_ms", Count, "From the request to the end of the answer").unit("ms"),
        column("n_reports", Count, "Reports that it held"),
        column("archive_file", Text, "The WARC file that keeps it"),
        column("archive_offset", Count, "Where in it the record begins").unit("bytes"),
    ],
};

pub(super) static INDICATORS: Table = Table {
    name: "indicators",
    key: &["form", "indicator"],
    columns: &[
        column("form", Text, "2014, 2019 or 2021"),
        column("indicator", Text, "The key"),
        column("row", Count, "The row's place in the form"),
        column("section", Text, "The section's heading in the form"),
        column("label", Text, "The row's label in the form"),
        column("parent", Text, "The row that it is part of").null("it is part of none"),
        column("has_applicants", Flag, "Whether it has a column for each kind of applicant"),
        column("unit", Text, "The unit"),
        column("label_en", Text, "The label in English"),
    ],
};

pub(super) static REGIONS: Table = Table {
    name: "regions",
    key: &["region_code", "name", "first_listed"],
    columns: &[
        column("region_code", Text, "GB/T 2260 code"),
        column("name", Text, "The name"),
        column("level", Text, "province, prefecture or county"),
        column("first_listed", Count, "The first year's list that has it"),
        column("last_listed", Count, "The last year's list that has it").null("it is listed still"),
    ],
};

/// Columns of the panel before those of panel.csv.
const PANEL_HEAD: [Column; 6] = [
    column("report_id", Text, "Region code, level, issuer without its region, year"),
    column("document_id", Text, "The document that counts for it"),
    column("issuer", Text, "Who reports").null("nobody could be found"),
    column("region_code", Text, "GB/T 2260 code in the report's year").null("the place is unknown"),
    column("level", Text, "province, prefecture, county, township, department or institution"),
    column("form", Text, "narrative, local, 2014, 2019 or 2021"),
];

const NOT_IN_THE_PANEL: &str = "the form has no such row, it is blank, or a row of it was not read";

/// The panel's table: its columns are the catalogue's.
///
/// Leaks a few kilobytes for each catalogue: one in a process.
pub(super) fn panel(catalogue: &Catalogue) -> Table {
    let leak = |text: String| -> &'static str { Box::leak(text.into_boxed_str()) };
    let own = catalogue.panel.iter().map(|of| {
        let note = if of.note.is_empty() { String::new() } else { format!("; {}", of.note) };
        let description = leak(format!("{}{note}", of.name.replace('_', " ")));
        column(leak(of.name.clone()), Amount, description).unit(leak(of.unit.clone())).null(NOT_IN_THE_PANEL)
    });
    let columns: Vec<Column> = PANEL_HEAD.into_iter().chain(own).collect();
    Table { name: "panel", key: &["report_id"], columns: Box::leak(columns.into_boxed_slice()) }
}

pub(super) fn day(date: Date) -> Value {
    let epoch = Date::constant(1970, 1, 1);
    epoch.until(date).map_or(Value::Null, |span| Value::Date(span.get_days()))
}

fn count(n: impl TryInto<i64>) -> Value {
    Value::Count(n.try_into().unwrap_or(i64::MAX))
}

pub(super) fn instant(at: Timestamp) -> Value {
    Value::Instant(at.as_microsecond())
}

/// The row of a document in `reports`; `is_primary` and what changed later are set
/// by the commit.
pub(super) fn report_row(report: &Report, from: &Provenance, catalogue: &Catalogue) -> Row {
    let n_of = |method| report.facts.iter().filter(|fact| fact.method == method).count();
    let failed =
        report.checks.iter().filter(|check| check.outcome == Outcome::Fail && check.severity == Severity::Error);
    let failed: Vec<String> = failed.map(|check| format!("{} {}", check.check, check.indicator)).collect();
    let mut row = vec![
        Value::text(report.document_id.as_str()),
        Value::text(report.report_id.as_str()),
        Value::Flag(false),
        Value::maybe(from.url.clone(), Value::text),
        Value::maybe(from.url.as_ref().and_then(|url| url.parse().ok()), |url| Value::text(canonical_url(&url))),
        Value::text(report.title.as_str()),
        Value::maybe(report.issuer.as_deref(), Value::text),
        Value::maybe(report.region.as_ref(), |code| Value::text(code.as_str())),
        Value::text(report.level.as_str()),
        Value::text(report.form.as_str()),
        Value::maybe(report.published_on, day),
        Value::text(report.script.as_str()),
        Value::text(report.origin.as_str()),
        count(n_of(Method::Table)),
        count(n_of(Method::Narrative)),
        count(report.facts.iter().filter(|fact| fact.value.is_some()).count()),
        count(report.unread.len()),
        count(report.n_stray_numbers),
        count(report.conflicts.len()),
        count(failed.len()),
        Value::text(failed.join(", ")),
        completeness(report, catalogue),
    ];
    row.extend(provenance_cells(from));
    row.extend([Value::Null, Value::Null, count(report.checks.len())]);
    row
}

/// The columns of `reports` that tell where the document was first read.
fn provenance_cells(from: &Provenance) -> [Value; 6] {
    [
        Value::maybe(from.portal.clone(), Value::text),
        Value::maybe(from.fetched_at, instant),
        Value::text(from.payload_sha256.as_str()),
        count(from.payload_bytes),
        Value::maybe(from.archive_file.clone(), Value::text),
        Value::maybe(from.archive_offset, count),
    ]
}

fn completeness(report: &Report, catalogue: &Catalogue) -> Value {
    let Some(form) = report.form.official() else { return Value::Null };
    let n_cells: usize = catalogue.rows(form).map(|row| row.applicants.len().max(1)).sum();
    // A hybrid has tables of other forms as well.
    let n_read = report.facts.iter().filter(|fact| fact.form == Some(form)).count();
    Value::Share(n_read as f32 / n_cells.max(1) as f32)
}

pub(super) fn fact_rows(report: &Report) -> Vec<Row> {
    let row = |fact: &crate::report::Fact| {
        vec![
            Value::text(report.document_id.as_str()),
            Value::text(report.report_id.as_str()),
            Value::text(fact.indicator.as_str()),
            Value::maybe(fact.applicant, |applicant| Value::text(applicant.as_str())),
            Value::text(fact.method.as_str()),
            Value::maybe(fact.value, Value::amount),
            Value::text(&*fact.unit),
            Value::text(fact.raw.as_str()),
            Value::text(fact.locator.to_string()),
            Value::Share(fact.confidence),
            Value::Flag(false),
            Value::maybe(fact.form, |form| Value::text(form.as_str())),
        ]
    };
    report.facts.iter().map(row).collect()
}

pub(super) fn check_rows(report: &Report) -> Vec<Row> {
    let row = |check: &crate::report::Check| {
        vec![
            Value::text(report.document_id.as_str()),
            Value::text(report.report_id.as_str()),
            Value::text(check.check.as_str()),
            Value::text(check.indicator.as_str()),
            Value::maybe(check.applicant, |applicant| Value::text(applicant.as_str())),
            Value::text(check.outcome.as_str()),
            Value::text(check.severity.as_str()),
            Value::maybe(check.left, Value::amount),
            Value::maybe(check.right, Value::amount),
            Value::Flag(false),
        ]
    };
    report.checks.iter().map(row).collect()
}

pub(super) fn conflict_rows(report: &Report) -> Vec<Row> {
    let row = |conflict: &crate::report::Conflict| {
        vec![
            Value::text(report.document_id.as_str()),
            Value::text(report.report_id.as_str()),
            Value::text(conflict.indicator.as_str()),
            Value::maybe(conflict.applicant, |applicant| Value::text(applicant.as_str())),
            Value::maybe(conflict.against.table(), Value::amount),
            Value::amount(conflict.narrative),
            Value::Flag(false),
            Value::maybe(conflict.against.sentence(), Value::amount),
        ]
    };
    report.conflicts.iter().map(row).collect()
}

pub(super) fn fetch_row(fetch: &FetchRecord) -> Row {
    vec![
        instant(fetch.fetched_at),
        Value::text(fetch.url.as_str()),
        Value::text(fetch.host.as_str()),
        Value::text(fetch.portal.as_str()),
        count(fetch.status),
        Value::text(fetch.outcome.as_str()),
        Value::text(fetch.payload_sha256.as_str()),
        count(fetch.payload_bytes),
        count(fetch.duration_ms),
        count(fetch.n_reports),
        Value::text(fetch.archive_file.as_str()),
        count(fetch.archive_offset),
    ]
}

pub(super) fn indicator_rows(catalogue: &Catalogue) -> Vec<Row> {
    let row = |of: &crate::report::catalogue::Indicator| {
        vec![
            Value::text(of.form.as_str()),
            Value::text(of.id.as_str()),
            count(of.order),
            Value::text(of.section.as_str()),
            Value::text(of.label.as_str()),
            Value::maybe(of.parent.as_ref(), |parent| Value::text(parent.as_str())),
            Value::Flag(!of.applicants.is_empty()),
            Value::text(&*of.unit),
            Value::text(of.label_en.as_str()),
        ]
    };
    catalogue.indicators.iter().map(row).collect()
}

pub(super) fn region_rows(catalogue: &Catalogue) -> Vec<Row> {
    let row = |place: &crate::report::regions::Place| {
        vec![
            Value::text(place.code.as_str()),
            Value::text(place.name.as_str()),
            Value::text(place.level.as_str()),
            count(place.first_listed),
            Value::maybe(place.last_listed, count),
        ]
    };
    catalogue.regions.places().iter().map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::page::{Style, form_of_year, render};
    use crate::demo::truth::truth;
    use crate::page::Capture;
    use crate::report::Form;

    /// The columns of a table as docs/lake.md shows them.
    fn documented(table: &Table) -> String {
        let row = |column: &Column| {
            let Column { name, description, unit, null, .. } = column;
            let null = if null.is_empty() { "never" } else { null };
            format!("| `{name}` | {} | {unit} | {description} | {null} |\n", column.kind.in_words())
        };
        let rows: String = table.columns.iter().map(row).collect();
        format!("| column | type | unit | what | null |\n| --- | --- | --- | --- | --- |\n{rows}")
    }

    /// docs/lake.md has the columns as they are; `GONGKAI_WRITE=1 cargo test --lib lake`
    /// writes them.
    #[test]
    #[allow(clippy::disallowed_methods)]
    fn the_documents_have_all_columns() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/lake.md");
        let mut text = std::fs::read_to_string(path).unwrap();
        let panel = panel(&Catalogue::embedded());
        for table in [&panel, &REPORTS, &FACTS, &CHECKS, &CONFLICTS, &FETCHES, &INDICATORS, &REGIONS] {
            let head = format!("\n## `{}`\n", table.name);
            let from = text.find(&head).unwrap_or_else(|| panic!("no {head}")) + head.len();
            let begin = from + text[from..].find("\n| column").unwrap_or_else(|| panic!("no table in {head}")) + 1;
            let end = text[begin..].find("\n\n").map_or(text.len(), |at| begin + at + 1);
            let documented = documented(table);
            if std::env::var_os("GONGKAI_WRITE").is_some() {
                text.replace_range(begin..end, &documented);
            }
            assert!(text.contains(&documented), "docs/lake.md is to have\n{documented}");
        }
        if std::env::var_os("GONGKAI_WRITE").is_some() {
            std::fs::write(path, text).unwrap();
        }
    }

    /// What says of a column that it is never null is so: of reports of all forms, with
    /// and without what they may lack.
    #[test]
    fn only_columns_that_say_what_null_means_have_it() {
        let catalogue = Catalogue::embedded();
        let place = catalogue.regions.named("青田县", None)[0].clone();
        let of_form = [2012, 2017, 2019, 2022].map(|year| {
            let truth = truth(4, &place, year, form_of_year(year), &catalogue);
            Capture::of_bytes(render(&truth, Style::PORTAL, &catalogue))
        });
        let bare = "政府信息公开工作年度报告\n一、概述\n主动公开政府信息6条，收到申请3件。\n二、收费\n未收取费用。\n";
        let captures = of_form.into_iter().chain([Capture::of_bytes(bare.as_bytes().to_vec())]);
        let mut n = 0;
        let mut hold = |table: &Table, rows: Vec<Row>| {
            n += rows.len();
            let nulls = rows.iter().flat_map(|row| row.iter().zip(table.columns));
            let unsaid = nulls.filter(|(value, column)| **value == Value::Null && column.null.is_empty());
            let unsaid: Vec<_> = unsaid.map(|(_, column)| column.name).collect();
            assert!(unsaid.is_empty(), "{}: {unsaid:?}", table.name);
        };
        for report in captures.flat_map(|capture| crate::read(&capture, &catalogue).reports) {
            hold(&FACTS, fact_rows(&report));
            hold(&CHECKS, check_rows(&report));
            hold(&CONFLICTS, conflict_rows(&report));
            hold(&REPORTS, vec![report_row(&report, &Provenance::default(), &catalogue)]);
        }
        hold(&INDICATORS, indicator_rows(&catalogue));
        hold(&REGIONS, region_rows(&catalogue));
        assert!(n > 1000, "the reports were read");
    }

    /// A hybrid: beside the table of its form a table of another.
    #[test]
    fn nothing_is_more_than_complete() {
        let catalogue = Catalogue::embedded();
        let place = catalogue.regions.named("青田县", None)[0].clone();
        let truth = truth(4, &place, 2021, form_of_year(2021), &catalogue);
        let capture = Capture::of_bytes(render(&truth, Style::PORTAL, &catalogue));
        let mut report = crate::read(&capture, &catalogue).reports.remove(0);
        assert_eq!(completeness(&report, &catalogue), Value::Share(1.0));
        let mut others = report.facts.clone();
        others.iter_mut().for_each(|fact| fact.form = Some(Form::F2014));
        report.facts.extend(others);
        assert_eq!(completeness(&report, &catalogue), Value::Share(1.0));
    }
}
