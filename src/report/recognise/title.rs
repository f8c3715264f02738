//! The line that names the report, and the year in it.

use std::collections::HashSet;
use std::sync::LazyLock;

use regex::Regex;

use super::dates::chinese_year;
use super::{LONGEST_LINE, Scene};
use crate::page::fold::{fold, simplified};
use crate::page::{Block, BlockKind};

/// The title chosen among a page's candidates: the one that names a report,
/// with a year and an issuer where there is one.
pub(super) fn choose(scene: &Scene<'_>) -> Option<String> {
    let first = scene.blocks.iter().take(6).filter(|block| !is_of_several_cells(block));
    let first_lines = first.filter_map(|block| first_words(&block.text()));
    let is_link = |block: &&Block| block.link_density >= 0.5;
    // What is a link names another document: the next one, last year's.
    let own_lines = scene.page.blocks.iter().filter(|block| !is_link(block)).filter_map(Block::line);
    let lines = own_lines.filter(|line| line.chars().count() < LONGEST_LINE).take(40).map(str::to_owned);
    let cells = scene.page.blocks.iter().take(TABLES_WITHIN).flat_map(named_cells);
    // Of several reports on a page each begins with its own title.
    let own = scene.blocks.first().map(|block| block.text().into_owned()).filter(|text| is_title_of_report(text));
    let candidates = own.into_iter().chain(scene.page.titles.iter().take(12).cloned()).chain(first_lines).chain(lines);
    let candidates = candidates.chain(over_several_lines(&scene.page.blocks)).chain(cells);
    let mut best: Option<(i32, String)> = None;
    // A title mostly stands in several places.
    let mut seen = HashSet::new();
    for candidate in candidates.filter(|text| could_name_a_report(text) && seen.insert(text.clone())) {
        let candidate = tidied(&candidate);
        let score = score(&candidate);
        if score > 0 && best.as_ref().is_none_or(|(top, _)| score > *top) {
            best = Some((score, candidate));
        }
    }
    best.map(|(_, title)| title)
}

/// The first lines of a page, two and three of them joined: long titles are set
/// over several. A line that names a report and its year is whole.
fn over_several_lines(blocks: &[Block]) -> Vec<String> {
    const FIRST_LINES: usize = 40;
    let is_piece = |line: &&str| {
        let is_whole = || is_title_of_report(line) && year_of_title(line).is_some();
        !line.is_empty() && !line.contains([':', '：', '、', '|']) && !is_whole()
    };
    let pieces: Vec<Option<&str>> =
        blocks.iter().take(FIRST_LINES).map(|block| short_line(block).filter(is_piece)).collect();
    let joined = [2, 3].into_iter().flat_map(|n| pieces.windows(n));
    let joined = joined.filter_map(|pieces| pieces.iter().copied().collect::<Option<String>>());
    joined.filter(|title| could_name_a_report(title) && year_of_title(title).is_some()).collect()
}

/// A block that is a line of a title's length, and no link.
fn short_line(block: &Block) -> Option<&str> {
    const LONGEST: usize = 40;
    block.line().filter(|text| text.chars().count() <= LONGEST && block.link_density < 0.5)
}

/// Blocks of a page among which a table may hold its title.
const TABLES_WITHIN: usize = 12;

/// A table's cells that name a report and its year: where a portal prints a
/// document's name, number and date in a table before it. A table of links names
/// other documents.
fn named_cells(block: &Block) -> Vec<String> {
    const CELLS: usize = 40;
    let BlockKind::Table(grid) = &block.kind else { return Vec::new() };
    if block.link_density > 0.5 {
        return Vec::new();
    }
    let cells = grid.rows.iter().flat_map(|row| &row.cells).take(CELLS).map(|cell| cell.text.clone());
    cells.filter(|text| is_title_of_report(text) && year_of_title(text).is_some()).collect()
}

/// Whether a block is a table with more than a cell: its text is no line.
fn is_of_several_cells(block: &Block) -> bool {
    matches!(&block.kind, BlockKind::Table(grid) if grid.rows.iter().map(|row| row.cells.len()).sum::<usize>() > 1)
}

