//! What cannot be read is told, and never a panic.

use proptest::prelude::*;

use super::world::{Begin, Kept};

async fn filled() -> Kept {
    let kept = Kept::new().await;
    kept.create("orders", "code").await;
    kept.world.publish("orders", "live");
    kept.world.send("orders:live", "fail Oops");
    kept.world.advance(1).await;
    kept
}

#[tokio::test]
async fn what_cannot_be_read_is_told() {
    let kept = filled().await;
    let check = async |index, damage: fn(&mut Vec<u8>), expect: &str| {
        let fork = kept.fork(|_| ());
        fork.0.damage(index, damage);
        let error = fork.begin_after(&kept, 0).await.err().expect("it cannot be read");
        assert!(error.contains(expect), "{error}");
    };
    check(0, Vec::clear, "`engine.logs`: its value is damaged").await;
    check(1, Vec::clear, "`lambda.attempts`: its value is damaged").await;
    check(2, |value| value.push(0), "`lambda.functions`: its value has something after its end").await;
    check(3, |value| value[0] = 9, "`lambda.invocations`: its value is damaged, or of a later Hearth").await;
    check(4, Vec::clear, "`lambda.versions`: its value is damaged").await;
}

proptest! {
    /// Whatever is there is functions and events, or an error.
    #[test]
    fn nothing_that_is_kept_makes_hearth_panic(
        index in 0_usize..5,
        place in any::<prop::sample::Index>(),
        bytes in prop::collection::vec(any::<u8>(), 0..12),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        runtime.block_on(async {
            let kept = filled().await;
            let fork = kept.fork(|_| ());
            fork.0.damage(index, |value| {
                let at = place.index(value.len() + 1);
                let end = (at + bytes.len()).min(value.len());
                value.splice(at..end, bytes.iter().copied());
            });
            if let Ok(later) = fork.begin_after(&kept, 0).await {
                later.world.advance(400).await;
                let _refused = later.world.try_send("orders", "echo 1");
                later.world.advance(400).await;
            }
        });
    }
}
