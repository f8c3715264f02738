//! Bytes that are no text, told by how they begin.

use super::block::{BinaryKind, PageKind};

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

/// Control characters that no text has, in number. UTF-16 has zeros, but
/// almost only in every other byte.
fn looks_binary(body: &[u8]) -> bool {
    let head = &body[..body.len().min(8192)];
    let is_control = |byte: &u8| *byte < 0x20 && !matches!(*byte, b'\t' | b'\n' | b'\r' | 0x0c | 0x1b | 0);
    let n_control = head.iter().filter(|byte| is_control(byte)).count();
    if !head.contains(&0) {
        return n_control > head.len() / 20;
    }
    let zeros = |parity: usize| head.iter().skip(parity).step_by(2).filter(|byte| **byte == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    n_control > head.len() / 20 || (even > 0 && odd > 0 && even + odd > head.len() / 100)
}