/// Whether a line is the title of an annual disclosure report.
#[must_use]
pub fn is_title_of_report(text: &str) -> bool {
    could_name_a_report(text) && names_a_report(&fold(&tidied(text)))
}

/// The title whose beginning a list shows: `青禾市2017年政府信息公开工作年度报...`,
/// completed by the report's usual names. None where the text is whole, or
/// goes on to something else as far as it can be seen.
#[must_use]
pub fn unclipped(text: &str) -> Option<String> {
    const SUBJECTS: [&str; 3] = ["政府信息公开", "信息公开", "政务公开"];
    const KINDS: [&str; 5] = ["工作年度报告", "年度报告", "工作年报", "年报", "年度工作报告"];
    // Orders and plans for the work name the year and the subject as well.
    const ORDERS: [&str; 8] = ["印发", "开展", "做好", "加强", "推进", "落实", "公布", "转发"];
    /// Characters of the subject that must be there: 政府信息.
    const LEAST_OF_SUBJECT: usize = 4;
    static DAY: LazyLock<Option<Regex>> =
        LazyLock::new(|| crate::pattern(r"[\[(【]?20[0-9]{2}[-./年][0-9]{1,2}[-./月][0-9]{1,2}日?[\])】]?$"));
    let folded = fold(text);
    let undated = DAY.as_ref().map_or_else(|| folded.clone().into(), |day| day.replace(&folded, ""));
    let begun = undated.trim_end_matches(['.', '⋯']);
    let is_marked = undated.len() - begun.len() >= 2;
    year_of_title(begun).filter(|_| ORDERS.iter().all(|word| !begun.contains(word)))?;
    let missing = |whole: &str, least: usize| {
        let chars: Vec<(usize, char)> = whole.char_indices().collect();
        let cuts = (least..chars.len()).rev().map(|n| chars[n].0);
        cuts.map(|at| whole.split_at(at)).find(|(shown, _)| begun.ends_with(shown)).map(|(_, rest)| rest.to_owned())
    };
    let names = SUBJECTS.iter().flat_map(|subject| KINDS.iter().map(move |kind| (subject, format!("{subject}{kind}"))));
    let in_name = names.filter_map(|(subject, name)| missing(&name, LEAST_OF_SUBJECT.min(subject.chars().count())));
    // 青禾市政府信息公开工作2017年度报...: the year between the subject and the kind.
    let has_subject = SUBJECTS.iter().any(|subject| begun.contains(subject));
    let in_kind = KINDS.iter().filter(|_| has_subject).filter_map(|kind| missing(kind, 1));
    // Without a mark only the last character may be missing: 工作 alone ends
    // the names of columns too.
    let rests = in_name.chain(in_kind).filter(|rest| is_marked || (has_subject && rest == "告"));
    rests.map(|rest| format!("{begun}{rest}")).find(|title| is_title_of_report(title))
}

/// Whether a text can be a title at all, told without folding it: most lines
/// are not.
fn could_name_a_report(text: &str) -> bool {
    const LONGEST: usize = 1200;
    text.len() <= LONGEST && text.contains(['报', '報']) && text.contains('公') && text.contains(['开', '開'])
}

/// The year that a title names.
#[must_use]
pub fn year_of_title(title: &str) -> Option<i16> {
    static YEAR: LazyLock<Option<Regex>> =
        LazyLock::new(|| crate::pattern(r"((?:19|20)[0-9]{2})(?:年|\D{0,1}(?:政府|信息|政务|工作|年度))"));
    static BARE: LazyLock<Option<Regex>> = LazyLock::new(|| crate::pattern(r"(?:^|[^0-9])(20[0-9]{2})(?:[^0-9]|$)"));
    let folded = fold(title);
    let by = |regex: &Option<Regex>| {
        let has_year = folded.contains("20") || folded.contains("19");
        regex.as_ref().filter(|_| has_year)?.captures(&folded)?.get(1)?.as_str().parse().ok()
    };
    by(&YEAR).or_else(|| chinese_year(&folded)).or_else(|| by(&BARE)).filter(|year| (2003..=2100).contains(year))
}

