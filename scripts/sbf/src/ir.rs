//! LLVM's C API behind handles: the few calls that the linker needs, safe to the rest of this crate.
//!
//! SAFETY, for every call here: a handle is made only by a [`Module`] or from another handle of it, and LLVM keeps what
//! it points to for as long as the module lives. Code that erases an instruction or a function does not use its handle
//! again. Everything runs on the thread that made the module.
#![allow(clippy::undocumented_unsafe_blocks)]

use {
    anyhow::{Result, bail, ensure},
    aya_rustc_llvm_proxy as _,
    bpf_linker::llvm_sys::{
        self, LLVMDiagnosticSeverity, LLVMLinkage, LLVMTypeKind, LLVMVisibility, analysis::*,
        bit_reader::LLVMParseBitcodeInContext2, core::*, error::*, ir_reader::LLVMParseIRInContext2,
        linker::LLVMLinkModules2, prelude::*, support::LLVMParseCommandLineOptions, target::*, target_machine::*,
        transforms::pass_builder::*,
    },
    std::{
        cell::RefCell,
        collections::HashSet,
        ffi::{CStr, CString, c_char, c_void},
        ptr,
        sync::Once,
    },
};

pub use llvm_sys::{LLVMIntPredicate as IntPredicate, LLVMOpcode as Opcode, LLVMRealPredicate as RealPredicate};

/// Unnamed result.
const ANONYMOUS: *const c_char = c"".as_ptr();

/// A string that LLVM owns.
fn take_message(message: *mut c_char) -> String {
    if message.is_null() {
        return String::new();
    }
    let text = unsafe { CStr::from_ptr(message) }.to_string_lossy().into_owned();
    unsafe { LLVMDisposeMessage(message) };
    text
}

/// Bytes that LLVM owns, copied.
fn text(pointer: *const c_char, length: usize) -> String {
    let bytes = unsafe { std::slice::from_raw_parts(pointer.cast(), length) };
    String::from_utf8_lossy(bytes).into_owned()
}

/// What the code generator reports as an error, such as a frame that is too large.
extern "C" fn collect_diagnostic(info: LLVMDiagnosticInfoRef, errors: *mut c_void) {
    let severity = unsafe { LLVMGetDiagInfoSeverity(info) };
    let message = take_message(unsafe { LLVMGetDiagInfoDescription(info) });
    match severity {
        LLVMDiagnosticSeverity::LLVMDSError => {
            let errors: &RefCell<Vec<String>> = unsafe { &*errors.cast() };
            errors.borrow_mut().push(message);
        }
        LLVMDiagnosticSeverity::LLVMDSWarning => eprintln!("warning: {message}"),
        _ => {}
    }
}

/// The function that a message of the code generator is about: `...: in function NAME TYPE: ...`.
fn function_of(message: &str) -> String {
    let name = message.split_once("in function ").and_then(|(_, rest)| rest.split(' ').next());
    name.unwrap_or(message).to_owned()
}

/// Sets LLVM up, once: its options are global.
fn initialize() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        const OPTIONS: [&CStr; 6] = [
            c"sbf-ld",
            // Inlining merges frames: beyond this it would push callers over the limit below.
            c"-inline-max-stacksize=1024",
            // The virtual machine gives each call this much stack; a larger frame is an error.
            c"-bpf-stack-size=4096",
            // A kernel's trap function; a program ends by the `abort` syscall.
            c"-bpf-disable-trap-unreachable",
            // It takes what does not change out of loops, divisions as well, and in front of the test that the divisor is not
            // zero. A kernel's division by zero is zero; here it ends the program.
            c"-disable-machine-licm",
            c"-disable-postra-machine-licm",
        ];
        let options = OPTIONS.map(CStr::as_ptr);
        unsafe {
            LLVMInitializeBPFTargetInfo();
            LLVMInitializeBPFTarget();
            LLVMInitializeBPFTargetMC();
            LLVMInitializeBPFAsmPrinter();
            LLVMParseCommandLineOptions(options.len() as i32, options.as_ptr(), ptr::null());
        }
    });
}

/// Reads bitcode or text into a context.
fn parse(context: LLVMContextRef, code: &[u8]) -> Result<LLVMModuleRef> {
    // The copy is terminated by a zero, which the text parser needs.
    let buffer =
        unsafe { LLVMCreateMemoryBufferWithMemoryRangeCopy(code.as_ptr().cast(), code.len(), c"module".as_ptr()) };
    let mut module = ptr::null_mut();
    let mut message = ptr::null_mut();
    let failed = if code.starts_with(BITCODE) {
        unsafe { LLVMParseBitcodeInContext2(context, buffer, &mut module) }
    } else {
        unsafe { LLVMParseIRInContext2(context, buffer, &mut module, &mut message) }
    };
    unsafe { LLVMDisposeMemoryBuffer(buffer) };
    ensure!(failed == 0, "LLVM cannot read a module: {}", take_message(message));
    Ok(module)
}

