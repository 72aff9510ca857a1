//! A form's parameters as the tree that their names spell.

use std::{borrow::Cow, collections::BTreeMap, fmt};

use serde::de::DeserializeOwned;
use thiserror::Error;

use crate::percent;

/// Parameters below each other: `Entry.1.Id=a` is the value `a`, below `Id`, below `1`, below `Entry`.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Parameters {
    pub(super) value: Option<String>,
    pub(super) members: BTreeMap<String, Self>,
}

/// Why parameters are not what the operation takes.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{reason}")]
pub(crate) struct InvalidParameter {
    reason: String,
}

/// How deep names may go; no operation of any service needs half as much.
const MOST_DEPTH: usize = 16;

impl Parameters {
    /// Reads forms (`application/x-www-form-urlencoded`), such as a query string and a body. Where they name a
    /// parameter twice, the last one counts.
    pub(crate) fn parse<'a>(forms: impl IntoIterator<Item = &'a str>) -> Result<Self, InvalidParameter> {
        let mut parameters = Self::default();
        let pairs = forms.into_iter().flat_map(|form| form.split('&')).filter(|pair| !pair.is_empty());
        for pair in pairs {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let (name, value) = (decode(name)?, decode(value)?);
            parameters.at(&name)?.value = Some(value.into_owned());
        }
        Ok(parameters)
    }

    /// The value of a parameter at the top.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.members.get(name)?.value.as_deref()
    }

    /// The parameters as the document of an operation. What the document does not know is ignored.
    pub(crate) fn document<T: DeserializeOwned>(&self) -> Result<T, InvalidParameter> {
        T::deserialize(self)
    }

    /// The place of this name in the tree.
    fn at(&mut self, name: &str) -> Result<&mut Self, InvalidParameter> {
        if name.split('.').count() > MOST_DEPTH {
            return Err(InvalidParameter::new(format_args!(
                "the name of a parameter has too many parts: {name}"
            )));
        }
        Ok(name.split('.').fold(self, |place, part| place.members.entry(part.to_owned()).or_default()))
    }
}

impl InvalidParameter {
    pub(super) fn new(reason: impl fmt::Display) -> Self {
        Self { reason: reason.to_string() }
    }
}

fn decode(text: &str) -> Result<Cow<'_, str>, InvalidParameter> {
    percent::decode_form(text)
        .ok_or_else(|| InvalidParameter::new(format_args!("`{text}` is not percent-encoded UTF-8")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_spell_a_tree() {
        let forms =
            ["Action=SendMessage&Version=2012-11-05", "Entry.2.Id=b%26&Entry.1.Id=a+b&Flag&Version=x"];
        let parameters = Parameters::parse(forms).expect("forms");
        assert_eq!(parameters.text("Action"), Some("SendMessage"));
        assert_eq!(parameters.text("Version"), Some("x"));
        assert_eq!(parameters.text("Flag"), Some(""));
        assert_eq!(parameters.text("Entry"), None);
        let entries = &parameters.members["Entry"].members;
        assert_eq!(entries.keys().collect::<Vec<_>>(), ["1", "2"]);
        assert_eq!(["1", "2"].map(|entry| entries[entry].text("Id")), [Some("a b"), Some("b&")]);
        assert_eq!(Parameters::parse([""]).expect("nothing"), Parameters::default());
    }

    #[test]
    fn what_is_no_form_is_refused() {
        let refusal = |form: &str| Parameters::parse([form]).expect_err(form).to_string();
        assert_eq!(refusal("Action=%"), "`%` is not percent-encoded UTF-8");
        assert_eq!(refusal("%FF=1"), "`%FF` is not percent-encoded UTF-8");
        assert!(refusal(&format!("a{}=1", ".a".repeat(16))).contains("too many parts"));
        assert!(Parameters::parse([format!("a{}=1", ".a".repeat(15)).as_str()]).is_ok());
    }
}
