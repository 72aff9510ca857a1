//! Layers: what several functions mount at `/opt`.
//!
//! Source: the layer operations in the Lambda API reference and its published model; recorded answers.

use std::{
    collections::{BTreeMap, HashMap},
    fmt,
    sync::Arc,
};

use hearth_model::{
    identity::{AccountId, Partition, Region},
    limits,
    time::Timestamp,
    validation::{ValidationError, Violation},
};

use super::layer_permissions::{GET_LAYER_VERSION, LayerPolicy};
use crate::lambda::{Code, Functions, MountedLayer, Page, PageRequest, Refusal, kept::record_layer};

/// A layer's name: 1 to 140 letters, digits, hyphens and underscores.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LayerName(Box<str>);

/// A version of a layer; immutable.
#[derive(Clone, Debug)]
pub struct LayerVersion {
    /// Where it lives.
    pub partition: Partition,
    /// The layer.
    pub name: LayerName,
    /// Its number, counted from 1.
    pub number: u64,
    /// What is in it.
    pub code: Arc<Code>,
    /// What its owner says of it.
    pub notes: LayerNotes,
    /// When it was published.
    pub created: Timestamp,
}

/// What the owner of a layer says of a version. Nothing depends on it but what lists show.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LayerNotes {
    /// What it is for.
    pub description: Option<String>,
    /// Its licence.
    pub license: Option<String>,
    /// The runtimes that it is for.
    pub runtimes: Vec<String>,
    /// The instruction sets that it is for.
    pub architectures: Vec<String>,
}

/// Which layers, or versions of one, a list shall have.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LayerFilter {
    /// Those for this runtime.
    pub runtime: Option<String>,
    /// Those for this instruction set.
    pub architecture: Option<String>,
}

/// The layers of all accounts and regions.
#[derive(Debug, Default)]
pub(in crate::lambda) struct Layers(HashMap<Partition, BTreeMap<LayerName, Layer>>);

#[derive(Debug, Default)]
pub(in crate::lambda) struct Layer {
    pub(in crate::lambda) versions: BTreeMap<u64, LayerVersion>,
    /// Of the versions that have one.
    pub(in crate::lambda) policies: BTreeMap<u64, LayerPolicy>,
    /// No number is given twice, even if the version is deleted.
    pub(in crate::lambda) last: u64,
}

impl Functions {
    /// `PublishLayerVersion`.
    ///
    /// # Errors
    /// If the name is none, a note is too long, or the content cannot be kept.
    pub async fn publish_layer(
        &self,
        partition: &Partition,
        name: &str,
        code: Code,
        notes: LayerNotes,
    ) -> Result<LayerVersion, Refusal> {
        let (partition, name) = LayerName::own(partition, name, "lambda:PublishLayerVersion")?;
        notes.check()?;
        let code = Arc::new(code);
        let _kept = self.keep_code(vec![Arc::clone(&code)]).await?;
        let mut layers = self.layers().write();
        let layer = layers.layer_or_new(&partition, &name);
        layer.last += 1;
        let (number, created) = (layer.last, self.now());
        let version = LayerVersion { partition, name, number, code, notes, created };
        layer.versions.insert(number, version.clone());
        record_layer(self.journal(), &version.partition, &version.name, layer, number);
        Ok(version)
    }

    /// `GetLayerVersion`.
    ///
    /// # Errors
    /// If there is no such version, or it is another account's and not for this one.
    pub fn layer_version(
        &self,
        partition: &Partition,
        name: &str,
        number: i64,
    ) -> Result<LayerVersion, Refusal> {
        let number = positive(number)?;
        let (place, name) = LayerName::locate(partition, name)?;
        let layers = self.layers().read();
        let version = layers.find_for(partition.account, &place, &name, number)?.cloned();
        version.ok_or_else(|| Refusal::NotFound("The resource you requested does not exist.".into()))
    }

    /// `GetLayerVersionByArn`.
    ///
    /// # Errors
    /// As [`layer_version`](Self::layer_version).
    pub fn layer_version_by_arn(&self, partition: &Partition, arn: &str) -> Result<LayerVersion, Refusal> {
        let (layer, number) = arn.rsplit_once(':').ok_or_else(|| bad_arn(arn))?;
        self.layer_version(partition, layer, number.parse().map_err(|_| bad_arn(arn))?)
    }

