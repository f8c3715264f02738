//! For whom a stretch of text speaks: the whole that the report speaks for, or
//! a part of it (the office alone, the departments alone, the townships alone).

use std::sync::LazyLock;

use regex::Regex;

use super::super::types::Level;

/// The subjects of a sentence, each where it ends.
#[derive(Default)]
pub(super) struct Subjects(Vec<(usize, Share)>);

/// What share of the whole that the report speaks for a subject is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Share {
    /// All of it.
    #[default]
    Whole,
    /// The government itself, without its departments and the governments below.
    Government,
    /// The office alone, the departments, the townships.
    Part,
    /// More than it: 全省 in a county's report.
    More,
}

/// Whose report it is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Speaker {
    /// A government's, which speaks for its parts, with the words for the
    /// regions that it is a part of itself.
    Government { level: Level, above: &'static [&'static str] },
    /// A department's, a township's, a school's.
    Office,
}

impl Speaker {
    /// Whether it has counties or prefectures, whose numbers are its own as well.
    fn has_governments_below(self) -> bool {
        matches!(self, Self::Government { level: Level::Province | Level::Prefecture, .. })
    }

    /// Whether a name is that of a region above.
    fn is_part_of(self, name: &str) -> bool {
        matches!(self, Self::Government { above, .. } if above.iter().any(|region| name.starts_with(region)))
    }
}

/// 省政府及其部门: all of a county's report, and of a province's what its counties are
/// not in.
fn is_government_with_its_own(name: &str) -> bool {
    name.contains("政府及其") || name.contains("政府和其")
}

/// Who is named.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Who {
    /// 全省 in a county's report.
    Above,
    /// 全县, 我局, 各级各部门.
    Whole,
    /// The government or its office.
    Office,
    /// Departments and other bodies of the same level.
    Departments,
    /// Governments below.
    Below,
}

impl Subjects {
    /// For what share of the whole it speaks what stands at a place.
    pub(super) fn at(&self, place: usize) -> Share {
        let n = self.0.partition_point(|(end, _)| *end <= place);
        self.0[..n].last().map(|(_, share)| *share).unwrap_or_default()
    }

