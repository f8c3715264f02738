//! Which blocks are the report, and why the others are not.
//!
//! Each block is judged by what it is (links, vocabulary, shape); the article
//! reaches from the first block that surely is of a report to the last. Inside
//! it only what is surely chrome goes, outside it only what is surely report
//! stays. Statistics are often lone numbers and units between their labels:
//! inside the article such lines always stay.

use std::cell::OnceCell;
use std::collections::HashSet;

use super::fold::fold;
use super::vocabulary::{
    BREADCRUMB, FOOTER, FORM, GOVERNMENT, METADATA, MIRROR, RELATED, REPORT, SHOP, Said, TOOLS, Words, n_of_report,
};
use super::{Article, Block, BlockKind, DropReason, Dropped, Page, Surroundings};

/// Keeps the blocks of a page that are the report.
///
/// Pure, cannot fail. What was dropped is kept beside what was kept, each with
/// its reason, because a wrong cut must be seen. Rows of statistics are never
/// dropped.
#[must_use]
pub fn clean(page: &Page) -> Article {
    let texts: Vec<Text> = page.blocks.iter().map(Text::of).collect();
    let surroundings = surroundings(&texts);
    let is_shop = surroundings.shop_marks >= 3;
    let judged: Vec<Judged> = page.blocks.iter().zip(&texts).map(|(block, text)| judge(block, text, is_shop)).collect();
    let (first, end) = extent(&judged, &texts);
    let mut article = Article { surroundings, ..Article::default() };
    let mut seen = HashSet::new();
    let mut after_related = false;
    for (index, (block, judged)) in page.blocks.iter().zip(judged).enumerate() {
        let inside = (first..end).contains(&index);
        after_related = !inside && (after_related || judged == Judged::Drop(DropReason::RelatedLinks));
        let reason = match judged {
            Judged::Drop(reason) => Some(reason),
            _ if inside => is_repeated(block, &texts[index], &mut seen).then_some(DropReason::Duplicate),
            _ if after_related => Some(DropReason::RelatedLinks),
            _ => Some(DropReason::Outside),
        };
        match reason {
            Some(reason) => article.dropped.push(Dropped { block: block.clone(), reason }),
            None => article.blocks.push(block.clone()),
        }
    }
    article
}

/// A block's text in folded spelling and lower case, and what is asked of it.
struct Text {
    folded: String,
    n_chars: usize,
    /// Whether it is a row of statistics that lost its table.
    is_row: bool,
    /// Which words it says, found when a first one is asked for.
    said: OnceCell<Said>,
}

impl Text {
    fn of(block: &Block) -> Self {
        let text = block.text();
        let mut folded = fold(&text);
        folded.make_ascii_lowercase();
        Self { n_chars: folded.chars().count(), is_row: is_row(&text), folded, said: OnceCell::new() }
    }

    /// Long texts are the article or prose; what is around it is short.
    fn is_short(&self) -> bool {
        self.n_chars < 200
    }

    fn said(&self) -> &Said {
        self.said.get_or_init(|| Said::by(&self.folded))
    }

    fn n_of(&self, words: &Words) -> u32 {
        self.said().n_of(words)
    }

    /// How many words of reports it says; two are as good as many.
    fn n_of_report(&self) -> u32 {
        if self.is_short() { self.n_of(&REPORT) } else { n_of_report(&self.folded) }
    }
}

/// What a block is, seen alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Judged {
    /// Surely of a report.
    Report,
    /// Anything.
    Open,
    /// Surely not.
    Drop(DropReason),
}

fn judge(block: &Block, text: &Text, is_shop: bool) -> Judged {
    let n = text.n_chars;
    if matches!(block.kind, BlockKind::Control(_)) {
        return Judged::Drop(DropReason::OrderForm);
    }
    let n_report = text.n_of_report();
    if let BlockKind::Table(grid) = &block.kind {
        return if n_report >= 2 && block.link_density < 0.5 {
            Judged::Report
        } else if n < 600 && text.n_of(&METADATA) >= 2 {
            Judged::Drop(DropReason::Metadata)
        } else if grid.rows.len() > 1 && n_report > 0 {
            Judged::Report
        } else {
            Judged::Open
        };
    }
    // A long text is prose, whatever words it has.
    if n > 100 && block.link_density < 0.4 {
        return if looks_like_code(&text.folded) {
            Judged::Drop(DropReason::Script)
        } else if n_report > 0 || n > 300 {
            Judged::Report
        } else {
            Judged::Open
        };
    }
    if let Some(reason) = chrome(block, text, n_report, is_shop) {
        return Judged::Drop(reason);
    }
    let is_title = n <= 60 && names_a_report(&text.folded) && block.link_density < 0.9;
    let speaks = n_report > 1 || (n_report == 1 && (n > 24 || text.is_row || begins_a_section(&text.folded)));
    if is_title || ((speaks || heads_a_section(&text.folded)) && block.link_density < 0.5) {
        return Judged::Report;
    }
    Judged::Open
}

