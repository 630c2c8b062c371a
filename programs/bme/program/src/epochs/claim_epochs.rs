use {
    crate::{Result, epochs::rewards},
    joule_bme_interface::instruction::{ClaimEpochs, ClaimRewards},
    joule_common::AccountView,
};

/// See [`ClaimEpochs`]. Works while the network is paused: it pays out.
pub fn claim_epochs(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, _, epochs, ..) = ClaimEpochs::parse(accounts, data)?;
    let a = ClaimRewards {
        provider: a.provider,
        network: a.network,
        provider_work: a.provider_work,
        reward_vault: a.reward_vault,
        destination: a.destination,
        mint: a.mint,
        token_program: a.token_program,
    };
    rewards::claim(&a, epochs)
}