/// First bytes of bitcode.
pub const BITCODE: &[u8] = b"BC\xC0\xDE";

/// How much more often a block goes the other way. Beyond some hundreds the code generator takes the entry of a long
/// function for more than all that it leads to.
const RARE: u64 = 100;

/// A module in a context of its own.
pub struct Module {
    context: LLVMContextRef,
    module: LLVMModuleRef,
    machine: LLVMTargetMachineRef,
    options: LLVMPassBuilderOptionsRef,
    errors: Box<RefCell<Vec<String>>>,
}

impl Module {
    /// From bitcode, or from IR in its text form.
    pub fn parse(code: &[u8]) -> Result<Self> {
        initialize();
        let errors = Box::new(RefCell::new(Vec::new()));
        let context = unsafe { LLVMContextCreate() };
        unsafe {
            LLVMContextSetDiagnosticHandler(
                context,
                Some(collect_diagnostic),
                ptr::from_ref(errors.as_ref()).cast_mut().cast(),
            );
        }
        let module = parse(context, code)?;
        let triple = unsafe { LLVMGetTarget(module) };
        let mut target = ptr::null_mut();
        let mut message = ptr::null_mut();
        if unsafe { LLVMGetTargetFromTriple(triple, &mut target, &mut message) } != 0 {
            bail!("this LLVM has no BPF back end: {}", take_message(message));
        }
        let machine = unsafe {
            LLVMCreateTargetMachine(
                target,
                triple,
                // Comparisons of every kind, but no 32-bit registers: sBPF v0 sign-extends where BPF zero-extends.
                c"v2".as_ptr(),
                // The virtual machine allows it, and without it one load of eight bytes becomes eight of one.
                c"+allows-misaligned-mem-access".as_ptr(),
                LLVMCodeGenOptLevel::LLVMCodeGenLevelAggressive,
                LLVMRelocMode::LLVMRelocStatic,
                LLVMCodeModel::LLVMCodeModelDefault,
            )
        };
        let options = unsafe { LLVMCreatePassBuilderOptions() };
        Ok(Self { context, module, machine, options, errors })
    }

    /// Links bitcode into this module, with or without what only a debugger reads. The first definition of a weak symbol wins.
    pub fn link(&self, code: &[u8], symbols: bool) -> Result<()> {
        let other = parse(self.context, code)?;
        if !symbols {
            unsafe { llvm_sys::debuginfo::LLVMStripModuleDebugInfo(other) };
        }
        let failed = unsafe { LLVMLinkModules2(self.module, other) };
        ensure!(failed == 0, "LLVM cannot link: {}", self.errors.take().join("\n"));
        Ok(())
    }

    /// Makes every function and variable internal that is not named here.
    pub fn internalize(&self, exports: &HashSet<&str>) {
        let mut next = unsafe { LLVMGetFirstGlobal(self.module) };
        while !next.is_null() {
            Function(next).internalize_unless(exports);
            next = unsafe { LLVMGetNextGlobal(next) };
        }
        for function in self.functions() {
            function.internalize_unless(exports);
        }
    }

    /// Runs passes, in the notation of `opt -passes=`.
    pub fn run(&self, passes: &str) -> Result<()> {
        let name = CString::new(passes)?;
        let error = unsafe { LLVMRunPasses(self.module, name.as_ptr(), self.machine, self.options) };
        if !error.is_null() {
            let message = unsafe { LLVMGetErrorMessage(error) };
            let text = unsafe { CStr::from_ptr(message) }.to_string_lossy().into_owned();
            unsafe { LLVMDisposeErrorMessage(message) };
            bail!("LLVM's passes {passes}: {text}");
        }
        Ok(())
    }

    /// Whether the module keeps LLVM's rules; what it breaks otherwise.
    pub fn verify(&self) -> Result<()> {
        let mut message = ptr::null_mut();
        let broken =
            unsafe { LLVMVerifyModule(self.module, LLVMVerifierFailureAction::LLVMReturnStatusAction, &mut message) };
        let message = take_message(message);
        ensure!(broken == 0, "LLVM's verifier: {message}");
        Ok(())
    }

