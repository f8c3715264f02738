//! Who reports: name, region, level.
//!
//! The title says it best. 发布机构 in a page's metadata is who posted it, which
//! is weaker evidence; the configuration's hint is used to tell places of one
//! name apart and where the document itself says nothing.

use std::sync::LazyLock;

use regex::Regex;

use super::{Scene, short_lines, title};
use crate::page::fold::fold;
use crate::report::catalogue::Catalogue;
use crate::report::ids::RegionCode;
use crate::report::regions::{Place, Regions};
use crate::report::types::Level;

/// An issuer.
pub(super) struct Issuer {
    pub name: String,
    pub name_in_region: String,
    pub region: Option<RegionCode>,
    pub region_name: Option<String>,
    pub level: Level,
}

/// Finds who reports.
pub(super) fn find(
    scene: &Scene<'_>,
    title: Option<&str>,
    year: Option<i16>,
    catalogue: &Catalogue,
    evidence: &mut Vec<String>,
) -> Issuer {
    let regions = &catalogue.regions;
    let hint = scene.capture.hint.region.as_deref().and_then(|code| code.parse::<RegionCode>().ok());
    let look = Look { regions, year, hint: hint.as_ref(), text: scene.text };
    for (text, from) in candidates(scene, title) {
        let text = tidied(&text);
        if text.chars().count() < 2 || !could_report(&text) && !look.is_place(&text) {
            continue;
        }
        let place = look.place_of(&text);
        let issuer = named(&text, place, &look);
        evidence.push(format!("issuer {}: {from}", issuer.name));
        match (&issuer.region, &issuer.region_name) {
            (Some(code), Some(name)) => evidence.push(format!("region {code}: {name} in the list of {}", words(year))),
            _ => evidence.push("region unknown: no listed place is named, or several of that name".to_owned()),
        }
        return issuer;
    }
    evidence.push("issuer unknown: neither title, text nor configuration names one".to_owned());
    let place = look.hinted();
    Issuer {
        name: place.map_or_else(|| "未知".to_owned(), |place| format!("{}人民政府", place.name)),
        name_in_region: if place.is_some() { "人民政府".to_owned() } else { "未知".to_owned() },
        region: place.map(|place| place.code.clone()),
        region_name: place.map(|place| place.name.clone()),
        level: place.map_or(Level::Department, |place| place.level),
    }
}

fn words(year: Option<i16>) -> String {
    year.map_or_else(|| "any year".to_owned(), |year| year.to_string())
}

/// The texts that may name the issuer, best first, each with where it stands.
fn candidates(scene: &Scene<'_>, title: Option<&str>) -> Vec<(String, &'static str)> {
    static MADE_BY: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r"(?:现公布|现将|公布|本报告由|本年报由|报告是由|特向社会公布)([\p{Han}]{2,20}?)(?:(?:19|20)[0-9]{2}年|编制|综合|汇总)").ok()
    });
    let mut found = Vec::new();
    if let Some(who) = title.and_then(title::who) {
        found.push((who, "the title"));
    }
    // A line that is nothing but a name, above the text.
    let lines: Vec<&str> = short_lines(scene.page).take(15).collect();
    let alone = lines.iter().filter(|line| fold(line).chars().count() <= 24 && is_whole_name(&fold(line)));
    found.extend(alone.map(|line| (fold(line), "a line above the text")));
    let head = fold(&scene.text.chars().take(1500).collect::<String>());
    if let Some(name) = MADE_BY.as_ref().and_then(|regex| regex.captures(&head)).and_then(|found| found.get(1)) {
        found.push((name.as_str().to_owned(), "the first sentences"));
    }
    for (name, content) in &scene.page.meta {
        if matches!(name.as_str(), "contentsource" | "sitename" | "author") && is_whole_name(&fold(content)) {
            found.push((fold(content), "a meta element"));
        }
    }
    for line in &lines {
        let line = fold(line);
        for label in ["发布机构", "公开责任部门", "信息来源", "来源"] {
            if let Some((_, after)) = line.split_once(label) {
                let name: String =
                    after.trim_start_matches([':', ']', '】']).chars().take_while(|c| c.is_alphabetic()).collect();
                let end = ["字体", "时间", "日期", "浏览", "发布", "字号", "作者"]
                    .iter()
                    .filter_map(|word| name.find(word))
                    .min();
                let name = &name[..end.unwrap_or(name.len())];
                if is_whole_name(name) {
                    found.push((name.to_owned(), "who posted it"));
                }
            }
        }
    }
    if let Some(name) = &scene.capture.hint.name {
        found.push((fold(name), "the configuration"));
    }
    found
}

