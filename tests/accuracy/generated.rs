//! What the generator's pages give.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use gongkai::demo::damage::{Damage, render_damaged};
use gongkai::demo::other::OTHERS;
use gongkai::demo::page::{Charset, Chrome, Layout, Style, render};
use gongkai::report::ReportForm;
use gongkai::{Capture, Catalogue, Report};

use super::support::{printed, read, report, said};

/// Reports of each form in each layout.
const N_WHOLE: u64 = 40;
/// Damaged reports for each number of losses.
const N_DAMAGED: u64 = 260;
/// Up to how many losses a page has.
const MOST_LOSSES: u64 = 4;

pub fn measured(catalogue: &Catalogue) -> String {
    let mut sureness = Sureness::default();
    let whole = whole(catalogue);
    let damaged = damaged(catalogue, &mut sureness);
    format!("{whole}{damaged}{}{}", recognition(catalogue), sureness.table())
}

/// How many of a report's numbers were read, refused and misread.
#[derive(Default, Clone, Copy)]
struct Count {
    n_printed: usize,
    n_right: usize,
    n_wrong: usize,
}

impl Count {
    fn row(&self) -> String {
        let missing = self.n_printed - self.n_right.min(self.n_printed);
        format!("{} | {} | {missing} | {} |", self.n_printed, self.n_right, self.n_wrong)
    }
}

fn whole(catalogue: &Catalogue) -> String {
    let mut text = "## Whole pages\n\nNumbers of reports with up to six quirks, by form and layout.\n\n\
                    | form | layout | printed | right | not read | wrong |\n| --- | --- | --- | --- | --- | --- |\n"
        .to_owned();
    for form in ReportForm::ALL {
        for (at, layout) in Layout::ALL.into_iter().enumerate() {
            let mut count = Count::default();
            for n in 0..N_WHOLE {
                let seed = 1_000_000 + n * 8 + at as u64;
                let style = Style::draw(seed, layout, *form, 6);
                let truth = report(seed, *form, catalogue).printed(&style);
                let want = printed(&truth);
                count.n_printed += want.len();
                let Ok(report) = read(render(&truth, style, catalogue), catalogue) else { continue };
                for (key, value) in said(&report) {
                    let is_right = want.get(&key) == Some(&value);
                    count.n_right += usize::from(is_right);
                    count.n_wrong += usize::from(!is_right);
                }
            }
            writeln!(text, "| {form} | {} | {}", words(layout), count.row()).unwrap();
        }
    }
    text
}

fn words(layout: Layout) -> &'static str {
    match layout {
        Layout::Tables => "HTML tables",
        Layout::Spanless => "HTML tables that lost their spans",
        Layout::Lines => "one cell a line",
        Layout::Rows => "one row a line",
        Layout::Tabs => "tabs",
        Layout::Pipes => "pipes",
        Layout::Markdown => "Markdown",
        Layout::OneLine => "the page in one line",
        Layout::Aligned => "columns by runs of spaces",
    }
}

/// A damaged report of a seed, and what of it was read.
fn struck(seed: u64, n_losses: u64, catalogue: &Catalogue) -> (gongkai::demo::truth::Truth, Option<Report>, bool) {
    let forms = [ReportForm::Form2014, ReportForm::Form2019, ReportForm::Form2021, ReportForm::Local];
    let form = forms[(seed % 4) as usize];
    let layout = Layout::ALL[(seed / 4 % 9) as usize];
    let style = Style::draw(seed, layout, form, 3);
    let loss = |n: u64| Damage::ALL[((seed / 32 + n * 5) % Damage::ALL.len() as u64) as usize];
    let losses: Vec<Damage> = (0..n_losses).map(loss).collect();
    let truth = report(seed, form, catalogue).printed(&style);
    let report = read(render_damaged(&truth, style, &losses, catalogue), catalogue).ok();
    (truth, report, losses.contains(&Damage::CutPage))
}

