//! A report rendered as a page: the official forms' labels, our own words.

use std::fmt::Write as _;

use super::truth::Truth;
use crate::page::fold::traditional;
use crate::report::catalogue::{Catalogue, Indicator};
use crate::report::{Applicant, Form, ReportForm};

/// What stands around the article.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Chrome {
    /// Nothing.
    Plain,
    /// A portal's menus, breadcrumb, tools and footer.
    Portal,
    /// A wiki that copies.
    Mirror,
    /// A shop that copies to be found.
    Shop,
}

/// How the table of 2014 is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// Tables of HTML.
    Tables,
    /// One cell a line, as a converter leaves them.
    Lines,
    /// One row a line, cells parted by spaces.
    Rows,
    /// Pipes, as Markdown draws tables.
    Pipes,
    /// Tables of HTML that lost their spans.
    Spanless,
    /// Tables of HTML, the matrix broken over two pages.
    Broken,
}

/// How a page is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Script {
    /// Simplified.
    Simplified,
    /// Traditional.
    Traditional,
}

/// How bytes stand for characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Charset {
    /// UTF-8, declared.
    Utf8,
    /// GBK, declared as gb2312.
    Gbk,
}

/// How a report is rendered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// What stands around it.
    pub chrome: Chrome,
    /// How its tables are drawn.
    pub layout: Layout,
    /// Its characters.
    pub script: Script,
    /// Its bytes.
    pub charset: Charset,
}

impl Style {
    /// A portal's page in UTF-8.
    pub const PORTAL: Self =
        Self { chrome: Chrome::Portal, layout: Layout::Tables, script: Script::Simplified, charset: Charset::Utf8 };
}

/// The title of a report.
#[must_use]
pub fn title(truth: &Truth) -> String {
    format!("{}{}年政府信息公开工作年度报告", truth.issuer, truth.year)
}

/// Renders a report as the bytes of a page.
#[must_use]
pub fn render(truth: &Truth, style: Style, catalogue: &Catalogue) -> Vec<u8> {
    let body = drawn(&article(truth, catalogue), style.layout);
    let html = match style.layout {
        Layout::Pipes => format!("{}\n发布日期：{}\n{body}", title(truth), truth.published_on),
        _ => around(truth, style, &body),
    };
    let html = if style.script == Script::Traditional { traditional(&html) } else { html };
    encode(&html, style.charset)
}

/// A page's bytes, with the charset that its head declares.
#[must_use]
pub fn encode(html: &str, charset: Charset) -> Vec<u8> {
    match charset {
        Charset::Utf8 => html.replace("CHARSET", "utf-8").into_bytes(),
        Charset::Gbk => encoding_rs::GBK.encode(&html.replace("CHARSET", "gb2312")).0.into_owned(),
    }
}

/// The article with its tables drawn as a layout draws them.
fn drawn(html: &str, layout: Layout) -> String {
    match layout {
        Layout::Tables => return html.to_owned(),
        Layout::Spanless => return without_spans(html),
        Layout::Broken => return broken(html),
        Layout::Lines | Layout::Rows | Layout::Pipes => {}
    }
    let mut out = String::new();
    let mut rest = html;
    while let Some(at) = rest.find("<table") {
        let end = rest[at..].find("</table>").map_or(rest.len(), |end| at + end + 8);
        out.push_str(&rest[..at]);
        for row in rest[at..end].split("<tr>").skip(1) {
            let cells: Vec<String> = row.split("<td").skip(1).map(cell_text).collect();
            let filled = cells.iter().filter(|cell| !cell.is_empty());
            match layout {
                Layout::Lines => filled.for_each(|cell| out.push_str(&format!("<div>{cell}</div>\n"))),
                Layout::Rows => {
                    let cells: Vec<&str> = filled.map(String::as_str).collect();
                    out.push_str(&format!("<div>{}</div>\n", cells.join(" ")));
                }
                Layout::Pipes => out.push_str(&format!("\n| {} |", cells.join(" | "))),
                Layout::Tables | Layout::Spanless | Layout::Broken => {}
            }
        }
        out.push('\n');
        rest = &rest[end..];
    }
    out.push_str(rest);
    if layout == Layout::Pipes { out.replace("<p>", "\n").replace("</p>", "\n") } else { out }
}

/// Tables whose spans a converter lost.
fn without_spans(html: &str) -> String {
    let mut out = String::new();
    for piece in html.split_inclusive('<') {
        match piece.split_once('>').filter(|(tag, _)| tag.starts_with("td ")) {
            Some((_, text)) => out.push_str(&format!("td>{text}")),
            None => out.push_str(piece),
        }
    }
    out
}

