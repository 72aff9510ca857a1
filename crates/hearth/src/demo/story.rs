//! The order of the stages, and what of them a program reads.

use std::{error::Error, sync::Arc, time::Duration};

use hearth_services::Services;
use serde_json::{Value, json};

use super::{
    stage::Stage,
    stages::{Concurrency, Price, Profiles, Reserved, Thumbnail, TimedOut, Times},
    text,
    upload::Upload,
};
use crate::client::Endpoint;

/// One stage that has been played.
pub(crate) struct Chapter {
    /// For people, with styles.
    pub(crate) text: String,
    /// For programs; durations in milliseconds.
    pub(crate) figures: Value,
}

/// Plays all stages, one after the other, with what answers at `endpoint`.
///
/// # Errors
/// If something does not happen that the demo shows, or if somebody does not want to hear the rest.
pub(crate) async fn tell(
    services: Arc<Services>,
    endpoint: Endpoint,
    seed: u64,
    mut show: impl FnMut(Chapter) -> Result<(), Box<dyn Error + Send + Sync>>,
) -> Result<(), Box<dyn Error + Send + Sync>> {
    let mut stage = Stage::new(services, endpoint);
    let thumbnail = Thumbnail::play(&mut stage).await?;
    show(thumbnail.chapter())?;
    show(Upload::play(&mut stage).await?.chapter())?;
    show(Concurrency::play(&mut stage).await?.chapter())?;
    show(Reserved::play(&mut stage).await?.chapter())?;
    show(TimedOut::play(&mut stage).await?.chapter())?;
    show(Profiles::play(&mut stage, seed).await?.chapter())?;
    show(Price::of(&stage, &thumbnail).chapter())
}

impl Thumbnail {
    fn chapter(&self) -> Chapter {
        Chapter {
            text: text::thumbnail(self),
            figures: json!({ "stage": "thumbnail", "load_ms": millis(self.load), "cold": self.cold.figures(),
                "warm": self.warm.figures(), "thumbnail_bytes": self.thumbnail_bytes,
                "width": self.output.0, "height": self.output.1 }),
        }
    }
}

impl Upload {
    fn chapter(&self) -> Chapter {
        Chapter {
            text: text::upload(self),
            figures: json!({ "stage": "upload", "total_ms": millis(self.took),
                "handle_ms": millis(self.handler), "thumbnail_bytes": self.thumbnail_bytes }),
        }
    }
}

impl Times {
    fn figures(&self) -> Value {
        json!({ "provision_ms": millis(self.phases.provision), "init_ms": millis(self.phases.init),
            "handle_ms": millis(self.phases.handle), "total_ms": millis(self.total) })
    }
}

impl Concurrency {
    fn chapter(&self) -> Chapter {
        let wave = |wave: &super::stages::Wave| {
            json!({ "cold": wave.cold, "warm": wave.warm, "environments": wave.environments.len(),
                "took_ms": millis(wave.took) })
        };
        Chapter {
            text: text::concurrency(self),
            figures: json!({ "stage": "concurrency", "first": wave(&self.first), "second": wave(&self.second),
                "init_p50_ms": millis(self.init_p50), "init_p99_ms": millis(self.init_p99) }),
        }
    }
}

impl Reserved {
    fn chapter(&self) -> Chapter {
        Chapter {
            text: text::reserved(self),
            figures: json!({ "stage": "reserved-concurrency", "limit": Self::LIMIT, "served": self.served,
                "throttled": self.throttled, "reason": self.reason }),
        }
    }
}

impl TimedOut {
    fn chapter(&self) -> Chapter {
        Chapter {
            text: text::timed_out(self),
            figures: json!({ "stage": "timeout", "message": self.message, "took_ms": millis(self.took),
                "calls_before": self.calls_before, "calls_after": self.calls_after,
                "file_after": self.file_after, "same_environment": self.same_environment }),
        }
    }
}

impl Profiles {
    fn chapter(&self) -> Chapter {
        let profiles: Vec<_> = self
            .profiles
            .iter()
            .map(|modelled| {
                json!({ "profile": modelled.profile.as_str(), "p50_ms": millis(modelled.p50),
                "p99_ms": millis(modelled.p99) })
            })
            .collect();
        let (profile, total, measured) = self.invoked;
        Chapter {
            text: text::profiles(self),
            figures: json!({ "stage": "cold-start-profiles", "starts": Self::STARTS, "profiles": profiles,
                "invoked": { "profile": profile.as_str(), "init_duration_ms": millis(total),
                    "measured_ms": millis(measured) } }),
        }
    }
}

impl Price {
    fn chapter(&self) -> Chapter {
        Chapter {
            text: text::price(self),
            figures: json!({ "stage": "cost", "invocations": self.bill.invocations,
                "billed_ms": millis(self.bill.billed), "usd": self.bill.cost.total().to_string(),
                "usd_million_thumbnails": self.million_thumbnails.total().to_string() }),
        }
    }
}

fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1_000.0
}
