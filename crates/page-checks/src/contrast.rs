//! Whether colours that meet can be told apart (WCAG 2.2, 1.4.3 and 1.4.11), in the light scheme and in the dark one.

use std::collections::HashMap;

/// Every pair of colours, by the names of the stylesheet, has the contrast that it needs in both schemes.
pub fn keeps_contrast(stylesheet: &str, pairs: &[(&str, &str, f64)]) {
    for dark in [false, true] {
        let palette = palette(stylesheet, dark);
        for (front, back, least) in pairs {
            let ratio = contrast(palette[front], palette[back]);
            assert!(ratio >= *least, "{front} on {back}, dark: {dark}: {ratio:.2} is below {least}");
        }
    }
}

/// The colours of a scheme by name; dark ones replace those of the light scheme.
fn palette(stylesheet: &str, dark: bool) -> HashMap<&str, [f64; 3]> {
    let (light, rest) = stylesheet.split_once("@media").unwrap();
    let (dark_block, _) = rest.split_once("\n}\n").unwrap();
    let lines = light.lines().chain(dark_block.lines().filter(|_| dark));
    lines
        .filter_map(|line| line.trim().strip_prefix("--")?.split_once(": #"))
        .map(|(name, hex)| (name, channels(hex)))
        .collect()
}

fn channels(hex: &str) -> [f64; 3] {
    let value = u32::from_str_radix(hex.trim_end_matches(';'), 16).unwrap();
    let [_, red, green, blue] = value.to_be_bytes();
    [red, green, blue].map(|channel| {
        let share = f64::from(channel) / 255.0;
        if share <= 0.04045 { share / 12.92 } else { ((share + 0.055) / 1.055).powf(2.4) }
    })
}

/// WCAG 2.2, "contrast ratio".
fn contrast(one: [f64; 3], other: [f64; 3]) -> f64 {
    let luminance = |[red, green, blue]: [f64; 3]| 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}
