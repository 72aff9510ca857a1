//! What the paths of the management API name.

/// What a path names; identifiers, names and ARNs are still percent-encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Resource<'a> {
    /// All APIs of an account and region.
    Apis,
    /// An API.
    Api(&'a str),
    /// Which pages of other origins may use an API.
    Cors(&'a str),
    /// An API's routes.
    Routes(&'a str),
    /// A route: the API, its identifier.
    Route(&'a str, &'a str),
    /// A route's responses: the API, the route.
    Responses(&'a str, &'a str),
    /// A response: the API, the route, its identifier.
    Response(&'a str, &'a str, &'a str),
    /// An API's integrations.
    Integrations(&'a str),
    /// An integration: the API, its identifier.
    Integration(&'a str, &'a str),
    /// An API's authorizers.
    Authorizers(&'a str),
    /// An authorizer: the API, its identifier.
    Authorizer(&'a str, &'a str),
    /// An API's deployments.
    Deployments(&'a str),
    /// A deployment: the API, its identifier.
    Deployment(&'a str, &'a str),
    /// An API's stages.
    Stages(&'a str),
    /// A stage: the API, its name.
    Stage(&'a str, &'a str),
    /// What is set for a route: the API, the stage, the route's key.
    RouteSettings(&'a str, &'a str, &'a str),
    /// What a stage's authorizers said: the API, the stage.
    AuthorizersCache(&'a str, &'a str),
    /// The tags of what has this ARN.
    Tags(&'a str),
    /// What AWS has and Hearth has not.
    Absent,
}

impl<'a> Resource<'a> {
    /// What a path names, if it is one of this API's.
    pub(crate) fn of(path: &'a str) -> Option<Self> {
        let path = path.strip_prefix("/v2/")?;
        // SDKs encode ARNs; where others do not, their slashes are not the path's.
        if let Some(arn) = path.strip_prefix("tags/") {
            return Some(Self::Tags(arn));
        }
        let segments: Vec<&str> = path.trim_end_matches('/').split('/').collect();
        let resource = match *segments {
            ["apis"] => Self::Apis,
            ["apis", id] => Self::Api(id),
            ["apis", id, "cors"] => Self::Cors(id),
            ["apis", api, "routes"] => Self::Routes(api),
            ["apis", api, "routes", id] => Self::Route(api, id),
            ["apis", api, "routes", route, "routeresponses"] => Self::Responses(api, route),
            ["apis", api, "routes", route, "routeresponses", id] => Self::Response(api, route, id),
            ["apis", api, "integrations"] => Self::Integrations(api),
            ["apis", api, "integrations", id] => Self::Integration(api, id),
            ["apis", api, "authorizers"] => Self::Authorizers(api),
            ["apis", api, "authorizers", id] => Self::Authorizer(api, id),
            ["apis", api, "deployments"] => Self::Deployments(api),
            ["apis", api, "deployments", id] => Self::Deployment(api, id),
            ["apis", api, "stages"] => Self::Stages(api),
            ["apis", api, "stages", name] => Self::Stage(api, name),
            ["apis", api, "stages", stage, "routesettings", key] => Self::RouteSettings(api, stage, key),
            ["apis", api, "stages", stage, "cache", "authorizers"] => Self::AuthorizersCache(api, stage),
            ["apis" | "domainnames" | "vpclinks" | "portals" | "portalproducts", ..] => Self::Absent,
            _ => return None,
        };
        Some(resource)
    }

    /// The methods that it takes, as the `Allow` header lists them.
    pub(crate) const fn methods(self) -> &'static str {
        match self {
            Self::Absent => "",
            Self::Apis
            | Self::Routes(_)
            | Self::Responses(..)
            | Self::Integrations(_)
            | Self::Authorizers(_)
            | Self::Deployments(_)
            | Self::Stages(_) => "GET, POST",
            Self::Api(_)
            | Self::Route(..)
            | Self::Response(..)
            | Self::Integration(..)
            | Self::Authorizer(..)
            | Self::Deployment(..)
            | Self::Stage(..) => "GET, PATCH, DELETE",
            Self::Cors(_) | Self::RouteSettings(..) | Self::AuthorizersCache(..) => "DELETE",
            Self::Tags(_) => "GET, POST, DELETE",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_name_resources() {
        let check =
            |path: &str, expect: Option<Resource<'_>>| assert_eq!(Resource::of(path), expect, "{path}");
        check("/v2/apis", Some(Resource::Apis));
        check("/v2/apis/", Some(Resource::Apis));
        check("/v2/apis/a", Some(Resource::Api("a")));
        check("/v2/apis/a/cors", Some(Resource::Cors("a")));
        check("/v2/apis/a/routes", Some(Resource::Routes("a")));
        check("/v2/apis/a/routes/b", Some(Resource::Route("a", "b")));
        check("/v2/apis/a/routes/b/routeresponses", Some(Resource::Responses("a", "b")));
        check("/v2/apis/a/routes/b/routeresponses/c", Some(Resource::Response("a", "b", "c")));
        check("/v2/apis/a/integrations/b", Some(Resource::Integration("a", "b")));
        check("/v2/apis/a/authorizers/b", Some(Resource::Authorizer("a", "b")));
        check("/v2/apis/a/deployments/b", Some(Resource::Deployment("a", "b")));
        check("/v2/apis/a/stages/%24default", Some(Resource::Stage("a", "%24default")));
        let settings = Resource::RouteSettings("a", "b", "GET%20%2F");
        check("/v2/apis/a/stages/b/routesettings/GET%20%2F", Some(settings));
        check("/v2/apis/a/stages/b/cache/authorizers", Some(Resource::AuthorizersCache("a", "b")));
        check(
            "/v2/tags/arn:aws:apigateway:us-east-1::/apis/a",
            Some(Resource::Tags("arn:aws:apigateway:us-east-1::/apis/a")),
        );
        check("/v2/apis/a/models", Some(Resource::Absent));
        check("/v2/domainnames", Some(Resource::Absent));
        check("/v2/other", None);
        check("/v2", None);
        check("/apis", None);
    }
}