/// 人民政府, 局, 委员会 and the like: a text that is an office's whole name.
fn is_whole_name(folded: &str) -> bool {
    let office = [
        "人民政府",
        "市政府",
        "县政府",
        "区政府",
        "局",
        "委员会",
        "厅",
        "管委会",
        "办公室",
        "办公厅",
        "街道办事处",
        "税务局",
    ];
    folded.chars().all(char::is_alphabetic)
        && (4..=30).contains(&folded.chars().count())
        && office.iter().any(|end| folded.ends_with(end))
}

/// Whether a text can be a name at all, and not a piece of a sentence.
fn could_report(text: &str) -> bool {
    let ends = [
        "政府",
        "局",
        "委",
        "会",
        "厅",
        "办",
        "室",
        "处",
        "院",
        "所",
        "中心",
        "站",
        "队",
        "署",
        "校",
        "司",
        "集团",
        "办事处",
        "省",
        "市",
        "县",
        "区",
        "州",
        "盟",
        "旗",
        "镇",
        "乡",
        "街道",
        "苏木",
        "学",
        "园",
        "馆",
        "行",
        "社",
        "部",
        "公司",
        "兵团",
        "特区",
    ];
    ends.iter().any(|end| text.ends_with(end))
}

fn tidied(text: &str) -> String {
    let text = fold(text);
    let text = text.trim_matches(|c: char| !c.is_alphanumeric());
    text.strip_suffix("政府信息公开").unwrap_or(text).to_owned()
}

/// What a look-up of places needs to know.
struct Look<'a> {
    regions: &'a Regions,
    year: Option<i16>,
    hint: Option<&'a RegionCode>,
    text: &'a str,
}

