//! A quarter of a million random actions, and after each of them the books balance.

use joule_tests::actors::{bme, escrow, identity, protocol, run, run_all, stake};

/// What an action of `stake` does to whom is compared with exact fractions in `joule-models`; here it is the
/// instructions, their accounts and the real token program that must keep everything together.
mod of_stake {
    use super::*;

    #[test]
    fn the_books_balance_in_the_first_chain() {
        run_all::<stake::Stakers>(0xd1b5_4a32_d192_ed03, 20_000);
    }

    #[test]
    fn the_books_balance_in_the_second_chain() {
        run_all::<stake::Stakers>(0x8cb9_2ba7_2f3d_8dd7, 20_000);
    }
}

/// Under prices that walk, crash and jump, with pauses, skipped epochs, revoked spenders and roots that shrink.
mod of_bme {
    use super::*;

    #[test]
    fn the_books_balance_in_the_first_chain() {
        run_all::<bme::Market>(0x9e37_79b9_7f4a_7c15, 25_000);
    }

    #[test]
    fn the_books_balance_in_the_second_chain() {
        run_all::<bme::Market>(0xbf58_476d_1ce4_e5b9, 25_000);
    }

    #[test]
    fn the_books_balance_in_the_third_chain() {
        run_all::<bme::Market>(0x94d0_49bb_1331_11eb, 25_000);
    }

    #[test]
    fn the_books_balance_in_the_fourth_chain() {
        run_all::<bme::Market>(0x2545_f491_4f6c_dd5f, 25_000);
    }

    #[test]
    fn the_books_balance_where_credits_are_sold_for_dollars() {
        // With a mint and with a reserve.
        for seed in [0x5851_f42d_4c95_7f33, 0x5851_f42d_4c95_7f5f] {
            run::<bme::Market>(seed, 12_500).check_taken(bme::DOLLAR_ACTIONS);
        }
    }
}

/// Jobs of every kind, and disputes over them; in some chains the right to credits is taken away on the way. In the end
/// anyone brings every job to its end.
mod of_escrow {
    use super::*;

    #[test]
    fn the_books_balance_in_the_first_chain() {
        run_all::<escrow::Jobs>(0x9e37_79b9_7f4a_7c15, 25_000);
    }

    #[test]
    fn the_books_balance_in_the_second_chain() {
        run_all::<escrow::Jobs>(0xbf58_476d_1ce4_e5b9, 25_000);
    }

    #[test]
    fn the_books_balance_in_the_third_chain() {
        run_all::<escrow::Jobs>(0x94d0_49bb_1331_11eb, 25_000);
    }

    #[test]
    fn the_books_balance_in_the_fourth_chain() {
        run_all::<escrow::Jobs>(0x2545_f491_4f6c_dd1d, 25_000);
    }
}

/// Machines at the real Bubblegum: a model foresees each action, and every record.
mod of_identity {
    use super::*;

    #[test]
    fn records_follow_the_leaves_in_the_first_chain() {
        run_all::<identity::Machines>(0x9e37_79b9_7f4a_7c15, 4_000);
    }

    #[test]
    fn records_follow_the_leaves_in_the_second_chain() {
        run_all::<identity::Machines>(0xbf58_476d_1ce4_e5b9, 4_000);
    }
}

/// The same people in all four programs.
mod of_the_protocol {
    use super::*;

    #[test]
    fn all_invariants_hold_together() {
        run::<protocol::Protocol>(0x94d0_49bb_1331_11eb, 5_000);
    }
}
