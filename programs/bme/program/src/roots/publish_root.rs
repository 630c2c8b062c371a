use {
    crate::{Result, roots},
    joule_bme_interface::{
        event::RootPublished,
        instruction::PublishRoot,
        pda,
        state::{Network, OracleSet, RewardRoot},
    },
    joule_common::{AccountView, account, event, guard, in_range, now},
};

/// See [`PublishRoot`].
pub fn publish_root(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, ..) = PublishRoot::parse(accounts, data)?;
    guard::system_program(a.system_program)?;
    let delay = account::keep::<Network>(a.network)?.policy.root_delay;
    let set = account::keep_mut::<OracleSet>(a.oracle_set)?;
    guard::network(&set.network, a.network.address())?;

    in_range!({ args.total } > { args.previous_total }, "total")?;

    let now = now()?;
    let index = set.root_count;
    let mut root = RewardRoot {
        network: *a.network.address(),
        payer: *a.payer.address(),
        root: args.root,
        index,
        previous_total: args.previous_total,
        total: args.total,
        generation: set.generation,
        published_at: now,
        ..RewardRoot::default()
    };
    roots::approve(set, &mut root, a.oracle.address(), now, delay)?;
    let seeds_index = index.to_le_bytes();
    let seeds = pda::reward_root::seeds(a.network.address(), &seeds_index);
    let mut created = account::create::<RewardRoot>(a.payer, a.reward_root, &seeds)?;
    *created = RewardRoot { header: created.header, ..root };
    set.root_count += 1;

    event::emit(&RootPublished {
        header: RootPublished::header(*a.oracle_set.address(), event::next(&mut set.sequence)?),
        index,
        root: args.root,
        previous_total: args.previous_total,
        total: args.total,
    });
    Ok(())
}
