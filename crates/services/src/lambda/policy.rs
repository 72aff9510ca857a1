//! Resource policies: what IAM's documents say of who may do what with a function or a layer.
//!
//! Source: "Working with resource-based IAM policies in Lambda" in the developer guide; recorded answers.

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicU64, Ordering},
};

use hearth_model::{
    identity::{AccountId, Region},
    validation::{ValidationError, Violation, one_of},
    wildcard,
};
use serde::{Serialize, Serializer, ser::SerializeMap};

use super::Refusal;

/// Most bytes of a policy, as a document.
const MOST_BYTES: usize = 20 * 1024;

/// What a permission is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Permission {
    /// What tells it from the others.
    pub statement_id: String,
    /// What is allowed: `lambda:InvokeFunction`.
    pub action: String,
    /// Who may: a service, an account, a role, everybody.
    pub principal: String,
    /// On behalf of what.
    pub source_arn: Option<String>,
    /// On behalf of whose.
    pub source_account: Option<String>,
    /// A token that the caller must show.
    pub event_source_token: Option<String>,
    /// The organization of the principal.
    pub principal_organization: Option<String>,
    /// How callers of the function's URL are authenticated.
    pub url_authorization: Option<String>,
    /// Whether it is for those who come through the function's URL.
    pub via_url: Option<bool>,
}

/// A permission that was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// For what: an ARN.
    pub resource: String,
    /// Who may.
    pub principal: Principal,
    /// What was asked for.
    pub permission: Permission,
}

/// Who may do something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Principal {
    /// Everybody.
    Anybody,
    /// A service of AWS.
    Service(String),
    /// An account, user or role, by its ARN.
    Identity(String),
}

/// How the callers of a function's URL are authenticated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UrlAuthorization {
    /// Not at all.
    None,
    /// By signatures, `AWS_IAM`.
    Iam,
}

/// All permissions on something, in the order in which they were given.
#[derive(Clone, Debug)]
pub(super) struct Policy {
    statements: Vec<Statement>,
    edition: Edition,
}

/// Which content of a policy: no two contents of this process have the same.
#[derive(Clone, Copy, Debug)]
struct Edition(u64);

/// Remembers the policy that let somebody in last, so that it is not read again until it has changed.
#[derive(Debug, Default)]
pub(crate) struct Admission(AtomicU64);

/// An [`Admission`] of one of those who come the same way, told apart by a number.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entrant<'a> {
    admission: &'a Admission,
    number: u8,
}

impl Permission {
    /// Checks what AWS's front end checks.
    pub(super) fn check_form(&self) -> Result<(), ValidationError> {
        let no_action = (!is_action(&self.action))
            .then(|| Violation::pattern("action", &self.action, "(lambda:[*]|lambda:[a-zA-Z]+|[*])"));
        let principal = &self.principal;
        let no_principal = (principal.is_empty() || principal.contains(char::is_whitespace))
            .then(|| Violation::pattern("principal", principal, r"[^\s]+"));
        let optional = |member, value: &Option<String>, fits: fn(&str) -> bool, pattern| {
            let value = value.as_deref().filter(|value| !fits(value))?;
            Some(Violation::pattern(member, value, pattern))
        };
        let arn = optional("sourceArn", &self.source_arn, is_arn, ARN_PATTERN);
        let account = optional("sourceAccount", &self.source_account, is_account, r"\d{12}");
        let token = optional("eventSourceToken", &self.event_source_token, is_token, r"[a-zA-Z0-9._\-]+");
        let organization =
            optional("principalOrgID", &self.principal_organization, is_organization, "o-[a-z0-9]{10,32}");
        let authorization = self.url_authorization.as_deref();
        let authorization =
            authorization.and_then(|name| UrlAuthorization::parse_as("functionUrlAuthType", name).err());
        let violations = [no_action, no_principal, arn, account, token, organization, authorization];
        let violations = statement_id_violations(&self.statement_id).chain(violations.into_iter().flatten());
        ValidationError::check(violations)
    }
}

impl Statement {
    /// The statement as IAM writes it.
    #[must_use]
    pub fn document(&self) -> String {
        serde_json::to_string(self).expect("texts can always be written")
    }
}

impl Principal {
    /// Whether it is an account, or anybody at all.
    fn includes(&self, caller: Option<AccountId>) -> bool {
        match self {
            Self::Anybody => true,
            Self::Identity(arn) => caller.is_some_and(|account| *arn == account.root_arn()),
            Self::Service(_) => false,
        }
    }

