use {
    crate::Result,
    joule_bme_interface::{
        BmeError,
        event::LaneLimited,
        instruction::SetLaneLimit,
        state::{MIN_LANE_LIMIT, Network},
    },
    joule_common::{AccountView, account, event, guard, in_range},
};

/// See [`SetLaneLimit`].
pub fn set_lane_limit(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, ..) = SetLaneLimit::parse(accounts, data)?;
    let network = account::keep_mut::<Network>(a.network)?;
    guard::authority(a.authority, &network.authority)?;
    let limit = args.limit;
    in_range!(limit.is_zero() || limit >= MIN_LANE_LIMIT, "limit")?;
    let lane = network.lanes.get_mut(args.lane as usize).ok_or(BmeError::LaneNotOpen)?;
    lane.limit = limit;

    event::emit(&LaneLimited {
        header: LaneLimited::header(*a.network.address(), event::next(&mut network.sequence)?),
        lane: args.lane as u64,
        limit,
    });
    Ok(())
}
