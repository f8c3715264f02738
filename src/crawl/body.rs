//! What a POST carries: a form's fields, or an object of JSON.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// What a POST carries. It is stored as JSON: a form as a list of pairs, an
/// object as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Body {
    /// Fields in their order.
    Form(Vec<(String, String)>),
    /// An object, as one-page applications send it; what nests in it is sent as it is.
    Json(Map<String, Value>),
}

impl Body {
    /// Its media type.
    #[must_use]
    pub fn content_type(&self) -> &'static str {
        match self {
            Self::Form(_) => "application/x-www-form-urlencoded; charset=UTF-8",
            Self::Json(_) => "application/json;charset=UTF-8",
        }
    }

    /// Its text, as it is sent.
    #[must_use]
    pub fn encoded(&self) -> String {
        match self {
            Self::Form(fields) => url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish(),
            Self::Json(object) => Value::Object(object.clone()).to_string(),
        }
    }

    /// Its fields with their values as text; what nests has none.
    pub(super) fn fields(&self) -> Vec<(String, String)> {
        let text = |value: &Value| match value {
            Value::String(text) => Some(text.clone()),
            Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
            Value::Null | Value::Array(_) | Value::Object(_) => None,
        };
        match self {
            Self::Form(fields) => fields.clone(),
            Self::Json(object) => {
                object.iter().filter_map(|(name, value)| Some((name.clone(), text(value)?))).collect()
            }
        }
    }

    /// The same with another number in a field; as text where it was text.
    pub(super) fn with_number(&self, is_field: impl Fn(&str) -> bool, number: u64) -> Self {
        match self {
            Self::Form(fields) => {
                let field = |(name, old): &(String, String)| {
                    (name.clone(), if is_field(name) { number.to_string() } else { old.clone() })
                };
                Self::Form(fields.iter().map(field).collect())
            }
            Self::Json(object) => {
                let field = |(name, old): (&String, &Value)| {
                    let new = if old.is_string() { number.to_string().into() } else { number.into() };
                    (name.clone(), if is_field(name) { new } else { old.clone() })
                };
                Self::Json(object.iter().map(field).collect())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_is_stored_and_sent_as_what_it_is() {
        let cases = [
            (r#"[["page","1"],["id","a b"]]"#, "page=1&id=a+b", "page=2&id=a+b"),
            (r#"{"id":"a b","page":1}"#, r#"{"id":"a b","page":1}"#, r#"{"id":"a b","page":2}"#),
            (r#"{"page":"1","size":10}"#, r#"{"page":"1","size":10}"#, r#"{"page":"2","size":10}"#),
        ];
        for (stored, sent, next) in cases {
            let body: Body = serde_json::from_str(stored).unwrap();
            assert_eq!(serde_json::to_string(&body).unwrap(), stored);
            assert_eq!(body.encoded(), sent);
            assert_eq!(body.with_number(|name| name == "page", 2).encoded(), next);
        }
    }
}
