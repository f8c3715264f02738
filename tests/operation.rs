//! What an operator sees of a crawl: its summary and run report, `status`, what
//! needs a person.
#![allow(missing_docs)]
#![cfg(feature = "engine")]

mod loopback;

use loopback::{Place, Portal, moved, page, portal_with, status};

const YEARS: [i16; 3] = [2019, 2021, 2023];

#[test]
fn a_crawl_ends_with_a_summary_and_the_same_as_a_file() {
    let portal = portal_with(11, &YEARS);
    let place = Place::new(&[("tongxiang", &portal.url("/gknb/"))], "");
    let said = place.gongkai(&["crawl", "--portal", "tongxiang"]);
    assert_eq!(said.code, 0, "{said:?}");
    assert!(
        said.stdout.contains("5 requests, 4 pages (4 new, 0 unchanged), 3 reports new or changed, 0 failed checks"),
        "{said:?}"
    );
    assert!(said.stdout.contains("outcomes:\n  a report"), "{said:?}");
    let runs = place.runs();
    assert_eq!(runs.len(), 1);
    let run = &runs[0];
    assert_eq!((&run["ending"], &run["n_left"]), (&"done".into(), &0.into()));
    assert_eq!((&run["run"]["n_reports"], &run["run"]["outcomes"]["a report"]), (&3.into(), &3.into()));
    assert_eq!(run["run"]["portals"]["tongxiang"]["n_requests"], 4);
    let used = &run["used"];
    assert_eq!(used["command_line"][1], "crawl");
    assert_eq!(used["portals"], serde_json::json!(["tongxiang"]));
    assert_eq!(used["configuration"]["crawl"]["interval_ms"], 10);
    assert_eq!(used["configuration"]["operator"]["name"], "a test");
    for version in ["program", "catalogue", "lake_schema", "state_schema", "archive_schema"] {
        assert!(!used["versions"][version].is_null(), "{version}");
    }
    assert!(said.stdout.contains(".json\n"), "it names the file: {said:?}");
}

#[test]
fn a_report_whose_sums_do_not_add_up_is_counted() {
    let portal = portal_with(12, &[2019]);
    let html = String::from_utf8(portal.pages.lock().unwrap()["/gknb/2019.html"].body.clone()).unwrap();
    // Every digit 1 becomes 7: hardly a sum still holds.
    let (head, table) = html.split_at(html.find("<table").unwrap());
    let wrong: String = table.replace('1', "7");
    portal.put("/gknb/2019.html", page(&format!("{head}{wrong}")));
    let place = Place::new(&[("p", &portal.url("/gknb/"))], "");
    place.write("page.html", &format!("{head}{wrong}"));
    let said = place.gongkai(&["crawl"]).stdout;
    let run = place.runs()[0]["run"].clone();
    assert!(run["n_failed_checks"].as_u64() > Some(0), "{run}");
    // As the table that the lake holds of it: what does not hold is of one severity or the other.
    let extract = place.gongkai(&["extract", "--format", "json", "--url", &portal.url("/gknb/2019.html"), "page.html"]);
    let line: serde_json::Value = serde_json::from_str(&extract.stdout).unwrap();
    let fails = |severity: &str| {
        let checks = line["checks"].as_array().unwrap().iter();
        checks.filter(|check| check["outcome"] == "fail" && check["severity"] == severity).count()
    };
    let (failed, warnings) = (fails("error"), fails("warning"));
    assert_eq!((&run["n_failed_checks"], &run["n_check_warnings"]), (&failed.into(), &warnings.into()));
    assert!(said.contains(&format!(", {failed} failed checks and {warnings} warning")), "{said}");
}

