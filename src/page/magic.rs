//! Bytes that are no text, told by how they begin.

use super::block::{BinaryKind, PageKind};
use super::charset;

/// What a document is that is no text; none where it may be one.
pub(super) fn not_text(body: &[u8]) -> Option<PageKind> {
    const MAGIC: [(&[u8], BinaryKind); 10] = [
        (b"\x89PNG", BinaryKind::Image),
        (b"\xff\xd8\xff", BinaryKind::Image),
        (b"GIF8", BinaryKind::Image),
        (b"BM", BinaryKind::Image),
        (b"II*\0", BinaryKind::Image),
        (b"MM\0*", BinaryKind::Image),
        (b"%PDF", BinaryKind::Pdf),
        (b"\xd0\xcf\x11\xe0", BinaryKind::Ole),
        (b"PK\x03\x04", BinaryKind::Zip),
        (b"\x1f\x8b", BinaryKind::Other),
    ];
    if body.iter().all(u8::is_ascii_whitespace) {
        return Some(PageKind::Empty);
    }
    if body.starts_with(b"RIFF") && body.get(8..12) == Some(b"WEBP") {
        return Some(PageKind::Binary(BinaryKind::Image));
    }
    // `BM` also begins a text; a bitmap has zeros in its head.
    let known = MAGIC.iter().find(|(start, _)| body.starts_with(start));
    if let Some((_, kind)) = known.filter(|(start, _)| *start != b"BM" || body.iter().take(64).any(|b| *b == 0)) {
        return Some(PageKind::Binary(*kind));
    }
    looks_binary(body).then_some(PageKind::Binary(BinaryKind::Other))
}

/// Control characters that no text has, in number.
fn looks_binary(body: &[u8]) -> bool {
    let head = &body[..body.len().min(8192)];
    if let Some(encoding) = charset::utf_16(head) {
        // Half of a Chinese character may be any byte: 开 is U+5F00.
        let (text, _) = encoding.decode_without_bom_handling(head);
        let is_none = |c: &char| is_control(*c) || matches!(c, '\0' | '\u{e000}'..='\u{f8ff}' | '\u{fffd}');
        return text.chars().filter(is_none).count() > text.chars().count() / 20;
    }
    let n_control = head.iter().filter(|byte| is_control(char::from(**byte))).count();
    if !head.contains(&0) {
        return n_control > head.len() / 20;
    }
    let zeros = |parity: usize| head.iter().skip(parity).step_by(2).filter(|byte| **byte == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    n_control > head.len() / 20 || (even > 0 && odd > 0 && even + odd > head.len() / 100)
}

fn is_control(c: char) -> bool {
    c < ' ' && !matches!(c, '\t' | '\n' | '\r' | '\x0c' | '\x1b' | '\0')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn utf_16_is_text_whatever_the_bytes_of_its_characters_are() {
        let html = format!("<html><body><p>{}</p></body></html>", "政府信息公开年报，不予公开，未开展。".repeat(20));
        let little: Vec<u8> = html.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = html.encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert_eq!(not_text(&[&[0xff, 0xfe], &*little].concat()), None);
        assert_eq!(not_text(&[&[0xfe, 0xff], &*big].concat()), None);
        assert_eq!(not_text(html.as_bytes()), None);
        let noise: Vec<u8> = (0..4000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
        assert_eq!(not_text(&[&[0xff, 0xfe], &*noise].concat()), Some(PageKind::Binary(BinaryKind::Other)));
    }
}
