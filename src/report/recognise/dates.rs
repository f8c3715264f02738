//! Publication dates and years in all their spellings.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::LazyLock;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use regex::Regex;
use rust_decimal::prelude::ToPrimitive;

use super::super::numbers::{Spelling, numbers_in};
use super::issuer::is_whole_name;
use super::title::is_title_of_report;
use super::{LONGEST_LINE, Scene, head};
use crate::page::fold::fold;
use crate::page::{Block, BlockKind};

/// Labels of a publication date, most certain first.
const LABELS: [&[&str]; 3] = [
    &["发布日期", "发布时间", "公开日期", "公开时间", "发稿时间", "上网日期", "发布于"],
    &["发文日期", "生成日期", "成文日期", "更新时间", "更新日期", "编辑时间", "录入时间"],
    &["时间", "日期"],
];

/// What makes a label another day's: when a table was filled in, when the site
/// changed, when a reader's letter was answered.
const OTHERS: [&str; 13] =
    ["填报", "填表", "报出", "制表", "报送", "网站", "本站", "站点", "网页", "页面", "栏目", "系统", "回复"];

/// Names of meta elements that carry it.
const META: [&str; 6] = ["pubdate", "publishdate", "publish_time", "article:published_time", "pubtime", "releasedate"];

/// The days on which a document may say that it was published, most certain first: its
/// metadata, then what stands between the page's beginning and the lines below its
/// title, then a label right behind the article, then who signed it. A page's footer
/// and its other documents have days of their own. One after the page was fetched is
/// none.
pub(super) struct Days(Vec<Day>);

struct Day {
    date: Date,
    how: String,
    /// The first on which a report of a year may come out as this says it.
    earliest: Earliest,
}

enum Earliest {
    /// In the last month of its year.
    InDecember,
    /// After its year: nothing but its place says what the day is.
    NextYear,
}

impl Days {
    pub(super) fn of(scene: &Scene<'_>) -> Self {
        use Earliest::{InDecember, NextYear};
        // A day later: a portal's clock is not ours.
        let fetched = scene.capture.fetched_at.and_then(|at| TimeZone::UTC.to_datetime(at).date().tomorrow().ok());
        let place = Place::of(scene);
        let in_meta = scene.page.meta.iter().filter(|(name, _)| META.contains(&name.as_str()));
        let in_meta = in_meta.filter_map(|(name, content)| Some((date_in(content)?, format!("meta {name}"))));
        let below = below_title(place.head(scene)).into_iter();
        let signed = signed_on(scene, &place).map(|date| (date, "the day of its signature".to_owned()));
        let told = |(date, how): (Date, String)| Day { date, how, earliest: InDecember };
        let placed = |date: Date| Day { date, how: "in the line below the title".to_owned(), earliest: NextYear };
        let days = in_meta.chain(place.labelled(scene)).map(told).chain(below.map(placed));
        let days = days.chain(place.labelled_behind(scene).into_iter().chain(signed).map(told));
        Self(days.filter(|day| day.date.year() >= 2003 && fetched.is_none_or(|fetched| day.date <= fetched)).collect())
    }

    /// The day on which a report of a year was published, and how the document says so.
    pub(super) fn published(&self, report_year: Option<i16>) -> Option<(Date, &str)> {
        let may_be = |day: &&Day| {
            report_year.is_none_or(|year| match day.earliest {
                Earliest::InDecember => (day.date.year(), day.date.month()) >= (year, 12),
                Earliest::NextYear => day.date.year() > year,
            })
        };
        self.0.iter().find(may_be).map(|day| (day.date, day.how.as_str()))
    }
}

/// Where a report stands among the blocks of its page.
struct Place {
    /// Blocks up to the lines below its title, its own at most.
    n_head: usize,
    /// The block behind its last one.
    end: usize,
}