    /// The module as an object file, and the functions whose frame is larger than a call's stack.
    pub fn emit(&self) -> Result<(Vec<u8>, Vec<String>)> {
        let mut message = ptr::null_mut();
        let mut buffer = ptr::null_mut();
        let kind = LLVMCodeGenFileType::LLVMObjectFile;
        let failed =
            unsafe { LLVMTargetMachineEmitToMemoryBuffer(self.machine, self.module, kind, &mut message, &mut buffer) };
        let (mut oversized, mut errors) = (vec![], vec![]);
        // One message for each access that is out of reach.
        for error in self.errors.take() {
            let list = if error.contains("BPF stack limit") { &mut oversized } else { &mut errors };
            let subject = if error.contains("BPF stack limit") { function_of(&error) } else { error };
            if !list.contains(&subject) {
                list.push(subject);
            }
        }
        ensure!(
            failed == 0 && errors.is_empty(),
            "LLVM's code generator: {}{}",
            take_message(message),
            errors.join("\n")
        );
        let object = unsafe {
            std::slice::from_raw_parts(LLVMGetBufferStart(buffer).cast::<u8>(), LLVMGetBufferSize(buffer)).to_vec()
        };
        unsafe { LLVMDisposeMemoryBuffer(buffer) };
        Ok((object, oversized))
    }

    /// The module's IR as text.
    pub fn print(&self) -> String {
        take_message(unsafe { LLVMPrintModuleToString(self.module) })
    }

    /// All functions, defined or declared.
    pub fn functions(&self) -> Vec<Function> {
        let mut found = vec![];
        let mut next = unsafe { LLVMGetFirstFunction(self.module) };
        while !next.is_null() {
            found.push(Function(next));
            next = unsafe { LLVMGetNextFunction(next) };
        }
        found
    }

    /// The function of that name.
    pub fn function(&self, name: &str) -> Option<Function> {
        let name = CString::new(name).ok()?;
        let found = unsafe { LLVMGetNamedFunction(self.module, name.as_ptr()) };
        (!found.is_null()).then_some(Function(found))
    }

    /// The function of that name, declared where it is missing.
    pub fn declare(&self, name: &str, signature: Type) -> Function {
        self.function(name).unwrap_or_else(|| self.add_function(name, signature))
    }

    /// A new function without a body.
    pub fn add_function(&self, name: &str, signature: Type) -> Function {
        let name = CString::new(name).expect("symbols have no zero byte");
        Function(unsafe { LLVMAddFunction(self.module, name.as_ptr(), signature.0) })
    }

    /// An integer type.
    pub fn int(&self, bits: u32) -> Type {
        Type(unsafe { LLVMIntTypeInContext(self.context, bits) })
    }

    /// `double`.
    pub fn double(&self) -> Type {
        Type(unsafe { LLVMDoubleTypeInContext(self.context) })
    }

    /// A pointer.
    pub fn pointer(&self) -> Type {
        Type(unsafe { LLVMPointerTypeInContext(self.context, 0) })
    }

    /// No value.
    pub fn void(&self) -> Type {
        Type(unsafe { LLVMVoidTypeInContext(self.context) })
    }

    /// A structure.
    pub fn structure(&self, fields: &[Type]) -> Type {
        let mut fields: Vec<_> = fields.iter().map(|field| field.0).collect();
        Type(unsafe { LLVMStructTypeInContext(self.context, fields.as_mut_ptr(), fields.len() as u32, 0) })
    }

    /// A function type.
    pub fn signature(&self, result: Type, parameters: &[Type]) -> Type {
        let mut parameters: Vec<_> = parameters.iter().map(|parameter| parameter.0).collect();
        Type(unsafe { LLVMFunctionType(result.0, parameters.as_mut_ptr(), parameters.len() as u32, 0) })
    }

