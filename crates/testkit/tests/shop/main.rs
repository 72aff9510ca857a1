//! A shop and its tests: an example to copy.
//!
//! Payments come over HTTP, orders through a FIFO queue in which each customer's stay in order, and a report is made each night
//! (`hearth.toml` beside this file). What takes the shop hours and days takes these tests milliseconds.

mod shop;

use std::time::Duration;

use tokio::task::JoinSet;

use self::shop::Shop;

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(60 * 60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

#[tokio::test]
async fn a_payment_is_booked() {
    let shop = Shop::open().await;
    assert_eq!(shop.pay(shop::SIGNATURE).await, 202);
    shop.hearth.settle().await;
    assert_eq!(shop.hearth.invocations("bookkeeping").len(), 1);
}

#[tokio::test]
async fn a_forged_payment_is_refused_and_not_booked() {
    let shop = Shop::open().await;
    assert_eq!(shop.pay("sha256=0000").await, 401);
    shop.hearth.settle().await;
    assert!(shop.hearth.invocations("bookkeeping").is_empty());
}

#[tokio::test]
async fn orders_of_a_customer_are_taken_in_order() {
    let shop = Shop::open().await;
    for order in ["A-1", "A-2", "A-3"] {
        shop.order("ada", order).await;
    }
    shop.hearth.settle().await;
    assert_eq!(shop.accepted(), ["A-1", "A-2", "A-3"]);
}

#[tokio::test]
async fn an_order_without_an_id_is_tried_for_six_hours_and_then_lost() {
    let shop = Shop::open().await;
    shop.order("ada", "").await;
    shop.hearth.advance(6 * HOUR - MINUTE).await;
    assert_eq!(shop.hearth.invocations("orders").len(), 12, "once every half hour");
    assert_eq!(shop.lost_orders().await, 0);
    shop.hearth.advance(MINUTE).await;
    assert_eq!(shop.hearth.invocations("orders").len(), 12);
    assert_eq!(shop.lost_orders().await, 1);
}

#[tokio::test]
async fn an_order_that_fails_holds_up_its_customer_and_nobody_else() {
    let shop = Shop::open().await;
    shop.order("ada", "").await;
    shop.order("ada", "A-2").await;
    shop.order("bob", "B-1").await;
    shop.hearth.settle().await;
    assert_eq!(shop.accepted(), ["B-1"]);
    shop.hearth.advance(6 * HOUR).await;
    assert_eq!(shop.accepted(), ["B-1", "A-2"]);
}

#[tokio::test]
async fn the_report_is_made_every_night() {
    let shop = Shop::open().await;
    shop.hearth.advance(30 * DAY).await;
    let reports = shop.hearth.invocations("nightly-report");
    assert_eq!(reports.len(), 30);
    assert!(reports.iter().all(|report| report.succeeded() && shop::time_of_day(report.ended) == 2 * HOUR));
}

#[tokio::test]
async fn dozens_of_shops_do_not_know_of_each_other() {
    let mut shops = JoinSet::new();
    for days in 0..24_u32 {
        shops.spawn(async move {
            let shop = Shop::open().await;
            shop.order("ada", "A-1").await;
            shop.hearth.advance(days * DAY).await;
            let reports = shop.hearth.invocations("nightly-report").len();
            assert_eq!((reports, shop.accepted()), (days as usize, vec!["A-1".to_owned()]));
        });
    }
    while let Some(shop) = shops.join_next().await {
        shop.expect("its test passes");
    }
}