    pub(super) fn parse(text: &str) -> Result<Self, Refusal> {
        if text == "*" {
            return Ok(Self::Anybody);
        }
        if let Some(account) = AccountId::parse(text) {
            return Ok(Self::Identity(account.root_arn()));
        }
        if text.starts_with("arn:") {
            return Ok(Self::Identity(text.to_owned()));
        }
        if text.contains('.') && !text.contains(char::is_whitespace) {
            return Ok(Self::Service(text.to_owned()));
        }
        Err(Refusal::invalid("The provided principal was invalid. Please check the principal and try again."))
    }
}

impl UrlAuthorization {
    /// The name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "NONE",
            Self::Iam => "AWS_IAM",
        }
    }

    /// Reads the name, as what the API calls `member`.
    pub(super) fn parse_as(member: &'static str, name: &str) -> Result<Self, Violation> {
        one_of(member, name, &[Self::None, Self::Iam], Self::as_str)
    }
}

impl Edition {
    fn draw() -> Self {
        static LAST: AtomicU64 = AtomicU64::new(0);
        Self(LAST.fetch_add(1, Ordering::Relaxed) + 1)
    }
}

impl Admission {
    /// As whom somebody comes who always asks for the same, and for something else than those with other numbers.
    pub(crate) const fn of(&self, number: u8) -> Entrant<'_> {
        Entrant { admission: self, number }
    }
}

impl Entrant<'_> {
    /// Whether this policy let it in, or does so now.
    pub(super) fn enters(self, policy: &Policy, asks: impl FnOnce(&Policy) -> bool) -> bool {
        let mark = policy.edition.0 << u8::BITS | u64::from(self.number);
        let known = self.admission.0.load(Ordering::Relaxed) == mark;
        let enters = known || asks(policy);
        if enters && !known {
            self.admission.0.store(mark, Ordering::Relaxed);
        }
        enters
    }
}

impl Policy {
    fn new(statements: Vec<Statement>) -> Self {
        Self { statements, edition: Edition::draw() }
    }

    /// Whether it lets an account do what it is about.
    pub(super) fn is_for(&self, account: AccountId) -> bool {
        self.statements.iter().any(|statement| statement.principal.includes(Some(account)))
    }

    /// Whether it lets an account, or else anybody, call a URL that authenticates its callers like this.
    pub(super) fn opens_url(&self, authorization: UrlAuthorization, caller: Option<AccountId>) -> bool {
        self.statements.iter().any(|Statement { principal, permission, .. }| {
            let action = ["*", "lambda:*", "lambda:InvokeFunctionUrl"].contains(&&*permission.action);
            let authorized = permission.url_authorization.as_deref();
            // What else a statement may demand, who calls a URL does not have.
            let unconditional = permission.source_arn.is_none()
                && permission.source_account.is_none()
                && permission.event_source_token.is_none()
                && (permission.principal_organization.is_none() || caller.is_some());
            action
                && unconditional
                && authorized.is_none_or(|name| name == authorization.as_str())
                && principal.includes(caller)
        })
    }

    /// Whether a service may invoke the function on behalf of a resource of an account.
    pub(super) fn lets_in(&self, service: &str, resource: impl Fn() -> String, account: AccountId) -> bool {
        self.statements.iter().any(|Statement { principal, permission, .. }| {
            let who = match principal {
                Principal::Anybody => true,
                Principal::Service(name) => name == service,
                Principal::Identity(_) => false,
            };
            let source = permission.source_arn.as_deref();
            let owner = permission.source_account.as_deref();
            who && ["lambda:InvokeFunction", "lambda:*", "*"].contains(&permission.action.as_str())
                && source.is_none_or(|pattern| wildcard::matches(pattern, &resource()))
                && owner.is_none_or(|owner| owner == account.to_string())
        })
    }

    pub(super) fn statements(&self) -> &[Statement] {
        &self.statements
    }

    pub(super) fn is_empty(&self) -> bool {
        self.statements.is_empty()
    }

    /// This policy with one statement more, unless it has one of that name, or becomes too long.
    pub(super) fn with(&self, statement: Statement) -> Result<Self, Refusal> {
        let id = &statement.permission.statement_id;
        if self.position(id).is_some() {
            let message = format!(
                "The statement id ({id}) provided already exists. Please provide a new statement id, or remove the existing \
                 statement."
            );
            return Err(Refusal::Conflict(message.into()));
        }
        let policy: Self = self.statements.iter().cloned().chain([statement]).collect();
        let bytes = policy.document().len();
        if bytes > MOST_BYTES {
            let message = format!("The final policy size ({bytes}) is bigger than the limit ({MOST_BYTES}).");
            return Err(Refusal::PolicyTooLong(message.into()));
        }
        Ok(policy)
    }