fn damaged(catalogue: &Catalogue, sureness: &mut Sureness) -> String {
    let mut text =
        "\n## Damaged pages\n\nNumbers of reports that lost something, by how much. One loss must not make a \
                    wrong number; more can take away all that would show it. (The cell in which a page was cut is left \
                    out: its last digits may be gone.)\n\n\
                    | losses | printed | right | not read | wrong |\n| --- | --- | --- | --- | --- |\n"
            .to_owned();
    for n_losses in 1..=MOST_LOSSES {
        let mut count = Count::default();
        for n in 0..N_DAMAGED {
            let (truth, report, is_cut) = struck(3_000_000 * n_losses + n * 11, n_losses, catalogue);
            let want = printed(&truth);
            count.n_printed += want.len();
            let Some(report) = report else { continue };
            let last = report.facts.iter().rfind(|fact| fact.value.is_some()).filter(|_| is_cut);
            for (fact, (key, value)) in report.facts.iter().zip(facts_said(&report)) {
                if last.is_some_and(|last| last.indicator == fact.indicator) || value.is_none() {
                    continue;
                }
                let is_right = want.get(&key) == Some(&value);
                count.n_right += usize::from(is_right);
                count.n_wrong += usize::from(!is_right);

                sureness.note(fact.confidence, is_right);
            }
        }
        writeln!(text, "| {n_losses} | {}", count.row()).unwrap();
    }
    text
}

/// The report's facts as the generator would have printed them, in the
/// report's order.
fn facts_said(report: &Report) -> impl Iterator<Item = (super::support::Key, Option<rust_decimal::Decimal>)> {
    report.facts.iter().map(|fact| (super::support::key(fact), fact.value))
}

fn recognition(catalogue: &Catalogue) -> String {
    let (mut n_reports, mut n_found, mut n_others, mut n_taken) = (0, 0, 0, 0);
    for form in ReportForm::ALL {
        for seed in 0..60 {
            let style = Style::draw(seed, Layout::ALL[(seed % 9) as usize], *form, 6);
            let truth = report(seed, *form, catalogue).printed(&style);
            n_reports += 1;
            n_found += usize::from(read(render(&truth, style, catalogue), catalogue).is_ok());
        }
    }
    for other in OTHERS.iter() {
        for chrome in [Chrome::Plain, Chrome::Portal, Chrome::Mirror, Chrome::Shop] {
            let page = other.render("青田县", 2019, chrome, Charset::Utf8);
            n_others += 1;
            n_taken += usize::from(!gongkai::read(&Capture::of_bytes(page), catalogue).reports.is_empty());
        }
    }
    let share = |part: usize, whole: usize| 100.0 * part as f64 / whole as f64;
    format!(
        "\n## Reports and other pages\n\nOf {n_reports} pages with a report {n_found} were recognised (recall \
         {:.1} %); of {n_others} pages without one (guides, catalogues, plans, news, statistics bulletins, budgets, \
         notices, lists, shops, forums, parked domains, error pages: `src/demo/others.csv`) {n_taken} were taken for \
         one (precision {:.1} %).\n",
        share(n_found, n_reports),
        share(n_found, n_found + n_taken),
    )
}

/// How often numbers of a confidence are right.
#[derive(Default)]
struct Sureness(BTreeMap<String, (usize, usize)>);

impl Sureness {
    fn note(&mut self, confidence: f32, is_right: bool) {
        let (n, right) = self.0.entry(format!("{confidence:.2}")).or_default();
        *n += 1;
        *right += usize::from(is_right);
    }

    fn table(&self) -> String {
        let mut text =
            "\n## Confidence\n\nHow often a table's number of a confidence is right on the damaged pages above, \
                        which is far worse than any real page: 1.00 only where label, section, heading and number are \
                        the form's own.\n\n| confidence | numbers | right | share |\n| --- | --- | --- | --- |\n"
                .to_owned();
        for (confidence, (n, right)) in self.0.iter().rev() {
            let share = 100.0 * *right as f64 / *n as f64;
            writeln!(text, "| {confidence} | {n} | {right} | {share:.2} % |").unwrap();
        }
        text
    }
}