impl Place {
    fn of(scene: &Scene<'_>) -> Self {
        const BELOW_TITLE: usize = 8;
        let blocks = &scene.page.blocks;
        let at = |block: Option<&Block>| {
            let place = &block?.locator;
            blocks.iter().position(|other| other.locator == *place)
        };
        let first = at(scene.blocks.first()).unwrap_or(0);
        let end = at(scene.blocks.last()).map_or(blocks.len(), |last| last + 1);
        Self { n_head: (first + BELOW_TITLE).min(end), end }
    }

    fn head<'s>(&self, scene: &'s Scene<'_>) -> &'s [Block] {
        &scene.page.blocks[..self.n_head]
    }

    /// The dates beside a label up to the lines below the title, the most certain
    /// label's first.
    fn labelled(&self, scene: &Scene<'_>) -> Vec<(Date, String)> {
        let boxes = self.head(scene).iter().filter_map(|block| match &block.kind {
            BlockKind::Table(grid) if grid.rows.len() < 12 => Some(grid.text()),
            BlockKind::List(items) if items.len() < 20 => Some(items.join("\n")),
            _ => None,
        });
        // A flattened page carries its head before the text, in one line.
        let heads = scene.blocks.iter().take(2).map(|block| folded(head(&block.text(), 300)));
        let lines = with_dates_below(self.head(scene)).chain(boxes.map(|text| folded(&text))).chain(heads);
        let lines: Vec<String> = lines.filter(|line| names_a_year(line)).collect();
        LABELS.iter().flat_map(|labels| beside(labels, &lines)).collect()
    }

    /// The dates beside a label in a line right behind the article that begins with
    /// it, or with its source.
    fn labelled_behind(&self, scene: &Scene<'_>) -> Vec<(Date, String)> {
        const AROUND: usize = 4;
        const SOURCES: [&str; 5] = ["来源", "信息来源", "发布机构", "发布单位", "作者"];
        let blocks = &scene.page.blocks;
        let behind = &blocks[self.end.saturating_sub(AROUND)..(self.end + AROUND).min(blocks.len())];
        let begins = |line: &String| {
            let line = line.trim_start_matches(['[', '(', '【']);
            LABELS[0].iter().chain(&SOURCES).any(|label| line.starts_with(label))
        };
        let lines: Vec<String> = with_dates_below(behind).filter(begins).collect();
        beside(LABELS[0], &lines)
    }
}

/// The dates that stand beside labels in lines, with the label.
fn beside(labels: &[&str], lines: &[String]) -> Vec<(Date, String)> {
    let of_label = |line: &String, label: &str| {
        let is_own = |(at, _): &(usize, &str)| !OTHERS.iter().any(|other| line[..*at].ends_with(other));
        let after = line.match_indices(label).filter(is_own).map(|(at, _)| &line[at + label.len()..]);
        let dates = after.filter_map(|after| date_at_start(after.trim_start_matches([':', ']', ')', '】', '|'])));
        dates.map(|date| (date, format!("beside {label}"))).collect::<Vec<_>>()
    };
    lines.iter().flat_map(|line| labels.iter().flat_map(|label| of_label(line, label))).collect()
}

fn names_a_year(folded: &str) -> bool {
    ["20", "二〇", "二○", "二零"].iter().any(|year| folded.contains(year))
}

/// The short lines of blocks.
fn lines_of(blocks: &[Block]) -> impl Iterator<Item = &str> {
    blocks.iter().filter_map(Block::line).filter(|text| text.chars().count() < LONGEST_LINE)
}

