//! Makes IR legal for LLVM's BPF back end and for sBPF: what neither has an instruction for becomes what they have.

pub mod arithmetic;
pub mod calling_convention;
pub mod float;
pub mod memory;
pub mod panic;

use {
    crate::ir::{Function, Module, Type, Value},
    anyhow::{Context, Result, ensure},
};

/// Functions that a rewrite may call. They are linked in, kept until no rewrite can follow, then dropped where unused.
pub const RUNTIME: &[&str] = &[
    "__adddf3",
    "__subdf3",
    "__muldf3",
    "__divdf3",
    "__eqdf2",
    "__gedf2",
    "__gtdf2",
    "__ledf2",
    "__ltdf2",
    "__nedf2",
    "__unorddf2",
    "__fixdfdi",
    "__fixdfti",
    "__fixunsdfdi",
    "__fixunsdfti",
    "__floatdidf",
    "__floattidf",
    "__floatundidf",
    "__floatuntidf",
    "__rust_i128_mulo",
    "__rust_u128_mulo",
    "__udivti3",
    "__umodti3",
    "memcmp",
    "bcmp",
    "memcpy",
    "memmove",
    "memset",
];

/// Rewrites a whole linked program. Symbols of `exports` stay visible.
pub fn program(module: &Module, exports: &[&str]) -> Result<()> {
    // One processor runs a program, alone: every atomic access is a plain one.
    module.run("function(lower-atomic)")?;
    values(module)?;
    // From here on only what is called is wanted. The code generator may itself still call memory functions.
    let visible = exports.iter().copied().chain(["bcmp", "memcmp", "memcpy", "memmove", "memset"]).collect();
    module.internalize(&visible);
    panic::abort_foreign(module);
    module.run("globaldce")?;
    calling_convention::rewrite(module)?;
    // A large program does not reach a fixpoint in one pass, and need not.
    module.run("function(sroa,early-cse,instcombine<no-verify-fixpoint>,simplifycfg),globaldce")?;
    // Instruction combining may have made new ones.
    values(module)?;
    calling_convention::rewrite(module)?;
    memory::rewrite(module)?;
    module.verify()
}

/// Rewrites operations on values until nothing is left to rewrite.
fn values(module: &Module) -> Result<()> {
    while arithmetic::rewrite(module)? | float::rewrite(module)? {}
    Ok(())
}

/// Applies a rewrite to every instruction. One that gives a value is replaced by it.
fn each_instruction(
    module: &Module,
    mut rewrite: impl FnMut(Function, Value) -> Result<Option<Value>>,
) -> Result<bool> {
    let mut changed = false;
    for function in module.functions() {
        for instruction in function.instructions() {
            let name = || format!("in the function {}", function.name());
            if let Some(value) = rewrite(function, instruction).with_context(name)? {
                instruction.replace(value);
                changed = true;
            }
        }
    }
    Ok(changed)
}

/// Calls a linked-in function before an instruction. Where it takes a value by pointer, as C's convention has it for wide
/// integers and Rust's own has not, the value goes to a stack slot.
fn call_runtime(
    module: &Module,
    caller: Function,
    at: Value,
    name: &str,
    result: Type,
    arguments: &[Value],
) -> Result<Value> {
    let function = module.function(name).with_context(|| format!("{name} is needed and not linked in"))?;
    let parameters = function.signature().parameters();
    ensure!(parameters.len() == arguments.len(), "{name} takes {} arguments", parameters.len());
    let mut passed = vec![];
    for (&argument, &parameter) in arguments.iter().zip(&parameters) {
        passed.push(if parameter == module.pointer() && argument.kind() != parameter {
            let slot = module.stack_slot(caller, argument.kind());
            module.before(at).store(argument, slot);
            slot
        } else {
            argument
        });
    }
    for (argument, &parameter) in passed.iter().zip(&parameters) {
        ensure!(argument.kind() == parameter, "{name} takes arguments of other types");
    }
    Ok(module.before(at).call_function(function, result, &passed))
}

/// Calls a linked-in function that gives a 128-bit result, which it writes through its first argument.
fn call_runtime_wide(module: &Module, caller: Function, at: Value, name: &str, arguments: &[Value]) -> Result<Value> {
    let i128 = module.int(128);
    let slot = module.stack_slot(caller, i128);
    let mut all = vec![slot];
    all.extend(arguments);
    call_runtime(module, caller, at, name, module.void(), &all)?;
    Ok(module.before(at).load(i128, slot))
}
