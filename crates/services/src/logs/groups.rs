//! Operations on log groups.

use std::collections::BTreeMap;

use hearth_engine::log::LogGroup;
use hearth_model::{identity::Partition, logging::LogGroupName, time::Timestamp, validation::Violation};

use super::{
    GroupSelector, Logs, Page, PageRequest, Refusal, names::group_name, service::GroupSettings,
    tags::check_tags,
};

/// Most groups in an answer of `DescribeLogGroups`.
const MOST_DESCRIBED: usize = 50;
/// Most groups in an answer of `ListLogGroups`.
const MOST_LISTED: usize = 1_000;

/// What `CreateLogGroup` asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewGroup {
    /// The name.
    pub name: String,
    /// Its first tags.
    pub tags: BTreeMap<String, String>,
    /// The class, if one is named.
    pub class: Option<String>,
}

/// Which groups `DescribeLogGroups` asks for; at most one of the three.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GroupsRequest {
    /// Those whose names begin so.
    pub prefix: Option<String>,
    /// Those whose names have this in them.
    pub pattern: Option<String>,
    /// Those of these names or ARNs.
    pub identifiers: Option<Vec<String>>,
    /// Those of this class.
    pub class: Option<String>,
    /// Which part of the list.
    pub page: PageRequest,
}

/// What is told of a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupView {
    /// Its name.
    pub name: LogGroupName,
    /// When it was created.
    pub created_at: Timestamp,
    /// For how many days its events are kept; none if they do not expire.
    pub retention_days: Option<u32>,
    /// How many bytes its events take in memory, those included whose retention has ended.
    pub stored_bytes: usize,
}

impl Logs {
    /// `CreateLogGroup`.
    ///
    /// # Errors
    /// If a parameter is not allowed, or there is such a group.
    pub fn create_group(&self, partition: &Partition, new: NewGroup) -> Result<(), Refusal> {
        let name = group_name(&new.name)?;
        check_tags(&new.tags)?;
        if !is_standard(new.class.as_deref())? {
            return Err(Refusal::invalid("Hearth has log groups of the class STANDARD only"));
        }
        let mut state = self.state.lock();
        let group = self.engine().log_groups().group(partition, &name);
        if !group.create() {
            return Err(Refusal::AlreadyExists("The specified log group already exists".into()));
        }
        *state.settings_mut(partition, &name) = GroupSettings { tags: new.tags, ..GroupSettings::default() };
        state.record_group(self.engine().journal(), partition, &group);
        Ok(())
    }

    /// `DeleteLogGroup`. Functions that write to it create it anew.
    ///
    /// # Errors
    /// If there is no such group.
    pub fn delete_group(&self, partition: &Partition, name: &str) -> Result<(), Refusal> {
        let name = group_name(name)?;
        let mut state = self.state.lock();
        if let Some(groups) = state.settings.get_mut(partition) {
            groups.remove(&name);
        }
        let deleted = self.find(partition, &name)?.delete();
        state.record_deletion(self.engine().journal(), partition, &name);
        if deleted { Ok(()) } else { Err(Refusal::group_not_found()) }
    }

    /// `DescribeLogGroups`: in the order of their names.
    ///
    /// # Errors
    /// If parameters do not go together or are not allowed.
    pub fn describe_groups(
        &self,
        partition: &Partition,
        request: &GroupsRequest,
    ) -> Result<Page<GroupView>, Refusal> {
        let GroupsRequest { prefix, pattern, identifiers, class, page } = request;
        if prefix.is_some() && pattern.is_some() {
            return Err(Refusal::invalid(
                "LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.",
            ));
        }
        if identifiers.is_some() && (prefix.is_some() || pattern.is_some()) {
            return Err(Refusal::invalid(
                "LogGroup identifiers and LogGroup name prefix or pattern are mutually exclusive parameters.",
            ));
        }
        let all_standard = is_standard(class.as_deref())?;
        let identifiers = identifiers.as_ref().map(|identifiers| {
            let resolve = |identifier: &String| {
                let identifier = Some(identifier.clone());
                GroupSelector { name: None, identifier }.resolve(partition)
            };
            identifiers.iter().map(resolve).collect::<Result<Vec<_>, _>>()
        });
        let identifiers = identifiers.transpose()?;
        let is_wanted = |name: &LogGroupName| {
            let text = name.as_str();
            all_standard
                && prefix.as_deref().is_none_or(|prefix| text.starts_with(prefix))
                && pattern.as_deref().is_none_or(|pattern| text.contains(pattern))
                && identifiers.as_ref().is_none_or(|identifiers| identifiers.contains(name))
        };
        self.page(partition, page, MOST_DESCRIBED, is_wanted)
    }