/// A matrix that broke over a page, with the page's number between.
fn broken(html: &str) -> String {
    const ROWS: usize = 12;
    let Some(matrix) = html.find("申请人情况") else { return html.to_owned() };
    let after = html[matrix..].match_indices("<tr>").nth(ROWS).map(|(at, _)| matrix + at);
    let Some(at) = after else { return html.to_owned() };
    format!("{}</table>\n<p>- 4 -</p>\n<table border=1>\n{}", &html[..at], &html[at..])
}

/// The text of a cell of our own tables.
fn cell_text(cell: &str) -> String {
    let inside = cell.split_once('>').map_or("", |(_, inside)| inside);
    let mut text = String::new();
    let mut in_tag = false;
    for c in inside.chars() {
        match c {
            '<' => in_tag = true,
            '>' => in_tag = false,
            '\n' => {}
            c if !in_tag => text.push(c),
            _ => {}
        }
    }
    text
}

fn article(truth: &Truth, catalogue: &Catalogue) -> String {
    let (place, year) = (&truth.place.name, truth.year);
    let p = |text: String| format!("<p>{text}</p>\n");
    let mut html = p(format!(
        "本报告依照《中华人民共和国政府信息公开条例》编写，由{}汇总全{}各单位的材料而成。所列数据的统计期限为{year}年1月1日至{year}年12月31日。",
        truth.issuer,
        truth.place.name.chars().last().unwrap_or('市'),
    ));
    html += &p("一、总体情况".to_owned());
    html += &p(format!("{year}年，{place}把公开贯穿于办事的全过程，更新了公开的目录，改进了查询的入口。"));
    match truth.form.official() {
        None => html += &sentences(truth),
        Some(Form::F2014) => html += &form_2014(truth, catalogue),
        Some(form) => html += &form_since_2019(truth, form, catalogue),
    }
    html += &p("五、存在的问题和改进".to_owned());
    html += &p("有的单位更新不够及时，下一步将逐月检查，并请公众评议。".to_owned());
    html += &p("六、其他需要报告的事项".to_owned());
    html += &p("没有其他事项。".to_owned());
    html
}

/// Prose with its numbers, and with others beside them that are none of the
/// year's: last year's, shares, a running total.
fn sentences(truth: &Truth) -> String {
    let said = |id: &str| truth.figures.iter().find(|(key, _)| key.as_str() == id).map_or(0, |(_, value)| *value);
    let year = truth.year;
    let last = year - 1;
    let lines = [
        "二、主动公开情况".to_owned(),
        format!(
            "{year}年，全市共主动公开政府信息{}条，比上年增加{}条。其中，政府网站公开信息{}条，政务微博公开信息{}条，政务微信公开信息{}条。",
            said("disclosure.total"),
            31,
            said("disclosure.channel.website"),
            said("disclosure.channel.weibo"),
            said("disclosure.channel.wechat"),
        ),
        format!(
            "全年召开新闻发布会{}次，发布政策解读稿件{}篇，阅读量增长12.5%。",
            said("response.press_conferences"),
            said("response.policy_interpretations"),
        ),
        "三、依申请公开情况".to_owned(),
        format!(
            "{year}年，全市共收到政府信息公开申请{}件，{last}年为{}件。其中，当面申请{}件，网络申请{}件，信函申请{}件。",
            said("request.received"),
            77,
            said("request.received.in_person"),
            said("request.received.online"),
            said("request.received.letter"),
        ),
        "四、行政复议和行政诉讼情况".to_owned(),
        format!("{year}年，因政府信息公开引起的行政复议案件{}件。", said("reconsideration.total")),
        format!("因政府信息公开引起的行政诉讼案件{}件。", said("litigation.total")),
    ];
    lines.iter().map(|line| format!("<p>{line}</p>\n")).collect()
}

fn cell(truth: &Truth, row: &Indicator, applicant: Option<Applicant>) -> String {
    let value = truth.cells.get(&(row.id.clone(), applicant)).copied().flatten();
    value.map_or_else(|| "/".to_owned(), |value| value.to_string())
}

fn form_2014(truth: &Truth, catalogue: &Catalogue) -> String {
    let mut rows: Vec<[String; 3]> = vec![["统计指标".into(), "单位".into(), "统计数".into()]];
    let mut section = "";
    for row in catalogue.rows(Form::F2014) {
        // Some sections' headings are themselves rows with a number.
        let is_own_heading = row.section.ends_with(row.label.as_str());
        if row.section != section && !is_own_heading {
            rows.push([row.section.clone(), "——".into(), "——".into()]);
        }
        section = &row.section;
        let label = if is_own_heading {
            row.section.clone()
        } else if row.parent.is_some() {
            format!("其中：{}", row.label)
        } else {
            format!("（一）{}", row.label)
        };
        rows.push([label, row.unit.clone(), cell(truth, row, None)]);
    }
    let row = |cells: &[String; 3]| format!("<tr>{}</tr>\n", cells.map_cells());
    format!("<table border=1>\n{}</table>\n", rows.iter().map(row).collect::<String>())
}

