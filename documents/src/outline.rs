//! Letters as outlines: for seals and watermarks, whose words must be seen but never enter the page's text.

use std::fmt::Write;

use ttf_parser::{Face, OutlineBuilder};

use crate::fonts::Fonts;

/// A letter ready to be drawn. Units: the em is 1, y points down, the em box's centre is the origin.
pub(crate) struct Letter {
    font: typst::text::Font,
    glyph: ttf_parser::GlyphId,
    /// Advance width in em; 1 for Chinese letters.
    pub width: f64,
}

/// Where a letter goes: scaled to `size` (x further by `narrow`), turned by `angle` (radians, clockwise), moved.
#[derive(Clone, Copy)]
pub(crate) struct Place {
    pub x: f64,
    pub y: f64,
    pub size: f64,
    pub narrow: f64,
    pub angle: f64,
}

/// Finds each character's letter; a character no font has becomes 〓, and is left out if even that is missing.
pub(crate) fn letters(fonts: &Fonts, text: &str) -> Vec<Letter> {
    text.chars()
        .filter(|c| !c.is_control())
        .filter_map(|c| letter(fonts, c).or_else(|| letter(fonts, '〓')))
        .collect()
}

fn letter(fonts: &Fonts, c: char) -> Option<Letter> {
    let font = fonts.for_seal(c)?;
    let face = Face::parse(font.data(), font.index()).ok()?;
    let glyph = face.glyph_index(c)?;
    let width = f64::from(face.glyph_hor_advance(glyph)?) / f64::from(face.units_per_em());
    Some(Letter { font, glyph, width })
}

impl Letter {
    /// Appends the outline to an SVG path. Numbers are rounded to whole units of the drawing.
    pub fn draw(&self, place: Place, path: &mut String) {
        let Ok(face) = Face::parse(self.font.data(), self.font.index()) else { return };
        let em = f64::from(face.units_per_em());
        // The em box of Chinese fonts reaches from 0.88 above to 0.12 below the baseline.
        let centre = (self.width * em / 2.0, 0.38 * em);
        let mut pen = Pen { place, scale: place.size / em, centre, path };
        face.outline_glyph(self.glyph, &mut pen);
    }
}

struct Pen<'a> {
    place: Place,
    scale: f64,
    centre: (f64, f64),
    path: &'a mut String,
}

impl Pen<'_> {
    fn point(&self, x: f32, y: f32) -> (f64, f64) {
        let x = (f64::from(x) - self.centre.0) * self.scale * self.place.narrow;
        let y = (self.centre.1 - f64::from(y)) * self.scale;
        let (sin, cos) = self.place.angle.sin_cos();
        (self.place.x + x * cos - y * sin, self.place.y + x * sin + y * cos)
    }

    fn write(&mut self, command: char, points: &[(f32, f32)]) {
        self.path.push(command);
        for (index, (x, y)) in points.iter().enumerate() {
            let (x, y) = self.point(*x, *y);
            let gap = if index == 0 { "" } else { " " };
            // Writing to a String cannot fail.
            let _ = write!(self.path, "{gap}{x:.0} {y:.0}");
        }
    }
}

impl OutlineBuilder for Pen<'_> {
    fn move_to(&mut self, x: f32, y: f32) {
        self.write('M', &[(x, y)]);
    }

    fn line_to(&mut self, x: f32, y: f32) {
        self.write('L', &[(x, y)]);
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        self.write('Q', &[(x1, y1), (x, y)]);
    }

    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        self.write('C', &[(x1, y1), (x2, y2), (x, y)]);
    }

    fn close(&mut self) {
        self.path.push('Z');
    }
}
