//! What holds a crawl back beside robots.txt and the gates: exclusions, limits,
//! quiet hours, platforms that do not fit a night. What the portals saw tells.
#![allow(missing_docs)]
#![cfg(feature = "engine")]

mod loopback;

use loopback::{Place, Portal, list, moved, page, portal_with, report};

const YEARS: [i16; 3] = [2019, 2021, 2023];

fn exclude(place: &Place, what: &str) {
    let text = format!("[[exclude]]\n{what}\ndate = 2026-03-01\nreason = \"a letter of the office\"\n");
    place.write("config/exclusions.toml", &text);
}

/// A portal that nobody may ask for anything.
fn forbidden(last: u8) -> Portal {
    portal_with(last, &YEARS)
}

#[test]
fn a_host_that_asked_to_be_left_alone_sees_no_request() {
    let (portal, alone) = (portal_with(31, &YEARS), forbidden(32));
    // A redirect of a page and the configuration itself lead there.
    portal.put("/gknb/2021.html", moved(&alone.url("/gknb/2021.html")));
    let place = Place::new(&[("p", &portal.url("/gknb/")), ("q", &alone.url("/gknb/"))], "");
    exclude(&place, "host = \"127.0.0.32\"");
    let said = place.gongkai(&["crawl", "--portal", "p", "--portal", "q"]);
    assert_eq!(said.code, 0, "what asked to be left alone is no trouble: {said:?}");
    assert_eq!(alone.asked(), [], "not even robots.txt");
    assert_eq!(place.runs()[0]["run"]["n_reports"], 2);
    assert_eq!(place.runs()[0]["run"]["outcomes"]["excluded"], 1, "{}", place.runs()[0]["run"]);

    let said = place.gongkai(&["explain", &alone.url("/gknb/2017.html")]).stdout;
    assert!(said.contains("excluded: 127.0.0.32 since 2026-03-01, a letter of the office"), "{said}");
    let said = place.gongkai(&["explain", &portal.url("/gknb/2021.html")]).stdout;
    assert!(said.contains("excluded: 127.0.0.32"), "the redirect says why it was not followed: {said}");
    let said = place.gongkai(&["check"]).stdout;
    assert!(said.contains("excluded: 127.0.0.32 since 2026-03-01, a letter of the office"), "{said}");
    let said = place.gongkai(&["crawl", "--dry-run"]).stdout;
    assert!(said.contains("excluded: 127.0.0.32"), "{said}");
}

#[test]
fn who_asks_later_is_left_alone_from_then_on() {
    let alone = forbidden(34);
    let limit = "\n[[limit]]\nhost = \"127.0.0.34\"\nmax_requests = 3";
    let place = Place::new(&[("p", &alone.url("/gknb/"))], limit);
    place.gongkai(&["crawl"]);
    assert_eq!(alone.asked().len(), 3, "the frontier knows its pages, and some wait: {:?}", alone.asked());
    exclude(&place, "host = \"127.0.0.34\"");
    let said = place.gongkai(&["crawl"]);
    assert_eq!((said.code, alone.asked().len()), (0, 3), "{said:?}");
    let said = place.gongkai(&["explain", &alone.url("/gknb/2021.html")]).stdout;
    assert!(said.contains("left alone") && said.contains("refused"), "{said}");
}

#[test]
fn a_path_and_a_portal_are_left_alone_however_they_are_spelled() {
    let portal = portal_with(35, &YEARS);
    portal.put("/%67knb/2021.html", report(2021, 1));
    let both = String::from_utf8(list(&YEARS).body).unwrap().replace("/gknb/2021", "/%67knb/2021");
    portal.put("/lists/", page(&both));
    let place = Place::new(&[("p", &portal.url("/lists/"))], "");
    exclude(&place, "host = \"127.0.0.35\"\npath = \"/gknb/\"");
    let said = place.gongkai(&["crawl"]);
    assert_eq!(said.code, 0, "whose reports are left alone was not searched in vain: {said:?}");
    assert_eq!(portal.take_paths(), ["/lists/"]);
    exclude(&place, "portal = \"p\"");
    let said = place.gongkai(&["crawl", "--portal", "p"]);
    assert_eq!((said.code, portal.asked()), (0, vec![]), "{said:?}");
}

