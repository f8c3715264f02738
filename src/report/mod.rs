//! Blocks to facts: what the report says, and whether it adds up.
//!
//! | file | idea |
//! | --- | --- |
//! | `ids`, `types` | the values that pass between the stages |
//! | `catalogue` | forms, identities and panel as typed data |
//! | `evidence` | what a reading rests on, and how sure that makes it |
//! | `regions` | places by code, name and year |
//! | `recognise` | who reports, for which year, and whether it is a report at all |
//! | `numbers` | digits in all their spellings |
//! | `tables` | statistics tables to facts |
//! | `narrative` | sentences to facts |
//! | `cut` | reports that were cut short |
//! | `checks` | the forms' arithmetic, and table against narrative |
//! | `panel` | the columns comparable across forms |
//! | `contract` | the JSON line of `gongkai extract` |

pub mod catalogue;
pub mod checks;
pub mod contract;
pub mod cut;
pub mod evidence;
pub mod ids;
pub mod narrative;
pub mod numbers;
pub mod panel;
pub mod recognise;
pub mod regions;
pub mod tables;
mod types;

pub use catalogue::{Catalogue, CatalogueFiles};
pub use ids::{Applicant, DocumentId, IndicatorId, RegionCode, ReportId};
pub use types::{
    Against, Check, Conflict, Fact, Form, Level, Method, NoReport, NoReportKind, Origin, Outcome, Reading, Report,
    ReportForm, Script, Severity, Unread,
};
