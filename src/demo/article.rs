//! A report's text: paragraphs in our own words, and its sheets between them.

use super::quirk::Quirk;
use super::sheet::{Piece, Printer};
use crate::report::{Form, ReportForm};

/// The article of a report, in reading order.
pub(super) fn article(printer: &mut Printer<'_>) -> Vec<Piece> {
    let truth = printer.truth;
    let (place, year) = (&truth.place.name, truth.year);
    let own = printer.quirks.has(Quirk::OwnSections);
    let mut pieces = Vec::new();
    let from = if printer.quirks.has(Quirk::LostCharacters) {
        format!("{year}1月1日")
    } else {
        format!("{year}年1月1日")
    };
    let say = |pieces: &mut Vec<Piece>, text: String| pieces.push(Piece::Paragraph(text));
    say(
        &mut pieces,
        format!(
            "本报告依照《中华人民共和国政府信息公开条例》编写，由{}汇总全{}各单位的材料而成。所列数据的统计期限为{from}至{year}年12月31日。",
            truth.issuer,
            place.chars().last().unwrap_or('市'),
        ),
    );
    say(&mut pieces, if own { "一、工作概况" } else { "一、总体情况" }.to_owned());
    say(&mut pieces, format!("{year}年，{place}把公开贯穿于办事的全过程，更新了公开的目录，改进了查询的入口。"));
    if printer.quirks.has(Quirk::Distractors) {
        for line in distractors(printer) {
            say(&mut pieces, line);
        }
    }
    if printer.quirks.has(Quirk::SectionsTwice) {
        for (n, name) in
            ["概述", "主动公开的做法", "依申请公开的做法", "复议和诉讼", "不足", "其他"].into_iter().enumerate()
        {
            let numeral = "一二三四五六".chars().nth(n).unwrap_or('一');
            say(&mut pieces, format!("{numeral}、{name}"));
            say(&mut pieces, "各单位按要求做好了这项工作，材料齐全，答复及时，群众满意。".to_owned());
        }
    }
    let mut sheets = printer.sheets().into_iter().map(Piece::Sheet);
    match (truth.form, truth.form.official()) {
        (ReportForm::Narrative, _) => sentences(printer).into_iter().for_each(|line| say(&mut pieces, line)),
        (_, Some(Form::F2014) | None) => {
            say(&mut pieces, if own { "二、统计表" } else { "二、政府信息公开情况统计表" }.to_owned());
            pieces.extend(sheets);
        }
        _ => {
            let sections = if own {
                ["三、主动公开情况", "四、依申请公开办理情况", "五、复议和诉讼情况"]
            } else {
                [
                    "二、主动公开政府信息情况",
                    "三、收到和处理政府信息公开申请情况",
                    "四、政府信息公开行政复议、行政诉讼情况",
                ]
            };
            for section in sections {
                // A section's number is lost in copying now and then.
                let is_cut = printer.quirks.has(Quirk::LostCharacters) && printer.random.bool();
                let from = if is_cut { section.find('、').map_or(0, |at| at + '、'.len_utf8()) } else { 0 };
                say(&mut pieces, section[from..].to_owned());
                pieces.extend(sheets.next());
            }
        }
    }
    say(&mut pieces, if own { "六、不足之处和打算" } else { "五、存在的问题和改进" }.to_owned());
    say(&mut pieces, "有的单位更新不够及时，下一步将逐月检查，并请公众评议。".to_owned());
    say(&mut pieces, if own { "七、其他" } else { "六、其他需要报告的事项" }.to_owned());
    say(&mut pieces, "没有其他事项。".to_owned());
    pieces
}

/// Sentences whose numbers are none of the form's.
fn distractors(printer: &mut Printer<'_>) -> Vec<String> {
    let mut n = || printer.random.u32(20..900);
    let lines = [
        format!("政务服务大厅办理行政审批事项{}件，按时办结{}件。", n(), n()),
        format!("12345热线接到来电{}个，转办{}个，群众满意率为98.{}%。", n(), n(), 4),
        format!("目录中标为依申请公开的文件有{}条，不予公开的有{}条。", n(), n()),
        format!("全年为企业减免税费{}万元，惠及{}户。", n(), n()),
        format!("门户网站访问量达到{}万人次，微博粉丝{}人。", n(), n()),
    ];
    let skip = printer.random.usize(..lines.len());
    lines.into_iter().enumerate().filter(|(at, _)| *at != skip).map(|(_, line)| line).collect()
}

/// Prose with its numbers, and with others beside them that are none of the
/// year's: last year's, shares, a running total.
fn sentences(printer: &Printer<'_>) -> Vec<String> {
    let truth = printer.truth;
    let said = |id: &str| truth.figures.iter().find(|(key, _)| key.as_str() == id).map_or(0, |(_, value)| *value);
    let year = truth.year;
    let last = year - 1;
    // 全县, 全市: the word that a place has for all of itself.
    let kind = truth.place.name.chars().last().filter(|kind| "省市县区州盟旗".contains(*kind)).unwrap_or('市');
    let lines = [
        "二、主动公开情况".to_owned(),
        format!(
            "{year}年，全{kind}共主动公开政府信息{}条，比上年增加{}条。其中，政府网站公开信息{}条，政务微博公开信息{}条，政务微信公开信息{}条。",
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
            "{year}年，全{kind}共收到政府信息公开申请{}件，{last}年为{}件。其中，当面申请{}件，网络申请{}件，信函申请{}件。",
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
    lines.into()
}
