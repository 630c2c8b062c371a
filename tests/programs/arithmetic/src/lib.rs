//! Operations for which a linker has to help sBPF, on operands that come as bytes. [`run`] is the same code natively and
//! in the virtual machine; the linker's test compares the two.

use core::{fmt::Write, hint::black_box, num::Wrapping, sync::atomic::*};

#[cfg(target_os = "solana")]
mod entry {
    use pinocchio::{AccountView, Address, ProgramResult, error::ProgramError};

    fn process(_program: &Address, _accounts: &mut [AccountView], data: &[u8]) -> ProgramResult {
        let mut output = crate::Output::default();
        crate::run(data, &mut output).ok_or(ProgramError::InvalidInstructionData)?;
        let bytes = output.bytes();
        // SAFETY: the pointer and the length are those of a slice.
        unsafe { pinocchio::syscalls::sol_set_return_data(bytes.as_ptr(), bytes.len() as u64) };
        Ok(())
    }

    pinocchio::program_entrypoint!(process, 4);
    pinocchio::default_allocator!();
    pinocchio::default_panic_handler!();
}

/// Most bytes that a program returns.
pub const OUTPUT: usize = 1024;

/// What a run returns.
pub struct Output {
    bytes: [u8; OUTPUT],
    length: usize,
}

impl Default for Output {
    fn default() -> Self {
        Self { bytes: [0; OUTPUT], length: 0 }
    }
}

impl Output {
    /// The bytes so far.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes[..self.length]
    }

    fn put(&mut self, bytes: &[u8]) {
        self.bytes[self.length..][..bytes.len()].copy_from_slice(bytes);
        self.length += bytes.len();
    }

    fn u64(&mut self, value: u64) {
        self.put(&value.to_le_bytes());
    }

    fn u128(&mut self, value: u128) {
        self.put(&value.to_le_bytes());
    }

    fn flag(&mut self, value: bool) {
        self.put(&[u8::from(value)]);
    }

    /// A number that is not one has many forms, of which hardware and software need not choose the same.
    fn f64(&mut self, value: f64) {
        self.u64(if value.is_nan() { u64::MAX } else { value.to_bits() });
    }
}

impl Write for Output {
    fn write_str(&mut self, text: &str) -> core::fmt::Result {
        self.put(text.as_bytes());
        Ok(())
    }
}

/// Operations, by their first byte of input.
pub const OPERATIONS: &[fn(&[u8; 32], &mut Output)] = &[
    product_64,
    division_64,
    bits_64,
    product_128,
    checked_product_128,
    division_128,
    signed_division_128,
    shifts_128,
    formatting_128,
    float_arithmetic,
    float_comparison,
    float_conversion,
    rent,
    many_arguments,
    atomics,
    sorting,
    copies,
    fixed_copies,
    comparisons,
];

/// Runs the operation that the first byte names on each 32 bytes that follow.
pub fn run(input: &[u8], output: &mut Output) -> Option<()> {
    let (&operation, cases) = input.split_first()?;
    let operation = OPERATIONS.get(usize::from(operation))?;
    for case in cases.chunks_exact(32) {
        operation(case.try_into().ok()?, output);
    }
    Some(())
}

fn words(case: &[u8; 32]) -> [u64; 4] {
    core::array::from_fn(|index| u64::from_le_bytes(case[index * 8..][..8].try_into().unwrap_or_default()))
}

fn wide(case: &[u8; 32]) -> (u128, u128) {
    let [a, b, c, d] = words(case).map(u128::from);
    (b << 64 | a, d << 64 | c)
}

fn doubles(case: &[u8; 32]) -> (f64, f64) {
    let [a, b, ..] = words(case);
    (f64::from_bits(a), f64::from_bits(b))
}

