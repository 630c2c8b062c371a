use {
    crate::{Result, gangs::emit_gang_moved, markets::require_offer},
    joule_bme_interface::state::Network,
    joule_common::{AccountView, account, guard, guard::require, in_range, now},
    joule_escrow_interface::{
        EscrowError,
        instruction::PostGang,
        pda,
        state::{Gang, MAX_MEMBERS, Market, NONE, gang_state, matching},
    },
    joule_math::Amount,
};

/// See [`PostGang`].
#[inline(never)]
pub fn post_gang(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, ..) = PostGang::parse(accounts, data)?;
    guard::system_program(a.system_program)?;
    account::load::<Network>(a.network)?.require_unpaused()?;
    let market = account::load::<Market>(a.market)?;
    require_offer(&market, a.network, args.terms_version)?;
    let terms = &market.terms;
    require(terms.matching & matching::GANG != 0, EscrowError::MatchingNotOffered)?;
    require((terms.min_duration..=terms.max_duration).contains(&{ args.duration }), EscrowError::DurationOutOfRange)?;
    require((Amount(1)..=terms.price).contains(&{ args.price }), EscrowError::PriceOutOfRange)?;
    in_range!((2..=MAX_MEMBERS).contains(&(args.size as usize)), "size")?;
    // Only nodes have owners, and stand at sites.
    in_range!(terms.class != 0 || guard::eq(&args.owner, &NONE), "owner")?;
    in_range!(terms.class != 0 || args.site == [0; 32], "site")?;
    let deadline_at = now()?.after(terms.wait_window)?;

    let number = args.number.to_le_bytes();
    let client = a.client.address();
    let mut gang = account::create::<Gang>(a.payer, a.gang, &pda::gang::seeds(client, &number))?;
    gang.network = market.network;
    gang.market = *a.market.address();
    gang.client = *client;
    gang.payer = *a.payer.address();
    gang.price = args.price;
    gang.terms_version = market.terms_version;
    gang.deadline_at = deadline_at;
    gang.duration = args.duration;
    gang.size = args.size;
    gang.owner = args.owner;
    gang.site = args.site;
    gang.state = gang_state::FILLING;
    emit_gang_moved(a.gang, &mut gang, &NONE, &NONE)
}
