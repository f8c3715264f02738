//! Which time a column's heading or a table's caption speaks of.
//!
//! Only this year's numbers are facts of the year: a running total, another
//! year's, a part of the year, a plan or a comparison is none, wherever its
//! column stands and however alone.

use std::sync::LazyLock;

use regex::Regex;

/// What words say of the time that numbers are of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Told {
    /// The report's own year.
    ThisYear,
    /// What the table is of, 本期: its year's, unless a column beside it counts the
    /// year from its beginning.
    ThisTerm,
    /// Something else, and what.
    Other(&'static str),
    /// Nothing.
    Nothing,
}

/// A running total, whatever year it ends in.
const TOTAL: &str = "a running total";
/// Another year than the report's.
const OTHER_YEAR: &str = "another year's";
/// A half, a quarter, a month.
const PART: &str = "a part of the year's";
/// What was to be.
const PLAN: &str = "planned";
/// A difference, a share.
const COMPARISON: &str = "a comparison";

/// What a column's heading tells, folded, in a report of a year.
pub(super) fn of_heading(folded: &str, year: Option<i16>) -> Told {
    let has = |words: &[&str]| words.iter().any(|word| folded.contains(word));
    // 减免 is what the forms count.
    if has(&["增", "同比", "环比", "占比", "比重", "比上", "比例", "%", "变化"])
        || folded.replace("减免", "").contains('减')
    {
        return Told::Other(COMPARISON);
    }
    if has(&["计划", "目标", "预计", "预期", "任务"]) {
        return Told::Other(PLAN);
    }
    if has(&["同期", "上期"]) {
        return Told::Other(OTHER_YEAR);
    }
    if has(&["本季", "本月", "本半年", "当季", "当月"]) {
        return Told::Other(PART);
    }
    of_words(folded, year)
}

/// What a table's caption tells, folded, in a report of a year.
pub(super) fn of_caption(folded: &str, year: Option<i16>) -> Told {
    // A table that compares has this year's column too.
    if ["对比", "比较", "同比"].iter().any(|word| folded.contains(word)) {
        return Told::Nothing;
    }
    of_words(&without_day_of_filling(folded), year)
}

/// A caption without the day on which somebody filled in its table.
fn without_day_of_filling(folded: &str) -> String {
    static DAY: LazyLock<Option<Regex>> = LazyLock::new(|| {
        crate::pattern(concat!(
            "(?:填报|填表|填写|制表|报送|上报|报表|发布|公布|生成|印发)(?:日期|时间)?[:]?",
            "20[0-9]{2}[年./-][0-9]{1,2}(?:[月./-](?:[0-9]{1,2}日?)?)?",
        ))
    });
    DAY.as_ref().map_or_else(|| folded.to_owned(), |day| day.replace_all(folded, "").into_owned())
}

fn of_words(folded: &str, year: Option<i16>) -> Told {
    let has = |words: &[&str]| words.iter().any(|word| folded.contains(word));
    let years = Years::of(folded);
    // Of no year in words: 2008年初至今 begins in another, and 三年累计 is of several.
    let begins = |words: &[&str]| words.iter().any(|word| folded.starts_with(word));
    let is_since_new_year = begins(&["年初", "自年初", "从年初", "本年初", "自本年初"]);
    let is_of_this_year =
        is_since_new_year || begins(&["年累计", "年度累计"]) || has(&["本年", "当年", "年内", "全年", "今年"]);
    // 截至本年末累计 says where it ends, not where it begins.
    let is_up_to_it = ["本年", "当年", "今年"].iter().any(|word| {
        let before = folded.split(word).next().unwrap_or_default();
        before.len() < folded.len() && before.ends_with(['至', '止', '到'])
    });
    let is_running = has(&["累计", "累积"]) && (!is_of_this_year || is_up_to_it);
    if has(&["历年"]) || (has(&["以来", "至今"]) && !is_since_new_year) || is_running {
        return Told::Other(TOTAL);
    }
    if has(&["上年", "去年", "上一年", "往年", "前年", "上两年"]) {
        return Told::Other(OTHER_YEAR);
    }
    // A later year is that of the printing or the posting, and so is its month; a
    // school's year lies in two.
    let is_later = |own: i16| !years.named.is_empty() && years.named.iter().all(|named| *named > own);
    if folded.contains("学年") || year.is_some_and(is_later) {
        return Told::Nothing;
    }
    if is_part_of_a_year(folded) {
        return Told::Other(PART);
    }
    let ends = |own: i16| years.ranges.iter().any(|(from, to)| from < to && *to == own);
    match year {
        Some(own) if ends(own) => Told::Other(TOTAL),
        Some(own) if years.named.contains(&own) => Told::ThisYear,
        Some(own) if !years.named.is_empty() && years.named.iter().all(|named| *named < own) => Told::Other(OTHER_YEAR),
        _ if is_of_this_year || has(&["1-12月", "1至12月"]) => Told::ThisYear,
        _ if folded.contains("本期") => Told::ThisTerm,
        _ => Told::Nothing,
    }
}

/// Whether words name a half, a quarter or a month of a year.
pub(in crate::report) fn is_part_of_a_year(folded: &str) -> bool {
    static PART: LazyLock<Option<Regex>> = LazyLock::new(|| {
        let months = "(?:1[0-2]|[1-9]|十[一二]?|[一二三四五六七八九])";
        crate::pattern(&format!(
            concat!(
                "[上下前]半年|半年(?:度|报|统计|工作|政府|信息)|第?[一二三四1-4]季度|[前头][二三两123]个?季度|季报|月报|季度(?:报|统计)",
                "|年度?{months}月份?(?:政府|信息|政务|统计|工作|情况|数|表|报|$)|{months}月份",
                "|(?:^|[^0-9]){months}月?(?:-|—|－|~|至|到){months}月(?:份|[^0-9份]|$)",
            ),
            months = months
        ))
    });
    PART.as_ref().is_some_and(|part| part.is_match(&without_whole_years(folded)))
}

