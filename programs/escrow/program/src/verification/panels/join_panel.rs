use {
    crate::{
        Result,
        collateral::bonds::{Lock, Slashing},
        markets::{access::Applicant, node},
        verification::panels::{emit_panel_moved, panel},
    },
    joule_bme_interface::state::Network,
    joule_common::{AccountView, account, guard, guard::require, now, token},
    joule_escrow_interface::{
        EscrowError,
        instruction::JoinPanel,
        state::{NONE, Panel, Replica},
    },
    joule_identity_interface::state::Node,
    joule_interface::Fault,
    joule_stake_interface::state::Pool,
};

/// See [`JoinPanel`].
#[inline(never)]
pub fn join_panel(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, args, _, proof) = JoinPanel::parse(accounts, data)?;
    let panel = &mut *account::load_mut::<Panel>(a.panel)?;
    require({ args.posting_id } == panel.posting_id, EscrowError::PostingChanged)?;
    guard::network(&panel.network, a.network.address())?;
    account::load::<Network>(a.network)?.require_unpaused()?;
    let now = now()?;
    let authority = a.provider_authority.address();
    let applicant =
        Applicant { authority, pool: a.pool, provider: a.provider, allowed_index: args.allowed_index, proof };
    applicant.check(&panel.terms, &panel.pool, now)?;
    let node = node::of_class(panel.terms.class, &panel.network, authority, a.node, now)?;
    let owner = if guard::eq(&node, &NONE) { NONE } else { account::load::<Node>(a.node)?.owner };
    let bond = if panel.terms.bond_amount.is_zero() { NONE } else { *a.bond.address() };

    panel::join(panel, Replica { provider: *authority, node, owner, bond, ..Replica::default() }, now)?;
    if !guard::eq(&bond, &NONE) {
        // What a replica loses is burned.
        require(!token::is_native(&account::load::<Pool>(a.pool)?.mint), Fault::MintNotAllowed)?;
        // `stake` makes its own checks of the provider and of the bond.
        let slashing = Slashing { slasher: a.slasher, authority: a.escrow_authority, program: a.stake_program };
        let lock = Lock {
            authority: a.provider_authority,
            network: a.network,
            pool: a.pool,
            provider: a.provider,
            bond: a.bond,
            payer: a.payer,
            system_program: a.system_program,
        };
        slashing.lock(panel, a.panel.address(), &lock)?;
    }
    emit_panel_moved(a.panel, panel, authority)
}