#[test]
fn what_a_setting_refused_is_due_as_soon_as_it_permits_it() {
    let (portal, other) = (portal_with(46, &YEARS), portal_with(47, &YEARS));
    portal.put("/", page("<p><a href=\"/gknb/\">政府信息公开年报</a></p>"));
    portal.put("/gknb/2023.html", moved(&other.url("/gknb/2023.html")));
    let reports = ["/gknb/2019.html", "/gknb/2021.html"].map(str::to_owned).to_vec();
    let all = [vec!["/gknb/".to_owned()], reports.clone(), vec!["/gknb/2023.html".to_owned()]].concat();
    let excluded = |what: &str| format!("[[exclude]]\nhost = \"{what}\ndate = 2026-03-01\nreason = \"a letter\"\n");
    // The column, some reports, where a redirect leads.
    let cases = [
        (excluded("127.0.0.46\"\npath = \"/gknb/\""), &portal, all.clone()),
        (excluded("127.0.0.46\"\npath = \"/gknb/20\""), &portal, all[1..].to_vec()),
        (excluded("127.0.0.47\""), &other, all[3..].to_vec()),
    ];
    for (exclusion, refused, paths) in cases {
        let place = Place::new(&[("p", &portal.url("/"))], "");
        place.write("config/exclusions.toml", &exclusion);
        place.gongkai(&["crawl"]);
        portal.take_paths();
        place.gongkai(&["crawl"]);
        assert_eq!((portal.take_paths(), other.take_paths()), (vec![], vec![]), "{exclusion}");
        place.write("config/exclusions.toml", "");
        place.gongkai(&["crawl"]);
        let mut asked = refused.take_paths();
        asked.sort();
        assert_eq!(asked, paths, "{exclusion}");
        other.take_paths();
    }

    let place = Place::new(&[("p", &portal.url("/gknb/"))], "");
    let config = std::fs::read_to_string(place.path("config/gongkai.toml")).unwrap();
    place.write("config/gongkai.toml", &config.replace("127.0.0.0/16", "127.0.0.1/32"));
    portal.take_paths();
    let said = place.gongkai(&["crawl"]);
    assert!(said.stdout.contains("127.0.0.46 is refused: a loopback address; [crawl] allow_addresses"), "{said:?}");
    place.write("config/gongkai.toml", &config);
    place.gongkai(&["crawl"]);
    assert_eq!(portal.take_paths().len(), 4);
}

