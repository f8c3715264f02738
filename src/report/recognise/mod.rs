//! Who reports, for which year, and whether it is a report at all.
//!
//! | file | idea |
//! | --- | --- |
//! | `title` | the line that names the report, and the year in it |
//! | `issuer` | who reports: name, region, level |
//! | `dates` | publication dates and years in all their spellings |
//! | `beside` | what resembles a report: a part of a year, news, explanations, empty forms |
//! | `several` | where the reports of a collection begin |
//! | `kind` | an annual report, or what it is instead |

mod beside;
mod dates;
mod issuer;
mod kind;
mod several;
mod title;

use jiff::civil::Date;

use self::dates::Days;
use super::catalogue::Catalogue;
use super::ids::RegionCode;
use super::types::{Level, Origin, Script};
use crate::page::fold::{simplified, traditional_share};
use crate::page::{Block, Capture, Page, Surroundings};

pub use kind::{Numbers, not_a_report};
pub use several::{Part, parts};
pub use title::{is_title_of_report, unclipped, year_of_title};

/// Who reports, where and when, each with its evidence.
#[derive(Debug, Clone, PartialEq)]
pub struct Identity {
    /// The title as printed.
    pub title: Option<String>,
    /// Who reports, in Simplified characters; none where nothing says it.
    pub issuer: Option<String>,
    /// Its region in the report's year.
    pub region: Option<RegionCode>,
    /// The region's name in that year.
    pub region_name: Option<String>,
    /// Its level; a department's where nothing says who reports.
    pub level: Level,
    /// The issuer's name without its region's.
    pub issuer_in_region: Option<String>,
    /// The year reported on.
    pub report_year: Option<i16>,
    /// When it was published.
    pub published_on: Option<Date>,
    /// The article's script.
    pub script: Script,
    /// What kind of place it was found in.
    pub origin: Origin,
    /// What each was concluded from, in words.
    pub evidence: Vec<String>,
}

/// What recognition looks at: the document around an article, and the article.
#[derive(Debug, Clone, Copy)]
pub struct Scene<'a> {
    /// The capture: its URL and what the configuration knows of the place.
    pub capture: &'a Capture,
    /// The page: titles, metadata, all blocks.
    pub page: &'a Page,
    /// The kept blocks of this report.
    pub blocks: &'a [Block],
    /// The kept text.
    pub text: &'a str,
    /// What is around the article.
    pub surroundings: Surroundings,
}

/// Recognises a report's identity.
#[must_use]
pub fn recognise(scene: &Scene<'_>, catalogue: &Catalogue) -> Identity {
    let mut evidence = Vec::new();
    let title = title::choose(scene);
    let days = Days::of(scene);
    let report_year = year(scene, title.as_deref(), &days, &mut evidence);
    let who = issuer::find(scene, title.as_deref(), report_year, catalogue, &mut evidence);
    let level = who.as_ref().map_or_else(|| level_of_speaker(scene.text), |who| who.level);
    let (issuer, issuer_in_region, region, region_name) = if let Some(who) = who {
        (Some(who.name), Some(who.name_in_region), who.region, who.region_name)
    } else {
        // One of a place's offices, which nobody names.
        let (region, name) = issuer::place_of_portal(scene, report_year, catalogue).unzip();
        (None, None, region, name)
    };
    let published = days.published(report_year);
    evidence.extend(published.map(|(date, how)| format!("published on {date}: {how}")));
    let script = if traditional_share(scene.text) > 0.1 { Script::Hant } else { Script::Hans };
    let origin = origin(scene, &mut evidence);
    Identity {
        title,
        issuer,
        region,
        region_name,
        level,
        issuer_in_region,
        report_year,
        published_on: published.map(|(date, _)| date),
        script,
        origin,
        evidence,
    }
}

