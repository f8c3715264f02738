//! Pages made to hurt: no panic, no stack overflow, bounded work.
//!
//! The bounds are on counts, not on time: what is nested too deep is unwrapped,
//! what spans too far is cut, and it is said. `shapes` holds the documents.
#![allow(missing_docs)]

mod shapes;

use gongkai::page::{Block, BlockKind, PageKind, decode};
use gongkai::{Capture, Catalogue, read};
use proptest::prelude::*;

fn page(text: String) -> gongkai::page::Page {
    decode(&Capture::of_bytes(text.into_bytes()))
}

/// The counts that no document may exceed, whatever it is made of.
fn assert_bounded(name: &str, reading: &gongkai::Reading) {
    const MOST_BLOCKS: usize = 20_000;
    assert_eq!(reading.reports.is_empty(), reading.no_report.is_some(), "{name}");
    let dropped = reading.article.dropped.iter().map(|dropped| &dropped.block);
    let blocks: Vec<&Block> = reading.article.blocks.iter().chain(dropped).collect();
    assert!(blocks.len() <= MOST_BLOCKS, "{name}: {} blocks", blocks.len());
    for block in blocks {
        let place = block.locator.to_string();
        assert!(place.len() < 5000 && place.matches('/').count() <= 80, "{name}: {place}");
    }
    let rows = catalogue().indicators.len() * 8;
    for report in &reading.reports {
        // A cell is read once or unread once, however often it stands there.
        assert!(report.facts.len() <= 2 * rows && report.unread.len() <= 2 * rows, "{name}");
        assert!(report.checks.len() <= rows, "{name}");
    }
}

#[test]
fn every_shape_is_read_within_bounds() {
    for shape in shapes::all() {
        let document = shape.document(40_000);
        assert!(document.len() <= 40_000, "{}", shape.name);
        assert_bounded(shape.name, &read(&Capture::of_bytes(document.into_bytes()), catalogue()));
    }
    for (name, bytes) in shapes::bytes(40_000) {
        assert_bounded(name, &read(&Capture::of_bytes(bytes), catalogue()));
    }
}

#[test]
fn what_is_left_out_is_said() {
    let many = "more than 20000 blocks, 50000 cells or 1 MiB of text";
    let cases = [
        ("div", 200_000, "nested deeper than 400"),
        ("rt", 200_000, "nested deeper than 400"),
        ("table", 200_000, "nested deeper than 400"),
        ("attributes", 20_000, "attributes of a tag of more than 8192 bytes"),
        ("empty paragraphs", 3_100_000, "more than 1000000 tags"),
        ("paragraphs", 200_000, many),
        ("items", 200_000, many),
        ("short lines", 200_000, many),
        ("small tables", 600_000, many),
        ("one character", 1_100_000, many),
        ("columns", 20_000, "300 columns"),
        ("bombs", 100_000, "300 columns"),
        ("rows", 800_000, "too many cells"),
        ("empty rows", 300_000, "too many cells"),
        ("figures in a sentence", 20_000, "1 sentence passed over: too long, or too many"),
        ("figures in sentences", 500_000, "sentences passed over: too long, or too many"),
        ("bytes 0xff", 20_000, "20000 characters could not be decoded"),
    ];
    for (name, size, expected) in cases {
        let shape = shapes::all().find(|shape| shape.name == name).map(|shape| shape.document(size).into_bytes());
        let bytes =
            shape.or_else(|| shapes::bytes(size).into_iter().find(|(of, _)| *of == name).map(|(_, bytes)| bytes));
        let reading = read(&Capture::of_bytes(bytes.unwrap()), catalogue());
        assert!(reading.notes.iter().any(|note| note.contains(expected)), "{name}: {:?}", reading.notes);
        assert_bounded(name, &reading);
    }
}

#[test]
fn what_is_nested_too_deep_keeps_its_text() {
    // Not those whose content no one sees, nor whose end tags are its text.
    let unseen =
        ["template", "svg", "object", "comments", "declarations", "titles", "textareas", "scripts", "attribute"];
    let unseen = |name: &str| unseen.iter().any(|word| name.contains(word));
    let other = ["open quote", "megabyte class", "head", "frameset", "xmp"];
    for shape in shapes::NESTED.iter().filter(|shape| !unseen(shape.name) && !other.contains(&shape.name)) {
        let page = page(shape.document(100_000));
        let text: String = page.blocks.iter().map(Block::text).collect();
        let is_said = page.limits_met.iter().any(|limit| limit.contains("300 columns"));
        assert!(text.contains(shapes::MIDDLE) || is_said, "{}: {:?}", shape.name, page.limits_met);
    }
}

