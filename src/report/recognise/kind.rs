//! An annual report, or what the document is instead.

use std::sync::LazyLock;

use regex::Regex;

use super::{Identity, Scene, beside, head, title};
use crate::page::fold::fold;
use crate::page::{BinaryKind, Block, BlockKind, Page, PageKind};
use crate::report::types::{NoReport, NoReportKind};

/// How many numbers the readers found: evidence that there is a report.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Numbers {
    /// Cells of statistics tables.
    pub n_table: usize,
    /// Those of them that count something: neither blank nor zero.
    pub n_told: usize,
    /// Cells that are there and could not be read.
    pub n_unread: usize,
    /// Figures of sentences.
    pub n_narrative: usize,
}

/// Points from which a document is a report.
const ENOUGH: u32 = 5;

/// Cells of a form that is one beside a sentence with a figure.
const LEAST_OF_A_FORM: usize = 8;

/// Numbers that a form has which nobody's title names and which is filled in.
const LEAST_TOLD: usize = 4;

/// Why a document is no annual report; none where it is one.
///
/// Evidence is added up: a title that names a report, the sentence that every
/// report begins with, its subjects, in its words and over its sections, its
/// statistics. A title alone is not enough, nor are numbers alone.
#[must_use]
pub fn not_a_report(scene: &Scene<'_>, identity: &Identity, numbers: Numbers) -> Option<NoReport> {
    if let Some(reason) = not_a_text(scene.page.kind) {
        return Some(reason);
    }
    if let Some(reason) = beside::a_report(scene, identity) {
        return Some(reason);
    }
    // A table whose cells cannot be read for certain is a report's all the same.
    let n_seen = numbers.n_table + if identity.title.is_some() { numbers.n_unread } else { 0 };
    let text = fold(scene.text);
    let n = text.chars().count();
    let n_links = list_items(scene.page);
    let n_sections = n_sections(scene.blocks);
    let (opens_as_report, n_subjects) = (opens_as_report(&text), n_subjects(&text));
    let points = 2 * u32::from(identity.title.is_some())
        + u32::from(is_whole_title(identity))
        + 2 * u32::from(opens_as_report)
        + n_subjects.min(4)
        + n_sections.min(3)
        + match n_seen {
            0..4 => 0,
            4..12 => 2,
            _ => 4,
        }
        + u32::from(numbers.n_narrative >= 2)
        + u32::from(numbers.n_narrative >= 4 && !is_news(identity));
    let says_more_than_links = n > 15 * n_links || n_seen >= 4;
    // A document without a report's title must bring what only a report has.
    let is_named = identity.title.is_some();
    // A small office's report may be a few sentences with their numbers.
    let n_said = numbers.n_narrative;
    let is_divided = n_subjects >= 3 || n_sections >= 2;
    let is_terse = is_named && n >= 60 && (n_said >= 3 || (n_said >= 1 && is_divided));
    let is_long_enough = n >= 200 || n_seen >= 12 || is_terse;
    // Divided as the Regulations demand, it needs no sentence to begin with; nothing
    // else is, but what sums up a year's work says so in its title.
    let is_divided_as_report = n_sections >= 4 && n_said >= 1 && !sums_up(scene.page);
    let is_evident = identity.report_year.is_some()
        && !names_another_document(scene.page)
        && (is_divided_as_report
            || numbers.n_table >= LEAST_OF_A_FORM && n_said >= 1
            || opens_as_report
                && (numbers.n_table >= 12 || n_said >= 2 || n_sections >= 3 || n_said >= 1 && n_sections >= 2));
    // The report itself, whatever else a title says of it.
    let is_whole = numbers.n_table >= 12 || (n_sections >= 3 && opens_as_report);
    if !is_whole && let Some(reason) = beside::about_a_report(scene, identity) {
        return Some(reason);
    }
    // A form whose year nobody says, and nothing in it.
    if numbers.n_table > 0 && numbers.n_told == 0 && numbers.n_narrative == 0 && identity.report_year.is_none() {
        return Some(beside::a_form_left_empty());
    }
    let is_empty = numbers.n_told < LEAST_TOLD && numbers.n_narrative == 0;
    if is_empty && beside::is_a_sample(scene) || beside::is_a_sample_of_nobody(scene, identity) {
        return Some(beside::a_form_left_empty());
    }
    let is_filled_in = numbers.n_table >= 40 && numbers.n_told >= LEAST_TOLD;
    if numbers.n_table >= 12
        && !is_named
        && !opens_as_report
        && let Some(reason) = beside::an_empty_form(scene, numbers.n_told >= LEAST_TOLD || n_said >= 1)
    {
        return Some(reason);
    }
    if points >= ENOUGH && is_long_enough && says_more_than_links && (is_named || is_evident || is_filled_in) {
        return None;
    }
    Some(instead(scene, identity, numbers, &text, n_links))
}

