//! What a link leads to, by the words and facts of `config/discovery.csv`.
//!
//! For each role the points are added up: the heaviest word of the link's text
//! or title, the heaviest of its URL, and every fact that is true of the link;
//! words of what is no disclosure (role `none`) count against all roles, those
//! of news about a report (`news`) against a report's own name. The
//! points are kept, so that a person can see why a link was (not) followed.

use std::fmt;
use std::sync::LazyLock;

use crate::report::recognise::{is_title_of_report, unclipped, year_of_title};

/// What a link leads to, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// A report.
    Report,
    /// A file attached to what names a report.
    Attachment,
    /// A year on a list: its report, or the column of its reports.
    Year,
    /// A list of reports.
    ReportList,
    /// The next page of a list.
    NextPage,
    /// The disclosure column, of the government or of one of its offices.
    Column,
    /// A part of the page itself: a frame, or the script of its menu.
    Part,
    /// The site behind a home page that is only a picture to be clicked.
    Entrance,
    /// The site's sitemap, where its pages offer nothing.
    Sitemap,
}

/// What is seen of a link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Seen<'a> {
    /// Its words, folded.
    pub text: &'a str,
    /// Whether they are the title attribute's.
    pub is_title: bool,
    /// Its URL behind the host: www.mylogin.gov.cn is no login.
    pub url: &'a str,
    /// What is true of it.
    pub facts: Vec<Fact>,
}

/// What may be true of a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fact {
    /// The page is a list of reports.
    OnList,
    /// The page is the disclosure column.
    OnColumn,
    /// A day stands behind it.
    Dated,
    /// It stands in the page's footer.
    InFooter,
    /// It stands among the neighbours of the guide.
    BesideGuide,
    /// Its words are many.
    Long,
    /// It has none, but a picture.
    Wordless,
    /// It leads to a host of another registrable domain.
    ToOtherHost,
    /// It leads out of the portal's own place on a shared platform.
    Elsewhere,
    /// It leads to its host's front page.
    FrontPage,
}

impl Fact {
    /// Each with its name in the configuration.
    const ALL: [(Self, &'static str); 10] = [
        (Self::OnList, "on a list"),
        (Self::OnColumn, "on a column"),
        (Self::Dated, "a day behind it"),
        (Self::InFooter, "in the footer"),
        (Self::BesideGuide, "beside the guide"),
        (Self::Long, "more than 24 characters"),
        (Self::Wordless, "a picture without words"),
        (Self::ToOtherHost, "to another government's host"),
        (Self::Elsewhere, "elsewhere on a platform"),
        (Self::FrontPage, "to the front page"),
    ];
}

impl Seen<'_> {
    pub(super) fn is(&self, fact: Fact) -> bool {
        match fact {
            Fact::Long => self.text.chars().count() > 24,
            // Of a picture the name of its file may be known.
            Fact::Wordless => self.text.bytes().all(|byte| byte.is_ascii_lowercase()),
            Fact::FrontPage => {
                let file = self.url.strip_prefix('/').unwrap_or_default();
                file.is_empty() || (file.split('.').next() == Some("index") && !file.contains('/'))
            }
            fact => self.facts.contains(&fact),
        }
    }
}

/// One reason for or against a link.
#[derive(Debug, Clone, PartialEq)]
pub struct Point {
    /// What was seen, such as `text 政府信息公开年报`.
    pub what: String,
    /// What it counts.
    pub points: f32,
}

impl fmt::Display for Point {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {:+.1}", self.what, self.points)
    }
}

/// What the words and facts say of a link.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    /// What it leads to; none where it is not followed.
    pub role: Option<Role>,
    /// The points of that role; of the best one where it is not followed.
    pub score: f32,
    /// The reasons.
    pub points: Vec<Point>,
}

/// From this score on a link is followed.
pub const ENOUGH: f32 = 0.55;

#[derive(PartialEq, Eq, Clone, Copy)]
enum Place {
    Text,
    End,
    Url,
    Fact(Fact),
}

#[derive(PartialEq, Eq, Clone, Copy)]
enum WordRole {
    List,
    Column,
    Department,
    Level,
    Older,
    News,
    None,
}

