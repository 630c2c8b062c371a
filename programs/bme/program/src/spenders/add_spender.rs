use {
    crate::{Result, spenders},
    joule_bme_interface::{
        BmeError,
        instruction::AddSpender,
        pda,
        state::{MAX_SPENDERS, Network, Spender},
    },
    joule_common::{AccountView, account, guard, guard::require},
    joule_interface::Fault,
};

/// See [`AddSpender`].
pub fn add_spender(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, ..) = AddSpender::parse(accounts, data)?;
    guard::system_program(a.system_program)?;
    let network = account::keep_mut::<Network>(a.network)?;
    guard::authority(a.authority, &network.authority)?;
    let lane = network.lanes.get(args.lane as usize).ok_or(BmeError::LaneNotOpen)?;
    // By the weights that pay for the work of now, and of later.
    let pays = network.terms.lane_weights.get(args.lane as usize).is_some_and(|weight| *weight > 0);
    require(pays && lane.weight > 0 && lane.shard_count > 0, BmeError::LaneNotOpen)?;
    let id = network.spender_places.trailing_ones() as u8;
    require(id < MAX_SPENDERS, BmeError::TooManySpenders)?;

    let number = [args.lane];
    let seeds = pda::spender::seeds(a.network.address(), a.spender_authority.address(), &number);
    let mut spender = account::create::<Spender>(a.payer, a.spender, &seeds)?;
    spender.network = *a.network.address();
    spender.authority = *a.spender_authority.address();
    spender.payer = *a.payer.address();
    spender.number = network.spender_count;
    spender.id = id;
    spender.lane = args.lane;
    network.spender_places |= 1 << id;
    let number = network.spender_numbers.get_mut(id as usize).ok_or(BmeError::TooManySpenders)?;
    *number = spender.number;
    network.spender_count = network.spender_count.checked_add(1).ok_or(Fault::Overflow)?;
    spenders::emit_changed(a.spender, &mut spender)
}
