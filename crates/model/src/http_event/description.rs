//! The form that nearly all results have that describe an answer, read in one go.

use std::borrow::Cow;

use super::text;

/// An answer as it is described.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Description<'a> {
    pub(super) status_code: u16,
    /// In the order of their names. Of several with one name, the last one counts.
    pub(super) headers: TextsByName<'a>,
    pub(super) cookies: Vec<Cow<'a, str>>,
    pub(super) body: Cow<'a, str>,
    pub(super) is_base64_encoded: bool,
}

pub(super) type TextsByName<'a> = Vec<(Cow<'a, str>, Cow<'a, str>)>;

impl<'a> Description<'a> {
    /// Reads an object with a `statusCode` whose members have the types that they should, and without any others.
    ///
    /// Every request pays for this, and a deserializer takes twice as long. It does not check what it does not expect: whatever else
    /// may be good, or wrong in a way that is to be told, is `None`, and left to a deserializer.
    pub(super) fn read(json: &'a str) -> Option<Self> {
        let mut reader = Reader { rest: json };
        let (mut status_code, mut headers, mut cookies, mut body, mut is_base64_encoded) = Default::default();
        reader.take('{')?;
        loop {
            let member = reader.text()?;
            reader.take(':')?;
            match &*member {
                "statusCode" => put(&mut status_code, reader.number())?,
                "headers" => put(&mut headers, reader.or_null(Reader::texts_by_name))?,
                "cookies" => put(&mut cookies, reader.or_null(Reader::texts))?,
                "body" => put(&mut body, reader.or_null(Reader::text))?,
                "isBase64Encoded" => put(&mut is_base64_encoded, reader.or_null(Reader::truth))?,
                _ => return None,
            }
            if reader.ends('}')? {
                break;
            }
        }
        let is_all = reader.peek().is_none();
        Some(Self {
            status_code: status_code.filter(|_| is_all)?,
            headers: headers.unwrap_or_default(),
            cookies: cookies.unwrap_or_default(),
            body: body.unwrap_or_default(),
            is_base64_encoded: is_base64_encoded.unwrap_or_default(),
        })
    }
}

/// Puts what was read in a place where nothing is yet.
fn put<T>(place: &mut Option<T>, read: Option<T>) -> Option<()> {
    place.replace(read?).is_none().then_some(())
}

/// Whatever is not as expected is `None`.
struct Reader<'a> {
    rest: &'a str,
}

impl<'a> Reader<'a> {
    /// What comes next, behind spaces.
    fn peek(&mut self) -> Option<u8> {
        let is_space = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\n' | b'\r');
        let start = self.rest.bytes().position(|byte| !is_space(&byte))?;
        self.rest = &self.rest[start..];
        self.rest.bytes().next()
    }

    fn take(&mut self, expected: char) -> Option<()> {
        self.peek()?;
        self.rest = self.rest.strip_prefix(expected)?;
        Some(())
    }

    /// Whether a list of things ends here, or else goes on.
    fn ends(&mut self, end: char) -> Option<bool> {
        match self.peek()? {
            b',' => self.take(',').map(|()| false),
            _ => self.take(end).map(|()| true),
        }
    }

    fn or_null<T: Default>(&mut self, read: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        if self.peek()? == b'n' { self.word("null").map(|()| T::default()) } else { read(self) }
    }

    fn word(&mut self, expected: &str) -> Option<()> {
        self.rest = self.rest.strip_prefix(expected)?;
        Some(())
    }

    fn truth(&mut self) -> Option<bool> {
        if self.peek()? == b't' {
            self.word("true").map(|()| true)
        } else {
            self.word("false").map(|()| false)
        }
    }

    fn number(&mut self) -> Option<u16> {
        self.peek()?;
        let end = self.rest.bytes().position(|byte| !byte.is_ascii_digit())?;
        let (digits, rest) = self.rest.split_at(end);
        self.rest = rest;
        digits.parse().ok().filter(|_| !digits.starts_with('0'))
    }

    fn text(&mut self) -> Option<Cow<'a, str>> {
        self.take('"')?;
        let (text, rest) = text::read(self.rest)?;
        self.rest = rest;
        Some(text)
    }

    fn texts(&mut self) -> Option<Vec<Cow<'a, str>>> {
        self.take('[')?;
        let mut texts = Vec::new();
        if self.peek()? == b']' {
            return self.take(']').map(|()| texts);
        }
        loop {
            texts.push(self.text()?);
            if self.ends(']')? {
                return Some(texts);
            }
        }
    }

    fn texts_by_name(&mut self) -> Option<TextsByName<'a>> {
        self.take('{')?;
        let mut texts = TextsByName::new();
        if self.peek()? == b'}' {
            return self.take('}').map(|()| texts);
        }
        loop {
            let name = self.text()?;
            self.take(':')?;
            let value = self.text()?;
            match texts.binary_search_by(|(known, _)| known.cmp(&name)) {
                Ok(place) => texts[place].1 = value,
                Err(place) => texts.insert(place, (name, value)),
            }
            if self.ends('}')? {
                return Some(texts);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_form_is_read() {
        let json = r#" { "statusCode" : 201, "headers": {"b": "1\n", "a":"2" , "b" :"3"}, "cookies" :["c", "d"] ,
            "body": "{\"e\": 4}", "isBase64Encoded": false}
        "#;
        let expected = Description {
            status_code: 201,
            headers: vec![("a".into(), "2".into()), ("b".into(), "3".into())],
            cookies: vec!["c".into(), "d".into()],
            body: r#"{"e": 4}"#.into(),
            is_base64_encoded: false,
        };
        assert_eq!(Description::read(json), Some(expected));
        let json = r#"{"statusCode":200,"headers":{},"cookies":[],"body":null,"isBase64Encoded":true}"#;
        let expected = Description {
            status_code: 200,
            headers: Vec::new(),
            cookies: Vec::new(),
            body: "".into(),
            is_base64_encoded: true,
        };
        assert_eq!(Description::read(json), Some(expected));
    }

    #[test]
    fn what_is_something_else_is_left_to_others() {
        for other in [
            "",
            "{}",
            r#"{"body":"x"}"#,
            r#"{"statusCode":"200"}"#,
            r#"{"statusCode":020}"#,
            r#"{"statusCode":200.0}"#,
            r#"{"statusCode":200,"statusCode":200}"#,
            r#"{"statusCode":200,}"#,
            r#"{"statusCode":200"#,
            r#"{"statusCode":200} x"#,
            r#"{"statusCode":200,"other":1}"#,
            r#"{"statusCode":200,"headers":{"a":1}}"#,
            r#"{"statusCode":200,"cookies":["a",]}"#,
            r#"{"statusCode":200,"body":{}}"#,
            r#"{"statusCode":200,"body":"\u00e4"}"#,
        ] {
            assert_eq!(Description::read(other), None, "{other}");
        }
    }
}