/// A folded text without its spans of a whole year: 1-12月.
pub(in crate::report) fn without_whole_years(folded: &str) -> String {
    static WHOLE: LazyLock<Option<Regex>> =
        LazyLock::new(|| crate::pattern(r"1月?(?:-|—|－|~|至|到)12月|一月?至十二月"));
    // The Regulations came into force in May 2008: that year begins there.
    static FIRST: LazyLock<Option<Regex>> = LazyLock::new(|| crate::pattern(r"5月?(?:-|—|－|~|至|到)12月"));
    let of = if folded.contains("2008") { [&*WHOLE, &*FIRST] } else { [&*WHOLE, &None] };
    of.into_iter().flatten().fold(folded.to_owned(), |rest, whole| whole.replace_all(&rest, "").into_owned())
}

/// The years that words name.
struct Years {
    named: Vec<i16>,
    /// From one to another: 2008—2016年.
    ranges: Vec<(i16, i16)>,
}

impl Years {
    fn of(folded: &str) -> Self {
        static RANGE: LazyLock<Option<Regex>> = LazyLock::new(|| {
            crate::pattern(r"(20[0-9]{2})年?(?:[0-9]{1,2}月)?(?:[0-9]{1,2}日)?(?:-|—|－|~|～|至|到)+(20[0-9]{2})")
        });
        static NAMED: LazyLock<Option<Regex>> =
            LazyLock::new(|| crate::pattern(r"(?:^|[^0-9])(20[0-9]{2})(年版|号|版|〕|\]|年修订|[0-9])?"));
        let year = |found: &regex::Captures<'_>, at: usize| found.get(at)?.as_str().parse().ok();
        let all = NAMED.as_ref().into_iter().flat_map(|named| named.captures_iter(folded));
        // A number of a document, and an edition, are no time.
        let named = all.filter(|found| found.get(2).is_none()).filter_map(|found| year(&found, 1)).collect();
        let ranges = RANGE.as_ref().into_iter().flat_map(|range| range.captures_iter(folded));
        let ranges = ranges.filter_map(|found| Some((year(&found, 1)?, year(&found, 2)?))).collect();
        Self { named, ranges }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_tell_the_time_of_their_numbers() {
        let this = Told::ThisYear;
        let cases = [
            ("本年度", this.clone()),
            ("2016年", this.clone()),
            ("2016年度统计数", this.clone()),
            ("本年累计", this.clone()),
            ("1-12月", this.clone()),
            ("截至2016年12月31日", this.clone()),
            ("今年", this.clone()),
            ("年初至今", this.clone()),
            ("年度累计", this.clone()),
            ("2016", this.clone()),
            ("2016年1月1日至2016年12月31日", this),
            ("本期实际", Told::ThisTerm),
            ("统计数", Told::Nothing),
            ("减免金额", Told::Nothing),
            ("数量(2014年版)", Told::Nothing),
            ("填报2017年", Told::Nothing),
            ("指标值", Told::Nothing),
            ("2015-2016学年", Told::Nothing),
            ("历年累计", Told::Other(TOTAL)),
            ("三年累计", Told::Other(TOTAL)),
            ("截至本年末累计", Told::Other(TOTAL)),
            ("截至本期累计", Told::Other(TOTAL)),
            ("统计数(累计)", Told::Other(TOTAL)),
            ("2008年以来", Told::Other(TOTAL)),
            ("2008年初至今", Told::Other(TOTAL)),
            ("2008-2016年", Told::Other(TOTAL)),
            ("累计至2016年底", Told::Other(TOTAL)),
            ("上年统计数", Told::Other(OTHER_YEAR)),
            ("上一年度", Told::Other(OTHER_YEAR)),
            ("2015年", Told::Other(OTHER_YEAR)),
            ("统计数(2015年)", Told::Other(OTHER_YEAR)),
            ("上半年", Told::Other(PART)),
            ("第三季度", Told::Other(PART)),
            ("本季度", Told::Other(PART)),
            ("本月数", Told::Other(PART)),
            ("1-6月", Told::Other(PART)),
            ("3月份", Told::Other(PART)),
            ("计划数", Told::Other(PLAN)),
            ("本年度比上年增减", Told::Other(COMPARISON)),
            ("同比增长(%)", Told::Other(COMPARISON)),
        ];
        for (text, told) in cases {
            assert_eq!(of_heading(text, Some(2016)), told, "{text}");
        }
        assert_eq!(of_heading("2015年", None), Told::Nothing);
    }

    #[test]
    fn captions_tell_it_as_well() {
        let cases = [
            ("统计表(2008—2016年累计)", Told::Other(TOTAL)),
            ("附:2015年数据(供参考)", Told::Other(OTHER_YEAR)),
            ("政府信息公开情况统计表(2016年度)", Told::ThisYear),
            ("本年与上年对比表", Told::Nothing),
            ("政府信息公开情况统计表", Told::Nothing),
            ("附表:2017年1月10日填报", Told::Nothing),
            ("填表日期:2017年1月", Told::Nothing),
            ("统计表(填报时间:2016年12月)", Told::Nothing),
            ("2017年1月统计表", Told::Nothing),
            ("2016年1-6月统计表", Told::Other(PART)),
            ("2016年1月1日-12月31日统计表", Told::ThisYear),
        ];
        for (text, told) in cases {
            assert_eq!(of_caption(text, Some(2016)), told, "{text}");
        }
    }
}
