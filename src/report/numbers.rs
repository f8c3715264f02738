//! Digits in all their spellings: in cells, where the number is all that
//! matters, and in sentences, where it stands among words.

use std::ops::Range;

use rust_decimal::Decimal;
use unicode_normalization::UnicodeNormalization;

use crate::page::fold::{composed, is_circled, is_han, simplified};

/// A number in a sentence.
#[derive(Debug, Clone, PartialEq)]
pub struct Number {
    /// Where it stands, in bytes of the text; a multiplier (万, 亿) included.
    pub span: Range<usize>,
    /// Its value; the multiplier is applied.
    pub value: Decimal,
    /// How it is spelt.
    pub spelling: Spelling,
}

/// How a number is spelt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spelling {
    /// `1234`, `1,234`, `1.2万`, full-width ones too.
    Digits,
    /// 一百二十, 两千零五.
    Numerals,
    /// 二〇一七: digit by digit, mostly a year.
    DigitByDigit,
}

/// What a cell of a statistics table says.
#[derive(Debug, Clone, PartialEq)]
pub enum CellValue {
    /// Nothing at all.
    Blank,
    /// A mark that nothing is reported: `/`, `—`, `无`.
    NotReported,
    /// A number.
    Number(CellNumber),
    /// Words, no number.
    Words,
    /// A number that cannot be read for certain, and why.
    Unreadable(&'static str),
}

impl CellValue {
    /// The number; zero where there is none.
    #[must_use]
    pub fn or_zero(&self) -> Decimal {
        match self {
            Self::Number(number) => number.value,
            Self::Blank | Self::NotReported | Self::Words | Self::Unreadable(_) => Decimal::ZERO,
        }
    }
}

/// A number in a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CellNumber {
    /// Its value in the unit that stands in the cell, if one does.
    pub value: Decimal,
    /// The unit glued to it, such as `元`.
    pub unit: Option<String>,
    /// What else the cell says, such as `（其中修订16件）`.
    pub note: Option<String>,
    /// Whether a letter stood where a zero was meant.
    pub letter_for_zero: bool,
}

/// Digits that no count of a report exceeds; more are cells run together.
const MOST_DIGITS: usize = 15;

/// The units that a number of the forms may carry.
const UNITS: [&str; 26] = [
    "百万元",
    "千万元",
    "万元",
    "亿元",
    "千元",
    "百元",
    "人次",
    "件次",
    "篇次",
    "条次",
    "元",
    "条",
    "件",
    "次",
    "篇",
    "个",
    "人",
    "项",
    "份",
    "场",
    "期",
    "起",
    "宗",
    "名",
    "批",
    "类",
];

/// Reads a cell of a statistics table.
#[must_use]
pub fn cell(text: &str) -> CellValue {
    if let Some(number) = plain(text) {
        return CellValue::Number(number);
    }
    if is_plain_words(text) {
        return CellValue::Words;
    }
    // Before NFKC, which would turn a footnote's ① after a number into a digit.
    let text: String = text.chars().filter(|c| !is_invisible(*c)).collect();
    let (text, footnote) = cut_footnote(text.trim());
    if is_numbered_by_a_circle(text) {
        return CellValue::Words;
    }
    let simple = simplified(text);
    // Circled digits among words are digits here.
    let text = if simple.contains(is_circled) { simple.nfkc().collect() } else { composed(&simple) };
    let text = text.trim();
    if text.is_empty() {
        return CellValue::Blank;
    }
    if is_not_reported(text) {
        return CellValue::NotReported;
    }
    if let Some(zero) = zero_sign(text) {
        return CellValue::Number(zero);
    }
    let (negative, unsigned) = sign(text);
    let Some((value, rest)) = leading_digits(unsigned) else {
        return match unsigned.find(|c: char| c.is_ascii_digit()) {
            Some(_) => CellValue::Unreadable("a number among words"),
            None if is_worded(unsigned) => CellValue::Unreadable("a number in words"),
            None => CellValue::Words,
        };
    };
    let value = match value {
        Ok(value) if negative => -value,
        Ok(value) => value,
        Err(reason) => return CellValue::Unreadable(reason),
    };
    match tail(rest) {
        Ok((_, Some(note))) if has_sign_word(unsigned, text) && note.contains(['增', '减']) => {
            CellValue::Unreadable("two changes in one cell")
        }
        Ok((unit, note)) => {
            let note = note.or_else(|| footnote.map(str::to_owned));
            CellValue::Number(CellNumber { value, unit, note, letter_for_zero: false })
        }
        Err(reason) => CellValue::Unreadable(reason),
    }
}