impl<'a> Look<'a> {
    fn hinted(&self) -> Option<&'a Place> {
        self.regions.of_code(self.hint?, self.year)
    }

    fn is_place(&self, text: &str) -> bool {
        !self.regions.named(text, self.year).is_empty() || !self.by_short_name(text).is_empty()
    }

    /// 青禾 for 青禾市.
    fn by_short_name(&self, text: &str) -> Vec<&'a Place> {
        let kinds = ["省", "市", "县", "区", "自治区", "自治州", "自治县", "地区", "盟", "旗"];
        kinds.iter().flat_map(|kind| self.regions.named(&format!("{text}{kind}"), self.year)).collect()
    }

    /// The innermost place that a name begins with.
    fn place_of(&self, name: &str) -> Option<(&'a Place, usize)> {
        let mut rest = name;
        let mut found: Option<(&Place, usize)> = None;
        loop {
            let starting = self.regions.at_start_of(rest, self.year);
            let longest = starting.first().map_or(0, |place| place.name.len());
            let same: Vec<&Place> = starting.into_iter().filter(|place| place.name.len() == longest).collect();
            let inside: Vec<&Place> = match found {
                Some((outer, _)) => {
                    same.into_iter().filter(|p| Regions::within(&p.code, &outer.code) && p.code != outer.code).collect()
                }
                None => same,
            };
            let Some(place) = self.one_of(&inside) else { break };
            rest = &rest[longest..];
            found = Some((place, name.len() - rest.len()));
        }
        if found.is_none() {
            let whole = self.by_short_name(name);
            return self.one_of(&whole).map(|place| (place, name.len()));
        }
        found
    }

    /// The one place meant among those of a name: the only one, the one that
    /// the hint lies in or that lies in the hint, or the one whose parent the
    /// text names. None where it stays open.
    fn one_of(&self, places: &[&'a Place]) -> Option<&'a Place> {
        let mut codes: Vec<&RegionCode> = places.iter().map(|place| &place.code).collect();
        codes.dedup();
        if codes.len() <= 1 {
            return places.first().copied();
        }
        if let Some(hint) = self.hint {
            let province = |code: &RegionCode| code.as_str()[..2].to_owned();
            let related = |place: &&&Place| Regions::within(&place.code, hint) || Regions::within(hint, &place.code);
            let near: Vec<_> = places.iter().filter(related).collect();
            let near = if near.is_empty() {
                places.iter().filter(|place| province(&place.code) == province(hint)).collect()
            } else {
                near
            };
            if let [one] = near.as_slice() {
                return Some(**one);
            }
        }
        let folded = fold(&self.text.chars().take(30_000).collect::<String>());
        let mentions = |place: &Place| {
            let names =
                std::iter::successors(self.regions.parent(place, self.year), |p| self.regions.parent(p, self.year));
            names.map(|parent| folded.matches(parent.name.as_str()).count()).sum::<usize>()
        };
        let mut counted: Vec<_> = places.iter().map(|place| (mentions(place), *place)).collect();
        counted.sort_by_key(|(n, _)| std::cmp::Reverse(*n));
        match counted.as_slice() {
            [(most, place), (next, _), ..] if *most > 0 && *next == 0 => Some(place),
            _ => None,
        }
    }
}

/// The issuer of a name, with the place that the name begins with.
fn named(text: &str, place: Option<(&Place, usize)>, look: &Look<'_>) -> Issuer {
    let (rest, place) = match place {
        Some((place, end)) => (&text[end..], Some(place)),
        None => (text, None),
    };
    if let Some(place) = place
        && matches!(rest, "" | "政府" | "人民政府")
    {
        let whole = if place.name.len() <= text.len() && text.starts_with(&place.name) {
            &text[..text.len() - rest.len()]
        } else {
            &place.name
        };
        return Issuer {
            name: format!("{whole}人民政府"),
            name_in_region: "人民政府".to_owned(),
            region: Some(place.code.clone()),
            region_name: Some(place.name.clone()),
            level: place.level,
        };
    }
    // A place of a name that several have, and nothing tells which.
    let named = look.regions.named(text.trim_end_matches("人民政府"), look.year);
    if let Some(some) = named.first().filter(|_| place.is_none()) {
        return Issuer {
            name: format!("{}人民政府", some.name),
            name_in_region: format!("{}人民政府", some.name),
            region: None,
            region_name: None,
            level: some.level,
        };
    }
    // 市统计局 on a city's portal.
    let own = look.hinted().filter(|_| place.is_none());
    let place = place.or(own);
    let rest = if own.is_some() { rest.trim_start_matches(['省', '市', '县', '区']) } else { rest };
    let level = level_of(rest);
    let (name, name_in_region) = match (place, level) {
        (Some(_), Level::Township) if rest.ends_with(['镇', '乡']) => {
            (format!("{text}人民政府"), format!("{rest}人民政府"))
        }
        (Some(place), _) if own.is_some() && !rest.is_empty() => (format!("{}{rest}", place.name), rest.to_owned()),
        _ => (text.to_owned(), if rest.is_empty() { text.to_owned() } else { rest.to_owned() }),
    };
    Issuer {
        name,
        name_in_region,
        region: place.map(|place| place.code.clone()),
        region_name: place.map(|place| place.name.clone()),
        level,
    }
}

/// The level of an office by how its name ends.
fn level_of(name: &str) -> Level {
    const TOWNSHIP: [&str; 10] =
        ["镇人民政府", "乡人民政府", "镇政府", "乡政府", "镇", "乡", "街道", "街道办事处", "苏木", "街道办"];
    const INSTITUTION: [&str; 14] = [
        "大学",
        "学院",
        "中学",
        "小学",
        "学校",
        "幼儿园",
        "医院",
        "公司",
        "集团",
        "卫生院",
        "图书馆",
        "博物馆",
        "保健院",
        "银行",
    ];
    let ends = |words: &[&str]| words.iter().any(|word| name.ends_with(word));
    if ends(&TOWNSHIP) {
        Level::Township
    } else if ends(&INSTITUTION) {
        Level::Institution
    } else {
        Level::Department
    }
}
