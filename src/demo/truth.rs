//! An invented report as data, its sums right by construction.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use rust_decimal::Decimal;

use super::page::Style;
use super::quirk::Quirk;

use crate::report::catalogue::{Catalogue, Indicator, Rule};
use crate::report::regions::Place;
use crate::report::{Applicant, Form, IndicatorId, ReportForm};

/// A cell's row and, in a matrix, its column.
pub type CellKey = (IndicatorId, Option<Applicant>);

/// An invented report.
#[derive(Debug, Clone, PartialEq)]
pub struct Truth {
    /// The place that reports.
    pub place: Place,
    /// Who reports.
    pub issuer: String,
    /// The year.
    pub year: i16,
    /// The form of its disclosure table; narrative for none.
    pub form: ReportForm,
    /// The form of its matrix of requests, which hybrids take from another
    /// year; none where its form has no matrix.
    pub matrix: Option<Form>,
    /// The tables' numbers; none for a cell that is not reported.
    pub cells: BTreeMap<CellKey, Option<Decimal>>,
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
    let matrix = form.official().filter(|form| *form != Form::F2014);
    match (form, form.official()) {
        (_, Some(form)) => fill(form, |_| true, catalogue, &mut random, &mut cells),
        (ReportForm::Local, _) => {
            for id in LOCAL.iter().filter_map(|(_, id)| id.parse().ok()) {
                cells.insert((id, None), Some(random.i64(0..4000).into()));
            }
        }
        _ => {}
    }
    let figures = if form == ReportForm::Narrative { figures(&mut random) } else { BTreeMap::new() };
    let published_on = format!("{}-{:02}-{:02}", year + 1, random.u8(1..=3), random.u8(1..=28));
    let issuer = format!("{}人民政府", place.name);
    Truth { place: place.clone(), issuer, year, form, matrix, cells, figures, published_on }
}

/// A report whose disclosure table has the form of 2021 and whose matrix and
/// disputes that of 2019, as some offices mix them.
#[must_use]
pub fn hybrid(seed: u64, place: &Place, year: i16, catalogue: &Catalogue) -> Truth {
    let mut truth = truth(seed, place, year, ReportForm::Form2021, catalogue);
    let mut random = fastrand::Rng::with_seed(seed ^ 0x2019);
    let disclosed = |id: &IndicatorId| {
        let row = catalogue.row(Form::F2021, id);
        row.is_some_and(|row| row.label.starts_with("第二十条") || row.label.starts_with("行政"))
    };
    truth.cells.retain(|(id, _), _| disclosed(id));
    let mut cells = BTreeMap::new();
    fill(Form::F2019, |row| !row.applicants.is_empty(), catalogue, &mut random, &mut cells);
    truth.cells.append(&mut cells);
    truth.matrix = Some(Form::F2019);
    truth
}

/// The row of the matrix whose total [`Quirk::WrongTotal`] changes.
static NEW: LazyLock<IndicatorId> = LazyLock::new(|| match "request.new".parse() {
    Ok(id) => id,
    Err(error) => unreachable!("a row of the catalogue: {error}"),
});

impl Truth {
    /// What a page in a style prints: zeros left blank or marked, a column of
    /// applicants left out. The sums of what is left stay right.
    #[must_use]
    pub fn printed(mut self, style: &Style) -> Self {
        let mut random = fastrand::Rng::with_seed(style.seed ^ 0x9a1e);
        let quirks = style.quirks;
        if quirks.has(Quirk::MissingColumn) {
            let missing = Applicant::ALL[random.usize(1..Applicant::ALL.len() - 1)];
            let gone: Vec<_> = self.cells.extract_if(.., |(_, of), _| *of == Some(missing)).collect();
            for ((id, _), value) in gone {
                if let Some(Some(total)) = self.cells.get_mut(&(id, Some(Applicant::Total))) {
                    *total -= value.unwrap_or_default();
                }
            }
        }
        if quirks.has(Quirk::WrongTotal) {
            let total = self.cells.get_mut(&(NEW.clone(), Some(Applicant::Total))).and_then(Option::as_mut);
            if let Some(total) = total {
                *total += Decimal::from(random.u8(1..40));
            }
        }
        if quirks.has(Quirk::BlankTotals) {
            let totals = self.cells.iter_mut().filter(|((_, of), _)| *of == Some(Applicant::Total));
            totals.filter(|_| random.u8(..4) > 0).for_each(|(_, value)| *value = None);
        }
        let blank = quirks.has(Quirk::BlankForZero) || quirks.has(Quirk::NbspForZero);
        let marked = quirks.has(Quirk::SlashForUnreported);
        for value in self.cells.values_mut().filter(|value| value.is_some_and(|value| value.is_zero())) {
            if blank || (marked && random.bool()) {
                *value = None;
            }
        }
        self
    }
}

/// The rows of provinces' own tables: as they print them, and what they are.
pub const LOCAL: [(&str, &str); 14] = [
    ("主动公开信息数", "disclosure.total"),
    ("网站公开", "disclosure.channel.website"),
    ("政府公报公开", "disclosure.channel.gazette"),
    ("受理依申请公开信息总数", "request.received"),
    ("当面申请数", "request.received.in_person"),
    ("传真申请数", "request.received.fax"),
    ("网上申请数", "request.received.online"),
    ("信函申请数", "request.received.letter"),
    ("对申请的答复总数", "reply.total"),
    ("同意公开答复数", "reply.granted"),
    ("同意部分公开答复数", "reply.partially_granted"),
    ("否决公开答复数", "reply.refused"),
    ("行政复议数", "reconsideration.total"),
    ("行政诉讼数", "litigation.total"),
];

/// Numbers for a form's rows, their sums right.
fn fill(
    form: Form,
    is_wanted: impl Fn(&Indicator) -> bool,
    catalogue: &Catalogue,
    random: &mut fastrand::Rng,
    cells: &mut BTreeMap<CellKey, Option<Decimal>>,
) {
    for row in catalogue.rows(form).filter(|row| is_wanted(row)) {
        let applicants = row.applicants.iter().copied().map(Some);
        let columns: Vec<_> = if row.applicants.is_empty() { vec![None] } else { applicants.collect() };
        for applicant in columns {
            // Most cells of a matrix are zero in real reports.
            let most = if row.applicants.is_empty() { 4000 } else { *random.choice(&[1, 3, 60]).unwrap_or(&60) };
            let number = random.i64(0..most);
            let value = match &*row.unit {
                "万元" => Decimal::new(number, random.u32(0..3)).normalize(),
                _ if row.id.as_str().ends_with("_change") && random.bool() => Decimal::from(-number),
                _ => number.into(),
            };
            cells.insert((row.id.clone(), applicant), Some(value));
        }
    }
    add_up(form, catalogue, cells);
}

/// Makes the forms' identities true: wholes are the sums of their parts.
fn add_up(form: Form, catalogue: &Catalogue, cells: &mut BTreeMap<CellKey, Option<Decimal>>) {
    let get = |cells: &BTreeMap<CellKey, Option<Decimal>>, id: &IndicatorId, of| {
        cells.get(&(id.clone(), of)).copied().flatten().unwrap_or_default()
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
        if cells.contains_key(&(left[0].clone(), None)) {
            let total = right.iter().map(|id| get(cells, id, None)).sum();
            cells.insert((left[0].clone(), None), Some(total));
        }
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
            let gone: Decimal = left.iter().map(|id| get(cells, id, Some(*of))).sum();
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