/// What a title says more than the report's name is no part of it.
fn tidied(text: &str) -> String {
    let text = simplified(text).trim().to_owned();
    let text = text.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '>' | '·' | '•' | '《'));
    // The cell of a row of a flattened table.
    let cell = || text.split('|').find(|cell| subject_and_kind(&fold(cell)));
    let text = if text.contains('|') { cell().map_or(text, str::trim) } else { text };
    let label = text.strip_prefix('标').and_then(|rest| rest.trim_start().strip_prefix('题'));
    let label = label.or_else(|| text.strip_prefix("中文名"));
    let text =
        label.map_or(text, |rest| rest.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, ':' | '：')));
    let text = behind_the_column(text);
    // 年度报告_某某网, 年度报告 - 某某网
    let end = ["_", " - ", "－", "|", "》"].iter().filter_map(|mark| text.find(mark)).filter(|at| *at > 0).min();
    let head = end.map(|end| &text[..end]).filter(|head| subject_and_kind(&fold(head)));
    head.unwrap_or(text).trim().to_owned()
}

/// A title without the column's name before it, of another office perhaps:
/// 青禾市政府 政府信息公开年报 青禾市财政局2021年….
fn behind_the_column(text: &str) -> &str {
    let spaces = text.char_indices().rev().filter(|(_, c)| c.is_whitespace());
    let whole = spaces.map(|(at, c)| text.split_at(at + c.len_utf8())).find(|(column, title)| {
        let folded = fold(title);
        subject_and_kind(&folded)
            && year_of_title(title).is_some()
            && who(title).is_some_and(|who| who.chars().count() >= LEAST_OF_NAME)
            && fold(column).contains("公开")
    });
    whole.map_or(text, |(_, title)| title)
}

/// Characters that the shortest name of an office has.
const LEAST_OF_NAME: usize = 3;

/// The words before the first white space of a long block: where a page was
/// flattened, its title is glued before the text.
fn first_words(text: &str) -> Option<String> {
    let line = text.lines().next()?.trim();
    if line.chars().count() < 80 {
        return Some(line.to_owned());
    }
    let words = line.split_whitespace().take(8);
    words.map(str::to_owned).find(|word| word.chars().count() < 60 && subject_and_kind(&fold(&simplified(word))))
}

fn subject_and_kind(folded: &str) -> bool {
    let subject = ["信息公开", "政务公开", "信息年度公开"].iter().any(|subject| folded.contains(subject));
    let kind = ["年度报告", "年报", "年度工作报告", "年度公开报告", "年度信息公开报告", "年度政府信息公开报告"];
    let report = folded.contains("年度") && (folded.ends_with("报告") || folded.contains("情况报告"));
    let reports = ["工作报告", "工作的报告", "工作总结报告", "工作情况报告", "工作情况的报告"];
    let of_a_year = folded.contains('年') && reports.iter().any(|kind| folded.contains(kind));
    // 兴华乡2010年政府信息公开报告
    let plain = folded.contains('年') && folded.ends_with("信息公开报告");
    subject && (kind.iter().any(|kind| folded.contains(kind)) || report || of_a_year || plain)
}

/// How well a line names a report; 0 where it does not.
fn score(title: &str) -> i32 {
    let folded = fold(title);
    if !names_a_report(&folded) {
        return 0;
    }
    let has_year = year_of_title(title).is_some();
    let has_issuer = who(title).is_some_and(|who| who.chars().count() >= 2);
    10 + 10 * i32::from(has_year) + 10 * i32::from(has_issuer) - i32::from(folded.chars().count() > 45)
}

