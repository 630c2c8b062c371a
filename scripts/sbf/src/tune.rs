//! What LLVM's BPF back end does worse than it could, put so that it does better. Nothing here changes what a program
//! does.

use {
    crate::ir::{Function, IntPredicate, Module, Opcode, Passed, Type, Value},
    anyhow::Result,
    std::{collections::HashMap, ops::Range},
};

/// Rewrites a legal program.
pub fn program(module: &Module) -> Result<()> {
    extend(module);
    saturate(module);
    sums(module);
    edges(module)?;
    addresses(module);
    module.verify()
}

/// Functions that the code generator may call by itself: it extends nothing for them, and relies on nothing new. What computes with floats
/// and wide integers begins with two underscores.
fn is_by_the_code_generator(name: &str) -> bool {
    name.starts_with("__") || ["bcmp", "memcmp", "memcpy", "memmove", "memset"].contains(&name)
}

/// Narrow integers that functions pass to each other, such as error codes. The back end does not know what is in the upper
/// bits of a register that has one, and clears them before each comparison: two instructions. Here whoever gives one
/// extends it, which is nothing where it was loaded or is a constant, and whoever takes it relies on that.
fn extend(module: &Module) {
    let is_narrow = |kind: Type| kind.int_width().is_some_and(|width| width < 64);
    let passed = |signature: Type| {
        let parameters = signature.parameters().into_iter().enumerate().map(|(at, kind)| (Passed::Parameter(at), kind));
        let all = parameters.chain([(Passed::Result, signature.result())]);
        all.filter(move |(_, kind)| is_narrow(*kind)).map(|(of, _)| of).collect::<Vec<_>>()
    };
    let is_ours = |function: Function| !function.is_declaration() && !is_by_the_code_generator(&function.name());
    for function in module.functions().into_iter().filter(|function| is_ours(*function)) {
        passed(function.signature()).into_iter().for_each(|of| function.set_zero_extended(of));
    }
    for call in module.functions().into_iter().flat_map(|function| function.instructions()) {
        // Of a pointer to a function that is ours as well: none of the others has its address taken.
        let calls_ours = |callee: Value| match callee.as_function() {
            Some(function) => is_ours(function),
            None => callee.is_instruction() || callee.is_parameter(),
        };
        if call.is_call() && calls_ours(call.callee()) {
            passed(call.call_signature()).into_iter().for_each(|of| call.set_zero_extended(of));
        }
    }
}

/// Sums and differences that stop at the ends. The back end computes whether they do as a number, 0 or 1, and compares it
/// with zero: seven instructions where a comparison that branches takes four.
fn saturate(module: &Module) {
    for instruction in module.functions().into_iter().flat_map(|function| function.instructions()) {
        let Some(name) = instruction.intrinsic() else { continue };
        let b = module.before(instruction);
        let operand = |index| instruction.operand(index);
        let value = match name.as_str() {
            "llvm.usub.sat.i64" => {
                let (x, y) = (operand(0), operand(1));
                let larger = b.compare(IntPredicate::LLVMIntUGT, x, y);
                b.select(larger, b.sub(x, y), x.kind().constant(0))
            }
            "llvm.uadd.sat.i64" => {
                let (x, y) = (operand(0), operand(1));
                let sum = b.add(x, y);
                b.select(b.compare(IntPredicate::LLVMIntULT, sum, x), x.kind().constant(u64::MAX), sum)
            }
            _ => continue,
        };
        instruction.replace(value);
    }
}

/// Addresses that are stored: of an account's parts, for a call. Each is its base and a distance, a copy and a sum, though
/// it lies behind the one before as well, which is needed no more: then a sum will do. Here it is hidden that they have
/// one base.
fn addresses(module: &Module) {
    for block in module.functions().into_iter().flat_map(|function| function.blocks()) {
        let (mut last, mut moved): (HashMap<Value, (Value, i64)>, HashMap<Value, Value>) = Default::default();
        for store in block.instructions() {
            let Some(address) = store.stored() else { continue };
            if let Some(near) = moved.get(&address) {
                store.set_operand(0, *near);
                continue;
            }
            let Some((base, distance)) = address.behind().filter(|(base, _)| !base.is_stack_slot()) else { continue };
            if !address.is_only_stored(block) {
                continue;
            }
            let near = match last.get(&base) {
                Some(&(before, other)) => {
                    let b = module.before(store);
                    b.bytes_behind(b.hidden(before), distance - other)
                }
                None => address,
            };
            store.set_operand(0, near);
            moved.insert(address, near);
            last.insert(base, (near, distance));
        }
    }
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
