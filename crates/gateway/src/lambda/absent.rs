//! The operations that AWS has and Hearth has not.

use http::Method;

use crate::error::{ApiError, ErrorCode};

/// Refuses an operation by its name.
pub(super) fn refusal(method: &Method, path: &str) -> ApiError {
    let name = name(method, path).map_or_else(|| format!("{method} `{path}`"), |name| format!("`{name}`"));
    let message = format!("{name} is a part of the Lambda API that Hearth does not have");
    ApiError::new(ErrorCode::NotImplemented, message)
}

/// The name of an operation, of those which Hearth has not.
fn name(method: &Method, path: &str) -> Option<&'static str> {
    let segments: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
    let [_date, resource @ ..] = &*segments else { return None };
    let name = match (method.as_str(), resource) {
        ("GET", ["functions", _, "function-scaling-config"]) => "GetFunctionScalingConfig",
        ("PUT", ["functions", _, "function-scaling-config"]) => "PutFunctionScalingConfig",
        ("POST", ["code-signing-configs"]) => "CreateCodeSigningConfig",
        ("POST", ["capacity-providers"]) => "CreateCapacityProvider",
        ("GET", ["capacity-providers"]) => "ListCapacityProviders",
        ("GET", ["capacity-providers", _]) => "GetCapacityProvider",
        ("PUT", ["capacity-providers", _]) => "UpdateCapacityProvider",
        ("DELETE", ["capacity-providers", _]) => "DeleteCapacityProvider",
        ("GET", ["capacity-providers", _, "function-versions"]) => "ListFunctionVersionsByCapacityProvider",
        ("GET", ["functions", _, "durable-executions"]) => "ListDurableExecutionsByFunction",
        ("GET", ["durable-executions", _]) => "GetDurableExecution",
        ("DELETE", ["durable-executions", _]) => "DeleteDurableExecution",
        ("GET", ["durable-executions", _, "history"]) => "GetDurableExecutionHistory",
        ("GET", ["durable-executions", _, "state"]) => "GetDurableExecutionState",
        ("POST", ["durable-executions", _, "checkpoint"]) => "CheckpointDurableExecution",
        ("POST", ["durable-executions", _, "pause"]) => "PauseDurableExecution",
        ("POST", ["durable-executions", _, "resume"]) => "ResumeDurableExecution",
        ("POST", ["durable-executions", _, "stop"]) => "StopDurableExecution",
        ("POST", ["durable-execution-callbacks", _, "succeed"]) => "SendDurableExecutionCallbackSuccess",
        ("POST", ["durable-execution-callbacks", _, "fail"]) => "SendDurableExecutionCallbackFailure",
        ("POST", ["durable-execution-callbacks", _, "heartbeat"]) => "SendDurableExecutionCallbackHeartbeat",
        ("GET", ["resource-policy", _]) => "GetResourcePolicy",
        ("PUT", ["resource-policy", _]) => "PutResourcePolicy",
        ("DELETE", ["resource-policy", _]) => "DeleteResourcePolicy",
        _ => return None,
    };
    Some(name)
}
