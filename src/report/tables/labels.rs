//! One spelling for labels, and the rows of a form that match one.

use std::collections::BTreeSet;

use super::super::catalogue::{Catalogue, Evidence, Indicator};
use super::super::types::Form;
use crate::page::fold::{fold, is_circled, is_han};

/// A label in the spelling in which labels are compared: folded, without its
/// numbering, its notes in brackets, 其中, footnote marks and punctuation.
pub(in crate::report) fn bare(text: &str) -> String {
    // Most cells are numbers.
    if text.bytes().all(|byte| byte.is_ascii() && !byte.is_ascii_alphabetic()) {
        return String::new();
    }
    let mut folded = fold(text);
    cut_brackets(&mut folded);
    let unnumbered = without_numbering(&folded);
    let of_which = unnumbered.strip_prefix("其中").unwrap_or(unnumbered);
    let of_which = without_numbering(of_which.trim_start_matches([':', ',']));
    let n_cut = folded.len() - of_which.len();
    folded.drain(..n_cut);
    folded.retain(|c| is_han(c) || c.is_alphabetic());
    for unit in ["单位件", "单位条", "单位万元", "单位次", "单位人"] {
        if folded.ends_with(unit) {
            folded.truncate(folded.len() - unit.len());
            break;
        }
    }
    folded
}

/// Whether a text's bracket is still open at its end.
pub(super) fn has_open_bracket(text: &str) -> bool {
    let folded = fold(text);
    folded.matches('(').count() > folded.matches(')').count()
}

/// Whether a text begins with the numbering of a row.
pub(super) fn is_numbered(text: &str) -> bool {
    let folded = fold(text);
    let is_circled = text.trim_start().starts_with(is_circled);
    is_circled || without_numbering(&folded).len() < folded.len() || folded.starts_with("其中")
}

/// The parts of a label that gives its way from the top: 三、办理结果—(一)予以公开,
/// (三)不予公开 1.属于国家秘密.
pub(super) fn parts_of_path(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest?;
        let cut = text.char_indices().skip(1).find(|(at, c)| {
            let behind = text[at + c.len_utf8()..].trim_start();
            matches!(c, '—' | '–' | '－' | '→' | '>' | '＞' | '»') || (c.is_whitespace() && is_numbered(behind))
        });
        rest = cut.map(|(at, c)| text[at + c.len_utf8()..].trim_start());
        Some(cut.map_or(text, |(at, _)| &text[..at]))
    })
    .filter(|part| !part.trim().is_empty())
}

/// What stands over the numbers of rows, bare, before a longer word of its beginning.
pub(super) const SERIALS: [&str; 10] =
    ["指标代码", "指标编码", "代码", "编码", "行次", "行号", "栏次", "项次", "序号", "编号"];

/// The heading of a column that numbers the rows, bare.
pub(super) fn is_serial(bare: &str) -> bool {
    SERIALS.contains(&bare)
}

/// - 4 - , 第4页, 4/12: a page's number between rows.
pub(super) fn is_page_number(folded: &str) -> bool {
    let dashed = folded.strip_prefix(['-', '—', '·']).and_then(|rest| rest.strip_suffix(['-', '—', '·']));
    let named = folded.strip_prefix('第').and_then(|rest| rest.split_once('页')).map(|(number, _)| number);
    let number = dashed.or(named).map(|number| number.trim_matches(['-', '—']));
    number.is_some_and(|number| (1..=3).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_digit()))
}

/// Without what is in brackets, an open one's to the end; numbering in
/// brackets at the start goes too, as it would anyway.
fn cut_brackets(folded: &mut String) {
    let mut depth = 0_u32;
    folded.retain(|c| match c {
        '(' | '[' | '〔' | '【' => {
            depth += 1;
            false
        }
        ')' | ']' | '〕' | '】' => {
            depth = depth.saturating_sub(1);
            false
        }
        _ => depth == 0,
    });
}

/// Without 一、 (一) 1. 1、 at the start.
fn without_numbering(folded: &str) -> &str {
    let numeral = |c: char| matches!(c, '一' | '二' | '三' | '四' | '五' | '六' | '七' | '八' | '九' | '十');
    let number = |c: char| c.is_ascii_digit() || numeral(c);
    let inside = folded.strip_prefix('(').unwrap_or(folded);
    let rest = inside.trim_start_matches(number);
    let is_number = rest.len() < inside.len();
    let closed = rest.trim_start_matches(['、', '.', ')', ',', ':', '-']);
    if is_number && closed.len() < rest.len() { closed } else { folded }
}

/// The rows of one form under their bare labels, by section.
pub(super) struct Labels<'a> {
    rows: Vec<(&'a str, &'a str, &'a Indicator)>,
    sections: BTreeSet<&'a str>,
}

/// How a label matched a row.
#[derive(Clone, Copy, PartialEq)]
pub(super) struct Match<'a> {
    pub row: &'a Indicator,
    pub evidence: Evidence,
}

