//! The words by which a page's pieces are told apart, in folded spelling.
//!
//! No site, place or title is named here: only what pages of a kind say.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

/// Words of the reports: their subject, their sections, their statistics.
pub(super) const REPORT: Words = Words::of(
    0,
    &[
        "信息公开",
        "政务公开",
        "主动公开",
        "依申请公开",
        "公开申请",
        "行政复议",
        "行政诉讼",
        "公开条例",
        "年度报告",
        "年报",
        "政策解读",
        "规范性文件",
        "政府网站",
        "政务微博",
        "政务微信",
        "政务新媒体",
        "新闻发布会",
        "申请数",
        "办结数",
        "答复数",
        "纠错",
        "不予公开",
        "予以公开",
        "第二十条",
        "培训",
        "公开指南",
        "公开目录",
        "统计期限",
        "行政许可",
        "行政处罚",
        "存在的问题",
        "存在的主要问题",
        "改进",
        "收费",
        "减免",
        "统计指标",
        "结转",
        "总体情况",
        "概述",
        "报告的事项",
    ],
);

/// Words of shops and of the templates they are made with.
pub(super) const SHOP: Words = Words::of(
    1,
    &[
        "产品中心",
        "产品展示",
        "产品分类",
        "新品推荐",
        "热卖",
        "订购",
        "购物车",
        "加入购物",
        "立即购买",
        "批发",
        "包邮",
        "在线客服",
        "客户案例",
        "欢迎光临",
        "厂家",
        "手机套",
        "手机壳",
        "招商加盟",
        "@baidu.com",
        "+86-123",
        "+86-765",
        "您的姓名",
        "留言:",
    ],
);

/// Words of wikis, archives and other sites that copy.
pub(super) const MIRROR: Words = Words::of(
    2,
    &[
        "相关词条",
        "热门词条",
        "词条标签",
        "百科",
        "维基",
        "编辑本段",
        "历史版本",
        "本词条",
        "参考资料",
        "最后修改",
        "中文知识网",
        "文库",
        "下载文档",
        "热门推荐",
        "猜你喜欢",
        "免责声明",
        "本文转自",
        "互联网档案馆",
        "网页快照",
    ],
);

/// Words of government portals' heads and feet.
pub(super) const GOVERNMENT: Words = Words::of(
    3,
    &[
        "网站标识码",
        "公网安备",
        "政府网站找错",
        "主办:",
        "主办单位",
        "承办单位",
        "政务服务网",
        "人民政府办公",
        "无障碍",
        "适老化",
        "12345",
        "党政机关",
    ],
);

/// Words that begin or make a breadcrumb.
pub(super) const BREADCRUMB: Words = Words::of(
    4,
    &[
        "您现在的位置",
        "您所在的位置",
        "当前位置",
        "你的位置",
        "您的位置",
        "现在位置",
        "所在位置",
        "首页>",
        "主页>",
        "首页»",
        "首页/",
    ],
);

/// Words of a page's tools.
pub(super) const TOOLS: Words = Words::of(
    5,
    &[
        "打印",
        "关闭",
        "字体",
        "字号",
        "分享",
        "返回顶部",
        "浏览次数",
        "点击次数",
        "阅读次数",
        "访问量",
        "扫一扫",
        "收藏",
        "纠错",
        "朗读",
        "下载",
        "【大",
        "大中小",
        "top】",
        "全真版",
        "转发",
        "责任编辑",
        "回到顶部",
        "点击数",
    ],
);

/// Words that head a list of other pages.
pub(super) const RELATED: Words = Words::of(
    6,
    &[
        "相关词条",
        "热门词条",
        "相关链接",
        "相关阅读",
        "相关文章",
        "相关信息",
        "相关新闻",
        "相关附件",
        "推荐阅读",
        "热门文章",
        "热点推荐",
        "上一篇",
        "下一篇",
        "上一条",
        "下一条",
        "猜你喜欢",
        "最新文章",
        "热门推荐",
        "友情链接",
        "延伸阅读",
        "同类信息",
    ],
);

/// Words of a site's footer.
pub(super) const FOOTER: Words = Words::of(
    7,
    &[
        "版权所有",
        "copyright",
        "icp备",
        "备案号",
        "备案序号",
        "网站标识码",
        "公网安备",
        "技术支持",
        "主办单位",
        "承办单位",
        "网站地图",
        "联系我们",
        "隐私声明",
        "站长统计",
        "联络我们",
        "法律声明",
        "网站声明",
        "建议使用",
        "分辨率",
        "邮政编码",
        "all rights",
    ],
);

