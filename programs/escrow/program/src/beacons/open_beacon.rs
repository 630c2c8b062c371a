use {
    crate::Result,
    joule_common::{AccountView, account, guard, guard::require, in_range, now},
    joule_escrow_interface::{
        EscrowError, ID,
        instruction::OpenBeacon,
        pda,
        state::{Beacon, NONE},
    },
    joule_identity_interface::state::{Class, Node},
    joule_interface::Address,
    joule_math::{Seconds, Timestamp},
};

/// Longest interval: that of the longest job.
const YEAR: Seconds = Seconds(365 * 86_400);

/// See [`OpenBeacon`].
#[inline(never)]
pub fn open_beacon(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, ..) = OpenBeacon::parse(accounts, data)?;
    guard::system_program(a.system_program)?;
    let (now, interval, capacity) = (now()?, args.interval, args.capacity);
    in_range!((Seconds(1)..=YEAR).contains(&interval), "interval")?;
    let provider = a.provider_authority.address();
    let (node, class, most) =
        if guard::present(a.node, &ID) { attested(a.node, a.class, provider, now)? } else { (NONE, 0, u16::MAX) };
    in_range!((1..=most).contains(&capacity), "capacity")?;

    let mut beacon = account::create::<Beacon>(a.payer, a.beacon, &pda::beacon::seeds(provider, &node))?;
    beacon.provider = *provider;
    beacon.node = node;
    beacon.payer = *a.payer.address();
    beacon.machine_key = if args.machine_key == NONE { *provider } else { args.machine_key };
    beacon.last_beat_at = now;
    beacon.interval = interval;
    beacon.class = class;
    beacon.capacity = capacity;
    Ok(())
}

/// A node of the provider's, its class, and how many jobs attestors vouch that it can take at once.
#[inline(always)]
fn attested(
    node: &AccountView,
    class: &AccountView,
    provider: &Address,
    now: Timestamp,
) -> Result<(Address, u32, u16)> {
    let state = account::load::<Node>(node)?;
    let serves = guard::eq(&state.operator, provider) && state.serves(state.class, now);
    require(serves && guard::present(class, &ID), EscrowError::WrongNode)?;
    let class = account::load::<Class>(class)?;
    require(guard::eq(&class.registry, &state.registry) && class.id == state.class, EscrowError::WrongNode)?;
    Ok((*node.address(), class.id, class.description.gpus.max(1)))
}