#[test]
fn an_exclusion_is_named_wherever_somebody_asks_for_what_it_keeps() {
    let (portal, alone) = (portal_with(39, &YEARS), forbidden(40));
    let place = Place::new(&[("p", &portal.url("/gknb/")), ("q", &alone.url("/gknb/"))], "");
    let path = "[[exclude]]\nhost = \"127.0.0.39\"\npath = \"/gknb/2021\"\ndate = 2026-03-02\nreason = \"a fax\"\n";
    let whole = "[[exclude]]\nportal = \"q\"\ndate = 2026-03-01\nreason = \"a call\"\n";
    place.write("config/exclusions.toml", &format!("{path}{whole}"));
    let said = place.gongkai(&["crawl"]);
    assert_eq!((said.code, alone.asked()), (0, vec![]), "{said:?}");
    let words = "excluded: the portal q since 2026-03-01, a call";
    assert!(said.stdout.contains(&format!("left alone, nothing was asked of them:\n  q  {words}\n")), "{said:?}");
    let said = place.gongkai(&["crawl", "--portal", "q"]);
    assert!(said.code == 0 && said.stdout.contains(words), "{said:?}");
    let said = place.gongkai(&["explain", &alone.url("/gknb/2021.html")]).stdout;
    assert!(said.contains("is left alone\n") && said.contains(words), "{said}");
    let said = place.gongkai(&["explain", &portal.url("/gknb/2021.html")]).stdout;
    assert!(said.contains("127.0.0.39/gknb/2021 since 2026-03-02, a fax"), "{said}");

    let json = |arguments: &[&str]| -> serde_json::Value {
        serde_json::from_str(&place.gongkai(&[arguments, &["--format", "json"]].concat()).stdout).unwrap()
    };
    let coverage = json(&["status", "--coverage", "--portal", "p"]);
    for (year, cover) in [("2019", "found"), ("2020", "absent"), ("2021", "excluded")] {
        assert_eq!(coverage["issuers"][0]["years"][year], cover, "{year}");
    }
    let coverage = json(&["status", "--coverage", "--portal", "q"]);
    assert_eq!(coverage["issuers"][0]["years"]["2020"], "excluded");
    assert_eq!(json(&["status", "--portal", "q"])["portals"][0]["state"], "excluded");
}