/// The dates without a label in the lines right below a title: beside the source
/// or the page's tools, with a time of day, or a line of its own, perhaps with
/// the office's name.
fn below_title(head: &[Block]) -> Vec<Date> {
    const BESIDE: [&str; 9] = ["来源", "作者", "浏览", "字体", "字号", "打印", "点击", "阅读", "关闭"];
    const LINES_BELOW: usize = 2;
    static TIME: LazyLock<Option<Regex>> = LazyLock::new(|| crate::pattern(r"[0-2]?[0-9]:[0-5][0-9]"));
    let has_time = |folded: &str| TIME.as_ref().is_some_and(|time| time.is_match(folded));
    let lines: Vec<&str> = lines_of(head).collect();
    let titles = (0..lines.len()).filter(|at| is_title_of_report(lines[*at]));
    let below = titles.flat_map(|at| lines.iter().skip(at + 1).take(LINES_BELOW));
    let mut dates = Vec::new();
    for line in below {
        let folded = folded(line);
        // A sentence that names a day is not about the page.
        let tells = is_a_date(&folded) || BESIDE.iter().any(|word| folded.contains(word)) || has_time(&folded);
        if !folded.contains('。') && tells {
            dates.extend(date_in(line));
        }
    }
    dates
}

/// The day below the signature: a line of its own at the report's end, or one with
/// the name of the office that signed. Cleaning takes it for what stands around
/// articles.
fn signed_on(scene: &Scene<'_>, place: &Place) -> Option<Date> {
    const LAST_LINES: usize = 6;
    const BEHIND: usize = 3;
    let signed = |line: &str| {
        let folded = folded(line);
        let (date, span) = first_date(&folded)?;
        let name = [&folded[..span.start], &folded[span.end..]].concat();
        let name = name.trim_matches(['(', ')']);
        (name.is_empty() || is_whole_name(name)).then_some(date)
    };
    let is_of_it = |line: &&str| signed(line).is_some() || is_whole_name(&fold(line));
    let (before, behind) = scene.page.blocks.split_at(place.end);
    let behind = behind.iter().take(BEHIND).map_while(Block::line).take_while(is_of_it);
    let last = before.iter().rev().take(LAST_LINES).filter_map(Block::line);
    behind.chain(last).find_map(signed)
}

/// Whether a folded line is a date, perhaps beside an office's name.
fn is_a_date(folded: &str) -> bool {
    const LONGEST_NAME: usize = 24;
    let Some((_, span)) = first_date(folded) else { return false };
    let beside = [&folded[..span.start], &folded[span.end..]].concat();
    beside.chars().count() <= LONGEST_NAME && !beside.contains(|c: char| c.is_ascii_digit() || "至,-".contains(c))
}

/// The lines of blocks folded, a label that stands alone joined with the line below
/// it.
fn with_dates_below(blocks: &[Block]) -> impl Iterator<Item = String> {
    const LONGEST_LABEL: usize = 8;
    let is_label = |folded: &str| {
        let label = folded.trim_end_matches(':');
        folded.chars().count() <= LONGEST_LABEL && LABELS.iter().flat_map(|labels| labels.iter()).any(|of| *of == label)
    };
    let mut lines = lines_of(blocks).peekable();
    std::iter::from_fn(move || {
        let line = lines.next()?;
        let whole = folded(line);
        match lines.peek() {
            Some(below) if is_label(&whole) => Some(folded(&format!("{line}{below}"))),
            _ => Some(whole),
        }
    })
}

/// A text folded, its times of day still apart from its days: folding would glue
/// them.
fn folded(text: &str) -> String {
    static TIME: LazyLock<Option<Regex>> =
        LazyLock::new(|| crate::pattern(r"([0-9０-９日])\s+([0-2０-２]?[0-9０-９]\s*[:：]\s*[0-5０-５])"));
    TIME.as_ref().map_or_else(|| fold(text), |time| fold(&time.replace_all(text, "${1}T${2}")))
}

static DATE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    crate::pattern(
        r"(20[0-9]{2})(?:年|[-/.])([01]?[0-9])(?:月|[-/.])([0-3]?[0-9])日?(?:[^0-9]|$)|(20[0-9]{2})([01][0-9])([0-3][0-9])(?:[^0-9]|$)",
    )
});

/// The first date of a text.
fn date_in(text: &str) -> Option<Date> {
    first_date(&folded(text)).map(|(date, _)| date)
}

