//! The forms, their arithmetic and the regions, as typed data.

use std::collections::HashMap;
use std::fmt::Display;
use std::str::FromStr;
use std::sync::Arc;

use aho_corasick::AhoCorasick;
use sha2::{Digest, Sha256};

pub use super::evidence::{Confidences, Evidence};
use super::ids::{Applicant, IndicatorId};
use super::regions::{Place, Regions};
use super::tables::bare;
use super::types::{Form, Severity};
use crate::page::hex;

/// Everything that is known of the forms and places before a page is seen.
///
/// Its version is a digest of its data: the same catalogue gives the same
/// readings.
#[derive(Debug, Clone)]
pub struct Catalogue {
    /// The rows of the three forms, in form order.
    pub indicators: Vec<Indicator>,
    /// The arithmetic of the forms.
    pub identities: Vec<Identity>,
    /// The columns of the panel, comparable across forms.
    pub panel: Vec<PanelColumn>,
    /// The places and their names by year.
    pub regions: Regions,
    /// How sure a reading is by the evidence that it rests on.
    pub confidences: Confidences,
    /// The first 16 hexadecimal digits of SHA-256 over the data.
    pub version: String,
    /// The labels of the form of 2014, found in one pass over a folded text.
    pub(super) labels_of_2014: AhoCorasick,
    /// Each indicator's places in the three forms.
    places: HashMap<IndicatorId, [Option<u16>; 3]>,
}

/// One row of one form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Indicator {
    /// The form.
    pub form: Form,
    /// The row's place in the form, from 1.
    pub order: u16,
    /// The key.
    pub id: IndicatorId,
    /// The section's heading in the form.
    pub section: String,
    /// The row's label; ` / ` separates the levels of a spread-out label.
    pub label: String,
    /// The row that this one is part of.
    pub parent: Option<IndicatorId>,
    /// The applicant columns; empty where the row has one value.
    pub applicants: Vec<Applicant>,
    /// The unit, e.g. 件.
    pub unit: Arc<str>,
    /// The label in English.
    pub label_en: String,
    /// Section and label as the readers compare them.
    pub(super) spelling: Spelling,
}

/// A row's section and the levels of its label in the spelling in which labels
/// are compared, made once: a reader compares them with every cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Spelling {
    pub section: String,
    pub levels: Vec<String>,
}

/// One identity of one form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The form.
    pub form: Form,
    /// The identity's name.
    pub check: String,
    /// What is claimed.
    pub rule: Rule,
    /// How bad it is when it fails.
    pub severity: Severity,
    /// Why it may fail, or where it comes from.
    pub note: String,
}

/// What an identity claims.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rule {
    /// The sums of two lists of rows relate so, once or per applicant column.
    Sums {
        /// Equal, or left not above right.
        relation: Relation,
        /// The left side's rows.
        left: Vec<IndicatorId>,
        /// The right side's rows.
        right: Vec<IndicatorId>,
        /// Tested in each applicant column, or once.
        per: Per,
    },
    /// In each row of the matrix the applicants' numbers add up to the total.
    RowTotal,
    /// No row is larger than its parent.
    PartNotAboveWhole,
    /// Compares two years of one issuer: no page can be tested for it alone, so it
    /// is left to who has both.
    AcrossYears {
        /// The left side as the data spells it.
        left: String,
        /// The right side as the data spells it.
        right: String,
    },
}

/// How the two sides of an identity relate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relation {
    /// left = right
    Equal,
    /// left ≤ right
    NotAbove,
}

/// How often an identity is tested.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Per {
    /// Once.
    Report,
    /// In each applicant column.
    Applicant,
}

/// One column of the panel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PanelColumn {
    /// The column's name.
    pub name: String,
    /// Its unit.
    pub unit: String,
    /// What it sums in each form: rows, each with an applicant where the
    /// data names one; none where the form has no such number.
    pub sums: Vec<(Form, Vec<PanelTerm>)>,
    /// What to know of it.
    pub note: String,
}

/// One number that a panel column adds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PanelTerm {
    /// The row.
    pub indicator: IndicatorId,
    /// The applicant that the data names; none for the row's only number, or
    /// its total.
    pub applicant: Option<Applicant>,
}

