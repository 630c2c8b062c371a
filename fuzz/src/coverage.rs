//! What the programs' ELFs did, as counters that libFuzzer reads: it cannot instrument code in a virtual machine, but it
//! takes any counters of the section `__libfuzzer_extra_counters`. One counts each jump from one place to another.

use {
    joule_interface::Address,
    joule_tests::{engine, example::PROGRAMS},
    litesvm::{InvocationInspectCallback, LiteSVM},
    solana_program_runtime::invoke_context::InvokeContext,
    solana_transaction::sanitized::SanitizedTransaction,
    std::{
        collections::HashMap,
        path::PathBuf,
        sync::{
            Mutex,
            atomic::{AtomicU8, Ordering::Relaxed},
        },
    },
};

const COUNTERS: usize = 1 << 16;

#[unsafe(link_section = "__libfuzzer_extra_counters")]
static JUMPS: [AtomicU8; COUNTERS] = [const { AtomicU8::new(0) }; COUNTERS];

/// Instructions of each program that ever ran, by place; kept only where they are to be reported.
static SEEN: Mutex<Option<HashMap<Address, Vec<bool>>>> = Mutex::new(None);

struct Watch;

impl InvocationInspectCallback for Watch {
    fn before_invocation(&self, _: &LiteSVM, _: &SanitizedTransaction, _: &[u16], _: &mut InvokeContext, _: bool) {}

    fn after_invocation(
        &self,
        _: &LiteSVM,
        _: &SanitizedTransaction,
        _: &[u16],
        context: &InvokeContext,
        traced: bool,
    ) {
        if !traced {
            return;
        }
        context.iterate_vm_traces(&|instruction, _, trace| {
            let Ok(program) = instruction.get_program_key() else { return };
            let Some(index) = PROGRAMS.iter().position(|known| known.id == *program) else { return };
            let mut last = 0;
            for registers in trace {
                let place = registers[11];
                // Straight on is no jump.
                if place != last + 1 {
                    let jump =
                        (last.wrapping_mul(0x9E37_79B1) ^ place.wrapping_mul(0x85EB_CA6B) ^ index as u64) as usize;
                    let counter = &JUMPS[(jump ^ (jump >> 16)) % COUNTERS];
                    counter.store(counter.load(Relaxed).saturating_add(1), Relaxed);
                }
                last = place;
            }
            if let Some(seen) = SEEN.lock().unwrap().as_mut() {
                let seen = seen.entry(*program).or_default();
                for registers in trace {
                    let place = registers[11] as usize;
                    if seen.len() <= place {
                        seen.resize(place + 1, false);
                    }
                    seen[place] = true;
                }
            }
        });
    }
}

/// Counts from now on: before the first chain is made. With `JOULE_COVERAGE` set to a folder, what ran is noted there at
/// the end, for `scripts/fuzz --coverage`.
pub fn count() {
    joule_tests::engine::watch(Watch);
    if std::env::var_os("JOULE_COVERAGE").is_some() {
        *SEEN.lock().unwrap() = Some(HashMap::new());
        // libFuzzer ends the process by itself.
        assert_eq!(unsafe { libc::atexit(note) }, 0);
    }
}

/// The same, but only where what ran is to be noted.
pub fn count_if_noted() {
    if std::env::var_os("JOULE_COVERAGE").is_some() {
        count();
    }
}

/// A file for each program and process: a byte for each instruction, 1 where it ran.
extern "C" fn note() {
    let folder = PathBuf::from(std::env::var_os("JOULE_COVERAGE").expect("it was set"));
    std::fs::create_dir_all(&folder).expect("a folder");
    for (program, seen) in SEEN.lock().unwrap().iter().flatten() {
        let (name, _) = engine::programs().into_iter().find(|(_, id)| id == program).expect("it ran");
        let bytes: Vec<u8> = seen.iter().map(|ran| u8::from(*ran)).collect();
        std::fs::write(folder.join(format!("{name}.{}", std::process::id())), bytes).expect("a file");
    }
}