#[test]
fn a_trouble_is_told_once_and_again_when_it_changes() {
    let portal = portal_with(13, &YEARS);
    portal.put("/gknb/", status(403));
    let place = Place::new(&[("p", &portal.url("/gknb/"))], "");
    let crawl = || {
        // What is refused is looked at again after a week; here at once.
        if place.path("state/frontier.sqlite").exists() {
            let db = rusqlite::Connection::open(place.path("state/frontier.sqlite")).unwrap();
            db.execute("UPDATE urls SET not_before = 0", []).unwrap();
        }
        let said = place.gongkai(&["crawl", "--quiet"]);
        (said.code, said.stdout)
    };
    let (code, stdout) = crawl();
    assert_eq!(code, 1);
    assert!(stdout.starts_with("needs a person:\n") && stdout.contains("block: status 403"), "{stdout}");
    assert_eq!(crawl(), (0, String::new()), "it was told");

    let json = place.gongkai(&["status", "--format", "json"]).stdout;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    let trouble = &json["needs_a_person"][0];
    assert_eq!((&trouble["portal"], &trouble["standing"]), (&"p".into(), &"told".into()));
    let wrong = place.gongkai(&["status", "--ack", "nothing"]);
    assert_eq!(wrong.code, 2, "{wrong:?}");
    let half_wrong = place.gongkai(&["status", "--ack", "p", "nothing"]);
    assert_eq!(half_wrong.code, 2, "{half_wrong:?}");
    assert!(!place.gongkai(&["status"]).stdout.contains("acknowledged:\n  "), "none where one is wrong");
    let said = place.gongkai(&["status", "--ack", trouble["key"].as_str().unwrap()]);
    assert_eq!(said.code, 0, "{said:?}");
    assert!(said.stdout.contains("1 acknowledged"), "{said:?}");
    assert!(place.gongkai(&["status"]).stdout.contains("acknowledged:\n  "));
    assert_eq!(crawl(), (0, String::new()), "a person knows it");

    portal.put("/gknb/", status(521));
    let (code, stdout) = crawl();
    assert_eq!(code, 1);
    assert!(stdout.contains("challenge: status 521"), "{stdout}");

    portal.put("/gknb/", loopback::list(&YEARS));
    assert_eq!(crawl(), (0, String::new()));
    let stdout = place.gongkai(&["status"]).stdout;
    assert!(!stdout.contains("needs a person") && !stdout.contains("acknowledged"), "it passed: {stdout}");
    portal.put("/gknb/", status(521));
    assert_eq!(crawl().0, 1, "what passed and comes back is news");
}

#[test]
fn status_shows_portals_queue_reports_and_the_last_run() {
    let portal = portal_with(14, &YEARS);
    portal.put("/gknb/2021.html", status(503));
    let refuses = portal_with(15, &YEARS);
    refuses.put("/gknb/", status(403));
    let entries = [("gives", portal.url("/gknb/")), ("refuses", refuses.url("/gknb/")), ("later", refuses.url("/x"))];
    let entries: Vec<(&str, &str)> = entries.iter().map(|(id, url)| (*id, url.as_str())).collect();
    let place = Place::new(&entries, "");
    let said = place.gongkai(&["status"]);
    assert!(said.code == 0 && said.stdout.starts_with("nothing was crawled yet: there is no state in "), "{said:?}");
    assert!(said.stdout.contains("portals: 3 never tried"), "{said:?}");
    let json: serde_json::Value = serde_json::from_str(&place.gongkai(&["status", "--format", "json"]).stdout).unwrap();
    assert_eq!((&json["last_run"], &json["queue"]["n_waiting"]), (&().into(), &0.into()));
    assert!(!place.path("state").exists(), "who looks makes nothing");
    assert_eq!(place.gongkai(&["crawl", "--portal", "gives", "--portal", "refuses"]).code, 1);
    let table = place.gongkai(&["status"]).stdout;
    for words in
        ["last run: 2", "queue: 0 URLs waiting", "1 blocked, 1 found, 1 never tried", "33 浙江省", "needs a person:"]
    {
        assert!(table.contains(words), "{words}:\n{table}");
    }
    let json = place.gongkai(&["status", "--format", "json", "--portal", "gives"]).stdout;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["reports"], serde_json::json!({ "33": { "2019": 1, "2023": 1 } }));
    assert_eq!(json["portals"].as_array().unwrap().len(), 1);
    let urls = serde_json::json!({ "visited": 3, "failed": 1 });
    assert_eq!((&json["portals"][0]["state"], &json["portals"][0]["urls"]), (&"found".into(), &urls));
    assert_eq!(json["last_run"]["counts"]["n_reports"], 2);
}

