//! Where the reports of a document begin: a collection has some of them, one after
//! the other.

use std::ops::Range;

use super::title::{is_title_of_report, who, year_of_title};
use crate::page::fold::{fold, is_han};
use crate::page::{Block, BlockKind};

/// A report's part of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Its blocks.
    pub blocks: Range<usize>,
    /// The title that it begins with; none of the first, which may stand anywhere.
    pub title: Option<String>,
}

/// The parts of a document that are reports: mostly it is one. Another begins at a
/// title of another year or issuer, where numbers stand on both sides of it and the
/// text starts over. That a report names last year's, in a line of its own even, is no
/// beginning.
#[must_use]
pub fn parts(blocks: &[Block]) -> Vec<Part> {
    let titles = titles(blocks);
    let mut parts = vec![Part { blocks: 0..blocks.len(), title: None }];
    let mut own: Option<&Title> = None;
    for (n, title) in titles.iter().enumerate() {
        let start = parts.last().map_or(0, |part| part.blocks.start);
        let next = titles[n + 1..].iter().find(|next| next.is_of_another(title));
        let before = &blocks[start..title.lines.start];
        let after = &blocks[title.lines.end..next.map_or(blocks.len(), |next| next.lines.start)];
        let is_another = own.is_none_or(|own| own.is_of_another(title));
        if is_another && counts(before) && counts(after) && starts_over(own, before, title, after) {
            if let Some(before) = parts.last_mut() {
                before.blocks.end = title.lines.start;
            }
            parts.push(Part { blocks: title.lines.start..blocks.len(), title: Some(title.text.clone()) });
            own = Some(title);
        }
        own = own.or(Some(title));
    }
    parts
}

/// A title that stands in lines of its own.
struct Title {
    lines: Range<usize>,
    text: String,
    year: i16,
    who: Option<String>,
}

impl Title {
    fn of(lines: Range<usize>, text: String) -> Option<Self> {
        let year = Some(&text).filter(|text| is_title_of_report(text)).and_then(|text| year_of_title(text))?;
        let who = who(&text);
        Some(Self { lines, text, year, who })
    }

    /// Whether it names another year, or another issuer: one name may be a part of the
    /// other.
    fn is_of_another(&self, other: &Self) -> bool {
        let names = self.who.as_ref().zip(other.who.as_ref());
        self.year != other.year || names.is_some_and(|(a, b)| !a.contains(b.as_str()) && !b.contains(a.as_str()))
    }
}

/// The titles among the blocks: lines, and two lines that are one.
fn titles(blocks: &[Block]) -> Vec<Title> {
    let mut titles: Vec<Title> = Vec::new();
    let mut above: Option<&str> = None;
    for (at, block) in blocks.iter().enumerate() {
        let line = block.line().filter(|line| line.contains(['报', '報']));
        let whole = line.and_then(|line| Title::of(at..at + 1, line.to_owned()));
        // The issuer, or the beginning, in the line above.
        let is_begun = |above: &&str| whole.is_none() || names_an_issuer(above);
        let is_whole = whole.as_ref().is_some_and(|title| title.who.is_some());
        let joined = line.zip(above.filter(is_begun)).filter(|_| !is_whole);
        let joined = joined.and_then(|(line, above)| Title::of(at - 1..at + 1, format!("{above}{line}")));
        titles.extend(joined.or(whole));
        above = block.line().filter(|line| line.chars().count() <= LONGEST_LINE);
    }
    titles
}

/// Characters of a line that may be half a title.
const LONGEST_LINE: usize = 40;

fn names_an_issuer(line: &str) -> bool {
    const ENDS: [&str; 18] = [
        "局", "厅", "委", "会", "办", "室", "处", "院", "政府", "街道", "镇", "乡", "中心", "县", "市", "区", "省",
        "州",
    ];
    let folded = fold(line);
    folded.chars().all(is_han) && ENDS.iter().any(|end| folded.ends_with(end))
}

/// Whether a text behind a title begins a report, and goes on with none.
fn starts_over(own: Option<&Title>, before: &[Block], title: &Title, after: &[Block]) -> bool {
    let has_first = sections(before).any(|section| section == 1);
    match sections(after).next() {
        Some(1) if has_first => return true,
        Some(2..) => return false,
        _ => {}
    }
    let Some(own) = own else { return false };
    match first_year(after) {
        Some(year) if own.year != title.year => year == title.year,
        _ => !has_first && n_chars(before) >= LEAST_CHARS && n_chars(after) >= LEAST_CHARS,
    }
}

/// Characters of a text of which nothing else tells that it is a report of its own.
const LEAST_CHARS: usize = 400;

