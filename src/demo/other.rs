//! Pages that are no annual report, of every kind that stands beside one.

use std::sync::LazyLock;

use super::page::{Charset, Chrome, Style, encode, framed};

/// A page that is no report, as `others.csv` tells it: its kind, its title and
/// its pieces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Other {
    /// What it is: a guide, a plan, a shop.
    pub kind: String,
    /// Its title, with `{place}` and `{year}`.
    pub title: String,
    /// Its paragraphs; `TABLE a;b/c;d` is a table, `LINKS a;b` a list of links.
    pub pieces: Vec<String>,
}

/// All of them.
pub static OTHERS: LazyLock<Vec<Other>> = LazyLock::new(|| {
    let mut reader = csv::Reader::from_reader(include_str!("others.csv").as_bytes());
    let rows = reader.records().filter_map(Result::ok);
    rows.filter_map(|row| {
        let pieces = row.get(2)?.split('|').map(str::to_owned).collect();
        Some(Other { kind: row.get(0)?.to_owned(), title: row.get(1)?.to_owned(), pieces })
    })
    .collect()
});

impl Other {
    /// The page, of a place and year, in a chrome and charset.
    #[must_use]
    pub fn render(&self, place: &str, year: i16, chrome: Chrome, charset: Charset) -> Vec<u8> {
        let fill = |text: &str| text.replace("{place}", place).replace("{year}", &year.to_string());
        let body: String = self.pieces.iter().map(|piece| drawn(&fill(piece))).collect();
        encode(&framed(&fill(&self.title), place, Style { chrome, ..Style::PORTAL }, &body), charset)
    }
}

fn drawn(piece: &str) -> String {
    if let Some(rows) = piece.strip_prefix("TABLE ") {
        let cells = |row: &str| row.split(';').map(|cell| format!("<td>{cell}</td>")).collect::<String>();
        let rows: String = rows.split('/').map(|row| format!("<tr>{}</tr>\n", cells(row))).collect();
        return format!("<table border=1>\n{rows}</table>\n");
    }
    if let Some(links) = piece.strip_prefix("LINKS ") {
        let link = |(n, text): (usize, &str)| format!("<li><a href=/a/{n}.html>{text}</a></li>\n");
        return format!("<ul>\n{}</ul>\n", links.split(';').enumerate().map(link).collect::<String>());
    }
    format!("<p>{piece}</p>\n")
}

/// A page that is no report, the first of a kind.
#[must_use]
pub fn other(kind: &str, place: &str) -> Vec<u8> {
    let page = OTHERS.iter().find(|other| other.kind == kind);
    page.map_or_else(Vec::new, |other| other.render(place, 2017, Chrome::Plain, Charset::Utf8))
}
