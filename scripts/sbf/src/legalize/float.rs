//! Floating point: there is none, so operations on `f64` become calls. `f32` is refused by the code generator.

use {
    super::{call_runtime, call_runtime_wide, each_instruction},
    crate::ir::{Function, IntPredicate, Module, Opcode, RealPredicate, Value},
    anyhow::{Result, bail},
};

/// Rewrites a whole module; whether anything changed.
pub fn rewrite(module: &Module) -> Result<bool> {
    each_instruction(module, |function, instruction| {
        if function.is_declaration() {
            return Ok(None);
        }
        let opcode = instruction.opcode();
        if let Some(name) = arithmetic(opcode).filter(|_| instruction.kind().is_double()) {
            let operands = [instruction.operand(0), instruction.operand(1)];
            return call_runtime(module, function, instruction, name, module.double(), &operands).map(Some);
        }
        match opcode {
            Opcode::LLVMUIToFP | Opcode::LLVMSIToFP if instruction.kind().is_double() => {
                from_integer(module, function, instruction, opcode == Opcode::LLVMSIToFP).map(Some)
            }
            Opcode::LLVMFPToUI | Opcode::LLVMFPToSI if instruction.operand(0).kind().is_double() => {
                to_integer(module, function, instruction, opcode == Opcode::LLVMFPToSI).map(Some)
            }
            Opcode::LLVMFCmp if instruction.operand(0).kind().is_double() => {
                compare(module, function, instruction).map(Some)
            }
            Opcode::LLVMCall => match instruction.intrinsic() {
                Some(name) if name.starts_with("llvm.fptoui.sat.") && name.ends_with(".f64") => {
                    to_integer(module, function, instruction, false).map(Some)
                }
                Some(name) if name.starts_with("llvm.fptosi.sat.") && name.ends_with(".f64") => {
                    to_integer(module, function, instruction, true).map(Some)
                }
                _ => Ok(None),
            },
            _ => Ok(None),
        }
    })
}

fn arithmetic(opcode: Opcode) -> Option<&'static str> {
    Some(match opcode {
        Opcode::LLVMFAdd => "__adddf3",
        Opcode::LLVMFSub => "__subdf3",
        Opcode::LLVMFMul => "__muldf3",
        Opcode::LLVMFDiv => "__divdf3",
        _ => return None,
    })
}

fn from_integer(module: &Module, function: Function, instruction: Value, signed: bool) -> Result<Value> {
    let value = instruction.operand(0);
    let (to, name) = match (value.kind().int_width(), signed) {
        (Some(..=64), false) => (64, "__floatundidf"),
        (Some(..=64), true) => (64, "__floatdidf"),
        (Some(65..=128), false) => (128, "__floatuntidf"),
        (Some(65..=128), true) => (128, "__floattidf"),
        _ => bail!("this conversion from an integer to f64 is not supported"),
    };
    let b = module.before(instruction);
    let value = if signed { b.sext(value, module.int(to)) } else { b.zext(value, module.int(to)) };
    call_runtime(module, function, instruction, name, module.double(), &[value])
}

/// All of the called functions saturate; so must a result that has fewer bits than theirs.
fn to_integer(module: &Module, function: Function, instruction: Value, signed: bool) -> Result<Value> {
    let ty = instruction.kind();
    let value = instruction.operand(0);
    let width = match ty.int_width() {
        Some(width @ ..=64) => width,
        Some(128) => {
            let name = if signed { "__fixdfti" } else { "__fixunsdfti" };
            return call_runtime_wide(module, function, instruction, name, &[value]);
        }
        _ => bail!("this conversion from f64 to an integer is not supported"),
    };
    let i64 = module.int(64);
    let name = if signed { "__fixdfdi" } else { "__fixunsdfdi" };
    let mut wide = call_runtime(module, function, instruction, name, i64, &[value])?;
    let b = module.before(instruction);
    if width < 64 {
        let clamp = |value, beyond, limit: u64| {
            b.select(b.compare(beyond, value, i64.constant(limit)), i64.constant(limit), value)
        };
        wide = if signed {
            let most = (1_u64 << (width - 1)) - 1;
            let capped = clamp(wide, IntPredicate::LLVMIntSGT, most);
            clamp(capped, IntPredicate::LLVMIntSLT, !most)
        } else {
            clamp(wide, IntPredicate::LLVMIntUGT, (1_u64 << width) - 1)
        };
    }
    Ok(b.trunc(wide, ty))
}

/// The called functions give a number to compare to zero. One that is not a number makes it such that the comparison
/// they are named for fails; the unordered predicates are the opposite of that.
fn compare(module: &Module, function: Function, instruction: Value) -> Result<Value> {
    use {IntPredicate::*, RealPredicate::*};
    let operands = [instruction.operand(0), instruction.operand(1)];
    let test = |name: &str, predicate: IntPredicate| -> Result<Value> {
        let i32 = module.int(32);
        let order = call_runtime(module, function, instruction, name, i32, &operands)?;
        Ok(module.before(instruction).compare(predicate, order, i32.constant(0)))
    };
    match instruction.real_predicate() {
        LLVMRealOGT => test("__gtdf2", LLVMIntSGT),
        LLVMRealOGE => test("__gedf2", LLVMIntSGE),
        LLVMRealOLT => test("__ltdf2", LLVMIntSLT),
        LLVMRealOLE => test("__ledf2", LLVMIntSLE),
        LLVMRealULE => test("__gtdf2", LLVMIntSLE),
        LLVMRealULT => test("__gedf2", LLVMIntSLT),
        LLVMRealUGE => test("__ltdf2", LLVMIntSGE),
        LLVMRealUGT => test("__ledf2", LLVMIntSGT),
        LLVMRealOEQ => test("__eqdf2", LLVMIntEQ),
        LLVMRealUNE => test("__nedf2", LLVMIntNE),
        LLVMRealUNO => test("__unorddf2", LLVMIntNE),
        LLVMRealORD => test("__unorddf2", LLVMIntEQ),
        LLVMRealONE => {
            let (differ, ordered) = (test("__nedf2", LLVMIntNE)?, test("__unorddf2", LLVMIntEQ)?);
            Ok(module.before(instruction).and(differ, ordered))
        }
        LLVMRealUEQ => {
            let (equal, unordered) = (test("__eqdf2", LLVMIntEQ)?, test("__unorddf2", LLVMIntNE)?);
            Ok(module.before(instruction).or(equal, unordered))
        }
        predicate @ (LLVMRealPredicateTrue | LLVMRealPredicateFalse) => {
            Ok(module.int(1).constant(u64::from(predicate == LLVMRealPredicateTrue)))
        }
    }
}
