//! Bytes to text: which encoding, decided by evidence in a fixed order.

use std::sync::LazyLock;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{BIG5, Encoding, GB18030, GBK, UTF_8, UTF_16BE, UTF_16LE};
use regex::bytes::Regex;

/// How the bytes of a document became text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decoding {
    /// The encoding's name in the WHATWG standard, such as `gb18030`.
    pub encoding: &'static str,
    /// What decided.
    pub evidence: Evidence,
    /// A declaration that the bytes contradicted, as it was spelt.
    pub contradicted: Option<String>,
    /// How many characters were replaced by U+FFFD.
    pub n_replaced: usize,
}

/// What decided the encoding, strongest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Evidence {
    /// A byte order mark.
    ByteOrderMark,
    /// The charset of the HTTP Content-Type.
    Http,
    /// `<meta charset>` or its http-equiv form.
    Meta,
    /// An XML declaration.
    XmlDeclaration,
    /// The bytes themselves.
    Detected,
}

/// Decodes a document's bytes.
///
/// A byte order mark decides; else the first declaration (HTTP, meta, XML)
/// that the bytes do not contradict; else the bytes themselves. `gb2312` and
/// `gbk` are read as GB18030, which contains both, as the WHATWG encoding
/// standard decodes them.
#[must_use]
pub fn decode(body: &[u8], content_type: Option<&str>) -> (String, Decoding) {
    if let Some((encoding, length)) = Encoding::for_bom(body) {
        return finish(encoding, &body[length..], Evidence::ByteOrderMark, None);
    }
    if let Some(encoding) = utf16_without_mark(body) {
        return finish(encoding, body, Evidence::Detected, None);
    }
    let mut contradicted = None;
    for (label, evidence) in declarations(body, content_type) {
        let Some(encoding) = Encoding::for_label(label.as_bytes()) else { continue };
        let encoding = widest(encoding);
        if contradicts(body, encoding) {
            contradicted.get_or_insert(label);
        } else {
            return finish(encoding, body, evidence, contradicted);
        }
    }
    finish(detect(body), body, Evidence::Detected, contradicted)
}

/// The text of a document whose encoding does not matter to the caller.
#[must_use]
pub fn text(capture: &super::Capture) -> String {
    decode(&capture.body, capture.header("content-type")).0
}

fn finish(
    encoding: &'static Encoding,
    bytes: &[u8],
    evidence: Evidence,
    contradicted: Option<String>,
) -> (String, Decoding) {
    let (text, _) = encoding.decode_without_bom_handling(bytes);
    let n_replaced = text.matches('\u{fffd}').count();
    let decoding = Decoding { encoding: encoding.name(), evidence, contradicted, n_replaced };
    (text.into_owned(), decoding)
}

/// What the document and its server say of its encoding, strongest first.
fn declarations(body: &[u8], content_type: Option<&str>) -> Vec<(String, Evidence)> {
    static META: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r#"(?i)<meta[^>]{0,512}?charset\s*=\s*["']?\s*([a-z0-9_:.-]{2,40})"#).ok());
    static XML: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r#"^\s*<\?xml[^>]{0,256}?encoding\s*=\s*["']([a-zA-Z0-9_:.-]{2,40})"#).ok());
    // The standard looks at 1,024 bytes; portals put scripts before the meta.
    let head = &body[..body.len().min(16 * 1024)];
    let label = |regex: &Option<Regex>| {
        let found = regex.as_ref()?.captures(head)?.get(1)?;
        Some(String::from_utf8_lossy(found.as_bytes()).into_owned())
    };
    let http = content_type.and_then(|value| {
        let parameter = value.split(';').map(str::trim).find(|p| p.to_ascii_lowercase().starts_with("charset"))?;
        Some(parameter.split_once('=')?.1.trim().trim_matches(['"', '\'']).to_owned())
    });
    [(http, Evidence::Http), (label(&META), Evidence::Meta), (label(&XML), Evidence::XmlDeclaration)]
        .into_iter()
        .filter_map(|(label, evidence)| Some((label?, evidence)))
        .collect()
}