    /// A builder without a position.
    pub fn builder(&self) -> Builder<'_> {
        Builder { module: self, builder: unsafe { LLVMCreateBuilderInContext(self.context) } }
    }

    /// A builder that writes before an instruction.
    pub fn before(&self, instruction: Value) -> Builder<'_> {
        let builder = self.builder();
        unsafe { LLVMPositionBuilderBefore(builder.builder, instruction.0) };
        builder
    }

    /// Says of a block that ends with a choice of two that it takes this one once in a hundred times.
    pub fn set_rare(&self, block: Block, way: usize) {
        unsafe {
            let weights = [0, 1].map(|index| {
                let weight = if index == way { 1 } else { RARE };
                LLVMValueAsMetadata(self.int(32).constant(weight).0)
            });
            let name = c"branch_weights";
            let name = LLVMMDStringInContext2(self.context, name.as_ptr(), name.count_bytes());
            let mut operands = [name, weights[0], weights[1]];
            let node = LLVMMDNodeInContext2(self.context, operands.as_mut_ptr(), operands.len());
            let kind = LLVMGetMDKindIDInContext(self.context, c"prof".as_ptr(), 4);
            LLVMSetMetadata(LLVMGetBasicBlockTerminator(block.0), kind, LLVMMetadataAsValue(self.context, node));
        }
    }

    /// A builder that writes a new block at the end of a function.
    pub fn append_block(&self, function: Function) -> Builder<'_> {
        let builder = self.builder();
        unsafe {
            let block = LLVMAppendBasicBlockInContext(self.context, function.0, ANONYMOUS);
            LLVMPositionBuilderAtEnd(builder.builder, block);
        }
        builder
    }

    /// A stack slot of a function, aligned to what the virtual machine needs and no more.
    pub fn stack_slot(&self, function: Function, of: Type) -> Value {
        let first = unsafe { LLVMGetFirstInstruction(LLVMGetEntryBasicBlock(function.0)) };
        let builder = self.before(Value(first));
        let slot = unsafe { LLVMBuildAlloca(builder.builder, of.0, ANONYMOUS) };
        unsafe { LLVMSetAlignment(slot, 8) };
        Value(slot)
    }
}

impl Drop for Module {
    fn drop(&mut self) {
        unsafe {
            LLVMDisposePassBuilderOptions(self.options);
            LLVMDisposeTargetMachine(self.machine);
            LLVMDisposeModule(self.module);
            LLVMContextDispose(self.context);
        }
    }
}

/// A type.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Type(LLVMTypeRef);

impl Type {
    /// Width of an integer type.
    pub fn int_width(self) -> Option<u32> {
        (self.kind() == LLVMTypeKind::LLVMIntegerTypeKind).then(|| unsafe { LLVMGetIntTypeWidth(self.0) })
    }

    /// Whether it is `double`.
    pub fn is_double(self) -> bool {
        self.kind() == LLVMTypeKind::LLVMDoubleTypeKind
    }

    /// Whether it is `float`.
    pub fn is_float(self) -> bool {
        self.kind() == LLVMTypeKind::LLVMFloatTypeKind
    }

    /// Parameters of a function type.
    pub fn parameters(self) -> Vec<Type> {
        let count = unsafe { LLVMCountParamTypes(self.0) } as usize;
        let mut types = vec![ptr::null_mut(); count];
        unsafe { LLVMGetParamTypes(self.0, types.as_mut_ptr()) };
        types.into_iter().map(Type).collect()
    }

    /// Result of a function type.
    pub fn result(self) -> Type {
        Type(unsafe { LLVMGetReturnType(self.0) })
    }

    /// An integer constant of this type.
    pub fn constant(self, value: u64) -> Value {
        Value(unsafe { LLVMConstInt(self.0, value, 0) })
    }

    fn kind(self) -> LLVMTypeKind {
        unsafe { LLVMGetTypeKind(self.0) }
    }
}

/// A function of a module.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Function(LLVMValueRef);

impl Function {
    /// Its symbol.
    pub fn name(self) -> String {
        let mut length = 0;
        let name = unsafe { LLVMGetValueName2(self.0, &mut length) };
        text(name, length)
    }

    /// Gives it a symbol.
    pub fn rename(self, name: &str) {
        unsafe { LLVMSetValueName2(self.0, name.as_ptr().cast(), name.len()) };
    }

    /// The function as a value, such as an operand.
    pub fn value(self) -> Value {
        Value(self.0)
    }

    /// Whether it has no body here.
    pub fn is_declaration(self) -> bool {
        unsafe { LLVMIsDeclaration(self.0) != 0 }
    }

    /// Whether it is one of LLVM's own.
    pub fn is_intrinsic(self) -> bool {
        unsafe { LLVMGetIntrinsicID(self.0) != 0 }
    }

    /// Its type.
    pub fn signature(self) -> Type {
        Type(unsafe { LLVMGlobalGetValueType(self.0) })
    }

    /// One of its parameters.
    pub fn parameter(self, index: usize) -> Value {
        Value(unsafe { LLVMGetParam(self.0, index as u32) })
    }

    /// Makes it invisible outside, so that it goes away where nothing uses it.
    pub fn make_internal(self) {
        unsafe {
            LLVMSetLinkage(self.0, LLVMLinkage::LLVMInternalLinkage);
            LLVMSetVisibility(self.0, LLVMVisibility::LLVMDefaultVisibility);
        }
    }

