//! A portal in the making: the pages that every system has, and the trait in
//! which the systems differ.

use std::collections::{BTreeMap, HashMap};

use super::server::{HTML, Stored};
use crate::demo::other::other;
use crate::demo::page::{Charset, Style, encode, form_of_year, render, title};
use crate::demo::quirk::Quirks;
use crate::demo::truth::{Truth, truth};
use crate::report::Catalogue;
use crate::report::regions::Place;

/// What is special about a portal: its content system, and the way from its
/// home page to the reports.
pub(super) trait System: Sync {
    /// The host's name.
    fn host(&self, number: u8) -> String {
        format!("www.gongkai-demo-{number}.gov.cn")
    }

    /// Where the crawl is told to begin.
    fn entry(&self, host: &str) -> String {
        format!("http://{host}/")
    }

    /// The years of its reports.
    fn years(&self) -> &'static [i16] {
        &[2017, 2019, 2021, 2023]
    }

    /// How its pages are rendered.
    fn style(&self) -> Style {
        Style::PORTAL
    }

    /// A report's path.
    fn path(&self, year: i16) -> String {
        format!("/art/{}/3/1/art_9_{year}.html", year + 1)
    }

    /// The page under the host's root.
    fn home(&self, site: &mut Builder<'_>) {
        let menu = "<ul class=nav><li><a href=\"/zwgk/index.html\">政务公开</a></li><li><a href=\"/fw.html\">办事服务</a></li></ul>";
        site.put("/", &format!("{}人民政府", site.place.name), menu);
        site.put("/zwgk/index.html", "政务公开", "<a href=\"/zwgk/zfxxgk/\">政府信息公开</a>");
    }

    /// The disclosure column.
    fn column(&self, site: &mut Builder<'_>) {
        let noise = site.noise();
        let list = "<li><a href=\"/gknb/index.html\">政府信息公开年报</a></li>";
        site.put("/zwgk/zfxxgk/", "政府信息公开", &format!("<ul>{noise}{list}</ul>"));
    }

    /// The list of reports, paged as the system pages it.
    fn lists(&self, site: &mut Builder<'_>);

    /// Answers of 503 with Retry-After before the portal recovers.
    fn n_busy(&self) -> u32 {
        0
    }
}

/// Reports of one page of a list.
pub(super) const PER_PAGE: usize = 2;

/// The name of the list of reports.
pub(super) const LIST: &str = "政府信息公开年报";

/// A report on a list.
#[derive(Debug, Clone)]
pub(super) struct Article {
    pub title: String,
    pub path: String,
    pub day: String,
}

impl Article {
    /// As most lists show it.
    pub fn item(&self) -> String {
        let Self { title, path, day } = self;
        format!("<li><a href=\"{path}\" title=\"{title}\">{title}</a><span>{day}</span></li>")
    }
}

/// An invented report, and how it is rendered.
pub(super) struct Invented {
    truth: Truth,
    style: Style,
}

/// A portal in the making.
pub(super) struct Builder<'a> {
    pub place: &'a Place,
    pub host: String,
    pub number: u8,
    pub articles: Vec<Article>,
    pub published: Vec<(String, Truth)>,
    pub robots: String,
    /// By host, then by path.
    pub pages: BTreeMap<String, HashMap<String, Stored>>,
    style: Style,
    seed: u64,
    catalogue: &'a Catalogue,
}

impl<'a> Builder<'a> {
    /// A portal of a place, whole.
    pub fn build(system: &dyn System, number: u8, seed: u64, place: &'a Place, catalogue: &'a Catalogue) -> Self {
        let mut site = Self {
            place,
            host: system.host(number),
            number,
            articles: vec![],
            published: vec![],
            robots: "User-agent: *\nDisallow: /admin/\n".to_owned(),
            pages: BTreeMap::new(),
            style: system.style(),
            seed,
            catalogue,
        };
        for year in system.years() {
            let report = site.invented(*year, None);
            let article = site.publish(report, &system.path(*year));
            site.articles.push(article);
        }
        system.home(&mut site);
        system.column(&mut site);
        system.lists(&mut site);
        let robots = site.robots.clone();
        site.raw("/robots.txt", robots.into_bytes(), "text/plain");
        site
    }

    /// An invented report of the place, or of one of its offices, and how it is
    /// rendered.
    pub fn invented(&self, year: i16, office: Option<&str>) -> Invented {
        let code = u64::from(self.place.code.as_str().parse::<u32>().unwrap_or(0));
        let of_office = office.map_or(0, |office| office.bytes().map(u64::from).sum::<u64>() << 40);
        let number = self.seed ^ (code << 16) ^ of_office ^ u64::from(year.unsigned_abs());
        let form = form_of_year(year);
        let quirks = Quirks::draw(&mut fastrand::Rng::with_seed(number), 4, form, self.style.layout);
        let style = Style { quirks, seed: number, ..self.style };
        let mut truth = truth(number, self.place, year, form, self.catalogue);
        if let Some(office) = office {
            truth.issuer = format!("{}{office}", self.place.name);
        }
        Invented { truth: truth.printed(&style), style }
    }

    /// Serves a report that the crawl is to find.
    pub fn publish(&mut self, report: Invented, path: &str) -> Article {
        let article = self.serve(&report, path);
        self.published.push((format!("http://{}{path}", self.host), report.truth));
        article
    }

    /// Serves a report that the crawl is not to find.
    pub fn serve(&mut self, report: &Invented, path: &str) -> Article {
        let Invented { truth, style } = report;
        let page = render(truth, *style, self.catalogue);
        self.raw(path, page, HTML);
        Article { title: title(truth), path: path.to_owned(), day: truth.published_on.clone() }
    }

    /// Serves a page with a body of our own.
    pub fn put(&mut self, path: &str, title: &str, body: &str) {
        let html = format!(
            "<!DOCTYPE html>\n<html><head><meta charset=\"CHARSET\"><title>{title}</title></head><body>\n<h2>{title}</h2>\n\
             {body}\n<div>主办单位：演示办公室</div></body></html>"
        );
        let bytes = self.encoded(&html);
        self.raw(path, bytes, HTML);
    }

    /// Serves bytes.
    pub fn raw(&mut self, path: &str, body: Vec<u8>, content_type: &'static str) {
        self.stored(path, Stored::new(body, content_type));
    }

    /// Serves what is stored.
    pub fn stored(&mut self, path: &str, stored: Stored) {
        self.pages.entry(self.host.clone()).or_default().insert(path.to_owned(), stored);
    }

    /// A text in the portal's charset.
    pub fn encoded(&self, text: &str) -> Vec<u8> {
        encode(text, self.style.charset)
    }

    /// Whether the portal writes GBK.
    pub fn is_gbk(&self) -> bool {
        self.style.charset == Charset::Gbk
    }

    /// The items of the list, a page's worth each.
    pub fn chunks(&self) -> Vec<String> {
        let items = self.articles.chunks(PER_PAGE);
        items.map(|page| format!("<ul>{}</ul>", page.iter().map(Article::item).collect::<String>())).collect()
    }

    /// Pages of a column that are no reports, and the links to them.
    pub fn noise(&mut self) -> String {
        let kinds =
            [("guide", "政府信息公开指南"), ("catalogue", "政府信息公开目录"), ("news", "召开政务公开工作推进会")];
        let mut links = String::new();
        for (n, (kind, name)) in kinds.iter().enumerate() {
            let page = other(kind, &self.place.name);
            self.raw(&format!("/other/{n}.html"), page, HTML);
            links.push_str(&format!("<li><a href=\"/other/{n}.html\">{name}</a></li>"));
        }
        links
    }
}