    /// The subjects of a text. Names that are joined (县政府及各部门, 各乡镇、
    /// 县直各单位) are the whole when they are of more than one kind, unless
    /// 其中 says that they are parts; a clause that begins with the year, or
    /// with 全年, begins anew.
    ///
    /// Of an office's own report only the government above it is another body:
    /// its own name is a department's.
    pub(super) fn of(text: &str, year: Option<i16>, carried: Share, speaker: Speaker) -> Self {
        let mut places = vec![(0, carried)];
        // Who is named together, each with the name.
        let mut run: Vec<(Who, &str)> = Vec::new();
        let mut run_end = 0;
        let of_them = text.find("其中").unwrap_or(usize::MAX);
        let mut close = |run: &mut Vec<(Who, &str)>, end: usize| {
            if let Some((first, _)) = run.first() {
                let names = |wanted: Who| run.iter().any(|(who, _)| *who == wanted);
                // 省政府及省直单位 are not what its counties are in.
                let are_of_all_levels = !speaker.has_governments_below() || names(Who::Below);
                let is_joined = of_them > end && are_of_all_levels && run.iter().any(|(who, _)| who != first);
                let is_whole = names(Who::Whole) || is_joined;
                // The government, and not an office of it alone.
                let is_government = speaker != Speaker::Office
                    && run.iter().all(|(who, _)| *who == Who::Office)
                    && run.iter().any(|(_, name)| name.ends_with("政府"));
                let share = match is_whole {
                    _ if names(Who::Above) => Share::More,
                    true => Share::Whole,
                    false if is_government => Share::Government,
                    false => Share::Part,
                };
                places.push((end, share));
            }
            run.clear();
        };
        for found in NAMES.iter().flat_map(|names| names.captures_iter(text)) {
            let Some(all) = found.get(0) else { continue };
            let between = &text[run_end.min(all.start())..all.start()];
            let is_joined = between.chars().all(|c| "、和及与以其各所属直市县区乡镇街道()所".contains(c));
            if !is_joined {
                close(&mut run, run_end);
            }
            let kind = ["whole", "office", "departments", "below"].iter().position(|name| found.name(name).is_some());
            let who = match kind {
                // Of a bureau's report the whole is the bureau, or all bureaus of
                // its kind, not the county.
                Some(0) if speaker == Speaker::Office && is_region(all.as_str(), &text[all.end()..]) => Who::Above,
                Some(0) if speaker.is_part_of(all.as_str()) => Who::Above,
                Some(0) if speaker.has_governments_below() && is_government_with_its_own(all.as_str()) => Who::Office,
                Some(0) => Who::Whole,
                Some(1) => Who::Office,
                Some(2) => Who::Departments,
                _ => Who::Below,
            };
            if found.name("nobody").is_some() || (run.is_empty() && is_object(&text[..all.start()], &text[all.end()..]))
            {
                continue;
            }
            // 街道, 乡镇: a township's own name for itself.
            let is_of_several = ["各", "所属", "下属", "二级"].iter().any(|start| all.as_str().starts_with(start));
            if speaker == Speaker::Office && (who == Who::Departments || (who == Who::Below && !is_of_several)) {
                continue;
            }
            // 县政府各部门 are the departments, not the government and they.
            let last = run.last().map(|(who, _)| *who);
            if between.is_empty() && (last, who) == (Some(Who::Office), Who::Departments) {
                run.pop();
            }
            // 我局所属单位 are those below it alone.
            if between.is_empty() && ["所属", "下属", "二级"].iter().any(|start| all.as_str().starts_with(start))
            {
                run.pop();
            }
            run.push((who, all.as_str()));
            run_end = all.end();
        }
        close(&mut run, run_end);
        let year = year.map(|year| format!("{year}年"));
        let anew = |rest: &str| {
            let named = year.as_ref().is_some_and(|year| rest.starts_with(year.as_str()));
            named || ["全年", "本年度", "年内"].iter().any(|word| rest.starts_with(word))
        };
        let commas = text.match_indices(',').map(|(at, _)| at + 1).filter(|at| *at < of_them);
        places.extend(commas.filter(|at| anew(&text[*at..])).map(|at| (at + "全年".len(), Share::Whole)));
        places.sort_by_key(|(end, _)| *end);
        let subjects = Self(places);
        subjects.restored_after_brackets(text)
    }

    /// Who is named in brackets is spoken of in them alone: 共受理89件(其中县政府
    /// 受理21件),按方式分,当面12件.
    fn restored_after_brackets(mut self, text: &str) -> Self {
        let mut open = Vec::new();
        let mut restored = Vec::new();
        for (at, c) in text.char_indices() {
            match c {
                '(' => open.push(at),
                ')' => {
                    if let Some(from) = open.pop() {
                        restored.push((at + 1, self.at(from)));
                    }
                }
                _ => {}
            }
        }
        self.0.extend(restored);
        self.0.sort_by_key(|(end, _)| *end);
        self
    }
}

