//! Each rewrite on a small module: what the code generator refuses goes in, and what it takes comes out.

use {
    anyhow::Result,
    joule_sbf::{
        ir::Module,
        legalize::{self, arithmetic, calling_convention, float, memory, panic},
        llvm, tune,
    },
    std::path::Path,
};

fn module(text: &str) -> Module {
    llvm::load_detected(&Path::new(env!("CARGO_TARGET_TMPDIR")).join("llvm")).expect("a compiler with LLVM");
    let header = "target triple = \"bpfel\"\n\
        target datalayout = \"e-m:e-p:64:64-i64:64-i128:128-n32:64-S128\"\n";
    Module::parse(format!("{header}{text}").as_bytes()).expect("the test's IR is valid")
}

/// A module with one function, `@f`, of these parameters, result and body.
fn function(result: &str, parameters: &str, body: &str, declarations: &str) -> Module {
    module(&format!("{declarations}\ndefine {result} @f({parameters}) {{\n{body}\n}}\n"))
}

/// What the code generator says of a module as it is.
fn refusal(module: &Module) -> String {
    module.verify().expect("the test's IR is valid");
    match module.emit() {
        Err(error) => error.to_string(),
        Ok(_) => panic!("the code generator takes it as it is: the rewrite is not needed: {}", module.print()),
    }
}

/// Rewrites until nothing changes, then verifies and generates code.
fn rewritten(module: &Module, rewrite: impl Fn(&Module) -> Result<bool>) -> String {
    let mut rounds = 0;
    while rewrite(module).expect("it can be rewritten") {
        rounds += 1;
        assert!(rounds < 10, "it never ends");
    }
    assert!(rounds > 0, "nothing was rewritten");
    let text = module.print();
    module.verify().expect(&text);
    module.emit().expect(&text);
    text
}

fn unit(rewrite: impl Fn(&Module) -> Result<()>) -> impl Fn(&Module) -> Result<bool> {
    let done = std::cell::Cell::new(false);
    move |module| rewrite(module).map(|()| !done.replace(true))
}

const DIVISION: &str = "declare void @__udivti3(ptr, i128, i128)\ndeclare void @__umodti3(ptr, i128, i128)";

#[test]
fn wide_products_are_written_out() {
    for width in [65, 96, 128] {
        let body = format!("%r = mul i{width} %a, %b\nstore i{width} %r, ptr %o, align 8\nret void");
        let m = function("void", &format!("ptr %o, i{width} %a, i{width} %b"), &body, "");
        if width == 128 {
            assert!(refusal(&m).contains("__multi3"));
        }
        let text = rewritten(&m, arithmetic::rewrite);
        assert!(!text.contains(&format!("mul i{width}")), "{text}");
        assert!(!text.contains("call"), "{text}");
    }
}

#[test]
fn products_wider_than_128_bits_are_long_multiplications() {
    let body = "%a = zext i128 %x to i256\n%b = zext i64 %y to i256\n%r = mul i256 %a, %b\n%h = lshr i256 %r, 128\n\
        %t = trunc i256 %h to i64\nret i64 %t";
    let m = function("i64", "i128 %x, i64 %y", body, "");
    let text = rewritten(&m, arithmetic::rewrite);
    assert!(!text.contains("mul i256"), "{text}");
    // Two limbs by one: each product has four partial ones and its own low half.
    assert_eq!(text.matches("mul i64").count(), 2 * 5, "{text}");
}

#[test]
fn wide_divisions_become_calls() {
    for (operation, callee) in [("udiv", "__udivti3"), ("urem", "__umodti3")] {
        for width in [128, 96] {
            let body = format!("%r = {operation} i{width} %a, %b\nstore i{width} %r, ptr %o, align 8\nret void");
            let parameters = format!("ptr %o, i{width} %a, i{width} %b");
            let m = function("void", &parameters, &body, DIVISION);
            refusal(&m);
            let text = rewritten(&m, arithmetic::rewrite);
            assert!(!text.contains(&format!("{operation} i{width}")), "{text}");
            assert!(text.contains(&format!("call void @{callee}")), "{text}");
        }
    }
    let too_wide = function("i192", "i192 %a", "%r = udiv i192 %a, 10\nret i192 %r", DIVISION);
    assert!(arithmetic::rewrite(&too_wide).is_err());
    let missing = function("void", "ptr %o, i128 %a", "%r = udiv i128 %a, 10\nstore i128 %r, ptr %o\nret void", "");
    let error = format!("{:#}", arithmetic::rewrite(&missing).expect_err("there is nothing to call"));
    assert!(error.contains("__udivti3") && error.contains("in the function f"), "{error}");
}

