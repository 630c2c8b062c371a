//! Addresses that are derived when a program is compiled: constants that follow the program's id.

use crate::Address;

/// The address that `Address::find_program_address` finds.
pub const fn find<const N: usize>(seeds: &[&[u8]; N], program: &Address) -> Address {
    let mut bump = u8::MAX;
    loop {
        let address = Address::derive_address_const(seeds, Some(bump), program);
        if !is_on_curve(address.as_array()) {
            return address;
        }
        bump -= 1;
    }
}

/// A number modulo 2^255 - 19 in 64-bit words, lowest first. Several stand for one residue.
type Field = [u64; 4];

const ONE: Field = [1, 0, 0, 0];
const MINUS_ONE: Field = [u64::MAX - 19, u64::MAX, u64::MAX, u64::MAX >> 1];
/// Parameter of the curve `y^2 - x^2 = 1 + d x^2 y^2`.
const D: Field = [0x75eb_4dca_1359_78a3, 0x0070_0a4d_4141_d8ab, 0x8cc7_4079_7779_e898, 0x5203_6cee_2b6f_fe73];

/// Whether 32 bytes are a point of Ed25519's curve: whether `x^2 = (y^2 - 1) / (d y^2 + 1)` has a solution.
const fn is_on_curve(bytes: &[u8; 32]) -> bool {
    let mut y = [0; 4];
    let mut at = 0;
    while at < 32 {
        y[at / 8] |= (bytes[at] as u64) << (8 * (at % 8));
        at += 1;
    }
    // The highest bit is the sign of x.
    y[3] &= u64::MAX >> 1;
    let square = mul(y, y);
    // A quotient is a square where the product is one.
    is_square(mul(add(square, MINUS_ONE), add(mul(D, square), ONE)))
}

/// Euler's criterion: to the power of 2^254 - 10, which is half of what precedes the modulus.
const fn is_square(value: Field) -> bool {
    let mut power = value;
    let mut bit = 253;
    while bit > 0 {
        bit -= 1;
        power = mul(power, power);
        if bit != 0 && bit != 3 {
            power = mul(power, value);
        }
    }
    let least = reduce(power);
    least[1] | least[2] | least[3] == 0 && least[0] <= 1
}

const fn add(a: Field, b: Field) -> Field {
    let mut sum = [0; 4];
    let (mut carry, mut at) = (0, 0);
    while at < 4 {
        let word = a[at] as u128 + b[at] as u128 + carry;
        sum[at] = word as u64;
        carry = word >> 64;
        at += 1;
    }
    fold(sum, carry)
}

const fn mul(a: Field, b: Field) -> Field {
    let mut wide = [0u64; 8];
    let mut row = 0;
    while row < 4 {
        let (mut carry, mut at) = (0, 0);
        while at < 4 {
            let word = a[row] as u128 * b[at] as u128 + wide[row + at] as u128 + carry;
            wide[row + at] = word as u64;
            carry = word >> 64;
            at += 1;
        }
        wide[row + 4] = carry as u64;
        row += 1;
    }
    let mut product = [0; 4];
    let (mut carry, mut at) = (0, 0);
    while at < 4 {
        let word = wide[at + 4] as u128 * 38 + wide[at] as u128 + carry;
        product[at] = word as u64;
        carry = word >> 64;
        at += 1;
    }
    fold(product, carry)
}

/// Adds what is above 2^256, which is 38.
const fn fold(mut low: Field, mut high: u128) -> Field {
    while high > 0 {
        let (mut carry, mut at) = (high * 38, 0);
        while at < 4 {
            let word = low[at] as u128 + carry;
            low[at] = word as u64;
            carry = word >> 64;
            at += 1;
        }
        high = carry;
    }
    low
}

/// The least number of a residue.
const fn reduce(value: Field) -> Field {
    // 2^255 is 19. Then it is below 2^255 + 19, and the modulus is taken off once more, if it is 2^255 - 19 at least.
    let low = [value[0], value[1], value[2], value[3] & u64::MAX >> 1];
    let once = add(low, [19 * (value[3] >> 63), 0, 0, 0]);
    let more = add(once, [19, 0, 0, 0]);
    if more[3] >> 63 == 0 { once } else { [more[0], more[1], more[2], more[3] & u64::MAX >> 1] }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_finds_what_the_runtime_finds() {
        let mut bumps = [false; 256];
        for number in 0..500u64 {
            let (id, seed) = (Address::new_from_array([number as u8; 32]), number.to_le_bytes());
            let (address, bump) = Address::find_program_address(&[b"seed", &seed], &id);
            assert_eq!(find(&[b"seed", &seed], &id), address, "{number}");
            bumps[bump as usize] = true;
        }
        assert!(bumps[250..].iter().all(|seen| *seen), "several bumps were tried");
    }

    #[test]
    fn bytes_at_the_edges_are_judged_as_by_the_runtime() {
        let mut known = [[0; 32], [0xff; 32]].to_vec();
        for low in 0..=255 {
            let mut bytes = [0xff; 32];
            (bytes[0], bytes[31]) = (low, 0x7f);
            known.push(bytes);
            let mut bytes = [0; 32];
            (bytes[0], bytes[31]) = (low, 0x80);
            known.push(bytes);
        }
        for bytes in known {
            assert_eq!(is_on_curve(&bytes), Address::new_from_array(bytes).is_on_curve(), "{bytes:?}");
        }
    }

    #[test]
    fn a_residue_has_one_least_number() {
        for (value, least) in [
            (MINUS_ONE, MINUS_ONE),
            ([u64::MAX - 18, u64::MAX, u64::MAX, u64::MAX >> 1], [0; 4]),
            ([u64::MAX - 17, u64::MAX, u64::MAX, u64::MAX >> 1], ONE),
            ([u64::MAX; 4], [37, 0, 0, 0]),
            ([0, 0, 0, 1 << 63], [19, 0, 0, 0]),
        ] {
            assert_eq!(reduce(value), least);
        }
    }
}