    fn internalize_unless(self, exports: &HashSet<&str>) {
        let name = self.name();
        if !self.is_declaration() && !name.starts_with("llvm.") && !exports.contains(name.as_str()) {
            self.make_internal();
        }
    }

    /// Gives it another's linkage. Not its attributes: they may say that it reads no memory.
    pub fn copy_linkage(self, from: Function) {
        unsafe { LLVMSetLinkage(self.0, LLVMGetLinkage(from.0)) };
    }

    /// Takes over another's blocks.
    pub fn take_body(self, from: Function) {
        loop {
            let block = unsafe { LLVMGetFirstBasicBlock(from.0) };
            if block.is_null() {
                return;
            }
            unsafe {
                LLVMRemoveBasicBlockFromParent(block);
                LLVMAppendExistingBasicBlock(self.0, block);
            }
        }
    }

    /// First instruction of a function with a body.
    pub fn first_instruction(self) -> Value {
        Value(unsafe { LLVMGetFirstInstruction(LLVMGetEntryBasicBlock(self.0)) })
    }

    /// All of its instructions, as they are now.
    pub fn instructions(self) -> Vec<Value> {
        self.blocks().into_iter().flat_map(Block::instructions).collect()
    }

    /// All of its blocks.
    pub fn blocks(self) -> Vec<Block> {
        let mut found = vec![];
        let mut next = unsafe { LLVMGetFirstBasicBlock(self.0) };
        while !next.is_null() {
            found.push(Block(next));
            next = unsafe { LLVMGetNextBasicBlock(next) };
        }
        found
    }

    /// Removes an attribute of a parameter.
    pub fn remove_parameter_attribute(self, parameter: usize, attribute: &str) {
        unsafe { LLVMRemoveEnumAttributeAtIndex(self.0, parameter as u32 + 1, attribute_kind(attribute)) };
    }

    /// Says that a narrow integer is zero-extended: its result, or the parameter at a place.
    pub fn set_zero_extended(self, of: Passed) {
        unsafe {
            let context = LLVMGetTypeContext(self.signature().0);
            LLVMRemoveEnumAttributeAtIndex(self.0, of.index(), attribute_kind("signext"));
            LLVMAddAttributeAtIndex(self.0, of.index(), zero_extended(context));
        }
    }

    /// Removes it; nothing may use it any more.
    pub fn delete(self) {
        unsafe { LLVMDeleteFunction(self.0) };
    }
}

/// A block of a function.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Block(LLVMBasicBlockRef);

impl Block {
    /// Its instructions, as they are now.
    pub fn instructions(self) -> Vec<Value> {
        let mut found = vec![];
        let mut next = unsafe { LLVMGetFirstInstruction(self.0) };
        while !next.is_null() {
            found.push(Value(next));
            next = unsafe { LLVMGetNextInstruction(next) };
        }
        found
    }

    /// The jump of a block that does nothing but jump to another.
    pub fn only_jump(self) -> Option<Value> {
        unsafe {
            let last = LLVMGetBasicBlockTerminator(self.0);
            let alone = !last.is_null() && LLVMGetFirstInstruction(self.0) == last;
            (alone && !LLVMIsABranchInst(last).is_null() && LLVMIsConditional(last) == 0).then_some(Value(last))
        }
    }

    /// What decides between two ways, the first if it is true.
    pub fn condition(self) -> Option<Value> {
        unsafe {
            let last = LLVMGetBasicBlockTerminator(self.0);
            let choice = !last.is_null() && !LLVMIsABranchInst(last).is_null() && LLVMIsConditional(last) != 0;
            choice.then(|| Value(LLVMGetCondition(last)))
        }
    }

    /// Blocks that its end leads to.
    pub fn ways(self) -> Vec<Block> {
        unsafe {
            let last = LLVMGetBasicBlockTerminator(self.0);
            (0..LLVMGetNumSuccessors(last)).map(|index| Block(LLVMGetSuccessor(last, index))).collect()
        }
    }

    /// Lets one of its ways lead to another block.
    pub fn set_way(self, index: usize, to: Block) {
        unsafe { LLVMSetSuccessor(LLVMGetBasicBlockTerminator(self.0), index as u32, to.0) };
    }

    /// What the block that it jumps to takes from it.
    pub fn brings(self) -> Vec<Value> {
        let mut found = vec![];
        unsafe {
            let mut next = LLVMGetFirstInstruction(LLVMGetSuccessor(LLVMGetBasicBlockTerminator(self.0), 0));
            while !next.is_null() && !LLVMIsAPHINode(next).is_null() {
                let ours = (0..LLVMCountIncoming(next)).find(|&index| LLVMGetIncomingBlock(next, index) == self.0);
                found.extend(ours.map(|index| Value(LLVMGetIncomingValue(next, index))));
                next = LLVMGetNextInstruction(next);
            }
        }
        found
    }