#[test]
fn signed_divisions_become_unsigned() {
    for operation in ["sdiv", "srem"] {
        for width in [8, 16, 32, 64, 128] {
            let body = format!("%r = {operation} i{width} %a, %b\nstore i{width} %r, ptr %o, align 8\nret void");
            let m = function("void", &format!("ptr %o, i{width} %a, i{width} %b"), &body, DIVISION);
            refusal(&m);
            let text = rewritten(&m, arithmetic::rewrite);
            assert!(!text.contains(operation), "{text}");
        }
    }
}

#[test]
fn products_checked_for_overflow_are_written_out() {
    for intrinsic in ["llvm.umul.with.overflow.i64", "llvm.smul.with.overflow.i64"] {
        let declarations = format!("declare {{ i64, i1 }} @{intrinsic}(i64, i64)");
        let body = format!(
            "%p = call {{ i64, i1 }} @{intrinsic}(i64 %a, i64 %b)\n%v = extractvalue {{ i64, i1 }} %p, 0\n\
             %o = extractvalue {{ i64, i1 }} %p, 1\n%r = select i1 %o, i64 7, i64 %v\nret i64 %r"
        );
        let m = function("i64", "i64 %a, i64 %b", &body, &declarations);
        refusal(&m);
        let text = rewritten(&m, arithmetic::rewrite);
        assert!(!text.contains(&format!("call {{ i64, i1 }} @{intrinsic}")), "{text}");
    }
}

#[test]
fn wide_products_checked_for_overflow_call_only_where_both_operands_are_wide() {
    let declarations = "declare { i128, i1 } @llvm.umul.with.overflow.i128(i128, i128)\n\
        declare { i128, i1 } @llvm.smul.with.overflow.i128(i128, i128)\n\
        declare void @__rust_u128_mulo(ptr, i128, i128, ptr)\ndeclare void @__rust_i128_mulo(ptr, i128, i128, ptr)";
    let body = |sign: char, operand: &str| {
        format!(
            "%n = zext i64 %c to i128\n\
             %p = call {{ i128, i1 }} @llvm.{sign}mul.with.overflow.i128(i128 %a, i128 {operand})\n\
             %v = extractvalue {{ i128, i1 }} %p, 0\nstore i128 %v, ptr %o, align 8\n\
             %f = extractvalue {{ i128, i1 }} %p, 1\nret i1 %f"
        )
    };
    for (sign, operand, calls) in [('u', "%n", 0), ('u', "1000000", 0), ('u', "%a", 1), ('s', "%n", 1), ('s', "-3", 1)]
    {
        let m = function("i1", "ptr %o, i128 %a, i64 %c", &body(sign, operand), declarations);
        // The helper itself has too many arguments: the calls are rewritten as in a whole program.
        let text = {
            while arithmetic::rewrite(&m).expect("it can be rewritten") {}
            m.verify().expect("valid");
            m.print()
        };
        assert!(!text.contains("call { i128, i1 }"), "{text}");
        assert_eq!(
            text.matches(&format!("call void @__rust_{sign}128_mulo").replace("_s1", "_i1")).count(),
            calls,
            "{text}"
        );
    }
}

#[test]
fn wide_arguments_go_by_pointer_where_the_callee_takes_them_so() {
    let by_pointer = "declare void @__udivti3(ptr, ptr, i128)";
    let body = "%r = udiv i128 %a, %b\nstore i128 %r, ptr %o, align 8\nret void";
    let text = rewritten(&function("void", "ptr %o, i128 %a, i128 %b", body, by_pointer), arithmetic::rewrite);
    assert!(text.contains("store i128 %a, ptr %"), "{text}");
    assert!(text.contains(", i128 %b)"), "{text}");
    let other = "declare void @__udivti3(ptr, i64, i128)";
    assert!(arithmetic::rewrite(&function("void", "ptr %o, i128 %a, i128 %b", body, other)).is_err());
}

#[test]
fn wide_shifts_by_an_unknown_amount_are_written_out() {
    for operation in ["shl", "lshr", "ashr"] {
        for width in [128, 96] {
            let body = format!("%r = {operation} i{width} %a, %b\nstore i{width} %r, ptr %o, align 8\nret void");
            let m = function("void", &format!("ptr %o, i{width} %a, i{width} %b"), &body, "");
            refusal(&m);
            let text = rewritten(&m, arithmetic::rewrite);
            assert!(!text.contains(&format!("{operation} i{width} %a, %b")), "{text}");
            assert!(!text.contains("call"), "{text}");
        }
    }
    let too_wide = function("i192", "i192 %a, i192 %b", "%r = shl i192 %a, %b\nret i192 %r", "");
    assert!(arithmetic::rewrite(&too_wide).is_err());
}