/// 〇, or a letter in its place, alone or with a unit: 〇条.
fn zero_sign(text: &str) -> Option<CellNumber> {
    let sign = text.chars().next().filter(|c| matches!(c, 'O' | 'o' | '〇' | '○' | 'Ο'))?;
    let rest = &text[sign.len_utf8()..];
    let unit = if rest.is_empty() { None } else { Some(tail(rest).ok()?.0?) };
    Some(CellNumber { value: Decimal::ZERO, unit, note: None, letter_for_zero: sign != '〇' })
}

/// A number of a few digits and nothing else, as most cells are.
fn plain(text: &str) -> Option<CellNumber> {
    let is_plain = (1..=9).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    let value: u32 = text.parse().ok().filter(|_| is_plain && (text.len() == 1 || !text.starts_with('0')))?;
    Some(CellNumber { value: value.into(), unit: None, note: None, letter_for_zero: false })
}

/// Words that begin with a character that no number or mark begins with, and no
/// digit among them.
fn is_plain_words(text: &str) -> bool {
    begins_as_words(text) && !text.chars().any(|c| !is_han(c) && c.is_numeric())
}

/// Whether a text begins with a character that no number or mark begins with.
fn begins_as_words(text: &str) -> bool {
    const MARKS: &str = "一二三四五六七八九十零两百千暂暫没沒无無空不未增减減〇○共约約";
    text.chars().next().is_some_and(|c| is_han(c) && !MARKS.contains(c))
}

/// Whether a text is a number, or says that nothing is reported or has changed.
#[must_use]
pub fn is_value(text: &str) -> bool {
    !begins_as_words(text)
        && (matches!(cell(text), CellValue::Number(_) | CellValue::NotReported) || no_change(text).is_some())
}

/// Whether a text says that nothing is reported.
fn is_not_reported(text: &str) -> bool {
    let bare = text.trim_matches(|c: char| c.is_whitespace() || matches!(c, '(' | ')' | '。'));
    let mark =
        |c: char| matches!(c, '/' | '\\' | '-' | '—' | '―' | '–' | '─' | '－' | '一' | '_' | '*' | '…' | '|' | '丨');
    // A lone 一 is the numeral one, or a dash of a careless typist: no number.
    !bare.is_empty() && bare.chars().all(mark) || matches!(bare, "无" | "無" | "空" | "不适用" | "未统计")
}

/// 零, 十二, 暂无: what a person may mean as a number, or as none.
fn is_worded(text: &str) -> bool {
    matches!(text, "暂无" | "没有" | "暂缺") || text.chars().all(|c| numeral(c).is_some())
}

/// A sign, or the word for one, and what follows.
fn sign(text: &str) -> (bool, &str) {
    for (mark, negative) in [
        ("+", false),
        ("-", true),
        ("−", true),
        ("–", true),
        ("增加", false),
        ("减少", true),
        ("增", false),
        ("减", true),
    ] {
        if let Some(rest) = text.strip_prefix(mark) {
            return (negative, rest.trim_start());
        }
    }
    (false, text)
}

/// What may follow the number in a cell: a multiplier's or another unit, then
/// a note.
fn tail(rest: &str) -> Result<(Option<String>, Option<String>), &'static str> {
    let rest = rest.trim_start();
    if rest.is_empty() {
        return Ok((None, None));
    }
    let unit = UNITS.iter().copied().find(|unit| rest.starts_with(*unit));
    let after = rest[unit.map_or(0, str::len)..].trim_start();
    let (unit, after) = match bracketed(after) {
        Some((inside, beyond)) if unit.is_none() && is_unit(inside) => (Some(name_of_unit(inside)), beyond),
        Some((inside, _)) if is_downwards(inside) => return Err(SIGN_BEHIND),
        _ => (unit, after),
    };
    let note = match after.chars().next() {
        None => None,
        // `363, 961` and `5 ,856`: what parts thousands, or two numbers.
        Some(',' | ';' | '.' | '。' | '*' | '#') if begins_with_digit(after) => {
            return Err("two numbers, or one with a space in it");
        }
        Some('(' | '[' | '〔' | '【' | '*' | '#' | '注' | ',' | ';' | '。' | '含') => Some(after.to_owned()),
        // 其中 begins a note; 其他 is a label whose numbering lost its mark.
        Some('其') if after.starts_with("其中") => Some(after.to_owned()),
        Some(c) if c.is_ascii_digit() => return Err("two numbers run together"),
        Some(_) => return Err("words after the number"),
    };
    Ok((unit.map(str::to_owned), note))
}