/// Whether a title is a report's from end to end: its year, and its kind last.
fn is_whole_title(identity: &Identity) -> bool {
    let title = identity.title.as_deref().map(fold).unwrap_or_default();
    title::year_of_title(&title).is_some() && (title.ends_with("报告") || title.ends_with("年报")) && !is_news(identity)
}

/// Whether a title says of a report that it came out.
fn is_news(identity: &Identity) -> bool {
    identity.title.as_deref().is_some_and(beside::is_news)
}

/// Whether a page's titles say that it is a guide, a notice or another
/// document beside reports. A text's first sentence is no title.
fn names_another_document(page: &Page) -> bool {
    let titles = page.titles.iter().take(3).map(|title| fold(&title::without_offices(title)));
    // A menu's item that is a line of a copy, - 政策解读, is none either.
    let mut titles =
        titles.filter(|title| !title.contains(['。', ',', ';']) && !title.starts_with(['-', '•', '·', '*']));
    titles.any(|title| OTHER.iter().any(|word| title.contains(word)))
}

/// Whether a page's titles say that it sums up work.
fn sums_up(page: &Page) -> bool {
    page.titles.iter().take(3).any(|title| fold(title).contains("总结"))
}

/// Words in the titles of documents that are about disclosure and no reports.
const OTHER: [&str; 14] = [
    "指南",
    "目录",
    "制度",
    "办法",
    "规定",
    "通知",
    "方案",
    "要点",
    "解读",
    "公报",
    "预算",
    "决算",
    "工作计划",
    "召开",
];

/// The sentence that reports begin with: what they are made under.
fn opens_as_report(folded: &str) -> bool {
    static PREFACE: LazyLock<Option<Regex>> = LazyLock::new(|| {
        crate::pattern(r"现[将就]20[0-9]{2}年[^。;]{0,24}(?:信息|政务)公开[^。;]{0,16}(?:汇报|报告|公布|公告)如下")
    });
    let head = head(folded, 700);
    if PREFACE.as_ref().is_some_and(|preface| preface.is_match(head)) {
        return true;
    }
    let itself = [
        "本年度报告",
        "本报告",
        "本年报",
        "报告如下",
        "年度报告由",
        "编制本报告",
        "编制了",
        "现公布",
        "现向社会公布",
        "予以公布",
        "年度报告",
    ];
    let says_its_period = ["统计期", "统计时限"].iter().any(|word| head.contains(word));
    let names_its_source = head.contains("信息公开条例") || says_its_period;
    names_its_source && itself.iter().any(|word| head.contains(word)) || head.contains("所列数据")
}

/// The subjects that the Regulations demand of a report (article 50 since
/// 2019, article 32 before), in their usual words.
const SUBJECTS: [&[&str]; 6] = [
    &["概述", "概况", "总体情况", "基本情况", "工作推进情况"],
    &["主动公开"],
    &["依申请公开", "收到和处理", "公开申请", "申请公开"],
    &["行政复议", "行政诉讼", "被申请行政"],
    &["收费", "减免", "收取"],
    &["存在的问题", "主要问题", "存在问题", "不足", "改进"],
];

/// The subjects that a text speaks of.
fn n_subjects(folded: &str) -> u32 {
    SUBJECTS.iter().filter(|words| words.iter().any(|word| folded.contains(word))).count() as u32
}

/// The subjects that stand over sections of their own: 二、主动公开政府信息的情况.
fn n_sections(blocks: &[Block]) -> u32 {
    const LONGEST: usize = 40;
    static ORDINAL: LazyLock<Option<Regex>> =
        LazyLock::new(|| crate::pattern(r"^(?:第[一二三四五六七八九]部分|[(]?[一二三四五六七八九][)]?[、.]?)"));
    let lines = blocks.iter().filter_map(Block::line).filter(|line| line.chars().count() <= LONGEST).map(fold);
    let headings: Vec<String> =
        lines.filter(|line| ORDINAL.as_ref().is_some_and(|ordinal| ordinal.is_match(line))).collect();
    let is_over = |words: &&&[&str]| headings.iter().any(|line| words.iter().any(|word| line.contains(word)));
    SUBJECTS.iter().filter(is_over).count() as u32
}

fn not_a_text(kind: PageKind) -> Option<NoReport> {
    let (kind, words) = match kind {
        PageKind::Html | PageKind::Text => return None,
        PageKind::Empty => (NoReportKind::Empty, "the document is empty"),
        PageKind::Binary(BinaryKind::Image) => (NoReportKind::Binary, "the document is an image"),
        PageKind::Binary(BinaryKind::Pdf) => (NoReportKind::Binary, "the document is a PDF, which is not read yet"),
        PageKind::Binary(BinaryKind::Ole) => {
            (NoReportKind::Binary, "the document is a Word or Excel file, which is not read yet")
        }
        PageKind::Binary(BinaryKind::Zip) => {
            (NoReportKind::Binary, "the document is a docx, xlsx, OFD or other zip file, which is not read yet")
        }
        PageKind::Binary(BinaryKind::Other) => (NoReportKind::Binary, "the document is not text"),
    };
    Some(NoReport { kind, words: words.to_owned() })
}

