//! What a stretch of text is about, and for whom it speaks.

use std::sync::LazyLock;

use regex::Regex;

/// What a stretch of text is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Topic {
    Disclosure,
    Request,
    Reconsideration,
    Litigation,
    Complaint,
    /// A matter of its own whose numbers look like ours: licensing, hotlines.
    Elsewhere,
}

/// The topic that the last of its words in a text sets, if any.
pub(super) fn last_topic(text: &str) -> Option<Topic> {
    const WORDS: [(&str, Topic); 26] = [
        ("主动公开", Topic::Disclosure),
        ("依申请", Topic::Request),
        ("公开申请", Topic::Request),
        ("公开的申请", Topic::Request),
        ("收到申请", Topic::Request),
        ("受理申请", Topic::Request),
        ("行政复议", Topic::Reconsideration),
        ("复议申请", Topic::Reconsideration),
        ("行政诉讼", Topic::Litigation),
        ("举报投诉", Topic::Complaint),
        ("投诉举报", Topic::Complaint),
        ("审批", Topic::Elsewhere),
        ("行政许可", Topic::Elsewhere),
        ("12345", Topic::Elsewhere),
        ("热线", Topic::Elsewhere),
        ("信访", Topic::Elsewhere),
        ("减免税", Topic::Elsewhere),
        ("提案", Topic::Elsewhere),
        ("12315", Topic::Elsewhere),
        ("人大代表建议", Topic::Elsewhere),
        ("咨询", Topic::Elsewhere),
        ("信箱", Topic::Elsewhere),
        ("留言", Topic::Elsewhere),
        // A class of documents, not requests.
        ("依申请公开的文件", Topic::Elsewhere),
        ("依申请公开文件", Topic::Elsewhere),
        ("依申请公开类", Topic::Elsewhere),
    ];
    let places = |(word, topic): &(&str, Topic)| {
        let at = text.rfind(word)?;
        // 信箱收到申请: requests of another kind.
        let is_vague = matches!(*word, "收到申请" | "受理申请");
        (!is_vague || !["信箱", "留言", "热线"].iter().any(|word| text[..at].contains(word))).then_some((at, *topic))
    };
    let found = WORDS.iter().filter_map(places);
    // 属于已主动公开范围 is a kind of reply, no new topic.
    let found = found.filter(|(at, topic)| *topic != Topic::Disclosure || !is_kind_of_reply(text, *at));
    // Of two that begin together the longer, which stands later, says more.
    found.max_by_key(|(at, _)| *at).map(|(_, topic)| topic)
}

fn is_kind_of_reply(text: &str, at: usize) -> bool {
    let before = &text[..at];
    ["已", "已经", "属", "属于"].iter().any(|word| before.ends_with(word))
}

/// For whom the last subject of a text speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Subject {
    /// The whole, or nobody is named.
    Whole,
    /// A part of it.
    Part,
}

/// The last subject of a text.
pub(super) fn subject(text: &str) -> Subject {
    static SUBJECTS: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(concat!(
            r"(?P<whole>[省市县区州]政府(?:及|和)(?:各[市县区州](?:级)?(?:人民)?政府|[市县区]政府各部门)|全[省市县区州盟旗]|各级行政机关|各级政府|",
            r"我[省市县区州盟旗局委厅办院校中镇乡]|本[省市县区州局委厅院校机关年]|[省市县区州](?:人民)?政府(?:信息|门户|网站|公报|法制|系统))|",
            r"(?P<part>[省市县区州](?:人民)?政府(?:本级|办公[室厅]|新闻办|公开办)?|[省市县区州]本级|省级|[市县区州](?:级|直)(?:各)?(?:政府)?(?:部门|单位|机关)?|",
            r"[省市县区州][^,;。:0-9全我本各的]{1,6}[局委厅](?:机关|系统)?|",
            r"各设区市|各[市县区]|各部门|各乡镇|各镇|各街道|各单位|各科室|基层|[省市县区]直)"
        ))
        .ok()
    });
    let Some(regex) = SUBJECTS.as_ref() else { return Subject::Whole };
    match regex.captures_iter(text).last() {
        Some(found) if found.name("part").is_some() => Subject::Part,
        _ => Subject::Whole,
    }
}
