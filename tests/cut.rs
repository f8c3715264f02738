//! A page that was cut in half is told from one that is whole.
#![allow(missing_docs)]
#![cfg(feature = "generator")]

use std::fs;
use std::path::Path;

use gongkai::demo::page::{Layout, Style, render};
use gongkai::demo::truth::truth;
use gongkai::report::ReportForm;
use gongkai::{Capture, Catalogue};

/// The note that says so; none where the page is no report, or taken for whole.
fn note(bytes: &[u8], catalogue: &Catalogue) -> Option<String> {
    let reading = gongkai::read(&Capture::of_bytes(bytes.to_vec()), catalogue);
    reading.notes.into_iter().find(|note| note.contains("cut short"))
}

/// The page of a report since 2019, whole.
const WHOLE: &str = "<html><body><div><h1>青田县人民政府2022年政府信息公开工作年度报告</h1>\
    <p>本报告依照《中华人民共和国政府信息公开条例》编写，数据自2022年1月1日起至12月31日止。</p>\
    <p>一、总体情况</p><p>一年来，我县按照要求推进主动公开和依申请公开。\
    各单位及时更新目录和指南，回应群众关心的事，开展培训，听取意见，完善制度，把公开贯穿于办事的全过程。</p>\
    <p>二、主动公开政府信息情况</p><table><tr><td colspan=4>第二十条第（一）项</td></tr>\
    <tr><td>信息内容</td><td>本年制发件数</td><td>本年废止件数</td><td>现行有效件数</td></tr>\
    <tr><td>规章</td><td>0</td><td>0</td><td>1</td></tr><tr><td>行政规范性文件</td><td>6</td><td>2</td><td>31</td></tr>\
    </table><p>三、收到和处理政府信息公开申请情况</p><p>没有收到申请。</p>\
    <p>四、政府信息公开行政复议、行政诉讼情况</p><p>没有。</p><p>五、存在的主要问题及改进情况</p>\
    <p>更新不够及时。</p><p>六、其他需要报告的事项</p><p>无。</p></div></body></html>";

#[test]
fn where_a_page_was_cut_is_told() {
    let catalogue = Catalogue::embedded();
    let cases = [
        ("</html>", None),
        // The report is whole: what is lost is around it.
        ("</div></body>", None),
        ("<p>六、其他", Some("before its markup does")),
        ("p>更新", Some("in the middle of a tag")),
        ("<p>四、", Some("before its markup does; nothing of its form follows behind the row")),
        ("</td><td>31", Some("in the middle of a table; nothing of its form follows")),
    ];
    for (end, expected) in cases {
        let cut = &WHOLE[..WHOLE.find(end).unwrap()];
        let note = note(cut.as_bytes(), &catalogue);
        assert_eq!(note.is_some(), expected.is_some(), "{end}: {note:?}");
        assert!(note.unwrap_or_default().contains(expected.unwrap_or_default()), "{end}");
    }
    // A browser that saves half a page closes its markup.
    let saved = WHOLE.split_once("<p>四、").unwrap().0.to_owned() + "</div></body></html>";
    let note = note(saved.as_bytes(), &catalogue).unwrap();
    assert!(note.contains("behind the row “第二十条第（一）项 / 行政规范性文件 / 现行有效件数”"), "{note}");
}

#[test]
fn half_a_page_is_told_from_a_whole_one() {
    let catalogue = Catalogue::embedded();
    let place = catalogue.regions.named("青田县", Some(2016))[0].clone();
    let (mut n_cut, mut n_told) = (0, 0);
    let years = [2010, 2011, 2016, 2020, 2022];
    for (form, year) in ReportForm::ALL.iter().zip(years) {
        for (at, layout) in Layout::ALL.into_iter().enumerate() {
            for n in 0..6 {
                let seed = 9_000_000 + n * 8 + at as u64;
                let style = Style::draw(seed, layout, *form, 6);
                let truth = truth(seed, &place, year, *form, &catalogue).printed(&style);
                let page = render(&truth, style, &catalogue);
                assert_eq!(note(&page, &catalogue), None, "{form} {seed}");
                if *form != ReportForm::Narrative && matches!(layout, Layout::Tables | Layout::Spanless) {
                    n_cut += 1;
                    n_told += u32::from(note(&page[..page.len() / 2], &catalogue).is_some());
                }
            }
        }
    }
    assert!(n_told * 10 >= n_cut * 9, "{n_told} of {n_cut}");
}

#[test]
fn real_documents_are_whole() {
    let catalogue = Catalogue::embedded();
    let shared = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/reports");
    if !shared.exists() {
        println!("skipped: {} is missing", shared.display());
        return;
    }
    let folders = ["", "more"].map(|folder| fs::read_dir(shared.join(folder)));
    for path in folders.into_iter().flatten().flatten().map(|entry| entry.unwrap().path()) {
        if path.extension().is_some_and(|extension| extension == "txt" || extension == "html") {
            assert_eq!(note(&fs::read(&path).unwrap(), &catalogue), None, "{}", path.display());
        }
    }
}
