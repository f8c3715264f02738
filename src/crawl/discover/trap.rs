//! URLs that lead nowhere: what makes a crawl endless.

use std::collections::{HashMap, HashSet};

use url::Url;

/// Why a URL is not followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trap {
    /// A path of more than 20 segments (Heritrix's rule).
    TooDeep,
    /// One segment three times: a link that nests into itself.
    RepeatedSegment,
    /// More than ten query fields of which one comes again, or more than forty: a
    /// list with filters that are put to each other.
    Facets,
    /// A calendar: a day or month as a query field.
    Calendar,
}

/// Whether a URL is a trap.
#[must_use]
pub fn trap(url: &Url) -> Option<Trap> {
    let segments: Vec<&str> = url.path_segments().into_iter().flatten().filter(|s| !s.is_empty()).collect();
    if segments.len() > 20 {
        return Some(Trap::TooDeep);
    }
    let mut times: HashMap<&str, u32> = HashMap::new();
    for segment in &segments {
        let n = times.entry(segment).or_default();
        *n += 1;
        // Short numbers repeat in dates: /2018/1/1/1.html
        if *n >= 3 && segment.len() > 2 {
            return Some(Trap::RepeatedSegment);
        }
    }
    let fields = url.query_pairs().map(|(name, value)| (name.to_ascii_lowercase(), value.into_owned()));
    let fields: Vec<(String, String)> = fields.collect();
    // Lists by script have fifteen fields and more, each once.
    let n_names = fields.iter().map(|(name, _)| name).collect::<HashSet<_>>().len();
    if fields.len() > 40 || fields.len() > 10 && n_names < fields.len() {
        return Some(Trap::Facets);
    }
    let calendar = ["calendar", "month", "day", "begindate", "enddate"];
    // An empty field asks for no day.
    let is_day = |(name, value): &(String, String)| calendar.contains(&name.as_str()) && !value.is_empty();
    fields.iter().any(is_day).then_some(Trap::Calendar)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn traps_are_told_from_long_ways() {
        let cases = [
            ("http://a.gov.cn/art/2018/1/1/art_1_1.html", None),
            ("http://a.gov.cn/x/x/x/a", None),
            ("http://a.gov.cn/list/list/list/a", Some(Trap::RepeatedSegment)),
            ("http://a.gov.cn/?month=3", Some(Trap::Calendar)),
            ("http://a.gov.cn/?begindate=&enddate=", None),
        ];
        let query =
            |names: &dyn Fn(u32) -> u32, n: u32| (0..n).map(|i| format!("f{}=1&", names(i))).collect::<String>();
        let filters = [(query(&|i| i, 20), None), (query(&|i| i % 9, 11), Some(Trap::Facets))];
        for (query, expected) in filters.into_iter().chain([(query(&|i| i, 41), Some(Trap::Facets))]) {
            assert_eq!(trap(&format!("http://a.gov.cn/?{query}").parse().unwrap()), expected, "{query}");
        }
        for (url, expected) in cases {
            assert_eq!(trap(&url.parse().unwrap()), expected, "{url}");
        }
        let deep = format!("http://a.gov.cn/{}", (0..21).map(|i| format!("d{i}/")).collect::<String>());
        assert_eq!(trap(&deep.parse().unwrap()), Some(Trap::TooDeep));
    }
}
