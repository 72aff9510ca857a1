//! Responses of routes: whether clients get what a function returns for their messages.

use std::sync::Arc;

use super::{Api, Page, PageRequest, Protocol, Refusal, Route, operations::no_route};
use crate::apigateway::id::random_id;

/// How long identifiers of responses are.
const RESPONSE_ID: usize = 7;

impl Api {
    /// `CreateRouteResponse`: the response's identifier.
    ///
    /// # Errors
    /// If there is no such route, it has one already, or the key is another than [`Route::RESPONSE`].
    pub fn create_route_response(&self, route: &str, key: Option<&str>) -> Result<String, Refusal> {
        check_key(Some(key.unwrap_or_default()))?;
        self.change(|state| {
            if state.settings.protocol == Protocol::Http {
                return Err(Refusal::bad_request("Only routes of WEBSOCKET APIs have responses"));
            }
            let route = state.routes.get_mut(route).ok_or_else(|| no_route(route))?;
            if route.response.is_some() {
                let message =
                    format!("Route response with key {} already exists for this route", Route::RESPONSE);
                return Err(Refusal::conflict(message));
            }
            let id = random_id(RESPONSE_ID);
            Arc::make_mut(route).response = Some(id.clone());
            Ok(id)
        })
    }

    /// `GetRouteResponse`, and `UpdateRouteResponse` with a key.
    ///
    /// # Errors
    /// If there is none, or its key would become another than [`Route::RESPONSE`].
    pub fn route_response(&self, route: &str, id: &str, key: Option<&str>) -> Result<String, Refusal> {
        check_key(key)?;
        let response = self.route(route)?.response.clone().filter(|known| known == id);
        response.ok_or_else(|| no_response(id))
    }

    /// `GetRouteResponses`: their identifiers.
    ///
    /// # Errors
    /// If there is no such route, or the page is none.
    pub fn route_responses(&self, route: &str, request: &PageRequest) -> Result<Page<String>, Refusal> {
        request.of(self.route(route)?.response.clone(), |id| id)
    }

    /// `DeleteRouteResponse`.
    ///
    /// # Errors
    /// If there is none.
    pub fn delete_route_response(&self, route: &str, id: &str) -> Result<(), Refusal> {
        self.change(|state| {
            let route = state.routes.get_mut(route).ok_or_else(|| no_route(route))?;
            if route.response.as_deref() != Some(id) {
                return Err(no_response(id));
            }
            Arc::make_mut(route).response = None;
            Ok(())
        })
    }
}

fn check_key(key: Option<&str>) -> Result<(), Refusal> {
    match key {
        None | Some(Route::RESPONSE) => Ok(()),
        Some(other) => Err(Refusal::bad_request(format!(
            "Invalid route response key: `{other}`. It must be {}",
            Route::RESPONSE
        ))),
    }
}

fn no_response(id: &str) -> Refusal {
    Refusal::not_found(format!("Invalid RouteResponse identifier specified {id}"))
}
