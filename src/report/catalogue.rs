//! The forms, their arithmetic and the regions, as typed data.

use super::ids::{Applicant, IndicatorId};
use super::regions::Regions;
use super::types::{Form, Severity};

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
    /// The first 16 hexadecimal digits of SHA-256 over the data.
    pub version: String,
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
    pub unit: String,
    /// The label in English.
    pub label_en: String,
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
    /// Compares two years of one issuer: tested over the lake, not on a page.
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