    /// Whether the block that it jumps to takes a constant integer from it, and something else from another.
    pub fn brings_constant(self) -> bool {
        unsafe {
            let target = LLVMGetSuccessor(LLVMGetBasicBlockTerminator(self.0), 0);
            let mut next = LLVMGetFirstInstruction(target);
            while !next.is_null() && !LLVMIsAPHINode(next).is_null() {
                let count = LLVMCountIncoming(next);
                let ours = (0..count).find(|&index| LLVMGetIncomingBlock(next, index) == self.0);
                if let Some(ours) = ours {
                    let value = LLVMGetIncomingValue(next, ours);
                    let others = (0..count).any(|index| LLVMGetIncomingValue(next, index) != value);
                    if others && !LLVMIsAConstantInt(value).is_null() {
                        return true;
                    }
                }
                next = LLVMGetNextInstruction(next);
            }
        }
        false
    }
}

/// What a call passes: its result, or a parameter.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Passed {
    /// What it gives.
    Result,
    /// What it takes at a place.
    Parameter(usize),
}

impl Passed {
    fn index(self) -> u32 {
        match self {
            Self::Result => 0,
            Self::Parameter(place) => place as u32 + 1,
        }
    }
}

fn zero_extended(context: LLVMContextRef) -> LLVMAttributeRef {
    unsafe { LLVMCreateEnumAttribute(context, attribute_kind("zeroext"), 0) }
}

fn attribute_kind(name: &str) -> u32 {
    unsafe { LLVMGetEnumAttributeKindForName(name.as_ptr().cast(), name.len()) }
}

/// A value: an instruction, a parameter or a constant.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Value(LLVMValueRef);

impl Value {
    /// Its type.
    pub fn kind(self) -> Type {
        Type(unsafe { LLVMTypeOf(self.0) })
    }

    /// What an instruction does.
    pub fn opcode(self) -> Opcode {
        unsafe { LLVMGetInstructionOpcode(self.0) }
    }

    /// An operand of an instruction; for a call its arguments come first.
    pub fn operand(self, index: usize) -> Value {
        Value(unsafe { LLVMGetOperand(self.0, index as u32) })
    }

    /// The instruction behind it in its block.
    pub fn next(self) -> Value {
        Value(unsafe { LLVMGetNextInstruction(self.0) })
    }

    /// Gives an instruction another operand.
    pub fn set_operand(self, index: usize, operand: Value) {
        unsafe { LLVMSetOperand(self.0, index as u32, operand.0) };
    }

    /// Predicate of a comparison of integers.
    pub fn integer_predicate(self) -> Option<IntPredicate> {
        (unsafe { !LLVMIsAICmpInst(self.0).is_null() }).then(|| unsafe { LLVMGetICmpPredicate(self.0) })
    }

    /// Predicate of a floating-point comparison.
    pub fn real_predicate(self) -> RealPredicate {
        unsafe { LLVMGetFCmpPredicate(self.0) }
    }

    /// Type of the source of a zero extension.
    pub fn zero_extended_from(self) -> Option<Type> {
        (unsafe { !LLVMIsAZExtInst(self.0).is_null() }).then(|| self.operand(0).kind())
    }

    /// Value of an integer constant of at most 64 bits.
    pub fn constant(self) -> Option<u64> {
        let fits = unsafe { !LLVMIsAConstantInt(self.0).is_null() } && self.kind().int_width()? <= 64;
        fits.then(|| unsafe { LLVMConstIntGetZExtValue(self.0) })
    }

    /// Whether it is an integer constant, of any width.
    pub fn is_constant(self) -> bool {
        unsafe { !LLVMIsAConstantInt(self.0).is_null() }
    }

    /// Whether it is a call.
    pub fn is_call(self) -> bool {
        unsafe { !LLVMIsACallInst(self.0).is_null() }
    }

    /// What a call calls: a function or, indirectly, a pointer.
    pub fn callee(self) -> Value {
        Value(unsafe { LLVMGetCalledValue(self.0) })
    }

    /// The type by which a call calls.
    pub fn call_signature(self) -> Type {
        Type(unsafe { LLVMGetCalledFunctionType(self.0) })
    }

    /// The function that this value is.
    pub fn as_function(self) -> Option<Function> {
        (unsafe { !LLVMIsAFunction(self.0).is_null() }).then_some(Function(self.0))
    }