/// Whether a folded line names a report, and nothing beside or about one.
fn names_a_report(folded: &str) -> bool {
    const OTHER: [&str; 30] = [
        "指南",
        "目录",
        "制度",
        "规定",
        "办法",
        "通知",
        "方案",
        "要点",
        "解读",
        "计划",
        "公报",
        "预算",
        "决算",
        "会议",
        "培训",
        "报送",
        "编制",
        "通报",
        "考核",
        "模板",
        "格式",
        "栏目",
        "专栏",
        "首页",
        "召开",
        "位置",
        "的函",
        "索引号",
        "组配分类",
        "主题分类",
    ];
    let is_another = || {
        let bare = without_offices(folded);
        OTHER.iter().any(|word| bare.contains(word))
    };
    // A sentence about a report, or the way to it, is not its title.
    let is_sentence = || {
        const NEIGHBOURS: [&str; 6] = ["上一篇", "下一篇", "上一条", "下一条", "上篇:", "下篇:"];
        folded.contains(['。', ',', ';', '>', '»'])
            || NEIGHBOURS.iter().any(|word| folded.starts_with(word))
            || ["根据", "本报告", "如下"].iter().any(|word| folded.contains(word))
    };
    (6..=80).contains(&folded.chars().count()) && subject_and_kind(folded) && !is_sentence() && !is_another()
}

/// A title without the words of offices' names that also name documents: the
/// office of 计划生育 plans births, a plan is no part of it.
pub(super) fn without_offices(title: &str) -> String {
    const OFFICES: [&str; 16] = [
        "计划生育",
        "发展计划",
        "发展和计划",
        "计划经济",
        "计划委员会",
        "计划局",
        "机构编制",
        "编制委员会",
        "编制办",
        "编制管理",
        "会议中心",
        "培训中心",
        "培训学校",
        "考核办",
        "考核委员会",
        "制度改革",
    ];
    OFFICES.iter().fold(title.to_owned(), |title, office| title.replace(office, ""))
}

/// Who a title says reports: what it says beside the report's name and year.
pub(super) fn who(title: &str) -> Option<String> {
    static NAME: LazyLock<Option<Regex>> = LazyLock::new(|| {
        crate::pattern(concat!(
            r"(?:1月?(?:-|—|至)+12月份?)|(?:(?:19|20)[0-9]{2}|[二贰][〇○零OoＯ0][一二三四五六七八九〇○零]{2})年?度?",
            r"|(?:政府|政务)?(?:信息|政务)(?:年度)?公开.*$|年度报告.*$|年报.*$|年度(?:工作)?.*$",
        ))
    });
    let folded = fold(title);
    let rest = NAME.as_ref()?.replace_all(without_preamble(&folded), "");
    let rest = trim_marks(&rest).trim_end_matches("关于").trim_end_matches('的');
    let rest = COMES_OUT.iter().find_map(|verb| rest.strip_suffix(verb)).unwrap_or(rest);
    // 人民政府信息公开: the office's name and the subject share a word.
    let rest = rest.strip_suffix("人民").map_or_else(|| rest.to_owned(), |place| format!("{place}人民政府"));
    (!rest.is_empty()).then_some(rest)
}

/// What a title says of its report behind who reports; longer ones first.
const COMES_OUT: [&str; 6] = ["按时发布", "正式发布", "发布", "公布", "公示", "编制"];

/// A title without what stands before who reports: a column's tag, an annex's
/// number, a document's, a day, a label, 关于 and 印发.
fn without_preamble(folded: &str) -> &str {
    static PREAMBLE: LazyLock<Option<Regex>> = LazyLock::new(|| {
        crate::pattern(concat!(
            r"^(?:附件[0-9一二三四五六七八九十]{0,3}[:.、-]?|附[表:][0-9]{0,2}[:.、]?",
            r"|(?:文章|信息|文件|公文)?(?:标题|名称|题名)[:]",
            r"|(?:转发|转载|公示|公布|发布|公告|现将|现就|印发|报送|关于|有关)[:]?",
            r"|[\p{Han}]{1,8}[〔\[(【]20[0-9]{2}[〕\])】]第?[0-9]{1,4}号",
            r"|20[0-9]{2}[-./][01]?[0-9][-./][0-3]?[0-9]|20[0-9]{2}年[01]?[0-9]月[0-3]?[0-9]日",
            r"|第[一二三四五六七八九十]{1,3}篇[:、]",
            r"|[0-9]{1,2}[.、:)]|[一二三四五六七八九十]{1,3}[.、:]|[(][0-9一二三四五六七八九十]{1,3}[)]",
            r#"|[《〈「"“★☆●■◆▲△※·—-])"#,
        ))
    });
    let mut text = without_tag(folded);
    while let Some(found) = PREAMBLE.as_ref().and_then(|preamble| preamble.find(text)) {
        text = without_tag(&text[found.end()..]);
    }
    text
}

