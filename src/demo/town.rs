//! A large portal as data: thousands of pages, the reports of a government and
//! of its offices among them, and what an oracle would fetch to have them all.
//!
//! The discovery of reports is measured on it: how many are found, and with
//! how many fetches.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::page::{Style, form_of_year, render, title};
use super::truth::truth;
use crate::report::Catalogue;
use crate::report::regions::Place;

/// How large a portal is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// Offices with a column and reports of their own.
    pub n_offices: usize,
    /// Pages of news.
    pub n_news: usize,
    /// Other columns that speak of disclosure, and hold news.
    pub n_other_columns: usize,
}

/// A portal.
#[derive(Debug, Clone)]
pub struct Town {
    /// The pages by path.
    pub pages: BTreeMap<String, Vec<u8>>,
    /// The paths of the reports.
    pub reports: BTreeSet<String>,
    /// Pages that must be fetched to have them all, by the shortest ways from
    /// the home page.
    pub n_shortest: usize,
}

const OFFICES: [&str; 24] = [
    "教育局",
    "财政局",
    "民政局",
    "公安局",
    "司法局",
    "审计局",
    "统计局",
    "水利局",
    "农业农村局",
    "商务局",
    "文化和旅游局",
    "卫生健康委员会",
    "发展和改革委员会",
    "应急管理局",
    "市场监督管理局",
    "自然资源局",
    "住房和城乡建设局",
    "交通运输局",
    "林业局",
    "医疗保障局",
    "退役军人事务局",
    "人力资源和社会保障局",
    "城市管理局",
    "信访局",
];

/// What offices call the list of their reports.
const LISTS: [&str; 6] = [
    "政府信息公开年报",
    "信息公开年报",
    "政府信息公开工作年度报告",
    "信息公开年度工作报告",
    "年度报告",
    "政务公开年度报告",
];
/// What stands beside it and is none.
const NO_LISTS: [&str; 4] = ["法治政府建设年度报告", "部门决算公开", "企业年报公示", "统计年报"];

struct Builder<'a> {
    random: fastrand::Rng,
    catalogue: &'a Catalogue,
    place: Place,
    pages: BTreeMap<String, Vec<u8>>,
    reports: BTreeSet<String>,
    links: BTreeMap<String, Vec<String>>,
    size: Size,
}

/// A portal of a place: the same seed gives the same.
#[must_use]
pub fn town(seed: u64, size: Size, place: &Place, catalogue: &Catalogue) -> Town {
    let mut builder = Builder {
        random: fastrand::Rng::with_seed(seed),
        catalogue,
        place: place.clone(),
        pages: BTreeMap::new(),
        reports: BTreeSet::new(),
        links: BTreeMap::new(),
        size,
    };
    builder.home();
    builder.open_government();
    builder.disclosure();
    builder.other_columns();
    builder.offices();
    builder.news();
    let n_shortest = builder.shortest();
    Town { pages: builder.pages, reports: builder.reports, n_shortest }
}

/// A link of a page: where to, what it says, and the day behind it.
type Link = (String, String, Option<String>);

/// A number in letters: digits of an id may read as an error's.
fn letters(n: usize) -> String {
    n.to_string().bytes().map(|digit| char::from(digit - b'0' + b'A')).collect()
}

fn plain(to: &str, text: &str) -> Link {
    (to.to_owned(), text.to_owned(), None)
}