    /// `ListLogGroups`: those whose names fit a pattern, which is up to five alternatives between `|`, each of which is
    /// somewhere in the name, or at its beginning behind a `^`.
    ///
    /// # Errors
    /// If a parameter is not allowed.
    pub fn list_groups(
        &self,
        partition: &Partition,
        pattern: Option<&str>,
        class: Option<&str>,
        page: &PageRequest,
    ) -> Result<Page<GroupView>, Refusal> {
        let all_standard = is_standard(class)?;
        let alternatives = pattern.map(alternatives).transpose()?;
        let is_wanted = |name: &LogGroupName| {
            let fits = |alternative: &&str| match alternative.strip_prefix('^') {
                Some(prefix) => name.as_str().starts_with(prefix),
                None => name.as_str().contains(alternative),
            };
            all_standard && alternatives.as_ref().is_none_or(|alternatives| alternatives.iter().any(fits))
        };
        self.page(partition, page, MOST_LISTED, is_wanted)
    }

    /// `PutRetentionPolicy`; none is `DeleteRetentionPolicy`. Events that are older are not shown any more.
    ///
    /// # Errors
    /// If there is no such group, or nothing can be kept for so long.
    pub fn retain(&self, partition: &Partition, name: &str, days: Option<i64>) -> Result<(), Refusal> {
        let name = group_name(name)?;
        let days = days.map(retention).transpose()?;
        self.set(partition, &name, |settings| settings.retention_days = days)
    }

    fn page(
        &self,
        partition: &Partition,
        request: &PageRequest,
        most: usize,
        is_wanted: impl Fn(&LogGroupName) -> bool,
    ) -> Result<Page<GroupView>, Refusal> {
        let groups = self.engine().log_groups().list(partition);
        let wanted = groups.iter().filter(|group| is_wanted(group.name()));
        let views = wanted.filter_map(|group| self.view(partition, group)).collect();
        request.of(views, most, false, |view| view.name.to_string())
    }

    /// None if it was deleted meanwhile.
    fn view(&self, partition: &Partition, group: &LogGroup) -> Option<GroupView> {
        Some(GroupView {
            name: group.name().clone(),
            created_at: group.created_at()?,
            retention_days: self.settings(partition, group.name()).retention_days,
            stored_bytes: group.stored_bytes(),
        })
    }
}

/// Whether a class, if one is named, is that of all groups.
fn is_standard(class: Option<&str>) -> Result<bool, Refusal> {
    const CLASSES: [&str; 4] = ["STANDARD", "INFREQUENT_ACCESS", "DELIVERY", "ESSENTIALS"];
    let Some(class) = class else { return Ok(true) };
    if !CLASSES.contains(&class) {
        let constraint = format!("Member must satisfy enum value set: [{}]", CLASSES.join(", "));
        return Err(Violation::new("logGroupClass", class, constraint).into());
    }
    Ok(class == "STANDARD")
}

fn alternatives(pattern: &str) -> Result<Vec<&str>, Refusal> {
    const PATTERN: &str = r"(\^?[\.\-_\/#A-Za-z0-9]{3,24})(\|\^?[\.\-_\/#A-Za-z0-9]{3,24}){0,4}";
    let fits = |alternative: &&str| {
        let text = alternative.strip_prefix('^').unwrap_or(alternative);
        (3..=24).contains(&text.len()) && text.parse::<LogGroupName>().is_ok()
    };
    let alternatives: Vec<_> = pattern.split('|').collect();
    if alternatives.len() <= 5 && alternatives.iter().all(fits) {
        Ok(alternatives)
    } else {
        Err(Violation::pattern("logGroupNamePattern", pattern, PATTERN).into())
    }
}

fn retention(days: i64) -> Result<u32, Refusal> {
    const DAYS: [u32; 22] = [
        1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288,
        3653,
    ];
    DAYS.into_iter().find(|possible| i64::from(*possible) == days).ok_or_else(|| {
        let possible = DAYS.map(|days| days.to_string()).join(", ");
        let constraint = format!("Member must satisfy enum value set: [{possible}]");
        Violation::new("retentionInDays", days, constraint).into()
    })
}
