//! The operations on resources.

use std::collections::BTreeMap;

use hearth_model::identity::Partition;

use crate::apigateway::{
    id::random_id,
    v1::{
        Page, PageRequest, PatchOperation, Refusal, RestApis,
        document::Resource,
        patch::{Kind, Rules, SET, Words, apply, rule},
        service::Api,
    },
};

const RULES: Rules = Rules {
    input: "updateResourceInput",
    words: Words::Long,
    paths: &[rule("/parentId", SET, Kind::Text), rule("/pathPart", SET, Kind::Text)],
};

impl RestApis {
    /// `CreateResource`: one below another.
    ///
    /// # Errors
    /// If there is no such API or parent, or its path cannot be one.
    pub fn create_resource(
        &self,
        partition: &Partition,
        api: &str,
        parent: &str,
        path_part: &str,
    ) -> Result<Resource, Refusal> {
        self.change_api(partition, api, |api| {
            let mut resource = Resource {
                id: random_id(6),
                parent_id: Some(parent.to_owned()),
                path_part: Some(path_part.to_owned()),
                path: String::new(),
                resource_methods: BTreeMap::new(),
            };
            resource.path = api.path_below(&resource, parent, path_part)?;
            api.resources.insert(resource.id.clone(), resource.clone());
            Ok(resource)
        })
    }

    /// `GetResources`, in the order of their paths.
    ///
    /// # Errors
    /// If there is no such API, or the page is none.
    pub fn resources(
        &self,
        partition: &Partition,
        api: &str,
        page: &PageRequest,
    ) -> Result<Page<Resource>, Refusal> {
        self.look_at_api(partition, api, |api| {
            let mut resources: Vec<_> = api.resources.values().collect();
            resources.sort_by(|one, other| one.path.cmp(&other.path));
            Ok(page.of(resources, |resource| resource.path.clone())?.map(Resource::clone))
        })
    }

    /// `GetResource`.
    ///
    /// # Errors
    /// If there is no such resource.
    pub fn resource(&self, partition: &Partition, api: &str, id: &str) -> Result<Resource, Refusal> {
        self.look(partition, |region| {
            let resource = region.apis.get(api).and_then(|api| api.resources.get(id));
            resource.cloned().ok_or_else(no_resource)
        })
    }

    /// `UpdateResource`: renames or moves it, with all below it.
    ///
    /// # Errors
    /// If there is no such resource, or it cannot be there.
    pub fn update_resource(
        &self,
        partition: &Partition,
        api: &str,
        id: &str,
        operations: &[PatchOperation],
    ) -> Result<Resource, Refusal> {
        self.change(partition, |region| {
            let api = region.apis.get_mut(api).ok_or_else(no_resource)?;
            let resource = api.resources.get(id).ok_or_else(no_resource)?;
            let mut changed = apply(resource, operations, &RULES)?;
            if let (Some(parent), Some(part)) = (changed.parent_id.clone(), changed.path_part.clone()) {
                changed.path = api.path_below(&changed, &parent, &part)?;
            }
            let (before, after) = (format!("{}/", resource.path), format!("{}/", changed.path));
            for below in api.resources.values_mut() {
                if let Some(rest) = below.path.strip_prefix(&before).filter(|_| before != "//") {
                    below.path = format!("{after}{rest}");
                }
            }
            api.resources.insert(id.to_owned(), changed.clone());
            Ok(changed)
        })
    }

    /// `DeleteResource`, with all below it.
    ///
    /// # Errors
    /// If there is no such resource, or it is `/`.
    pub fn delete_resource(&self, partition: &Partition, api: &str, id: &str) -> Result<(), Refusal> {
        self.change(partition, |region| {
            let api = region.apis.get_mut(api).ok_or_else(no_resource)?;
            let resource = api.resources.get(id).ok_or_else(no_resource)?;
            if resource.parent_id.is_none() {
                return Err(Refusal::bad("Root resource cannot be removed via the API"));
            }
            let (own, below) = (resource.path.clone(), format!("{}/", resource.path));
            api.resources.retain(|_, other| other.path != own && !other.path.starts_with(&below));
            Ok(())
        })
    }
}

impl Api {
    pub(in crate::apigateway::v1) fn resource(&self, id: &str) -> Result<&Resource, Refusal> {
        self.resources.get(id).ok_or_else(no_resource)
    }

    pub(in crate::apigateway::v1) fn resource_mut(&mut self, id: &str) -> Result<&mut Resource, Refusal> {
        self.resources.get_mut(id).ok_or_else(no_resource)
    }

    /// The path of a resource below a parent, if it may be there.
    fn path_below(&self, resource: &Resource, parent: &str, part: &str) -> Result<String, Refusal> {
        let parent = self.resource(parent)?;
        if !is_path_part(part) {
            return Err(Refusal::bad(
                "Resource's path part only allow a-zA-Z0-9._-: or a valid greedy path variable and curly braces at the \
                 beginning and the end.",
            ));
        }
        if let Some(greedy) = parent.path_part.as_deref().filter(|part| part.ends_with("+}")) {
            let message =
                format!("Cannot create a child of a resource with a greedy path variable: {greedy}");
            return Err(Refusal::bad(message));
        }
        if parent.id == resource.id
            || parent.path.starts_with(&format!("{}/", resource.path)) && !resource.path.is_empty()
        {
            return Err(Refusal::bad("Resources cannot be cyclical."));
        }
        let siblings = self
            .resources
            .values()
            .filter(|other| other.id != resource.id && other.parent_id.as_deref() == Some(&*parent.id));
        for sibling in siblings.filter_map(|sibling| sibling.path_part.as_deref()) {
            if sibling == part {
                let message = format!("Another resource with the same parent already has this name: {part}");
                return Err(Refusal::conflict(message));
            }
            if part.starts_with('{') && sibling.starts_with('{') {
                return Err(Refusal::bad(format!(
                    "A sibling ({sibling}) of this resource already has a variable path part -- only one is allowed"
                )));
            }
        }
        Ok(format!("{}/{part}", parent.path.trim_end_matches('/')))
    }
}

pub(super) fn no_resource() -> Refusal {
    Refusal::not_found("Invalid Resource identifier specified")
}

fn is_path_part(part: &str) -> bool {
    let variable = part.strip_prefix('{').and_then(|part| part.strip_suffix('}'));
    let name = variable.map_or(part, |name| name.strip_suffix('+').unwrap_or(name));
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"._-:".contains(&byte);
    !name.is_empty() && name.bytes().all(fits)
}