#[inline(never)]
fn product_64(case: &[u8; 32], out: &mut Output) {
    let [a, b, ..] = words(case);
    out.u64(a.wrapping_mul(b));
    out.u64(a.checked_mul(b).unwrap_or(7));
    out.flag(a.checked_mul(b).is_some());
    out.u64((a as i64).checked_mul(b as i64).unwrap_or(7) as u64);
    out.flag((a as i64).checked_mul(b as i64).is_some());
    out.u64((a as i64).saturating_mul(b as i64) as u64);
    out.flag((a as u32).checked_mul(b as u32).is_some());
    out.flag((a as i32).checked_mul(b as i32).is_some());
    out.flag(a.checked_mul(1_000_000).is_some());
    out.u128(u128::from(a) * u128::from(b));
    out.u64(((u128::from(a) * u128::from(b)) >> 64) as u64);
}

#[inline(never)]
fn division_64(case: &[u8; 32], out: &mut Output) {
    let [a, b, ..] = words(case);
    out.u64(a.checked_div(b).unwrap_or(7));
    out.u64(a.checked_rem(b).unwrap_or(7));
    let (x, y) = (a as i64, b as i64);
    out.u64(x.checked_div(y).unwrap_or(7) as u64);
    out.u64(x.checked_rem(y).unwrap_or(7) as u64);
    out.u64(x.checked_div_euclid(y).unwrap_or(7) as u64);
    out.u64((x / -10) as u64);
    out.u64((x % 1000) as u64);
    out.u64((x as i32).checked_div(y as i32).unwrap_or(7) as u64);
    out.u64((x as i16).checked_rem(y as i16).unwrap_or(7) as u64);
    out.u64((x as i8).checked_div(y as i8).unwrap_or(7) as u64);
}

#[inline(never)]
fn bits_64(case: &[u8; 32], out: &mut Output) {
    let [a, b, ..] = words(case);
    let by = (b % 64) as u32;
    out.u64(a << by);
    out.u64(a >> by);
    out.u64((a as i64 >> by) as u64);
    out.u64(a.rotate_left(by));
    out.u64(a.swap_bytes());
    out.u64(a.reverse_bits());
    out.put(&[a.leading_zeros() as u8, a.trailing_zeros() as u8, a.count_ones() as u8]);
    out.u64(a.saturating_add(b));
    out.u64(a.saturating_sub(b));
    out.u64((a as i64).saturating_sub(b as i64) as u64);
    out.u64(a.abs_diff(b));
    out.flag(a.checked_add(b).is_some());
    out.flag((a as i64).checked_add(b as i64).is_some());
    out.u64(a.isqrt());
}

#[inline(never)]
fn product_128(case: &[u8; 32], out: &mut Output) {
    let (a, b) = wide(case);
    out.u128(a.wrapping_mul(b));
    out.u128((a as i128).wrapping_mul(b as i128) as u128);
    out.u128(a.wrapping_mul(u128::from(b as u64)));
    out.u128((Wrapping(a) + Wrapping(b)).0);
    out.u128(a.wrapping_sub(b));
    out.u128(a.wrapping_mul(0x1_0000_0000_0000_0001));
}

#[inline(never)]
fn checked_product_128(case: &[u8; 32], out: &mut Output) {
    let (a, b) = wide(case);
    out.u128(a.checked_mul(b).unwrap_or(7));
    out.flag(a.checked_mul(b).is_some());
    out.u128(a.checked_mul(u128::from(b as u64)).unwrap_or(7));
    out.flag(a.checked_mul(u128::from(b as u64)).is_some());
    out.flag(u128::from(a as u64).checked_mul(b).is_some());
    out.flag(a.checked_mul(1_000_000_007).is_some());
    out.u128((a as i128).checked_mul(b as i128).unwrap_or(7) as u128);
    out.flag((a as i128).checked_mul(b as i128).is_some());
    out.flag(a.checked_add(b).is_some());
    out.flag((a as i128).checked_sub(b as i128).is_some());
}

