//! Parameters as documents: what serde needs to read one out of them.
//!
//! Everything is text until the document says what it wants. Lists are `Name.member.1` (CloudWatch) or `Name.1` (SQS);
//! maps are `Name.1.Name` with `Name.1.Value`, or the same with `Key`.

use std::{fmt, str::FromStr};

use serde::{
    Deserializer,
    de::{
        self, IntoDeserializer, Visitor,
        value::{MapDeserializer, SeqDeserializer},
    },
    forward_to_deserialize_any,
};

use super::parameters::{InvalidParameter, Parameters};

impl Parameters {
    fn scalar(&self) -> Result<&str, InvalidParameter> {
        self.value
            .as_deref()
            .ok_or_else(|| InvalidParameter::new("a list or structure where a value is expected"))
    }

    fn parsed<T: FromStr>(&self, kind: &str) -> Result<T, InvalidParameter> {
        let text = self.scalar()?;
        text.parse().map_err(|_| InvalidParameter::new(format_args!("`{text}` is not {kind}")))
    }

    /// The entries of a list, in the order of their numbers. An empty list is a parameter without value.
    fn entries(&self) -> Result<Vec<&Self>, InvalidParameter> {
        let numbered = self.members.get("member").unwrap_or(self);
        if numbered.value.as_ref().is_some_and(|value| !value.is_empty()) {
            return Err(InvalidParameter::new("a value where a list is expected"));
        }
        let mut entries = numbered
            .members
            .iter()
            .map(|(number, entry)| match number.parse::<u32>() {
                Ok(number) => Ok((number, entry)),
                Err(_) => {
                    Err(InvalidParameter::new(format_args!("`{number}` is not the number of a list's entry")))
                }
            })
            .collect::<Result<Vec<_>, _>>()?;
        entries.sort_by_key(|(number, _)| *number);
        Ok(entries.into_iter().map(|(_, entry)| entry).collect())
    }

    /// An entry of a map.
    fn pair(&self) -> Result<(&str, &Self), InvalidParameter> {
        let key = self.members.get("Name").or_else(|| self.members.get("Key"));
        let key = key.and_then(|key| key.value.as_deref());
        key.zip(self.members.get("Value"))
            .ok_or_else(|| InvalidParameter::new("an entry of a map needs a name and a value"))
    }
}

macro_rules! deserialize_parsed {
    ($($method:ident $visit:ident $kind:literal),* $(,)?) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, InvalidParameter> {
            visitor.$visit(self.parsed($kind)?)
        }
    )*};
}

impl<'de> Deserializer<'de> for &'de Parameters {
    type Error = InvalidParameter;

    deserialize_parsed! {
        deserialize_bool visit_bool "true or false",
        deserialize_i32 visit_i32 "a number",
        deserialize_i64 visit_i64 "a number",
        deserialize_u32 visit_u32 "a number",
        deserialize_u64 visit_u64 "a number",
        deserialize_f64 visit_f64 "a number",
    }

    /// A value is text for whoever takes anything.
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, InvalidParameter> {
        visitor.visit_borrowed_str(self.scalar()?)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, InvalidParameter> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, InvalidParameter> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, InvalidParameter> {
        visitor.visit_seq(SeqDeserializer::new(self.entries()?.into_iter()))
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, InvalidParameter> {
        let pairs = self.entries()?.into_iter().map(Parameters::pair).collect::<Result<Vec<_>, _>>()?;
        visitor.visit_map(MapDeserializer::new(pairs.into_iter()))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, InvalidParameter> {
        visitor.visit_map(MapDeserializer::new(
            self.members.iter().map(|(name, member)| (name.as_str(), member)),
        ))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, InvalidParameter> {
        visitor.visit_enum(self.scalar()?.into_deserializer())
    }

    /// What nobody asked for may be anything.
    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, InvalidParameter> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        i8 i16 i128 u8 u16 u128 f32 char str string bytes byte_buf unit unit_struct tuple tuple_struct identifier
    }
}

impl<'de> IntoDeserializer<'de, InvalidParameter> for &'de Parameters {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl de::Error for InvalidParameter {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::new(message)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Default, PartialEq, Deserialize)]
    #[serde(rename_all = "PascalCase", default)]
    struct Request {
        name: Option<String>,
        period: Option<i64>,
        value: Option<f64>,
        return_data: Option<bool>,
        dimensions: Vec<Dimension>,
        #[serde(alias = "AttributeName")]
        attribute_names: Vec<String>,
        #[serde(alias = "Attribute")]
        attributes: BTreeMap<String, String>,
        #[serde(alias = "MessageAttribute")]
        message_attributes: BTreeMap<String, Dimension>,
    }

    #[derive(Debug, Default, PartialEq, Deserialize)]
    #[serde(rename_all = "PascalCase", default)]
    struct Dimension {
        name: String,
        value: String,
    }

    fn read(form: &str) -> Result<Request, String> {
        Parameters::parse([form])
            .expect("a form")
            .document()
            .map_err(|error: InvalidParameter| error.to_string())
    }

    #[test]
    fn values_are_what_the_document_wants() {
        let form = "Action=X&Name=2024&Period=60&Value=1.5e3&ReturnData=false&Unknown.1.More=1";
        let request = read(form).expect("a request");
        let expect = Request {
            name: Some("2024".to_owned()),
            period: Some(60),
            value: Some(1500.0),
            return_data: Some(false),
            ..Request::default()
        };
        assert_eq!(request, expect);
    }

    #[test]
    fn lists_are_numbered_with_or_without_member() {
        let form = "Dimensions.member.10.Name=c&Dimensions.member.2.Name=b&Dimensions.member.1.Name=a\
                    &Dimensions.member.1.Value=1&AttributeName.1=All&AttributeName.2=Policy";
        let request = read(form).expect("a request");
        let dimensions: Vec<_> =
            request.dimensions.iter().map(|entry| (&*entry.name, &*entry.value)).collect();
        assert_eq!(dimensions, [("a", "1"), ("b", ""), ("c", "")]);
        assert_eq!(request.attribute_names, ["All", "Policy"]);
        assert_eq!(read("Dimensions=&AttributeName=").expect("empty lists"), Request::default());
    }

    #[test]
    fn maps_are_lists_of_names_and_values() {
        let form = "Attribute.1.Name=DelaySeconds&Attribute.1.Value=5&Attribute.2.Key=Policy&Attribute.2.Value=\
                    &MessageAttribute.1.Name=kind&MessageAttribute.1.Value.Name=String&MessageAttribute.1.Value.Value=x";
        let request = read(form).expect("a request");
        let attributes = BTreeMap::from([("DelaySeconds", "5"), ("Policy", "")]);
        assert!(request.attributes.iter().map(|(name, value)| (&**name, &**value)).eq(attributes));
        let kind = Dimension { name: "String".to_owned(), value: "x".to_owned() };
        assert_eq!(request.message_attributes, BTreeMap::from([("kind".to_owned(), kind)]));
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let check = |form: &str, expect: &str| assert_eq!(read(form).expect_err(form), expect, "{form}");
        check("Period=1m", "`1m` is not a number");
        check("ReturnData=yes", "`yes` is not true or false");
        check("Name.1=a", "a list or structure where a value is expected");
        check("Dimensions=a", "a value where a list is expected");
        check("Dimensions.member.x.Name=a", "`x` is not the number of a list's entry");
        check("Attribute.1.Name=DelaySeconds", "an entry of a map needs a name and a value");
    }
}
