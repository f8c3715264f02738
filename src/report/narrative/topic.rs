//! What a stretch of text is about.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};

/// What a stretch of text is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Topic {
    Disclosure,
    Request,
    Reconsideration,
    /// Lawsuits of either kind.
    Litigation,
    /// Lawsuits without a reconsideration before (forms of 2019 and 2021).
    DirectLitigation,
    /// Lawsuits after a reconsideration (forms of 2019 and 2021).
    LaterLitigation,
    Complaint,
    /// A matter of its own whose numbers look like ours: licensing, hotlines.
    Elsewhere,
}

/// The words that set a topic; none is a word that seems to, and does not. Of
/// words that begin together the longest counts.
const WORDS: [(&str, Option<Topic>); 81] = [
    ("主动公开", Some(Topic::Disclosure)),
    // 属于已主动公开范围 is a kind of reply, no new topic.
    ("已主动公开", None),
    ("主动公开范围", None),
    ("已经主动公开", None),
    ("属主动公开", None),
    ("属于主动公开", None),
    ("依申请", Some(Topic::Request)),
    ("依申请公开", Some(Topic::Request)),
    ("公开申请", Some(Topic::Request)),
    ("申请公开", Some(Topic::Request)),
    ("公开的申请", Some(Topic::Request)),
    ("公开的书面申请", Some(Topic::Request)),
    // A class of documents, not requests.
    ("依申请公开的文件", Some(Topic::Elsewhere)),
    ("依申请公开文件", Some(Topic::Elsewhere)),
    ("依申请公开类", Some(Topic::Elsewhere)),
    ("依申请公开公文", Some(Topic::Elsewhere)),
    ("依申请公开的公文", Some(Topic::Elsewhere)),
    ("依申请公开信息", Some(Topic::Request)),
    ("依申请公开政府信息", Some(Topic::Request)),
    ("行政复议", Some(Topic::Reconsideration)),
    ("复议申请", Some(Topic::Reconsideration)),
    ("复议案", Some(Topic::Reconsideration)),
    ("复议", Some(Topic::Reconsideration)),
    // What lawsuits are told apart by.
    ("未经复议", None),
    ("未经行政复议", None),
    ("复议后", None),
    ("复议机关", None),
    ("诉讼", Some(Topic::Litigation)),
    // A part of a judgment's name: 驳回诉讼请求.
    ("诉讼请求", None),
    ("行政诉讼", Some(Topic::Litigation)),
    ("诉讼案", Some(Topic::Litigation)),
    ("行政应诉", Some(Topic::Litigation)),
    ("直接起诉", Some(Topic::DirectLitigation)),
    ("未经复议直接起诉", Some(Topic::DirectLitigation)),
    ("未经行政复议直接起诉", Some(Topic::DirectLitigation)),
    ("未经复议直接提起行政诉讼", Some(Topic::DirectLitigation)),
    ("未经行政复议直接提起行政诉讼", Some(Topic::DirectLitigation)),
    ("复议后起诉", Some(Topic::LaterLitigation)),
    ("复议后提起行政诉讼", Some(Topic::LaterLitigation)),
    ("经复议后起诉", Some(Topic::LaterLitigation)),
    ("行政复议后起诉", Some(Topic::LaterLitigation)),
    ("行政复议后提起行政诉讼", Some(Topic::LaterLitigation)),
    ("举报投诉", Some(Topic::Complaint)),
    ("投诉举报", Some(Topic::Complaint)),
    // Grounds for not processing a request.
    ("信访举报投诉类", None),
    ("信访、举报、投诉类", None),
    ("行政许可", Some(Topic::Elsewhere)),
    ("审批", Some(Topic::Elsewhere)),
    // What requests ask for.
    ("行政审批类", None),
    ("行政审批等", None),
    ("审批类信息", None),
    ("审批等信息", None),
    ("行政许可类", None),
    ("12345", Some(Topic::Elsewhere)),
    ("12315", Some(Topic::Elsewhere)),
    ("热线", Some(Topic::Elsewhere)),
    ("信访", Some(Topic::Elsewhere)),
    ("减免税", Some(Topic::Elsewhere)),
    ("提案", Some(Topic::Elsewhere)),
    ("人大代表建议", Some(Topic::Elsewhere)),
    ("人大建议", Some(Topic::Elsewhere)),
    ("建议议案", Some(Topic::Elsewhere)),
    ("咨询", Some(Topic::Elsewhere)),
    ("信箱", Some(Topic::Elsewhere)),
    // A way to apply.
    ("电子信箱", None),
    ("留言", Some(Topic::Elsewhere)),
    ("来电", Some(Topic::Elsewhere)),
    ("办件", Some(Topic::Elsewhere)),
    ("依申请公开办件", Some(Topic::Request)),
    ("公开申请办件", Some(Topic::Request)),
    ("结转办件", None),
    ("网民", Some(Topic::Elsewhere)),
    ("服务事项", Some(Topic::Elsewhere)),
    ("来访", Some(Topic::Elsewhere)),
    ("来访受理", None),
    ("来访申请", None),
    ("来访提出", None),
    ("来访提交", None),
    ("公共服务", Some(Topic::Elsewhere)),
    ("工单", Some(Topic::Elsewhere)),
    ("征求意见", Some(Topic::Elsewhere)),
];