/// A catalogue that cannot be loaded.
#[derive(Debug, thiserror::Error)]
#[error("{file} line {line}: {message}")]
pub struct CatalogueError {
    /// The file.
    pub file: String,
    /// The line, from 1.
    pub line: u64,
    /// What is wrong, and what it should be.
    pub message: String,
}

/// The files of a catalogue as text.
#[derive(Debug, Clone, Copy)]
pub struct CatalogueFiles<'a> {
    /// `indicators.csv`
    pub indicators: &'a str,
    /// `identities.csv`
    pub identities: &'a str,
    /// `panel.csv`
    pub panel: &'a str,
    /// `regions.csv`
    pub regions: &'a str,
    /// `confidence.csv`
    pub confidence: &'a str,
}

impl CatalogueFiles<'static> {
    /// The copies in the program.
    pub const EMBEDDED: Self = Self {
        indicators: include_str!("../../config/indicators.csv"),
        identities: include_str!("../../config/identities.csv"),
        panel: include_str!("../../config/panel.csv"),
        regions: include_str!("../../config/regions.csv"),
        confidence: include_str!("../../config/confidence.csv"),
    };
}

impl Catalogue {
    /// The catalogue in the program.
    ///
    /// # Panics
    ///
    /// Never: a test loads it.
    #[must_use]
    pub fn embedded() -> Self {
        match Self::from_files(&CatalogueFiles::EMBEDDED) {
            Ok(catalogue) => catalogue,
            Err(error) => unreachable!("the embedded catalogue is tested: {error}"),
        }
    }

    /// A catalogue of five CSV files, checked: every row that another names must
    /// be there.
    ///
    /// # Errors
    ///
    /// - a row is not spelt as its kind demands, with its file and line
    pub fn from_files(files: &CatalogueFiles<'_>) -> Result<Self, CatalogueError> {
        let indicators: Vec<Indicator> = rows("indicators.csv", files.indicators, indicator)?;
        for row in &indicators {
            if let Some(parent) = &row.parent
                && !indicators.iter().any(|other| other.form == row.form && other.id == *parent)
            {
                let message = format!("{} has the parent {parent}, which its form does not have", row.id);
                return Err(CatalogueError { file: "indicators.csv".into(), line: 0, message });
            }
        }
        let identities = rows("identities.csv", files.identities, |row| identity(row, &indicators))?;
        let panel = rows("panel.csv", files.panel, |row| panel_column(row, &indicators))?;
        let regions = Regions::from_places(rows("regions.csv", files.regions, place)?);
        let confidences = Confidences::of(rows("confidence.csv", files.confidence, confidence)?)
            .map_err(|message| CatalogueError { file: "confidence.csv".into(), line: 0, message })?;
        let mut digest = Sha256::new();
        for text in [files.indicators, files.identities, files.panel, files.regions, files.confidence] {
            digest.update(text.as_bytes());
            digest.update([0]);
        }
        let version = hex(&digest.finalize())[..16].to_owned();
        let labels =
            indicators.iter().filter(|row| row.form == Form::F2014).filter_map(|row| row.spelling.levels.first());
        let labels_of_2014 = AhoCorasick::new(labels).map_err(|error| CatalogueError {
            file: "indicators.csv".into(),
            line: 0,
            message: error.to_string(),
        })?;
        let mut places = HashMap::new();
        for row in &indicators {
            let of: &mut [Option<u16>; 3] = places.entry(row.id.clone()).or_default();
            of[row.form as usize] = Some(row.order);
        }
        Ok(Self { indicators, identities, panel, regions, confidences, version, labels_of_2014, places })
    }

    /// The rows of a form, in form order.
    pub fn rows(&self, form: Form) -> impl Iterator<Item = &Indicator> {
        self.indicators.iter().filter(move |row| row.form == form)
    }

    /// How sure a reading is that rests on all of these: weaknesses add up.
    #[must_use]
    pub fn confidence(&self, evidence: &[Evidence]) -> f32 {
        evidence.iter().map(|of| self.confidences.of_evidence(*of)).product()
    }

    /// Where an indicator stands in a form; in the first that has it where the
    /// form has not; after all of them where none has.
    #[must_use]
    pub fn place_of(&self, id: &IndicatorId, form: Option<Form>) -> u16 {
        let Some(places) = self.places.get(id) else { return u16::MAX };
        let own = form.and_then(|form| places[form as usize]);
        own.or_else(|| places.iter().flatten().next().copied()).unwrap_or(u16::MAX)
    }

