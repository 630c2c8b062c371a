use {
    crate::{
        Result,
        access::Applicant,
        collateral::{Lock, Slashing},
        instructions::emit_panel_moved,
        node, panel,
    },
    joule_bme_interface::state::Network,
    joule_common::{AccountView, account, guard, guard::require, now},
    joule_escrow_interface::{
        EscrowError,
        instruction::JoinPanel,
        state::{NONE, Panel, Replica},
    },
    joule_identity_interface::state::Node,
    joule_interface::Fault,
};

/// See [`JoinPanel`].
#[inline(never)]
pub fn join_panel(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, _, proof) = JoinPanel::parse(accounts, data)?;
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
    emit_panel_moved(a.panel, &mut panel, authority.address())
}
