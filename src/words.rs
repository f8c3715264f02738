//! Words for a person that all parts of the house use.

use std::cmp::Ordering;
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

/// How two names stand, the numbers in them by their size: p-2 before p-10.
#[must_use]
pub fn natural(a: &str, b: &str) -> Ordering {
    pieces(a).cmp(&pieces(b)).then_with(|| a.cmp(b))
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Piece<'a> {
    /// Its digits behind the first zeros: more are greater.
    Number(usize, &'a str),
    Text(&'a str),
}

fn pieces(name: &str) -> Vec<Piece<'_>> {
    let is_of_one = |a: &u8, b: &u8| a.is_ascii_digit() == b.is_ascii_digit();
    let mut at = 0;
    let runs = name.as_bytes().chunk_by(is_of_one).map(|run| {
        at += run.len();
        &name[at - run.len()..at]
    });
    runs.map(|run| {
        let digits = run.trim_start_matches('0');
        if run.starts_with(|c: char| c.is_ascii_digit()) {
            Piece::Number(digits.len(), digits)
        } else {
            Piece::Text(run)
        }
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_names_stand_by_their_size() {
        let mut names = ["demo-10", "demo-2", "330483", "demo-1", "33", "demo", "demo-02b", "市10", "市9"];
        names.sort_by(|a, b| natural(a, b));
        assert_eq!(names, ["33", "330483", "demo", "demo-1", "demo-2", "demo-02b", "demo-10", "市9", "市10"]);
    }
}