struct Word {
    place: Place,
    word: String,
    role: WordRole,
    weight: f32,
}

static WORDS: LazyLock<Vec<Word>> =
    LazyLock::new(|| parse(include_str!("../../../config/discovery.csv")).unwrap_or_default());

fn parse(text: &str) -> Result<Vec<Word>, String> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let mut words = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| error.to_string())?;
        let cell = |index: usize| record.get(index).unwrap_or_default();
        words.push(Word {
            place: match cell(0) {
                "text" => Place::Text,
                "end" => Place::End,
                "url" => Place::Url,
                "fact" => {
                    let known = Fact::ALL.iter().find(|(_, name)| *name == cell(1));
                    Place::Fact(known.ok_or_else(|| format!("{}: no such fact", cell(1)))?.0)
                }
                other => return Err(format!("{}: unknown place {other}", cell(1))),
            },
            word: cell(1).to_owned(),
            role: match cell(2) {
                "list" => WordRole::List,
                "column" => WordRole::Column,
                "department" => WordRole::Department,
                "level" => WordRole::Level,
                "older" => WordRole::Older,
                "news" => WordRole::News,
                "none" => WordRole::None,
                other => return Err(format!("{}: unknown role {other}", cell(1))),
            },
            weight: cell(3).parse().map_err(|_| format!("{}: no weight", cell(1)))?,
        });
    }
    Ok(words)
}

/// What a link leads to, how sure that is and why.
pub(super) fn verdict(seen: &Seen<'_>) -> Verdict {
    let n = seen.text.chars().count();
    let sure = |role, score, what: String| {
        let points = vec![Point { what, points: score }];
        Verdict { role: Some(role), score, points }
    };
    if n > 80 {
        return Verdict { role: None, score: 0.0, points: vec![] };
    }
    let is_whole = is_title_of_report(seen.text) && year_of_title(seen.text).is_some();
    let named = if is_whole {
        Some(sure(Role::Report, 1.0, format!("it names a report, {}", seen.text)))
    } else {
        // What was cut off may say something else.
        unclipped(seen.text).map(|_| sure(Role::Report, 0.8, format!("it begins as a report's name, {}", seen.text)))
    };
    if let Some(mut verdict) = named {
        // News about a report name it too.
        verdict.points.extend(mine(WordRole::News, seen).map(|word| word.point(-1.0, seen)));
        verdict.score = sum(&verdict.points);
        verdict.role = verdict.role.filter(|_| verdict.score >= ENOUGH);
        return verdict;
    }
    if seen.is(Fact::OnList) && n <= 12 && is_bare_year(seen.text) {
        return sure(Role::Year, 0.6, format!("a year on a list of reports, {}", seen.text));
    }
    if seen.is(Fact::OnList) && (perhaps_names_a_report(seen.text) || is_file_of_a_report(seen)) {
        return sure(Role::Report, 0.6, format!("perhaps a report on a list of them, {}", seen.text));
    }
    let of = |role| points_for(role, seen);
    let (list, column) = (of(WordRole::List), of(WordRole::Column));
    // An office, or the offices of a level, or a list's older years: one link needs no
    // two names.
    let names = [WordRole::Department, WordRole::Level, WordRole::Older].map(of).into_iter();
    let department =
        names.reduce(|best, other| if sum(&other) > sum(&best) { other } else { best }).unwrap_or_default();
    let (for_list, for_column, for_department) = (sum(&list), sum(&column), sum(&department));
    // A name says most: 政府信息公开年报 is a list, though it holds the column's
    // words too.
    if for_list >= ENOUGH && for_list >= for_column.min(0.9) {
        return Verdict { role: Some(Role::ReportList), score: for_list, points: list };
    }
    if for_column >= ENOUGH {
        return Verdict { role: Some(Role::Column), score: for_column, points: column };
    }
    if for_department >= ENOUGH {
        // On a list of reports an office's name leads to its own reports.
        let role = if seen.is(Fact::OnList) { Role::ReportList } else { Role::Column };
        return Verdict { role: Some(role), score: for_department, points: department };
    }
    let best = [(for_list, list), (for_column, column), (for_department, department)];
    let best = best.into_iter().filter(|(_, points)| !points.is_empty());
    let (score, points) = best.max_by(|a, b| a.0.total_cmp(&b.0)).unwrap_or_default();
    Verdict { role: None, score, points }
}