/// Whether a mark has a digit behind it, perhaps after a space.
fn begins_with_digit(marked: &str) -> bool {
    let rest = marked.trim_start_matches(|c: char| !c.is_alphanumeric() && !matches!(c, '(' | '[' | '〔' | '【'));
    rest.starts_with(|c: char| c.is_ascii_digit())
}

/// What stands in the brackets that begin a text, and what follows them.
fn bracketed(text: &str) -> Option<(&str, &str)> {
    let (inside, beyond) = text.strip_prefix('(')?.split_once(')')?;
    Some((inside.trim(), beyond.trim_start()))
}

/// `元`, `单位:元`.
fn name_of_unit(text: &str) -> &str {
    text.strip_prefix("单位").unwrap_or(text).trim_start_matches([':', ' '])
}

fn is_unit(text: &str) -> bool {
    UNITS.contains(&name_of_unit(text))
}

/// Why `5（减少）` is no plain number: of a count it says that it fell, of a change
/// that it is one downwards.
pub const SIGN_BEHIND: &str = "a sign behind the number";

/// The number of a cell that tells a change and has its sign behind it:
/// `5（减少）` is -5. None where another sign stands before it.
#[must_use]
pub fn change_downwards(text: &str) -> Option<CellNumber> {
    let text: String = simplified(text).nfkc().filter(|c| !c.is_whitespace()).collect();
    let (number, note) = text.split_once('(')?;
    let CellValue::Number(number) = cell(number) else { return None };
    let is_told = note.strip_suffix(')').is_some_and(is_downwards) && !text.starts_with(['+', '增', '减']);
    (is_told && !number.value.is_sign_negative()).then(|| CellNumber { value: -number.value, ..number })
}

/// Zero, where words say that nothing changed: 无增减, 持平.
#[must_use]
pub fn no_change(text: &str) -> Option<CellNumber> {
    const LONGEST: usize = 36;
    if text.len() > LONGEST || text.is_ascii() {
        return None;
    }
    let words: String = simplified(text).nfkc().filter(|c| !c.is_whitespace()).collect();
    let words = words.strip_prefix("与上年").or_else(|| words.strip_prefix("与去年")).unwrap_or(&words);
    let is_none = matches!(
        words,
        "无增减"
            | "无变化"
            | "没有变化"
            | "未变化"
            | "无变动"
            | "未变动"
            | "不变"
            | "持平"
            | "未增减"
            | "没有增减"
            | "无增加"
            | "未增未减"
            | "不增不减"
            | "无增无减"
    );
    is_none.then_some(CellNumber { value: Decimal::ZERO, unit: None, note: None, letter_for_zero: false })
}

/// Whether a note says that the number before it is to be taken off.
fn is_downwards(note: &str) -> bool {
    matches!(note, "减" | "减少" | "下降" | "降" | "降低" | "负" | "-" | "−" | "↓")
}

/// Whether a word was taken for a sign at the start of a text.
fn has_sign_word(unsigned: &str, text: &str) -> bool {
    unsigned.len() < text.len() && text.starts_with(['增', '减'])
}

/// `②其他`: a circled digit that numbers what follows it.
fn is_numbered_by_a_circle(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next().is_some_and(is_circled) && chars.next().is_some_and(|c| !is_circled(c))
}

/// A footnote mark after a number: `12①`, `12[1]`.
fn cut_footnote(text: &str) -> (&str, Option<&str>) {
    match text.char_indices().next_back() {
        Some((at, c)) if at > 0 && (is_circled(c) || c == '\u{00b9}') => (&text[..at], Some(&text[at..])),
        _ => (text, None),
    }
}

/// The digits that begin a text (thousands separators, a decimal point), and
/// what follows them. None where no digit begins it.
fn leading_digits(text: &str) -> Option<(Result<Decimal, &'static str>, &str)> {
    let bytes = text.as_bytes();
    if !bytes.first()?.is_ascii_digit() {
        return None;
    }
    let mut end = 0;
    while end < bytes.len() {
        let next_is_digit = bytes.get(end + 1).is_some_and(u8::is_ascii_digit);
        match bytes[end] {
            b'0'..=b'9' => end += 1,
            b',' | b'.' if next_is_digit => end += 1,
            _ => break,
        }
    }
    Some((decimal(&text[..end]), &text[end..]))
}