/// The level of an office that nobody names, by how it speaks of itself (我镇, 我局) and
/// of the whole that it counts for (全县); a department's where it does neither.
fn level_of_speaker(text: &str) -> Level {
    const OFFICES: [&str; 12] = ["局", "委", "厅", "办", "院", "校", "站", "所", "处", "部", "中心", "单位"];
    const REGIONS: [(Level, &[&str]); 4] = [
        (Level::Township, &["镇", "乡", "街道"]),
        (Level::County, &["县", "区", "旗"]),
        (Level::Prefecture, &["市", "州", "盟"]),
        (Level::Province, &["省", "自治区"]),
    ];
    let text = simplified(text);
    let n_said = |starts: &[&str], names: &[&str]| -> usize {
        let rests = starts.iter().flat_map(|start| text.match_indices(start).map(|(at, _)| &text[at + start.len()..]));
        rests.filter(|rest| names.iter().any(|name| rest.starts_with(name))).count()
    };
    let n_of_office = n_said(&["我", "本"], &OFFICES);
    // An office of no township says 我镇; a township says 本单位 as well.
    if n_said(&["我", "本"], REGIONS[0].1) > n_of_office {
        return Level::Township;
    }
    if n_of_office > 0 {
        return Level::Department;
    }
    // 全县 is said in a township's report as well, and 全区 of an autonomous region.
    let own = REGIONS.iter().map(|(level, names)| (n_said(&["我", "本", "全"], names), *level));
    match own.filter(|(n, _)| *n > 0).max_by_key(|(n, level)| (*level == Level::Township, *n)) {
        Some((_, Level::County)) if text.contains("自治区") => Level::Province,
        Some((_, level)) => level,
        None => Level::Department,
    }
}

fn year(scene: &Scene<'_>, title: Option<&str>, days: &Days, evidence: &mut Vec<String>) -> Option<i16> {
    let said = || dates::year_of_body(&simplified(scene.text));
    if let Some(year) = title.and_then(year_of_title) {
        // A report cannot come out within the year that it is of.
        let published = days.published(Some(year - 1));
        let is_before = |(said, how): &(i16, &str)| *said == year - 1 && *how != dates::MOST_MENTIONED;
        if published.is_some_and(|(on, _)| on.year() == year && on.month() < 12)
            && let Some((before, how)) = said().filter(is_before)
        {
            evidence.push(format!("report year {before}: {how}; the title's, {year}, is the one in which it came out"));
            return Some(before);
        }
        evidence.push(format!("report year {year}: from the title"));
        return Some(year);
    }
    let (year, how) = said()?;
    evidence.push(format!("report year {year}: {how}"));
    Some(year)
}

fn origin(scene: &Scene<'_>, evidence: &mut Vec<String>) -> Origin {
    const MANY: u32 = 3;
    let marks = scene.surroundings;
    let host = scene.capture.url().and_then(|url| url.host_str()).unwrap_or_default().to_ascii_lowercase();
    let is_government_host = host.ends_with(".gov.cn") || host == "gov.cn";
    // A portal may sell little; an expired one that was taken over sells much.
    let shop_marks_needed = if is_government_host { 2 * MANY } else { MANY };
    let (origin, why) = if marks.shop_marks >= shop_marks_needed {
        (Origin::Spam, format!("{} marks of a shop around the article", marks.shop_marks))
    } else if is_government_host {
        (Origin::Official, format!("the host {host} is a government's"))
    } else if marks.mirror_marks >= 2 {
        (Origin::Mirror, format!("{} marks of a copying site around the article", marks.mirror_marks))
    } else if scene.capture.hint.portal.is_some() {
        (Origin::Official, "the configuration names the portal".to_owned())
    } else if marks.government_marks > MANY {
        (Origin::Official, format!("{} marks of a government portal around the article", marks.government_marks))
    } else {
        (Origin::Unknown, "nothing tells what kind of place it is".to_owned())
    };
    evidence.push(format!("origin {origin}: {why}"));
    origin
}

/// The short lines of a page, kept or dropped, in order: titles, metadata,
/// breadcrumbs.
fn short_lines(page: &Page) -> impl Iterator<Item = &str> {
    page.blocks.iter().filter_map(Block::line).filter(|text| text.chars().count() < LONGEST_LINE)
}

/// Characters of a line that is no paragraph.
const LONGEST_LINE: usize = 200;

/// The first so many characters of a text.
fn head(text: &str, n_chars: usize) -> &str {
    text.char_indices().nth(n_chars).map_or(text, |(end, _)| &text[..end])
}
