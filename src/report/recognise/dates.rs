//! Publication dates and years in all their spellings.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use jiff::civil::Date;
use regex::Regex;
use rust_decimal::prelude::ToPrimitive;

use super::super::numbers::{Spelling, numbers_in};
use super::title::is_title_of_report;
use super::{Scene, head, short_lines};
use crate::page::BlockKind;
use crate::page::fold::fold;

/// Labels of a publication date, most certain first.
const LABELS: [&[&str]; 3] = [
    &["发布日期", "发布时间", "公开日期", "公开时间", "发稿时间", "上网日期", "发布于"],
    &["发文日期", "生成日期", "成文日期", "更新时间", "更新日期", "编辑时间", "录入时间"],
    &["时间", "日期"],
];

/// What makes a label another day's: when a table was filled in.
const OTHERS: [&str; 5] = ["填报", "填表", "报出", "制表", "报送"];

/// Names of meta elements that carry it.
const META: [&str; 6] = ["pubdate", "publishdate", "publish_time", "article:published_time", "pubtime", "releasedate"];

/// When the document says that it was published: its metadata, then its
/// labelled lines, then the lines below its title. One that lies before the
/// year's end is none.
pub(super) fn published(scene: &Scene<'_>, report_year: Option<i16>, evidence: &mut Vec<String>) -> Option<Date> {
    let plausible = |date: &Date| report_year.is_none_or(|year| date.year() >= year) && date.year() >= 2003;
    for (name, content) in &scene.page.meta {
        if META.contains(&name.as_str())
            && let Some(date) = date_in(content).filter(plausible)
        {
            evidence.push(format!("published on {date}: meta {name}"));
            return Some(date);
        }
    }
    let tables = scene.page.blocks.iter().filter_map(|block| match &block.kind {
        BlockKind::Table(grid) if grid.rows.len() < 12 => Some(grid.text()),
        BlockKind::List(items) if items.len() < 20 => Some(items.join("\n")),
        _ => None,
    });
    // A flattened page carries its head before the text, in one line.
    let heads = scene.blocks.iter().take(2).map(|block| fold(head(&block.text(), 300)));
    let lines = with_dates_below(short_lines(scene.page));
    let lines = lines.chain(tables.map(|text| fold(&text))).chain(heads);
    let has_year = |line: &String| ["20", "二〇", "二○", "二零"].iter().any(|year| line.contains(year));
    let with_years: Vec<String> = lines.filter(has_year).collect();
    for labels in LABELS {
        for folded in &with_years {
            for label in labels {
                let is_own = |(at, _): &(usize, &str)| !OTHERS.iter().any(|other| folded[..*at].ends_with(other));
                let after = folded.match_indices(label).filter(is_own).map(|(at, _)| &folded[at + label.len()..]);
                let date =
                    after.filter_map(|after| date_at_start(after.trim_start_matches([':', ']', ')', '】', '|'])));
                if let Some(date) = date.into_iter().find(|date| plausible(date)) {
                    evidence.push(format!("published on {date}: beside {label}"));
                    return Some(date);
                }
            }
        }
    }
    let date = below_title(scene).into_iter().find(|date| report_year.is_none_or(|year| date.year() > year))?;
    evidence.push(format!("published on {date}: in the line below the title"));
    Some(date)
}

/// The dates without a label in the lines right below a title: beside the source
/// or the page's tools, with a time of day, or a line of its own, perhaps with
/// the office's name.
fn below_title(scene: &Scene<'_>) -> Vec<Date> {
    const BESIDE: [&str; 9] = ["来源", "作者", "浏览", "字体", "字号", "打印", "点击", "阅读", "关闭"];
    const LINES_BELOW: usize = 2;
    static TIME: LazyLock<Option<Regex>> = LazyLock::new(|| crate::pattern(r"[0-2]?[0-9]:[0-5][0-9]"));
    let has_time = |folded: &str| TIME.as_ref().is_some_and(|time| time.is_match(folded));
    let lines: Vec<&str> = short_lines(scene.page).collect();
    let titles = (0..lines.len()).filter(|at| is_title_of_report(lines[*at]));
    let below = titles.flat_map(|at| lines.iter().skip(at + 1).take(LINES_BELOW));
    let mut dates = Vec::new();
    for line in below {
        let folded = fold(line);
        // A sentence that names a day is not about the page.
        let tells = is_a_date(&folded) || BESIDE.iter().any(|word| folded.contains(word)) || has_time(&folded);
        if !folded.contains('。') && tells {
            dates.extend(date_in(line));
        }
    }
    dates
}