    /// Name of the intrinsic that a call calls.
    pub fn intrinsic(self) -> Option<String> {
        let function = self.is_call().then(|| self.callee().as_function()).flatten()?;
        function.is_intrinsic().then(|| function.name())
    }

    /// Removes an attribute of a call's argument.
    pub fn remove_argument_attribute(self, argument: usize, attribute: &str) {
        unsafe { LLVMRemoveCallSiteEnumAttribute(self.0, argument as u32 + 1, attribute_kind(attribute)) };
    }

    /// Says of a call that a narrow integer is zero-extended, as [`Function::set_zero_extended`].
    pub fn set_zero_extended(self, of: Passed) {
        unsafe {
            let context = LLVMGetTypeContext(self.call_signature().0);
            LLVMRemoveCallSiteEnumAttribute(self.0, of.index(), attribute_kind("signext"));
            LLVMAddCallSiteAttribute(self.0, of.index(), zero_extended(context));
        }
    }

    /// Base and distance of an address that is so many bytes behind another.
    pub fn behind(self) -> Option<(Value, i64)> {
        unsafe {
            if LLVMIsAGetElementPtrInst(self.0).is_null() || LLVMGetNumIndices(self.0) != 1 {
                return None;
            }
            let bytes = Type(LLVMGetGEPSourceElementType(self.0)).int_width() == Some(8);
            let index = LLVMGetOperand(self.0, 1);
            let known = bytes && !LLVMIsAConstantInt(index).is_null();
            known.then(|| (self.operand(0), LLVMConstIntGetSExtValue(index)))
        }
    }

    /// What a store stores.
    pub fn stored(self) -> Option<Value> {
        (unsafe { !LLVMIsAStoreInst(self.0).is_null() }).then(|| self.operand(0))
    }

    /// Whether nothing is done with an address but to store it in this block, and to load or store what lies there.
    pub fn is_only_stored(self, block: Block) -> bool {
        unsafe {
            let mut next = LLVMGetFirstUse(self.0);
            while !next.is_null() {
                let user = LLVMGetUser(next);
                let stores = !LLVMIsAStoreInst(user).is_null();
                let is_value = stores && LLVMGetOperand(user, 0) == self.0;
                let is_here = LLVMGetInstructionParent(user) == block.0;
                if !LLVMIsALoadInst(user).is_null() || stores && (!is_value || is_here) {
                    next = LLVMGetNextUse(next);
                } else {
                    return false;
                }
            }
        }
        true
    }

    /// Whether it is an instruction.
    pub fn is_instruction(self) -> bool {
        unsafe { !LLVMIsAInstruction(self.0).is_null() }
    }

    /// Whether it is a parameter of a function.
    pub fn is_parameter(self) -> bool {
        unsafe { !LLVMIsAArgument(self.0).is_null() }
    }

    /// Whether it is a place on the stack.
    pub fn is_stack_slot(self) -> bool {
        unsafe { !LLVMIsAAllocaInst(self.0).is_null() }
    }

    /// Puts another value wherever this one is used.
    pub fn replace_uses(self, with: Value) {
        unsafe { LLVMReplaceAllUsesWith(self.0, with.0) };
    }

    /// Removes an instruction; nothing may use it any more.
    pub fn erase(self) {
        unsafe { LLVMInstructionEraseFromParent(self.0) };
    }

    /// Puts another value in the place of this instruction.
    pub fn replace(self, with: Value) {
        self.replace_uses(with);
        self.erase();
    }
}

/// Writes instructions.
pub struct Builder<'m> {
    module: &'m Module,
    builder: LLVMBuilderRef,
}

macro_rules! binary_operations {
    ($($name:ident $call:ident)*) => {$(
        #[doc = concat!("`", stringify!($name), "`")]
        pub fn $name(&self, left: Value, right: Value) -> Value {
            Value(unsafe { $call(self.builder, left.0, right.0, ANONYMOUS) })
        }
    )*};
}

macro_rules! conversions {
    ($($name:ident $call:ident)*) => {$(
        #[doc = concat!("`", stringify!($name), "`; nothing where the type is that already")]
        pub fn $name(&self, value: Value, to: Type) -> Value {
            if value.kind() == to { value } else { Value(unsafe { $call(self.builder, value.0, to.0, ANONYMOUS) }) }
        }
    )*};
}

