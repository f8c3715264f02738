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

    /// Its fields with their values as text, those of objects within too; lists have
    /// none.
    pub(super) fn fields(&self) -> Vec<(String, String)> {
        let object = match self {
            Self::Form(fields) => return fields.clone(),
            Self::Json(object) => object,
        };
        let (mut open, mut fields) = (vec![object], Vec::new());
        while let Some(object) = open.pop() {
            for (name, value) in object {
                match value {
                    Value::String(text) => fields.push((name.clone(), text.clone())),
                    Value::Number(_) | Value::Bool(_) => fields.push((name.clone(), value.to_string())),
                    Value::Object(within) => open.push(within),
                    Value::Null | Value::Array(_) => {}
                }
            }
        }
        fields
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
                let mut object = object.clone();
                let mut open = vec![&mut object];
                while let Some(fields) = open.pop() {
                    for (name, value) in fields {
                        match value {
                            Value::Object(within) => open.push(within),
                            Value::String(text) if is_field(name) => *text = number.to_string(),
                            value if is_field(name) => *value = number.into(),
                            _ => {}
                        }
                    }
                }
                Self::Json(object)
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
            (r#"{"of":{"id":7,"page":0}}"#, r#"{"of":{"id":7,"page":0}}"#, r#"{"of":{"id":7,"page":2}}"#),
        ];
        for (stored, sent, next) in cases {
            let body: Body = serde_json::from_str(stored).unwrap();
            assert_eq!(serde_json::to_string(&body).unwrap(), stored);
            assert_eq!(body.encoded(), sent);
            assert_eq!(body.with_number(|name| name == "page", 2).encoded(), next);
        }
    }
}