/// Why a short block is part of the page around the article, if it is.
fn chrome(block: &Block, of: &Text, n_report: u32, is_shop: bool) -> Option<DropReason> {
    let says = |words: &Words| of.n_of(words);
    let (text, n) = (of.folded.as_str(), of.n_chars);
    let is_list = matches!(block.kind, BlockKind::List(_));
    let arrows = text.matches(['>', '»', '›']).count();
    if looks_like_code(text) {
        return Some(DropReason::Script);
    }
    if (n < 120 && says(&BREADCRUMB) > 0)
        || (arrows >= 1 && text.starts_with(['>', '»', '›']))
        || (arrows >= 2 && n < 120)
    {
        return Some(DropReason::Breadcrumb);
    }
    if n < 40 && says(&RELATED) > 0 {
        return Some(DropReason::RelatedLinks);
    }
    if n < 160 && n_report < 2 && says(&FOOTER) > 0 {
        return Some(DropReason::Footer);
    }
    if is_metadata(of) {
        return Some(DropReason::Metadata);
    }
    // A label's footnote mark, 被依法纠错数[2], is no tool's bracket.
    let brackets = text.starts_with(['【', '[', '〖']);
    let n_tools = says(&TOOLS);
    if n_tools >= 2 || (n_tools == 1 && n < 16 && !begins_a_section(text) && (brackets || n_report == 0)) {
        return Some(DropReason::Sharing);
    }
    let bare = text.trim_start_matches(['•', '·', '*', '-']);
    if is_shop && n < 40 && n_report == 0 && (says(&SHOP) > 0 || matches!(bare, "详细" | "更多" | "询价")) {
        return Some(DropReason::ProductListing);
    }
    let is_field = |text: &str| FORM.iter().any(|word| text.trim_end_matches([':', '*']) == *word);
    if is_field(text) && text.ends_with([':', '*']) || (is_shop && matches!(text, "*" | "提交")) {
        return Some(DropReason::OrderForm);
    }
    if block.link_density > 0.6 && (is_list || (n < 60 && !names_a_report(text))) {
        return Some(DropReason::Navigation);
    }
    let in_menu = block.context.iter().any(|words| {
        words.split([' ', '-', '_']).any(|word| matches!(word, "nav" | "menu" | "footer" | "sidebar" | "breadcrumb"))
    });
    (in_menu && n < 60).then_some(DropReason::Navigation)
}

/// Labels of metadata, each with its colon, and little else.
fn is_metadata(of: &Text) -> bool {
    if !of.folded.contains(':') || of.n_of(&METADATA) == 0 {
        return false;
    }
    let (text, n) = (of.folded.as_str(), of.n_chars);
    let labels = METADATA
        .iter()
        .filter(|label| text.match_indices(*label).any(|(at, _)| text[at + label.len()..].starts_with(':')));
    match labels.count() {
        0 => false,
        1 => n < 100 && METADATA.iter().any(|label| text.trim_start_matches(['【', '[', '(']).starts_with(label)),
        several => n < 60 * several,
    }
}

/// Lines of labels between two numbers of a table that lost its grid.
const LABELS_BETWEEN: usize = 12;

/// Lines behind the last block of a report that may go on from it as sentences.
const GOES_ON: usize = 6;

/// Where the article begins and ends: from the first block of a report to the
/// last, with the numbers that stand behind its last labels, each a line of few
/// others after the one before, and the sentences that go on from it.
fn extent(judged: &[Judged], texts: &[Text]) -> (usize, usize) {
    let Some(first) = judged.iter().position(|judged| *judged == Judged::Report) else { return (0, 0) };
    let last = judged.iter().rposition(|judged| *judged == Judged::Report).unwrap_or(first);
    // The last heading's own words (无。) say nothing of reports, and what does not end
    // as a sentence behind them is the page's: the day, how many came.
    let heads = begins_a_section(&texts[last].folded) && texts[last].n_chars < 40;
    let goes_on =
        |n: usize, text: &Text| n < GOES_ON && (heads && n == 0 || text.folded.ends_with(['。', ';', ',', ':']));
    let after = judged[last + 1..].iter().zip(&texts[last + 1..]).enumerate();
    let (mut end, mut n_labels) = (last + 1, 0);
    for (n, (_, text)) in after.take_while(|(_, (judged, _))| **judged == Judged::Open) {
        let belongs = is_cell(&text.folded) || text.is_row || goes_on(n, text);
        // Labels lead to a number alone: a remark in brackets may be the page's own.
        if belongs && (n_labels == 0 || text.folded.ends_with(|c: char| c.is_ascii_digit())) {
            (end, n_labels) = (last + 2 + n, 0);
        } else if text.n_chars < 40 && n_labels < LABELS_BETWEEN {
            n_labels += 1;
        } else {
            break;
        }
    }
    (first, end)
}

