//! Bytes to text: which encoding, decided by evidence in a fixed order.

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