/// GB18030 for its subsets.
fn widest(encoding: &'static Encoding) -> &'static Encoding {
    if encoding == GBK { GB18030 } else { encoding }
}

/// Whether the bytes cannot well be what is declared.
fn contradicts(body: &[u8], declared: &'static Encoding) -> bool {
    if declared == UTF_16LE || declared == UTF_16BE {
        // The standard reads a declared UTF-16 without a mark as UTF-8.
        return true;
    }
    let utf8 = utf8_evidence(body);
    if declared == UTF_8 {
        return utf8 == Utf8::Not && n_bad(body, UTF_8) > 2 + body.len() / 2000 && detect(body) != UTF_8;
    }
    // Text of another encoding is next to never valid UTF-8.
    if utf8 == Utf8::Surely {
        return true;
    }
    let bad = n_bad(body, declared);
    bad > 2 + body.len() / 200 && n_bad(body, detect(body)) < bad / 4
}

/// What the bytes say for UTF-8.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Utf8 {
    /// Valid, with sequences that another encoding would hardly make.
    Surely,
    /// ASCII, or too little to tell.
    Perhaps,
    /// Not valid.
    Not,
}

fn utf8_evidence(body: &[u8]) -> Utf8 {
    let valid = match std::str::from_utf8(body) {
        Ok(text) => text,
        // A character cut at the end of a page says nothing.
        Err(error) if error.error_len().is_none() && body.len() - error.valid_up_to() < 4 => {
            std::str::from_utf8(&body[..error.valid_up_to()]).unwrap_or_default()
        }
        Err(_) => return Utf8::Not,
    };
    if valid.chars().filter(|c| c.len_utf8() > 2).take(3).count() == 3 { Utf8::Surely } else { Utf8::Perhaps }
}

fn n_bad(body: &[u8], encoding: &'static Encoding) -> usize {
    encoding.decode_without_bom_handling(body).0.matches('\u{fffd}').count()
}

fn detect(body: &[u8]) -> &'static Encoding {
    if utf8_evidence(body) != Utf8::Not {
        return UTF_8;
    }
    // The detector knows the languages of the world; here the choice is one of
    // two, and the subject is known. Its guess decides where the words do not.
    let (utf8, gb, big5) = (n_common(body, UTF_8), n_common(body, GB18030), n_common(body, BIG5));
    // Damaged here and there it is UTF-8 all the same.
    if utf8 > gb.max(big5) {
        return UTF_8;
    }
    if gb != big5 {
        return if gb > big5 { GB18030 } else { BIG5 };
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(body, true);
    let guess = widest(detector.guess(Some(b"cn"), Utf8Detection::Deny));
    // A European guess is a short or damaged Chinese document.
    if guess == BIG5 { BIG5 } else { GB18030 }
}

/// How many characters that official Chinese is full of a decoding yields.
fn n_common(body: &[u8], encoding: &'static Encoding) -> usize {
    const COMMON: &str = "的一不在有年和公政工作信息人中等行大及以情府本市上时申为機关機關開开数數報报發发為时時於对對";
    let head = &body[..body.len().min(64 * 1024)];
    encoding.decode_without_bom_handling(head).0.chars().filter(|c| COMMON.contains(*c)).count()
}

/// Which UTF-16 a document is, by its mark or by its zeros; none where it is
/// another encoding's.
pub(super) fn utf_16(body: &[u8]) -> Option<&'static Encoding> {
    match Encoding::for_bom(body) {
        Some((encoding, _)) => Some(encoding).filter(|encoding| *encoding != UTF_8),
        None => utf16_without_mark(body),
    }
}

