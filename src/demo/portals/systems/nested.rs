//! Columns in columns: the government's reports by year, the offices' by
//! office and then by year.

use crate::demo::portals::site::{Builder, LIST, System};

pub(super) struct Nested;

/// The offices that report, by the folder of their column.
const OFFICES: [(&str, &str); 2] = [("jyj", "教育局"), ("czj", "财政局")];
const YEARS: [i16; 2] = [2021, 2023];

impl System for Nested {
    fn years(&self) -> &'static [i16] {
        &YEARS
    }

    fn lists(&self, site: &mut Builder<'_>) {
        let mut years = String::new();
        for (article, year) in site.articles.clone().iter().zip(YEARS) {
            years.push_str(&format!("<li><a href=\"/gknb/{year}/\">{year}年</a></li>"));
            site.put(&format!("/gknb/{year}/"), LIST, &format!("<ul>{}</ul>", article.item()));
        }
        let offices = "<a href=\"/gknb/bm/index.html\">部门信息公开年报</a>";
        site.put("/gknb/index.html", LIST, &format!("<ul>{years}</ul>{offices}"));
        let mut links = String::new();
        for (folder, office) in OFFICES {
            let reports = YEARS.map(|year| {
                let report = site.invented(year, Some(office));
                site.publish(report, &format!("/gknb/bm/{folder}/{year}.html")).item()
            });
            let name = format!("{}{office}", site.place.name);
            site.put(&format!("/gknb/bm/{folder}/"), &name, &format!("<ul>{}</ul>", reports.concat()));
            links.push_str(&format!("<li><a href=\"/gknb/bm/{folder}/\">{name}</a></li>"));
        }
        site.put("/gknb/bm/index.html", LIST, &format!("<ul>{links}</ul>"));
    }
}