/// What the document is instead, for a person.
fn instead(scene: &Scene<'_>, identity: &Identity, numbers: Numbers, text: &str, n_links: usize) -> NoReport {
    let n = text.chars().count();
    let blocks: Vec<String> = scene.page.blocks.iter().map(|block| fold(&block.text())).collect();
    let whole = blocks.concat();
    let short = whole.chars().count() < 1500;
    let names_error = scene.page.titles.iter().take(3).any(|title| says_error(&fold(title)));
    let is_error = short && (names_error || n < 60 && blocks.iter().any(|block| says_error(block)));
    let (kind, words) = if is_error {
        (NoReportKind::ErrorPage, "an error page that was sent as a document".to_owned())
    } else if scene.surroundings.shop_marks >= 3 {
        (NoReportKind::OtherWorld, format!("a shop: {} marks of one, and no report", scene.surroundings.shop_marks))
    } else if n_links >= 5 && n < 15 * n_links.max(20) {
        (NoReportKind::ListOfLinks, format!("a list of {n_links} links"))
    } else if names_another_document(scene.page) {
        (NoReportKind::OtherDocument, "its title names another kind of document".to_owned())
    } else if identity.title.is_some() && n < 200 {
        let n_rows: usize = scene.page.blocks.iter().map(rows_of_numbers).sum();
        let words = match numbers.n_table + numbers.n_unread {
            0 if n_rows < LEAST_LINES => {
                "its title names a report, but there is too little text below it to be one".to_owned()
            }
            0 => format!(
                "its title names a report, but of {n_rows} lines with numbers none is surely a row of its table"
            ),
            n => format!("its title names a report, but {n} cells of a table are all that is in it"),
        };
        (NoReportKind::NoArticle, words)
    } else if text.contains("信息公开") || whole.contains("信息公开") {
        (NoReportKind::OtherDocument, "it speaks of disclosure, but not as an annual report does".to_owned())
    } else {
        (NoReportKind::OtherWorld, "it does not speak of the disclosure of information".to_owned())
    };
    NoReport { kind, words }
}

/// Lines with numbers from which a page may hold a table.
const LEAST_LINES: usize = 6;

/// The lines of a block that end in a number; of a block of links none.
fn rows_of_numbers(block: &Block) -> usize {
    let ends_in_number = |line: &&str| line.ends_with(|c: char| c.is_ascii_digit());
    if block.link_density < 0.5 { block.text().lines().filter(ends_in_number).count() } else { 0 }
}

/// Whether a text says that its page is missing or broken. A status is a number of
/// its own, before which nothing stands but a word for it: not the site's code
/// (网站标识码 4404220001), a document's number (404号), a room (404室) or a count
/// (共404条).
fn says_error(folded: &str) -> bool {
    const STATUSES: [&str; 3] = ["404", "403", "502"];
    const WORDS: [&str; 6] = ["无法访问", "页面不存在", "找不到", "notfound", "服务器错误", "已被删除"];
    let text = folded.to_lowercase();
    let is_alone = |(at, status): (usize, &str)| {
        let (before, after) = (text[..at].trim_end(), text[at + status.len()..].trim_start());
        let is_named = ["error", "http", "错误", "状态", "状态码", "代码"].iter().any(|word| before.ends_with(word));
        (before.is_empty() || is_named)
            && !after.starts_with(|c: char| c.is_ascii_digit() || "号室条位件页元期次人年路弄栋个".contains(c))
            || ["notfound", "badgateway", "forbidden", "error", "错误"].iter().any(|word| after.starts_with(word))
    };
    WORDS.iter().any(|word| text.contains(word))
        || STATUSES.iter().any(|status| text.match_indices(status).any(is_alone))
}

/// Items of lists, and rows of tables, that are links.
fn list_items(page: &Page) -> usize {
    let items = page.blocks.iter().map(|block| match &block.kind {
        BlockKind::List(items) if block.link_density > 0.5 => items.len(),
        BlockKind::Table(grid) if block.link_density > 0.5 => grid.rows.len(),
        BlockKind::Paragraph(_) if block.link_density > 0.8 => 1,
        _ => 0,
    });
    items.sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_is_a_number_of_its_own() {
        for error in
            ["404", "404页面不存在", "Error 404", "HTTP 错误 403.14", "对不起,您访问的页面不存在", "502 Bad Gateway"]
        {
            assert!(says_error(&fold(error)), "{error}");
        }
        for page in [
            "网站标识码:4404220001",
            "网站标识码 1404030005",
            "邮编:404000",
            "粤ICP备05024403号",
            "电话:0756-2124040",
            "关于印发工作方案的通知(政办〔2023〕404号)",
            "行政中心404室",
            "共404条 第1/21页",
            "您是第 404 位访客",
            "404条信息",
        ] {
            assert!(!says_error(&fold(page)), "{page}");
        }
    }
}
