//! The names that pass between the stages, each made once and checked.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A name that is not spelt as its kind demands.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is no {kind}: {rule}")]
pub struct BadId {
    /// What the text should have been.
    pub kind: &'static str,
    /// The text.
    pub text: String,
    /// The rule it breaks.
    pub rule: &'static str,
}

macro_rules! checked_id {
    ($(#[$doc:meta])* $name:ident, $kind:literal, $rule:literal, $check:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(std::sync::Arc<str>);

        impl $name {
            /// The id as it is written.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = BadId;

            fn from_str(text: &str) -> Result<Self, BadId> {
                let check: fn(&str) -> bool = $check;
                if check(text) {
                    Ok(Self(text.into()))
                } else {
                    Err(BadId { kind: $kind, text: text.to_owned(), rule: $rule })
                }
            }
        }

        impl TryFrom<String> for $name {
            type Error = BadId;

            fn try_from(text: String) -> Result<Self, BadId> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0.as_ref().to_owned()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

checked_id!(
    /// An indicator's key as the catalogue spells it, e.g.
    /// `request.received.online`.
    IndicatorId, "indicator id", "dot-separated words of a-z, 0-9 and _",
    |text| !text.is_empty() && text.split('.').all(|word| {
        !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
    })
);

checked_id!(
    /// A region's six-digit code of GB/T 2260, e.g. `330483`.
    RegionCode, "region code", "six digits",
    |text| text.len() == 6 && text.bytes().all(|b| b.is_ascii_digit())
);

checked_id!(
    /// A document's id: 32 hexadecimal digits, a digest of its canonical URL
    /// (else of its bytes), its kept text and its place on the page.
    DocumentId, "document id", "32 lower-case hexadecimal digits",
    |text| text.len() == 32 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
);

checked_id!(
    /// A report's id: region code, level, the issuer's name without its
    /// region's, and the year: `330483-county-人民政府-2017`.
    ReportId, "report id", "not empty and without white space or /",
    |text| !text.is_empty() && !text.chars().any(|c| c.is_whitespace() || c == '/' || c.is_control())
);

impl RegionCode {
    /// The two-digit code of the province: the lake's partition.
    #[must_use]
    pub fn province(&self) -> &str {
        &self.0[..2]
    }
}

/// Who asked: the applicant columns of the matrix since 2019.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Applicant {
    /// 自然人
    NaturalPerson,
    /// 商业企业
    Enterprise,
    /// 科研机构
    ResearchInstitution,
    /// 社会公益组织
    PublicWelfareOrganization,
    /// 法律服务机构
    LegalService,
    /// 其他
    OtherOrganization,
    /// 总计
    Total,
}

impl Applicant {
    /// All seven in the order of the form's columns.
    pub const ALL: [Self; 7] = [
        Self::NaturalPerson,
        Self::Enterprise,
        Self::ResearchInstitution,
        Self::PublicWelfareOrganization,
        Self::LegalService,
        Self::OtherOrganization,
        Self::Total,
    ];

    /// Whether the column is one of 法人或其他组织.
    #[must_use]
    pub fn is_organisation(self) -> bool {
        !matches!(self, Self::NaturalPerson | Self::Total)
    }

    /// The name in the data.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NaturalPerson => "natural_person",
            Self::Enterprise => "enterprise",
            Self::ResearchInstitution => "research_institution",
            Self::PublicWelfareOrganization => "public_welfare_organization",
            Self::LegalService => "legal_service",
            Self::OtherOrganization => "other_organization",
            Self::Total => "total",
        }
    }

    /// The column's heading in the forms.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::NaturalPerson => "自然人",
            Self::Enterprise => "商业企业",
            Self::ResearchInstitution => "科研机构",
            Self::PublicWelfareOrganization => "社会公益组织",
            Self::LegalService => "法律服务机构",
            Self::OtherOrganization => "其他",
            Self::Total => "总计",
        }
    }
}

impl FromStr for Applicant {
    type Err = BadId;

    fn from_str(text: &str) -> Result<Self, BadId> {
        let found = Self::ALL.into_iter().find(|applicant| applicant.as_str() == text);
        found.ok_or_else(|| BadId {
            kind: "applicant",
            text: text.to_owned(),
            rule: "one of the matrix's seven columns",
        })
    }
}

impl fmt::Display for Applicant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
