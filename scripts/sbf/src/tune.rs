//! What LLVM's BPF back end does worse than it could, put so that it does better. Nothing here changes what a program
//! does.

use {
    crate::ir::{IntPredicate, Module},
    anyhow::Result,
};

/// Rewrites a legal program.
pub fn program(module: &Module) -> Result<()> {
    sums(module);
    module.run("function(instsimplify)")?;
    edges(module)?;
    module.verify()
}

/// Sums that are checked for overflow. The back end computes the check as a number, 0 or 1, which it then compares with
/// zero: five instructions where a comparison that branches is one. Written out, it has to be hidden which sum is
/// compared, or the code generator puts both together again.
fn sums(module: &Module) {
    for function in module.functions() {
        for call in function.instructions() {
            if call.intrinsic().as_deref() != Some("llvm.uadd.with.overflow.i64") {
                continue;
            }
            let (left, right) = (call.operand(0), call.operand(1));
            let b = module.before(call);
            let (sum, carry) = match right.constant() {
                Some(constant) => {
                    let most = module.int(64).constant(!constant);
                    (b.add(left, right), b.compare(IntPredicate::LLVMIntUGT, left, most))
                }
                None => {
                    let sum = b.hidden(b.add(left, right));
                    (sum, b.compare(IntPredicate::LLVMIntULT, sum, left))
                }
            };
            call.replace(b.pair(call.kind(), sum, carry));
        }
    }
}

/// Ways that lead into a block where others meet it with another constant, as each failed check does with its error. The
/// back end cannot split them and sets the constant before it branches, whether it is wanted or not. Here they are split,
/// and what is between is kept from being joined again.
fn edges(module: &Module) -> Result<()> {
    module.run("function(break-crit-edges)")?;
    for function in module.functions() {
        for block in function.blocks() {
            if let Some(jump) = block.only_jump()
                && block.brings_constant()
            {
                module.before(jump).barrier();
            }
        }
    }
    Ok(())
}