#[test]
fn deep_paths_of_long_names_do_not_multiply() {
    let name = format!("x-{}", "a".repeat(29));
    let page = page(format!("<html><body>{}{}", format!("<{name}>").repeat(390), "<p>公开".repeat(20_000)));
    let places: usize = page.blocks.iter().map(|block| block.locator.to_string().len()).sum();
    assert!(page.blocks.len() == 20_000 && places < 20_000 * 3000, "{places}");
}

#[test]
fn spans_are_bounded() {
    let cells = "<td colspan=1000 rowspan=1000>1</td>".repeat(500);
    let rows = format!("<tr>{cells}</tr>").repeat(200);
    let page = page(format!("<html><table>{rows}</table>"));
    let BlockKind::Table(grid) = &page.blocks[0].kind else { panic!("a table") };
    assert!(grid.n_columns <= 300);
    assert!(page.limits_met.iter().any(|limit| limit.contains("300 columns")), "{:?}", page.limits_met);
}

#[test]
fn ten_thousand_columns_and_a_megabyte_label() {
    let catalogue = Catalogue::embedded();
    let columns = format!("<table><tr>{}</tr></table>", "<td>1</td>".repeat(10_000));
    let label = format!("<table><tr><td>{}</td><td>1</td></tr></table>", "公".repeat(350_000));
    for html in [columns, label] {
        let reading = read(&Capture::of_bytes(format!("<html><body>{html}").into_bytes()), &catalogue);
        assert!(reading.reports.is_empty() && reading.no_report.is_some());
    }
}

#[test]
fn titles_and_comments_that_never_end() {
    for html in
        ["<title>".repeat(100_000), "<!--".repeat(100_000), "<script>".repeat(100_000), "<a href='".repeat(100_000)]
    {
        page(format!("<html><body><p>公开</p>{html}"));
    }
}

#[test]
fn unclosed_formatting_does_not_multiply() {
    let open: String = (0..5000).map(|n| format!("<font color={n}>")).collect();
    let page = page(format!("<html><body>{open}{}", "<p>公开".repeat(20_000)));
    assert_eq!(page.blocks.len(), 20_000);
}

#[test]
fn bytes_that_are_no_text_are_named() {
    let cases: [(&[u8], &str); 6] = [
        (b"", "Empty"),
        (b" \n\t", "Empty"),
        (b"\x89PNG\r\n\x1a\n0000", "Binary(Image)"),
        (b"%PDF-1.7\n", "Binary(Pdf)"),
        (b"PK\x03\x04....", "Binary(Zip)"),
        (b"\x01\x02\x03\x04\x05\x06\x07\x08\x0e\x0f", "Binary(Other)"),
    ];
    for (bytes, kind) in cases {
        let page = decode(&Capture::of_bytes(bytes.to_vec()));
        assert_eq!(format!("{:?}", page.kind), kind);
        assert_ne!(page.kind, PageKind::Html);
        let reading = read(&Capture::of_bytes(bytes.to_vec()), &Catalogue::embedded());
        assert!(reading.no_report.is_some());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_bytes_are_read(bytes in proptest::collection::vec(any::<u8>(), 0..2000)) {
        let catalogue = catalogue();
        let reading = read(&Capture::of_bytes(bytes), catalogue);
        prop_assert_eq!(reading.reports.is_empty(), reading.no_report.is_some());
    }

    #[test]
    fn any_soup_of_tags_is_read(pieces in proptest::collection::vec(prop_oneof![
        Just("<table>"), Just("</table>"), Just("<tr>"), Just("<td>"), Just("<td rowspan=3 colspan=2>"), Just("</td>"),
        Just("<p>"), Just("</p>"), Just("<ul><li>"), Just("</ul>"), Just("<h1>"), Just("</h1>"), Just("<a href=x>"),
        Just("收到申请数"), Just("一、主动公开情况"), Just("12"), Just("件"), Just("/"), Just("自然人"), Just("总计"),
        Just("<br>"), Just("<select><option>"), Just("<title>"), Just("<caption>"), Just("<svg>"), Just("</svg>"),
    ], 0..200)) {
        let html = format!("<html><body>{}", pieces.concat());
        let _ = read(&Capture::of_bytes(html.into_bytes()), catalogue());
    }
}

fn catalogue() -> &'static Catalogue {
    static CATALOGUE: std::sync::LazyLock<Catalogue> = std::sync::LazyLock::new(Catalogue::embedded);
    &CATALOGUE
}
