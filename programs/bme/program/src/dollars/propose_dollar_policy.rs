use {
    crate::{Result, dollars},
    joule_bme_interface::{
        instruction::ProposeDollarPolicy,
        state::{Auction, Network},
    },
    joule_common::{AccountView, account, guard},
};

/// See [`ProposeDollarPolicy`].
pub fn propose_dollar_policy(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, ..) = ProposeDollarPolicy::parse(accounts, data)?;
    let network = account::keep::<Network>(a.network)?;
    guard::authority(a.authority, &network.authority)?;
    let auction = account::keep_mut::<Auction>(a.auction)?;
    guard::network(&auction.network, a.network.address())?;
    let policy = args.policy;
    dollars::check(&policy)?;
    dollars::check_treasury(&policy, a.network.address(), &auction.mint, a.treasury)?;

    dollars::propose(network, auction, policy)?;
    dollars::emit_changed(a.auction, auction)
}
