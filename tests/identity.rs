//! Who reports, where and when: a case is a row of `identity_cases.csv`.
#![allow(missing_docs)]

use gongkai::page::PlaceHint;
use gongkai::{Capture, Catalogue};

#[test]
fn who_reports_where_and_when() {
    let catalogue = Catalogue::embedded();
    let mut reader = csv::Reader::from_path(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/identity_cases.csv")).unwrap();
    let mut failures = Vec::new();
    let columns = reader.headers().unwrap().clone();
    for record in reader.records() {
        let record = record.unwrap();
        let cell = |name: &str| record[columns.iter().position(|column| column == name).unwrap()].to_owned();
        let prose =
            "各单位更新了公开的目录，改进了查询的入口，并请公众评议，收到的意见都作了答复，没有遗漏，也没有拖延。"
                .repeat(5);
        let html = format!(
            "<html><head><title>{0}</title></head><body>{2}<h1>{0}</h1><p>本报告依照《中华人民共和国政府信息公开条例》编写。</p>\
             <p>一、总体情况</p><p>{1}</p><p>{prose}</p><p>二、主动公开情况</p><p>三、依申请公开情况</p><p>四、行政复议和行政诉讼</p>{3}</body></html>",
            cell("title"),
            cell("body"),
            cell("before"),
            cell("behind"),
        );
        let hint =
            PlaceHint { region: Some(cell("hint_region")).filter(|code| !code.is_empty()), ..PlaceHint::default() };
        let capture = Capture { hint, final_url: cell("url").parse().ok(), ..Capture::of_bytes(html.into_bytes()) };
        let reading = gongkai::read(&capture, &catalogue);
        let have = reading.reports.first().map(|report| {
            let code = report.region.as_ref().map(ToString::to_string).unwrap_or_default();
            let year = report.report_year.map(|year| year.to_string()).unwrap_or_default();
            let published = report.published_on.map(|date| date.to_string()).unwrap_or_default();
            [report.issuer.clone().unwrap_or_default(), code, report.level.to_string(), year, published]
        });
        let want = Some(["issuer", "region", "level", "year", "published"].map(cell));
        if have != want {
            let evidence = reading.reports.first().map(|report| report.evidence.join("; "));
            failures.push(format!(
                "{}: {have:?}, {want:?} expected; {evidence:?} {:?}",
                cell("title"),
                reading.no_report
            ));
        }
    }
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
}
