//! Who reports: name, region, level.
//!
//! The title says it best. 发布机构 in a page's metadata is who posted it, which
//! is weaker evidence; the configuration's hint is used to tell places of one
//! name apart and where the document itself says nothing.

use std::cell::LazyCell;
use std::sync::LazyLock;

use regex::Regex;

use super::{Scene, head, short_lines, title};
use crate::page::fold::{fold, simplified};
use crate::page::{Block, BlockKind, Row};
use crate::report::catalogue::Catalogue;
use crate::report::ids::RegionCode;
use crate::report::regions::{KINDS, Place, Regions};
use crate::report::types::Level;

/// An issuer.
pub(super) struct Issuer {
    pub name: String,
    pub name_in_region: String,
    pub region: Option<RegionCode>,
    pub region_name: Option<String>,
    pub level: Level,
}

/// Finds who reports; none where neither the document nor the configuration says it.
pub(super) fn find(
    scene: &Scene<'_>,
    title: Option<&str>,
    year: Option<i16>,
    catalogue: &Catalogue,
    evidence: &mut Vec<String>,
) -> Option<Issuer> {
    let hint = hint(scene);
    let look = Look { regions: &catalogue.regions, year, hint: hint.as_ref(), text: scene.text };
    // Looked for where the title does not tell: it mostly does.
    let others = LazyCell::new(|| tidied_all(candidates(scene, &look)));
    let of_title = tidied_all(title.and_then(title::who).map(|who| (who, TITLE)));
    let candidates = || of_title.iter().chain(std::iter::once(&others).flat_map(|others| others.iter()));
    for (text, from) in candidates().cloned() {
        if text.chars().count() < 2 || !could_report(&text) && !look.is_place(&text) {
            continue;
        }
        let mut issuer = named_of(&text, &look);
        if is_of_place(from) && issuer.name_in_region == "人民政府" && speaks_for_a_part(scene.text, issuer.level) {
            continue;
        }
        // 民政局2013年…, 由青禾市丰谷区民政局编制: the text says of which place.
        let fuller = candidates().filter(|(whole, _)| whole.len() > text.len() && whole.ends_with(&text));
        if issuer.region.is_none()
            && let Some(whole) = fuller.map(|(whole, _)| named_of(whole, &look)).find(|whole| whole.region.is_some())
        {
            // A township is known by its own name.
            issuer = match issuer.level {
                Level::Township => Issuer { region: whole.region, region_name: whole.region_name, ..issuer },
                _ => whole,
            };
        }
        // A government's office makes its report, or posts it.
        let may_stand_for_it = from == POSTED || from == WAY || (from != TITLE && text.ends_with(['室', '厅']));
        if may_stand_for_it
            && issuer.level == Level::Department
            && speaks_for_a_region(scene.text)
            && let Some((place, _)) = look.place_of(&text)
        {
            evidence.push(format!("{text} made or posted it, and the text speaks for the whole of {}", place.name));
            issuer = named_of(&place.name, &look);
        }
        if issuer.region.is_none()
            && issuer.level == Level::Township
            && let Some(place) = look.before(&issuer.name, scene)
        {
            evidence.push(format!("{} stands before its name on the page", place.name));
            issuer.region = Some(place.code.clone());
            issuer.region_name = Some(place.name.clone());
        }
        evidence.push(format!("issuer {}: {from}", issuer.name));
        match (&issuer.region, &issuer.region_name) {
            (Some(code), Some(name)) => evidence.push(format!("region {code}: {name} in the list of {}", words(year))),
            _ => evidence.push("region unknown: no listed place is named, or several of that name".to_owned()),
        }
        return Some(issuer);
    }
    let Some(place) = look.hinted() else {
        evidence.push("issuer unknown: neither title, text nor configuration names one".to_owned());
        return None;
    };
    if speaks_for_a_part(scene.text, place.level) {
        evidence.push(format!("issuer unknown: the text speaks as an office of {}, and nothing names it", place.name));
        return None;
    }
    evidence.push(format!("issuer of {}: neither title nor text names one, the configuration the place", place.name));
    Some(Issuer {
        name: format!("{}{}", place.name, government_of(place)),
        name_in_region: government_of(place).to_owned(),
        region: Some(place.code.clone()),
        region_name: Some(place.name.clone()),
        level: place.level,
    })
}