impl Builder<'_> {
    binary_operations! {
        add LLVMBuildAdd sub LLVMBuildSub mul LLVMBuildMul udiv LLVMBuildUDiv urem LLVMBuildURem
        and LLVMBuildAnd or LLVMBuildOr xor LLVMBuildXor
        shl LLVMBuildShl lshr LLVMBuildLShr ashr LLVMBuildAShr
    }

    conversions! { zext LLVMBuildZExt sext LLVMBuildSExt trunc LLVMBuildTrunc }

    /// Comparison of integers.
    pub fn compare(&self, predicate: IntPredicate, left: Value, right: Value) -> Value {
        Value(unsafe { LLVMBuildICmp(self.builder, predicate, left.0, right.0, ANONYMOUS) })
    }

    /// One of two values.
    pub fn select(&self, condition: Value, yes: Value, no: Value) -> Value {
        Value(unsafe { LLVMBuildSelect(self.builder, condition.0, yes.0, no.0, ANONYMOUS) })
    }

    /// The address so many bytes behind another.
    pub fn bytes_behind(&self, pointer: Value, bytes: i64) -> Value {
        let (byte, i64) = (self.module.int(8), self.module.int(64));
        let mut index = [i64.constant(bytes as u64).0];
        Value(unsafe { LLVMBuildGEP2(self.builder, byte.0, pointer.0, index.as_mut_ptr(), 1, ANONYMOUS) })
    }

    /// Reads memory. 128-bit values lie on eight-byte boundaries here.
    pub fn load(&self, of: Type, from: Value) -> Value {
        let load = unsafe { LLVMBuildLoad2(self.builder, of.0, from.0, ANONYMOUS) };
        if of.int_width().is_some_and(|width| width > 64) {
            unsafe { LLVMSetAlignment(load, 8) };
        }
        Value(load)
    }

    /// Writes memory, aligned as [`Builder::load`].
    pub fn store(&self, value: Value, to: Value) {
        let store = unsafe { LLVMBuildStore(self.builder, value.0, to.0) };
        if value.kind().int_width().is_some_and(|width| width > 64) {
            unsafe { LLVMSetAlignment(store, 8) };
        }
    }

    /// Address of a structure's field.
    pub fn field(&self, structure: Type, pointer: Value, index: usize) -> Value {
        Value(unsafe { LLVMBuildStructGEP2(self.builder, structure.0, pointer.0, index as u32, ANONYMOUS) })
    }

    /// A structure value of two fields.
    pub fn pair(&self, of: Type, first: Value, second: Value) -> Value {
        unsafe {
            let empty = LLVMGetPoison(of.0);
            let half = LLVMBuildInsertValue(self.builder, empty, first.0, 0, ANONYMOUS);
            Value(LLVMBuildInsertValue(self.builder, half, second.0, 1, ANONYMOUS))
        }
    }

    /// A call.
    pub fn call(&self, signature: Type, callee: Value, arguments: &[Value]) -> Value {
        let mut arguments: Vec<_> = arguments.iter().map(|argument| argument.0).collect();
        let count = arguments.len() as u32;
        Value(unsafe { LLVMBuildCall2(self.builder, signature.0, callee.0, arguments.as_mut_ptr(), count, ANONYMOUS) })
    }

    /// A call of a function by its own signature, of the given types.
    pub fn call_function(&self, function: Function, result: Type, arguments: &[Value]) -> Value {
        let parameters: Vec<_> = arguments.iter().map(|argument| argument.kind()).collect();
        self.call(self.module.signature(result, &parameters), function.value(), arguments)
    }

    /// The same value, of which nothing is known any more. It takes no instruction.
    pub fn hidden(&self, value: Value) -> Value {
        self.assembly(value.kind(), &[value], c"=r,0", false)
    }

    /// Nothing, which stays where it is.
    pub fn barrier(&self) {
        self.assembly(self.module.void(), &[], c"", true);
    }

    fn assembly(&self, result: Type, arguments: &[Value], constraints: &CStr, effects: bool) -> Value {
        let parameters: Vec<_> = arguments.iter().map(|argument| argument.kind()).collect();
        let signature = self.module.signature(result, &parameters);
        let (length, dialect) = (constraints.count_bytes(), llvm_sys::LLVMInlineAsmDialect::LLVMInlineAsmDialectATT);
        let constraints = constraints.as_ptr();
        let assembly =
            unsafe { LLVMGetInlineAsm(signature.0, ANONYMOUS, 0, constraints, length, effects.into(), 0, dialect, 0) };
        self.call(signature, Value(assembly), arguments)
    }

    /// The end of a block that is never left.
    pub fn unreachable(&self) {
        unsafe { LLVMBuildUnreachable(self.builder) };
    }
}

impl Drop for Builder<'_> {
    fn drop(&mut self) {
        unsafe { LLVMDisposeBuilder(self.builder) };
    }
}
