//! The check characters of the standards, each as the standard writes it.

/// GB 11643 (ISO 7064 MOD 11-2): the 18th character for 17 digits.
pub(super) fn resident_id(digits: &[u8]) -> u8 {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 =
        digits.iter().zip(WEIGHTS).map(|(digit, weight)| u32::from(digit.wrapping_sub(b'0')) * weight).sum();
    b"10X98765432"[sum as usize % 11]
}

/// The 31 characters of GB 32100: no I, O, S, V, Z.
const CREDIT_ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";

/// Whether GB 32100 knows the character.
pub(super) fn is_credit_character(byte: u8) -> bool {
    CREDIT_ALPHABET.contains(&byte)
}

/// GB 32100: the 18th character for 17 characters of its alphabet.
pub(super) fn credit_code(body: &[u8]) -> u8 {
    let mut weight = 1;
    let mut sum = 0;
    for byte in body {
        sum += weight * CREDIT_ALPHABET.iter().position(|c| c == byte).unwrap_or(0);
        weight = weight * 3 % 31;
    }
    CREDIT_ALPHABET[(31 - sum % 31) % 31]
}

/// ISO 7064 MOD 37,36: the check character for digits and capital letters.
pub(super) fn mod_37_36(body: impl Iterator<Item = u8>) -> u8 {
    let mut product = 36;
    for byte in body {
        let value = match byte {
            b'0'..=b'9' => byte - b'0',
            _ => byte.wrapping_sub(b'A').wrapping_add(10) % 36,
        };
        product = (product + usize::from(value)) % 36;
        if product == 0 {
            product = 36;
        }
        product = product * 2 % 37;
    }
    b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[(37 - product) % 36]
}
