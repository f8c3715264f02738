//! What a report is once it is read.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::ids::{Applicant, DocumentId, IndicatorId, RegionCode, ReportId};
use crate::page::{Article, Locator};

/// What [`crate::read`] made of one capture.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    /// The reports that it holds, in the order of the page; mostly one.
    pub reports: Vec<Report>,
    /// Why it holds none; none where it holds some.
    pub no_report: Option<NoReport>,
    /// The kept and the dropped blocks.
    pub article: Article,
    /// The page's title.
    pub title: Option<String>,
    /// How the bytes became text.
    pub decoding: crate::page::charset::Decoding,
    /// Bounds that were met and parts that could not be read, in words.
    pub notes: Vec<String>,
}

/// Why a document holds no report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoReport {
    /// The kind of document it is instead.
    pub kind: NoReportKind,
    /// The evidence in words for a person.
    pub words: String,
}

/// What a document without a report is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum NoReportKind {
    /// No bytes, or white space.
    Empty,
    /// An image, a PDF or other bytes that are not text.
    Binary,
    /// A list of links to reports or other pages.
    ListOfLinks,
    /// A shop, a forum or a parked domain.
    OtherWorld,
    /// About disclosure, but no annual report: a guide, a catalogue, a plan,
    /// news, a notice.
    OtherDocument,
    /// An error page that was served as a document.
    ErrorPage,
    /// A report page whose article is not in it: attachment only, or scripts.
    NoArticle,
}

/// One annual report with its numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// Digest of place, text and position; see [`DocumentId`].
    pub document_id: DocumentId,
    /// Region, level, issuer and year; see [`ReportId`].
    pub report_id: ReportId,
    /// The title as printed, white space tidied.
    pub title: String,
    /// Who reports, in Simplified characters, e.g. 桐乡市人民政府; none where neither
    /// the document nor the configuration says it.
    pub issuer: Option<String>,
    /// Where, by the list of the report's year; none where it is unknown.
    pub region: Option<RegionCode>,
    /// The issuer's level.
    pub level: Level,
    /// The year reported on; none where the document does not say it.
    pub report_year: Option<i16>,
    /// The form of the disclosure table.
    pub form: ReportForm,
    /// When it was published, where the document says so.
    pub published_on: Option<Date>,
    /// The script of the article.
    pub script: Script,
    /// What kind of place it was found in.
    pub origin: Origin,
    /// The numbers, sorted by form order, applicant and method.
    pub facts: Vec<Fact>,
    /// Where the document contradicts itself.
    pub conflicts: Vec<Conflict>,
    /// The form's arithmetic on these numbers.
    pub checks: Vec<Check>,
    /// What is there and could not be read for certain.
    pub unread: Vec<Unread>,
    /// Numbers of the tables that belong to no row of any form.
    pub n_stray_numbers: usize,
    /// Figures of the sentences that no fact was made of, where a person asks
    /// ([`explain`](crate::explain)); else none.
    pub left_out: Vec<LeftOut>,
    /// What tells that the document was cut short, in words; none where it may be whole.
    pub cut_short: Option<String>,
    /// What the identity was concluded from, in words: for `--explain`.
    pub evidence: Vec<String>,
    /// The kept article as text, what the document id was made of.
    pub text: String,
}

/// A figure of a sentence that no fact was made of, and why: most count other
/// things, and the others are what the rules do not know yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LeftOut {
    /// The clause up to the figure and its counter, in folded spelling.
    pub clause: String,
    /// Why no fact was made of it, in words for a person.
    pub why: String,
}

/// The level of an issuer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// 省、自治区、直辖市
    Province,
    /// 地级市、自治州、盟、地区
    Prefecture,
    /// 县、县级市、区、旗
    County,
    /// 乡、镇、街道
    Township,
    /// A department of any government.
    Department,
    /// A school, a hospital, a public utility.
    Institution,
}

/// The form of a report: that of its disclosure table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum ReportForm {
    /// Sentences only.
    #[serde(rename = "narrative")]
    Narrative,
    /// A province's own table only.
    #[serde(rename = "local")]
    Local,
    /// The form of 2014.
    #[serde(rename = "2014")]
    Form2014,
    /// The form of 2019.
    #[serde(rename = "2019")]
    Form2019,
    /// The form of 2021.
    #[serde(rename = "2021")]
    Form2021,
}

/// The three official statistical forms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Form {
    /// 2014 to 2018, 58 rows.
    #[serde(rename = "2014")]
    F2014,
    /// 2019 and 2020, 60 rows.
    #[serde(rename = "2019")]
    F2019,
    /// 2021 on, 50 rows.
    #[serde(rename = "2021")]
    F2021,
}

/// The script of an article.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Script {
    /// Simplified Chinese.
    Hans,
    /// Traditional Chinese.
    Hant,
}

/// What kind of place a document was found in; the order is that of trust.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// A government's own site.
    Official,
    /// Nothing tells.
    Unknown,
    /// A wiki or archive that copies.
    Mirror,
    /// A site that copies to sell something.
    Spam,
}

macro_rules! as_written {
    ($name:ident { $($variant:ident => $text:literal),+ $(,)? }) => {
        impl $name {
            /// Every value, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The name in the data.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = super::ids::BadId;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::ALL.iter().copied().find(|value| value.as_str() == text).ok_or_else(|| super::ids::BadId {
                    kind: stringify!($name), text: text.to_owned(), rule: concat!("one of", $(" ", $text),+),
                })
            }
        }
    };
}