/// The first date of a folded text, and where it stands.
fn first_date(folded: &str) -> Option<(Date, Range<usize>)> {
    let in_digits = || {
        let found = DATE.as_ref()?.captures(folded)?;
        let whole = found.get(0)?;
        let end = whole.as_str().trim_end_matches(|c: char| !c.is_ascii_digit() && c != '日').len();
        Some((date_of(&found)?, whole.start()..whole.start() + end))
    };
    let in_words = || {
        folded.match_indices('二').find_map(|(at, _)| {
            let (date, length) = chinese_date(&folded[at..])?;
            Some((date, at..at + length))
        })
    };
    in_digits().or_else(in_words)
}

fn date_at_start(folded: &str) -> Option<Date> {
    let head: String = folded.chars().take(24).collect();
    first_date(&head).filter(|(_, span)| span.start == 0).map(|(date, _)| date)
}

/// 二〇二二年一月二十日 at the start of a text, and its length.
fn chinese_date(folded: &str) -> Option<(Date, usize)> {
    let (year, rest) = folded.split_once('年')?;
    let (month, rest) = rest.split_once('月')?;
    let (day, rest) = rest.split_once('日')?;
    if year.chars().count() != 4 {
        return None;
    }
    let number = |text: &str| match numbers_in(text).as_slice() {
        [number] if number.span == (0..text.len()) && number.spelling == Spelling::Numerals => number.value.to_i8(),
        _ => None,
    };
    let date = Date::new(chinese_year(&format!("{year}年"))?, number(month)?, number(day)?).ok()?;
    Some((date, folded.len() - rest.len()))
}

fn date_of(found: &regex::Captures<'_>) -> Option<Date> {
    let number = |i: usize| found.get(i).and_then(|part| part.as_str().parse::<i16>().ok());
    let (year, month, day) = match number(1) {
        Some(year) => (year, number(2)?, number(3)?),
        None => (number(4)?, number(5)?, number(6)?),
    };
    Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

/// The weakest evidence for a year.
pub(super) const MOST_MENTIONED: &str = "the year that its text speaks of most";

/// The year that a report's text says it is about, and how it says so.
pub(super) fn year_of_body(text: &str) -> Option<(i16, &'static str)> {
    static PERIOD: LazyLock<Option<Regex>> = LazyLock::new(|| {
        crate::pattern(
            r"(20[0-9]{2})年?[0-9]{1,2}月[0-9]{1,2}日起?,?(?:至|到|-|—|~|－)+(?:(20[0-9]{2})年)?(?:当年)?12月31日",
        )
    });
    static PREFACE: LazyLock<Option<Regex>> = LazyLock::new(|| {
        crate::pattern(r"现[将就][^。;]{0,24}?(20[0-9]{2})年[^。;]{0,24}(?:信息|政务)公开[^。;]{0,16}如下")
    });
    static MENTION: LazyLock<Option<Regex>> = LazyLock::new(|| crate::pattern(r"(20[0-9]{2})年"));
    static LAST_DAY: LazyLock<Option<Regex>> =
        LazyLock::new(|| crate::pattern(r"截[至止]到?20[0-9]{2}年(?:12月(?:31日|底)|[底末])"));
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
    if let (1, Some((year, _))) = (mentions.len(), mentions.first_key_value())
        && LAST_DAY.as_ref()?.is_match(&folded)
    {
        return Some((*year, "the day up to which it counts"));
    }
    let (year, n) = mentions.iter().max_by_key(|(year, n)| (**n, **year)).map(|(year, n)| (*year, *n))?;
    let others: usize = mentions.values().sum::<usize>() - n;
    (n >= 2 && n * 2 > others).then_some((year, MOST_MENTIONED))
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
            "2018/3/26 9:00",
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
            ("截止2023年12月31日我局通过网站发布信息41条", Some(2023)),
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