trait Cells {
    fn map_cells(&self) -> String;
}

impl Cells for [String; 3] {
    fn map_cells(&self) -> String {
        self.iter().map(|cell| format!("<td><p><span>{cell}</span></p></td>")).collect()
    }
}

fn form_since_2019(truth: &Truth, form: Form, catalogue: &Catalogue) -> String {
    let mut html = "<p>二、主动公开政府信息情况</p>\n".to_owned();
    html += &disclosure(truth, form, catalogue);
    html += "<p>三、收到和处理政府信息公开申请情况</p>\n";
    html += &matrix(truth, form, catalogue);
    html += "<p>四、政府信息公开行政复议、行政诉讼情况</p>\n";
    html += &disputes(truth, form, catalogue);
    html
}

fn disclosure(truth: &Truth, form: Form, catalogue: &Catalogue) -> String {
    let mut html = "<table border=1>\n".to_owned();
    let rows: Vec<(&str, &str, &str, &Indicator)> = catalogue
        .rows(form)
        .filter_map(|row| {
            let mut levels = row.label.split(" / ");
            let parts = (levels.next()?, levels.next()?, levels.next()?);
            row.label.starts_with("第二十条").then_some((parts.0, parts.1, parts.2, row))
        })
        .collect();
    let (mut article, mut kind) = ("", "");
    for (at, name, _, _) in &rows {
        if *at != article {
            let first = rows.iter().find(|(a, ..)| a == at).map_or("", |(_, kind, ..)| kind);
            let columns = rows.iter().filter(|(a, k, ..)| a == at && *k == first).map(|(_, _, column, row)| {
                let unit = if row.unit == "万元" { "（单位：万元）" } else { "" };
                format!("<td>{column}{unit}</td>")
            });
            let _ = write!(
                html,
                "<tr><td colspan=4>{at}</td></tr>\n<tr><td>信息内容</td>{}</tr>\n",
                columns.collect::<String>()
            );
        }
        if (*at, *name) != (article, kind) {
            let values = rows
                .iter()
                .filter(|(a, k, ..)| a == at && k == name)
                .map(|(.., row)| format!("<td>{}</td>", cell(truth, row, None)));
            let _ = writeln!(html, "<tr><td>{name}</td>{}</tr>", values.collect::<String>());
        }
        (article, kind) = (at, name);
    }
    html + "</table>\n"
}

fn matrix(truth: &Truth, form: Form, catalogue: &Catalogue) -> String {
    let rows: Vec<&Indicator> = catalogue.rows(form).filter(|row| !row.applicants.is_empty()).collect();
    let mut html = concat!(
        "<table border=1>\n<tr><td colspan=3 rowspan=3>（本列数据的勾稽关系为：第一项加第二项之和，等于第三项加第四项之和）</td>",
        "<td colspan=7>申请人情况</td></tr>\n<tr><td rowspan=2>自然人</td><td colspan=5>法人或其他组织</td><td rowspan=2>总计</td></tr>\n",
        "<tr><td>商业<br>企业</td><td>科研<br>机构</td><td>社会公益组织</td><td>法律服务机构</td><td>其他</td></tr>\n",
    )
    .to_owned();
    let is_result = |row: &Indicator| row.id.as_str().starts_with("result.");
    let n_results = rows.iter().filter(|row| is_result(row)).count();
    let (mut seen_result, mut group) = (false, String::new());
    for row in &rows {
        html += "<tr>";
        if is_result(row) && !seen_result {
            seen_result = true;
            let _ = write!(html, "<td rowspan={n_results}>三、本年度办理结果</td>");
        }
        if let Some((of, leaf)) = row.label.split_once(" / ") {
            if of != group {
                let n = rows.iter().filter(|row| row.label.starts_with(&format!("{of} /"))).count();
                let _ = write!(html, "<td rowspan={n}>{of}</td>");
                of.clone_into(&mut group);
            }
            let _ = write!(html, "<td>{leaf}</td>");
        } else {
            let span = if is_result(row) { 2 } else { 3 };
            let _ = write!(html, "<td colspan={span}>{}</td>", row.label);
        }
        for applicant in &row.applicants {
            let _ = write!(html, "<td>{}</td>", cell(truth, row, Some(*applicant)));
        }
        html += "</tr>\n";
    }
    html + "</table>\n"
}