/// A title without the column's tag before it: 【年度报告】, [县政府].
fn without_tag(folded: &str) -> &str {
    const LONGEST: usize = 12;
    let inside = folded.trim_start().strip_prefix(['【', '[', '(', '〔']);
    let behind = inside.and_then(|inside| inside.split_once(['】', ']', ')', '〕']));
    match behind {
        Some((tag, rest)) if tag.chars().count() <= LONGEST && subject_and_kind(rest) => rest,
        _ => folded,
    }
}

/// A name without the marks around it; a bracket that is opened in it is its own.
pub(super) fn trim_marks(name: &str) -> &str {
    let name = name.trim_start_matches(|c: char| !c.is_alphanumeric());
    let is_closed = name.contains('(');
    name.trim_end_matches(|c: char| !(c.is_alphanumeric() || is_closed && c == ')'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_say_who_and_when() {
        let cases = [
            ("青禾市人民政府2017年度政府信息公开工作报告", Some(2017), Some("青禾市人民政府")),
            ("2020年青禾市政府信息公开工作年度报告", Some(2020), Some("青禾市")),
            ("青禾市2016年政府信息公开工作年度报告", Some(2016), Some("青禾市")),
            ("青禾市统计局二〇一三年政府信息公开年报", Some(2013), Some("青禾市统计局")),
            ("关于青禾市2011年信息公开年度报告", Some(2011), Some("青禾市")),
            ("标 题 青禾区教育局政府信息公开工作2025年度报告", Some(2025), Some("青禾区教育局")),
            ("青禾镇2014年度信息年度公开报告", Some(2014), Some("青禾镇")),
            ("標題：青禾市2018年政府信息公開工作年度報告_青禾百科", Some(2018), Some("青禾市")),
            ("2015年政府信息公开工作年度报告", Some(2015), None),
            ("【年度报告】青禾县人民政府2022年政府信息公开工作年度报告", Some(2022), Some("青禾县人民政府")),
            ("[县政府]青禾县2022年政府信息公开工作年度报告", Some(2022), Some("青禾县")),
            ("（政府办）2022年政府信息公开工作年度报告", Some(2022), None),
            ("青禾区卫生和计划生育局2014年政府信息公开工作年度报告", Some(2014), Some("青禾区卫生和计划生育局")),
            (
                "中共青禾县委机构编制委员会办公室2016年政府信息公开年报",
                Some(2016),
                Some("中共青禾县委机构编制委员会办公室"),
            ),
            ("附件2：青禾市教育局2021年政府信息公开工作年度报告", Some(2021), Some("青禾市教育局")),
            ("青教〔2022〕7号 青禾市教育局2021年政府信息公开工作年度报告", Some(2021), Some("青禾市教育局")),
            ("3、青禾市教育局2021年政府信息公开工作年度报告", Some(2021), Some("青禾市教育局")),
            ("2022-01-18 青禾市教育局2021年政府信息公开工作年度报告", Some(2021), Some("青禾市教育局")),
            ("信息名称：青禾市教育局2021年政府信息公开工作年度报告", Some(2021), Some("青禾市教育局")),
            ("现将《青禾市教育局2021年政府信息公开工作年度报告", Some(2021), Some("青禾市教育局")),
            ("青禾市教育局关于2021年政府信息公开工作情况的报告", Some(2021), Some("青禾市教育局")),
            ("青禾市教育局公布2021年政府信息公开工作年度报告", Some(2021), Some("青禾市教育局")),
            (
                "青禾市人民政府 政府信息公开年报 青禾市教育局2021年政府信息公开工作年度报告",
                Some(2021),
                Some("青禾市教育局"),
            ),
            ("青禾市教育局2021年1月—12月政府信息公开工作年度报告", Some(2021), Some("青禾市教育局")),
            ("附城镇2021年政府信息公开工作年度报告", Some(2021), Some("附城镇")),
            ("经济开发区（北塘街道）2009年政府信息公开年度报告", Some(2009), Some("经济开发区(北塘街道)")),
        ];
        for (text, year, issuer) in cases {
            let title = tidied(text);
            assert!(is_title_of_report(text), "{text}");
            assert_eq!((year_of_title(&title), who(&title).as_deref()), (year, issuer), "{text}");
        }
    }

    #[test]
    fn titles_over_several_lines_are_joined() {
        let block = |line: &&str| Block {
            kind: BlockKind::Paragraph((*line).to_owned()),
            locator: crate::page::Locator::line(1),
            link_density: 0.0,
            context: Vec::new(),
        };
        let cases: [(&[&str], &str); 4] = [
            (&["青禾县水务局2013年度信息公开工作", "年度报告", "一、概述"], "青禾县水务局2013年度信息公开工作年度报告"),
            (&["青禾县人民政府2016年", "政府信息公开工作年度报告"], "青禾县人民政府2016年政府信息公开工作年度报告"),
            (&["青禾县", "2014年政府信息公开", "工作年度报告"], "青禾县2014年政府信息公开工作年度报告"),
            // Whole as it is.
            (&["政务公开", "青禾县2014年政府信息公开工作年度报告"], ""),
        ];
        for (lines, title) in cases {
            let blocks: Vec<Block> = lines.iter().map(block).collect();
            let joined = over_several_lines(&blocks);
            let best = joined.iter().max_by_key(|joined| score(&tidied(joined))).cloned().unwrap_or_default();
            assert_eq!(best, title, "{lines:?}");
        }
    }

    #[test]
    fn clipped_titles_are_completed() {
        for (text, whole) in [
            ("青禾市人民政府2017年政府信息公开工作年度报...", "青禾市人民政府2017年政府信息公开工作年度报告"),
            ("青禾市2017年政府信息公开……", "青禾市2017年政府信息公开工作年度报告"),
            ("青禾市统计局2017年度政府信息…", "青禾市统计局2017年度政府信息公开工作年度报告"),
            ("青禾市2017年信息公开年…[2018-03-08]", "青禾市2017年信息公开年度报告"),
            ("青禾市政府信息公开工作2017年...", "青禾市政府信息公开工作2017年度报告"),
            ("青禾市2017年政府信息公开工作年度报", "青禾市2017年政府信息公开工作年度报告"),
        ] {
            assert_eq!(unclipped(text).as_deref(), Some(whole), "{text}");
        }
        for text in [
            "青禾市2017年政府信息公开工作年度报告",
            "青禾市2017年政府信息公开工作",
            "青禾市2017年政府信息公开指南（试…",
            "关于印发青禾市2017年政府信息公开工作...",
            "青禾市政府信息公开工作年度报...",
            "青禾市2017年国民经济和社会发展统...",
            "...",
        ] {
            assert_eq!(unclipped(text), None, "{text}");
        }
    }

    #[test]
    fn lines_about_reports_are_no_titles() {
        for text in [
            "青禾市政府信息公开指南",
            "关于报送2017年政府信息公开工作年度报告的通知",
            "您现在的位置:首页 >> 政府信息公开工作年度报告",
            "根据条例，现公布2017年政府信息公开工作年度报告。",
            "2017年企业年度报告公示",
        ] {
            assert!(!is_title_of_report(text), "{text}");
        }
    }
}
