//! The standard normal distribution.

/// The standard normal deviate below which 99 % lie.
pub(super) const Z_99: f64 = 2.326_347_874_040_841;

/// The standard normal deviate below which the part `p` lies, for `p` between 0 and 1: the inverse of the cumulative
/// distribution function.
///
/// Peter Acklam's rational approximations, with a relative error below 1.15e-9: one for the middle, one for both tails.
pub(super) fn quantile(p: f64) -> f64 {
    const TAIL: f64 = 0.024_25;
    if p < TAIL {
        tail(p)
    } else if p > 1.0 - TAIL {
        -tail(1.0 - p)
    } else {
        middle(p)
    }
}

fn middle(p: f64) -> f64 {
    const NUMERATOR: [f64; 6] = [
        -3.969_683_028_665_376e1,
        2.209_460_984_245_205e2,
        -2.759_285_104_469_687e2,
        1.383_577_518_672_69e2,
        -3.066_479_806_614_716e1,
        2.506_628_277_459_239,
    ];
    const DENOMINATOR: [f64; 6] = [
        -5.447_609_879_822_406e1,
        1.615_858_368_580_409e2,
        -1.556_989_798_598_866e2,
        6.680_131_188_771_972e1,
        -1.328_068_155_288_572e1,
        1.0,
    ];
    let q = p - 0.5;
    q * polynomial(&NUMERATOR, q * q) / polynomial(&DENOMINATOR, q * q)
}

fn tail(p: f64) -> f64 {
    const NUMERATOR: [f64; 6] = [
        -7.784_894_002_430_293e-3,
        -3.223_964_580_411_365e-1,
        -2.400_758_277_161_838,
        -2.549_732_539_343_734,
        4.374_664_141_464_968,
        2.938_163_982_698_783,
    ];
    const DENOMINATOR: [f64; 5] = [
        7.784_695_709_041_462e-3,
        3.224_671_290_700_398e-1,
        2.445_134_137_142_996,
        3.754_408_661_907_416,
        1.0,
    ];
    let q = (-2.0 * p.ln()).sqrt();
    polynomial(&NUMERATOR, q) / polynomial(&DENOMINATOR, q)
}

/// Horner's scheme; the coefficient of the highest power first.
fn polynomial(coefficients: &[f64], x: f64) -> f64 {
    coefficients.iter().fold(0.0, |sum, coefficient| sum * x + coefficient)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_quantiles() {
        let table = [
            (0.5, 0.0),
            (0.75, 0.674_489_750_196_082),
            (0.841_344_746_068_543, 1.0),
            (0.975, 1.959_963_984_540_054),
            (0.977, 1.995_393_310_167_824),
            (0.99, Z_99),
            (0.999, 3.090_232_306_167_813),
            (0.999_999, 4.753_424_308_817_089),
        ];
        for (p, z) in table {
            assert!((quantile(p) - z).abs() < 1e-6, "{p}: {} is not {z}", quantile(p));
            assert!((quantile(1.0 - p) + z).abs() < 1e-6, "{p}, mirrored");
        }
    }

    #[test]
    fn it_only_grows() {
        let deviates: Vec<_> = (1..100_000).map(|part| quantile(f64::from(part) / 100_000.0)).collect();
        assert!(deviates.is_sorted());
    }
}