fn disputes(truth: &Truth, form: Form, catalogue: &Catalogue) -> String {
    let results = ["结果维持", "结果纠正", "其他结果", "尚未审结", "总计"];
    let heads = |span: &str| results.iter().map(|result| format!("<td{span}>{result}</td>")).collect::<String>();
    let rows =
        catalogue.rows(form).filter(|row| row.label.starts_with("行政复议 /") || row.label.starts_with("行政诉讼 /"));
    let values: String = rows.map(|row| format!("<td>{}</td>", cell(truth, row, None))).collect();
    format!(
        "<table border=1>\n<tr><td colspan=5>行政复议</td><td colspan=10>行政诉讼</td></tr>\n<tr>{}<td colspan=5>未经复议直接起诉</td>\
         <td colspan=5>复议后起诉</td></tr>\n<tr>{}{}</tr>\n<tr>{values}</tr>\n</table>\n",
        heads(" rowspan=2"),
        heads(""),
        heads("")
    )
}

fn around(truth: &Truth, style: Style, body: &str) -> String {
    let title = title(truth);
    let note = "本页为程序演示，所有数字均为虚构。";
    let (before, after) = match style.chrome {
        Chrome::Plain => (String::new(), String::new()),
        Chrome::Portal => (
            format!(
                "<ul class=nav><li><a href=/>首页</a></li><li><a href=/zwgk/>政务公开</a></li><li><a href=/fw/>办事服务</a></li></ul>\
                 <div>您现在的位置：<a href=/>首页</a> &gt; <a href=/zwgk/>政务公开</a> &gt; 年报</div>\
                 <div>发布日期：{} 来源：{} 字体：【大 中 小】</div>",
                truth.published_on, truth.issuer
            ),
            "<div>【打印本页】【关闭窗口】</div><div>主办单位：演示办公室 网站标识码：0000000000 备案号：演示备000号</div>".to_owned(),
        ),
        Chrome::Mirror => (
            "<div><a href=/>演示百科</a></div>".to_owned(),
            "<div>相关词条</div><ul><li><a href=/1>公开</a></li></ul><div>热门词条</div><ul><li><a href=/2>年报</a></li></ul><div>联系我们</div>"
                .to_owned(),
        ),
        Chrome::Shop => (
            "<div>欢迎光临我们的商店！</div><div>产品中心</div><ul><li><a href=/p1>手机壳 A</a></li><li><a href=/p2>手机壳 B</a></li></ul>"
                .to_owned(),
            "<div>立即购买</div><div>购物车</div><form>姓名：<input name=n value=姓名>电话：<input name=t value=电话></form><div>在线客服</div>"
                .to_owned(),
        ),
    };
    format!(
        "<!DOCTYPE html>\n<html><head><meta charset=\"CHARSET\"><title>{title}</title></head>\n<body>\n{before}\n<h1>{title}</h1>\n\
         <div class=article>\n{body}</div>\n{after}\n<div class=footer>{note}</div>\n</body></html>\n"
    )
}

/// The kinds of pages that are no report.
pub const NO_REPORTS: [&str; 6] = ["guide", "catalogue", "notice", "news", "budget", "error"];

/// A page that is no report, of a kind of [`NO_REPORTS`].
#[must_use]
pub fn no_report(kind: &str, place: &str) -> Vec<u8> {
    let (title, body) = match kind {
        "guide" => {
            (format!("{place}政府信息公开指南"), "公众可以到查阅点查阅，也可以提出申请，十五个工作日内答复。".repeat(6))
        }
        "catalogue" => {
            (format!("{place}政府信息公开目录"), "机构职能、规划计划、财政资金、应急管理各成一类。".repeat(6))
        }
        "notice" => (
            "关于报送政府信息公开工作年度报告的通知".to_owned(),
            "各单位请于一月底前报送，表格见附件，逾期将予提醒。".repeat(6),
        ),
        "news" => (format!("{place}召开政务公开工作推进会"), "会议听取了各单位的汇报，部署了下一步的安排。".repeat(6)),
        "budget" => (format!("{place}2017年部门预算公开"), "收入总计一百二十万元，支出总计一百二十万元。".repeat(6)),
        _ => ("404 页面不存在".to_owned(), "您访问的页面不存在".to_owned()),
    };
    let html = format!(
        "<!DOCTYPE html>\n<html><head><meta charset=\"CHARSET\"><title>{title}</title></head><body><h1>{title}</h1><p>{body}</p></body></html>"
    );
    encode(&html, Charset::Utf8)
}

/// Which forms reports of a year had.
#[must_use]
pub fn form_of_year(year: i16) -> ReportForm {
    match year {
        ..=2013 => ReportForm::Narrative,
        2014..=2018 => ReportForm::Form2014,
        2019 | 2020 => ReportForm::Form2019,
        _ => ReportForm::Form2021,
    }
}