#[inline(never)]
fn division_128(case: &[u8; 32], out: &mut Output) {
    let (a, b) = wide(case);
    out.u128(a.checked_div(b).unwrap_or(7));
    out.u128(a.checked_rem(b).unwrap_or(7));
    out.u128(a.checked_div(u128::from(b as u64)).unwrap_or(7));
    out.u128(a / 1_000_000_000);
    out.u128(a % 1_000_000_000_000_000_000_000);
    // A share of an amount, as programs compute it.
    let product = u128::from(a as u64) * u128::from(b as u64);
    out.u128(product.checked_div(u128::from((a >> 64) as u64)).unwrap_or(7));
}

#[inline(never)]
fn signed_division_128(case: &[u8; 32], out: &mut Output) {
    let (a, b) = wide(case);
    let (a, b) = (a as i128, b as i128);
    out.u128(a.checked_div(b).unwrap_or(7) as u128);
    out.u128(a.checked_rem(b).unwrap_or(7) as u128);
    out.u128((a / -1000) as u128);
    out.u128((a % 10_000) as u128);
}

#[inline(never)]
fn shifts_128(case: &[u8; 32], out: &mut Output) {
    let (a, b) = wide(case);
    let by = (b % 128) as u32;
    out.u128(a << by);
    out.u128(a >> by);
    out.u128((a as i128 >> by) as u128);
    out.u128(a.rotate_right(by));
    out.put(&[a.leading_zeros() as u8, a.trailing_zeros() as u8, a.count_ones() as u8]);
    out.put(&[a.cmp(&b) as u8, (a as i128).cmp(&(b as i128)) as u8]);
}

#[inline(never)]
fn formatting_128(case: &[u8; 32], out: &mut Output) {
    let (a, b) = wide(case);
    // Nothing to report: the sink takes everything.
    let _ = write!(out, "{a} {} {:#x} {:?}|", b as i128, a as u64, b as i64);
}

#[inline(never)]
fn float_arithmetic(case: &[u8; 32], out: &mut Output) {
    let (a, b) = doubles(case);
    out.f64(a + b);
    out.f64(a - b);
    out.f64(a * b);
    out.f64(a / b);
    out.f64(-a);
    out.f64(a.abs());
    out.f64(a * 2.0 + 1.0);
}

#[inline(never)]
#[expect(
    clippy::double_comparisons,
    clippy::neg_cmp_op_on_partial_ord,
    reason = "they differ for what is not a number"
)]
fn float_comparison(case: &[u8; 32], out: &mut Output) {
    let (a, b) = doubles(case);
    for value in [a < b, a <= b, a > b, a >= b, a == b, a != b] {
        out.flag(value);
    }
    for value in [!(a < b), !(a <= b), !(a > b), !(a >= b), a < b || a > b, !(a < b || a > b)] {
        out.flag(value);
    }
    out.flag(a.is_nan() || b.is_nan());
    out.put(&[a.partial_cmp(&b).map_or(9, |order| order as u8), a.total_cmp(&b) as u8]);
}

#[inline(never)]
fn float_conversion(case: &[u8; 32], out: &mut Output) {
    let [a, b, ..] = words(case);
    let x = f64::from_bits(a);
    out.u64(x as u64);
    out.u64(x as i64 as u64);
    out.u64(u64::from(x as u32));
    out.u64(x as i32 as u64);
    out.put(&[x as u8, x as i8 as u8]);
    out.u128(x as u128);
    out.u128(x as i128 as u128);
    out.f64(a as f64);
    out.f64(a as i64 as f64);
    out.f64(f64::from(a as u32));
    out.f64(f64::from(a as i16));
    out.f64((u128::from(a) << 64 | u128::from(b)) as f64);
    out.f64((u128::from(a) << 64 | u128::from(b)) as i128 as f64);
}

/// As the `Rent` sysvar computes it.
#[inline(never)]
fn rent(case: &[u8; 32], out: &mut Output) {
    let [a, b, ..] = words(case);
    let per_year = (a % 10_485_760 + 128) * 3480;
    out.u64((per_year as f64 * 2.0) as u64);
    out.u64((per_year as f64 * (b % 1000) as f64 / 3.0) as u64);
}