/// UTF-16 without a mark: markup is ASCII, so every other byte of it is zero.
fn utf16_without_mark(body: &[u8]) -> Option<&'static Encoding> {
    let head = &body[..body.len().min(4096) & !1];
    if head.len() < 16 || !head.contains(&0) {
        return None;
    }
    let zeros = |parity: usize| head.iter().skip(parity).step_by(2).filter(|byte| **byte == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    let many = head.len() / 2 / 10;
    // A Chinese character's low byte may be zero, but rarely is.
    if even > many && odd < even / 5 {
        Some(UTF_16BE)
    } else if odd > many && even < odd / 5 {
        Some(UTF_16LE)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SENTENCE: &str = "本年度收到政府信息公开申请十二件，均已按时答复。";

    fn of(bytes: &[u8], content_type: Option<&str>) -> (String, &'static str, Evidence, Option<String>, usize) {
        let (text, decoding) = decode(bytes, content_type);
        (text, decoding.encoding, decoding.evidence, decoding.contradicted, decoding.n_replaced)
    }

    fn encoded(encoding: &'static Encoding, text: &str) -> Vec<u8> {
        encoding.encode(text).0.into_owned()
    }

    #[test]
    fn declarations_decide_in_their_order() {
        let meta = format!("<meta charset=gb2312><p>{SENTENCE}");
        let xml = format!("<?xml version='1.0' encoding='gbk'?><p>{SENTENCE}</p>");
        let cases = [
            (encoded(GBK, SENTENCE), Some("text/html; charset=GBK"), "gb18030", Evidence::Http),
            (encoded(GBK, &meta), Some("text/html"), "gb18030", Evidence::Meta),
            (encoded(GBK, &xml), None, "gb18030", Evidence::XmlDeclaration),
            (encoded(GBK, SENTENCE), None, "gb18030", Evidence::Detected),
            (SENTENCE.as_bytes().to_vec(), None, "UTF-8", Evidence::Detected),
        ];
        for (bytes, content_type, encoding, evidence) in cases {
            let (text, found, by, contradicted, bad) = of(&bytes, content_type);
            assert!(text.contains(SENTENCE), "{text}");
            assert_eq!((found.to_lowercase(), by, contradicted, bad), (encoding.to_lowercase(), evidence, None, 0));
        }
    }

    #[test]
    fn a_declaration_that_the_bytes_contradict_loses() {
        let gbk_said_utf8 = encoded(GBK, &format!("<meta charset=utf-8><p>{SENTENCE}"));
        let utf8_said_gbk = format!("<meta charset=gbk><p>{SENTENCE}").into_bytes();
        for (bytes, declared) in [(gbk_said_utf8, "utf-8"), (utf8_said_gbk, "gbk")] {
            let (text, _, evidence, contradicted, bad) = of(&bytes, None);
            assert!(text.contains(SENTENCE));
            assert_eq!((evidence, contradicted.as_deref(), bad), (Evidence::Detected, Some(declared), 0));
        }
    }

    #[test]
    fn traditional_pages_and_utf_16() {
        let hant = "本年度收到政府資訊公開申請，均已按時答覆，並無行政訴訟。";
        let (text, encoding, ..) = of(&encoded(BIG5, hant), None);
        assert_eq!((text.as_str(), encoding), (hant, "Big5"));
        let html = format!("<html><body><p>{SENTENCE}</p></body></html>");
        let units = html.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>();
        assert_eq!(of(&units, None).0, html);
        let marked = [&[0xff, 0xfe][..], &units].concat();
        assert_eq!(of(&marked, None).2, Evidence::ByteOrderMark);
    }

    #[test]
    fn what_is_cut_or_broken_is_counted_and_no_more() {
        let mut bytes = encoded(GBK, SENTENCE);
        bytes.pop();
        let (text, _, _, _, bad) = of(&bytes, Some("text/html; charset=gb2312"));
        assert_eq!(bad, 1);
        assert!(text.starts_with("本年度收到"));
        // A byte in forty is lost: what is left is UTF-8 all the same, declared or not.
        let damaged: Vec<u8> = SENTENCE.repeat(4).into_bytes();
        let damaged: Vec<u8> =
            damaged.iter().enumerate().filter(|(at, _)| at % 40 != 7).map(|(_, byte)| *byte).collect();
        for declared in [Some("text/html; charset=utf-8"), None] {
            assert_eq!(of(&damaged, declared).1, "UTF-8", "{declared:?}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_become_text(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let (text, decoding) = decode(&bytes, None);
            prop_assert_eq!(text.matches('\u{fffd}').count(), decoding.n_replaced);
        }
    }
}
