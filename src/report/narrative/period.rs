//! Of which time a stretch of text speaks: the year reported on, another year,
//! some months, all years since the Regulations took force, or a plan.

use std::sync::LazyLock;

use regex::{Captures, Regex};

/// The year in which the Regulations took force: all that was counted since
/// then is that year's count in that year's report.
const FIRST_YEAR: i16 = 2008;

/// The year in which they were revised. Since then offices count by the year, and
/// 累计 alone is what they sum up over it.
const REVISED: i16 = 2019;

/// What a stretch of text says of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Period {
    year: Year,
    total: Total,
    is_some_months: bool,
    is_planned: bool,
}

/// Which year is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Year {
    /// None: the report's.
    #[default]
    Unsaid,
    /// The report's.
    Own,
    Another,
}

/// Of how many years a total may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Total {
    #[default]
    OfTheYear,
    /// 截至…年底: a total on a day, of the year or of all years.
    OnADay,
    /// 累计 and no more, once offices counted by the year.
    Summed,
    /// A running total over years.
    OverYears,
}

impl Period {
    /// Whether a number is one of the year; `since` is what stands between it
    /// and the number before.
    pub(super) fn is_the_years(self, since: &str) -> bool {
        const RATES: [&str; 9] = ["平均", "日均", "月均", "年均", "人均", "每月", "每年", "每季", "每日"];
        let clause = since.rsplit([',', '。']).next().unwrap_or_default();
        let is_rate = RATES.iter().any(|word| clause.contains(word));
        self.may_be_the_years() && self.total != Total::OverYears && !is_rate
    }

    /// Whether words without a number may speak of the year: none since the
    /// Regulations took force is none this year.
    pub(super) fn may_be_the_years(self) -> bool {
        self.year != Year::Another && !self.is_some_months && !self.is_planned
    }

    /// Whether it is a total on a day that may be one of all years.
    pub(super) fn is_on_a_day(self) -> bool {
        matches!(self.total, Total::OnADay | Total::Summed)
    }

    /// From here on the report's year, or another one; what is planned stays
    /// so.
    fn turn_to(&mut self, year: Year) {
        *self = Self { year, is_planned: self.is_planned, ..Self::default() };
    }
}

/// The periods of a sentence, each from where it begins to hold.
pub(super) struct Periods(Vec<(usize, Period)>);

impl Periods {
    /// What a sentence says of time, beginning with what it goes on from.
    pub(super) fn of(text: &str, year: Option<i16>, carried: Period) -> Self {
        let mut now = carried;
        let mut periods = vec![(0, now)];
        for found in MARKS.iter().flat_map(|marks| marks.captures_iter(text)) {
            let Some(all) = found.get(0) else { continue };
            let before = now;
            turn(&mut now, &found, &text[..all.start()], &text[all.end()..], year);
            periods.push((all.end(), now));
            // 135件(历年累计412件),其中: a remark holds as long as its brackets.
            if let Some(end) = end_of_remark(text, all.start(), all.end()) {
                now = before;
                periods.push((end, now));
            }
        }
        Self(periods)
    }

    pub(super) fn at(&self, place: usize) -> Period {
        let n = self.0.partition_point(|(from, _)| *from <= place);
        self.0[..n].last().map(|(_, period)| *period).unwrap_or_default()
    }

    pub(super) fn last(&self) -> Period {
        self.0.last().map(|(_, period)| *period).unwrap_or_default()
    }
}

/// Where the brackets end in which a mark stands; none where it stands in none.
fn end_of_remark(text: &str, start: usize, end: usize) -> Option<usize> {
    const LONGEST: usize = 90;
    let opened = text[..start].rfind(['(', ')', '。']).filter(|at| text[*at..].starts_with('('))?;
    let closed = end + text[end..].find(['(', ')', '。']).filter(|at| text[end + at..].starts_with(')'))?;
    (closed - opened <= LONGEST).then_some(closed)
}

static MARKS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    crate::pattern(concat!(
        r"(?P<first>(?:19|20)[0-9]{2})年?(?:至|到|-|—|~|–)(?P<until>(?:19|20)[0-9]{2})年|",
        r"(?P<months>[0-9]{1,2}(?:月[0-9]{1,2}日|月|日)?(?:起)?(?:至|到|-|—|~|–)(?:(?:19|20)[0-9]{2}年)?(?P<last>[0-9]{1,2})月|[0-9]{1,2}月份|截[至止]到?(?:(?:19|20)[0-9]{2}年)?(?:[1-9]|1[01])月(?:[0-9]{1,2}日|底|末)|上半年|下半年|[一二三四1-4]季度|前[一二三四五六七八九十0-9]+个月)|",
        r"(?P<year>(?:19|20)[0-9]{2})年|",
        r"(?P<this>全年|本年|今年|年内|当年|报告期|统计期|一年来)|",
        r"(?P<other>上年|去年|上一年|前年|往年|前一年|明年|下年|下一年|次年|来年)|",
        r"(?P<since>以来)|(?P<ever>前[两二三四五]年|过去[两二三四五几]年|自?(?:上线|启用|开通|运行|建成)(?:起|[两二三四五]年)|历年|近年来|(?:近|[两二三四五六七八九十])[0-9一二三四五六七八九十]*年来|目前[^,。;0-9]{0,6}(?:总计|累计)|目前为止|截至目前|截止目前|迄今|至今|施行后|实施后|总存量|历史上)|(?P<sum>累计)|",
        r"(?P<by>截至|截止)|",
        r"(?P<plan>(?:计划|拟|准备|待|需|应)(?:举办|召开|开展|制定|制发|组织|设立|设置|建设|建立|配备|公开)|力争|争取|预计|下一步|拟于|计划于|目标是|目标为)"
    ))
});

