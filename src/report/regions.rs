//! Places: codes and names by the years in which they were listed.

use std::collections::HashMap;

use super::ids::RegionCode;
use super::types::Level;

/// A place under one name, and the years in which the list had it so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Its code (GB/T 2260).
    pub code: RegionCode,
    /// Its name, such as 桐乡市.
    pub name: String,
    /// Province, prefecture or county.
    pub level: Level,
    /// The first year's list that has it.
    pub first_listed: i16,
    /// The last year's list that has it; none where it is still listed.
    pub last_listed: Option<i16>,
}

/// The regions of China by code and name, with the years of their listing.
#[derive(Debug, Clone, Default)]
pub struct Regions {
    places: Vec<Place>,
    by_name: HashMap<String, Vec<usize>>,
    by_code: HashMap<RegionCode, Vec<usize>>,
    longest_name: usize,
}

/// The years of the revisions that the list holds.
const FIRST: i16 = 2007;
const BEFORE_GAP: i16 = 2016;
const AFTER_GAP: i16 = 2023;

/// The words for kinds of places; one that ends another stands after it. 林区 is
/// none of them: 万柏林区 is 万柏林.
pub const KINDS: [&str; 15] = [
    "特别行政区",
    "维吾尔自治区",
    "壮族自治区",
    "回族自治区",
    "自治区",
    "自治州",
    "自治县",
    "自治旗",
    "地区",
    "盟",
    "旗",
    "区",
    "县",
    "市",
    "省",
];

impl Place {
    /// How far a year is from the nearest revision that lists the place so:
    /// 0 where the year's own does, none where the year's own exists and does
    /// not, or neither neighbour of a gap does.
    fn distance(&self, year: i16) -> Option<i16> {
        let lists =
            |revision: i16| self.first_listed <= revision && self.last_listed.is_none_or(|last| revision <= last);
        let revisions = match year {
            ..FIRST => [FIRST, FIRST],
            year if BEFORE_GAP < year && year < AFTER_GAP => [BEFORE_GAP, AFTER_GAP],
            year => [year, year],
        };
        revisions.into_iter().filter(|revision| lists(*revision)).map(|revision| (year - revision).abs()).min()
    }

    /// The name without the word for its kind: 桐乡 for 桐乡市; the whole name
    /// where fewer than two characters would be left.
    #[must_use]
    pub fn short_name(&self) -> &str {
        let short = KINDS.iter().find_map(|kind| self.name.strip_suffix(kind));
        short.filter(|short| short.chars().count() >= 2).unwrap_or(&self.name)
    }
}

impl Regions {
    /// The index over a list of places.
    #[must_use]
    pub fn from_places(places: Vec<Place>) -> Self {
        let mut regions = Self { places, ..Self::default() };
        for (index, place) in regions.places.iter().enumerate() {
            regions.by_name.entry(place.name.clone()).or_default().push(index);
            regions.by_code.entry(place.code.clone()).or_default().push(index);
            regions.longest_name = regions.longest_name.max(place.name.chars().count());
        }
        regions
    }

    /// Every place under every name, as the list has them.
    #[must_use]
    pub fn places(&self) -> &[Place] {
        &self.places
    }

    /// The places of a name in a year, those of the nearest revision first;
    /// of any year, latest first, where the year is unknown.
    #[must_use]
    pub fn named(&self, name: &str, year: Option<i16>) -> Vec<&Place> {
        self.nearest(self.by_name.get(name), year)
    }

    /// The name that a code had in a year.
    #[must_use]
    pub fn of_code(&self, code: &RegionCode, year: Option<i16>) -> Option<&Place> {
        self.nearest(self.by_code.get(code), year).first().copied()
    }

    /// The place that a code's became later, as it was in a year: of the same name
    /// but for the word for its kind, under the same prefecture. 龙海市 for the code
    /// of 龙海区. None where that is not one place alone.
    #[must_use]
    pub fn predecessor(&self, code: &RegionCode, year: i16) -> Option<&Place> {
        let later = self.of_code(code, None)?;
        let prefix = match later.level {
            Level::County => &code.as_str()[..4],
            _ => &code.as_str()[..2],
        };
        let was = |place: &&Place| {
            place.level == later.level
                && place.code.as_str().starts_with(prefix)
                && place.short_name() == later.short_name()
                && place.distance(year).is_some()
        };
        let mut found = self.places.iter().filter(was);
        let first = found.next()?;
        found.next().is_none().then_some(first)
    }

    /// The places whose whole name begins a text, longest names first.
    #[must_use]
    pub fn at_start_of(&self, text: &str, year: Option<i16>) -> Vec<&Place> {
        let ends = text.char_indices().map(|(at, c)| at + c.len_utf8()).take(self.longest_name).collect::<Vec<_>>();
        ends.into_iter().rev().flat_map(|end| self.named(&text[..end], year)).collect()
    }

