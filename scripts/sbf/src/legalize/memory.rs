//! Copies and fills that are too long to be written out.

use {
    super::{call_runtime, each_instruction},
    crate::ir::{Function, Module, Value},
    anyhow::Result,
};

/// Bytes up to which loads and stores are written out, at two compute units for eight bytes. A syscall costs ten, and
/// about as many around it.
const WRITTEN_OUT: u64 = 64;

/// Rewrites a whole module.
pub fn rewrite(module: &Module) -> Result<()> {
    let mut calls = vec![];
    each_instruction(module, |caller, instruction| {
        if let Some(name) = instruction.intrinsic() {
            let function = ["memcpy", "memmove", "memset"].into_iter().find(|function| {
                name.strip_prefix("llvm.").is_some_and(|rest| rest.starts_with(&format!("{function}.")))
            });
            let short = || instruction.operand(2).constant().is_some_and(|length| length <= WRITTEN_OUT);
            if let Some(function) = function
                && !short()
            {
                calls.push((caller, function, instruction));
            }
        }
        Ok(None)
    })?;
    for (caller, function, instruction) in calls {
        call(module, caller, function, instruction)?;
        instruction.erase();
    }
    Ok(())
}

fn call(module: &Module, caller: Function, function: &str, instruction: Value) -> Result<()> {
    let b = module.before(instruction);
    let (i32, i64) = (module.int(32), module.int(64));
    let [to, from, length] = [0, 1, 2].map(|index| instruction.operand(index));
    let from = if function == "memset" { b.zext(from, i32) } else { from };
    let length = b.zext(length, i64);
    call_runtime(module, caller, instruction, function, module.pointer(), &[to, from, length])?;
    Ok(())
}