    /// A form's row.
    #[must_use]
    pub fn row(&self, form: Form, id: &IndicatorId) -> Option<&Indicator> {
        self.rows(form).find(|row| row.id == *id)
    }
}

/// Reads a CSV file row by row, naming the line of what is wrong.
fn rows<T>(file: &str, text: &str, make: impl Fn(&CsvRow<'_>) -> Result<T, String>) -> Result<Vec<T>, CatalogueError> {
    let fail = |line, message| CatalogueError { file: file.to_owned(), line, message };
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let head = reader.headers().map_err(|error| fail(1, error.to_string()))?.clone();
    let mut made = Vec::new();
    for record in reader.records() {
        let record =
            record.map_err(|error| fail(error.position().map_or(0, csv::Position::line), error.to_string()))?;
        let line = record.position().map_or(0, csv::Position::line);
        made.push(make(&CsvRow { head: &head, record: &record }).map_err(|message| fail(line, message))?);
    }
    Ok(made)
}

/// A row of a CSV file, its cells asked for by column name.
struct CsvRow<'a> {
    head: &'a csv::StringRecord,
    record: &'a csv::StringRecord,
}

impl CsvRow<'_> {
    fn text(&self, column: &str) -> Result<&str, String> {
        let place = self.head.iter().position(|name| name == column);
        place.and_then(|place| self.record.get(place)).ok_or_else(|| format!("has no column {column}"))
    }

    fn parse<T: FromStr<Err = E>, E: Display>(&self, column: &str) -> Result<T, String> {
        self.text(column)?.parse().map_err(|error: E| format!("column {column}: {error}"))
    }

    fn optional<T: FromStr<Err = E>, E: Display>(&self, column: &str) -> Result<Option<T>, String> {
        if self.text(column)?.is_empty() { Ok(None) } else { self.parse(column).map(Some) }
    }
}

fn indicator(row: &CsvRow<'_>) -> Result<Indicator, String> {
    let applicants = row.text("applicants")?;
    let applicants = applicants.split('|').filter(|name| !name.is_empty()).map(Applicant::from_str);
    Ok(Indicator {
        form: row.parse("form")?,
        order: row.parse("order")?,
        id: row.parse("indicator")?,
        section: row.text("section")?.to_owned(),
        label: row.text("label")?.to_owned(),
        spelling: Spelling {
            section: bare(row.text("section")?),
            levels: row.text("label")?.split(" / ").map(bare).collect(),
        },
        parent: row.optional("parent")?,
        applicants: applicants.collect::<Result<_, _>>().map_err(|error| error.to_string())?,
        unit: row.text("unit")?.into(),
        label_en: row.text("label_en")?.to_owned(),
    })
}

fn identity(row: &CsvRow<'_>, indicators: &[Indicator]) -> Result<Identity, String> {
    let form: Form = row.parse("form")?;
    let (left, right) = (row.text("left")?, row.text("right")?);
    let rule = match (left, row.text("kind")?) {
        ("every row with applicants: total", _) => Rule::RowTotal,
        ("every row with a parent", _) => Rule::PartNotAboveWhole,
        _ if right.contains("one year earlier") => Rule::AcrossYears { left: left.to_owned(), right: right.to_owned() },
        (_, kind) => Rule::Sums {
            relation: match kind {
                "eq" => Relation::Equal,
                "le" => Relation::NotAbove,
                other => return Err(format!("kind {other} is neither eq nor le")),
            },
            left: sum(left, form, indicators)?,
            right: sum(right, form, indicators)?,
            per: match row.text("per")? {
                "applicant" => Per::Applicant,
                "" => Per::Report,
                other => return Err(format!("per {other} is neither applicant nor empty")),
            },
        },
    };
    let severity = row.parse("severity")?;
    Ok(Identity { form, check: row.text("check")?.to_owned(), rule, severity, note: row.text("note")?.to_owned() })
}

fn sum(text: &str, form: Form, indicators: &[Indicator]) -> Result<Vec<IndicatorId>, String> {
    let term = |term: &str| {
        let id: IndicatorId = term.trim().parse().map_err(|error: super::ids::BadId| error.to_string())?;
        known_row(form, &id, indicators)?;
        Ok(id)
    };
    text.split('+').map(term).collect()
}

