//! Buckets as such, and what is set for them.

use hearth_model::{
    identity::{AccountId, Partition, Region},
    time::Timestamp,
};
use parking_lot::RwLock;

use crate::s3::{
    BucketName, Buckets, Caller, Configuration, Ownership, Refusal, Setting, Tags, Versioning,
    bucket::{Bucket, State},
};

/// What is asked for when a bucket is created.
#[derive(Clone, Debug, Default)]
pub struct NewBucket {
    /// In which region it shall live; that of the request if none is named.
    pub location: Option<String>,
    /// Who owns objects that others put.
    pub ownership: Ownership,
    /// What it is tagged with.
    pub tags: Tags,
}

/// A bucket, seen from outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BucketView {
    /// Its name.
    pub name: BucketName,
    /// Where it lives.
    pub partition: Partition,
    /// When it was created.
    pub created: Timestamp,
}

/// Which buckets a list shall have.
#[derive(Clone, Debug, Default)]
pub struct BucketQuery {
    /// Those whose names begin with this.
    pub prefix: String,
    /// Those that live there.
    pub region: Option<Region>,
    /// Begin behind this name.
    pub after: Option<String>,
    /// How many at most; all if none is named.
    pub most: Option<usize>,
}

/// A page of a list of buckets.
#[derive(Clone, Debug)]
pub struct BucketList {
    /// In the order of their names.
    pub buckets: Vec<BucketView>,
    /// If there are more: the name behind which they begin.
    pub next: Option<String>,
}

impl Buckets {
    /// `CreateBucket`.
    ///
    /// # Errors
    /// If the name is none or taken, or the location does not fit.
    pub fn create(&self, caller: &Caller, name: &str, new: &NewBucket) -> Result<BucketView, Refusal> {
        let name = BucketName::parse(name)?;
        let region = location(&caller.partition.region, new.location.as_deref())?;
        let configuration = Configuration {
            ownership: Some(new.ownership),
            tags: new.tags.clone(),
            ..Configuration::default()
        };
        let partition = Partition { account: caller.partition.account, region };
        let known = match self.add(Bucket {
            name,
            partition: partition.clone(),
            created: self.now(),
            state: RwLock::new(State { configuration, ..State::default() }),
        }) {
            Ok(added) => return Ok(BucketView::of(&added)),
            Err(known) => known,
        };
        // For the oldest region this has always been allowed.
        if known.partition == partition && partition.region.as_str() == Region::DEFAULT {
            return Ok(BucketView::of(&known));
        }
        let bucket = known.name.to_string();
        Err(if known.partition.account == partition.account {
            Refusal::BucketAlreadyOwnedByYou { bucket }
        } else {
            Refusal::BucketAlreadyExists { bucket }
        })
    }

    /// `DeleteBucket`.
    ///
    /// # Errors
    /// If there is no such bucket, or something is in it.
    pub fn delete_bucket(&self, caller: &Caller, name: &str) -> Result<(), Refusal> {
        self.change(caller, name, |state, _, _| {
            if !state.objects.is_empty() {
                let versioned = state.configuration.versioning != Versioning::Off;
                return Err(Refusal::BucketNotEmpty { bucket: name.to_owned(), versioned });
            }
            state.deleted = true;
            Ok(())
        })
    }

    /// `HeadBucket`, `GetBucketLocation`.
    ///
    /// # Errors
    /// If there is no such bucket.
    pub fn describe(&self, name: &str) -> Result<BucketView, Refusal> {
        Ok(BucketView::of(&*self.bucket(name)?))
    }

    /// `ListBuckets`.
    #[must_use]
    pub fn list(&self, account: AccountId, query: &BucketQuery) -> BucketList {
        let all = self.all();
        let wanted = all.iter().filter(|bucket| {
            let name = bucket.name.as_str();
            bucket.partition.account == account
                && name.starts_with(&query.prefix)
                && query.region.as_ref().is_none_or(|region| bucket.partition.region == *region)
                && query.after.as_deref().is_none_or(|after| name > after)
        });
        let mut wanted = wanted.map(|bucket| BucketView::of(bucket)).peekable();
        let buckets: Vec<_> = wanted.by_ref().take(query.most.unwrap_or(usize::MAX)).collect();
        let more = wanted.peek().is_some();
        let next = buckets.last().filter(|_| more).map(|bucket| bucket.name.to_string());
        BucketList { buckets, next }
    }

    /// Everything that is set for a bucket.
    ///
    /// # Errors
    /// If there is no such bucket.
    pub fn configuration(&self, name: &str) -> Result<Configuration, Refusal> {
        self.look(name, |_, state| Ok(state.configuration.clone()))
    }

    /// Sets something for a bucket.
    ///
    /// # Errors
    /// If there is no such bucket.
    pub fn configure(&self, caller: &Caller, name: &str, setting: Setting) -> Result<(), Refusal> {
        self.change(caller, name, |state, _, _| {
            state.configuration_mut().set(setting);
            Ok(())
        })
    }
}

impl BucketView {
    fn of(bucket: &Bucket) -> Self {
        Self { name: bucket.name.clone(), partition: bucket.partition.clone(), created: bucket.created }
    }
}

/// Where a bucket comes to live that is asked for in `region`.
fn location(region: &Region, constraint: Option<&str>) -> Result<Region, Refusal> {
    let incompatible =
        |constraint: &str| Err(Refusal::IllegalLocationConstraint { constraint: constraint.to_owned() });
    let oldest = region.as_str() == Region::DEFAULT;
    match constraint {
        None if oldest => Ok(region.clone()),
        None => incompatible("unspecified"),
        Some(Region::DEFAULT) => {
            Err(Refusal::InvalidLocationConstraint { constraint: Region::DEFAULT.to_owned() })
        }
        Some(constraint) => {
            // The name of the region before regions had names.
            let named = Region::parse(if constraint == "EU" { "eu-west-1" } else { constraint });
            let named = named
                .ok_or_else(|| Refusal::InvalidLocationConstraint { constraint: constraint.to_owned() })?;
            if oldest || named == *region { Ok(named) } else { incompatible(constraint) }
        }
    }
}