    /// This policy without a statement.
    pub(super) fn without(&self, statement_id: &str) -> Result<Self, Refusal> {
        let position = self.position(statement_id).ok_or_else(|| {
            Refusal::NotFound(format!("Statement {statement_id} is not found in resource policy.").into())
        })?;
        let mut statements = self.statements.clone();
        statements.remove(position);
        Ok(Self::new(statements))
    }

    /// The policy as IAM writes it.
    pub(super) fn document(&self) -> String {
        #[derive(Serialize)]
        #[serde(rename_all = "PascalCase")]
        struct Document<'a> {
            version: &'static str,
            id: &'static str,
            statement: &'a [Statement],
        }
        let document = Document { version: "2012-10-17", id: "default", statement: &self.statements };
        serde_json::to_string(&document).expect("texts can always be written")
    }

    fn position(&self, statement_id: &str) -> Option<usize> {
        self.statements.iter().position(|known| known.permission.statement_id == statement_id)
    }
}

impl Default for Policy {
    fn default() -> Self {
        Self::new(Vec::new())
    }
}

impl FromIterator<Statement> for Policy {
    fn from_iter<I: IntoIterator<Item = Statement>>(statements: I) -> Self {
        Self::new(statements.into_iter().collect())
    }
}

impl Serialize for Statement {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let permission = &self.permission;
        let mut document = serializer.serialize_map(None)?;
        document.serialize_entry("Sid", &permission.statement_id)?;
        document.serialize_entry("Effect", "Allow")?;
        match &self.principal {
            Principal::Anybody => document.serialize_entry("Principal", "*")?,
            Principal::Service(name) => {
                document.serialize_entry("Principal", &BTreeMap::from([("Service", name)]))?;
            }
            Principal::Identity(arn) => {
                document.serialize_entry("Principal", &BTreeMap::from([("AWS", arn)]))?;
            }
        }
        document.serialize_entry("Action", &permission.action)?;
        document.serialize_entry("Resource", &self.resource)?;
        let conditions = permission.conditions();
        if !conditions.is_empty() {
            document.serialize_entry("Condition", &conditions)?;
        }
        document.end()
    }
}

impl Permission {
    /// Operators, and the values that keys must have.
    fn conditions(&self) -> BTreeMap<&'static str, BTreeMap<&'static str, String>> {
        let via_url = self.via_url.map(|via_url| via_url.to_string());
        let conditions = [
            ("ArnLike", "AWS:SourceArn", &self.source_arn),
            ("Bool", "lambda:InvokedViaFunctionUrl", &via_url),
            ("StringEquals", "AWS:SourceAccount", &self.source_account),
            ("StringEquals", "aws:PrincipalOrgID", &self.principal_organization),
            ("StringEquals", "lambda:EventSourceToken", &self.event_source_token),
            ("StringEquals", "lambda:FunctionUrlAuthType", &self.url_authorization),
        ];
        let mut given: BTreeMap<_, BTreeMap<_, _>> = BTreeMap::new();
        for (operator, key, value) in conditions {
            if let Some(value) = value {
                given.entry(operator).or_default().insert(key, value.clone());
            }
        }
        given
    }
}

pub(super) fn statement_id_violations(id: &str) -> impl Iterator<Item = Violation> + use<> {
    const MOST: usize = 100;
    let long = (id.len() > MOST).then(|| Violation::length_at_most("statementId", id, MOST));
    let other = (!is_word(id, b"-_")).then(|| Violation::pattern("statementId", id, "([a-zA-Z0-9-_]+)"));
    long.into_iter().chain(other)
}

const ARN_PATTERN: &str = r"arn:(aws[a-zA-Z0-9-]*):([a-zA-Z0-9\-])+:((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1})?:(\d{12})?:(.*)";

fn is_arn(text: &str) -> bool {
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    let ["arn", partition, service, region, account, _] = *parts else { return false };
    partition.strip_prefix("aws").is_some_and(|rest| rest.is_empty() || is_word(rest, b"-"))
        && is_word(service, b"-")
        && (region.is_empty() || Region::parse(region).is_some())
        && (account.is_empty() || is_account(account))
}

pub(super) fn is_organization(text: &str) -> bool {
    text.strip_prefix("o-").is_some_and(|id| {
        (10..=32).contains(&id.len())
            && id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    })
}

fn is_account(text: &str) -> bool {
    AccountId::parse(text).is_some()
}

fn is_token(text: &str) -> bool {
    text.len() <= 256 && is_word(text, b"._-")
}

fn is_action(text: &str) -> bool {
    match text.strip_prefix("lambda:") {
        Some("*") => true,
        Some(name) => !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphabetic()),
        None => text == "*",
    }
}

/// Letters, digits and some others, at least one.
pub(super) fn is_word(text: &str, others: &[u8]) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || others.contains(&byte))
}