    /// `DeleteLayerVersion`. Functions that have it keep it. A version that is not there is no error, as on AWS.
    ///
    /// # Errors
    /// If the name or the number is none.
    pub fn delete_layer_version(
        &self,
        partition: &Partition,
        name: &str,
        number: i64,
    ) -> Result<(), Refusal> {
        let number = positive(number)?;
        let (partition, name) = LayerName::own(partition, name, "lambda:DeleteLayerVersion")?;
        let mut layers = self.layers().write();
        if let Some(layer) = layers.layer_mut(&partition, &name) {
            layer.versions.remove(&number);
            layer.policies.remove(&number);
            record_layer(self.journal(), &partition, &name, layer, number);
        }
        drop(layers);
        self.sweep_code();
        Ok(())
    }

    /// `ListLayerVersions`, the newest first.
    ///
    /// # Errors
    /// If the name or the page is none.
    pub fn layer_versions(
        &self,
        partition: &Partition,
        name: &str,
        filter: &LayerFilter,
        request: &PageRequest,
    ) -> Result<Page<LayerVersion>, Refusal> {
        let (partition, name) = LayerName::own(partition, name, "lambda:ListLayerVersions")?;
        let layers = self.layers().read();
        let layer = layers.0.get(&partition).and_then(|layers| layers.get(&name));
        let versions = layer.into_iter().flat_map(|layer| layer.versions.values());
        let wanted = versions.filter(|version| filter.wants(version)).cloned().collect();
        request.of(wanted, |version: &LayerVersion| format!("{:020}", u64::MAX - version.number))
    }

    /// `ListLayers`: the newest version of each that the filter wants.
    ///
    /// # Errors
    /// If the page is none.
    pub fn layers_page(
        &self,
        partition: &Partition,
        filter: &LayerFilter,
        request: &PageRequest,
    ) -> Result<Page<LayerVersion>, Refusal> {
        let layers = self.layers().read();
        let all = layers.0.get(partition).into_iter().flat_map(BTreeMap::values);
        let newest =
            all.filter_map(|layer| layer.versions.values().rev().find(|version| filter.wants(version)));
        request.of(newest.cloned().collect(), |version: &LayerVersion| version.name.to_string())
    }

    /// The layers of a function, in order.
    pub(super) fn mount(&self, partition: &Partition, arns: &[String]) -> Result<Vec<MountedLayer>, Refusal> {
        if arns.len() > limits::LAYERS {
            return Err(Refusal::invalid(format!("Cannot reference more than {} layers.", limits::LAYERS)));
        }
        let mut mounted: Vec<MountedLayer> = Vec::new();
        for arn in arns {
            let (layer, number) = arn.rsplit_once(':').ok_or_else(|| bad_arn(arn))?;
            let number: u64 = number.parse().map_err(|_| bad_arn(arn))?;
            let (place, name) = parse_arn(layer).ok_or_else(|| bad_arn(arn))?;
            if place.region != partition.region {
                return Err(Refusal::invalid(format!(
                    "Layers are not in the same region as the function. Layers are expected to be in region {}.",
                    partition.region
                )));
            }
            let same_layer = |other: &&MountedLayer| {
                other
                    .arn
                    .as_deref()
                    .and_then(|arn| arn.rsplit_once(':'))
                    .is_some_and(|(other, _)| other == layer)
            };
            if let Some(MountedLayer { arn: Some(other), .. }) = mounted.iter().find(same_layer) {
                return Err(Refusal::invalid(format!(
                    "Two different versions of the same layer are not allowed to be referenced in the same function. \
                     {other} and {arn} are versions of the same layer."
                )));
            }
            let layers = self.layers().read();
            let version = layers.find_for(partition.account, &place, &name, number)?;
            let version =
                version.ok_or_else(|| Refusal::invalid(format!("Layer version {arn} does not exist.")))?;
            mounted.push(MountedLayer { arn: Some(arn.clone()), code: Arc::clone(&version.code) });
        }
        Ok(mounted)
    }
}

impl LayerVersion {
    /// The layer's ARN.
    #[must_use]
    pub fn layer_arn(&self) -> String {
        self.name.arn(&self.partition)
    }

    /// The version's ARN.
    #[must_use]
    pub fn arn(&self) -> String {
        format!("{}:{}", self.layer_arn(), self.number)
    }
}

impl LayerNotes {
    fn check(&self) -> Result<(), ValidationError> {
        let texts = [("description", &self.description, 256), ("licenseInfo", &self.license, 512)];
        let long = texts.into_iter().filter_map(|(member, text, most)| {
            let text = text.as_ref().filter(|text| text.chars().count() > most)?;
            Some(Violation::length_at_most(member, text, most))
        });
        ValidationError::check(long)
    }
}