fn turn(now: &mut Period, found: &Captures<'_>, before: &str, after: &str, year: Option<i16>) {
    let is_compared = before.ends_with(['比', '较', '与', '同', '是', '于', '和']);
    if let (Some(first), Some(until)) = (found.name("first"), found.name("until")) {
        now.turn_to(Year::Unsaid);
        now.total = if first.as_str() == until.as_str() { Total::OfTheYear } else { Total::OverYears };
    } else if found.name("months").is_some() {
        match found.name("last").map(|last| last.as_str()) {
            Some("12") => now.is_some_months = false,
            _ => now.is_some_months = true,
        }
    } else if let Some(named) = found.name("year").and_then(|year| year.as_str().parse::<i16>().ok()) {
        let is_end = after.starts_with(['底', '末']) || (now.is_on_a_day() && after.starts_with("12月"));
        // 自2004年5月起: since when it is done, and not of when the number is.
        let is_start = before.ends_with(['自', '从'])
            && after.trim_start_matches(|c: char| c.is_ascii_digit() || "月日".contains(c)).starts_with(['起', '开']);
        match year {
            _ if is_start => {}
            Some(year) if year == named && is_end => now.total = Total::OnADay,
            // 2012年以来 is the year itself.
            Some(year) if year == named && !is_compared => now.turn_to(Year::Own),
            Some(year) if year != named && !is_compared && !is_of_a_document(after) => {
                now.turn_to(Year::Another);
            }
            _ => {}
        }
    } else if found.name("this").is_some() {
        // 本年报, 与今年相比 say nothing; an end of the year keeps a total one.
        let is_report = after.starts_with('报');
        let is_end = after.starts_with(['底', '末']);
        if !is_compared && !is_report && !is_end {
            now.turn_to(Year::Own);
        }
    } else if found.name("other").is_some() {
        // What was carried over from last year, or to the next, is of this one.
        let clause = |text: &str| {
            let near: String = text.chars().take(8).collect();
            near.contains("结转") || near.contains("转结")
        };
        let is_carried = clause(after)
            || before.ends_with("转")
            || before.ends_with("转至")
            || before.ends_with("转入")
            || before.ends_with("转到");
        if !is_compared && !is_carried {
            now.turn_to(Year::Another);
        }
    } else if found.name("since").is_some() {
        let is_year = year.is_some_and(|year| before.ends_with(&format!("{year}年")));
        let is_own = is_year || before.ends_with("今年") || year == Some(FIRST_YEAR);
        now.total = if is_own { Total::OfTheYear } else { Total::OverYears };
        now.year = if now.year == Year::Another { Year::Unsaid } else { now.year };
    } else if found.name("by").is_some() {
        now.total = if now.total == Total::OverYears { Total::OverYears } else { Total::OnADay };
    } else if found.name("sum").is_some()
        && year.is_some_and(|year| year >= REVISED)
        && matches!((now.year, now.total), (Year::Unsaid, Total::OfTheYear | Total::Summed))
        && !before.contains("新增")
    {
        now.total = Total::Summed;
    } else if found.name("ever").is_some()
        || (found.name("sum").is_some() && (now.year != Year::Own || now.is_on_a_day() || before.contains("新增")))
    {
        // 累计6100条,其中本年新增2240条: some had published before.
        let is_of_more = after.contains("本年") || after.contains("新增");
        now.total = if year == Some(FIRST_YEAR) && !is_of_more { now.total } else { Total::OverYears };
    } else if let Some(plan) = found.name("plan") {
        // 应公开尽公开, 应公开而不予公开的 are no plans; 应公开信息120条 is.
        now.is_planned |= plan.as_str() != "应公开" || counts(after);
    }
}

/// Whether a text begins with a number, but for what is counted: 政府信息共120条.
fn counts(text: &str) -> bool {
    text.trim_start_matches(|c: char| "的各类政府务信息数总共计为有达约".contains(c))
        .starts_with(|c: char| c.is_ascii_digit())
}

/// 2007年制定的, 2008年5月1日起施行: when a document was made.
fn is_of_a_document(after: &str) -> bool {
    let after = after.trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, '月' | '日' | '起' | '正' | '式'));
    ["施行", "实施", "印发", "出台", "颁布", "公布的", "制定", "修订", "版", "政府信息公开条例", "国务院"]
        .iter()
        .any(|word| after.starts_with(word))
}