#[inline(never)]
#[expect(clippy::too_many_arguments, reason = "more than registers carry")]
fn nine(a: u64, b: u128, c: u8, d: u128, e: u64, f: &u64, g: i128, h: u32, i: u64) -> u128 {
    let narrow = a ^ u64::from(c) ^ e.rotate_left(3) ^ f.rotate_left(5) ^ u64::from(h) ^ i.rotate_left(7);
    b.wrapping_sub(d).wrapping_mul(3) ^ (g as u128).rotate_left(11) ^ u128::from(narrow)
}

#[inline(never)]
fn six(a: u64, b: u64, c: u64, d: u64, e: u64, f: u64) -> u64 {
    a.wrapping_sub(b).wrapping_mul(c | 1) ^ d.wrapping_sub(e.rotate_left(9)) ^ f
}

#[inline(never)]
fn seven_wide(a: u128, b: u128, c: u128, d: u64) -> u128 {
    a.wrapping_mul(b).wrapping_sub(c) ^ u128::from(d)
}

trait Shape {
    fn measure(&self, a: u128, b: u64, c: u128, d: u64) -> u128;
}

struct Square(u64);
struct Circle(u128);

impl Shape for Square {
    fn measure(&self, a: u128, b: u64, c: u128, d: u64) -> u128 {
        a ^ c.wrapping_add(u128::from(self.0 ^ b ^ d.rotate_left(1)))
    }
}

impl Shape for Circle {
    fn measure(&self, a: u128, b: u64, c: u128, d: u64) -> u128 {
        a.wrapping_sub(c) ^ self.0 ^ u128::from(b.wrapping_sub(d))
    }
}

#[inline(never)]
fn many_arguments(case: &[u8; 32], out: &mut Output) {
    let [a, b, c, d] = words(case);
    let (x, y) = wide(case);
    out.u128(nine(a, x, b as u8, y, c, &d, x as i128, a as u32, b));
    out.u64(six(a, b, c, d, a ^ c, b ^ d));
    out.u128(seven_wide(x, y, x ^ y, d));
    // By a pointer, and by one of two in a table.
    let function = black_box(six as fn(u64, u64, u64, u64, u64, u64) -> u64);
    out.u64(function(d, c, b, a, a, b));
    let (square, circle) = (Square(a), Circle(y));
    let shapes: [&dyn Shape; 2] = black_box([&square, &circle]);
    for shape in shapes {
        out.u128(shape.measure(x, b, y, d));
    }
}

#[inline(never)]
fn atomics(case: &[u8; 32], out: &mut Output) {
    let [a, b, c, d] = words(case);
    let cell = black_box(AtomicU64::new(a));
    out.u64(cell.fetch_add(b, Ordering::SeqCst));
    out.u64(cell.fetch_max(c, Ordering::AcqRel));
    out.u64(cell.swap(d, Ordering::Relaxed));
    out.flag(cell.compare_exchange(d, a, Ordering::SeqCst, Ordering::Relaxed).is_ok());
    out.u64(cell.fetch_xor(b, Ordering::Release));
    out.u64(cell.load(Ordering::Acquire));
    let byte = black_box(AtomicU8::new(a as u8));
    out.put(&[byte.fetch_sub(b as u8, Ordering::SeqCst), byte.fetch_nand(c as u8, Ordering::SeqCst)]);
    out.put(&[byte.load(Ordering::SeqCst)]);
    let flag = black_box(AtomicBool::new(a & 1 == 0));
    out.flag(flag.fetch_or(b & 1 == 0, Ordering::SeqCst));
    out.flag(flag.into_inner());
}