fn sum(points: &[Point]) -> f32 {
    points.iter().fold(0.0, |sum, point| sum + point.points)
}

/// The points for and against one role; none at all where no word of the text
/// speaks for it, because a URL alone says too little.
fn points_for(role: WordRole, seen: &Seen<'_>) -> Vec<Point> {
    // The heaviest word counts; those inside it do not again.
    let heaviest = |places: &[Place]| {
        let words = mine(role, seen).filter(|word| places.contains(&word.place));
        words.max_by(|a, b| a.weight.total_cmp(&b.weight).then(a.word.len().cmp(&b.word.len())))
    };
    let is_picture = seen.is(Fact::Wordless) && !is_article(seen.url.split('?').next().unwrap_or_default());
    let speaks = heaviest(&[Place::Text, Place::End]).or_else(|| heaviest(&[Place::Url]).filter(|_| is_picture));
    let Some(name) = speaks else { return Vec::new() };
    let facts = mine(role, seen).filter(|word| matches!(word.place, Place::Fact(_)));
    let by_url = heaviest(&[Place::Url]).filter(|_| name.place != Place::Url);
    let mut points: Vec<Point> =
        [Some(name), by_url].into_iter().flatten().chain(facts).map(|word| word.point(1.0, seen)).collect();
    points.extend(mine(WordRole::None, seen).map(|word| word.point(-1.0, seen)));
    points
}

