//! Reports of the generator, and what is read of them, in one shape.

use std::collections::BTreeMap;

use gongkai::demo::truth::{Truth, hybrid, truth};
use gongkai::report::{Fact, Method, ReportForm};
use gongkai::{Capture, Catalogue, Report};
use rust_decimal::Decimal;

/// Reads a page that holds one report; why not, in words.
pub fn read(bytes: Vec<u8>, catalogue: &Catalogue) -> Result<Report, String> {
    let mut reading = gongkai::read(&Capture::of_bytes(bytes), catalogue);
    match (reading.reports.len(), reading.no_report) {
        (1, _) => Ok(reading.reports.remove(0)),
        (n, reason) => Err(format!("{n} reports, {reason:?}")),
    }
}

/// Indicator, applicant and method.
pub type Key = (String, Option<String>, Method);

/// A report's numbers.
pub type Said = BTreeMap<Key, Option<Decimal>>;

/// A fact's key.
pub fn key(fact: &Fact) -> Key {
    (fact.indicator.to_string(), fact.applicant.map(|applicant| applicant.to_string()), fact.method)
}

/// What the report says, as the generator would have printed it.
pub fn said(report: &Report) -> Said {
    report.facts.iter().map(|fact| (key(fact), fact.value)).collect()
}

/// What a page of a report prints.
pub fn printed(truth: &Truth) -> Said {
    let cells = truth.cells.iter().map(|((id, applicant), value)| {
        ((id.to_string(), applicant.map(|applicant| applicant.to_string()), Method::Table), *value)
    });
    let figures =
        truth.figures.iter().map(|(id, value)| ((id.to_string(), None, Method::Narrative), Some((*value).into())));
    cells.chain(figures).collect()
}

/// The report of a seed: its place and year, and for some the hybrid of two forms.
pub fn report(seed: u64, form: ReportForm, catalogue: &Catalogue) -> Truth {
    let names = ["青田县", "蓬莱市", "江夏区"];
    let place = catalogue.regions.named(names[(seed % 3) as usize], Some(2016))[0].clone();
    let last = (seed / 3 % 3) as i16;
    match form {
        ReportForm::Narrative | ReportForm::Local => truth(seed, &place, 2010 + last, form, catalogue),
        ReportForm::Form2014 => truth(seed, &place, 2014 + last, form, catalogue),
        // The year does not decide the form: some fill in the old one for years.
        ReportForm::Form2019 if seed % 10 == 8 => truth(seed, &place, 2023, form, catalogue),
        ReportForm::Form2019 => truth(seed, &place, 2019 + last % 2, form, catalogue),
        ReportForm::Form2021 if seed % 10 == 9 => hybrid(seed, &place, 2022, catalogue),
        ReportForm::Form2021 => truth(seed, &place, 2021 + last, form, catalogue),
    }
}