#[test]
fn status_counts_the_reports_of_a_portal_as_it_does_those_of_a_year() {
    let (portal, other) = (portal_with(44, &YEARS), portal_with(45, &YEARS[..1]));
    // The other portal has the report of 2019 as well, and one changes.
    let entries = [("p", portal.url("/gknb/")), ("q", other.url("/gknb/"))];
    let entries: Vec<(&str, &str)> = entries.iter().map(|(id, url)| (*id, url.as_str())).collect();
    let place = Place::new(&entries, "");
    place.gongkai(&["crawl"]);
    portal.put("/gknb/2021.html", loopback::report(2021, 7));
    place.gongkai(&["crawl", "--again"]);
    let json: serde_json::Value = serde_json::from_str(&place.gongkai(&["status", "--format", "json"]).stdout).unwrap();
    let n = |portal: usize| json["portals"][portal]["reports"].as_u64().unwrap();
    assert_eq!(json["reports"], serde_json::json!({ "33": { "2019": 1, "2021": 1, "2023": 1 } }));
    assert_eq!(n(0) + n(1), 3, "{}", json["portals"]);
    let found = |portal: usize| json["portals"][portal]["found"].as_u64();
    assert_eq!((found(0), found(1)), (Some(3), Some(1)), "a copy of another's is found as well");
    assert_eq!(json["last_run"]["counts"]["n_reports"], 1, "what that run found is another matter");
}

#[test]
fn coverage_says_of_each_issuer_and_year_what_is_known() {
    let portal = portal_with(16, &[2017, 2019, 2021, 2023]);
    portal.put("/gknb/2017.html", page("<p>附件下载</p>"));
    portal.put("/gknb/2021.html", status(403));
    let entries = [("p", portal.url("/gknb/")), ("later", portal.url("/x"))];
    let entries: Vec<(&str, &str)> = entries.iter().map(|(id, url)| (*id, url.as_str())).collect();
    let place = Place::new(&entries, "");
    place.gongkai(&["crawl", "--portal", "p"]);
    let json = place.gongkai(&["status", "--coverage", "--portal", "p", "--format", "json"]).stdout;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["issuers"].as_array().unwrap().len(), 1, "{json}");
    let years = &json["issuers"][0]["years"];
    for (year, cover) in
        [("2017", "unread"), ("2018", "absent"), ("2019", "found"), ("2021", "blocked"), ("2023", "found")]
    {
        assert_eq!(years[year], cover, "{year}");
    }
    assert_eq!(json["totals"]["found"], 2);
    let table = place.gongkai(&["status", "--coverage"]).stdout;
    assert!(table.lines().all(|line| line.chars().count() <= 100), "{table}");
    let of = |portal: &str| table.lines().find(|line| line.starts_with(portal)).unwrap().to_owned();
    assert!(of("p ").contains("u  -  F  -  b  -  F"), "{table}");
    // It is the same county's: what one portal gave is found for both.
    assert!(!of("later").contains(['u', 'b', '-']) && of("later").matches('F').count() == 2, "{table}");
    assert!(table.contains("F found (") && table.contains(". never tried ("), "{table}");
}

