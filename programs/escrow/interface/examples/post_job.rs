//! A job for a provider that the client names, paid in credits; and what the market's account has to say for it.
use {
    joule_bme_interface::pda as bme,
    joule_escrow_interface::{
        ID,
        instruction::{CreditAccounts, PostJob, PostJobArgs},
        pda,
        state::{Market, matching},
    },
    joule_interface::{Account, Address, Instruction, SYSTEM_PROGRAM},
    joule_math::Seconds,
};

fn post_job(
    client: Address,
    address: Address,
    market: &Market,
    provider: Address,
    definition: [u8; 32],
) -> Instruction {
    let network = market.network;
    let escrow_authority = pda::authority::find(&network).0;
    let funding_account = bme::credit_account::find(&network, &client).0;
    let nonce = 7; // a number of which this client has no other job
    PostJob {
        payer: client,
        client,
        market: address,
        job: pda::job::find(&funding_account, &u64::to_le_bytes(nonce)).0,
        network,
        funding_account,
        queue: ID, // an optional account that is left out
        credits: CreditAccounts {
            spender: bme::spender::find(&network, &escrow_authority, &[market.lane]).0,
            escrow_authority,
            bme_program: joule_bme_interface::ID,
        },
        system_program: SYSTEM_PROGRAM,
    }
    .instruction(&PostJobArgs {
        nonce,
        terms_version: market.terms_version, // the terms that the client saw
        price: market.terms.price,
        provider,
        definition,
        duration: Seconds(3_600),
        matching: matching::DIRECT,
    })
}

fn main() {
    let [client, address, provider] = [1, 2, 3].map(|byte| Address::new_from_array([byte; 32]));
    // Of an RPC node: owner and data of the account. It is another program's, too short or of another kind: no market.
    assert!(Market::read(&SYSTEM_PROGRAM, &[0; 8]).is_none());
    let built = post_job(client, address, &Market::default(), provider, [9; 32]);
    assert_eq!((built.program_id, built.data[0]), (ID, PostJob::DISCRIMINATOR));
}