impl<'a> Labels<'a> {
    pub fn of(form: Form, catalogue: &'a Catalogue) -> Self {
        let spelt = |row: &'a Indicator| (row.spelling.section.as_str(), row.spelling.levels[0].as_str(), row);
        let rows: Vec<_> = catalogue.rows(form).map(spelt).collect();
        let sections = rows.iter().map(|(section, _, _)| *section).collect();
        Self { rows, sections }
    }

    /// The section that a bare text heads.
    pub fn section(&self, bare: &str) -> Option<&str> {
        self.sections.get(bare).copied()
    }

    /// The section that a text of several lines begins to head: 八、机构建设和保障经费情,
    /// the rest behind what stands beside it.
    pub fn section_begun(&self, text: &str) -> Option<&str> {
        const LEAST: usize = 8;
        let is_numbered = text.trim_start().chars().nth(1) == Some('、');
        let begun = Some(bare(text)).filter(|begun| is_numbered && begun.chars().count() >= LEAST)?;
        let mut sections = self.sections.iter().filter(|section| section.starts_with(&begun));
        sections.next().copied().filter(|_| sections.next().is_none())
    }

    /// The row of a bare label: in the current section, else the only one of
    /// the form.
    pub fn find(&self, bare: &str, section: Option<&str>) -> Option<Match<'a>> {
        if !(3..=LONGEST).contains(&bare.chars().count()) {
            return None;
        }
        self.exact(bare, section).map(|row| Match { row, evidence: Evidence::Exact }).or_else(|| {
            let section = section?;
            let counted = || self.exact(&format!("{bare}数"), Some(section)).filter(|row| self.is_of(row, section));
            let row = self.variant(bare, section).or_else(counted)?;
            Some(Match { row, evidence: Evidence::LabelVariant })
        })
    }

    pub fn exact(&self, bare: &str, section: Option<&str>) -> Option<&'a Indicator> {
        let mut same = self.rows.iter().filter(|(_, label, _)| *label == bare);
        let first = same.next()?;
        let is_here = |(of, _, _): &&(&str, &str, &Indicator)| section == Some(*of);
        match same.next() {
            None => Some(first.2),
            Some(second) => [first, second].into_iter().chain(same).find(is_here).map(|(_, _, row)| *row),
        }
    }

    /// Whether a row stands in a section.
    fn is_of(&self, row: &Indicator, section: &str) -> bool {
        self.rows.iter().any(|(of, _, other)| *of == section && other.id == row.id)
    }

    /// Whether a bare text is the beginning of a label that is longer.
    pub fn begins_one(&self, bare: &str) -> bool {
        bare.chars().count() >= 2
            && self.rows.iter().any(|(_, label, _)| label.len() > bare.len() && label.starts_with(bare))
    }

    /// The one row of a section whose label is nearly the text.
    fn variant(&self, bare: &str, section: &str) -> Option<&'a Indicator> {
        // Some sections' headings are themselves rows: these begin anywhere.
        let here = self.rows.iter().filter(|(of, label, _)| *of == section || of == label);
        let here = here.map(|(_, label, row)| (*label, *row));
        nearest(bare, here.clone()).or_else(|| shortened(bare, here))
    }
}

/// Characters above which a text is no label: the forms' longest has 37.
const LONGEST: usize = 60;

/// The one label that a clipped, lengthened, shortened or misspelt text can mean.
///
/// It contains the text or is contained in it, two thirds at least, and no
/// other does; or it differs by a character in six, and every other label by
/// two more; or words were left out of it and of no other ([`shortened`]). A
/// variant never turns the meaning (不予 against 予以), and two characters in three
/// must be there: below five nothing is certain.
pub(super) fn nearest<'l, T: Copy>(bare: &str, labels: impl Iterator<Item = (&'l str, T)>) -> Option<T> {
    let chars: Vec<char> = bare.chars().collect();
    let n = chars.len();
    if !(5..=LONGEST).contains(&n) {
        return None;
    }
    let (mut within, mut n_within) = (None, 0);
    let mut best: Option<(usize, &str, T)> = None;
    let mut second = usize::MAX;
    for (label, row) in labels {
        let m = label.chars().count();
        if n.min(m) * 3 >= n.max(m) * 2 && (label.contains(bare) || bare.contains(label)) {
            n_within += 1;
            within = Some((label, row));
        }
        // A label further away than this can be neither the one meant nor a
        // rival of it.
        let most = m / 6 + 2;
        if n.abs_diff(m) > most {
            continue;
        }
        let distance = distance(&chars, label, most);
        match best {
            Some((least, nearest, _)) if distance >= least => {
                if nearest != label {
                    second = second.min(distance);
                }
            }
            Some((least, nearest, _)) => {
                if nearest != label {
                    second = second.min(least);
                }
                best = Some((distance, label, row));
            }
            None => best = Some((distance, label, row)),
        }
    }
    if n_within > 0 {
        return within.filter(|(label, _)| n_within == 1 && !negated(bare, label)).map(|(_, row)| row);
    }
    let is_near =
        |distance: usize, label: &str| distance <= (label.chars().count() / 6).max(1) && second >= distance + 2;
    let near = best.filter(|(distance, label, _)| is_near(*distance, label) && !negated(bare, label));
    near.map(|(_, _, row)| row)
}

