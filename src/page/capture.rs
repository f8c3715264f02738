//! What the wire gave, before anything is understood of it.

use jiff::Timestamp;
use sha2::{Digest, Sha256};
use url::Url;

/// One answer of a server, or one local file, with the bytes as they came
/// (after the transfer and content codings were taken off).
///
/// A capture is all that [`crate::read`] sees of the world: the same capture
/// gives the same reading for ever.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Capture {
    /// The URL that was asked for; none for a local file.
    pub requested_url: Option<Url>,
    /// The URL that answered, after redirects; none for a local file.
    pub final_url: Option<Url>,
    /// When the answer had arrived; none for a local file.
    pub fetched_at: Option<Timestamp>,
    /// The HTTP status; none where there was no HTTP.
    pub status: Option<u16>,
    /// The response's header fields in order, names as they were sent.
    pub headers: Vec<(String, String)>,
    /// The payload.
    pub body: Vec<u8>,
    /// What belongs to this document and was fetched apart, in reading order:
    /// the article's next pages, its frames.
    pub parts: Vec<Capture>,
    /// What is known of the place from the configuration.
    pub hint: PlaceHint,
}

/// What the configuration knows of the place a capture comes from. A hint is
/// evidence like any other, never the last word.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PlaceHint {
    /// The portal's id in `config/portals.toml`.
    pub portal: Option<String>,
    /// The portal's name, such as 桐乡市人民政府.
    pub name: Option<String>,
    /// The six-digit code of the portal's region.
    pub region: Option<String>,
}

impl Capture {
    /// A capture of bytes that came from no server.
    #[must_use]
    pub fn of_bytes(body: Vec<u8>) -> Self {
        Self { body, ..Self::default() }
    }

    /// The URL this document is known by: the one that answered, else the one
    /// that was asked for.
    #[must_use]
    pub fn url(&self) -> Option<&Url> {
        self.final_url.as_ref().or(self.requested_url.as_ref())
    }

    /// The first value of a header field, its name compared as RFC 9110 does.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let field = self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name));
        field.map(|(_, value)| value.as_str())
    }

    /// SHA-256 of the payload, parts not counted, in lower-case hexadecimal.
    #[must_use]
    pub fn payload_sha256(&self) -> String {
        hex(&Sha256::digest(&self.body))
    }
}

/// Lower-case hexadecimal of bytes.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
