//! What the standard library needs to know of `target_os = "solana"`. A change here rebuilds it.

/// Lines to add to a file of the library.
pub struct Edit {
    /// Where, below the library.
    pub file: &'static str,
    /// Text after which the lines go.
    pub after: &'static str,
    /// How often that text must be there.
    pub times: usize,
    /// The lines.
    pub add: &'static str,
}

/// All of them.
pub const EDITS: &[Edit] = &[
    Edit {
        file: "std/src/alloc.rs",
        after: "pub fn rust_oom(layout: Layout) -> ! {",
        times: 1,
        add: "
    #[cfg(target_os = \"solana\")]
    panic!(\"memory allocation failed\");
    #[cfg(not(target_os = \"solana\"))]",
    },
    // One seed for all: every validator must compute the same.
    Edit {
        file: "std/src/hash/random.rs",
        after: "    pub fn new() -> RandomState {",
        times: 1,
        add: "
        #[cfg(target_os = \"solana\")]
        return RandomState { k0: 0x646e_6172_206c_6f73, k1: 0x7375_6f6e_696d_7265 };",
    },
    Edit {
        file: "std/src/panicking.rs",
        after: "pub fn panic_handler(info: &core::panic::PanicInfo<'_>) -> ! {",
        times: 1,
        add: "
    #[cfg(target_os = \"solana\")]
    {
        unsafe extern \"Rust\" {
            fn custom_panic(info: &core::panic::PanicInfo<'_>);
        }
        unsafe extern \"C\" {
            fn abort() -> !;
        }
        unsafe {
            custom_panic(info);
            abort()
        }
    }",
    },
    // The panics that std itself raises, such as `resume_unwind`.
    Edit {
        file: "std/src/panicking.rs",
        after: "    force_no_backtrace: bool,\n) -> ! {",
        times: 1,
        add: "
    #[cfg(target_os = \"solana\")]
    {
        unsafe extern \"C\" {
            fn abort() -> !;
        }
        unsafe { abort() }
    }",
    },
    Edit {
        file: "std/src/sys/alloc/mod.rs",
        after: "} else if cfg!(any(\n    target_arch = \"x86_64\",",
        times: 1,
        add: "\n    target_arch = \"bpf\",",
    },
    // Programs bring a global allocator; this one only has to exist.
    Edit {
        file: "std/src/sys/alloc/mod.rs",
        after: "    target_os = \"xous\" => {\n        mod xous;\n    }",
        times: 1,
        add: "
    target_os = \"solana\" => {
        mod solana {
            use crate::alloc::{GlobalAlloc, Layout, System};
            #[stable(feature = \"alloc_system_type\", since = \"1.28.0\")]
            unsafe impl GlobalAlloc for System {
                #[inline]
                unsafe fn alloc(&self, _layout: Layout) -> *mut u8 { crate::ptr::null_mut() }
                #[inline]
                unsafe fn dealloc(&self, _ptr: *mut u8, _layout: Layout) {}
            }
        }
    }",
    },
    // Another target without an operating system shows the places.
    Edit {
        file: "std/src/sys/io/error/mod.rs",
        after: "target_os = \"vexos\",",
        times: 1,
        add: "target_os = \"solana\",",
    },
    Edit {
        file: "std/src/sys/random/mod.rs",
        after: "target_os = \"vexos\",",
        times: 2,
        add: "target_os = \"solana\",",
    },
    Edit {
        file: "std/src/sys/thread_local/mod.rs",
        after: "target_os = \"vexos\",",
        times: 2,
        add: "target_os = \"solana\",",
    },
];