as_written!(Level {
    Province => "province", Prefecture => "prefecture", County => "county",
    Township => "township", Department => "department", Institution => "institution",
});
as_written!(ReportForm {
    Narrative => "narrative", Local => "local", Form2014 => "2014", Form2019 => "2019", Form2021 => "2021",
});
as_written!(Form { F2014 => "2014", F2019 => "2019", F2021 => "2021" });
as_written!(Script { Hans => "Hans", Hant => "Hant" });
as_written!(Origin { Official => "official", Unknown => "unknown", Mirror => "mirror", Spam => "spam" });
as_written!(Method { Table => "table", Narrative => "narrative" });
as_written!(Outcome { Pass => "pass", Fail => "fail", NotApplicable => "not_applicable" });
as_written!(Severity { Error => "error", Warning => "warning" });

impl From<Form> for ReportForm {
    fn from(form: Form) -> Self {
        match form {
            Form::F2014 => Self::Form2014,
            Form::F2019 => Self::Form2019,
            Form::F2021 => Self::Form2021,
        }
    }
}

impl ReportForm {
    /// The official form, where it is one.
    #[must_use]
    pub fn official(self) -> Option<Form> {
        match self {
            Self::Narrative | Self::Local => None,
            Self::Form2014 => Some(Form::F2014),
            Self::Form2019 => Some(Form::F2019),
            Self::Form2021 => Some(Form::F2021),
        }
    }
}

/// How a number was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// From a cell of a statistics table.
    Table,
    /// From a sentence.
    Narrative,
}

/// One number of a report.
#[derive(Debug, Clone, PartialEq)]
pub struct Fact {
    /// What it counts.
    pub indicator: IndicatorId,
    /// For whom; none outside the matrix.
    pub applicant: Option<Applicant>,
    /// The number; none where the document says that nothing is reported.
    pub value: Option<Decimal>,
    /// The catalogue's unit for this indicator, e.g. 件; the value is in it.
    pub unit: Arc<str>,
    /// The text that was read.
    pub raw: String,
    /// How it was read.
    pub method: Method,
    /// Where it stood.
    pub locator: Locator,
    /// How sure the reading is, 0 to 1; see docs/accuracy.md.
    pub confidence: f32,
    /// The form of the table that it stood in; none for sentences and for
    /// provinces' own tables.
    pub form: Option<Form>,
    /// The label beside it as the document prints it; none for sentences, whose
    /// raw text says it.
    pub label: Option<Arc<str>>,
    /// The rule that gave it, in words: for `--explain`.
    pub rule: Cow<'static, str>,
}

impl Fact {
    /// Why this number: the label, the place and the rule that gave it, for a
    /// person.
    #[must_use]
    pub fn why(&self) -> String {
        let label = self.label.as_deref().map(|label| format!("{label}: ")).unwrap_or_default();
        let form = self.form.map(|form| format!("form {form}, ")).unwrap_or_default();
        let (raw, place, rule) = (&self.raw, &self.locator, &self.rule);
        format!("{label}{raw} at {place}; {form}{rule}; {:.2}", self.confidence)
    }
}

/// Two numbers of one document for the same thing that differ.
#[derive(Debug, Clone, PartialEq)]
pub struct Conflict {
    /// What they count.
    pub indicator: IndicatorId,
    /// For whom.
    pub applicant: Option<Applicant>,
    /// What the sentence differs from.
    pub against: Against,
    /// The sentence's number.
    pub narrative: Decimal,
}

/// What said a thing before a sentence that says another number of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Against {
    /// A table, and its number.
    Table(Decimal),
    /// A sentence before, and its number.
    Sentence(Decimal),
}

impl Against {
    /// The table's number, where it is one.
    #[must_use]
    pub fn table(self) -> Option<Decimal> {
        if let Self::Table(value) = self { Some(value) } else { None }
    }

    /// The number of the sentence before, where it is one.
    #[must_use]
    pub fn sentence(self) -> Option<Decimal> {
        if let Self::Sentence(value) = self { Some(value) } else { None }
    }
}

/// One identity of the catalogue, tested on one document.
#[derive(Debug, Clone, PartialEq)]
pub struct Check {
    /// The identity's name, e.g. `request_channels`.
    pub check: String,
    /// The left side's indicator, or the row's.
    pub indicator: IndicatorId,
    /// The column it was tested in.
    pub applicant: Option<Applicant>,
    /// Whether it holds.
    pub outcome: Outcome,
    /// How bad it is when it does not.
    pub severity: Severity,
    /// The left side, where it could be computed.
    pub left: Option<Decimal>,
    /// The right side, where it could be computed.
    pub right: Option<Decimal>,
    /// Cells of either side that report nothing and count as zero.
    pub n_blank: usize,
}

/// The outcome of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The identity holds.
    Pass,
    /// It does not.
    Fail,
    /// A side is not reported.
    NotApplicable,
}

/// How bad a failed check is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The document contradicts itself.
    Error,
    /// Unusual, but possible.
    Warning,
}

/// A number that is there and could not be read for certain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unread {
    /// What it would have counted.
    pub indicator: IndicatorId,
    /// For whom.
    pub applicant: Option<Applicant>,
    /// Why it was not read, in words.
    pub reason: String,
    /// The text that was not read, where it could be found.
    pub raw: Option<String>,
    /// Where it stands.
    pub locator: Option<Locator>,
}
