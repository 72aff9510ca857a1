use std::{error::Error, fmt};

use serde::Deserialize;

/// An order, as its customers send it.
#[derive(Debug, Deserialize)]
pub(crate) struct Order {
    id: String,
    items: Vec<Item>,
    /// Must be the sum of the items if it is there.
    total_cents: Option<u64>,
}

#[derive(Debug, Deserialize)]
struct Item {
    sku: String,
    quantity: u32,
    unit_price_cents: u32,
}

/// Why an order is not accepted.
#[derive(Debug)]
pub(crate) enum OrderError {
    NotAnOrder(serde_json::Error),
    Id { id: String },
    NoItems { id: String },
    Quantity { id: String, sku: String, quantity: u32 },
    Price { id: String, sku: String },
    Total { id: String, told: u64, sum: u64 },
}

impl Order {
    /// Finds what is wrong with an order.
    pub(crate) fn check(&self) -> Result<(), OrderError> {
        let Self { id, items, total_cents } = self;
        let in_id = |character: char| character.is_ascii_alphanumeric() || "-_".contains(character);
        if !(1..=64).contains(&id.len()) || !id.chars().all(in_id) {
            return Err(OrderError::Id { id: id.clone() });
        }
        if items.is_empty() {
            return Err(OrderError::NoItems { id: id.clone() });
        }
        for Item { sku, quantity, unit_price_cents } in items {
            if !(1..=1_000).contains(quantity) {
                return Err(OrderError::Quantity { id: id.clone(), sku: sku.clone(), quantity: *quantity });
            }
            if *unit_price_cents == 0 {
                return Err(OrderError::Price { id: id.clone(), sku: sku.clone() });
            }
        }
        match *total_cents {
            Some(told) if told != self.sum_cents() => {
                Err(OrderError::Total { id: id.clone(), told, sum: self.sum_cents() })
            }
            Some(_) | None => Ok(()),
        }
    }

    fn sum_cents(&self) -> u64 {
        self.items.iter().map(|item| u64::from(item.quantity) * u64::from(item.unit_price_cents)).sum()
    }
}

impl fmt::Display for Order {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (count, sum) = (self.items.len(), Money(self.sum_cents()));
        write!(f, "{}: {count} {}, {sum}", self.id, if count == 1 { "item" } else { "items" })
    }
}

impl fmt::Display for OrderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAnOrder(error) => write!(f, "not an order: {error}"),
            Self::Id { id } => write!(f, "order {id:?} needs an id of 1 to 64 letters, digits, `-` or `_`"),
            Self::NoItems { id } => write!(f, "order {id} has no items"),
            Self::Quantity { id, sku, quantity } => {
                write!(f, "order {id} has {quantity} of {sku}, expected 1 to 1,000")
            }
            Self::Price { id, sku } => write!(f, "order {id} has {sku} for nothing"),
            Self::Total { id, told, sum } => {
                write!(f, "order {id} says {}, but its items cost {}", Money(*told), Money(*sum))
            }
        }
    }
}

impl Error for OrderError {}

impl From<serde_json::Error> for OrderError {
    fn from(error: serde_json::Error) -> Self {
        Self::NotAnOrder(error)
    }
}

/// Cents, written with a point.
struct Money(u64);

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:02}", self.0 / 100, self.0 % 100)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_are_good_or_say_what_is_wrong() {
        let check = |body: &str, expected: &str| {
            let order: Order = serde_json::from_str(body).unwrap();
            let found = order.check().map_or_else(|error| error.to_string(), |()| order.to_string());
            assert_eq!(found, expected);
        };
        check(
            r#"{"id":"A-1","items":[{"sku":"tea","quantity":2,"unit_price_cents":450},{"sku":"cup","quantity":1,"unit_price_cents":5}],"total_cents":905}"#,
            "A-1: 2 items, 9.05",
        );
        check(
            r#"{"id":"A-1","items":[{"sku":"tea","quantity":1,"unit_price_cents":1}]}"#,
            "A-1: 1 item, 0.01",
        );
        check(
            r#"{"id":"A 1","items":[]}"#,
            r#"order "A 1" needs an id of 1 to 64 letters, digits, `-` or `_`"#,
        );
        check(r#"{"id":"A-1","items":[]}"#, "order A-1 has no items");
        check(
            r#"{"id":"A-1","items":[{"sku":"tea","quantity":0,"unit_price_cents":1}]}"#,
            "order A-1 has 0 of tea, expected 1 to 1,000",
        );
        check(
            r#"{"id":"A-1","items":[{"sku":"tea","quantity":1,"unit_price_cents":0}]}"#,
            "order A-1 has tea for nothing",
        );
        check(
            r#"{"id":"A-1","items":[{"sku":"tea","quantity":3,"unit_price_cents":100}],"total_cents":299}"#,
            "order A-1 says 2.99, but its items cost 3.00",
        );
    }

    #[test]
    fn the_largest_sums_are_no_trouble() {
        let item = format!(r#"{{"sku":"gold","quantity":1000,"unit_price_cents":{}}}"#, u32::MAX);
        let items = vec![item; 1_000].join(",");
        let order: Order = serde_json::from_str(&format!(r#"{{"id":"A-1","items":[{items}]}}"#)).unwrap();
        order.check().unwrap();
        assert_eq!(order.to_string(), "A-1: 1000 items, 42949672950000.00");
    }
}