#[test]
fn supported_operations_stay_unchanged() {
    for body in [
        "%r = shl i128 %a, 70",
        "%r = ashr i128 %a, 3",
        "%r = call i128 @llvm.fshr.i128(i128 %a, i128 %b, i128 9)",
        "%r = call i128 @llvm.fshr.i128(i128 %a, i128 %a, i128 %b)",
        "%r = call i128 @llvm.ctlz.i128(i128 %a, i1 false)",
        "%r = call i128 @llvm.ctpop.i128(i128 %a)",
        "%r = sub i128 %a, %b",
    ] {
        let declarations = "declare i128 @llvm.fshr.i128(i128, i128, i128)\n\
            declare i128 @llvm.ctlz.i128(i128, i1)\ndeclare i128 @llvm.ctpop.i128(i128)";
        let body = format!("{body}\nstore i128 %r, ptr %o, align 8\nret void");
        let m = function("void", "ptr %o, i128 %a, i128 %b", &body, declarations);
        assert!(!arithmetic::rewrite(&m).expect("nothing to do"));
        m.emit().expect("the code generator takes it");
    }
}

#[test]
fn float_arithmetic_becomes_calls() {
    for (operation, callee) in [("fadd", "__adddf3"), ("fsub", "__subdf3"), ("fmul", "__muldf3"), ("fdiv", "__divdf3")]
    {
        let declarations = format!("declare double @{callee}(double, double)");
        let m = function(
            "double",
            "double %a, double %b",
            &format!("%r = {operation} double %a, %b\nret double %r"),
            &declarations,
        );
        refusal(&m);
        let text = rewritten(&m, float::rewrite);
        assert!(!text.contains(&format!(" {operation} ")) && text.contains(&format!("@{callee}(double %")), "{text}");
    }
}

#[test]
fn every_float_comparison_becomes_calls() {
    let declarations: String = ["eq", "ge", "gt", "le", "lt", "ne", "unord"]
        .map(|name| format!("declare i32 @__{name}df2(double, double)\n"))
        .concat();
    for (predicate, calls) in [
        ("oeq", 1),
        ("ogt", 1),
        ("oge", 1),
        ("olt", 1),
        ("ole", 1),
        ("one", 2),
        ("ord", 1),
        ("ueq", 2),
        ("ugt", 1),
        ("uge", 1),
        ("ult", 1),
        ("ule", 1),
        ("une", 1),
        ("uno", 1),
        ("true", 0),
        ("false", 0),
    ] {
        let body = format!("%r = fcmp {predicate} double %a, %b\nret i1 %r");
        let m = function("i1", "double %a, double %b", &body, &declarations);
        let text = rewritten(&m, float::rewrite);
        assert!(!text.contains("fcmp"), "{text}");
        assert_eq!(text.matches("= call i32").count(), calls, "{predicate}: {text}");
    }
}

#[test]
fn float_conversions_become_calls() {
    let declarations: String = [
        "double @__floatdidf(i64)",
        "double @__floatundidf(i64)",
        "double @__floattidf(i128)",
        "double @__floatuntidf(i128)",
        "i64 @__fixdfdi(double)",
        "i64 @__fixunsdfdi(double)",
        "void @__fixdfti(ptr, double)",
        "void @__fixunsdfti(ptr, double)",
        "i32 @llvm.fptoui.sat.i32.f64(double)",
        "i64 @llvm.fptoui.sat.i64.f64(double)",
        "i8 @llvm.fptosi.sat.i8.f64(double)",
        "i64 @llvm.fptosi.sat.i64.f64(double)",
    ]
    .map(|signature| format!("declare {signature}\n"))
    .concat();
    for (result, parameter, body, gone) in [
        ("double", "i32 %a", "%r = uitofp i32 %a to double", "uitofp"),
        ("double", "i64 %a", "%r = sitofp i64 %a to double", "sitofp"),
        ("double", "i128 %a", "%r = uitofp i128 %a to double", "uitofp"),
        ("double", "i128 %a", "%r = sitofp i128 %a to double", "sitofp"),
        ("i64", "double %a", "%r = fptoui double %a to i64", "fptoui double"),
        ("i16", "double %a", "%r = fptosi double %a to i16", "fptosi double"),
        ("i64", "double %a", "%r = call i64 @llvm.fptoui.sat.i64.f64(double %a)", "call i64 @llvm"),
        ("i64", "double %a", "%r = call i64 @llvm.fptosi.sat.i64.f64(double %a)", "call i64 @llvm"),
        ("i32", "double %a", "%r = call i32 @llvm.fptoui.sat.i32.f64(double %a)", "call i32 @llvm"),
        ("i8", "double %a", "%r = call i8 @llvm.fptosi.sat.i8.f64(double %a)", "call i8 @llvm"),
    ] {
        let m = function(result, parameter, &format!("{body}\nret {result} %r"), &declarations);
        refusal(&m);
        let text = rewritten(&m, float::rewrite);
        assert!(!text.contains(gone), "{text}");
    }
    let single = function("float", "float %a", "%r = fadd float %a, %a\nret float %r", "");
    assert!(!float::rewrite(&single).expect("not its business"));
    refusal(&single);
}