/// A number of digits, separators and a point; an error where the separators
/// do not stand as they should.
fn decimal(text: &str) -> Result<Decimal, &'static str> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    if fraction.contains(['.', ',']) {
        return Err("more than one decimal point");
    }
    let mut groups = whole.split(',');
    let first = groups.next().unwrap_or_default();
    let grouped = whole.contains(',');
    if grouped && (first.len() > 3 || groups.any(|group| group.len() != 3)) {
        return Err("separators that do not part thousands");
    }
    let digits = whole.replace(',', "");
    if digits.len() + fraction.len() > MOST_DIGITS {
        return Err("more digits than any count has");
    }
    if digits.len() > 1 && digits.starts_with('0') {
        return Err("a zero before other digits");
    }
    let plain = if fraction.is_empty() { digits } else { format!("{digits}.{fraction}") };
    plain.parse().map_err(|_| "digits that make no number")
}

/// The numbers of a sentence, in order.
///
/// Digits and Chinese numerals; a number inside a word of Latin letters is
/// none. Whether it is a year, a percentage or a count is the caller's to say.
#[must_use]
pub fn numbers_in(text: &str) -> Vec<Number> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        let number = if half_width(c).is_some() { digits_at(text, at) } else { numerals_at(text, at) };
        match number {
            Some(number) => {
                at = number.span.end;
                found.push(number);
            }
            // A letter and what is glued to it is a name: A4, G20.
            None if c.is_ascii_alphabetic() => {
                at += text[at..].find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(text.len() - at);
            }
            // Numerals in no order of a number: a part of them is none either.
            None if numeral(c).is_some() => {
                at += text[at..].find(|c| numeral(c).is_none()).unwrap_or(text.len() - at);
            }
            None => at += c.len_utf8(),
        }
    }
    found
}

/// A digit, half or full width, as its ASCII one.
fn half_width(c: char) -> Option<char> {
    match c {
        '0'..='9' => Some(c),
        '０'..='９' => char::from_u32(u32::from(c) - u32::from('０') + u32::from('0')),
        _ => None,
    }
}

fn digits_at(text: &str, start: usize) -> Option<Number> {
    let mut plain = String::new();
    let mut end = start;
    let mut rest = text[start..].chars().peekable();
    while let Some(c) = rest.next() {
        if let Some(digit) = half_width(c) {
            plain.push(digit);
        } else if matches!(c, ',' | '，' | '.' | '．') && rest.peek().copied().and_then(half_width).is_some() {
            plain.push(if matches!(c, ',' | '，') { ',' } else { '.' });
        } else {
            break;
        }
        end += c.len_utf8();
    }
    let value = decimal(&plain).ok().or_else(|| {
        // `2016,12` is two numbers with a comma between them: the first one.
        let first = plain.split(',').next()?;
        end = start + text[start..].chars().take(first.len()).map(char::len_utf8).sum::<usize>();
        decimal(first).ok()
    });
    let Some(value) = value else {
        // Digits that make no number are still passed over whole.
        return skip_digits(text, start);
    };
    let (factor, length) = multiplier(&text[end..]);
    let value = value.checked_mul(factor)?.normalize();
    Some(Number { span: start..end + length, value, spelling: Spelling::Digits })
}

/// A run of digits too long for a number, or with a zero before it, as far as
/// it can be valued.
fn skip_digits(text: &str, start: usize) -> Option<Number> {
    let run: String = text[start..].chars().map_while(half_width).collect();
    let length: usize = text[start..].chars().map_while(|c| half_width(c).map(|_| c.len_utf8())).sum();
    let value = run.get(..run.len().min(MOST_DIGITS))?.parse().ok()?;
    Some(Number { span: start..start + length, value, spelling: Spelling::DigitByDigit })
}

/// 万 or 亿 after digits, unless it belongs to a unit (万元, 亿元).
fn multiplier(rest: &str) -> (Decimal, usize) {
    for (word, factor) in [("万", 10_000), ("萬", 10_000), ("亿", 100_000_000), ("億", 100_000_000)] {
        if let Some(after) = rest.strip_prefix(word)
            && !after.starts_with('元')
        {
            return (Decimal::from(factor), word.len());
        }
    }
    (Decimal::ONE, 0)
}

