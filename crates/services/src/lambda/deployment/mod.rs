//! What a function is, as its owner sees it: settings, code, state.

mod code;
mod record;
mod settings;

pub use self::{
    code::{Code, CodeDigest, InvalidUpload},
    record::{Content, DeployedVersion, MountedLayer, Phase},
    settings::{Architecture, Settings, SettingsChange},
};
