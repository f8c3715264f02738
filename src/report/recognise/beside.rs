//! What stands beside annual reports and resembles them: statistics of a part of
//! a year, a report's part on requests, news of a report, what explains one, the
//! form before it is filled in.

use std::sync::LazyLock;

use regex::Regex;

use super::{Identity, Scene, short_lines, title};
use crate::page::fold::fold;
use crate::report::tables::{is_part_of_a_year, without_whole_years};
use crate::report::types::{NoReport, NoReportKind};

/// Lines of a page among which its title stands.
const FIRST_LINES: usize = 8;

/// Titles of a page that are its own; those after them may be the site's.
const FIRST_TITLES: usize = 3;

/// Says of a report that it came out.
const NEWS: [&str; 8] = ["发布", "公布", "出炉", "亮相", "读懂", "一图", "通稿", "新闻稿"];

/// Names what explains a report, or prepares one.
const ABOUT: [&str; 14] =
    ["解读", "图解", "数说", "数读", "说明", "分析", "问答", "征集", "征求", "评析", "点评", "综述", "摘要", "简介"];

/// Names a form before it is filled in, or who is asked to.
const FORM: [&str; 12] =
    ["通知", "样表", "样式", "样本", "模板", "模版", "示例", "填报", "填表", "填写", "空表", "的函"];

/// Why a document that reports is no annual report: it speaks of a part of a
/// year or of a school's, or of requests alone, leaves the year open, or shows what
/// was searched for.
pub(super) fn a_report(scene: &Scene<'_>, identity: &Identity) -> Option<NoReport> {
    static OPEN_YEAR: LazyLock<Option<Regex>> =
        LazyLock::new(|| crate::pattern(r"(?:20)?(?:[×xX＊*_〇○]{2,4}|-{2,4})年度?(?:政府信息公开|信息公开|政务公开)"));
    let is_open = |title: &String| OPEN_YEAR.as_ref().is_some_and(|open| open.is_match(title));
    if titles(scene).take(FIRST_TITLES).any(|title| is_open(&title)) {
        return Some(no_report("its title leaves the year open: a form to be filled in"));
    }
    let is_search = |title: &str| ["搜索结果", "检索结果"].iter().any(|word| title.contains(word));
    if scene.page.titles.iter().any(|title| is_search(title)) {
        return Some(no_report("its title says that it shows what was searched for"));
    }
    let title = identity.title.as_deref().map(fold).unwrap_or_default();
    if title.contains("学年") {
        return Some(no_report("it reports on a school year, under rules of its own"));
    }
    let is_part = match &identity.title {
        Some(title) => title_names_a_part(title),
        None => titles(scene).any(|title| is_of_statistics(&title) && title_names_a_part(&title)),
    };
    let covers_part = || !says_annual(&title) && covers_a_part(scene.text);
    if is_part || covers_part() {
        return Some(no_report("it reports on a part of a year"));
    }
    let names_one = match &identity.title {
        Some(_) => is_of_requests(&title),
        None => titles(scene).any(|line| title::year_of_title(&line).is_some() && is_of_requests(&line)),
    };
    (names_one && !speaks_of_disclosure(scene))
        .then(|| no_report("it is a part of a year's report, the one on requests alone"))
}

/// Whether a folded title names requests as what is reported on, and nothing else.
fn is_of_requests(folded: &str) -> bool {
    const REQUESTS: [&str; 5] = ["依申请公开", "公开申请", "申请公开", "申请情况", "申请受理"];
    REQUESTS.iter().any(|word| folded.contains(word))
        && !folded.contains("主动公开")
        && (is_of_statistics(folded) || says_annual(folded))
}