#[inline(never)]
fn sorting(case: &[u8; 32], out: &mut Output) {
    let mut bytes = *case;
    bytes[..16].sort_unstable();
    bytes[16..].sort_unstable_by(|a, b| b.cmp(a));
    out.put(&bytes);
    let mut values = words(case);
    values.sort_unstable();
    out.u64(values[0]);
    out.flag(case.binary_search(&7).is_ok());
    out.u64(values.partition_point(|&value| value < u64::MAX / 2) as u64);
}

/// Bytes of memory that the operations below work on.
const AREA: usize = 1100;

/// Lengths about where written-out copies become calls and calls become syscalls, and others.
const LENGTHS: [usize; 14] = [0, 1, 7, 8, 31, 33, 40, 41, 63, 64, 65, 81, 200, 1000];

fn filled(seed: u64) -> [u8; AREA] {
    let mut area = [0; AREA];
    let mut state = seed | 1;
    for byte in &mut area {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        *byte = (state >> 56) as u8;
    }
    area
}

fn checksum(bytes: &[u8]) -> u64 {
    bytes.iter().fold(14_695_981_039_346_656_037, |sum, &byte| (sum ^ u64::from(byte)).wrapping_mul(1_099_511_628_211))
}

/// Lengths that the compiler does not know.
#[inline(never)]
fn copies(case: &[u8; 32], out: &mut Output) {
    let [seed, from, to, length] = words(case);
    let mut area = filled(seed);
    let length = LENGTHS[length as usize % LENGTHS.len()];
    let (from, to) = (from as usize % (AREA - length + 1), to as usize % (AREA - length + 1));
    // Ranges that may overlap, either way round.
    area.copy_within(from..from + length, to);
    out.u64(checksum(&area));
    area[to..to + length].fill(seed as u8);
    out.u64(checksum(&area));
    let half = length / 2;
    let (left, right) = area.split_at_mut(AREA / 2);
    left[..half].copy_from_slice(&right[..half]);
    out.u64(checksum(&area));
}

#[inline(never)]
fn fixed<const N: usize>(area: &mut [u8; AREA], from: usize, to: usize, out: &mut Output) {
    let (from, to) = (from % (AREA - N + 1), to % (AREA - N + 1));
    let mut taken = [0; N];
    taken.copy_from_slice(&area[from..from + N]);
    let taken = black_box(taken);
    area[to..to + N].copy_from_slice(&taken);
    area.copy_within(0..N, 3);
    out.u64(checksum(area));
    out.flag(area[..N] == taken);
    area[to..to + N].copy_from_slice(&[0xa5; N]);
    out.u64(checksum(area));
}

/// Lengths that the compiler knows.
#[inline(never)]
fn fixed_copies(case: &[u8; 32], out: &mut Output) {
    let [seed, from, to, _] = words(case);
    let (from, to) = (from as usize, to as usize);
    let mut area = filled(seed);
    fixed::<0>(&mut area, from, to, out);
    fixed::<1>(&mut area, from, to, out);
    fixed::<7>(&mut area, from, to, out);
    fixed::<8>(&mut area, from, to, out);
    fixed::<63>(&mut area, from, to, out);
    fixed::<64>(&mut area, from, to, out);
    fixed::<65>(&mut area, from, to, out);
    fixed::<200>(&mut area, from, to, out);
    fixed::<1000>(&mut area, from, to, out);
}

#[inline(never)]
fn comparisons(case: &[u8; 32], out: &mut Output) {
    let [seed, at, length, by] = words(case);
    let length = LENGTHS[length as usize % LENGTHS.len()];
    let mut area = filled(seed);
    let (left, right) = area.split_at_mut(AREA / 2);
    let length = length.min(left.len());
    left[..length].copy_from_slice(&right[..length]);
    out.flag(left[..length] == right[..length]);
    if length > 0 {
        let at = at as usize % length;
        left[at] = left[at].wrapping_add(by as u8);
    }
    out.put(&[left[..length].cmp(&right[..length]) as u8]);
    out.flag(left[..length] == right[..length]);
    let (a, b) = (&case[..16], &case[16..]);
    out.flag(a == b);
    out.flag(a < b);
}