/// The place whose portal the configuration says that a page is of.
pub(super) fn place_of_portal(
    scene: &Scene<'_>,
    year: Option<i16>,
    catalogue: &Catalogue,
) -> Option<(RegionCode, String)> {
    let hint = hint(scene)?;
    let look = Look { regions: &catalogue.regions, year, hint: Some(&hint), text: scene.text };
    look.hinted().map(|place| (place.code.clone(), place.name.clone()))
}

fn hint(scene: &Scene<'_>) -> Option<RegionCode> {
    scene.capture.hint.region.as_deref().and_then(|code| code.parse().ok())
}

/// The best place for a name.
const TITLE: &str = "the title";
/// Where a name stands that is no more than who posted the page.
const POSTED: &str = "who posted it";
/// The way to the page, as it shows it.
const WAY: &str = "the way to the page";

/// The head of the page.
const HEAD: &str = "the page's head";
/// What the configuration knows of the portal.
const CONFIGURED: &str = "the configuration";

/// Whether what stands somewhere tells whose the site is, more than who reports.
fn is_of_place(from: &str) -> bool {
    [POSTED, WAY, HEAD, CONFIGURED].contains(&from)
}

/// Whether a text speaks as one office or township (我局, 我镇) of a place, whose
/// portal may be all that has a name.
fn speaks_for_a_part(text: &str, of: Level) -> bool {
    const OFFICES: [&str; 8] = ["我局", "我委", "我厅", "我院", "我校", "本局", "本厅", "本校"];
    const TOWNSHIPS: [&str; 5] = ["我镇", "我乡", "我街道", "本镇", "本乡"];
    const REGIONS: [&str; 7] = ["我县", "我市", "我区", "我省", "我州", "我旗", "我盟"];
    let text = simplified(text);
    let townships = if of == Level::Township { 0 } else { n_of(&text, &TOWNSHIPS) };
    n_of(&text, &OFFICES) + townships > n_of(&text, &REGIONS)
}

/// How often words stand in a text.
fn n_of(text: &str, words: &[&str]) -> usize {
    words.iter().map(|word| text.matches(word).count()).sum()
}

/// Whether a text speaks of a whole region (我县, 全县), and not of an office.
fn speaks_for_a_region(text: &str) -> bool {
    const LEAST: usize = 2;
    const REGIONS: [&str; 12] =
        ["我县", "全县", "我市", "全市", "我区", "全区", "我省", "全省", "我州", "全州", "我旗", "全旗"];
    const OFFICES: [&str; 10] = ["我局", "我办", "我委", "我厅", "本局", "本办", "本委", "本厅", "我单位", "本单位"];
    let (of_region, of_office) = (n_of(text, &REGIONS), n_of(text, &OFFICES));
    of_region >= LEAST && of_region > of_office
}

fn words(year: Option<i16>) -> String {
    year.map_or_else(|| "any year".to_owned(), |year| year.to_string())
}

