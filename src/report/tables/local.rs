//! Provinces' own tables of 2008 to 2018.
//!
//! Their two value columns, this year's and the running total's, cannot be
//! told apart once a page was flattened, so such a table gives no number; that
//! it is there says which form the report has.

use super::super::types::ReportForm;
use super::Harvest;
use crate::page::Block;
use crate::page::fold::fold;

pub(super) fn detect(blocks: &[Block], harvest: &mut Harvest) {
    if harvest.disclosure_form.is_some() {
        return;
    }
    let has = |text: &str| {
        let columns = text.contains("历年累计") || (text.contains("累计数") && text.contains("本年度"));
        columns && text.contains("指标") && (text.contains("单位") || text.contains("附表"))
    };
    let text: String = blocks.iter().map(|block| fold(&block.text())).collect();
    if has(&text) {
        harvest.disclosure_form = Some(ReportForm::Local);
    }
}
