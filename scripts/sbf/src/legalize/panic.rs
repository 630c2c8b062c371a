//! Panics of what was compiled apart from the program.

use crate::ir::Module;

/// The memory and arithmetic functions have a `core` of their own, whose panics nothing defines here. They end the
/// program without a message.
pub fn abort_foreign(module: &Module) {
    let nothing = module.signature(module.void(), &[]);
    for function in module.functions() {
        if function.is_declaration() && function.name().contains("panicking") {
            let abort = module.declare("abort", nothing);
            let b = module.append_block(function);
            b.call(nothing, abort.value(), &[]);
            b.unreachable();
            function.make_internal();
        }
    }
}