/// Whether a text below its title speaks of what was published without being asked
/// for, of which every annual report must: that what somebody asked for belongs to it
/// (属于主动公开范围) is an answer to a request.
fn speaks_of_disclosure(scene: &Scene<'_>) -> bool {
    static COUNTED: LazyLock<Option<Regex>> = LazyLock::new(|| crate::pattern("公开[^。;,申请]{0,8}信息[0-9]"));
    let text = fold(scene.text);
    let is_answer = |at: usize| ["属于", "属", "已", "已经"].iter().any(|word| text[..at].ends_with(word));
    text.match_indices("主动公开").any(|(at, _)| !is_answer(at))
        || text.contains("第二十条")
        || COUNTED.as_ref().is_some_and(|counted| counted.is_match(&text))
}

/// Why a document is about a report and none itself: what its titles say beside
/// the report's name.
pub(super) fn about_a_report(scene: &Scene<'_>, identity: &Identity) -> Option<NoReport> {
    let name = fold(identity.title.as_deref()?);
    if is_news(&name) {
        return Some(no_report("its title says that a report came out, and the report is not in it"));
    }
    let is_about = |words: &str| says(words, &ABOUT);
    // A line that is the name and nothing else is the page's title; what others
    // say beside it is a column's name or the site's.
    let lines: Vec<String> = titles(scene).filter(|line| line.contains(&name)).collect();
    let beside = |line: &String| line.replace(&name, "").chars().filter(|c| c.is_alphanumeric()).collect::<String>();
    let stands_alone = lines.iter().any(|line| beside(line).is_empty());
    let is_beside = !stands_alone && lines.iter().any(|line| is_about(&beside(line)));
    (is_about(&name) || is_beside)
        .then(|| no_report("its title names what explains a report, and the report is not in it"))
}

/// Why a table that no title names is none: it is not filled in, or those who
/// are asked to fill it in are addressed.
pub(super) fn an_empty_form(scene: &Scene<'_>, is_filled_in: bool) -> Option<NoReport> {
    if titles(scene).take(FIRST_TITLES).any(|title| says(&title, &FORM)) {
        return Some(no_report("its title names a form to be filled in"));
    }
    (!is_filled_in).then(a_form_left_empty)
}

/// Whether a document's title says that it is a form's sample, （样式）, and that of
/// nobody: XX单位2021年….
pub(super) fn is_a_sample_of_nobody(scene: &Scene<'_>, identity: &Identity) -> bool {
    let title = identity.title.as_deref().map(fold).unwrap_or_default();
    title.trim_start_matches(['X', 'x', '×', '*', '某', '〇', '○']).len() < title.len() && is_a_sample(scene)
}

/// Whether a document's title says that it is a form's sample: （样式）.
pub(super) fn is_a_sample(scene: &Scene<'_>) -> bool {
    const WORDS: [&str; 7] = ["样式", "样表", "样本", "模板", "模版", "范本", "空表"];
    let says_so = |title: String| {
        let end = title.trim_end_matches([')', ']', '】']);
        WORDS.iter().any(|word| end.ends_with(word))
    };
    titles(scene).take(FIRST_TITLES).any(says_so)
}

/// A form in which nothing stands.
pub(super) fn a_form_left_empty() -> NoReport {
    no_report("a form that is not filled in")
}

/// Whether a title says of a report that it came out.
pub(super) fn is_news(title: &str) -> bool {
    says(&fold(title), &NEWS)
}

/// The titles and first lines of a page, folded; sentences are none.
fn titles<'s>(scene: &Scene<'s>) -> impl Iterator<Item = String> + use<'s> {
    let titles = scene.page.titles.iter().take(FIRST_TITLES).map(String::as_str);
    let lines = titles.chain(short_lines(scene.page).take(FIRST_LINES)).map(fold);
    lines.filter(|line| !line.contains(['。', ';']))
}

/// Whether a folded title has one of some words, and not as an office's name:
/// a centre for 信息发布 publishes no report.
fn says(folded: &str, words: &[&str]) -> bool {
    const OFFICES: [&str; 8] = ["中心", "处", "科", "办公", "所", "局", "站", "司"];
    let title = title::without_offices(folded);
    words.iter().any(|word| {
        let mut after = title.match_indices(word).map(|(at, _)| &title[at + word.len()..]);
        after.any(|after| !OFFICES.iter().any(|office| after.starts_with(office)))
    })
}