/// A lone number, unit or mark, as a flattened table leaves them; or a label
/// that counts something.
fn is_cell(text: &str) -> bool {
    let n = text.chars().count();
    let is_mark = n <= 12 && text.chars().all(|c| c.is_ascii_digit() || "/-—.,%()+万元件条次篇个人项份场".contains(c));
    is_mark || (n < 40 && text.ends_with(['数', '量', '用', '费', ')']))
}

/// A label and behind it, each a word, its unit and a number, or several numbers:
/// 收到申请数 件 19.
fn is_row(text: &str) -> bool {
    const LONGEST: usize = 80;
    const UNITS: [&str; 9] = ["条", "件", "次", "人", "个", "篇", "元", "万元", "人次"];
    if !text.ends_with(|c: char| c.is_ascii_digit()) || text.len() > 4 * LONGEST || text.contains('\n') {
        return false;
    }
    let is_number = |word: &str| word.bytes().all(|byte| byte.is_ascii_digit());
    let mut words = text.split_whitespace().rev();
    let ends = words.next().is_some_and(is_number);
    ends && words.next().is_some_and(|word| is_number(word) || UNITS.contains(&word)) && words.next().is_some()
}

fn is_repeated<'t>(block: &Block, text: &'t Text, seen: &mut HashSet<&'t str>) -> bool {
    let is_prose = matches!(block.kind, BlockKind::Paragraph(_) | BlockKind::Heading(..));
    is_prose && text.n_chars > 40 && !seen.insert(&text.folded)
}

/// 年度报告 or 年报 on the disclosure of information.
fn names_a_report(text: &str) -> bool {
    let subject = text.contains("信息公开") || text.contains("政务公开");
    subject && ["年度报告", "年报", "工作报告", "年度工作报告", "情况报告"].iter().any(|word| text.contains(word))
}

/// 一、 (一) 1. and the like.
fn begins_a_section(text: &str) -> bool {
    let numerals = "一二三四五六七八九十";
    let text = text.trim_start_matches('第');
    let inside = text.strip_prefix('(').unwrap_or(text);
    inside.starts_with(|c: char| numerals.contains(c) || c.is_ascii_digit())
        && inside
            .trim_start_matches(|c: char| numerals.contains(c) || c.is_ascii_digit())
            .starts_with(['、', ')', '.', '部', ','])
}

/// 一、 to 十、, a section's heading in a report's own words.
fn heads_a_section(text: &str) -> bool {
    let rest = text.trim_start_matches(|c: char| "一二三四五六七八九十".contains(c));
    rest.len() < text.len() && rest.starts_with('、') && text.chars().count() <= 40
}

fn looks_like_code(text: &str) -> bool {
    let marks = ["function(", "var", "document.", "$(", "();", "{", "};", "==", "window."];
    text.contains(['{', ';']) && marks.iter().filter(|mark| text.contains(**mark)).count() >= 3
}

fn surroundings(texts: &[Text]) -> Surroundings {
    let said = texts.iter().filter(|text| text.is_short()).fold(Said::default(), |said, text| said.or(text.said()));
    let marks = |words: &Words| said.n_of(words);
    Surroundings { shop_marks: marks(&SHOP), mirror_marks: marks(&MIRROR), government_marks: marks(&GOVERNMENT) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::{Capture, decode};

    #[test]
    fn what_changes_daily_behind_the_last_section_is_the_pages() {
        let report = "<h1>青禾县2023年政府信息公开工作年度报告</h1><h2>一、总体情况</h2><p>全年主动公开政府信息120条。</p>\
                      <h2>六、其他需要报告的事项</h2>";
        for (behind, kept) in [
            ("<p>无。</p><div>今天是2026年11月21日</div>", "无。"),
            ("<p>无</p><div>您是第21位访客</div>", "无"),
            ("<p>本年没有收费。</p><p>经费有保障。</p><div>当前时间：2026-11-21</div>", "经费有保障。"),
        ] {
            let page = decode(&Capture::of_bytes(format!("{report}{behind}").into_bytes()));
            let article = clean(&page);
            assert_eq!(article.blocks.last().map(Block::text).as_deref(), Some(kept), "{behind}");
        }
    }
}
