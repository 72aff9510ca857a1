//! The operations on responses of routes.

use http::StatusCode;
use serde::{Deserialize, Serialize};

use super::call::{Call, Rest, done};
use crate::{
    error::ApiError,
    rest_json::{Answer, answer},
};
use hearth_services::apigateway::v2::Route;

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct ResponseRequest {
    route_response_key: Option<String>,
    #[serde(flatten)]
    rest: Rest,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ResponseDocument {
    route_response_id: String,
    route_response_key: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ResponseList {
    items: Vec<ResponseDocument>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

pub(super) fn create(call: &Call<'_>, api: &str, route: &str) -> Answer {
    let key = call.document::<ResponseRequest>()?.read()?;
    let created = call.api(api)?.create_route_response(&Call::segment(route)?, key.as_deref())?;
    answer(StatusCode::CREATED, &ResponseDocument::of(created))
}

pub(super) fn list(call: &Call<'_>, api: &str, route: &str) -> Answer {
    let page = call.api(api)?.route_responses(&Call::segment(route)?, &call.page()?)?;
    let items = page.items.into_iter().map(ResponseDocument::of).collect();
    answer(StatusCode::OK, &ResponseList { items, next_token: page.next_token })
}

pub(super) fn response(call: &Call<'_>, api: &str, route: &str, id: &str) -> Answer {
    let shown = call.api(api)?.route_response(&Call::segment(route)?, &Call::segment(id)?, None)?;
    answer(StatusCode::OK, &ResponseDocument::of(shown))
}

pub(super) fn update(call: &Call<'_>, api: &str, route: &str, id: &str) -> Answer {
    let key = call.document::<ResponseRequest>()?.read()?;
    let (route, id) = (Call::segment(route)?, Call::segment(id)?);
    let updated = call.api(api)?.route_response(&route, &id, key.as_deref())?;
    answer(StatusCode::OK, &ResponseDocument::of(updated))
}

pub(super) fn delete(call: &Call<'_>, api: &str, route: &str, id: &str) -> Answer {
    call.api(api)?.delete_route_response(&Call::segment(route)?, &Call::segment(id)?)?;
    done()
}

impl ResponseRequest {
    fn read(self) -> Result<Option<String>, ApiError> {
        self.rest.refuse(&[])?;
        Ok(self.route_response_key)
    }
}

impl ResponseDocument {
    fn of(id: String) -> Self {
        Self { route_response_id: id, route_response_key: Route::RESPONSE }
    }
}
