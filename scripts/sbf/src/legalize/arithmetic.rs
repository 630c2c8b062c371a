//! Integers: products and shifts of more than 64 bits, products checked for overflow, signed and 128-bit division.
//!
//! Products are written out in place: a call costs more compute units than what it computes, and in place LLVM leaves
//! out the halves that it knows to be zero.

use {
    super::{call_runtime, call_runtime_wide, each_instruction},
    crate::ir::{Builder, Function, IntPredicate, Module, Opcode, Type, Value},
    anyhow::{Result, bail},
};

/// Rewrites a whole module; whether anything changed.
pub fn rewrite(module: &Module) -> Result<bool> {
    each_instruction(module, |function, instruction| {
        if let Some(width) = instruction.kind().int_width() {
            return match instruction.opcode() {
                Opcode::LLVMMul if width > 64 => Ok(Some(multiply(module, instruction, width))),
                Opcode::LLVMUDiv | Opcode::LLVMURem if width > 64 => {
                    unsigned_division(module, function, instruction, width).map(Some)
                }
                Opcode::LLVMSDiv | Opcode::LLVMSRem => Ok(Some(signed_division(module, instruction, width)?)),
                Opcode::LLVMShl | Opcode::LLVMLShr | Opcode::LLVMAShr if width > 64 => {
                    if instruction.operand(1).is_constant() {
                        return Ok(None);
                    }
                    shift(module, instruction, width).map(Some)
                }
                _ => Ok(None),
            };
        }
        match instruction.intrinsic().as_deref() {
            Some("llvm.umul.with.overflow.i64") => Ok(Some(unsigned_overflow(module, instruction))),
            Some("llvm.smul.with.overflow.i64") => Ok(Some(signed_overflow(module, instruction))),
            Some("llvm.umul.with.overflow.i128") => match narrow_first(module, instruction) {
                Some((narrow, wide)) => Ok(Some(narrow_overflow(module, instruction, narrow, wide))),
                None => wide_overflow(module, function, instruction, "__rust_u128_mulo").map(Some),
            },
            Some("llvm.smul.with.overflow.i128") => {
                wide_overflow(module, function, instruction, "__rust_i128_mulo").map(Some)
            }
            _ => Ok(None),
        }
    })
}

/// Bits `64 * limb ..` of a value, as 64 of them.
fn limb(module: &Module, b: &Builder<'_>, value: Value, limb: u32) -> Value {
    let of = value.kind();
    let shifted = if limb == 0 { value } else { b.lshr(value, of.constant(u64::from(limb) * 64)) };
    b.trunc(shifted, module.int(64))
}

/// Product of two 64-bit values as its low and high half.
fn full_product(module: &Module, b: &Builder<'_>, x: Value, y: Value) -> (Value, Value) {
    let i64 = module.int(64);
    let (half, mask) = (i64.constant(32), i64.constant(0xffff_ffff));
    let (x0, x1) = (b.and(x, mask), b.lshr(x, half));
    let (y0, y1) = (b.and(y, mask), b.lshr(y, half));
    // No sum of these overflows: (2^32 - 1)^2 + 2 (2^32 - 1) = 2^64 - 1.
    let low = b.lshr(b.mul(x0, y0), half);
    let left = b.add(b.mul(x1, y0), low);
    let right = b.add(b.mul(x0, y1), b.and(left, mask));
    let high = b.add(b.mul(x1, y1), b.add(b.lshr(left, half), b.lshr(right, half)));
    (b.mul(x, y), high)
}

/// Two 64-bit values as the low and high half of one of 128.
fn join(module: &Module, b: &Builder<'_>, low: Value, high: Value) -> Value {
    let i128 = module.int(128);
    b.or(b.zext(low, i128), b.shl(b.zext(high, i128), i128.constant(64)))
}