#[test]
fn what_a_whole_search_did_not_find_is_absent_through_an_outage() {
    for (id, outage, most) in [("home", moved("/"), 2), ("rests", status(503), 2), ("fails", status(500), 9)] {
        let portal = portal_with(21, &YEARS);
        portal.put("/", page("<title>桐乡市人民政府</title>"));
        let place = Place::new(&[(id, &portal.url("/gknb/"))], &format!("max_host_failures = {most}"));
        let of_2019_and_2022 = || {
            let said = place.gongkai(&["status", "--coverage", "--format", "json"]).stdout;
            let json: serde_json::Value = serde_json::from_str(&said).unwrap();
            let years = &json["issuers"][0]["years"];
            (years["2019"].clone(), years["2022"].clone())
        };
        // The first night has the list and a report.
        for year in [2021, 2023] {
            portal.put(&format!("/gknb/{year}.html"), status(503));
        }
        place.gongkai(&["crawl"]);
        let first = if most == 2 { "failed" } else { "absent" };
        assert_eq!(of_2019_and_2022(), ("found".into(), first.into()), "{id}: what waits may be anything");
        let well = || {
            portal.put("/gknb/", loopback::list(&YEARS));
            YEARS.iter().for_each(|year| portal.put(&format!("/gknb/{year}.html"), loopback::report(*year, 7)));
            place.gongkai(&["crawl", "--again"]);
        };
        well();
        assert_eq!(of_2019_and_2022(), ("found".into(), "absent".into()), "{id}");
        let paths = ["/gknb/".to_owned()].into_iter().chain(YEARS.map(|year| format!("/gknb/{year}.html")));
        let paths: Vec<String> = paths.collect();
        paths.iter().for_each(|path| portal.put(path, outage.clone()));
        place.gongkai(&["crawl", "--again"]);
        assert_eq!(of_2019_and_2022(), ("found".into(), "absent".into()), "{id}: an outage says nothing new");
        well();
        assert_eq!(of_2019_and_2022(), ("found".into(), "absent".into()), "{id}: it passed");
        let more = String::from_utf8(loopback::list(&YEARS).body).unwrap().replace("</ul>", "</ul>共3页 第1页");
        portal.put("/gknb/", page(&more));
        place.gongkai(&["crawl", "--again"]);
        paths.iter().for_each(|path| portal.put(path, outage.clone()));
        place.gongkai(&["crawl", "--again"]);
        assert_ne!(of_2019_and_2022().1, "absent", "{id}: there may be more");
    }
}

#[test]
fn a_run_over_one_portal_says_nothing_new_of_another() {
    let (one, other) = (portal_with(17, &YEARS), portal_with(18, &YEARS));
    other.put("/gknb/2021.html", status(403));
    let entries = [("one", one.url("/gknb/")), ("other", other.url("/gknb/"))];
    let entries: Vec<(&str, &str)> = entries.iter().map(|(id, url)| (*id, url.as_str())).collect();
    let place = Place::new(&entries, "");
    place.gongkai(&["crawl"]);
    let known = |place: &Place| {
        let of = ["--portal", "other", "--format", "json"];
        let coverage = place.gongkai(&[&["status", "--coverage"][..], &of].concat()).stdout;
        let status: serde_json::Value =
            serde_json::from_str(&place.gongkai(&[&["status"][..], &of].concat()).stdout).unwrap();
        (coverage, status["portals"].clone())
    };
    let before = known(&place);
    assert_eq!(before.1[0]["urls"], serde_json::json!({ "visited": 3, "refused": 1 }));
    // All is due again.
    let db = rusqlite::Connection::open(place.path("state/frontier.sqlite")).unwrap();
    db.execute("UPDATE urls SET not_before = 0", []).unwrap();
    drop(db);
    other.take_paths();
    assert_eq!(place.gongkai(&["crawl", "--portal", "one"]).code, 0);
    assert_eq!((known(&place), other.take_paths()), (before, vec![]));
    let json = place.gongkai(&["status", "--format", "json"]).stdout;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!((&json["queue"]["n_waiting"], &json["queue"]["n_due_again"]), (&0.into(), &4.into()));
}