/// Whether a folded line is a date, perhaps beside an office's name.
fn is_a_date(folded: &str) -> bool {
    const LONGEST_NAME: usize = 14;
    let Some(found) = DATE.as_ref().and_then(|date| date.find(folded)) else { return false };
    let beside = [&folded[..found.start()], &folded[found.end()..]].concat();
    beside.chars().count() <= LONGEST_NAME && !beside.contains(|c: char| c.is_ascii_digit() || "至,-".contains(c))
}

/// The lines folded, a label that stands alone joined with the line below it.
fn with_dates_below<'a>(lines: impl Iterator<Item = &'a str>) -> impl Iterator<Item = String> {
    const LONGEST_LABEL: usize = 8;
    let is_label = |folded: &str| {
        let label = folded.trim_end_matches(':');
        folded.chars().count() <= LONGEST_LABEL && LABELS.iter().flat_map(|labels| labels.iter()).any(|of| *of == label)
    };
    let mut lines = lines.peekable();
    std::iter::from_fn(move || {
        let line = lines.next()?;
        let folded = fold(line);
        match lines.peek() {
            Some(below) if is_label(&folded) => Some(fold(&format!("{line}{below}"))),
            _ => Some(folded),
        }
    })
}

static DATE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    crate::pattern(
        r"(20[0-9]{2})\s*(?:年|[-/.])\s*([01]?[0-9])\s*(?:月|[-/.])\s*([0-3]?[0-9])(?:[^0-9]|$)|(20[0-9]{2})([01][0-9])([0-3][0-9])(?:[^0-9]|$)",
    )
});

/// The first date of a text.
pub(super) fn date_in(text: &str) -> Option<Date> {
    let folded = fold(text);
    // Folding glues a time to the day: 2018-03-2615:01.
    let parted = part_time(&folded);
    date_of(&DATE.as_ref()?.captures(&parted)?)
}

fn date_at_start(folded: &str) -> Option<Date> {
    if let Some(date) = chinese_date(folded) {
        return Some(date);
    }
    let head: String = folded.chars().take(24).collect();
    let parted = part_time(&head);
    let found = DATE.as_ref()?.captures(&parted)?;
    (found.get(0)?.start() == 0).then(|| date_of(&found)).flatten()
}

/// 二〇二二年一月二十日 at the start of a text.
fn chinese_date(folded: &str) -> Option<Date> {
    let (year, rest) = folded.split_once('年')?;
    let (month, rest) = rest.split_once('月')?;
    let (day, _) = rest.split_once('日')?;
    if year.chars().count() != 4 {
        return None;
    }
    let number = |text: &str| match numbers_in(text).as_slice() {
        [number] if number.span == (0..text.len()) && number.spelling == Spelling::Numerals => number.value.to_i8(),
        _ => None,
    };
    Date::new(chinese_year(&format!("{year}年"))?, number(month)?, number(day)?).ok()
}