/// The names of those who may be spoken of.
static NAMES: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let bureaus = [
        "教育|公安|民政|财政|人社|人力资源|国土|环保|环境保护|住建|交通|水利|水务|农业|农林|卫生|卫计|审计|统计|税务|地税|国税",
        "工商|质监|药监|食药监|安监|发改|发展改革|经信|工信|科技|司法|文化|文广|体育|旅游|林业|人防|气象|供电|档案|物价|规划",
        "城管|房管|粮食|商务|监察|计生|应急|市监|市场监管|市场监督管理|自然资源|生态环境|医保|退役军人|行政审批|公路|海事|海洋",
        "渔业|畜牧|农经|法制|编办|民宗|残联|国资",
    ]
    .join("|");
    let kinds = [
        // Not a subject: 县政府门户网站, 格局.
        ("nobody", r"[省市县区州盟旗](?:人民)?政府(?:信息|新闻发布|门户|网站|网|公报|法制|系统|规章|常务|办公会|公开|平台|政务|微博|微信|部门|大院)|结局|格局|布局".to_owned()),
        (
            "whole",
            [
                r"[省市县州][、和及]?[市县区乡镇][县区市镇]?[两三]级(?:政府|机关|部门)?|[省市州][、和及]各?[区县市][县市区]?(?:人民)?政府",
                r"[省市县区州盟旗]政府(?:及|和)(?:其|各[市县区州旗](?:级)?(?:人民)?政府|[市县区旗]政府各部门)(?:各?(?:工作)?部门)?",
                r"全[国省市县区州盟旗镇乡街系]|各级(?:各部门|各单位|人民政府|政府|行政机关|机关|国家机关|部门|单位)?",
                r"各地(?:各部门|各单位|区)?|我[省市县区州盟旗局委厅办院校中镇乡街所站]|本(?:行政)?机关|本单位",
                r"本[省市县区州局委厅院校镇乡](?:政府)?",
            ]
            .join("|"),
        ),
        (
            "office",
            [
                r"[省市县区州盟旗](?:人民)?政府(?:本级|办公[室厅]|办|新闻办|公开办)?|[省市县区州盟旗]本级",
                r"(?:政府|本级)办公室|政府信息公开办|县委办|市委办",
            ]
            .join("|"),
        ),
        (
            "departments",
            [
                r"省级(?:各)?(?:部门|单位|机关)?",
                r"[市县区州盟旗](?:级|直)(?:各)?(?:政府)?(?:部门|单位|机关)?(?:各)?(?:部门|单位)?",
                r"[省市县区州盟旗][^,;。:0-9全我本各的、]{1,6}[局委厅](?:机关|系统)?",
                &format!("(?:{bureaus})(?:局|委员会|委|厅|办公室|部门|系统)"),
                r"各(?:有关|相关|职能|工作)?部门|各(?:有关|相关|成员)?单位|各科室|各股室|[省市县区]直|各有关|垂管单位",
            ]
            .join("|"),
        ),
        (
            "below",
            [
                r"各设区市|各[市县区州旗](?:、[市县区州旗])*|各乡镇|各镇|各街道|各乡|各园区",
                r"[0-9]+个(?:县\(市、区\)|县\(区\)|旗县区|县市区|旗县|县区|区县|县)",
                r"(?:[0-9]+个)?(?:乡镇|街道|镇街)|下级|基层|(?:所属|下属)(?:各)?(?:单位|部门|二级单位)|二级单位",
            ]
            .join("|"),
        ),
    ];
    crate::pattern(&kinds.map(|(name, pattern)| format!("(?P<{name}>{pattern})")).join("|"))
});

/// 全县, and not 全县水利系统.
fn is_region(name: &str, after: &str) -> bool {
    let near: String = after.chars().take(8).collect();
    let is_whole =
        name.strip_prefix('全').is_some_and(|rest| rest.starts_with(['省', '市', '县', '区', '州', '盟', '旗']));
    is_whole && !near.contains("系统")
}

/// A body that is asked, told or quoted is no subject: 由县政府办公室综合,
/// 根据省政府要求, 省政府印发.
fn is_object(before: &str, after: &str) -> bool {
    const BEFORE: [&str; 21] = [
        "向", "由", "在", "经", "给", "按照", "根据", "报", "至", "与", "到", "按", "请", "贯彻", "落实", "因", "对",
        "针对", "通过", "依托", "利用",
    ];
    const AFTER: [&str; 12] =
        ["关于", "印发", "要求", "部署", "下发", "《", "文件", "的要求", "的部署", "网", "有关要求", "有关规定"];
    BEFORE.iter().any(|word| before.ends_with(word)) || AFTER.iter().any(|word| after.starts_with(word))
}