#[test]
fn files_that_links_name_as_reports_are_finds_and_their_way_is_remembered() {
    let portal = Portal::start(19);
    portal.put("/robots.txt", page(""));
    portal.put("/", page("<title>桐乡市人民政府</title><ul><li><a href=\"/gknb/\">政府信息公开年报</a></li></ul>"));
    let link = |year: &i16| format!("<li><a href=\"/gknb/{year}.pdf\">{year}年政府信息公开工作年度报告</a></li>");
    let list = page(&format!("<title>政府信息公开年报</title><ul>{}</ul>", YEARS.iter().map(link).collect::<String>()));
    portal.put("/gknb/", list);
    for year in YEARS {
        portal.put(&format!("/gknb/{year}.pdf"), page(&format!("%PDF-1.4\n%{year}\n")));
    }
    let place = Place::new(&[("p", &portal.url("/"))], "");
    let said = place.gongkai(&["crawl"]);
    assert_eq!(said.code, 0, "{said:?}");
    let json: serde_json::Value = serde_json::from_str(&place.gongkai(&["status", "--format", "json"]).stdout).unwrap();
    assert_eq!(json["portals"][0]["state"], "unread");
    let db = rusqlite::Connection::open(place.path("state/frontier.sqlite")).unwrap();
    db.execute("UPDATE urls SET not_before = 0 WHERE priority > 0", []).unwrap();
    drop(db);
    portal.take_paths();
    place.gongkai(&["crawl"]);
    assert_eq!(portal.take_paths(), ["/gknb/"], "the home page is searched again after a week");
}

#[test]
fn a_portal_that_was_searched_in_vain_needs_a_person_once() {
    let portal = Portal::start(20);
    portal.put("/robots.txt", page(""));
    portal.put("/", page("<title>桐乡市人民政府</title><p>欢迎访问</p>"));
    let place = Place::new(&[("p", &portal.url("/"))], "");
    let said = place.gongkai(&["crawl"]);
    assert_eq!(said.code, 1, "{said:?}");
    for words in ["searched to the end in vain: 1 portal;", "needs a person:", "no report was found; `entry`"] {
        assert!(said.stdout.contains(words), "{words}: {said:?}");
    }
    assert_eq!(place.runs()[0]["run"]["in_vain"], serde_json::json!(["p"]));
    let said = place.gongkai(&["crawl", "--quiet", "--again"]);
    assert_eq!((said.code, said.stdout.as_str()), (0, ""), "it was told");
    assert!(place.gongkai(&["status"]).stdout.contains("searched to its end in vain"), "and stays listed");
    let table = place.gongkai(&["status", "--coverage"]).stdout;
    assert!(table.contains("? searched in vain (") && table.contains("- absent (0)"), "{table}");

    portal.put("/", page("<p><a href=\"/gknb/\">政府信息公开年报</a></p>"));
    portal.put("/gknb/", loopback::list(&YEARS[..1]));
    portal.put("/gknb/2019.html", loopback::report(2019, 1));
    let said = place.gongkai(&["crawl", "--quiet", "--again"]);
    assert_eq!((said.code, said.stdout.as_str()), (0, ""));
    assert!(!place.gongkai(&["status"]).stdout.contains("in vain"), "it passed");
}

#[test]
fn a_list_that_says_it_has_more_than_was_read_needs_a_person_and_proves_no_absence() {
    let portal = portal_with(23, &YEARS[..1]);
    portal.put("/", page("<p><a href=\"/gknb/\">政府信息公开年报</a></p>"));
    let item = "<a href=\"/gknb/2019.html\">桐乡市人民政府2019年政府信息公开工作年度报告</a>";
    portal.put("/gknb/", page(&format!("<p>{item}</p><p>共3页 第1页</p>")));
    let place = Place::new(&[("p", &portal.url("/"))], "");
    let said = place.gongkai(&["crawl"]);
    assert_eq!(said.code, 1, "{said:?}");
    assert!(said.stdout.contains("partly read: a list of reports; it says 3 pages"), "{said:?}");
    let table = place.gongkai(&["status", "--coverage"]).stdout;
    assert!(table.contains("- absent (0), / partly read ("), "{table}");
    assert!(!table.contains("/ partly read (0)"), "{table}");

    portal.put("/gknb/", page(&format!("<p>{item}</p><p>共1页 第1页</p>")));
    place.gongkai(&["crawl", "--again"]);
    assert!(!place.gongkai(&["status"]).stdout.contains("partly read"), "it passed");
    assert!(place.gongkai(&["status", "--coverage"]).stdout.contains("/ partly read (0)"));
}