impl Builder<'_> {
    fn home(&mut self) {
        let mut links = vec![
            plain("/zwgk/", "政务公开"),
            plain("/bsfw/", "办事服务"),
            plain("/hdjl/", "互动交流"),
            plain("/sjkf/tjnb/", "统计年报"),
        ];
        links.extend((0..30.min(self.size.n_news)).map(Self::news_link));
        self.put("/", &format!("{}人民政府", self.place.name), &links, "");
        self.put("/bsfw/", "办事服务", &[plain("/zwgk/", "政务公开")], "");
        self.put("/hdjl/", "互动交流", &[plain("/hdjl/ysq/", "依申请公开")], "");
    }

    fn open_government(&mut self) {
        let links = [
            plain("/zfxxgk/", "政府信息公开"),
            plain("/zwgk/zcwj/", "政策文件"),
            plain("/zwgk/yjs/", "财政预决算公开"),
            plain("/zwgk/zdly/", "重点领域信息公开"),
            plain("/zwgk/bzh/", "政务公开标准化规范化"),
        ];
        self.put("/zwgk/", "政务公开", &links, "");
        let news: Vec<Link> = (0..20.min(self.size.n_news)).map(Self::news_link).collect();
        self.put("/zwgk/bzh/", "政务公开标准化规范化", &news, "");
    }

    fn disclosure(&mut self) {
        let links = [
            plain("/zfxxgk/zn/", "政府信息公开指南"),
            plain("/zfxxgk/zd/", "政府信息公开制度"),
            plain("/zfxxgk/ml/", "法定主动公开内容"),
            plain("/zfxxgk/gknb/", "政府信息公开年报"),
            plain("/zfxxgk/bm/", "部门乡镇信息公开"),
        ];
        self.put("/zfxxgk/", "政府信息公开", &links, "");
        self.put("/zfxxgk/zn/", "政府信息公开指南", &[], "<p>指南的正文。</p>");
        let news: Vec<Link> = (0..20.min(self.size.n_news)).map(Self::news_link).collect();
        self.put("/zfxxgk/ml/", "法定主动公开内容", &news, "");
        self.list("/zfxxgk/gknb/", None, 2008..2025);
    }

    /// Columns whose names speak of disclosure, with lists of news in pages.
    fn other_columns(&mut self) {
        let fields = ["扶贫", "环境保护", "食品安全", "征地", "保障性住房", "义务教育", "医疗卫生", "安全生产"];
        let mut links = Vec::new();
        for n in 0..self.size.n_other_columns {
            let path = format!("/zwgk/zdly/{n}/");
            let name = format!("{}{}信息公开", fields[n % fields.len()], if n < fields.len() { "" } else { "领域" });
            links.push(plain(&path, &name));
            for page in 0..8 {
                let own = if page == 0 { path.clone() } else { format!("{path}index_{page}.html") };
                let news: Vec<Link> = (0..20.min(self.size.n_news)).map(|_| self.any_news()).collect();
                let script = format!("<script>createPageHTML(8, {page}, \"index\", \"html\");</script>");
                self.put(&own, &name, &news, &script);
            }
        }
        self.put("/zwgk/zdly/", "重点领域信息公开", &links, "");
    }

    fn offices(&mut self) {
        let mut links = Vec::new();
        for n in 0..self.size.n_offices {
            let office = OFFICES.get(n).map_or_else(|| format!("第{}镇", n - OFFICES.len() + 1), ToString::to_string);
            let path = format!("/zfxxgk/bm/{n}/");
            links.push(plain(&path, &format!("{}{office}", self.place.name)));
            self.office(&path, &office, n);
        }
        self.put("/zfxxgk/bm/", "部门乡镇信息公开", &links, "");
    }

    /// An office's column, in one of the ways in which offices have it.
    fn office(&mut self, path: &str, office: &str, n: usize) {
        let name = format!("{}{office}", self.place.name);
        let years = self.random.i16(2010..2018)..2025;
        let guide = plain(&format!("{path}zn/"), "政府信息公开指南");
        let other = plain(&format!("{path}qt/"), NO_LISTS[n % NO_LISTS.len()]);
        let list = LISTS[self.random.usize(0..LISTS.len())];
        match n % 4 {
            // The reports stand on the column itself.
            0 => self.list(path, Some(office), years),
            // ... or under a list with a short name,
            1 => {
                let news = self.any_news();
                self.put(&format!("{path}qt/"), "公示", &[news], "");
                self.put(path, &name, &[guide, other, plain(&format!("{path}nb/"), list)], "");
                self.list(&format!("{path}nb/"), Some(office), years);
            }
            // ... or with the usual one,
            2 => {
                self.put(path, &name, &[guide, plain(&format!("{path}gknb/"), list), other], "");
                self.list(&format!("{path}gknb/"), Some(office), years);
            }
            // ... or in columns of years.
            _ => {
                self.put(path, &name, &[other, guide, plain(&format!("{path}gknb/"), list)], "");
                let mut links = Vec::new();
                for year in years {
                    let of_year = format!("{path}gknb/{year}/");
                    links.push(plain(&of_year, &format!("{year}年")));
                    let report = self.report(&of_year, Some(office), year);
                    self.put(&of_year, &format!("{year}年"), &[report], "");
                }
                self.put(&format!("{path}gknb/"), "政府信息公开年报", &links, "");
            }
        }
    }

    /// A list of reports in pages, news among them, paged in one of three ways.
    fn list(&mut self, path: &str, office: Option<&str>, years: std::ops::Range<i16>) {
        const PER_PAGE: usize = 8;
        let mut items = Vec::new();
        for year in years.rev() {
            items.push(self.report(path, office, year));
            if self.random.u8(0..4) == 0 {
                let notice = format!("关于做好{year}年政府信息公开年报编制工作的通知");
                let news = self.any_news();
                items.push((news.0, notice, news.2));
            }
        }
        let n_pages = items.len().div_ceil(PER_PAGE);
        let way = self.random.u8(0..3);
        let number = |page: usize| if way == 1 { page + 1 } else { page };
        let file = |page: usize| match (page, way) {
            (0, _) => path.to_owned(),
            (page, 2) => format!("{path}list.asp?page={}", page + 1),
            (page, _) => format!("{path}index_{}.html", number(page)),
        };
        for (page, links) in items.chunks(PER_PAGE).enumerate() {
            let next = file(page + 1);
            let is_last = page + 1 == n_pages;
            let pager = match way {
                0 => format!("<script>createPageHTML({n_pages}, {page}, \"index\", \"html\");</script>"),
                _ if is_last => String::new(),
                1 => format!("<div>共{n_pages}页 <a href=\"{next}\">下一页</a></div>"),
                _ => format!("<a href=\"{next}\">下一页</a>"),
            };
            self.put(&file(page), "政府信息公开年报", links, &pager);
            if !is_last {
                self.links.entry(file(page)).or_default().push(next);
            }
            if page == 0 && way < 2 {
                let rest = (2..n_pages).map(file).collect::<Vec<_>>();
                self.links.entry(file(0)).or_default().extend(rest);
            }
        }
    }

    fn report(&mut self, folder: &str, office: Option<&str>, year: i16) -> Link {
        let path = format!("{folder}{}/t{}0{}12_{}.html", year + 1, year + 1, self.random.u8(1..4), self.reports.len());
        let mut truth = truth(self.random.u64(..), &self.place, year, form_of_year(year), self.catalogue);
        if let Some(office) = office {
            truth.issuer = format!("{}{office}", self.place.name);
        }
        self.pages.insert(path.clone(), render(&truth, Style::PORTAL, self.catalogue));
        self.reports.insert(path.clone());
        (path, title(&truth), Some(truth.published_on.clone()))
    }

    fn news(&mut self) {
        for n in 0..self.size.n_news {
            let menu = [plain("/zwgk/", "政务公开"), plain("/zfxxgk/", "政府信息公开"), self.any_news()];
            self.put(&format!("/news/{n}.html"), "要闻", &menu, &format!("<p>要闻{}的正文。</p>", letters(n)));
        }
    }

    fn any_news(&mut self) -> Link {
        let n = self.random.usize(0..self.size.n_news.max(1));
        Self::news_link(n)
    }

    fn news_link(n: usize) -> Link {
        let subjects = [
            "召开政务公开工作推进会",
            "信息公开培训班开班",
            "春耕备耕有序推进",
            "年报公示工作启动",
            "县政府2018年政府信息公开工作年度报告发布",
            "一图读懂2019年政府信息公开工作年度报告",
            "公开招聘公告",
        ];
        let text = if n % 40 == 7 {
            // Told from a report by nothing but its page.
            "县政府公布2018年政府信息公开工作年度报告"
        } else {
            subjects[n % subjects.len()]
        };
        let day = format!("{}-{:02}-{:02}", 2015 + n % 10, n % 12 + 1, n % 28 + 1);
        (format!("/news/{n}.html"), text.to_owned(), Some(day))
    }

    /// A page with the portal's menu, its links and its footer.
    fn put(&mut self, path: &str, title: &str, links: &[Link], more: &str) {
        let item = |(to, text, day): &Link| {
            let day = day.as_ref().map(|day| format!("<span>{day}</span>")).unwrap_or_default();
            format!("<li><a href=\"{to}\" title=\"{text}\">{text}</a>{day}</li>\n")
        };
        let menu = [plain("/", "首页"), plain("/zwgk/", "政务公开"), plain("/bsfw/", "办事服务")];
        let footer = "<div class=footer><a href=\"http://www.province.gov.cn/\">省人民政府</a>\
                      <a href=\"/map/\">网站地图</a> 主办：县人民政府办公室</div>";
        let html = format!(
            "<!DOCTYPE html>\n<html><head><meta charset=utf-8><title>{title}</title></head><body><ul>{}</ul>\n<h2>{title}</h2>\n\
             <ul>{}</ul>\n{more}\n{footer}</body></html>",
            menu.iter().map(item).collect::<String>(),
            links.iter().map(item).collect::<String>(),
        );
        self.pages.insert(path.to_owned(), html.into_bytes());
        let to = menu.iter().chain(links).map(|(to, ..)| to.clone());
        self.links.entry(path.to_owned()).or_default().extend(to);
    }

    /// The pages on the shortest ways from the home page to all reports.
    fn shortest(&self) -> usize {
        let mut parents: BTreeMap<&str, &str> = BTreeMap::new();
        let mut queue = VecDeque::from(["/"]);
        while let Some(page) = queue.pop_front() {
            for to in self.links.get(page).into_iter().flatten() {
                if to != "/" && self.pages.contains_key(to) && !parents.contains_key(to.as_str()) {
                    parents.insert(to, page);
                    queue.push_back(to);
                }
            }
        }
        let mut needed: BTreeSet<&str> = BTreeSet::from(["/"]);
        for report in &self.reports {
            let mut page = report.as_str();
            while needed.insert(page) {
                let Some(parent) = parents.get(page) else { break };
                page = parent;
            }
        }
        needed.len()
    }
}