#[test]
fn long_copies_and_fills_become_calls_and_short_ones_stay() {
    let declarations = "declare void @llvm.memcpy.p0.p0.i64(ptr, ptr, i64, i1)\n\
        declare void @llvm.memmove.p0.p0.i64(ptr, ptr, i64, i1)\ndeclare void @llvm.memset.p0.i64(ptr, i8, i64, i1)\n\
        declare ptr @memcpy(ptr, ptr, i64)\ndeclare ptr @memmove(ptr, ptr, i64)\ndeclare ptr @memset(ptr, i32, i64)";
    let operation = |name: &str, length: &str| match name {
        "memset" => format!("call void @llvm.memset.p0.i64(ptr align 8 %a, i8 7, i64 {length}, i1 false)"),
        _ => format!("call void @llvm.{name}.p0.p0.i64(ptr align 8 %a, ptr align 8 %b, i64 {length}, i1 false)"),
    };
    for name in ["memcpy", "memmove", "memset"] {
        for length in ["%n", "65", "1000"] {
            let body = format!("{}\nret void", operation(name, length));
            let m = function("void", "ptr %a, ptr %b, i64 %n", &body, declarations);
            let text = rewritten(&m, unit(memory::rewrite));
            assert!(!text.contains("call void @llvm"), "{text}");
            assert!(text.contains(&format!("call ptr @{name}(")), "{text}");
        }
        for length in ["0", "1", "8", "63", "64"] {
            let body = format!("{}\nret void", operation(name, length));
            let m = function("void", "ptr %a, ptr %b, i64 %n", &body, declarations);
            memory::rewrite(&m).expect("nothing to do");
            let text = m.print();
            assert!(!text.contains("call ptr"), "{text}");
            m.emit().expect("the code generator writes it out");
        }
    }
}

#[test]
fn surplus_arguments_go_through_memory() {
    let m = module(
        "define i64 @six(i64 %a, i64 %b, i64 %c, i64 %d, i64 %e, i64 %f) {\n%r = sub i64 %e, %f\nret i64 %r\n}\n\
         define i64 @wide(i128 %a, i128 %b, i128 %c) {\n%s = add i128 %a, %c\n%r = trunc i128 %s to i64\nret i64 %r\n}\n\
         define i64 @f(i64 %a, i128 %b, ptr %p) {\n\
         %x = call i64 @six(i64 %a, i64 1, i64 2, i64 3, i64 4, i64 5)\n\
         %y = call i64 @wide(i128 %b, i128 1, i128 %b)\n\
         %z = call i64 %p(i64 %x, i64 %y, i128 %b, i128 %b)\n\
         ret i64 %z\n}\n\
         define i64 @five(i64 %a, i64 %b, i64 %c, i128 %d) {\nret i64 %c\n}\n",
    );
    assert!(refusal(&m).contains("too many arguments"), "{}", refusal(&m));
    let text = rewritten(&m, unit(calling_convention::rewrite));
    for (signature, why) in [
        ("define i64 @six(i64 %0, i64 %1, i64 %2, i64 %3, ptr %4)", "four stay, the rest is behind the fifth"),
        ("define i64 @wide(i128 %0, i128 %1, ptr %2)", "a wide one takes two"),
        ("define i64 @five(i64 %a, i64 %b, i64 %c, i128 %d)", "five fit as they are"),
        ("call i64 %p(i64 %", "calls by pointer keep their order"),
    ] {
        assert!(text.contains(signature), "{why}: {text}");
    }
}

