//! A provider's address, the instruction with which it stakes, and what an account of the program says.
use {
    joule_interface::{Account, Address, Instruction, TOKEN_PROGRAM},
    joule_math::Tokens,
    joule_stake_interface::{
        ID,
        instruction::{Stake, StakeArgs},
        pda,
        state::Provider,
    },
};

fn stake_own(authority: Address, network: Address, mint: Address, source: Address) -> Instruction {
    let pool = pda::pool::find(&network, &mint).0;
    let provider = pda::provider::find(&pool, &authority).0;
    Stake {
        owner: authority,
        network,
        pool,
        rewards: pda::rewards::find(&pool).0,
        provider,
        delegation: pda::delegation::find(&provider, &authority).0,
        vault: pda::vault::find(&pool).0,
        source,
        mint,
        token_program: TOKEN_PROGRAM,
    }
    .instruction(&StakeArgs { amount: Tokens(1_000_000_000) })
}

/// `owner` and `data` of an account, as an RPC node gives them. `None` if it is no provider.
fn active_stake(owner: &Address, data: &[u8]) -> Option<Tokens> {
    Provider::read(owner, data)?.active_stake().ok()
}

fn main() {
    let [authority, network, mint, source] = [1, 2, 3, 4].map(|byte| Address::new_from_array([byte; 32]));
    let built = stake_own(authority, network, mint, source);
    assert_eq!((built.program_id, built.data.len()), (ID, 9));
    assert_eq!(active_stake(&ID, &[0; 8]), None);
}