impl LayerFilter {
    fn wants(&self, version: &LayerVersion) -> bool {
        let fits = |wanted: &Option<String>, given: &[String]| {
            wanted.as_ref().is_none_or(|wanted| wanted.is_empty() || given.contains(wanted))
        };
        fits(&self.runtime, &version.notes.runtimes) && fits(&self.architecture, &version.notes.architectures)
    }
}

impl Layers {
    /// A version that an account looks for: its own, or one whose policy lets it.
    fn find_for(
        &self,
        account: AccountId,
        place: &Partition,
        name: &LayerName,
        number: u64,
    ) -> Result<Option<&LayerVersion>, Refusal> {
        let layer = self.0.get(place).and_then(|layers| layers.get(name));
        let policy = layer.and_then(|layer| layer.policies.get(&number));
        if place.account == account || policy.is_some_and(|policy| policy.is_for(account)) {
            return Ok(layer.and_then(|layer| layer.versions.get(&number)));
        }
        let resource = format!("{}:{number}", name.arn(place));
        Err(Refusal::denied(account, GET_LAYER_VERSION, &resource))
    }

    /// A layer that may not have been there yet.
    pub(in crate::lambda) fn layer_or_new(&mut self, place: &Partition, name: &LayerName) -> &mut Layer {
        self.0.entry(place.clone()).or_default().entry(name.clone()).or_default()
    }

    /// What is in all versions.
    pub(in crate::lambda) fn codes(&self) -> impl Iterator<Item = &Arc<Code>> {
        let layers = self.0.values().flat_map(BTreeMap::values);
        layers.flat_map(|layer| layer.versions.values()).map(|version| &version.code)
    }

    pub(super) fn layer_mut(&mut self, place: &Partition, name: &LayerName) -> Option<&mut Layer> {
        self.0.get_mut(place)?.get_mut(name)
    }
}

impl LayerName {
    /// Reads what names a layer of the caller's: nobody else may do this with it.
    pub(super) fn own(caller: &Partition, text: &str, action: &str) -> Result<(Partition, Self), Refusal> {
        let (place, name) = Self::locate(caller, text)?;
        if place.account == caller.account {
            return Ok((place, name));
        }
        Err(Refusal::denied(caller.account, action, &name.arn(&place)))
    }

    /// The layer's ARN.
    pub(super) fn arn(&self, place: &Partition) -> String {
        format!("arn:aws:lambda:{}:{}:layer:{self}", place.region, place.account)
    }

    /// Reads a name, or the ARN of a layer, which says where it is.
    fn locate(own: &Partition, text: &str) -> Result<(Partition, Self), Refusal> {
        if let Some(name) = Self::parse(text) {
            return Ok((own.clone(), name));
        }
        parse_arn(text).ok_or_else(|| {
            Violation::pattern(
                "layerName",
                text,
                r"(arn:[a-zA-Z0-9-]+:lambda:[a-zA-Z0-9-]+:\d{12}:layer:[a-zA-Z0-9-_]+)|[a-zA-Z0-9-_]+",
            )
            .into()
        })
    }

    pub(in crate::lambda) fn parse(text: &str) -> Option<Self> {
        let fits = (1..=140).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
        fits.then(|| Self(text.into()))
    }
}

impl fmt::Display for LayerName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Reads a layer's ARN, without a version.
fn parse_arn(text: &str) -> Option<(Partition, LayerName)> {
    let parts: Vec<&str> = text.split(':').collect();
    let ["arn", _, "lambda", region, account, "layer", name] = *parts else { return None };
    let partition = Partition { account: AccountId::parse(account)?, region: Region::parse(region)? };
    Some((partition, LayerName::parse(name)?))
}

pub(super) fn positive(number: i64) -> Result<u64, Refusal> {
    let positive = u64::try_from(number).ok().filter(|number| *number > 0);
    positive.ok_or_else(|| Refusal::invalid("Layer Version Cannot be less than 1"))
}

fn bad_arn(arn: &str) -> Refusal {
    let constraint = "Member must satisfy constraint: [Member must have length less than or equal to 140, Member must have \
                      length greater than or equal to 1, Member must satisfy regular expression pattern: \
                      arn:[a-zA-Z0-9-]+:lambda:[a-zA-Z0-9-]+:\\\\d{12}:layer:[a-zA-Z0-9-_]+:[0-9]+, Member must not be \
                      null]";
    Violation::new("layers", format_args!("[{arn}]"), constraint).into()
}