fn tidied_all(found: impl IntoIterator<Item = (String, &'static str)>) -> Vec<(String, &'static str)> {
    found.into_iter().map(|(text, from)| (tidied(&text), from)).collect()
}

/// The texts beside the title that may name the issuer, best first, each with where it
/// stands.
fn candidates(scene: &Scene<'_>, look: &Look<'_>) -> Vec<(String, &'static str)> {
    static MADE_BY: LazyLock<Option<Regex>> = LazyLock::new(|| {
        crate::pattern(concat!(
            r"(?:现公布|现将|公布|本报告由|本年报由|报告是由|特向社会公布|要求,由|编制完成《|发布《)",
            r"([\p{Han}]{2,24}?)(?:(?:19|20)[0-9]{2}年|编制|综合|汇总|根据《)",
        ))
    });
    static OF_YEAR: LazyLock<Option<Regex>> = LazyLock::new(|| {
        crate::pattern(
            r"(?:现公布|现将|公布|发布)(?:19|20)[0-9]{2}年(?:度)?([\p{Han}]{2,24}?)政府信息公开(?:工作)?(?:年度报告|年报|年度)",
        )
    });
    static MAKES: LazyLock<Option<Regex>> = LazyLock::new(|| {
        let made = "组织编制|编制(?:了|并|本|完成|《|(?:19|20)[0-9]{2}年)";
        crate::pattern(&format!(r"^([\p{{Han}}]{{3,24}}?)(?:{made})"))
    });
    let mut found = Vec::new();
    found.extend(beside_title(scene, look).map(|name| (name, "a line beside the title")));
    // A line that is nothing but a name, above the text. A government's is the site's.
    let lines: Vec<String> = short_lines(scene.page).take(15).map(fold).collect();
    let alone = || lines.iter().filter(|line| line.chars().count() <= 24 && is_whole_name(line));
    let is_of_site = |line: &&String| named_of(line, look).name_in_region == "人民政府";
    found.extend(alone().filter(|line| !is_of_site(line)).map(|line| (line.clone(), "a line above the text")));
    let opening = fold(head(scene.text, 1500));
    if let Some(name) = OF_YEAR.as_ref().and_then(|regex| regex.captures(&opening)).and_then(|found| found.get(1)) {
        found.push((name.as_str().to_owned(), "the first sentences"));
    }
    if let Some(name) = MADE_BY.as_ref().and_then(|regex| regex.captures(&opening)).and_then(|found| found.get(1)) {
        found.push((name.as_str().to_owned(), "the first sentences"));
    }
    let clauses = opening.split([',', '。', '、', ';', ':', '》', ')']).filter(|clause| clause.contains("编制"));
    let makers = clauses.filter_map(|clause| MAKES.as_ref()?.captures(clause)?.get(1));
    let makers = makers.map(|name| name.as_str()).filter(|name| is_whole_name(name));
    found.extend(makers.map(|name| (name.to_owned(), "the first sentences")));
    found.extend(signed_by(scene).map(|name| (name, "the signature")));
    found.extend(asked_about(&opening).map(|name| (name, "whom to ask about it")));
    found.extend(on_the_way(scene).map(|name| (name, WAY)));
    for (name, content) in &scene.page.meta {
        if matches!(name.as_str(), "contentsource" | "sitename" | "author") && is_whole_name(&fold(content)) {
            found.push((fold(content), "a meta element"));
        }
    }
    // A government's own office posts its report, others their own.
    let (offices, others): (Vec<_>, Vec<_>) =
        posted_by(scene, &lines).into_iter().partition(|name| name.ends_with(['室', '厅']) || is_of_site(&name));
    found.extend(others.into_iter().map(|name| (name, POSTED)));
    found.extend(alone().filter(is_of_site).map(|line| (line.clone(), HEAD)));
    found.extend(offices.into_iter().map(|name| (name, POSTED)));
    if let Some(name) = &scene.capture.hint.name {
        found.push((fold(name), CONFIGURED));
    }
    found
}

/// The name that stands alone right above or below the report's title.
fn beside_title(scene: &Scene<'_>, look: &Look<'_>) -> Option<String> {
    let lines: Vec<&str> = short_lines(scene.page).collect();
    let titles = (0..lines.len()).filter(|at| title::is_title_of_report(lines[*at]));
    let beside = titles.flat_map(|at| [at.checked_sub(1), Some(at + 1)]).flatten();
    let names = beside.filter_map(|at| lines.get(at)).map(|line| fold(line));
    let is_name = |name: &String| {
        let is_placed = || could_report(name) && look.place_of(name).is_some();
        let is_plain = name.chars().all(char::is_alphabetic) && (4..=24).contains(&name.chars().count());
        let is_of_site = ["网", "网站", "门户"].iter().any(|end| name.ends_with(end));
        is_plain && !is_of_site && (is_whole_name(name) || level_of(name) == Level::Institution || is_placed())
    };
    names.filter(is_name).find(|name| named_of(name, look).name_in_region != "人民政府" || is_in_article(scene, name))
}

/// Whom to ask about a report, as its first sentences say: 请与青禾县供销合作社联系. An
/// office within another answers for it; one of a government may answer for either.
fn asked_about(opening: &str) -> Option<String> {
    static ASK: LazyLock<Option<Regex>> = LazyLock::new(|| {
        crate::pattern(
            r"(?:请(?:直接|径)?(?:与|向|联系|咨询|致电)|联系单位:)([\p{Han}]{4,24}?)(?:联系|咨询|反映|[(,;。:])",
        )
    });
    const WITHIN: [&str; 7] = ["室", "办公厅", "科", "处", "股", "办", "中心"];
    let named = ASK.as_ref()?.captures(opening)?.get(1)?.as_str();
    let whole = named.strip_suffix("办公室").unwrap_or(named);
    let is_within = WITHIN.iter().any(|end| whole.ends_with(end)) && !whole.ends_with("办事处");
    let is_an_offices = could_report(whole) && !is_within && !whole.ends_with("政府");
    is_an_offices.then(|| whole.to_owned())
}

/// Whether a name is a line of the article itself.
fn is_in_article(scene: &Scene<'_>, name: &str) -> bool {
    const FIRST: usize = 4;
    scene.blocks.iter().take(FIRST).filter_map(Block::line).any(|line| fold(line) == *name)
}

/// Who signed a report: a name alone on one of its last lines, and a day below it.
fn signed_by(scene: &Scene<'_>) -> Option<String> {
    const LAST_LINES: usize = 6;
    let last: Vec<String> = scene.blocks.iter().rev().take(LAST_LINES).map_while(Block::line).map(fold).collect();
    let is_day = |line: &str| line.chars().count() <= 14 && line.contains('年') && line.ends_with('日');
    let signed = last.windows(2).find(|lines| is_day(&lines[0]) && is_whole_name(&lines[1]))?;
    Some(signed[1].clone())
}

/// The office or township whose pages lead to a page, by the line that shows the way:
/// 首页 > 部门公开 > 青禾县水利局 > 年报. A government's own name stands at its beginning
/// whoever reports.
fn on_the_way(scene: &Scene<'_>) -> Option<String> {
    const BLOCKS_BEFORE: usize = 30;
    const LONGEST: usize = 160;
    const ARROWS: [char; 5] = ['>', '＞', '»', '›', '→'];
    let is_below = |name: &&str| {
        let is_government = name.ends_with("人民政府") && !name.contains(['镇', '乡']);
        is_whole_name(name) && !is_government
    };
    let of_line = |line: &str| {
        let is_way = line.matches(ARROWS).count() >= 2 && line.chars().count() <= LONGEST;
        let way = is_way.then(|| fold(line))?;
        way.rsplit(ARROWS).find(is_below).map(str::to_owned)
    };
    scene.page.blocks.iter().take(BLOCKS_BEFORE).filter_map(Block::line).find_map(of_line)
}

/// Who posted the page, as its lines and its box of metadata say.
fn posted_by(scene: &Scene<'_>, lines: &[String]) -> Vec<String> {
    const LABELS: [&str; 6] = ["发布机构", "公开责任部门", "发布单位", "公开单位", "信息来源", "来源"];
    const ROWS_OF_A_BOX: usize = 12;
    const BLOCKS_BEFORE: usize = 40;
    let after_labels = |line: &String| {
        let names = LABELS.iter().filter_map(|label| {
            let (_, after) = line.split_once(label)?;
            let name: String =
                after.trim_start_matches([':', ']', '】']).chars().take_while(|c| c.is_alphabetic()).collect();
            let ends = ["字体", "时间", "日期", "浏览", "发布", "字号", "作者", "索引", "主题", "文号", "生成"];
            let end = ends.iter().filter_map(|word| name.find(word)).min();
            Some(name[..end.unwrap_or(name.len())].to_owned())
        });
        names.collect::<Vec<_>>()
    };
    // A label, and its name in the next cell or line.
    let beside = |texts: &[String]| match texts {
        [label, name] if LABELS.contains(&label.trim_end_matches(':')) => Some(name.clone()),
        _ => None,
    };
    let in_texts = |texts: &[String]| {
        let after = texts.iter().flat_map(after_labels);
        after.chain(texts.windows(2).filter_map(beside)).collect::<Vec<_>>()
    };
    let mut names = in_texts(lines);
    for block in scene.page.blocks.iter().take(BLOCKS_BEFORE) {
        match &block.kind {
            BlockKind::Table(grid) if grid.rows.len() <= ROWS_OF_A_BOX => {
                let cells = |row: &Row| row.cells.iter().map(|cell| fold(&cell.text)).collect::<Vec<_>>();
                names.extend(grid.rows.iter().flat_map(|row| in_texts(&cells(row))));
            }
            BlockKind::List(items) if items.len() <= 2 * ROWS_OF_A_BOX => {
                names.extend(in_texts(&items.iter().map(|item| fold(item)).collect::<Vec<_>>()));
            }
            _ => {}
        }
    }
    names.retain(|name| is_whole_name(name));
    names
}

/// 人民政府, 局, 委员会 and the like: a text that is an office's whole name.
pub(super) fn is_whole_name(folded: &str) -> bool {
    let office = [
        "人民政府",
        "人民政府机关",
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
        "海关",
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
        "海关",
    ];
    // 我办, 本局: who, the text does not say here.
    let is_of_ours = text.starts_with(['我', '本', '该']) && !text.starts_with("本溪");
    // 全市: of which, the text does not say.
    let is_all_of_it = text.starts_with('全') && text.chars().count() == 2;
    !is_of_ours && !is_all_of_it && ends.iter().any(|end| text.trim_end_matches(')').ends_with(end))
}

fn tidied(text: &str) -> String {
    let text = fold(text);
    let text = title::trim_marks(&text);
    let text = text.strip_suffix("政府信息公开").unwrap_or(text);
    // The district of a customs house is no other office.
    let text = text.strip_suffix("关区").filter(|name| name.ends_with("海关")).unwrap_or(text);
    // 城口县人民政府机关 is the government itself.
    text.strip_suffix("机关").filter(|name| name.ends_with("政府")).unwrap_or(text).to_owned()
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
        let hint = self.hint?;
        self.regions.of_code(hint, self.year).or_else(|| self.regions.predecessor(hint, self.year?))
    }

    fn is_place(&self, text: &str) -> bool {
        !self.regions.named(text, self.year).is_empty() || !self.by_short_name(text).is_empty()
    }

    /// 青禾 for 青禾市.
    fn by_short_name(&self, text: &str) -> Vec<&'a Place> {
        // The most usual first; 神农架 is the one 林区.
        KINDS
            .iter()
            .rev()
            .chain(&["林区"])
            .flat_map(|kind| self.regions.named(&format!("{text}{kind}"), self.year))
            .collect()
    }

    /// 延边州 for 延边朝鲜族自治州: the places that begin so, and the abbreviation's
    /// length in bytes.
    fn by_abbreviation(&self, text: &str) -> (Vec<&'a Place>, usize) {
        let kinds = text.char_indices().skip(2).take(4).filter(|(_, c)| matches!(c, '州' | '县' | '旗'));
        for (at, kind) in kinds {
            let end = format!("自治{kind}");
            let is_so = |place: &&Place| place.name.starts_with(&text[..at]) && place.name.ends_with(&end);
            let whole = self.regions.places().iter().filter(is_so).map(|place| place.name.as_str());
            let found: Vec<&Place> = whole.flat_map(|name| self.regions.named(name, self.year)).collect();
            if !found.is_empty() {
                return (found, at + kind.len_utf8());
            }
        }
        (Vec::new(), 0)
    }

    /// 青田中学: a place without the word for its kind, which the text names whole.
    fn by_short_start(&self, text: &str) -> Option<(&'a Place, usize)> {
        let ends = text.char_indices().map(|(at, _)| at).skip(2).take(3).filter(|at| *at < text.len());
        let folded = fold(head(self.text, 30_000));
        let mut ends = ends.collect::<Vec<_>>();
        ends.reverse();
        ends.into_iter().find_map(|end| {
            let named = |place: &&Place| folded.contains(place.name.as_str());
            let found: Vec<&Place> = self.by_short_name(&text[..end]).into_iter().filter(named).collect();
            self.one_of(&found).map(|place| (place, end))
        })
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
            let listed = self.one_of(&inside).map(|place| (place, longest));
            let Some((place, length)) = listed.or_else(|| self.by_next_years_name(rest, found)) else { break };
            rest = &rest[length..];
            found = Some((place, name.len() - rest.len()));
        }
        found.or_else(|| {
            let whole = self.by_short_name(name);
            let of_short = self.one_of(&whole).map(|place| (place, name.len()));
            let (abbreviated, length) = self.by_abbreviation(name);
            of_short
                .or_else(|| self.one_of(&abbreviated).map(|place| (place, length)))
                .or_else(|| self.by_short_start(name))
        })
    }

    /// 安徽省涡阳第三中学 is of 涡阳县, which its portal or the text tells: schools begin
    /// with their province's name.
    fn of_school(&self, outer: &Place, rest: &str) -> Option<&'a Place> {
        let own = self.hinted().filter(|own| rest.starts_with(own.short_name()));
        let inner = own.or_else(|| self.by_short_start(rest).map(|(place, _)| place));
        inner.filter(|inner| Regions::within(&inner.code, &outer.code))
    }

    /// 富阳区 for the year in which it still was 富阳市: the report is made in the next
    /// one, under the new name. Within an outer place only, whose name stands before.
    fn by_next_years_name(&self, rest: &str, outer: Option<(&Place, usize)>) -> Option<(&'a Place, usize)> {
        let (year, (outer, _)) = (self.year?, outer?);
        let starting = self.regions.at_start_of(rest, Some(year + 1));
        let mut inside =
            starting.into_iter().filter(|place| Regions::within(&place.code, &outer.code) && place.code != outer.code);
        let later = inside.next()?;
        Some((self.regions.predecessor(&later.code, year).unwrap_or(later), later.name.len()))
    }

    /// The place that a page has before a township's name: 石狮市蚶江镇. None
    /// where it has several.
    fn before(&self, township: &str, scene: &Scene<'_>) -> Option<&'a Place> {
        const MOST_CHARS: usize = 15;
        let name = township.trim_end_matches("人民政府").trim_end_matches("办事处");
        let texts = short_lines(scene.page).take(15).map(fold);
        let opening = fold(head(scene.text, 3000));
        let mut found: Option<&Place> = None;
        for text in texts.chain([opening]) {
            for (at, _) in text.match_indices(name) {
                let before = text[..at].char_indices().rev().take(MOST_CHARS).take_while(|(_, c)| c.is_alphabetic());
                // The longest that is a place and nothing else.
                let begins: Vec<usize> = before.map(|(begin, _)| begin).collect();
                let place = begins.iter().rev().find_map(|begin| {
                    let whole = &text[*begin..at];
                    let is_named = whole.ends_with(['省', '市', '县', '区', '旗', '州', '盟']);
                    let (place, end) = is_named.then(|| self.place_of(whole))??;
                    (end == whole.len()).then_some(place)
                });
                match (found, place) {
                    (Some(one), Some(other)) if one.code != other.code => return None,
                    (None, Some(_)) => found = place,
                    _ => {}
                }
            }
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
        // A city without counties is listed as its own: the outer one is meant.
        let is_whole = |outer: &&&'a Place| {
            places.iter().all(|place| place.name == outer.name && Regions::within(&place.code, &outer.code))
        };
        if let Some(outer) = places.iter().find(is_whole) {
            return Some(outer);
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
        let folded = fold(head(self.text, 30_000));
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

/// Offices of the central government, whose local ones carry its name first, and
/// the party, whose committees do.
const CENTRAL: [&str; 8] = [
    "中共",
    "国家税务总局",
    "国家统计局",
    "国家金融监督管理总局",
    "国家外汇管理局",
    "国家能源局",
    "国家邮政局",
    "中国人民银行",
];

/// The issuer of a name: what it begins with tells the place.
fn named_of(text: &str, look: &Look<'_>) -> Issuer {
    let central = CENTRAL.iter().find_map(|office| Some((*office, text.strip_prefix(office)?)));
    let Some((office, local)) = central.filter(|(_, local)| !local.is_empty()) else {
        return named(text, look.place_of(text), look);
    };
    let place = look.place_of(local);
    let rest = place.map_or(local, |(_, end)| &local[end..]);
    Issuer {
        name: text.to_owned(),
        name_in_region: format!("{office}{rest}"),
        region: place.map(|(place, _)| place.code.clone()),
        region_name: place.map(|(place, _)| place.name.clone()),
        level: Level::Department,
    }
}

/// A township's or subdistrict's office by its whole name.
fn whole_office(name: &str) -> String {
    let ends = |words: &[&str]| words.iter().any(|word| name.ends_with(word));
    if ends(&["街道", "镇", "乡", "苏木"]) {
        let office = if name.ends_with("街道") { "办事处" } else { "人民政府" };
        return format!("{name}{office}");
    }
    if let Some(place) = name.strip_suffix("街道办") {
        return format!("{place}街道办事处");
    }
    match name.strip_suffix("政府") {
        Some(place) if !place.ends_with("人民") => format!("{place}人民政府"),
        _ => name.to_owned(),
    }
}

/// The issuer of a name, with the place that the name begins with.
fn named(text: &str, place: Option<(&Place, usize)>, look: &Look<'_>) -> Issuer {
    // 盘州市 before any list has it: on its own portal it is what its code stands for.
    let of_portal = || {
        let own = look.regions.of_code(look.hint?, None).filter(|_| look.hinted().is_none())?;
        text.starts_with(own.name.as_str()).then_some((own, own.name.len()))
    };
    let (rest, place) = match place.or_else(of_portal) {
        Some((place, end)) => (&text[end..], Some(place)),
        None => (text, None),
    };
    if let Some(place) = place
        && matches!(rest, "" | "政府" | "人民政府" | "行署" | "行政公署")
    {
        // As printed, the places above it included; but 青田 is 青田县.
        let printed = &text[..text.len() - rest.len()];
        let whole = if printed.ends_with(place.name.as_str()) { printed } else { &place.name };
        return Issuer {
            name: format!("{whole}{}", government_of(place)),
            name_in_region: government_of(place).to_owned(),
            region: Some(place.code.clone()),
            region_name: Some(place.name.clone()),
            level: place.level,
        };
    }
    // A place of a name that several have, and nothing tells which.
    let named = look.regions.named(text.trim_end_matches("人民政府"), look.year);
    if let Some(some) = named.first().filter(|_| place.is_none()) {
        return Issuer {
            name: format!("{}{}", some.name, government_of(some)),
            name_in_region: format!("{}{}", some.name, government_of(some)),
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
    let place = place.map(|place| look.of_school(place, rest).filter(|_| level == Level::Institution).unwrap_or(place));
    let (name, name_in_region) = match (place, level) {
        (_, Level::Township) if !rest.is_empty() => (whole_office(text), whole_office(rest)),
        // A name that carries its place, if not the listed name, is whole.
        (Some(place), _) if own.is_some() && !rest.is_empty() && !text.contains(place.short_name()) => {
            (format!("{}{rest}", place.name), rest.to_owned())
        }
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

/// What governs a place: a 地区 or a 盟 is no level of its own, and has an office of
/// its province's government.
fn government_of(place: &Place) -> &'static str {
    if place.name.ends_with("地区") || place.name.ends_with('盟') { "行政公署" } else { "人民政府" }
}

/// The level of a government that no list has, by its place's kind.
fn level_of_government(name: &str) -> Option<Level> {
    const ZONES: [&str; 11] = ["开发", "新", "园", "管理", "保税", "示范", "试验", "实验", "度假", "社", "校"];
    // What governs a 地区 or a 盟 in its province's name.
    if name.ends_with("行政公署") || name.ends_with("行署") {
        return Some(Level::Prefecture);
    }
    let place = name.trim_end_matches("政府").trim_end_matches("人民");
    let ends = |words: &[&str]| words.iter().any(|word| place.ends_with(word));
    if ends(&["省", "自治区"]) {
        return Some(Level::Province);
    }
    if ends(&["市", "自治州", "地区", "盟"]) {
        return Some(Level::Prefecture);
    }
    let is_zone = place.strip_suffix('区').is_some_and(|zone| ZONES.iter().any(|word| zone.ends_with(word)));
    (ends(&["县", "区", "旗"]) && !is_zone).then_some(Level::County)
}

/// The level of an office by how its name ends.
fn level_of(name: &str) -> Level {
    const TOWNSHIP: [&str; 11] = [
        "镇人民政府",
        "乡人民政府",
        "苏木人民政府",
        "镇政府",
        "乡政府",
        "镇",
        "乡",
        "街道",
        "街道办事处",
        "苏木",
        "街道办",
    ];
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
    let name = name.trim_end_matches(')');
    let ends = |words: &[&str]| words.iter().any(|word| name.ends_with(word));
    if let Some(level) = level_of_government(name) {
        level
    } else if ends(&TOWNSHIP) {
        Level::Township
    } else if ends(&INSTITUTION) {
        Level::Institution
    } else {
        Level::Department
    }
}