fn multiply(module: &Module, instruction: Value, width: u32) -> Value {
    let b = module.before(instruction);
    let (x, y, ty) = (instruction.operand(0), instruction.operand(1), instruction.kind());
    if width <= 128 {
        let (x0, y0) = (limb(module, &b, x, 0), limb(module, &b, y, 0));
        let (low, high) = full_product(module, &b, x0, y0);
        let high = b.add(high, b.mul(limb(module, &b, x, 1), y0));
        let high = b.add(high, b.mul(x0, limb(module, &b, y, 1)));
        return b.trunc(join(module, &b, low, high), ty);
    }
    // Long multiplication. Limbs above an extended operand are known to be zero.
    let limbs = |value: Value| {
        let known = value.zero_extended_from().and_then(Type::int_width).unwrap_or(width);
        (0..known.div_ceil(64)).map(|index| limb(module, &b, value, index)).collect::<Vec<_>>()
    };
    let mut sum = ty.constant(0);
    for (i, x) in limbs(x).into_iter().enumerate() {
        for (j, y) in limbs(y).into_iter().enumerate() {
            let shift = 64 * (i + j) as u64;
            if shift < u64::from(width) {
                let (low, high) = full_product(module, &b, x, y);
                let product = b.zext(join(module, &b, low, high), ty);
                sum = b.add(sum, b.shl(product, ty.constant(shift)));
            }
        }
    }
    sum
}

/// A shift by an amount that is not known: of both halves, then by one half more or not.
fn shift(module: &Module, instruction: Value, width: u32) -> Result<Value> {
    if width > 128 {
        bail!("shifts of {width}-bit integers by an unknown amount are not supported");
    }
    let b = module.before(instruction);
    let (i64, i128) = (module.int(64), module.int(128));
    let opcode = instruction.opcode();
    let value = instruction.operand(0);
    let value = if opcode == Opcode::LLVMAShr { b.sext(value, i128) } else { b.zext(value, i128) };
    let (low, high) = (limb(module, &b, value, 0), limb(module, &b, value, 1));
    let amount = limb(module, &b, b.zext(instruction.operand(1), i128), 0);
    let within = b.and(amount, i64.constant(63));
    // `63 - within`; with a shift by one before it, it moves by `64 - within` and is defined for all of them.
    let rest = b.xor(within, i64.constant(63));
    let one = i64.constant(1);
    let far = b.compare(IntPredicate::LLVMIntNE, b.and(amount, i64.constant(64)), i64.constant(0));
    let (low, high) = if opcode == Opcode::LLVMShl {
        let moved = b.or(b.shl(high, within), b.lshr(b.lshr(low, one), rest));
        let low = b.shl(low, within);
        (b.select(far, i64.constant(0), low), b.select(far, low, moved))
    } else {
        let moved = b.or(b.lshr(low, within), b.shl(b.shl(high, one), rest));
        let (high, filled) = match opcode {
            Opcode::LLVMAShr => (b.ashr(high, within), b.ashr(high, i64.constant(63))),
            _ => (b.lshr(high, within), i64.constant(0)),
        };
        (b.select(far, high, moved), b.select(far, filled, high))
    };
    Ok(b.trunc(join(module, &b, low, high), instruction.kind()))
}

fn unsigned_division(module: &Module, function: Function, instruction: Value, width: u32) -> Result<Value> {
    if width > 128 {
        bail!("division of {width}-bit integers is not supported");
    }
    let i128 = module.int(128);
    let name = if instruction.opcode() == Opcode::LLVMUDiv { "__udivti3" } else { "__umodti3" };
    let b = module.before(instruction);
    let operands = [0, 1].map(|index| b.zext(instruction.operand(index), i128));
    let wide = call_runtime_wide(module, function, instruction, name, &operands)?;
    Ok(module.before(instruction).trunc(wide, instruction.kind()))
}

