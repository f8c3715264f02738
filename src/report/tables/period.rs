//! What a table's numbers are about: this year and the whole report, or not.
//!
//! A column headed 历年累计 or 上年 beside this year's is passed over; where it
//! is the only one, its numbers are no facts of the year. A caption says the
//! same of a whole table.

use crate::page::fold::fold;

/// Whether a heading of numbers names another time than the report's year:
/// another year, a running total, a plan.
pub(super) fn is_of_another(folded: &str, report_year: Option<i16>) -> bool {
    const WORDS: [&str; 13] =
        ["累计", "以来", "上年", "去年", "上一年", "往年", "历年", "同期", "计划数", "目标", "半年", "季度", "月份"];
    if WORDS.iter().any(|word| folded.contains(word)) {
        return true;
    }
    let years = years_in(folded);
    report_year.is_some_and(|year| !years.is_empty() && !years.contains(&year))
}

/// Whether a heading names this year's numbers, or numbers without saying of when.
pub(super) fn is_of_the_year(folded: &str, report_year: Option<i16>) -> bool {
    let is_numbers = ["统计数", "数值", "数量", "本年", "年度"].iter().any(|word| folded.contains(word));
    (is_numbers || !years_in(folded).is_empty()) && !is_of_another(folded, report_year)
}

/// Why the numbers of a table under a caption are no facts of the report, if they
/// are none.
pub(super) fn objection(caption: &str, report_year: Option<i16>) -> Option<&'static str> {
    /// Characters from which a line is no caption.
    const LONGEST: usize = 60;
    if caption.chars().count() > LONGEST {
        return None;
    }
    let folded = fold(caption);
    let inside = folded.strip_prefix('(').and_then(|rest| rest.strip_suffix(')'));
    let ends = |word: &str| inside.is_some_and(|inside| inside.ends_with(word));
    let is_caption =
        folded.contains("统计表") || folded.contains("情况表") || ends("年") || ends("年度") || ends("累计");
    if !is_caption || folded.contains('。') {
        return None;
    }
    let is_part =
        folded.contains('仅') && ["本级", "机关", "办公室", "本部门"].iter().any(|word| folded.contains(word));
    if is_part {
        Some("its caption says that the table is of a part of what the report is about")
    } else if is_of_another(&folded, report_year) && !folded.contains("本年") {
        Some("its caption says that the table is of another time than the report's year")
    } else {
        None
    }
}

/// The years that a text names.
fn years_in(folded: &str) -> Vec<i16> {
    let is_digit = |c: char| c.is_ascii_digit();
    let runs = folded.split(|c: char| !is_digit(c)).filter(|run| run.len() == 4);
    runs.filter_map(|run| run.parse().ok()).filter(|year| (2000..2100).contains(year)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_name_their_time() {
        for heading in ["历年累计", "统计数(累计)", "2008年以来", "上年统计数", "2015年", "计划数"]
        {
            assert!(is_of_another(heading, Some(2016)), "{heading}");
        }
        for heading in ["统计数", "本年度", "2016年", "2016年度", "数量"] {
            assert!(is_of_the_year(heading, Some(2016)), "{heading}");
        }
        assert!(!is_of_another("2015年", None), "nobody knows of which year the report is");
    }

    #[test]
    fn captions_name_their_time_and_scope() {
        let objects = |caption| objection(caption, Some(2016)).is_some();
        for caption in ["某县政府信息公开情况统计表（2008—2016年累计）", "（2015年度）", "统计表（仅办公室本级）"]
        {
            assert!(objects(caption), "{caption}");
        }
        for caption in ["政府信息公开情况统计表（2016年度）", "附表：统计表", "发布日期：2017-01-20", "（2016年度）"]
        {
            assert!(!objects(caption), "{caption}");
        }
    }
}