/// The words and facts of a role that are there.
fn mine(role: WordRole, seen: &Seen<'_>) -> impl Iterator<Item = &'static Word> {
    let mut url = seen.url.to_ascii_lowercase();
    if seen.is(Fact::Wordless) {
        url.push_str(seen.text);
    }
    WORDS.iter().filter(move |word| word.role == role).filter(move |word| match word.place {
        Place::Text => seen.text.contains(&word.word),
        // 局 alone is no office, 管委会 is.
        Place::End => seen.text.ends_with(&word.word) && (seen.text != word.word || word.word.chars().count() > 1),
        Place::Url => url.contains(&word.word),
        Place::Fact(fact) => seen.is(fact),
    })
}

impl Word {
    /// What it counts, for a person.
    fn point(&self, sign: f32, seen: &Seen<'_>) -> Point {
        let where_read = if seen.is_title { "title" } else { "text" };
        let what = match self.place {
            Place::Text | Place::End => format!("{where_read} {}", self.word),
            Place::Url => format!("URL {}", self.word),
            Place::Fact(_) => self.word.clone(),
        };
        Point { what, points: sign * self.weight }
    }
}

/// Whether a link's words name an office, or the offices of a level.
pub(super) fn names_an_office(text: &str) -> bool {
    let seen = Seen { text, is_title: false, url: "", facts: Vec::new() };
    let says = |role| mine(role, &seen).any(|word| matches!(word.place, Place::Text | Place::End));
    says(WordRole::Department) || says(WordRole::Level)
}

/// What a URL without words leads to, as in a sitemap: only the words of its
/// path speak.
pub(super) fn verdict_of_url(path: &str) -> Verdict {
    let path = path.to_ascii_lowercase();
    let best = |role| {
        let words = WORDS.iter().filter(|word| word.place == Place::Url && word.role == role);
        words.filter(|word| path.contains(&word.word)).max_by(|a, b| a.weight.total_cmp(&b.weight))
    };
    let verdict = |role, word: &Word| {
        let points = vec![Point { what: format!("URL {} in a sitemap", word.word), points: word.weight }];
        Verdict { role: Some(role), score: word.weight, points }
    };
    if best(WordRole::None).is_some() {
        return Verdict { role: None, score: 0.0, points: vec![] };
    }
    match (best(WordRole::List), best(WordRole::Column)) {
        (Some(word), _) if is_article(&path) => verdict(Role::Report, word),
        (Some(word), _) => verdict(Role::ReportList, word),
        (None, Some(word)) if !is_article(&path) => verdict(Role::Column, word),
        _ => Verdict { role: None, score: 0.0, points: vec![] },
    }
}

/// Whether a path's file is an article's: its name holds a number of some
/// length, a day or an id.
fn is_article(path: &str) -> bool {
    let file = path.rsplit('/').next().unwrap_or_default();
    let longest = file.split(|c: char| !c.is_ascii_digit()).map(str::len).max().unwrap_or(0);
    longest >= 4
}

/// Whether a title may be a report's on a list where all are: the earliest were
/// called summaries (2010年政府信息公开工作总结), some only begin to say it
/// (2024年政府...).
fn perhaps_names_a_report(text: &str) -> bool {
    const ENDS: [&str; 3] = ["报告", "总结", "小结"];
    const SUBJECTS: [&str; 2] = ["政府信息公开", "信息公开"];
    if year_of_title(text).is_none() {
        return false;
    }
    let begun = text.trim_end_matches(['.', '…', '⋯']);
    if text.len() - begun.len() >= 2 {
        let Some((_, behind)) = begun.rsplit_once('年') else { return false };
        let subject = behind.strip_prefix('度').unwrap_or(behind);
        return subject.chars().count() >= 2 && SUBJECTS.iter().any(|whole| whole.starts_with(subject));
    }
    text.contains("信息公开") && ENDS.iter().any(|end| text.ends_with(end))
}

/// Whether a link's words are its file's name, as a server lists a folder, and that is one
/// of a report with its year: `2023ndbg.html`.
fn is_file_of_a_report(seen: &Seen<'_>) -> bool {
    let file = seen.url.rsplit('/').next().unwrap_or_default();
    let stem = file.split('.').next().unwrap_or_default().to_ascii_lowercase();
    let names_it = || {
        WORDS.iter().any(|word| word.place == Place::Url && word.role == WordRole::List && stem.contains(&word.word))
    };
    let mut numbers = stem.split(|c: char| !c.is_ascii_digit());
    file.contains('.') && file == seen.text && numbers.any(is_bare_year) && names_it()
}

/// 2017年, 2017年度, 2017, 2008-2018年
pub(in crate::crawl) fn is_bare_year(text: &str) -> bool {
    let (first, text) = text.split_once(['-', '~', '至', '—']).unwrap_or((text, text));
    if first.len() != text.len() && first.trim_end_matches('年').parse::<u16>().is_err() {
        return false;
    }
    let rest = text.trim_start_matches(|c: char| c.is_ascii_digit());
    let digits = text.len() - rest.len();
    // Reports exist since 2008 (some of earlier years were posted later).
    let year = text.get(..4).and_then(|year| year.parse::<u16>().ok());
    let is_year = year.is_some_and(|year| (2003..2050).contains(&year));
    digits == 4 && is_year && matches!(rest, "" | "年" | "年度" | "年年报" | "年度报告" | "年度年报" | "年报")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen<'a>(text: &'a str, facts: &[Fact]) -> Seen<'a> {
        Seen { text, is_title: false, url: "/x/", facts: facts.to_vec() }
    }

    #[test]
    fn every_word_can_be_read_and_every_fact_counts() {
        let words = parse(include_str!("../../../config/discovery.csv")).unwrap();
        assert!(words.len() > 60);
        for (fact, name) in Fact::ALL {
            assert!(words.iter().any(|word| word.place == Place::Fact(fact) && word.word == name), "{name}");
        }
    }

    #[test]
    fn a_score_is_the_sum_of_its_points() {
        let seen = Seen { url: "/gknb/", is_title: true, ..seen("信息公开年报", &[Fact::OnColumn]) };
        let verdict = verdict(&seen);
        let points: Vec<String> = verdict.points.iter().map(ToString::to_string).collect();
        assert_eq!(points, ["title 信息公开年报 +1.0", "URL gknb +0.5", "on a column +0.1"]);
        assert_eq!(verdict.role, Some(Role::ReportList));
        assert!((verdict.score - 1.6).abs() < 1e-5, "{}", verdict.score);
    }

    #[test]
    fn what_is_not_followed_says_why() {
        let verdict = verdict(&seen("政府信息公开指南", &[Fact::OnColumn]));
        let points: Vec<String> = verdict.points.iter().map(ToString::to_string).collect();
        assert_eq!((verdict.role, points), (None, vec!["text 政府信息公开 +0.8".into(), "text 公开指南 -1.0".into()]));
        assert!(super::verdict(&seen("办事服务", &[])).points.is_empty());
    }

    #[test]
    fn news_about_a_report_is_none() {
        let role = |text| verdict(&seen(text, &[Fact::OnList])).role;
        assert_eq!(role("青禾市2017年政府信息公开工作年度报告"), Some(Role::Report));
        for text in ["一图读懂2017年政府信息公开工作年度报告", "青禾市2017年政府信息公开年度报告发布"]
        {
            assert_eq!(role(text), None, "{text}");
        }
    }

    #[test]
    fn a_title_that_a_list_clips_names_a_report() {
        let verdict =
            verdict(&seen("青禾市人民政府办公室2017年政府信息公开工作年度报...", &[Fact::OnList, Fact::Dated]));
        let points: Vec<String> = verdict.points.iter().map(ToString::to_string).collect();
        assert_eq!(verdict.role, Some(Role::Report));
        assert_eq!(points, ["it begins as a report's name, 青禾市人民政府办公室2017年政府信息公开工作年度报... +0.8"]);
        assert_eq!(super::verdict(&seen("一图读懂青禾市2017年政府信息公开工作年...", &[Fact::OnList])).role, None);
    }

    #[test]
    fn where_a_link_stands_decides_with_its_words() {
        use Fact::{BesideGuide, Dated, Elsewhere, InFooter, OnColumn, OnList, ToOtherHost};
        let cases: [(&str, &[Fact], Option<Role>); 31] = [
            ("青禾市教育局", &[OnColumn], Some(Role::Column)),
            ("青禾市教育局", &[OnList], Some(Role::ReportList)),
            // A home page names many offices.
            ("青禾市教育局", &[], None),
            ("青禾市教育局", &[OnColumn, InFooter], None),
            ("青禾市教育局", &[OnColumn, ToOtherHost], None),
            ("政务公开", &[OnColumn], Some(Role::Column)),
            ("政务公开", &[OnColumn, Dated], None),
            ("政务公开", &[OnList], None),
            ("政府信息公开", &[OnColumn, Elsewhere], None),
            // Neighbours of the column, and columns of another kind.
            ("信息公开规定", &[OnColumn], None),
            ("政府信息公开条例", &[OnColumn], None),
            ("信息公开查询", &[OnColumn], None),
            ("大气污染防治督查信息公开", &[], None),
            ("部门动态", &[OnColumn], None),
            ("部门概况", &[OnColumn], None),
            ("部门职责", &[OnColumn], None),
            ("部门文件", &[OnColumn], None),
            // A list that is parted by levels; elsewhere such names lead anywhere.
            ("县级政府", &[OnList], Some(Role::ReportList)),
            ("各县(市、区)", &[OnList], Some(Role::ReportList)),
            ("市级部门", &[OnList], Some(Role::ReportList)),
            ("镇街", &[OnList], Some(Role::ReportList)),
            ("市直单位", &[OnList], Some(Role::ReportList)),
            ("县级政府", &[OnColumn], None),
            ("县级政府", &[OnList, InFooter], None),
            ("市政府常务会议", &[OnList], None),
            ("其他法定信息", &[OnColumn], Some(Role::Column)),
            ("年报", &[], None),
            ("年报", &[BesideGuide], Some(Role::ReportList)),
            ("统计年报", &[BesideGuide], None),
            ("年报", &[OnColumn], Some(Role::ReportList)),
            ("2017年", &[OnList], Some(Role::Year)),
        ];
        for (text, facts, role) in cases {
            assert_eq!(verdict(&seen(text, facts)).role, role, "{text} {facts:?}");
        }
    }

    #[test]
    fn on_a_list_of_reports_an_item_is_tried_that_may_be_one() {
        let role = |text| verdict(&seen(text, &[Fact::OnList])).role;
        for text in ["青禾市2010年政府信息公开工作总结", "青禾市人民政府2024年政府...", "青禾市教育局2012年度政府信…"]
        {
            assert_eq!(role(text), Some(Role::Report), "{text}");
            assert_ne!(verdict(&seen(text, &[])).role, Some(Role::Report), "{text}");
        }
        for text in [
            "2024年政府信息公开工作要点",
            "青禾市人民政府2024年重大...",
            "关于报送2017年信息公开年报的通知",
            "信息公开工作总结",
        ] {
            assert_eq!(role(text), None, "{text}");
        }
        for text in ["2017", "2017年", "2017年度", "2008-2018年", "2008年至2018年", "2008年—2013年"] {
            assert_eq!(role(text), Some(Role::Year), "{text}");
        }
        for text in ["2017-1", "1998年", "2017年会议", "第2017年"] {
            assert_ne!(role(text), Some(Role::Year), "{text}");
        }
    }

    #[test]
    fn older_years_are_worth_a_visit_from_a_list_of_reports_alone() {
        let role = |text, facts: &[Fact]| verdict(&seen(text, facts)).role;
        for text in ["历年", "往年", "2019年以前", "2019年及以前", "归档", "往期", "更多年份", "以前年度", "历史年度"]
        {
            assert_eq!(role(text, &[Fact::OnList]), Some(Role::ReportList), "{text}");
            assert_eq!(role(text, &[Fact::OnColumn]), None, "{text}");
            assert_eq!(role(text, &[]), None, "{text}");
            assert_eq!(role(text, &[Fact::OnList, Fact::Dated]), None, "{text}");
        }
        for text in ["往期回顾", "历年政府工作报告", "归档文件"] {
            assert_eq!(role(text, &[Fact::OnList]), None, "{text}");
        }
    }

    #[test]
    fn offices_go_by_many_names() {
        let role = |text| verdict(&seen(text, &[Fact::OnList])).role;
        for office in [
            "政府办",
            "扶贫办",
            "金融办",
            "人防办",
            "招商办",
            "政务服务管理办",
            "经济开发区",
            "管委会",
            "人民法院",
            "档案馆",
            "人民医院",
            "第一中学",
            "总工会",
            "残联",
            "消防救援大队",
            "国营农场",
            "供电公司",
            "青禾苏木",
            "教育局",
        ] {
            assert_eq!(role(office), Some(Role::ReportList), "{office}");
        }
        for other in ["局", "办", "一网通办", "跨省通办", "马上办", "新闻中心", "青禾概况", "网上办事"]
        {
            assert_eq!(role(other), None, "{other}");
        }
    }

    #[test]
    fn lists_go_by_many_names() {
        let names = [
            "政府信息公开年报",
            "政府信息公开工作年度报告",
            "政府信息公开年度报告",
            "政府信息公开工作年报",
            "政府信息公开工作报告",
            "信息公开年度工作报告",
            "年度政府信息公开报告",
            "政务公开年度报告",
            "政务公开工作年报",
            "公开年报",
            "信息公开报告",
        ];
        // Enough on a disclosure page, and too little anywhere else.
        let short = ["年度报告", "年度工作报告", "工作年报", "年报"];
        let others = [
            "法治政府建设年度报告",
            "法治政府年度报告",
            "企业年报公示",
            "统计年报",
            "部门决算公开",
            "政府工作报告",
            "政府网站年度工作报表",
            "政府网站工作年度报告",
            "政府网站年报",
            "政府网站监管年度报告",
        ];
        let role = |name, facts: &[Fact]| verdict(&seen(name, facts)).role;
        for name in names.into_iter().chain(short) {
            assert_eq!(role(name, &[Fact::OnColumn]), Some(Role::ReportList), "{name}");
        }
        for name in short {
            assert_eq!(role(name, &[]), None, "{name}");
        }
        for name in others {
            assert_eq!(role(name, &[Fact::OnColumn]), None, "{name}");
        }
    }

    #[test]
    fn urls_without_words_are_told_by_their_path() {
        let role = |path: &str| verdict_of_url(path).role;
        assert_eq!(role("/zwgk/gknb/"), Some(Role::ReportList));
        assert_eq!(role("/zwgk/gknb/202401/t20240112_9.html"), Some(Role::Report));
        assert_eq!(role("/zfxxgk/"), Some(Role::Column));
        assert_eq!(role("/zfxxgk/202401/t20240112_9.html"), None);
        assert_eq!(role("/login/gknb/"), None);
        assert_eq!(role("/news/"), None);
    }
}