#[test]
fn a_portal_whose_list_is_not_understood_names_it() {
    let portal = Portal::start(24);
    portal.put("/robots.txt", page(""));
    portal.put("/", page("<p><a href=\"/gknb/\">政府信息公开年报</a></p>"));
    portal.put("/gknb/", page("<div id=app></div>"));
    let place = Place::new(&[("p", &portal.url("/"))], "");
    let said = place.gongkai(&["crawl"]);
    assert!(said.stdout.contains("no link to a report is understood on its list"), "{said:?}");
    assert!(said.stdout.contains(&portal.url("/gknb/")), "{said:?}");
}

#[test]
fn an_entry_that_is_a_bare_home_page_is_asked_for_under_its_other_scheme() {
    let portal = portal_with(22, &YEARS);
    portal.put("/", page("<p><a href=\"/gknb/\">政府信息公开年报</a></p>"));
    // The portal speaks no TLS.
    for (path, n_pages) in [("/", 5), ("/gknb/", 0)] {
        let entry = portal.url(path).replace("http:", "https:");
        let place = Place::new(&[("p", &entry)], "connect_timeout_ms = 300");
        let said = place.gongkai(&["crawl"]);
        assert_eq!(place.runs()[0]["run"]["n_pages"], n_pages, "{path}: {said:?}");
    }
}

#[test]
fn a_host_that_takes_no_connection_is_told_of_with_both_causes() {
    let portal = Portal::start(26);
    let mut nobody: url::Url = portal.url("/").parse().unwrap();
    nobody.set_port(Some(1)).unwrap();
    let place = Place::new(&[("p", nobody.as_str())], "connect_timeout_ms = 300");
    let said = place.gongkai(&["crawl"]).stdout;
    let words = said.lines().find(|line| line.contains("robots.txt is unreachable")).unwrap_or(&said);
    assert_eq!(words.matches("no connection").count(), 2, "{words}");
    assert!(words.contains("under the other scheme, before: "), "{words}");
}

#[test]
fn what_could_not_be_had_proves_no_absence() {
    let item = |path: &str, year: i16| {
        format!("<li><a href=\"{path}\">桐乡市人民政府{year}年政府信息公开工作年度报告</a></li>")
    };
    let own = item("/gknb/2019.html", 2019);
    let cases = [
        // The link that names a year's report is dead, or leads to a login.
        (own.clone() + &item("/gknb/2020.html", 2020), "2020", "failed"),
        (own.clone() + &item("/in/2020.html", 2020), "2020", "blocked"),
        // The list's next page is.
        (own.clone() + "<a href=\"/gknb/index_2.html\">下一页</a>", "2020", "partly_read"),
        // The report lies where no crawler follows.
        (own.clone() + &item("http://elsewhere.example/2020.html", 2020), "2020", "partly_read"),
        (own, "2020", "absent"),
    ];
    for (n, (list, year, expected)) in (27..).zip(cases) {
        let portal = portal_with(n, &YEARS[..1]);
        portal.put("/", page("<p><a href=\"/gknb/\">政府信息公开年报</a></p>"));
        portal.put("/gknb/", page(&format!("<title>政府信息公开年报</title><ul>{list}</ul>")));
        portal.put("/in/2020.html", moved(&portal.url("/login.html")));
        portal.put("/login.html", page("<form><input type=password name=pw><button>登录</button></form>"));
        let place = Place::new(&[("p", &portal.url("/"))], "");
        place.gongkai(&["crawl"]);
        let json = place.gongkai(&["status", "--coverage", "--format", "json"]).stdout;
        let json: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!(json["issuers"][0]["years"][year], expected, "{list}");
        assert_eq!(json["issuers"][0]["years"]["2019"], "found", "{list}");
    }
}