fn date_of(found: &regex::Captures<'_>) -> Option<Date> {
    let number = |i: usize| found.get(i).and_then(|part| part.as_str().parse::<i16>().ok());
    let (year, month, day) = match number(1) {
        Some(year) => (year, number(2)?, number(3)?),
        None => (number(4)?, number(5)?, number(6)?),
    };
    Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

/// `2018-03-2615:01` with its day parted from its time again.
fn part_time(folded: &str) -> String {
    static GLUED: LazyLock<Option<Regex>> = LazyLock::new(|| {
        crate::pattern(r"(20[0-9]{2}(?:[-/.][01]?[0-9][-/.]|年[01]?[0-9]月)[0-3]?[0-9])([0-2][0-9]:)")
    });
    GLUED.as_ref().map_or_else(|| folded.to_owned(), |glued| glued.replace(folded, "$1 $2").into_owned())
}

/// The year that a report's text says it is about, and how it says so.
pub(super) fn year_of_body(text: &str) -> Option<(i16, &'static str)> {
    static PERIOD: LazyLock<Option<Regex>> = LazyLock::new(|| {
        crate::pattern(
            r"(20[0-9]{2})年?[0-9]{1,2}月[0-9]{1,2}日起?(?:至|到|-|—|~|－)+(?:(20[0-9]{2})年)?(?:当年)?12月31日",
        )
    });
    static PREFACE: LazyLock<Option<Regex>> = LazyLock::new(|| {
        crate::pattern(r"现[将就][^。;]{0,24}?(20[0-9]{2})年[^。;]{0,24}(?:信息|政务)公开[^。;]{0,16}如下")
    });
    static MENTION: LazyLock<Option<Regex>> = LazyLock::new(|| crate::pattern(r"(20[0-9]{2})年"));
    let folded = fold(head(text, 20_000));
    if let Some(found) = PERIOD.as_ref()?.captures(&folded)
        && let Ok(year) = found.get(2).or_else(|| found.get(1))?.as_str().parse()
    {
        return Some((year, "the period that its data cover"));
    }
    if let Some(year) = PREFACE.as_ref()?.captures(&folded).and_then(|found| found.get(1)?.as_str().parse().ok()) {
        return Some((year, "the sentence that it begins with"));
    }
    let mut mentions: BTreeMap<i16, usize> = BTreeMap::new();
    for found in MENTION.as_ref()?.captures_iter(&folded) {
        if let Some(year) = found.get(1).and_then(|year| year.as_str().parse().ok()) {
            *mentions.entry(year).or_default() += 1;
        }
    }
    let (year, n) = mentions.iter().max_by_key(|(year, n)| (**n, **year)).map(|(year, n)| (*year, *n))?;
    let others: usize = mentions.values().sum::<usize>() - n;
    (n >= 2 && n * 2 > others).then_some((year, "the year that its text speaks of most"))
}

/// 二〇一七年 as 2017.
pub(super) fn chinese_year(folded: &str) -> Option<i16> {
    let digits = |c: char| {
        (0_i16..)
            .zip("〇一二三四五六七八九".chars())
            .find(|(_, d)| *d == c)
            .map(|(n, _)| n)
            .or("○零oO".contains(c).then_some(0))
    };
    if !folded.contains('年') {
        return None;
    }
    let chars: Vec<char> = folded.chars().collect();
    chars.windows(5).find_map(|window| {
        let year = window[..4].iter().try_fold(0_i16, |year, c| Some(year * 10 + digits(*c)?))?;
        (window[4] == '年' && (1990..2100).contains(&year)).then_some(year)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_in_all_their_spellings() {
        for text in [
            "2018-03-26",
            "2018- 03- 26 15: 01",
            "2018年3月26日",
            "2018/3/26 09:00",
            "2018.03.26",
            "20180326",
            "２０１８年３月２６日",
            "2018-03-26T15:01:00+08:00",
        ] {
            assert_eq!(date_in(text).map(|date| date.to_string()).as_deref(), Some("2018-03-26"), "{text}");
        }
        for text in ["二〇一八年三月二十六日", "二○一八年三月二十六日  来源"] {
            assert_eq!(
                date_at_start(&fold(text)).map(|date| date.to_string()).as_deref(),
                Some("2018-03-26"),
                "{text}"
            );
        }
        for text in ["2018-13-01", "2018", "第201803262号"] {
            assert_eq!(date_in(text), None, "{text}");
        }
    }

    #[test]
    fn the_year_of_a_text() {
        let cases = [
            ("统计期限自2018年1月1日起至2018年12月31日止", Some(2018)),
            ("期限为20171月1日至12月31日。", Some(2017)),
            ("数据从2008年5月1日到12月31日", Some(2008)),
            ("2016年，我县……。2016年共收到……，比2015年少。", Some(2016)),
            ("没有年份", None),
            ("2015年……2016年", None),
        ];
        for (text, year) in cases {
            assert_eq!(year_of_body(text).map(|(year, _)| year), year, "{text}");
        }
        assert_eq!(chinese_year("二〇一三年"), Some(2013));
        assert_eq!(chinese_year("二○○九年度"), Some(2009));
    }
}
