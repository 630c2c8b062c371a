//! What LLVM's BPF back end does worse than it could, put so that it does better. Nothing here changes what a program
//! does.

use {
    crate::ir::{IntPredicate, Module, Opcode},
    anyhow::Result,
};

/// Rewrites a legal program.
pub fn program(module: &Module) -> Result<()> {
    sums(module);
    edges(module)?;
    module.verify()
}

/// Sums that are compared with what was added, to see whether they overflow. The code generator makes one operation of
/// both, which the back end then computes as a number, 0 or 1, to compare it with zero: five instructions where a
/// comparison that branches is one. Here it is hidden which sum is compared.
fn sums(module: &Module) {
    for function in module.functions() {
        for compare in function.instructions() {
            if compare.integer_predicate() != Some(IntPredicate::LLVMIntULT) {
                continue;
            }
            let (sum, part) = (compare.operand(0), compare.operand(1));
            if sum.opcode() == Opcode::LLVMAdd
                && sum.kind().int_width() == Some(64)
                && (sum.operand(0) == part || sum.operand(1) == part)
            {
                let hidden = module.before(sum.next()).hidden(sum);
                sum.replace_uses(hidden);
                hidden.set_operand(0, sum);
            }
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
