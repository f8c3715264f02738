//! Why a link is followed or not is said in points that a person can add up.
#![allow(missing_docs)]
#![cfg(feature = "engine")]

mod site;

use std::io::Write as _;
use std::process::Command;

use crate::site::{HOST, Reply, Site, Well, link, page};

fn gongkai(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_gongkai")).args(arguments).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[tokio::test]
async fn explain_and_the_dry_run_show_the_points() {
    let well = Well::new("/gknb/", &[2021]);
    let guide = link("/zn/", "政府信息公开指南");
    let site =
        Site::start(move |_, path| well.answer(path, &guide).unwrap_or_else(|| Reply::Missing(String::new()))).await;
    site.crawl().await;
    let state = site.places.state.to_str().unwrap();

    let followed = gongkai(&["explain", "--state", state, &format!("http://{HOST}/gknb/")]);
    let points = "a list of reports, 1.7: text 政府信息公开年报 +1.0, URL gknb +0.5, on a column +0.1, beside the guide +0.1; \
                  found on http://www.qinghe.gov.cn/zfxxgk/";
    assert!(followed.contains(points), "{followed}");

    let left = gongkai(&["explain", "--state", state, &format!("http://{HOST}/zn/")]);
    let expected = "http://www.qinghe.gov.cn/zn/ was not followed; looked through: 3 archived pages of its host\n\
                    on http://www.qinghe.gov.cn/zfxxgk/, as \"政府信息公开指南\": -0.2 of the 0.55 that are enough\n  \
                    text 政府信息公开 +0.8\n  text 公开指南 -1.0\n";
    assert_eq!(left, expected);

    let unknown = gongkai(&["explain", "--state", state, &format!("http://{HOST}/nowhere")]);
    assert!(unknown.ends_with("none of them links to it; pages of other hosts were not looked through\n"), "{unknown}");

    let config = site.places.state.join("config");
    std::fs::create_dir(&config).unwrap();
    let operator = "[operator]\nname = \"a test\"\ncontact = \"mailto:test@localhost.invalid\"\n";
    std::fs::File::create(config.join("gongkai.toml")).unwrap().write_all(operator.as_bytes()).unwrap();
    let portal = format!("[[portal]]\nid = \"qinghe\"\nname = \"青禾县\"\nentry = [\"http://{HOST}/\"]\n");
    std::fs::File::create(config.join("portals.toml")).unwrap().write_all(portal.as_bytes()).unwrap();
    let dry = gongkai(&["crawl", "--dry-run", "--again", "--state", state, "--config", config.to_str().unwrap()]);
    let reports_first = "\nqinghe is asked first for\n  http://www.qinghe.gov.cn/r/2021.html\n    a report, ";
    let then = format!("\n  http://www.qinghe.gov.cn/gknb/\n    {points}\n");
    assert!(dry.contains(reports_first) && dry.contains(&then), "{dry}");
}

#[tokio::test]
async fn a_column_on_another_site_is_named_and_left() {
    let column = "http://203.0.113.9/gknb/";
    let site = Site::start(move |_, path| match path {
        "/" => page("青禾县人民政府", &format!("<a href='{column}'><img src=/i.png alt=\"政府信息公开\"></a>")),
        _ => Reply::Missing(String::new()),
    })
    .await;
    let (_, tally) = site.crawl().await;
    let words =
        format!("on http://{HOST}/ a link was left, because it leads to another site: \"政府信息公开\" {column}");
    assert!(tally.news.iter().any(|trouble| trouble.words.contains(&words)), "{:?}", tally.news);
    let state = site.places.state.to_str().unwrap();
    let left = gongkai(&["explain", "--state", state, column]);
    assert!(left.ends_with(&format!("{words}\n")), "{left}");
    let unknown = gongkai(&["explain", "--state", state, "http://203.0.113.9/nothing"]);
    assert!(unknown.ends_with("pages of other hosts were not looked through\n"), "{unknown}");
}
