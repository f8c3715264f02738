//! docs/json.md has the fields that the program writes, all of them and no others.
#![allow(missing_docs)]
#![cfg(feature = "engine")]

mod loopback;

use std::collections::BTreeSet;

use loopback::{Place, portal_with, report, status};
use serde_json::Value;

/// The fields of a section of docs/json.md.
fn documented(section: &str) -> BTreeSet<String> {
    let text = include_str!("../docs/json.md");
    let (_, rest) = text.split_once(&format!("\n## {section}\n")).unwrap_or_else(|| panic!("no section {section}"));
    let section = rest.split("\n## ").next().unwrap();
    section.lines().filter_map(|line| Some(line.strip_prefix("| `")?.split_once('`')?.0.to_owned())).collect()
}

/// What an output holds, as the document names it, and what of it is empty or null.
#[derive(Default)]
struct Held {
    fields: BTreeSet<String>,
    empty: BTreeSet<String>,
}

impl Held {
    fn take(&mut self, at: &str, value: &Value, documented: &BTreeSet<String>) {
        self.fields.insert(at.to_owned());
        let below = |key: &str| if at.is_empty() { key.to_owned() } else { format!("{at}.{key}") };
        let is_named = |start: &str| documented.iter().any(|field| field.starts_with(start));
        match value {
            Value::Object(of) if !of.is_empty() => {
                let any = below("*");
                let has_data_for_keys = is_named(&any);
                for (key, value) in of {
                    let key = if has_data_for_keys { any.clone() } else { below(key) };
                    self.take(&key, value, documented);
                }
            }
            Value::Array(of) if !of.is_empty() => of.iter().for_each(|value| {
                self.take(&format!("{at}[]"), value, documented);
            }),
            Value::Object(_) | Value::Array(_) | Value::Null => {
                self.empty.insert(at.to_owned());
            }
            _ => {}
        }
    }
}

fn hold(section: &str, outputs: &[Value], told_elsewhere: &[&str]) {
    let documented = documented(section);
    let mut held = Held::default();
    outputs.iter().for_each(|output| held.take("", output, &documented));
    let is_below = |field: &str, of: &str| field.strip_prefix(of).is_some_and(|rest| rest.starts_with(['.', '[']));
    let is_told = |field: &String| {
        documented.contains(field)
            || documented.iter().any(|other| is_below(other, field))
            || told_elsewhere.iter().any(|of| is_below(field, of))
    };
    let is_element = |field: &&String| field.ends_with("[]") || field.is_empty();
    let unsaid: Vec<_> = held.fields.iter().filter(|field| !is_element(field) && !is_told(field)).collect();
    assert!(unsaid.is_empty(), "{section}: docs/json.md lacks {unsaid:?}");
    let is_there = |field: &String| held.fields.contains(field) || held.empty.iter().any(|of| is_below(field, of));
    let invented: Vec<_> = documented.iter().filter(|field| !is_there(field)).collect();
    assert!(invented.is_empty(), "{section}: the program has no {invented:?}");
}

fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn the_fields_of_all_outputs_are_documented() {
    let portal = portal_with(138, &[2019, 2021, 2023]);
    portal.put("/gknb/2021.html", status(403));
    let place = Place::new(&[("p", &portal.url("/gknb/"))], "");
    place.gongkai(&["crawl"]);

    let whole = String::from_utf8(report(2019, 9).body).unwrap();
    let page = whole
        .replace("</body>", "<p>2019年，共收到申请77件，收到申请6件。</p><table><tr><td>x</td></tr></table></body>");
    place.write("page.html", &page);
    place.write("none.html", "<p>x</p>");
    let (page, none) = (place.path("page.html"), place.path("none.html"));
    let extract = ["extract", "--format", "json", "--explain", "--text", "--dropped"];
    let extract = place.gongkai(&[&extract[..], &[page.to_str().unwrap(), none.to_str().unwrap()]].concat());
    hold("`gongkai extract --format json`", &lines(&extract.stdout), &[]);

    let whole = |arguments: &[&str]| vec![serde_json::from_str(&place.gongkai(arguments).stdout).unwrap()];
    hold("`gongkai status --format json`", &whole(&["status", "--format", "json"]), &["last_run.counts"]);
    hold("`gongkai status --coverage --format json`", &whole(&["status", "--coverage", "--format", "json"]), &[]);

    place.write("robots.txt", "User-agent: *\nDisallow: /x\n");
    let robots = place.path("robots.txt");
    let robots = place.gongkai(&["robots", "--format", "json", robots.to_str().unwrap(), "/x", "/y"]);
    hold("`gongkai robots --format json`", &lines(&robots.stdout), &[]);

    let elsewhere = ["used.configuration", "failing[]", "run.news[]", "run.nights[].later[]"];
    hold("The run report", &place.runs(), &elsewhere);
}
