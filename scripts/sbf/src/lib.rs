//! Builds Solana programs with a stock Rust compiler.
//!
//! Upstream LLVM has a back end for the kernel's BPF, which is nearly what Solana's virtual machine runs. What is missing
//! is here: a standard library for `target_os = "solana"` ([`sysroot`]), and a linker that optimizes a whole program,
//! rewrites what the back end or the virtual machine has no instruction for ([`legalize`]), and writes the ELF
//! ([`link`]).

pub mod cargo;
pub mod elf;
pub mod ir;
pub mod legalize;
pub mod link;
pub mod llvm;
pub mod symbols;
pub mod sysroot;
pub mod toolchain;
pub mod tune;
