//! Content codings that the HTTP client does not take off.
//!
//! A `gzip` body may be of several members (RFC 1952 2.2), of which the client
//! would give the first alone. `deflate` is the zlib format (RFC 9110 8.4.1.2), but servers also send the
//! bare stream of RFC 1951 under that name; `x-gzip` is gzip (8.4.1.3). A
//! charset in the field's place is a known slip and codes nothing.

use std::io::{self, Write};

use flate2::write::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};

/// What is asked for: what the client takes off, `gzip` and `deflate`.
pub(super) const ACCEPTED: &str = "gzip, br, zstd, deflate";

/// Takes the coding off a body, piece by piece.
pub(super) enum Decoder {
    /// Nothing to take off.
    Plain(Bounded),
    Gzip(MultiGzDecoder<Bounded>),
    /// All members of it, and what follows them is none.
    Ended(Bounded),
    /// The first octets of `deflate` tell which of its two kinds it is.
    Undecided(Vec<u8>, Bounded),
    Zlib(ZlibDecoder<Bounded>),
    Deflate(DeflateDecoder<Bounded>),
}

/// Why a body could not be decoded.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum CodingError {
    /// More came out than is allowed.
    TooLarge,
    /// The bytes are not in their coding, or end too soon.
    Broken(String),
}

impl Decoder {
    /// The decoder of a coding that is left on a body, of at most so many bytes;
    /// none where it is not known.
    pub fn of(coding: Option<&str>, most: usize) -> Option<Self> {
        let body = Bounded { bytes: Vec::new(), most, is_full: false };
        let coding = coding.map(|coding| coding.trim().to_ascii_lowercase()).unwrap_or_default();
        match coding.as_str() {
            "" | "identity" => Some(Self::Plain(body)),
            "gzip" | "x-gzip" => Some(Self::Gzip(MultiGzDecoder::new(body))),
            "deflate" => Some(Self::Undecided(Vec::new(), body)),
            charset if encoding_rs::Encoding::for_label(charset.as_bytes()).is_some() => Some(Self::Plain(body)),
            _ => None,
        }
    }

    /// Takes a piece of the body as it came.
    pub fn push(&mut self, piece: &[u8]) -> Result<(), CodingError> {
        if let Self::Undecided(head, body) = self {
            head.extend_from_slice(piece);
            let [first, second, ..] = head[..] else { return Ok(()) };
            let (head, body) = (std::mem::take(head), body.take());
            *self = if is_zlib(first, second) {
                Self::Zlib(ZlibDecoder::new(body))
            } else {
                Self::Deflate(DeflateDecoder::new(body))
            };
            return self.push(&head);
        }
        let written = match self {
            Self::Plain(body) => body.write_all(piece),
            Self::Gzip(decoder) => match decoder.write_all(piece).and_then(|()| decoder.flush()) {
                // What follows the members and is none is no part of the body.
                Err(error) if error.kind() == io::ErrorKind::InvalidInput && !decoder.get_ref().bytes.is_empty() => {
                    *self = Self::Ended(decoder.get_mut().take());
                    Ok(())
                }
                written => written,
            },
            // What follows the end of a stream is no part of it.
            Self::Zlib(decoder) => write_until_end(decoder, piece),
            Self::Deflate(decoder) => write_until_end(decoder, piece),
            Self::Undecided(..) | Self::Ended(_) => Ok(()),
        };
        written.map_err(|error| self.failure(&error))
    }

    /// The body, where it came to its end.
    pub fn finish(mut self) -> Result<Vec<u8>, CodingError> {
        let finished = match &mut self {
            Self::Plain(_) | Self::Ended(_) => Ok(()),
            Self::Gzip(decoder) => decoder.try_finish(),
            Self::Zlib(decoder) => decoder.try_finish(),
            Self::Deflate(decoder) => decoder.try_finish(),
            Self::Undecided(head, _) if head.is_empty() => Ok(()),
            Self::Undecided(..) => Err(io::ErrorKind::UnexpectedEof.into()),
        };
        finished.map_err(|error| self.failure(&error))?;
        Ok(self.into_body())
    }

    /// What came out, whether or not it is all.
    pub fn into_body(mut self) -> Vec<u8> {
        self.bounded().take().bytes
    }

    fn bounded(&mut self) -> &mut Bounded {
        match self {
            Self::Plain(body) | Self::Undecided(_, body) | Self::Ended(body) => body,
            Self::Gzip(decoder) => decoder.get_mut(),
            Self::Zlib(decoder) => decoder.get_mut(),
            Self::Deflate(decoder) => decoder.get_mut(),
        }
    }

