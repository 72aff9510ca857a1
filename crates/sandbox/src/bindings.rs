//! Host bindings of the `hearth:lambda` world, generated from `wit/hearth-lambda.wit`.

wasmtime::component::bindgen!({
    path: "../../wit",
    world: "function",
    exports: { default: async },
    require_store_data_send: true,
});

pub(crate) use self::exports::hearth::lambda::handler;
