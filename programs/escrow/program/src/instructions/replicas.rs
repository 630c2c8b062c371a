//! What a replica does in a panel, and what it is paid and loses.

use {
    crate::{
        Result,
        access::Applicant,
        collateral::{Lock, Slashing},
        instructions::panels::moved,
        node, panel, payment, settlement,
    },
    joule_bme_interface::state::Network,
    joule_common::{AccountView, account, event, guard, guard::require, now},
    joule_escrow_interface::{
        EscrowError,
        event::{ReplicaPaid, ReplicaRevealed, ReplicaSettled},
        instruction::{
            CommitResult, CommitResultArgs, JoinPanel, JoinPanelArgs, PayReplica, PayReplicaArgs, RevealResult,
            RevealResultArgs, SettleReplica, SettleReplicaArgs,
        },
        state::{NONE, Panel, Replica},
    },
    joule_identity_interface::state::Node,
    joule_interface::Fault,
    joule_math::Amount,
};

/// See [`JoinPanel`].
#[inline(never)]
pub fn join_panel(accounts: &[AccountView], args: &JoinPanelArgs, proof: &[u8]) -> Result<()> {
    let (a, _) = JoinPanel::parse(accounts)?;
    let mut panel = account::load_mut::<Panel>(a.panel)?;
    require({ args.posting_id } == panel.posting_id, EscrowError::PostingChanged)?;
    guard::network(&panel.network, a.network.address())?;
    require(account::load::<Network>(a.network)?.paused == 0, Fault::Paused)?;
    let now = now()?;
    let authority = a.provider_authority;
    let applicant = Applicant {
        authority: authority.address(),
        pool: a.pool,
        provider: a.provider,
        place: args.allowed_index,
        proof,
    };
    applicant.check(&panel.terms, &panel.pool, now)?;
    let mut job = panel::as_job(&panel, None);
    job.provider = *authority.address();
    let node = node::of_class(&job, a.node, now)?;
    let owner = if guard::eq(&node, &NONE) { NONE } else { account::load::<Node>(a.node)?.owner };
    let bond = if panel.terms.bond_amount.is_zero() { NONE } else { *a.bond.address() };

    panel::join(&mut panel, Replica { provider: job.provider, node, owner, bond, ..Replica::default() }, now)?;
    if !guard::eq(&bond, &NONE) {
        let slashing = Slashing { slasher: a.slasher, authority: a.escrow_authority, program: a.stake_program };
        let lock = Lock {
            authority,
            network: a.network,
            pool: a.pool,
            provider: a.provider,
            bond: a.bond,
            system_program: a.system_program,
        };
        slashing.lock(&job, a.panel.address(), &lock)?;
    }
    moved(a.panel, &mut panel, authority.address())
}

/// See [`CommitResult`]. Works while the network is paused: what runs goes on.
pub fn commit_result(accounts: &[AccountView], args: &CommitResultArgs) -> Result<()> {
    let (a, _) = CommitResult::parse(accounts)?;
    let mut panel = account::load_mut::<Panel>(a.panel)?;
    panel::of_provider(&panel, args.replica, a.provider_authority.address())?;
    panel::commit(&mut panel, args.replica, &args.commitment, now()?)?;
    moved(a.panel, &mut panel, a.provider_authority.address())
}

/// See [`RevealResult`]. Works while the network is paused: what runs goes on.
pub fn reveal_result(accounts: &[AccountView], args: &RevealResultArgs) -> Result<()> {
    let (a, _) = RevealResult::parse(accounts)?;
    let mut panel = account::load_mut::<Panel>(a.panel)?;
    panel::of_provider(&panel, args.replica, a.provider_authority.address())?;
    panel::reveal(&mut panel, a.panel.address(), args.replica, &args.result, &args.salt, now()?)?;

    event::emit(&ReplicaRevealed {
        header: ReplicaRevealed::header(*a.panel.address(), event::next(&mut panel.sequence)?),
        provider: *a.provider_authority.address(),
        result: args.result,
    });
    Ok(())
}

/// See [`PayReplica`]. Works while the network is paused: it settles.
#[inline(never)]
pub fn pay_replica(accounts: &[AccountView], args: &PayReplicaArgs) -> Result<()> {
    let (a, _) = PayReplica::parse(accounts)?;
    let payment = payment!(a);
    let mut panel = account::load_mut::<Panel>(a.panel)?;
    let payout = panel::pay(&mut panel, args.replica)?;
    let job = panel::as_job(&panel, Some(args.replica));
    let mut paid = payout.pay;
    if payment.check(&job, now()?)? {
        panel::forgo(&mut panel, payout)?;
        paid = Amount::ZERO;
    } else {
        payment.make(&job, a.panel.address(), &payout)?;
    }

    event::emit(&ReplicaPaid {
        header: ReplicaPaid::header(*a.panel.address(), event::next(&mut panel.sequence)?),
        provider: job.provider,
        paid,
    });
    Ok(())
}

/// See [`SettleReplica`]. Works while the network is paused: it settles and gives back.
#[inline(never)]
pub fn settle_replica(accounts: &[AccountView], args: &SettleReplicaArgs) -> Result<()> {
    let (a, _) = SettleReplica::parse(accounts)?;
    let settlement = settlement!(a);
    settlement.slashing.check()?;
    let mut panel = account::load_mut::<Panel>(a.panel)?;
    require(panel::is_decided(&panel), EscrowError::WrongPanelState)?;
    let place = args.replica as usize;
    require(place < panel.joined_count as usize, EscrowError::WrongReplica)?;
    if panel.replicas[place].bond_unsettled == 0 {
        return Ok(());
    }
    let job = panel::as_job(&panel, Some(args.replica));
    let (seized, reported) = settlement.make(&job, a.panel.address())?;
    let replica = &mut panel.replicas[place];
    replica.bond = NONE;
    replica.bond_unsettled = 0;
    panel.unsettled_count = panel.unsettled_count.checked_sub(1).ok_or(Fault::Overflow)?;

    event::emit(&ReplicaSettled {
        header: ReplicaSettled::header(*a.panel.address(), event::next(&mut panel.sequence)?),
        provider: job.provider,
        seized_amount: seized,
        outcome: reported as u64,
    });
    Ok(())
}