/// The row of a form that another row names.
fn known_row<'i>(form: Form, id: &IndicatorId, indicators: &'i [Indicator]) -> Result<&'i Indicator, String> {
    let known = indicators.iter().find(|row| row.form == form && row.id == *id);
    known.ok_or_else(|| format!("form {form} has no row {id}"))
}

fn panel_column(row: &CsvRow<'_>, indicators: &[Indicator]) -> Result<PanelColumn, String> {
    let term = |form: Form, text: &str| {
        let text = text.trim();
        let (id, applicant) = match text.split_once('[') {
            Some((id, applicant)) => (id, Some(applicant.trim_end_matches(']'))),
            None => (text, None),
        };
        let bad = |error: super::ids::BadId| error.to_string();
        let indicator: IndicatorId = id.parse().map_err(bad)?;
        let applicant: Option<Applicant> = applicant.map(str::parse).transpose().map_err(bad)?;
        let known = known_row(form, &indicator, indicators)?;
        match applicant.filter(|applicant| !known.applicants.contains(applicant)) {
            Some(applicant) => Err(format!("form {form} has no column {applicant} in the row {indicator}")),
            None => Ok(PanelTerm { indicator, applicant }),
        }
    };
    let mut sums = Vec::new();
    for form in Form::ALL {
        let text = row.text(&format!("form_{form}"))?;
        if !text.is_empty() {
            sums.push((*form, text.split('+').map(|text| term(*form, text)).collect::<Result<_, String>>()?));
        }
    }
    let text = |column: &str| row.text(column).map(str::to_owned);
    Ok(PanelColumn { name: text("column")?, unit: text("unit")?, sums, note: text("note")? })
}

fn confidence(row: &CsvRow<'_>) -> Result<(String, f32), String> {
    Ok((row.text("evidence")?.to_owned(), row.parse("confidence")?))
}

fn place(row: &CsvRow<'_>) -> Result<Place, String> {
    Ok(Place {
        code: row.parse("region_code")?,
        name: row.text("name")?.to_owned(),
        level: row.parse("level")?,
        first_listed: row.parse("first_listed")?,
        last_listed: row.optional("last_listed")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_forms_have_the_rows_of_the_official_ones() {
        let catalogue = Catalogue::embedded();
        let cells = |form| catalogue.rows(form).map(|row| row.applicants.len().max(1)).sum::<usize>();
        let shape = Form::ALL.iter().map(|form| (catalogue.rows(*form).count(), cells(*form))).collect::<Vec<_>>();
        assert_eq!(shape, [(58, 58), (60, 198), (50, 200)]);
    }

    #[test]
    fn no_label_stands_twice_in_its_section() {
        let catalogue = Catalogue::embedded();
        for row in &catalogue.indicators {
            let same = catalogue.rows(row.form).filter(|r| r.section == row.section && r.label == row.label);
            assert_eq!(same.count(), 1, "{} {}", row.form, row.label);
        }
    }

    #[test]
    fn a_wrong_row_names_its_file_and_line() {
        let identities = "form,check,kind,left,right,per,severity,note\n";
        let panel = "column,unit,form_2014,form_2019,form_2021,note\n";
        let cases = [
            (identities, "2014,x,eq,request.recieved,reply.total,,error,", "form 2014 has no row request.recieved"),
            (identities, "2014,x,eq,request.received,reply.total,row,error,", "per row is neither applicant nor empty"),
            (panel, "x,件,request.recieved,,,", "form 2014 has no row request.recieved"),
            (panel, "x,件,,request.received,,", "form 2019 has no row request.received"),
            (panel, "x,件,request.received[total],,,", "form 2014 has no column total in the row request.received"),
        ];
        for (head, row, expected) in cases {
            let text = format!("{head}{row}\n");
            let own = CatalogueFiles::EMBEDDED;
            let (files, name) = if head == panel {
                (CatalogueFiles { panel: &text, ..own }, "panel.csv")
            } else {
                (CatalogueFiles { identities: &text, ..own }, "identities.csv")
            };
            let error = Catalogue::from_files(&files).unwrap_err();
            assert_eq!(error.to_string(), format!("{name} line 2: {expected}"));
        }
    }

    #[test]
    fn identities_over_two_years_are_told_from_those_of_one_page() {
        let catalogue = Catalogue::embedded();
        let across = catalogue.identities.iter().filter(|i| matches!(i.rule, Rule::AcrossYears { .. }));
        assert_eq!(across.count(), 4);
    }
}
