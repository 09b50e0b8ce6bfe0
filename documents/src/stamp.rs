//! Pictures made of outlines: the round red seal and the diagonal watermark. Lengths are in hundredths of a
//! millimetre.

use std::f64::consts::{PI, TAU};
use std::fmt::Write;

use crate::fonts::Fonts;
use crate::outline::{Letter, Place, letters};
use crate::sheet::Seal;

const RED: &str = "#d60b1f";
const GREY: &str = "#ececec";

/// Outer diameter of a seal: 42 mm, the usual measure for organs of cities and counties.
const DIAMETER: f64 = 4200.0;
const RING: f64 = 110.0;

/// 印章 as SVG: ring, star, the organ on the arc, the caption under the star.
pub(crate) fn seal(fonts: &Fonts, seal: &Seal) -> String {
    let mut path = String::with_capacity(32 * 1024);
    star(600.0, &mut path);
    arc(&letters(fonts, &seal.organ), &mut path);
    straight(&letters(fonts, &seal.caption), &mut path);
    let half = DIAMETER / 2.0;
    format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="-{half} -{half} {DIAMETER} {DIAMETER}" width="42mm" height="42mm"><circle r="{r}" fill="none" stroke="{RED}" stroke-width="{RING}"/><path fill="{RED}" d="{path}"/></svg>"#,
        r = half - RING / 2.0,
    )
}

/// The organ's name on the arc over the star: tall letters, narrower the more there are, at most 300 degrees.
fn arc(letters: &[Letter], path: &mut String) {
    let count = letters.iter().map(|letter| letter.width).sum::<f64>();
    if count == 0.0 {
        return;
    }
    let size = if count <= 20.0 { 560.0 } else { (560.0 * (20.0 / count).sqrt()).max(330.0) };
    let radius = DIAMETER / 2.0 - RING - 90.0 - size / 2.0;
    // Few letters stand apart, many share the arc.
    let step = (1.25 * size / radius).min(25.0 * PI / 180.0 * 1.15).min(300.0_f64.to_radians() / count);
    let narrow = (step * (radius - size * 0.28) / size * 0.95).min(0.82);
    let mut angle = -step * count / 2.0;
    for letter in letters {
        let middle = angle + step * letter.width / 2.0;
        let (sin, cos) = middle.sin_cos();
        letter.draw(Place { x: radius * sin, y: -radius * cos, size, narrow, angle: middle }, path);
        angle += step * letter.width;
    }
}

/// The caption under the star, narrowed to the width of the circle there.
fn straight(letters: &[Letter], path: &mut String) {
    let count = letters.iter().map(|letter| letter.width).sum::<f64>();
    if count == 0.0 {
        return;
    }
    let y = 1080.0;
    let room = 2400.0;
    let size = 430.0_f64.min(room / count / 0.6).max(200.0);
    let narrow = (room / count / size).min(0.9);
    let mut x = -count * size * narrow / 2.0;
    for letter in letters {
        let advance = letter.width * size * narrow;
        letter.draw(Place { x: x + advance / 2.0, y, size, narrow, angle: 0.0 }, path);
        x += advance;
    }
}

/// A five-pointed star around the origin.
fn star(radius: f64, path: &mut String) {
    // The ratio of the inner to the outer corners of a regular pentagram.
    let inner = radius * (PI / 10.0).sin() / (7.0 * PI / 10.0).sin();
    for corner in 0..10 {
        let reach = if corner % 2 == 0 { radius } else { inner };
        let (sin, cos) = (f64::from(corner) * TAU / 10.0).sin_cos();
        let command = if corner == 0 { 'M' } else { 'L' };
        // Writing to a String cannot fail.
        let _ = write!(path, "{command}{:.0} {:.0}", reach * sin, -reach * cos);
    }
    path.push('Z');
}

/// 水印 as SVG over a whole page of the given size in millimetres: the words three times along the diagonal.
pub(crate) fn watermark(fonts: &Fonts, words: &str, width_mm: f64, height_mm: f64) -> String {
    let (width, height) = (width_mm * 100.0, height_mm * 100.0);
    let letters = letters(fonts, words);
    let count = letters.iter().map(|letter| letter.width).sum::<f64>().max(1.0);
    let angle: f64 = -0.6;
    let size = (width.min(height) * 0.75 / count).min(2400.0);
    let mut path = String::with_capacity(32 * 1024);
    for row in [0.2, 0.5, 0.8] {
        let mut along = -count * size / 2.0;
        for letter in &letters {
            let middle = along + letter.width * size / 2.0;
            let (x, y) = (width / 2.0 + middle * angle.cos(), height * row + middle * angle.sin());
            letter.draw(Place { x, y, size: size * 0.9, narrow: 1.0, angle }, &mut path);
            along += letter.width * size;
        }
    }
    format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width_mm}mm" height="{height_mm}mm"><path fill="{GREY}" d="{path}"/></svg>"#
    )
}
