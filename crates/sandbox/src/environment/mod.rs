//! Environments: the three ways in which code is called, and what they share.

mod command;
mod failure;
mod handler;
mod http;
mod shell;

pub(crate) use self::{
    command::CommandEnvironment,
    handler::HandlerEnvironment,
    http::HttpEnvironment,
    shell::{Shell, Trees},
};
