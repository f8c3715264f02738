//! How many of the published numbers were found again.

use std::collections::HashMap;

use rust_decimal::Decimal;

use super::portals::Published;
use crate::lake::StoredFact;
use crate::report::Method;

/// The count of what was found again.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Score {
    /// Reports that were published and may be crawled.
    pub n_reports: usize,
    /// Those of them that are in the lake.
    pub n_reports_found: usize,
    /// Their numbers.
    pub n_numbers: usize,
    /// Those of them that are in the lake as they were published.
    pub n_found: usize,
    /// What is missing or differs, in words; the first hundred.
    pub problems: Vec<String>,
}

/// Indicator, applicant, method.
type Key<'a> = (&'a str, Option<&'a str>, Method);

/// Compares what was published with what the lake holds.
#[must_use]
pub fn score(published: &[Published], lake: &[StoredFact]) -> Score {
    let mut by_url: HashMap<&str, HashMap<Key<'_>, Option<Decimal>>> = HashMap::new();
    for fact in lake {
        let key = (fact.indicator.as_str(), fact.applicant.as_deref(), fact.method);
        by_url.entry(fact.url.as_str()).or_default().insert(key, fact.value);
    }
    let mut score = Score::default();
    for report in published {
        score.n_reports += 1;
        let found = by_url.get(report.url.as_str());
        score.n_reports_found += usize::from(found.is_some());
        let truth = &report.truth;
        let cells = truth.cells.iter().map(|((id, applicant), value)| {
            ((id.as_str(), applicant.map(crate::report::Applicant::as_str), Method::Table), *value)
        });
        let figures = truth
            .figures
            .iter()
            .map(|(id, value)| ((id.as_str(), None, Method::Narrative), Some(Decimal::from(*value))));
        for (key, value) in cells.chain(figures) {
            score.n_numbers += 1;
            let have = found.and_then(|facts| facts.get(&key)).copied();
            if have == Some(value) {
                score.n_found += 1;
            } else if score.problems.len() < 100 {
                let column = key.1.map(|applicant| format!("[{applicant}]")).unwrap_or_default();
                let (published, found) = (shown(value), have.map_or_else(|| "nothing".to_owned(), shown));
                let what = format!("{}, {}{column}", report.url, key.0);
                score.problems.push(format!("{what}: {published} was published, {found} was found"));
            }
        }
    }
    score
}

/// A number as it was published or found; none stands for a blank.
fn shown(value: Option<Decimal>) -> String {
    value.map_or_else(|| "a blank".to_owned(), |value| value.to_string())
}
