//! What names a part of a request: `method.request.header.Authorization`, `context.stage`, `'text'`.

use crate::apigateway::v1::Refusal;

/// A part of a request, or a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::apigateway::v1) enum Expression {
    /// A header, by its name in any case.
    Header(String),
    /// A parameter of the query.
    Query(String),
    /// A parameter of the path.
    Path(String),
    /// What the front knows of the request.
    Context(String),
    /// A variable of the stage.
    StageVariable(String),
    /// A text that stands for itself.
    Text(String),
}

impl Expression {
    /// Reads an expression.
    pub(in crate::apigateway::v1) fn parse(text: &str) -> Result<Self, Refusal> {
        type Make = fn(String) -> Expression;
        const KINDS: [(&str, Make); 7] = [
            ("method.request.header.", Expression::Header),
            ("method.request.multivalueheader.", Expression::Header),
            ("method.request.querystring.", Expression::Query),
            ("method.request.multivaluequerystring.", Expression::Query),
            ("method.request.path.", Expression::Path),
            ("context.", Expression::Context),
            ("stageVariables.", Expression::StageVariable),
        ];
        if let Some(text) = text.strip_prefix('\'').and_then(|text| text.strip_suffix('\'')) {
            return Ok(Self::Text(text.to_owned()));
        }
        let read = KINDS.iter().find_map(|(prefix, make)| {
            text.strip_prefix(prefix).filter(|name| !name.is_empty()).map(|name| make(name.to_owned()))
        });
        read.ok_or_else(|| Refusal::bad(format!("Invalid mapping expression specified: {text}")))
    }

    /// The name of what is meant.
    pub(in crate::apigateway::v1) fn name(&self) -> &str {
        match self {
            Self::Header(name)
            | Self::Query(name)
            | Self::Path(name)
            | Self::Context(name)
            | Self::StageVariable(name)
            | Self::Text(name) => name,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_name_parts_of_requests() {
        let check =
            |text: &str, expected: Expression| assert_eq!(Expression::parse(text), Ok(expected), "{text}");
        check("method.request.header.X-A", Expression::Header("X-A".to_owned()));
        check("method.request.querystring.a.b", Expression::Query("a.b".to_owned()));
        check("method.request.path.id", Expression::Path("id".to_owned()));
        check("context.identity.sourceIp", Expression::Context("identity.sourceIp".to_owned()));
        check("stageVariables.table", Expression::StageVariable("table".to_owned()));
        check("'*'", Expression::Text("*".to_owned()));
        for text in ["", "'", "method.request.body", "integration.response.header.a", "context."] {
            assert!(Expression::parse(text).is_err(), "{text}");
        }
    }
}