#[test]
fn extract_reads_with_the_catalogue_and_the_portals_of_the_configuration() {
    let place = Place::new(&[("p", "http://www.own.example/gknb/")], "");
    let confidence = std::fs::read_to_string("config/confidence.csv").unwrap().replace("exact,1.0,", "exact,0.96875,");
    place.write("config/confidence.csv", &confidence);
    // Whose it is only the configuration knows.
    let html = String::from_utf8(loopback::report(2023, 1).body).unwrap();
    place.write("page.html", &html.replace("桐乡市人民政府", "").replace("桐乡市", ""));
    let extract = |config: &str| {
        let url = "http://www.own.example/r.html";
        place.gongkai(&["extract", "--config", config, "--format", "json", "--url", url, "page.html"])
    };
    let said = extract("config");
    assert!(said.stdout.contains("\"region_code\":\"330483\""), "{said:?}");
    assert!(said.stdout.contains("\"confidence\":0.96875"), "{said:?}");
    assert_eq!(extract("nowhere").code, 2, "a folder that is named must be there");
    // A mistake about portals is no reason to read nothing.
    place.write("config/portals.toml", "[[portal]]\nid = \"p\"\nentri = []\n");
    let said = extract("config");
    assert!(said.code == 0 && said.stdout.contains("\"confidence\":0.96875"), "{said:?}");
    assert!(said.stderr.contains("warning: ") && said.stderr.contains("entri"), "{said:?}");
    let said = place.gongkai(&["extract", "page.html"]);
    assert_eq!((said.code, said.stderr.as_str()), (0, ""), "without a URL nobody asks for portals: {said:?}");
    // What the program itself knows serves where nothing is configured.
    std::fs::remove_dir_all(place.path("config")).unwrap();
    let said = extract("config");
    assert_eq!(said.code, 0, "{said:?}");
    assert!(said.stdout.contains("\"region_code\":null") && said.stdout.contains("\"confidence\":1.0"), "{said:?}");
}

#[test]
fn a_host_is_asked_again_by_the_next_run_unless_it_rests_and_who_asks_is_told() {
    let portal = portal_with(48, &YEARS);
    portal.put("/robots.txt", status(503));
    let place = Place::new(&[("p", &portal.url("/gknb/"))], "");
    assert_eq!(place.gongkai(&["crawl"]).code, 1);
    let busy = loopback::Reply { fields: vec![("Retry-After".to_owned(), "7200".to_owned())], ..status(503) };
    portal.put("/robots.txt", busy);
    place.gongkai(&["crawl", "--again"]);
    let is_rules = |asked: &loopback::Asked| asked.path == "/robots.txt";
    assert_eq!(portal.asked().iter().filter(|asked| is_rules(asked)).count(), 2);
    portal.put("/robots.txt", page(""));
    place.gongkai(&["crawl", "--again"]);
    assert_eq!(portal.asked().len(), 2, "it asked for time");
    let entry = portal.url("/gknb/");
    for command in [&["explain", &entry][..], &["crawl", "--dry-run"], &["status"]] {
        let said = place.gongkai(command).stdout;
        assert!(said.contains("rest") && said.contains("until 2"), "{command:?}: {said}");
    }
}