/// The one label from which words were left out: 主动公开信息数 for 主动公开政府信息数,
/// 申请人无正当理由逾期不补正 for the whole of the row. It begins with the same two
/// characters and has half of the label's, or is a beginning of eight.
pub(super) fn shortened<'l, T: Copy>(bare: &str, labels: impl Iterator<Item = (&'l str, T)>) -> Option<T> {
    const LEAST: usize = 5;
    const CLIPPED: usize = 8;
    let n = bare.chars().count();
    if !(LEAST..=LONGEST).contains(&n) {
        return None;
    }
    let is_of = |label: &str| {
        let mut left = label.chars();
        let is_shorter = label.chars().count() > n && label.chars().take(2).eq(bare.chars().take(2));
        let is_clipped = n >= CLIPPED && label.starts_with(bare);
        let is_enough = 2 * n >= label.chars().count() && !negated(bare, label);
        is_shorter && (is_clipped || (is_enough && bare.chars().all(|c| left.any(|of| of == c))))
    };
    let mut found = labels.filter(|(label, _)| is_of(label));
    let (label, row) = found.next()?;
    found.all(|(other, _)| other == label).then_some(row)
}

/// How many characters must be put in, taken out or changed (Levenshtein), at
/// most `most + 1`.
fn distance(a: &[char], b: &str, most: usize) -> usize {
    let mut above: Vec<usize> = (0..=a.len()).collect();
    let mut row = vec![0; a.len() + 1];
    for (at, c) in b.chars().enumerate() {
        row[0] = at + 1;
        for (before, other) in a.iter().enumerate() {
            let change = above[before] + usize::from(*other != c);
            row[before + 1] = change.min(above[before + 1] + 1).min(row[before] + 1);
        }
        if row.iter().min().is_some_and(|least| *least > most) {
            return most + 1;
        }
        std::mem::swap(&mut above, &mut row);
    }
    above[a.len()].min(most + 1)
}

/// 不予 against 予以, 未 and the like: a variant must not turn the meaning.
fn negated(a: &str, b: &str) -> bool {
    let n = |text: &str| text.matches(['不', '未', '非', '无']).count();
    n(a) != n(b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_label_means_one_row_or_none() {
        let labels =
            ["属于国家秘密", "其他法律行政法规禁止公开", "保护第三方合法权益", "涉及商业秘密数", "涉及国家秘密数"];
        let nearest = |text| nearest(text, labels.into_iter().map(|label| (label, label)));
        assert_eq!(nearest("其他法律行政止公开"), None, "three characters of twelve are too many");
        assert_eq!(nearest("其他法律行政法规止公开"), Some("其他法律行政法规禁止公开"));
        assert_eq!(nearest("其他法律行政法规禁止公开的"), Some("其他法律行政法规禁止公开"));
        assert_eq!(nearest("保护第三合法权益"), Some("保护第三方合法权益"));
        assert_eq!(nearest("涉及秘密数"), None, "either of two");
        assert_eq!(nearest("不属于国家秘密"), None, "the meaning turned");
    }

    #[test]
    fn a_label_with_words_left_out_means_one_row_or_none() {
        let labels = [
            "主动公开政府信息数",
            "主动公开规范性文件数",
            "同意公开答复数",
            "不同意公开答复数",
            "同意部分公开答复数",
            "申请人无正当理由逾期不补正行政机关不再处理其政府信息公开申请",
        ];
        let shortened = |text| shortened(text, labels.into_iter().map(|label| (label, label)));
        assert_eq!(shortened("主动公开信息数"), Some("主动公开政府信息数"));
        assert_eq!(shortened("主动公开数量"), None, "a character that it has not");
        assert_eq!(shortened("主动公开数"), None, "either of two");
        assert_eq!(shortened("同意答复数"), None, "either of two");
        assert_eq!(shortened("申请人无正当理由逾期不补正"), Some(labels[5]), "clipped");
    }

    #[test]
    fn labels_in_one_spelling() {
        let cases = [
            ("（一）主动公开政府信息数（不同渠道和方式公开相同信息计1条）", "主动公开政府信息数"),
            ("    其中:主动公开规范性文件数", "主动公开规范性文件数"),
            ("1.微博、微信回应事件数", "微博微信回应事件数"),
            ("（三）危及“三安全一稳定”", "危及三安全一稳定"),
            ("一、本年新收政府信息公开申请數量", "本年新收政府信息公开申请数量"),
            ("第二十条第（一）项[1]", "第二十条第项"),
            ("1.专职人员数(不包括政府公报及政府网站工作", "专职人员数"),
            ("三、 依 申 请 公 开 情 况", "依申请公开情况"),
            ("①属于国家秘密", "属于国家秘密"),
            ("一次性告知", "一次性告知"),
        ];
        for (text, expected) in cases {
            assert_eq!(bare(text), expected, "{text}");
        }
    }
}