#[test]
fn a_function_of_the_outside_cannot_take_surplus_arguments() {
    let m = function(
        "i64",
        "i64 %a",
        "%r = call i64 @far(i64 %a, i64 1, i64 2, i64 3, i64 4, i64 5)\nret i64 %r",
        "declare i64 @far(i64, i64, i64, i64, i64, i64)",
    );
    assert!(calling_convention::rewrite(&m).is_err());
}

#[test]
fn results_through_a_pointer_lose_their_attribute() {
    let m = module(
        "define void @big(ptr sret([2 x i64]) align 8 %r, i64 %a) {\nstore i64 %a, ptr %r\nret void\n}\n\
         define void @f(ptr sret([2 x i64]) align 8 %r) {\n\
         call void @big(ptr sret([2 x i64]) align 8 %r, i64 1)\nret void\n}\n",
    );
    refusal(&m);
    let text = rewritten(&m, unit(calling_convention::rewrite));
    assert!(!text.contains("sret"), "{text}");
}

#[test]
fn foreign_panics_abort() {
    let m = function(
        "void",
        "",
        "call void @_RNvNtCs_4core9panicking9panic_fmt()\nunreachable",
        "declare void @_RNvNtCs_4core9panicking9panic_fmt()\ndeclare void @sol_log_()",
    );
    panic::abort_foreign(&m);
    m.verify().expect("valid");
    let text = m.print();
    assert!(text.contains("call void @abort()"), "{text}");
    assert!(text.contains("declare void @sol_log_()"), "only panics: {text}");
}

#[test]
fn a_whole_program_has_no_atomics_and_nothing_unused() {
    let runtime = legalize::RUNTIME
        .iter()
        .map(|name| format!("define void @{name}(ptr %r) {{\nret void\n}}\n"))
        .collect::<String>();
    let m = module(&format!(
        "{runtime}define i64 @entrypoint(ptr %a) {{\n%old = atomicrmw add ptr %a, i64 5 seq_cst\n\
         %pair = cmpxchg ptr %a, i64 1, i64 2 seq_cst seq_cst\nfence seq_cst\nret i64 %old\n}}\n\
         define i64 @unused() {{\nret i64 1\n}}\n"
    ));
    legalize::program(&m, &["entrypoint"]).expect("it can be rewritten");
    let text = m.print();
    for gone in ["atomicrmw", "cmpxchg", "fence", "@unused", "@__udivti3"] {
        assert!(!text.contains(gone), "{gone}: {text}");
    }
    assert!(text.contains("@entrypoint"), "{text}");
    m.emit().expect("the code generator takes it");
}

#[test]
fn a_frame_that_is_too_large_is_named() {
    let body = |bytes: u32| format!("%a = alloca [{bytes} x i8], align 8\n%p = call i64 @sol_log_(ptr %a)\nret i64 %p");
    let oversized = |bytes| function("i64", "", &body(bytes), "declare i64 @sol_log_(ptr)").emit().expect("valid").1;
    assert_eq!(oversized(4000), Vec::<String>::new());
    assert_eq!(oversized(4200), ["f"]);
}

#[test]
fn a_sum_that_is_compared_stays_two_operations() {
    let body = "%s = add i64 %a, %b\n%c = icmp ult i64 %s, %a\nbr i1 %c, label %no, label %yes\n\
        no:\nret i64 0\nyes:\nret i64 %s";
    let m = function("i64", "i64 %a, i64 %b", body, "");
    let text = rewritten(&m, unit(tune::program));
    assert!(text.contains("asm \"\", \"=r,0\"(i64 %s)") && text.contains("icmp ult i64 %1, %a"), "{text}");
}

#[test]
fn narrow_integers_are_extended_by_who_gives_them() {
    let m = module(
        "declare i32 @sol_log_(i32)\n\
        define internal i32 @inner(i8 %a, i64 %b) {\nret i32 2999\n}\n\
        define ptr @memset(ptr %p, i8 %b, i64 %n) {\nret ptr %p\n}\n\
        define i32 @f(ptr %g, i8 %a, ptr %p) {\n\
        %x = call i32 @inner(i8 %a, i64 1)\n%y = call signext i32 %g(i16 signext 7)\n%z = call i32 @sol_log_(i32 %y)\n\
        %m = call ptr @memset(ptr %p, i8 %a, i64 3)\n%c = icmp eq i32 %x, 2999\nbr i1 %c, label %yes, label %no\n\
        yes:\nret i32 %z\nno:\nret i32 1\n}\n",
    );
    let text = rewritten(&m, unit(tune::program));
    for there in [
        "define internal zeroext i32 @inner(i8 zeroext %a, i64 %b)",
        "call zeroext i32 @inner(i8 zeroext %a, i64 1)",
        "call zeroext i32 %g(i16 zeroext 7)",
        // What is not ours, and what the code generator calls as well, take what they always took.
        "call i32 @sol_log_(i32 %y)",
        "define ptr @memset(ptr %p, i8 %b, i64 %n)",
        "call ptr @memset(ptr %p, i8 %a, i64 3)",
    ] {
        assert!(text.contains(there), "{there}: {text}");
    }
}

