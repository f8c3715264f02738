//! Coverage by issuer and year.

use std::collections::BTreeMap;

use super::{View, lacking};
use crate::cli::{Common, Exit, Failure, Format, aligned};
use crate::clock::in_china;
use crate::ops::{Cover, IssuerCoverage, coverage};
use crate::pipeline::CrawlError;

/// The duty to report began with 2008.
const FIRST_YEAR: i16 = 2008;

pub(super) fn show(common: &Common, view: &View, format: Format) -> Result<Exit, Failure> {
    let lacking = lacking(common, view)?;
    let mut candidates = Vec::new();
    view.frontier
        .candidates(&mut |candidate| {
            if view.shows(candidate.portal.as_str()) {
                candidates.push(candidate);
            }
        })
        .map_err(CrawlError::from)?;
    // A year's report is due in the next.
    let last_year = in_china(view.now).year() - 1;
    let years = FIRST_YEAR..=last_year;
    let all = coverage(&view.portals, &view.standings, &candidates, &view.reports, &view.exclusions, years);
    match format {
        Format::Json => {
            sayln!("{:#}", serde_json::json!({ "totals": totals(&all), "lacking": lacking, "issuers": all }));
        }
        Format::Table => {
            say!("{}", table(&all, FIRST_YEAR..=last_year));
            lacking.iter().for_each(|words| sayln!("{words}"));
        }
    }
    Ok(Exit::Done)
}

fn totals(all: &[IssuerCoverage]) -> BTreeMap<&'static str, u64> {
    let mut totals: BTreeMap<&'static str, u64> = Cover::ALL.iter().map(|cover| (cover.as_str(), 0)).collect();
    all.iter()
        .flat_map(|issuer| issuer.years.values())
        .for_each(|cover| *totals.entry(cover.as_str()).or_default() += 1);
    totals
}

/// A letter a year, so that 18 years fit a terminal.
fn letter(cover: Cover) -> &'static str {
    match cover {
        Cover::Found => "F",
        Cover::Unread => "u",
        Cover::Excluded => "e",
        Cover::Blocked => "b",
        Cover::Failed => "x",
        Cover::Absent => "-",
        Cover::PartlyRead => "/",
        Cover::SearchedInVain => "?",
        Cover::NeverTried => ".",
    }
}

fn table(all: &[IssuerCoverage], years: std::ops::RangeInclusive<i16>) -> String {
    // One cell, so that 18 years fit a terminal.
    let in_line = |cells: Vec<String>| cells.iter().map(|cell| format!("{cell:<2}")).collect::<Vec<_>>().join(" ");
    let heading = in_line(years.map(|year| format!("{:02}", year % 100)).collect());
    let mut rows = vec![vec!["portal".to_owned(), "issuer".to_owned(), heading]];
    for issuer in all {
        let mut row = vec![issuer.portal.clone(), issuer.issuer.clone().unwrap_or_else(|| "unknown".to_owned())];
        row.push(in_line(issuer.years.values().map(|cover| letter(*cover).to_owned()).collect()));
        rows.push(row);
    }
    let totals = totals(all);
    let legend: Vec<String> = Cover::ALL
        .iter()
        .map(|cover| {
            let word = cover.as_str();
            format!("{} {} ({})", letter(*cover), word.replace('_', " "), totals.get(word).copied().unwrap_or(0))
        })
        .collect();
    let legend: Vec<String> = legend.chunks(5).map(|some| some.join(", ")).collect();
    format!("{}{}\n", aligned(&rows), legend.join(",\n"))
}