    /// The place that a place belongs to: a county's prefecture (its province
    /// where no prefecture is listed, as in a municipality), a prefecture's
    /// province; none for a province.
    #[must_use]
    pub fn parent(&self, place: &Place, year: Option<i16>) -> Option<&Place> {
        let code = place.code.as_str();
        let above = [format!("{}00", &code[..4]), format!("{}0000", &code[..2])];
        let above = above.iter().filter(|above| *above != code).filter_map(|above| above.parse().ok());
        above.into_iter().find_map(|above: RegionCode| self.of_code(&above, year))
    }

    /// Whether a place lies in another, or is it.
    #[must_use]
    pub fn within(inner: &RegionCode, outer: &RegionCode) -> bool {
        inner.as_str().starts_with(outer.as_str().trim_end_matches("00"))
    }

    fn nearest(&self, indexes: Option<&Vec<usize>>, year: Option<i16>) -> Vec<&Place> {
        let places = indexes.into_iter().flatten().map(|index| &self.places[*index]);
        let Some(year) = year else {
            let mut places = places.collect::<Vec<_>>();
            places.sort_by_key(|place| std::cmp::Reverse(place.last_listed.unwrap_or(i16::MAX)));
            return places;
        };
        let mut near = places.filter_map(|place| Some((place.distance(year)?, place))).collect::<Vec<_>>();
        near.sort_by_key(|(distance, _)| *distance);
        near.into_iter().map(|(_, place)| place).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::Catalogue;
    use crate::page::fold::fold;

    #[test]
    fn every_name_is_its_own_folding() {
        let regions = Catalogue::embedded().regions;
        let changed: Vec<_> = regions.places().iter().filter(|place| fold(&place.name) != place.name).collect();
        assert!(changed.is_empty(), "{changed:?}");
    }

    #[test]
    fn a_place_is_looked_up_in_the_reports_year() {
        let regions = Catalogue::embedded().regions;
        // A name, a year, and the code: renamed, raised and merged places.
        let cases = [
            ("章丘市", 2014, Some("370181")),
            ("章丘市", 2018, Some("370181")),
            ("章丘市", 2024, None),
            ("章丘区", 2015, None),
            ("章丘区", 2018, Some("370114")),
            ("章丘区", 2025, Some("370114")),
            ("襄樊市", 2010, Some("420600")),
            ("襄樊市", 2012, None),
            ("襄阳市", 2012, Some("420600")),
            ("崇文区", 2005, Some("110103")),
        ];
        for (name, year, expected) in cases {
            let found = regions.named(name, Some(year)).first().map(|place| place.code.as_str());
            assert_eq!(found, expected, "{name} {year}");
        }
    }

    #[test]
    fn the_short_name_is_without_the_word_for_the_kind() {
        let regions = Catalogue::embedded().regions;
        let cases = [
            ("桐乡市", "桐乡"),
            ("敖汉旗", "敖汉"),
            ("鄂伦春自治旗", "鄂伦春"),
            ("锡林郭勒盟", "锡林郭勒"),
            ("万柏林区", "万柏林"),
            ("广西壮族自治区", "广西"),
            ("和县", "和县"),
        ];
        for (name, expected) in cases {
            assert_eq!(regions.named(name, None)[0].short_name(), expected);
        }
    }

    #[test]
    fn a_place_is_known_by_what_it_became() {
        let regions = Catalogue::embedded().regions;
        let cases =
            [("370114", 2015, Some("章丘市")), ("350604", 2012, Some("龙海市")), ("110101", 2015, Some("东城区"))];
        for (code, year, expected) in cases {
            let found = regions.predecessor(&code.parse().unwrap(), year).map(|place| place.name.as_str());
            assert_eq!(found, expected, "{code} {year}");
        }
    }

    #[test]
    fn a_place_knows_what_it_belongs_to() {
        let regions = Catalogue::embedded().regions;
        for (name, parent) in [("通州区", "北京市"), ("章丘区", "济南市"), ("济南市", "山东省")] {
            let place = regions.named(name, Some(2024))[0];
            assert_eq!(regions.parent(place, Some(2024)).map(|p| p.name.as_str()), Some(parent));
        }
        assert!(regions.parent(regions.named("山东省", None)[0], None).is_none());
    }

    #[test]
    fn the_longest_name_at_the_start_of_a_text_comes_first() {
        let regions = Catalogue::embedded().regions;
        let found = regions.at_start_of("吉林市2017年政府信息公开工作年度报告", Some(2017));
        assert_eq!(found[0].name, "吉林市");
    }
}