    fn failure(&mut self, error: &io::Error) -> CodingError {
        if self.bounded().is_full { CodingError::TooLarge } else { CodingError::Broken(error.to_string()) }
    }
}

/// The two octets of a zlib header, RFC 1950 2.2: the method, and a check of
/// both.
fn is_zlib(first: u8, second: u8) -> bool {
    first & 0x0f == 8 && (u16::from(first) << 8 | u16::from(second)).is_multiple_of(31)
}

fn write_until_end(decoder: &mut impl Write, mut piece: &[u8]) -> io::Result<()> {
    while !piece.is_empty() {
        match decoder.write(piece)? {
            0 => break,
            n => piece = &piece[n..],
        }
    }
    decoder.flush()
}

/// A body that takes no more than is allowed.
#[derive(Debug)]
pub(super) struct Bounded {
    bytes: Vec<u8>,
    most: usize,
    is_full: bool,
}

impl Bounded {
    fn take(&mut self) -> Self {
        Self { bytes: std::mem::take(&mut self.bytes), ..*self }
    }
}

impl Write for Bounded {
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        if self.bytes.len() + piece.len() > self.most {
            // As far as it goes: a body that may be cut is wanted up to there.
            self.bytes.extend_from_slice(&piece[..self.most - self.bytes.len()]);
            self.is_full = true;
            return Err(io::Error::other("the body is larger than allowed"));
        }
        self.bytes.extend_from_slice(piece);
        Ok(piece.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};

    const TEXT: &[u8] = "政府信息公开工作年度报告 ".as_bytes();

    fn packed(coding: &str) -> Vec<u8> {
        let text = TEXT.repeat(100);
        match coding {
            "zlib" => {
                let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
                encoder.write_all(&text).and_then(|()| encoder.finish())
            }
            "raw" => {
                let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
                encoder.write_all(&text).and_then(|()| encoder.finish())
            }
            _ => {
                let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
                encoder.write_all(&text).and_then(|()| encoder.finish())
            }
        }
        .unwrap()
    }

    /// The name that the server gives, and how the bytes are packed.
    const KINDS: [(&str, &str); 3] = [("deflate", "zlib"), ("Deflate", "raw"), ("x-gzip", "gzip")];

    #[test]
    fn every_kind_comes_out_however_it_is_cut() {
        for (name, kind) in KINDS {
            for size in [1, 2, 3, 7, 10_000] {
                let mut decoder = Decoder::of(Some(name), 1 << 20).unwrap();
                packed(kind).chunks(size).for_each(|piece| decoder.push(piece).unwrap());
                assert_eq!(decoder.finish().unwrap(), TEXT.repeat(100), "{kind} in pieces of {size}");
            }
        }
    }

    #[test]
    fn what_ends_too_soon_is_broken_and_what_is_too_large_is_cut() {
        for (name, kind) in KINDS {
            let packed = packed(kind);
            let mut decoder = Decoder::of(Some(name), 1 << 20).unwrap();
            decoder.push(&packed[..packed.len() / 2]).unwrap();
            assert!(matches!(decoder.finish(), Err(CodingError::Broken(_))), "{kind}");
            let mut decoder = Decoder::of(Some(name), 100).unwrap();
            assert_eq!(decoder.push(&packed), Err(CodingError::TooLarge), "{kind}");
            assert_eq!(decoder.into_body(), TEXT.repeat(100)[..100], "{kind}");
        }
    }

    #[test]
    fn all_members_come_out_and_nothing_else() {
        let members = [packed("gzip"), packed("gzip")].concat();
        let padded = [members.clone(), vec![0; 64]].concat();
        for body in [members, padded] {
            for size in [1, 7, 100_000] {
                let mut decoder = Decoder::of(Some("gzip"), 1 << 20).unwrap();
                body.chunks(size).for_each(|piece| decoder.push(piece).unwrap());
                assert_eq!(decoder.finish().unwrap(), TEXT.repeat(200), "in pieces of {size}");
            }
        }
        let mut decoder = Decoder::of(Some("gzip"), 1 << 20).unwrap();
        assert!(matches!(decoder.push(b"<html><body>not packed at all"), Err(CodingError::Broken(_))));
    }

    #[test]
    fn a_charset_codes_nothing_and_what_is_not_known_has_no_decoder() {
        for plain in [None, Some(""), Some("identity"), Some("UTF-8"), Some("gb2312")] {
            let mut decoder = Decoder::of(plain, 100).unwrap();
            decoder.push(b"<p>").unwrap();
            assert_eq!(decoder.finish().unwrap(), b"<p>");
        }
        assert!(Decoder::of(Some("compress"), 100).is_none());
        assert!(Decoder::of(Some("gzip, gzip"), 100).is_none());
    }
}