/// The places of a sentence that set its topic.
pub(super) struct Topics(Vec<(usize, Topic)>);

impl Topics {
    /// Forgets a topic that only seems to be one.
    pub(super) fn leave_out(&mut self, topic: Topic) {
        self.0.retain(|(_, known)| *known != topic);
    }

    /// Whether some stretch is about a topic.
    pub(super) fn has(&self, topic: Topic) -> bool {
        self.0.iter().any(|(_, known)| *known == topic)
    }

    pub(super) fn of(text: &str) -> Self {
        static FINDER: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
            let words = WORDS.iter().map(|(word, _)| word);
            AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(words).ok()
        });
        let mut places: Vec<(usize, Topic)> = Vec::new();
        for found in FINDER.iter().flat_map(|finder| finder.find_iter(text)) {
            let (word, topic) = WORDS[found.pattern().as_usize()];
            let topic = match topic {
                Some(Topic::Request) if word.starts_with("依申请") && is_class(text, found.start(), found.end()) => {
                    Topic::Elsewhere
                }
                Some(topic) => topic,
                None => continue,
            };
            places.push((found.end(), topic));
        }
        Self(places)
    }

    /// The topic at a place of the text, if a word before it set one.
    pub(super) fn at(&self, place: usize) -> Option<Topic> {
        let n = self.0.partition_point(|(end, _)| *end <= place);
        self.0[..n].last().map(|(_, topic)| *topic)
    }

    pub(super) fn last(&self) -> Option<Topic> {
        self.0.last().map(|(_, topic)| *topic)
    }
}

/// Whether 依申请公开 is a class of documents: a number of them follows, and no
/// verb says that something was received (依申请公开46条, 依申请公开信息数46条).
/// What is counted in times or cases is no document (依申请公开3次).
fn is_class(text: &str, start: usize, end: usize) -> bool {
    let mut rest = &text[end..];
    while let Some(shorter) =
        ["的", "政府", "信息", "数", "总", "共", "有", "为", "计", "约"].iter().find_map(|word| rest.strip_prefix(word))
    {
        rest = shorter;
    }
    let verbs = ["受理", "收到", "办理", "接到", "处理", "接收", "答复", "办结", "新收", "申请"];
    let clause = text[..start].rsplit([',', ';', '。']).next().unwrap_or_default();
    let counter = rest.trim_start_matches(|c: char| c.is_ascii_digit());
    let is_number = counter.len() < rest.len() && !counter.starts_with(['次', '起', '宗', '例']);
    // 依申请公开9件,其中当面申请4件: only requests come by ways.
    let parts = counter.split(['。', ';']).next().unwrap_or_default();
    let comes_by_ways =
        ["当面申请", "网络申请", "网上申请", "信函申请", "传真申请"].iter().any(|way| parts.contains(way));
    is_number && !comes_by_ways && !verbs.iter().any(|verb| clause.contains(verb))
}
