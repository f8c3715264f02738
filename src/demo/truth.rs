//! An invented report as data, its sums right by construction.

use std::collections::BTreeMap;

use crate::report::catalogue::{Catalogue, Rule};
use crate::report::regions::Place;
use crate::report::{Applicant, Form, IndicatorId, ReportForm};

/// An invented report.
#[derive(Debug, Clone, PartialEq)]
pub struct Truth {
    /// The place that reports.
    pub place: Place,
    /// Who reports.
    pub issuer: String,
    /// The year.
    pub year: i16,
    /// The form of its tables; narrative for none.
    pub form: ReportForm,
    /// The tables' numbers; none for a cell that is not reported.
    pub cells: BTreeMap<(IndicatorId, Option<Applicant>), Option<i64>>,
    /// The sentences' numbers.
    pub figures: BTreeMap<IndicatorId, i64>,
    /// The day of publication, `2018-03-08`.
    pub published_on: String,
}

/// An invented report of a place and year: the same seed gives the same.
#[must_use]
pub fn truth(seed: u64, place: &Place, year: i16, form: ReportForm, catalogue: &Catalogue) -> Truth {
    let mut random = fastrand::Rng::with_seed(seed);
    let mut cells = BTreeMap::new();
    if let Some(form) = form.official() {
        for row in catalogue.rows(form) {
            let applicants = row.applicants.iter().copied().map(Some);
            let columns: Vec<_> = if row.applicants.is_empty() { vec![None] } else { applicants.collect() };
            for applicant in columns {
                let most = if row.applicants.is_empty() { 4000 } else { 60 };
                cells.insert((row.id.clone(), applicant), Some(random.i64(0..most)));
            }
        }
        add_up(form, catalogue, &mut cells);
    }
    let figures = match form {
        ReportForm::Narrative | ReportForm::Local => figures(&mut random),
        _ => BTreeMap::new(),
    };
    let published_on = format!("{}-{:02}-{:02}", year + 1, random.u8(1..=3), random.u8(1..=28));
    Truth {
        place: place.clone(), issuer: format!("{}人民政府", place.name), year, form, cells, figures, published_on
    }
}

/// Makes the forms' identities true: wholes are the sums of their parts.
fn add_up(form: Form, catalogue: &Catalogue, cells: &mut BTreeMap<(IndicatorId, Option<Applicant>), Option<i64>>) {
    let get = |cells: &BTreeMap<(IndicatorId, Option<Applicant>), Option<i64>>, id: &IndicatorId, of| {
        cells.get(&(id.clone(), of)).copied().flatten().unwrap_or(0)
    };
    let others: Vec<Applicant> = Applicant::ALL.into_iter().filter(|a| *a != Applicant::Total).collect();
    let sums = |check: &str| {
        let identity = catalogue.identities.iter().find(|identity| identity.form == form && identity.check == check);
        identity.and_then(|identity| match &identity.rule {
            Rule::Sums { left, right, .. } => Some((left.clone(), right.clone())),
            _ => None,
        })
    };
    let single = [
        "request_channels",
        "concluded_parts",
        "refused_parts",
        "reply_parts",
        "reconsideration_parts",
        "litigation_parts",
        "litigation.direct_parts",
        "litigation.after_reconsideration_parts",
        "staff_parts",
    ];
    for (left, right) in single.into_iter().filter_map(sums) {
        let total = right.iter().map(|id| get(cells, id, None)).sum();
        cells.insert((left[0].clone(), None), Some(total));
    }
    if form == Form::F2014 {
        // A part is not above its whole.
        let caps: Vec<_> = catalogue.rows(form).filter_map(|row| Some((row.id.clone(), row.parent.clone()?))).collect();
        for (part, whole) in caps {
            let most = get(cells, &whole, None);
            let value = get(cells, &part, None);
            if value > most {
                cells.insert((part, None), Some(most));
            }
        }
        return;
    }
    if let Some((total, parts)) = sums("result_parts") {
        for of in &others {
            let sum = parts.iter().map(|id| get(cells, id, Some(*of))).sum();
            cells.insert((total[0].clone(), Some(*of)), Some(sum));
        }
    }
    if let Some((received, left)) = sums("balance") {
        for of in &others {
            let gone: i64 = left.iter().map(|id| get(cells, id, Some(*of))).sum();
            let carried_in = get(cells, &received[1], Some(*of)).min(gone);
            cells.insert((received[1].clone(), Some(*of)), Some(carried_in));
            cells.insert((received[0].clone(), Some(*of)), Some(gone - carried_in));
        }
    }
    for row in catalogue.rows(form).filter(|row| !row.applicants.is_empty()) {
        let total = others.iter().map(|of| get(cells, &row.id, Some(*of))).sum();
        cells.insert((row.id.clone(), Some(Applicant::Total)), Some(total));
    }
}

/// The indicators that the generator's sentences carry.
pub const SAID: [&str; 12] = [
    "disclosure.total",
    "disclosure.channel.website",
    "disclosure.channel.weibo",
    "disclosure.channel.wechat",
    "response.press_conferences",
    "response.policy_interpretations",
    "request.received",
    "request.received.in_person",
    "request.received.online",
    "request.received.letter",
    "reconsideration.total",
    "litigation.total",
];

fn figures(random: &mut fastrand::Rng) -> BTreeMap<IndicatorId, i64> {
    let mut figures: BTreeMap<&str, i64> = SAID.iter().map(|id| (*id, random.i64(1..900))).collect();
    let sum = |figures: &BTreeMap<&str, i64>, ids: &[&str]| ids.iter().map(|id| figures[id]).sum::<i64>();
    let requests = sum(&figures, &["request.received.in_person", "request.received.online", "request.received.letter"]);
    figures.insert("request.received", requests);
    let channels = ["disclosure.channel.website", "disclosure.channel.weibo", "disclosure.channel.wechat"];
    let shown = sum(&figures, &channels);
    figures.insert("disclosure.total", shown);
    figures.into_iter().filter_map(|(id, value)| Some((id.parse().ok()?, value))).collect()
}
