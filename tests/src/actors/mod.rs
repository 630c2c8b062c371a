//! Many actors who do whatever they may, and much that they may not; and after each action every invariant of the design
//! is checked. Their choices come from a seed in tests, and from a fuzzer's bytes in fuzz targets.

pub mod bme;
mod disputes;
pub mod escrow;
mod gangs;
pub mod identity;
pub mod protocol;
pub mod stake;

use {
    crate::{
        World,
        tracked_world::{Random, Shared, TrackedWorld},
    },
    joule_interface::Address,
    std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
};

/// Actors in a chain of their own.
pub trait Actors: Sized {
    /// Kinds of actions, each of which a long run takes.
    const ACTIONS: &'static [&'static str];
    /// Of these, what needs luck: a chain may lack half of them, which its seed decides.
    const RARE: &'static [&'static str] = &[];

    /// Programs that they call and that are not Joule's, by the name of their ELF.
    const MORE: &'static [(&'static str, Address)] = &[];

    /// Everybody arrives.
    fn new(world: World, random: Random) -> Self;

    /// One action of someone: taken, or refused.
    fn act(&mut self);

    /// The invariants hold.
    fn check(&self);

    /// Whatever is open comes to its end, by what anyone may do.
    fn end(&mut self) {}

    /// The chain.
    fn chain(&self) -> &TrackedWorld;

    /// The chain, and everybody leaves.
    fn into_chain(self) -> TrackedWorld;

    /// What they choose by.
    fn random(&self) -> &Random;
}

/// Many actions that a seed decides. After a failure the seed and the number of the action say where. Returns the chain.
pub fn run<C: Actors>(seed: u64, actions: u32) -> TrackedWorld {
    let mut actors = C::new(World::with(C::MORE), Random::new(seed));
    for action in 0..actions {
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            actors.act();
            actors.check();
            actors.chain().check_books();
        }));
        if let Err(panic) = outcome {
            eprintln!("seed {seed:#x}, action {action}");
            resume_unwind(panic);
        }
        if action % 2_500 == 2_499 {
            actors.chain().check_tracked();
        }
    }
    actors.end();
    actors.chain().check_books();
    actors.into_chain()
}

/// The same for so many that each kind of action must have been taken: a run in which nothing happens proves nothing.
pub fn run_all<C: Actors>(seed: u64, actions: u32) {
    let chain = run::<C>(seed, actions);
    assert!(chain.taken() > actions / 5, "nearly all were refused: {} of {actions} were taken", chain.taken());
    let (rare, usual): (Vec<&str>, Vec<&str>) = C::ACTIONS.iter().partition(|action| C::RARE.contains(action));
    chain.check_taken(&usual);
    let missing: Vec<&&str> = rare.iter().filter(|action| !chain.has_taken(action)).collect();
    assert!(missing.len() <= rare.len() / 2, "of the rare ones these were never taken: {missing:?}");
}

/// As many actions as the bytes decide, and at most `most`, on LiteSVM.
pub fn play<C: Actors>(bytes: &[u8], most: u32) {
    let mut actors = C::new(World::lite_with(C::MORE), Random::bytes(bytes));
    for _ in 0..most {
        if actors.random().is_spent() {
            break;
        }
        actors.act();
        actors.check();
        actors.chain().check_books();
    }
    actors.chain().check_tracked();
}
