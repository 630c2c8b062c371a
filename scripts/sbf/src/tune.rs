//! What LLVM's BPF back end does worse than it could, put so that it does better. Nothing here changes what a program
//! does.

use {
    crate::ir::{IntPredicate, Module, Opcode, Value},
    anyhow::Result,
    std::{collections::HashMap, ops::Range},
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
/// and what is between is kept from being joined again. Of those that bring the same to the same block the last is for
/// all: a check is a comparison that jumps there, where each had an instruction that sets its error and one that jumps.
fn edges(module: &Module) -> Result<()> {
    module.run("function(break-crit-edges)")?;
    for function in module.functions() {
        let blocks = function.blocks();
        let (mut last, mut split) = (HashMap::new(), HashMap::new());
        for &block in &blocks {
            if let Some(jump) = block.only_jump()
                && block.brings_constant()
            {
                module.before(jump).barrier();
                let key = (block.ways(), block.brings());
                last.insert(key.clone(), block);
                split.insert(block, key);
            }
        }
        for block in blocks {
            let ways = block.ways();
            if let Some(condition) = block.condition() {
                let fails = |way| split.get(&ways[way]).is_some_and(|(_, brought)| brought.iter().any(is_error));
                let rare = match (fails(0), fails(1)) {
                    (true, true) => None,
                    (true, false) => Some(0),
                    (false, true) => Some(1),
                    (false, false) => failure_of_a_call(condition),
                };
                if let Some(way) = rare {
                    module.set_rare(block, way);
                }
            }
            // A block without a choice would jump twice.
            for (index, way) in ways.iter().enumerate().filter(|_| ways.len() > 1) {
                if let Some(key) = split.get(way) {
                    block.set_way(index, last[key]);
                }
            }
        }
    }
    Ok(())
}

/// Error codes of our programs: a thousand each. Another number in this range is taken for one; that costs speed at most.
const CODES: Range<u64> = 1_000..10_000;

/// The way taken when what a function returned is not success. The code generator takes each way for as likely as the
/// other otherwise, and what comes after ten checks for rare: so it has no registers for it.
fn failure_of_a_call(condition: Value) -> Option<usize> {
    let way = match condition.integer_predicate()? {
        IntPredicate::LLVMIntEQ => 1,
        IntPredicate::LLVMIntNE => 0,
        _ => return None,
    };
    code(condition.operand(1)).filter(is_success).map(|_| way)
}

/// An error code, or what stands for success.
fn code(value: Value) -> Option<u64> {
    let narrow = value.kind().int_width() == Some(32);
    value.constant().filter(|value| narrow && (CODES.start - 1..CODES.end).contains(value))
}

/// What the compiler takes for success where a function returns nothing else: the number before the first error's.
fn is_success(code: &u64) -> bool {
    (code + 1).is_multiple_of(1_000)
}

fn is_error(value: &Value) -> bool {
    code(*value).is_some_and(|code| !is_success(&code))
}
