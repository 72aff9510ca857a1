//! Templates of error documents: texts in which some names stand for something.
//!
//! Gateway responses know no more of the Velocity Template Language; source: API Gateway developer guide, "Gateway responses".

use std::borrow::Cow;

use super::Expression;

/// A text with names in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Template(Vec<Piece>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Text(String),
    Name(Expression),
}

/// What knows what names stand for.
pub(in crate::apigateway::v1) trait Lookup {
    /// What stands for an expression, if it is anything.
    fn find(&self, expression: &Expression) -> Option<Cow<'_, str>>;
}

impl Template {
    /// Reads a template. A dollar sign before something else is a dollar sign.
    pub(super) fn parse(text: &str) -> Self {
        let (mut pieces, mut plain, mut rest) = (Vec::new(), String::new(), text);
        while let Some(position) = rest.find('$') {
            let (before, dollar) = rest.split_at(position);
            plain.push_str(before);
            let name = dollar[1..].strip_prefix('{').unwrap_or(&dollar[1..]);
            let is_part = |character: char| character.is_ascii_alphanumeric() || "._-".contains(character);
            let length = name.find(|character| !is_part(character)).unwrap_or(name.len());
            let name = name[..length].trim_end_matches('.');
            let expression = Expression::parse(name).ok();
            let braces = dollar.starts_with("${") && dollar[2 + name.len()..].starts_with('}');
            match expression {
                Some(expression) if braces || !dollar.starts_with("${") => {
                    pieces.push(Piece::Text(std::mem::take(&mut plain)));
                    pieces.push(Piece::Name(expression));
                    let bytes = 1 + name.len() + if braces { 2 } else { 0 };
                    rest = &dollar[bytes..];
                }
                Some(_) | None => {
                    plain.push('$');
                    rest = &dollar[1..];
                }
            }
        }
        plain.push_str(rest);
        pieces.push(Piece::Text(plain));
        Self(pieces)
    }

    /// The text; what stands for nothing is left out.
    pub(super) fn render(&self, names: &impl Lookup) -> String {
        let mut text = String::new();
        for piece in &self.0 {
            match piece {
                Piece::Text(plain) => text.push_str(plain),
                Piece::Name(expression) => text.push_str(&names.find(expression).unwrap_or_default()),
            }
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Names;

    impl Lookup for Names {
        fn find(&self, expression: &Expression) -> Option<Cow<'_, str>> {
            match expression {
                Expression::Context(name) if name == "error.messageString" => Some("\"no\"".into()),
                Expression::StageVariable(name) => Some(format!("<{name}>").into()),
                _ => None,
            }
        }
    }

    #[test]
    fn names_stand_for_something() {
        let check = |template: &str, expected: &str| {
            assert_eq!(Template::parse(template).render(&Names), expected, "{template}");
        };
        check(r#"{"message":$context.error.messageString}"#, r#"{"message":"no"}"#);
        check("$stageVariables.a, ${stageVariables.b}.", "<a>, <b>.");
        check("$stageVariables.a.", "<a>.");
        check("a $context.unknown b", "a  b");
        check("$5 costs ${more $$ $input.body $", "$5 costs ${more $$ $input.body $");
        check("", "");
    }
}
