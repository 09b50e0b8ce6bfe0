//! QR codes as SVG, in one path.

use qrcode::render::svg;
use qrcode::{EcLevel, QrCode};

/// Encodes an address; error correction M, or L when it is too long for that. None when even L has no room
/// (2,953 bytes).
pub fn svg(text: &str) -> Option<String> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M)
        .or_else(|_| QrCode::with_error_correction_level(text, EcLevel::L))
        .ok()?;
    Some(code.render::<svg::Color<'_>>().quiet_zone(true).module_dimensions(4, 4).build())
}
