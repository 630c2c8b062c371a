//! Calls: five registers carry arguments, the rest goes through the caller's stack.

use {
    crate::ir::{Function, Module, Type, Value},
    anyhow::{Result, ensure},
    std::collections::HashMap,
};

/// Registers that carry arguments.
const REGISTERS: u32 = 5;

/// Rewrites a whole module.
pub fn rewrite(module: &Module) -> Result<()> {
    let moved = rewrite_functions(module);
    rewrite_calls(module, &moved)?;
    for (old, new) in moved {
        let name = old.name();
        old.value().replace_uses(new.value());
        old.delete();
        new.rename(&name);
    }
    Ok(())
}

/// Registers that a value takes.
fn registers(ty: Type) -> u32 {
    ty.int_width().map_or(1, |width| width.div_ceil(64))
}

/// A signature split into what registers carry and what memory does; the last register points to the memory.
struct Split {
    kept: usize,
    signature: Type,
    surplus: Type,
}

impl Split {
    /// Nothing where registers carry all of it.
    fn of(module: &Module, signature: Type) -> Option<Self> {
        let parameters = signature.parameters();
        if parameters.iter().map(|&parameter| registers(parameter)).sum::<u32>() <= REGISTERS {
            return None;
        }
        let mut used = 0;
        let kept = parameters
            .iter()
            .take_while(|&&parameter| {
                used += registers(parameter);
                used < REGISTERS
            })
            .count();
        let mut short = parameters[..kept].to_vec();
        short.push(module.pointer());
        Some(Self {
            kept,
            signature: module.signature(signature.result(), &short),
            surplus: module.structure(&parameters[kept..]),
        })
    }
}

/// Moves the bodies of functions with too many parameters to new functions, which read the surplus from memory.
fn rewrite_functions(module: &Module) -> HashMap<Function, Function> {
    let mut moved = HashMap::new();
    for old in module.functions() {
        if old.is_intrinsic() {
            continue;
        }
        let parameters = old.signature().parameters();
        // The back end refuses the attribute; a pointer is all that it means here.
        for index in 0..parameters.len() {
            old.remove_parameter_attribute(index, "sret");
        }
        let Some(split) = Split::of(module, old.signature()).filter(|_| !old.is_declaration()) else { continue };
        let new = module.add_function("", split.signature);
        new.copy_linkage(old);
        new.take_body(old);
        let b = module.before(new.first_instruction());
        for (index, &parameter) in parameters.iter().enumerate() {
            let value = if index < split.kept {
                new.parameter(index)
            } else {
                let field = b.field(split.surplus, new.parameter(split.kept), index - split.kept);
                b.load(parameter, field)
            };
            old.parameter(index).replace_uses(value);
        }
        moved.insert(old, new);
    }
    moved
}

fn rewrite_calls(module: &Module, moved: &HashMap<Function, Function>) -> Result<()> {
    for function in module.functions() {
        // A callee reads its surplus before anything else, so calls of one shape may share a slot.
        let mut slots: Vec<(Type, Value)> = vec![];
        for call in function.instructions() {
            if !call.is_call() || call.intrinsic().is_some() {
                continue;
            }
            let signature = call.call_signature();
            let count = signature.parameters().len();
            for index in 0..count {
                call.remove_argument_attribute(index, "sret");
            }
            let Some(split) = Split::of(module, signature) else { continue };
            let callee = match call.callee().as_function() {
                Some(callee) => {
                    let target = moved.get(&callee).copied().unwrap_or(callee);
                    ensure!(!target.is_declaration(), "{} is external and takes too many arguments", callee.name());
                    target.value()
                }
                None => call.callee(),
            };
            let slot = match slots.iter().find(|(ty, _)| *ty == split.surplus) {
                Some(&(_, slot)) => slot,
                None => {
                    let slot = module.stack_slot(function, split.surplus);
                    slots.push((split.surplus, slot));
                    slot
                }
            };
            let b = module.before(call);
            for index in split.kept..count {
                b.store(call.operand(index), b.field(split.surplus, slot, index - split.kept));
            }
            let mut arguments: Vec<_> = (0..split.kept).map(|index| call.operand(index)).collect();
            arguments.push(slot);
            call.replace(b.call(split.signature, callee, &arguments));
        }
    }
    Ok(())
}
