//! The machine that a job runs on.

use {
    crate::Result,
    joule_common::{AccountView, account, guard, guard::require},
    joule_escrow_interface::{
        EscrowError, ID,
        state::{Job, NONE},
    },
    joule_identity_interface::state::Node,
    joule_interface::Address,
    joule_math::Timestamp,
};

/// The node of the class that the terms ask for, if they do, operated by the job's provider, and vouched for by as many
/// attestors as the class asks for.
#[inline(always)]
pub fn of_class(job: &Job, node: &AccountView, now: Timestamp) -> Result<Address> {
    if job.terms.class == 0 {
        return Ok(NONE);
    }
    require(guard::present(node, &ID), EscrowError::NodeRequired)?;
    let state = account::load::<Node>(node)?;
    require(
        guard::eq(&state.network, &job.network)
            && guard::eq(&state.operator, &job.provider)
            && state.serves(job.terms.class, now),
        EscrowError::WrongNode,
    )?;
    Ok(*node.address())
}