#[test]
fn a_state_that_is_lost_and_a_run_without_anything_due_are_told() {
    let portal = portal_with(49, &YEARS);
    let place = Place::new(&[("p", &portal.url("/gknb/"))], "");
    assert!(place.gongkai(&["crawl"]).stdout.contains("\nthe next is due 2"));
    let said = place.gongkai(&["crawl"]).stdout;
    assert!(said.contains("\nnothing was due; the next is due 2"), "{said}");
    std::fs::remove_file(place.path("state/frontier.sqlite")).unwrap();
    let said = place.gongkai(&["status"]).stdout;
    assert!(said.starts_with("the state is lost: there is no state/frontier.sqlite, though state/archive "), "{said}");
    let said = place.gongkai(&["crawl", "--quiet"]);
    assert!(said.code == 1 && said.stdout.contains("the state  it was lost, and began anew"), "{said:?}");
    // Its folder, and the archive in it: the tables of the lake tell of it, or a run report alone.
    for tables in [&[][..], &["reports", "indicators", "regions", "fetches"]] {
        std::fs::remove_dir_all(place.path("state")).unwrap();
        for table in tables {
            std::fs::remove_dir_all(place.path("output").join(table)).unwrap();
        }
        let said = place.gongkai(&["crawl", "--quiet"]);
        assert!(said.code == 1 && said.stdout.contains("put its folder back, or name it with --state"), "{said:?}");
    }
    assert_eq!(place.gongkai(&["crawl", "--quiet"]).stdout, "", "it is told once");
    std::fs::remove_dir_all(place.path("output")).unwrap();
    let said = place.gongkai(&["crawl", "--quiet"]);
    assert!(said.code == 1 && said.stdout.contains("the lake  it was not there, and 3 pages with reports"), "{said:?}");
    assert_eq!(place.gongkai(&["crawl", "--quiet"]).stdout, "", "it is told once");
}

#[test]
fn what_the_lake_lost_of_itself_is_told_once_by_whichever_run_lives_to_tell() {
    let portal = portal_with(58, &YEARS);
    let place = Place::new(&[("p", &portal.url("/gknb/"))], "");
    place.gongkai(&["crawl"]);
    let partition = |table: &str| format!("{table}/report_year=2021/province=33/part-0.parquet");
    let of_files = |tables: &[&str]| {
        let files: Vec<String> = tables.iter().map(|table| format!("output/{}", partition(table))).collect();
        format!("a part of the lake  it was lost, and is made again: {}", files.join(", "))
    };
    let all = ["checks", "facts", "panel", "reports"];
    let one = "a part of the lake  it was lost, and is made again: 1 page with reports".to_owned();
    for (tables, expected) in [
        (&["facts"][..], of_files(&["facts"])),
        (&["panel"], of_files(&["panel"])),
        (&["reports"], of_files(&["reports"])),
        (&["checks", "reports"], of_files(&["reports"])),
        (&all, one),
    ] {
        for fault in ["", "lake_file_renamed:1:kill"] {
            for table in tables {
                std::fs::remove_file(place.path("output").join(partition(table))).unwrap();
            }
            if cfg!(debug_assertions) && !fault.is_empty() {
                let killed = place.command(&["crawl", "--quiet"]).env("GONGKAI_FAULT", fault).output().unwrap();
                assert_eq!(killed.status.code(), None, "{tables:?}: {killed:?}");
            }
            let said = place.gongkai(&["crawl", "--quiet"]);
            assert!(said.code == 1 && said.stdout.contains(&expected), "{tables:?} {fault}: {said:?}");
            assert!(all.iter().all(|table| place.path("output").join(partition(table)).exists()), "{tables:?}");
            assert_eq!(place.gongkai(&["crawl", "--quiet"]).stdout, "", "{tables:?} {fault}: it is told once");
        }
    }
}

#[test]
fn a_run_that_is_refused_makes_no_folder() {
    let portal = portal_with(50, &YEARS);
    let place = Place::new(&[("p", &portal.url("/gknb/"))], "");
    for (held, other) in [("output", "state"), ("state", "output")] {
        let take = if held == "state" { gongkai::ops::FolderLock::of_state } else { gongkai::ops::FolderLock::of_lake };
        let lock = take(&place.path(held)).unwrap();
        assert_eq!(place.gongkai(&["crawl"]).code, 75, "{held}");
        assert!(!place.path(other).exists(), "{held}");
        drop(lock);
        std::fs::remove_dir_all(place.path(held)).unwrap();
    }
}
