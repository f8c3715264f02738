//! Whether a report was cut short: what tells it for certain, and nothing else. Many
//! whole reports leave out a section, a row or a tag.

use std::collections::BTreeSet;

use super::catalogue::{Catalogue, Indicator};
use super::tables::Tables;
use super::types::{Form, ReportForm};
use crate::page::fold::fold;
use crate::page::{Block, BlockKind, Ending, Page};

/// What tells that a report was cut short, in words; none where it may be whole.
///
/// `page` is what is around the report, `ending` how the markup ends where the report
/// stands at its end.
#[must_use]
pub fn cut_short(
    page: &Page,
    blocks: &[Block],
    ending: Ending,
    tables: &Tables,
    catalogue: &Catalogue,
) -> Option<String> {
    let form = tables.form.and_then(ReportForm::official);
    let rows = form.and_then(|form| Rows::of(tables, form, catalogue));
    if ending == Ending::Whole && rows.as_ref().is_none_or(Rows::reach_the_last_section) {
        return None;
    }
    let headings = Headings::of(page, blocks);
    let is_since_2019 = form.is_some_and(|form| form != Form::F2014);
    let begun = [Heading::Overview, Heading::Disclosure];
    let rest = [Heading::Disputes, Heading::Problems, Heading::Others];
    let breaks_off = |rows: &&Rows<'_>| {
        let has_rest = is_since_2019 && rest.iter().any(|heading| headings.has(*heading));
        let has_begun = is_since_2019 && begun.iter().all(|heading| headings.has(*heading));
        let in_the_middle = rows.end_in_the_middle() && is_at_the_end(blocks, tables);
        !rows.reach_the_last_section() && !has_rest && (has_begun || in_the_middle)
    };
    let is_finished = match form {
        Some(Form::F2014) => rows.as_ref().is_some_and(Rows::reach_the_last_section),
        Some(Form::F2019 | Form::F2021) => headings.has(Heading::Others),
        // A table may stand behind all sections.
        None => {
            let ends_in_table = blocks.last().is_some_and(|block| matches!(block.kind, BlockKind::Table(_)));
            !ends_in_table && (headings.has(Heading::Problems) || headings.has(Heading::Others))
        }
    };
    let markup = ending.words().filter(|_| !is_finished).map(str::to_owned);
    let missing = rows.as_ref().filter(breaks_off).map(|rows| {
        format!("nothing of its form follows behind the row “{}” of “{}”", rows.last.label, rows.last.section)
    });
    let evidence: Vec<String> = markup.into_iter().chain(missing).collect();
    (!evidence.is_empty()).then(|| evidence.join("; "))
}

/// The sections of a report since 2019.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Heading {
    Overview,
    Disclosure,
    Disputes,
    Problems,
    Others,
}

impl Heading {
    const ALL: [Self; 5] = [Self::Overview, Self::Disclosure, Self::Disputes, Self::Problems, Self::Others];

    /// Whether a line in folded spelling is its heading. Those of the last three are
    /// known by wide words: one too many costs a note, one too few makes a wrong one.
    fn is(self, line: &str) -> bool {
        let has = |words: &[&str]| words.iter().any(|word| line.contains(word));
        match self {
            Self::Overview => is_ordered(line) && has(&["概述", "概况", "情况"]),
            Self::Disclosure => is_ordered(line) && has(&["主动公开"]),
            Self::Disputes => has(&["复议", "诉讼"]),
            Self::Problems => has(&["问题", "不足", "改进", "困难", "打算", "下一步", "薄弱"]),
            Self::Others => {
                has(&["其他需", "其他事项", "其他情况", "需要报告", "需要说明"]) || line.ends_with("、其他")
            }
        }
    }
}

fn is_ordered(line: &str) -> bool {
    line.trim_start_matches(['(', '第']).starts_with(|c| "一二三四五六七八九".contains(c))
}

/// The sections of which a heading stands anywhere on a page.
struct Headings(BTreeSet<Heading>);

impl Headings {
    fn of(page: &Page, blocks: &[Block]) -> Self {
        const LONGEST: usize = 40;
        let mut found = BTreeSet::new();
        for text in page.blocks.iter().chain(blocks).map(Block::text) {
            for cell in text.split(['\n', '\t']) {
                // A heading may run on into its section.
                let line = fold(&cell.chars().take(LONGEST).collect::<String>());
                if is_ordered(&line) || cell.chars().count() <= LONGEST {
                    found.extend(Heading::ALL.into_iter().filter(|heading| heading.is(&line)));
                }
            }
        }
        Self(found)
    }

    fn has(&self, heading: Heading) -> bool {
        self.0.contains(&heading)
    }
}

/// The rows of a form that are there, read or unread.
struct Rows<'c> {
    there: BTreeSet<u16>,
    last: &'c Indicator,
    of_form: Vec<&'c Indicator>,
}

impl<'c> Rows<'c> {
    fn of(tables: &Tables, form: Form, catalogue: &'c Catalogue) -> Option<Self> {
        let of_form: Vec<&Indicator> = catalogue.rows(form).collect();
        let read = tables.facts.iter().map(|fact| &fact.indicator);
        let ids: BTreeSet<_> = read.chain(tables.unread.iter().map(|unread| &unread.indicator)).collect();
        let there: BTreeSet<u16> = of_form.iter().filter(|row| ids.contains(&row.id)).map(|row| row.order).collect();
        let last = of_form.iter().copied().rfind(|row| there.contains(&row.order))?;
        Some(Self { there, last, of_form })
    }

    fn reach_the_last_section(&self) -> bool {
        self.of_form.last().is_some_and(|row| row.section == self.last.section)
    }

    /// Whether they end well within a section, and fill what is before: a form that an
    /// office made shorter lacks whole sections, or its last rows.
    fn end_in_the_middle(&self) -> bool {
        let n_left = self.of_form.iter().filter(|row| row.order > self.last.order && row.section == self.last.section);
        let n_before = self.of_form.iter().filter(|row| row.order <= self.last.order).count();
        n_left.count() >= LEAST_LEFT && self.there.len() >= LEAST_ROWS && self.there.len() * 4 >= n_before * 3
    }
}

/// Rows from which a table is a form that was begun, and none of an office's own.
const LEAST_ROWS: usize = 8;

/// Rows of its section that a table lacks which ends in the middle.
const LEAST_LEFT: usize = 3;

/// Whether nothing stands behind the tables but a line that was cut and a link.
fn is_at_the_end(blocks: &[Block], tables: &Tables) -> bool {
    const MOST: usize = 60;
    let behind = tables.used.iter().rposition(|used| *used).map_or(0, |last| last + 1);
    let texts = blocks.get(behind..).unwrap_or_default().iter().map(Block::text);
    texts.map(|text| text.chars().count()).sum::<usize>() < MOST
}
