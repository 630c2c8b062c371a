//! The instruction with which a wallet buys credits for one token of nine decimals.
use {
    joule_bme_interface::{
        instruction::{BuyCredits, BuyCreditsArgs},
        pda,
    },
    joule_interface::{Address, Instruction, TOKEN_PROGRAM},
    joule_math::{Credits, Tokens},
};

fn buy_credits(buyer: Address, source: Address, mint: Address, price_update: Address) -> Instruction {
    let network = pda::network::find(&mint).0;
    let burn_shard = pda::burn_shard::find(&network, &[0]).0; // any shard of the network
    BuyCredits {
        buyer,
        network,
        credit_account: pda::credit_account::find(&network, &buyer).0,
        source,
        burn_shard,
        burn_vault: pda::burn_vault::find(&burn_shard).0,
        mint,
        price_update,
        token_program: TOKEN_PROGRAM,
    }
    .instruction(&BuyCreditsArgs { tokens: Tokens(1_000_000_000), min_credits: Credits(2_400_000) })
}

fn main() {
    let [buyer, source, mint, price_update] = [1, 2, 3, 4].map(|byte| Address::new_from_array([byte; 32]));
    let built = buy_credits(buyer, source, mint, price_update);
    assert_eq!((built.program_id, built.accounts.len(), built.data.len()), (joule_bme_interface::ID, 9, 17));
    assert!(built.accounts[0].is_signer); // the buyer's wallet signs the transaction
}
