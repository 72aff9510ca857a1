//! What `X-Amz-Target` says.

/// An operation of a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Target<'a> {
    pub(super) service: Service,
    pub(super) operation: &'a str,
}

/// The services that speak AWS JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Service {
    /// CloudWatch Logs.
    Logs,
}

impl<'a> Target<'a> {
    /// Reads `Prefix.Operation`; `None` if no service of Hearth's has the prefix.
    pub(super) fn parse(text: &'a str) -> Option<Self> {
        let (prefix, operation) = text.split_once('.')?;
        let service = match prefix {
            "Logs_20140328" => Service::Logs,
            _ => return None,
        };
        Some(Self { service, operation })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_prefix_names_the_service() {
        let check = |text: &str, expect: Option<(Service, &str)>| {
            let given = Target::parse(text).map(|target| (target.service, target.operation));
            assert_eq!(given, expect, "{text}");
        };
        check("Logs_20140328.CreateLogGroup", Some((Service::Logs, "CreateLogGroup")));
        check("Logs_20140328.", Some((Service::Logs, "")));
        for text in ["", "Logs_20140328", ".CreateLogGroup", "logs_20140328.CreateLogGroup"] {
            check(text, None);
        }
    }
}