/// Labels of a posting's metadata.
pub(super) const METADATA: Words = Words::of(
    8,
    &[
        "索引号",
        "发布机构",
        "发布时间",
        "发布日期",
        "发文日期",
        "公开日期",
        "生成日期",
        "成文日期",
        "发文字号",
        "文号",
        "主题分类",
        "信息来源",
        "来源",
        "公开方式",
        "公开范围",
        "信息分类",
        "有效性",
        "关键词",
        "内容概述",
        "栏目",
        "标题",
        "原文链接",
        "本地目录",
        "页面链接",
        "公开责任部门",
        "主题词",
        "组配分类",
        "责任部门",
        "名称",
        "作者",
        "时间",
        "更新时间",
        "发布人",
        "信息名称",
        "体裁",
    ],
);

/// Labels of a form to order or write.
pub(super) const FORM: [&str; 13] =
    ["姓名", "电话", "email", "邮箱", "留言", "验证码", "联系人", "手机", "地址", "主题", "提交", "内容", "qq"];

/// The lists that are looked for together, each at its place.
const LISTS: [Words; 9] = [REPORT, SHOP, MIRROR, GOVERNMENT, BREADCRUMB, TOOLS, RELATED, FOOTER, METADATA];

/// A list of at most 64 words.
#[derive(Debug, Clone, Copy)]
pub(super) struct Words {
    place: usize,
    list: &'static [&'static str],
}

impl Words {
    const fn of(place: usize, list: &'static [&'static str]) -> Self {
        Self { place, list }
    }

    /// The words themselves.
    pub fn iter(&self) -> impl Iterator<Item = &'static str> {
        self.list.iter().copied()
    }
}

/// Which words of each list a text says, found in one pass.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Said([u64; LISTS.len()]);

impl Said {
    /// What a folded text says.
    pub fn by(folded: &str) -> Self {
        // None only where the words cannot be compiled, which a test excludes.
        static FINDER: LazyLock<Option<AhoCorasick>> =
            LazyLock::new(|| AhoCorasick::new(LISTS.iter().flat_map(Words::iter)).ok());
        static PLACES: LazyLock<Vec<(usize, usize)>> = LazyLock::new(|| {
            let places = |words: &Words| (0..words.list.len()).map(|at| (words.place, at)).collect::<Vec<_>>();
            LISTS.iter().flat_map(places).collect()
        });
        let mut said = Self::default();
        for found in FINDER.iter().flat_map(|finder| finder.find_overlapping_iter(folded)) {
            let (list, at) = PLACES[found.pattern().as_usize()];
            said.0[list] |= 1 << at;
        }
        said
    }

    /// How many words of a list.
    pub fn n_of(&self, words: &Words) -> u32 {
        self.0[words.place].count_ones()
    }

    /// What either of two texts says.
    #[must_use]
    pub fn or(mut self, other: &Self) -> Self {
        self.0.iter_mut().zip(other.0).for_each(|(own, other)| *own |= other);
        self
    }
}

/// Whether a folded text has no word of reports, one, or several: a long one is
/// searched no further than to the second.
pub(super) fn n_of_report(folded: &str) -> u32 {
    static FINDER: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| AhoCorasick::new(REPORT.iter()).ok());
    let mut found = FINDER.iter().flat_map(|finder| finder.find_overlapping_iter(folded)).map(|found| found.pattern());
    let Some(first) = found.next() else { return 0 };
    if found.any(|other| other != first) { 2 } else { 1 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_list_stands_at_its_place_and_fits_its_mask() {
        for (place, words) in LISTS.iter().enumerate() {
            assert!(words.place == place && words.list.len() <= 64);
            let whole = words.list.join("\n");
            assert!(Said::by(&whole).n_of(words) as usize == words.list.len(), "{}", words.list[0]);
        }
        let text = "政府信息公开工作年度报告，信息公开";
        assert_eq!((Said::by(text).n_of(&REPORT), Said::by(text).n_of(&SHOP), n_of_report(text)), (2, 0, 2));
        assert_eq!((n_of_report("信息公开，信息公开"), n_of_report("信息")), (1, 0));
        assert_eq!(Said::by("批发").or(&Said::by("包邮")).n_of(&SHOP), 2);
    }
}