#[test]
fn what_an_excluded_portal_gave_stays_until_somebody_drops_it() {
    let (portal, alone) = (portal_with(59, &YEARS), portal_with(60, &[2021]));
    let place = Place::new(&[("p", &portal.url("/gknb/")), ("q", &alone.url("/gknb/"))], "");
    place.gongkai(&["crawl"]);
    let of_q = || {
        let all = gongkai::lake::stored_reports(&place.path("output")).unwrap().into_iter();
        let own = all.filter(|report| report.url.starts_with(&alone.url("/")));
        own.map(|report| report.document_id).collect::<Vec<_>>()
    };
    let before = of_q();
    assert_eq!(before.len(), 1);
    exclude(&place, "portal = \"q\"");
    place.gongkai(&["crawl", "--again"]);
    assert_eq!(of_q(), before);
    std::fs::remove_dir_all(place.path("output")).unwrap();
    place.gongkai(&["crawl"]);
    assert_eq!(of_q(), before, "also in a lake that is made again");
    // As docs/operation.md has it.
    let docs = std::fs::read_to_string("docs/operation.md").unwrap();
    let sql = docs.split("```sql\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap().replace("THE_ID", "q");
    let state = rusqlite::Connection::open(place.path("state/frontier.sqlite")).unwrap();
    state.execute_batch(&sql).unwrap();
    drop(state);
    std::fs::remove_dir_all(place.path("output")).unwrap();
    let said = place.gongkai(&["crawl"]);
    assert_eq!(of_q(), [] as [&str; 0], "{said:?}");
    assert_eq!(gongkai::lake::stored_reports(&place.path("output")).unwrap().len(), 3);
    for command in [&["crawl"][..], &["status"], &["status", "--coverage"], &["explain", &alone.url("/gknb/2021.html")]]
    {
        assert_eq!(place.gongkai(command).code, 0, "{command:?}");
    }
    assert_eq!(alone.asked().len(), 3, "it was left alone");
}

#[test]
fn what_is_left_alone_is_not_due() {
    let portal = portal_with(48, &YEARS);
    let place = Place::new(&[("p", &portal.url("/gknb/"))], "");
    place.gongkai(&["crawl"]);
    let n_due_again = || {
        let state = rusqlite::Connection::open(place.path("state/frontier.sqlite")).unwrap();
        state.execute("UPDATE urls SET not_before = 0", []).unwrap();
        let json: serde_json::Value =
            serde_json::from_str(&place.gongkai(&["status", "--format", "json"]).stdout).unwrap();
        json["queue"]["n_due_again"].clone()
    };
    assert_eq!(n_due_again(), 4);
    exclude(&place, "host = \"127.0.0.48\"\npath = \"/gknb/20\"");
    place.gongkai(&["crawl"]);
    assert_eq!(n_due_again(), 1);
    exclude(&place, "portal = \"p\"");
    assert_eq!(n_due_again(), 0);
}

#[test]
fn an_exclusion_that_is_not_understood_stops_everything() {
    let portal = portal_with(36, &YEARS);
    let place = Place::new(&[("p", &portal.url("/gknb/"))], "");
    exclude(&place, "hots = \"127.0.0.36\"");
    assert_eq!(place.gongkai(&["crawl"]).code, 2);
    assert_eq!(portal.asked(), []);
}

#[test]
fn budgets_of_a_host_and_a_portal_hold_and_are_told() {
    let portal = portal_with(37, &YEARS);
    for (limit, n_asked, words) in [
        ("host = \"127.0.0.37\"\nmax_requests = 3", 3, "its 3 requests for one run are used up"),
        ("portal = \"p\"\nmax_requests = 3", 4, "its 3 requests for one run are used up"),
        // The list is larger than a byte, and the last that is asked for.
        ("portal = \"p\"\nmax_bytes = 1", 2, "its 1 bytes for one run are used up"),
    ] {
        let place = Place::new(&[("p", &portal.url("/gknb/"))], &format!("\n[[limit]]\n{limit}"));
        let before = portal.asked().len();
        let said = place.gongkai(&["crawl"]);
        assert_eq!(portal.asked().len() - before, n_asked, "{limit}: {said:?}");
        assert!(said.stdout.contains("held back by the configuration:") && said.stdout.contains(words), "{said:?}");
        assert_eq!(said.code, 0, "the operator wants it so: {said:?}");
    }
}

#[test]
fn in_quiet_hours_nobody_is_asked() {
    let portal = portal_with(38, &YEARS);
    // All of the day but a minute of each half; the run is done before.
    let quiet = "quiet_hours = [\"00:00-12:00\", \"12:00-00:00\"]";
    let place = Place::new(&[("p", &portal.url("/gknb/"))], quiet);
    let said = place.gongkai(&["crawl"]);
    assert_eq!((said.code, portal.asked()), (0, vec![]), "{said:?}");
    assert!(said.stdout.contains("all portals  quiet hours until 20"), "{said:?}");
}

#[test]
fn a_platform_that_does_not_fit_a_night_takes_its_portals_in_turn() {
    // Each needs its list and three reports; robots.txt counts too.
    let portals = [41, 42, 43].map(|last| portal_with(last, &YEARS));
    let entries = portals.each_ref().map(|portal| portal.url("/gknb/"));
    let named: Vec<(&str, &str)> = ["a", "b", "c"].into_iter().zip(entries.iter().map(String::as_str)).collect();
    let limit = "max_pages = 4\n[[limit]]\nplatform = \"shared\"\nhosts = [\"127.0.0.41\", \"127.0.0.42\", \"127.0.0.43\"]\n\
                 max_requests = 5";
    let place = Place::new(&named, limit);
    let mut nights = Vec::new();
    for _ in 0..3 {
        let said = place.gongkai(&["crawl"]);
        assert_eq!(said.code, 0, "{said:?}");
        nights.push(portals.each_ref().map(|portal| portal.take_paths().len()));
        // A day passes: what was visited is not due again.
    }
    assert_eq!(nights[0], [4, 0, 0], "the first has its turn");
    let first = &place.runs()[0]["run"]["nights"][0];
    assert_eq!((&first["n_tonight"], &first["n_requests_a_night"]), (&1.into(), &5.into()));
    let later: Vec<&str> = first["later"].as_array().unwrap().iter().map(|l| l["portal"].as_str().unwrap()).collect();
    assert_eq!(later, ["b", "c"]);
    assert_eq!(nights[1..], [[0, 4, 0], [0, 0, 4]]);
    assert_eq!(place.runs().len(), 3);
    assert!(place.runs()[2]["run"]["nights"].as_array().unwrap().is_empty(), "the last fits");
}

#[test]
fn a_platform_that_needs_less_than_was_foreseen_wakes_the_next() {
    let portals = [44, 45].map(|last| portal_with(last, &YEARS[..1]));
    let entries = portals.each_ref().map(|portal| portal.url("/gknb/"));
    let named: Vec<(&str, &str)> = ["a", "b"].into_iter().zip(entries.iter().map(String::as_str)).collect();
    // Foreseen are as many pages as a portal may have: 4.
    let limit =
        "max_pages = 4\n[[limit]]\nplatform = \"shared\"\nhosts = [\"127.0.0.44\", \"127.0.0.45\"]\nmax_requests = 6";
    let place = Place::new(&named, limit);
    let said = place.gongkai(&["crawl"]);
    assert_eq!(portals.each_ref().map(|portal| portal.take_paths().len()), [2, 2], "{said:?}");
    let nights = &place.runs()[0]["run"]["nights"][0];
    assert_eq!((&nights["n_tonight"], nights["later"].as_array().unwrap().len()), (&2.into(), 0), "{nights}");
}

#[test]
fn a_mistyped_exclusion_is_told_and_a_lost_file_of_them_stops_everything() {
    let portal = portal_with(49, &YEARS);
    let place = Place::new(&[("p", &portal.url("/gknb/"))], "");
    exclude(&place, "portal = \"330438\"");
    let said = place.gongkai(&["crawl", "--quiet"]);
    assert!(
        said.code == 1 && said.stdout.contains("the exclusion of the portal 330438  no portal has this id"),
        "{said:?}"
    );
    assert!(place.gongkai(&["status"]).stdout.contains("the exclusion of the portal 330438"));
    let n_asked = portal.asked().len();
    for name in ["exclusions.toml", "portals.toml"] {
        let (path, away) = (place.path("config").join(name), place.path(name));
        std::fs::rename(&path, &away).unwrap();
        for command in [&["check"][..], &["crawl"], &["crawl", "--dry-run"]] {
            let said = place.gongkai(command);
            assert_eq!(said.code, 2, "{command:?}: {said:?}");
            assert!(said.stderr.contains(&format!("config/{name}: the last run had this file")), "{said:?}");
        }
        std::fs::rename(&away, &path).unwrap();
    }
    // Whoever asked to be left alone did not ask it of a folder of that name. Other
    // files of another folder are its own matter.
    std::fs::create_dir(place.path("etc")).unwrap();
    for name in ["gongkai.toml", "portals.toml"] {
        std::fs::copy(place.path("config").join(name), place.path("etc").join(name)).unwrap();
    }
    let elsewhere = place.path("etc");
    for folder in ["etc", elsewhere.to_str().unwrap()] {
        let said = place.gongkai(&["crawl", "--again", "--config", folder]);
        assert!(said.code == 2 && said.stderr.contains("etc/exclusions.toml: the last run had this file"), "{said:?}");
    }
    assert_eq!(portal.asked().len(), n_asked);
    place.write("etc/exclusions.toml", "");
    std::fs::remove_file(place.path("etc/portals.toml")).unwrap();
    assert!(!place.gongkai(&["check", "--config", "etc"]).stderr.contains("the last run had"), "another folder");
    let config = place.path("config").canonicalize().unwrap();
    assert_eq!(place.runs()[0]["used"]["configuration"]["folder"], config.to_str().unwrap(), "from wherever it is run");
    place.write("config/exclusions.toml", "");
    assert_eq!((place.gongkai(&["check"]).code, place.gongkai(&["crawl", "--quiet"]).code), (0, 0), "it was meant");
    std::fs::remove_file(place.path("config/exclusions.toml")).unwrap();
    assert_eq!(place.gongkai(&["check"]).code, 0, "the last run had none");
}