fn numerals_at(text: &str, start: usize) -> Option<Number> {
    let run: Vec<char> = text[start..].chars().take_while(|c| numeral(*c).is_some()).take(24).collect();
    let length: usize = run.iter().map(|c| c.len_utf8()).sum();
    let span = start..start + length;
    if run.is_empty() {
        return None;
    }
    let units = run.iter().any(|c| matches!(numeral(*c), Some(Numeral::Unit(_))));
    if units {
        let value = Decimal::from(positional(&run)?);
        return Some(Number { span, value, spelling: Spelling::Numerals });
    }
    if run.len() == 1 {
        let Some(Numeral::Digit(digit)) = numeral(run[0]) else { return None };
        return Some(Number { span, value: Decimal::from(digit), spelling: Spelling::Numerals });
    }
    let digits = run.iter().filter_map(|c| match numeral(*c) {
        Some(Numeral::Digit(digit)) => char::from_digit(digit, 10),
        _ => None,
    });
    let value = digits.take(MOST_DIGITS).collect::<String>().parse().ok()?;
    Some(Number { span, value, spelling: Spelling::DigitByDigit })
}

#[derive(Clone, Copy)]
enum Numeral {
    Digit(u32),
    Unit(u64),
}

fn numeral(c: char) -> Option<Numeral> {
    Some(match c {
        '〇' | '零' | '○' => Numeral::Digit(0),
        '一' | '壹' => Numeral::Digit(1),
        '二' | '两' | '兩' | '贰' => Numeral::Digit(2),
        '三' | '叁' => Numeral::Digit(3),
        '四' | '肆' => Numeral::Digit(4),
        '五' | '伍' => Numeral::Digit(5),
        '六' | '陆' => Numeral::Digit(6),
        '七' | '柒' => Numeral::Digit(7),
        '八' | '捌' => Numeral::Digit(8),
        '九' | '玖' => Numeral::Digit(9),
        '十' | '拾' => Numeral::Unit(10),
        '百' | '佰' => Numeral::Unit(100),
        '千' | '仟' => Numeral::Unit(1000),
        '万' | '萬' => Numeral::Unit(10_000),
        '亿' | '億' => Numeral::Unit(100_000_000),
        _ => return None,
    })
}

/// 一万二千三百零四 as 12304; none where the order is not that of a number, nor where
/// people mean what is not written: 一万二 for 12,000.
fn positional(run: &[char]) -> Option<u64> {
    let (mut total, mut section, mut digit) = (0_u64, 0_u64, None::<u64>);
    let (mut last_unit, mut last_large) = (u64::MAX, u64::MAX);
    // Of the unit right before, which a digit at the end would be a part of.
    let mut ends_short_of = 0_u64;
    for c in run {
        match numeral(*c)? {
            Numeral::Digit(0) => {
                if digit.is_some() {
                    return None;
                }
                ends_short_of = 0;
            }
            Numeral::Digit(value) => {
                if digit.replace(u64::from(value)).is_some() {
                    return None;
                }
            }
            Numeral::Unit(unit) if unit >= 10_000 => {
                section = section.checked_add(digit.take().unwrap_or(0))?;
                if section == 0 || unit >= last_large {
                    return None;
                }
                total = total.checked_add(section.checked_mul(unit)?)?;
                section = 0;
                (last_unit, last_large, ends_short_of) = (u64::MAX, unit, unit);
            }
            Numeral::Unit(unit) => {
                // 十二 begins with its unit; 百 and 千 need a digit.
                let times = match digit.take() {
                    Some(digit) => digit,
                    None if unit == 10 && section % 100 == 0 => 1,
                    None => return None,
                };
                if unit >= last_unit {
                    return None;
                }
                (last_unit, ends_short_of) = (unit, unit);
                section = section.checked_add(times.checked_mul(unit)?)?;
            }
        }
    }
    if digit.is_some() && ends_short_of >= 100 {
        return None;
    }
    total.checked_add(section)?.checked_add(digit.unwrap_or(0))
}

fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{00ad}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn cells() {
        let number = |text: &str| match cell(text) {
            CellValue::Number(number) => number.value.to_string(),
            other => format!("{other:?}"),
        };
        let cases = [
            ("224", "224"),
            (" 1,234 ", "1234"),
            ("１２３", "123"),
            ("+5174", "5174"),
            ("-183", "-183"),
            ("7730.28", "7730.28"),
            ("22（其中修订 16 件）", "22"),
            ("12①", "12"),
            ("12[1]", "12"),
            ("③", "3"),
            ("③其他", "Words"),
            ("12其中修订3件", "12"),
            ("2其他法律", "Unreadable(\"words after the number\")"),
            ("27225290916元", "27225290916"),
            ("0", "0"),
            ("〇", "0"),
            ("O", "0"),
            ("\u{a0}", "Blank"),
            ("", "Blank"),
            ("/", "NotReported"),
            ("——", "NotReported"),
            ("无", "NotReported"),
            ("总计", "Words"),
            ("3500（元）", "3500"),
            ("零", "Unreadable(\"a number in words\")"),
            ("十二", "Unreadable(\"a number in words\")"),
            ("暂无", "Unreadable(\"a number in words\")"),
            ("–5", "-5"),
            ("5（其中减少2项）", "5"),
            ("363, 961", "Unreadable(\"two numbers, or one with a space in it\")"),
            ("5 ,856", "Unreadable(\"two numbers, or one with a space in it\")"),
            ("12；3", "Unreadable(\"two numbers, or one with a space in it\")"),
            ("5（减少）", "Unreadable(\"a sign behind the number\")"),
            ("增加5项，减少3项", "Unreadable(\"two changes in one cell\")"),
            ("12 34", "Unreadable(\"two numbers run together\")"),
            ("12,34", "Unreadable(\"separators that do not part thousands\")"),
            ("0012", "Unreadable(\"a zero before other digits\")"),
            ("1.2.3", "Unreadable(\"more than one decimal point\")"),
            ("共12件", "Unreadable(\"a number among words\")"),
            ("1234567890123456", "Unreadable(\"more digits than any count has\")"),
        ];
        for (text, expected) in cases {
            assert_eq!(number(text), expected, "{text:?}");
        }
    }

    #[test]
    fn a_unit_glued_to_a_cells_number_is_told() {
        let CellValue::Number(number) = cell("12.5万元") else { panic!("a number") };
        assert_eq!((number.value.to_string().as_str(), number.unit.as_deref()), ("12.5", Some("万元")));
        for text in ["3500（元）", "3500 (单位：元)", "3500元（不含税）"] {
            let CellValue::Number(number) = cell(text) else { panic!("{text}: a number") };
            assert_eq!(number.unit.as_deref(), Some("元"), "{text}");
        }
    }

    #[test]
    fn numbers_of_sentences() {
        let cases = [
            ("公开信息1,234条", "1234"),
            ("公开信息１２３４条，比上年", "1234"),
            ("约1.2万条", "12000"),
            ("收费3万元", "3"),
            ("二〇一七年", "2017"),
            ("一百二十三件", "123"),
            ("十二件", "12"),
            ("一万二千三百零四人", "12304"),
            ("两千零五件", "2005"),
            ("一亿二千万元", "120000000"),
            ("一万二人", ""),
            ("三千五件", ""),
            ("用A4纸，G20峰会", ""),
            ("2017年、2018年", "2017 2018"),
            ("第三十三条", "33"),
            ("3亿", "300000000"),
            ("1，234条", "1234"),
            ("15，16日", "15 16"),
            ("1.5,12件", "1.5 12"),
            ("0.5件", "0.5"),
        ];
        for (text, expected) in cases {
            let values: Vec<_> = numbers_in(text).iter().map(|number| number.value.to_string()).collect();
            assert_eq!(values.join(" "), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn every_count_is_read_back(n in 0_u64..1_000_000_000_000) {
            let grouped = {
                let digits = n.to_string();
                let mut text = String::new();
                for (i, c) in digits.chars().enumerate() {
                    if i > 0 && (digits.len() - i) % 3 == 0 {
                        text.push(',');
                    }
                    text.push(c);
                }
                text
            };
            for text in [n.to_string(), grouped] {
                let CellValue::Number(number) = cell(&text) else { panic!("{text}") };
                prop_assert_eq!(number.value, Decimal::from(n));
                prop_assert_eq!(numbers_in(&text)[0].value, Decimal::from(n));
            }
        }

        #[test]
        fn spans_lie_in_the_text_and_in_order(text in "[0-9０-９一二十百千万亿零〇,，.年件 aA]{0,40}") {
            let mut end = 0;
            for number in numbers_in(&text) {
                prop_assert!(number.span.start >= end && number.span.end > number.span.start);
                prop_assert!(text.get(number.span.clone()).is_some());
                end = number.span.end;
            }
        }

        #[test]
        fn nothing_panics(text in "\\PC{0,60}") {
            let _ = (cell(&text), numbers_in(&text));
        }
    }
}