/// By unsigned division of the absolute values. An unsigned division of 128 bits is left for the next round.
fn signed_division(module: &Module, instruction: Value, width: u32) -> Result<Value> {
    let wide = match width {
        ..=64 => module.int(64),
        65..=128 => module.int(128),
        _ => bail!("division of {width}-bit integers is not supported"),
    };
    let b = module.before(instruction);
    let (x, y) = (b.sext(instruction.operand(0), wide), b.sext(instruction.operand(1), wide));
    let top = wide.constant(u64::from(wide.int_width().unwrap_or(64)) - 1);
    // All ones for a negative value, else zero: `(x ^ s) - s` is the absolute value, and takes it back.
    let (x_sign, y_sign) = (b.ashr(x, top), b.ashr(y, top));
    let absolute = |value, sign| b.sub(b.xor(value, sign), sign);
    let (x, y) = (absolute(x, x_sign), absolute(y, y_sign));
    let (result, sign) = match instruction.opcode() {
        Opcode::LLVMSDiv => (b.udiv(x, y), b.xor(x_sign, y_sign)),
        _ => (b.urem(x, y), x_sign),
    };
    Ok(b.trunc(absolute(result, sign), instruction.kind()))
}

/// `x * y` overflowed where dividing by `x` does not give `y` back. Shorter than the full product.
fn unsigned_overflow(module: &Module, instruction: Value) -> Value {
    let b = module.before(instruction);
    let (x, y) = (instruction.operand(0), instruction.operand(1));
    // The divisor is better a constant.
    let (x, y) = if y.constant().is_some() { (y, x) } else { (x, y) };
    let i64 = module.int(64);
    let product = b.mul(x, y);
    let zero = b.compare(IntPredicate::LLVMIntEQ, x, i64.constant(0));
    let divisor = b.select(zero, i64.constant(1), x);
    let differs = b.compare(IntPredicate::LLVMIntNE, b.udiv(product, divisor), y);
    let overflow = b.and(differs, b.xor(zero, module.int(1).constant(1)));
    b.pair(instruction.kind(), product, overflow)
}

/// By the product in 128 bits, which is left for the next round.
fn signed_overflow(module: &Module, instruction: Value) -> Value {
    let b = module.before(instruction);
    let i128 = module.int(128);
    let wide = b.mul(b.sext(instruction.operand(0), i128), b.sext(instruction.operand(1), i128));
    let product = b.trunc(wide, module.int(64));
    let overflow = b.compare(IntPredicate::LLVMIntNE, b.sext(product, i128), wide);
    b.pair(instruction.kind(), product, overflow)
}

/// The operands, one first that has 64 bits at most.
fn narrow_first(module: &Module, instruction: Value) -> Option<(Value, Value)> {
    let narrow = |value: Value| {
        let extended = value.zero_extended_from().and_then(Type::int_width).is_some_and(|width| width <= 64);
        // LLVM computes with constants at once: this writes nothing.
        extended || value.is_constant() && limb(module, &module.before(instruction), value, 1).constant() == Some(0)
    };
    let (x, y) = (instruction.operand(0), instruction.operand(1));
    if narrow(x) {
        Some((x, y))
    } else if narrow(y) {
        Some((y, x))
    } else {
        None
    }
}

fn narrow_overflow(module: &Module, instruction: Value, narrow: Value, wide: Value) -> Value {
    let b = module.before(instruction);
    let x = limb(module, &b, narrow, 0);
    let (low, carried) = full_product(module, &b, x, limb(module, &b, wide, 0));
    let (upper, beyond) = full_product(module, &b, x, limb(module, &b, wide, 1));
    let high = b.add(upper, carried);
    let lost = b.compare(IntPredicate::LLVMIntNE, beyond, module.int(64).constant(0));
    let wrapped = b.compare(IntPredicate::LLVMIntULT, high, upper);
    b.pair(instruction.kind(), join(module, &b, low, high), b.or(lost, wrapped))
}

fn wide_overflow(module: &Module, function: Function, instruction: Value, name: &str) -> Result<Value> {
    let (i32, i128) = (module.int(32), module.int(128));
    let (result, flag) = (module.stack_slot(function, i128), module.stack_slot(function, i32));
    let arguments = [result, instruction.operand(0), instruction.operand(1), flag];
    call_runtime(module, function, instruction, name, module.void(), &arguments)?;
    let b = module.before(instruction);
    let overflow = b.compare(IntPredicate::LLVMIntNE, b.load(i32, flag), i32.constant(0));
    Ok(b.pair(instruction.kind(), b.load(i128, result), overflow))
}
