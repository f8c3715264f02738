//! Pages made to hurt: no panic, no stack overflow, bounded work.
//!
//! The bounds are on counts, not on time: what is nested too deep is unwrapped,
//! what spans too far is cut, and it is said.
#![allow(missing_docs)]

use gongkai::page::{BlockKind, PageKind, decode};
use gongkai::{Capture, Catalogue, read};
use proptest::prelude::*;

fn page(text: String) -> gongkai::page::Page {
    decode(&Capture::of_bytes(text.into_bytes()))
}

#[test]
fn a_hundred_thousand_nested_elements_are_unwrapped() {
    for tag in ["div", "span", "table><tr><td", "b", "ul><li", "blockquote", "o:p", "a"] {
        let name = tag.split('>').next().unwrap();
        let page = page(format!(
            "<html><body>{}<p>公开</p>{}",
            format!("<{tag}>").repeat(100_000),
            format!("</{name}>").repeat(100_000)
        ));
        let text: String = page.blocks.iter().map(gongkai::page::Block::text).collect();
        assert!(text.contains("公开"), "{tag}");
        let deepest = page.blocks.iter().map(|block| block.locator.to_string().matches('/').count()).max();
        assert!(deepest.is_some_and(|depth| depth < 2000), "{tag}: {deepest:?}");
    }
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
