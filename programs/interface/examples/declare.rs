//! A program of your own, declared with Joule's macros: the builder, the parser and the description follow.
use joule_interface::{Address, Header, Layout, account, errors, instruction, pda};

/// The program.
pub const ID: Address = Address::from_str_const("11111111111111111111111111111112");

/// Its addresses.
pub mod pdas {
    joule_interface::pda! {
        /// Somebody's counter.
        counter = ["counter", owner: Address]
    }
}

account! {
    /// Counts.
    pub struct Counter: discriminator 1, size 48 {
        /// Discriminator 1.
        pub header: Header,
        /// Who may count.
        pub owner: Address,
        /// How far it has counted.
        pub count: u64,
    }
}

instruction! {
    /// Counts on.
    pub Count(CountArgs) = 0 {
        accounts {
            /// Who may count.
            owner: [signer],
            /// The counter.
            counter: [writable] = pdas::counter(owner: owner),
        }
        args {
            /// By how much.
            by: u64,
        }
    }
}

errors! {
    /// What can be wrong.
    pub enum CounterError = 9_000 {
        TooFar = 9_100 => "the counter would pass its end: count by less",
    }
}

pda! {
    /// The treasury.
    treasury = ["treasury"]
}

fn main() {
    let owner = Address::new_from_array([7; 32]);
    let (counter, _bump) = pdas::counter::find(&owner);
    let built = Count { owner, counter }.instruction(&CountArgs { by: 2 });
    assert_eq!(built.data, [0, 2, 0, 0, 0, 0, 0, 0, 0]);
    assert!(built.accounts[0].is_signer && built.accounts[1].is_writable);
    assert_eq!((Counter::SPEC.size, CounterError::ALL.len()), (48, 25));
}