#[test]
fn sums_that_stop_at_an_end_are_comparisons() {
    let declared = "declare i64 @llvm.usub.sat.i64(i64, i64)\ndeclare i64 @llvm.uadd.sat.i64(i64, i64)";
    let body = "%d = call i64 @llvm.usub.sat.i64(i64 %a, i64 %b)\n%s = call i64 @llvm.uadd.sat.i64(i64 %d, i64 %b)\nret i64 %s";
    let text = rewritten(&function("i64", "i64 %a, i64 %b", body, declared), unit(tune::program));
    assert!(!text.contains("call i64 @llvm"), "{text}");
    for there in ["icmp ugt i64 %a, %b", "icmp ult i64", "i64 0", "i64 -1"] {
        assert!(text.contains(there), "{there}: {text}");
    }
}

#[test]
fn addresses_that_are_stored_lie_behind_each_other() {
    let body = "%x = getelementptr i8, ptr %p, i64 8\nstore ptr %x, ptr %o\n\
        %y = getelementptr i8, ptr %p, i64 40\nstore ptr %y, ptr %o\n\
        %z = getelementptr i8, ptr %p, i64 80\n%v = load i64, ptr %z\nret i64 %v";
    let text = rewritten(&function("i64", "ptr %p, ptr %o", body, ""), unit(tune::program));
    assert!(text.contains("asm \"\", \"=r,0\"(ptr %x)"), "{text}");
    assert!(text.contains(", i64 32"), "{text}");
    // What is only looked at is reached from the base.
    assert!(text.contains("%z = getelementptr i8, ptr %p, i64 80"), "{text}");
}

#[test]
fn a_way_that_brings_a_constant_is_split() {
    let body = "%c = icmp eq i64 %a, 1\nbr i1 %c, label %next, label %end\n\
        next:\n%d = icmp eq i64 %b, 2\nbr i1 %d, label %last, label %end\n\
        last:\nbr label %end\n\
        end:\n%r = phi i64 [ 7, %0 ], [ 8, %next ], [ %b, %last ]\nret i64 %r";
    let m = function("i64", "i64 %a, i64 %b", body, "");
    let text = rewritten(&m, unit(tune::program));
    // Both of the checks' ways, and not the one that was alone before.
    assert_eq!(text.matches("asm sideeffect \"\", \"\"()").count(), 2, "{text}");
}

#[test]
fn failed_checks_share_a_way_and_are_rare() {
    let check = |number: u32, next: &str| {
        format!("%c{number} = icmp eq i64 %a, {number}\nbr i1 %c{number}, label %{next}, label %end\n")
    };
    let body = [
        check(1, "second"),
        "second:\n".into(),
        check(2, "third"),
        "third:\n%e = call i32 @g()\n%c = icmp eq i32 %e, 2999\nbr i1 %c, label %fourth, label %end\nfourth:\n".into(),
        check(3, "last"),
        "last:\nbr label %end\nend:\n%r = phi i32 [ 3006, %0 ], [ 3006, %second ], [ %e, %third ], [ 3007, %fourth ], [ 2999, %last ]\nret i32 %r".into(),
    ]
    .concat();
    let m = function("i32", "i64 %a", &body, "declare i32 @g()");
    tune::program(&m).expect("it is legal");
    let text = m.print();
    let rare = |line: &&str| line.contains("br i1") && line.contains("!prof");
    assert_eq!(text.lines().filter(rare).count(), 4, "{text}");
    // The first check's way is not taken any more: both lead to the second's.
    let to = |name: &str| text.lines().filter(|line| line.contains("br i1") && line.contains(name)).count();
    assert_eq!((to("%.end_crit_edge"), to("%second.end_crit_edge")), (0, 2), "{text}");
    m.emit().expect("the code generator takes it");
}