/// Whether a folded line names statistics of disclosure: a day beside an office's
/// name does not.
fn is_of_statistics(folded: &str) -> bool {
    folded.contains("公开") && ["统计", "情况", "报告", "总结", "月报", "季报"].iter().any(|word| folded.contains(word))
}

/// Whether a title names a half, a quarter or a month.
fn title_names_a_part(title: &str) -> bool {
    static MONTH: LazyLock<Option<Regex>> = LazyLock::new(|| {
        crate::pattern(r"20[0-9]{2}年度?(?:1[0-2]|[1-9]|十[一二]?|[一二三四五六七八九])月(?:[^0-9一二三十]|$)")
    });
    let folded = without_whole_years(&fold(title));
    let is_month = || MONTH.as_ref().is_some_and(|month| month.is_match(&folded));
    // A month beside the name of an annual report is that of its posting.
    let is_half = folded.contains("半年") || folded.contains("季度");
    (is_part_of_a_year(&folded) || is_month()) && (is_half || !says_annual(&folded))
}

/// 年度报告 or 年报, and not 半年报.
fn says_annual(folded: &str) -> bool {
    let whole = folded.replace("半年度", "").replace("半年报", "");
    ["年度报告", "年报", "年度工作报告"].iter().any(|word| whole.contains(word))
}

/// Whether a text says that its numbers end with June, September or another
/// month before the last.
fn covers_a_part(text: &str) -> bool {
    const HEAD: usize = 700;
    static PERIOD: LazyLock<Option<Regex>> = LazyLock::new(|| {
        crate::pattern(
            r"(?:期限|时限|所列数据|时段)[^。;]{0,16}20[0-9]{2}年1月1日起?(?:至|到|-|—)+(?:20[0-9]{2}年)?[1-9]月(?:2[89]|30|31)日",
        )
    });
    let head = fold(&text.chars().take(HEAD).collect::<String>());
    PERIOD.as_ref().is_some_and(|period| period.is_match(&head))
}

fn no_report(words: &str) -> NoReport {
    NoReport { kind: NoReportKind::OtherDocument, words: words.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_a_year_is_told_by_the_title() {
        for title in [
            "青田县2021年上半年政府信息公开工作报告",
            "青田县教育局2021年第三季度政府信息公开情况统计表",
            "2017年4月政府信息公开情况统计表",
            "青田县2020年1-6月依申请公开情况统计表",
            "2019年11月青田县政府信息公开月报",
            "青田县2021年政府信息公开半年度报告",
            "青田县2021年前三季度政府信息公开情况",
        ] {
            assert!(title_names_a_part(title), "{title}");
        }
        for title in [
            "青田县2021年政府信息公开工作年度报告",
            "青田县2021年政府信息公开工作年度报告(2022年1月)",
            "青田县2021年1月-12月政府信息公开工作报告",
            "青田县2008年5月-12月政府信息公开工作报告",
            "2021年1月1日至12月31日政府信息公开情况统计表",
            "青田县二月村2021年信息公开年度报告",
        ] {
            assert!(!title_names_a_part(title), "{title}");
        }
    }

    #[test]
    fn a_report_on_requests_is_told_by_the_title() {
        for title in [
            "青田县2012年政府信息依申请公开工作情况",
            "青田县2012年依申请公开年报",
            "2012年度政府信息公开申请情况统计表",
            "青田县2012年政府信息公开工作年度报告:二、依申请公开情况",
        ] {
            assert!(is_of_requests(title), "{title}");
        }
        for title in
            ["青田县2012年政府信息公开工作年度报告", "青田县2012年主动公开和依申请公开工作年度报告", "依申请公开指南"]
        {
            assert!(!is_of_requests(title), "{title}");
        }
    }

    #[test]
    fn news_of_a_report_is_not_an_office_of_that_name() {
        assert!(is_news("青田县按时发布2021年政府信息公开工作年度报告"));
        assert!(!is_news("青田县预警信息发布中心2021年政府信息公开工作年度报告"));
    }
}