/// The lines of some blocks; of a table none.
fn lines(blocks: &[Block]) -> impl Iterator<Item = &str> {
    blocks.iter().flat_map(|block| match &block.kind {
        BlockKind::List(items) => items.iter().map(String::as_str).collect(),
        _ => block.line().into_iter().collect::<Vec<_>>(),
    })
}

/// The numbers of the sections that begin there: 一、, 第二部分.
fn sections(blocks: &[Block]) -> impl Iterator<Item = usize> {
    const NUMERALS: [char; 10] = ['一', '二', '三', '四', '五', '六', '七', '八', '九', '十'];
    lines(blocks).filter_map(|line| {
        let rest = line.trim_start().trim_start_matches('第');
        let number = NUMERALS.iter().position(|numeral| rest.starts_with(*numeral))? + 1;
        let rest = rest.chars().nth(1)?;
        matches!(rest, '、' | '部' | '章' | '，').then_some(number)
    })
}

/// Whether anything is counted there.
fn counts(blocks: &[Block]) -> bool {
    let has_count = |text: &str| {
        let mut is_number = false;
        text.chars().filter(|c| !c.is_whitespace()).any(|c| {
            let is_counted = is_number && "条條件次人元万萬个個份篇宗起名".contains(c);
            is_number = c.is_ascii_digit() || ('０'..='９').contains(&c);
            is_counted
        })
    };
    let is_table = |block: &Block| matches!(block.kind, BlockKind::Table(_));
    lines(blocks).any(has_count)
        || blocks.iter().any(|block| is_table(block) && block.text().contains(|c: char| c.is_ascii_digit()))
}

/// The first year that is named near the beginning.
fn first_year(blocks: &[Block]) -> Option<i16> {
    const NEAR: usize = 12;
    lines(blocks).take(NEAR).find_map(|line| {
        let folded = fold(line);
        let year = |(at, _)| {
            folded.get(at..at + 4).filter(|_| folded[at..].get(4..).is_some_and(|rest| rest.starts_with('年')))
        };
        folded.match_indices("20").filter_map(year).find_map(|year| year.parse().ok())
    })
}

fn n_chars(blocks: &[Block]) -> usize {
    blocks.iter().map(|block| block.text().chars().count()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::{Capture, decode};

    #[test]
    fn a_part_begins_where_a_report_starts_over() {
        let report = |title: &str, year: i16| {
            format!(
                "{title}\n一、概述\n{year}年，我局主动公开政府信息6条。\n二、依申请公开\n收到申请3件。\n三、收费\n未收取费用。\n"
            )
        };
        let of_2015 = report("青禾市统计局2015年政府信息公开工作年度报告", 2015);
        let of_2016 = report("青禾市统计局2016年政府信息公开工作年度报告", 2016);
        let of_another = report("青禾市财政局2015年政府信息公开工作年度报告", 2015);
        let in_two_lines = report("青禾市统计局\n2016年政府信息公开工作年度报告", 2016);
        let short = |year: i16| format!("青禾市统计局{year}年政府信息公开年度报告\n{year}年，收到申请3件。\n");
        let names_last_years = of_2016.replace(
            "二、依申请公开\n",
            "二、依申请公开\n青禾市统计局2015年政府信息公开工作年度报告\n2015年收到申请8件。\n",
        );
        let named_in_a_section =
            of_2016.replace("二、依申请公开", "青禾市统计局2015年政府信息公开工作年度报告\n二、依申请公开");
        let linked = format!(
            "{of_2016}青禾市统计局2015年政府信息公开工作年度报告\n青禾市统计局2014年政府信息公开工作年度报告\n"
        );
        let under_a_list = format!("一、概述\n二、依申请公开\n三、收费\n{of_2015}");
        let titled_twice = format!("2015年政府信息公开年报\n{of_2015}");
        let none = String::new();
        let cases = [
            (&of_2015, &none, 1),
            (&of_2015, &of_2016, 2),
            (&of_2015, &of_another, 2),
            (&of_2015, &of_2015, 1),
            (&of_2015, &in_two_lines, 2),
            (&short(2015), &short(2016), 2),
            (&names_last_years, &none, 1),
            (&named_in_a_section, &none, 1),
            (&linked, &none, 1),
            (&under_a_list, &none, 1),
            (&titled_twice, &none, 1),
        ];
        for (first, second, n) in cases {
            let text = format!("{first}{second}");
            let page = decode(&Capture::of_bytes(text.clone().into_bytes()));
            let parts = parts(&page.blocks);
            assert_eq!(parts.len(), n, "{text}");
            let began = parts[1..].iter().map(|part| page.blocks[part.blocks.start].text().into_owned());
            began.for_each(|line| assert!(second.starts_with(&line), "{line} begins {text}"));
        }
    }
}
