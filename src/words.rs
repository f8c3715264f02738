//! Words for a person that all parts of the house use.

use std::fmt::Display;
use std::io;

/// So many of something: `1 report`, `2 reports`. `one` is the word for one of them.
#[must_use]
pub fn counted<N: Display + PartialEq + From<u8>>(n: N, one: &str) -> String {
    let ending = if n == N::from(1) { "" } else { "s" };
    format!("{n} {one}{ending}")
}

/// Why the system refused a file or a folder, without its numbers where the kind of
/// error says enough.
#[must_use]
pub fn refusal(error: &io::Error) -> String {
    let words = match error.kind() {
        io::ErrorKind::NotFound => "there is no such file or folder",
        io::ErrorKind::PermissionDenied => "this user may not read or write it",
        io::ErrorKind::IsADirectory => "it is a folder, not a file",
        io::ErrorKind::AlreadyExists | io::ErrorKind::NotADirectory => "a file stands where a folder is wanted",
        io::ErrorKind::ReadOnlyFilesystem => "its disk can only be read",
        io::ErrorKind::StorageFull => "the disk is full",
        io::ErrorKind::InvalidData => "it is not UTF-8: save it as UTF-8",
        _ => return error.to_string(),
    };
    words.to_owned()
}
