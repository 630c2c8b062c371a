use {
    super::sha256,
    crate::{
        Result, ScoresError,
        accounts::{at, board_mut, load, now, require},
        epoch,
        instruction::Publish,
        payout, pda,
        state::{Board, phase},
    },
    joule_bme_interface::{
        instruction::{PublishRoot, PublishRootArgs},
        state::{Network, OracleSet, ROOT_LIFETIME},
    },
    joule_interface::{Fault, address_eq, pinocchio::AccountView},
    joule_math::Timestamp,
};

/// See [`Publish`].
pub fn publish(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, ..) = Publish::parse(accounts, data)?;
    let mut view = *a.board;
    let mut data = view.try_borrow_mut()?;
    let board = board_mut(a.board, &mut data)?;
    let now = now()?;
    require(board.phase == phase::SCORED, ScoresError::NotScored)?;
    at(a.network, &board.network)?;
    at(a.oracle, &board.oracle)?;
    let budget = load::<Network>(a.network, &a.network.try_borrow()?)?.roots.free;
    let set_data = a.oracle_set.try_borrow()?;
    let set = load::<OracleSet>(a.oracle_set, &set_data)?;
    require(address_eq(&set.network, &board.network), Fault::WrongNetwork)?;
    let is_sole = set.oracle_count == 1 && set.threshold == 1 && address_eq(&set.oracles[0], &board.oracle);
    require(is_sole, ScoresError::NotSoleOracle)?;

    let reward = board.parameters.reward;
    let has_waited = now >= board.scores_at()?.after(board.parameters.budget_wait)?;
    require(budget >= reward || has_waited || board.rank_sum == 0, ScoresError::BudgetTooSmall)?;

    if board.pending_root != 0 {
        let became_active = decided(board, set, a.last_root, now)?;
        payout::decide(board, became_active)?;
        board.pending_root = 0;
    }
    // Nothing but an activation takes from the budget, and no other root waits for one: what this adds will be there.
    let addition = payout::divide(board, budget.min(reward))?;
    epoch::end(board, now);
    if addition.is_zero() {
        return Ok(());
    }
    let level = payout::leaves(sha256, &board.network, payout::claims(board));
    let args = PublishRootArgs {
        root: payout::root(sha256, level, |_| ()),
        previous_total: set.total,
        total: set.total.plus(addition)?,
    };
    board.root = *a.reward_root.address();
    board.pending_root = set.root_count + 1;
    board.root_generation = set.generation;
    board.root_published_at = now;
    let bump = [board.header.bump];
    drop(set_data);

    // `bme` checks that the root lies where it should.
    require(address_eq(a.bme_program.address(), &joule_bme_interface::ID), Fault::WrongProgram)?;
    PublishRoot {
        payer: a.payer,
        oracle: a.oracle,
        network: a.network,
        oracle_set: a.oracle_set,
        reward_root: a.reward_root,
        system_program: a.system_program,
    }
    .invoke_signed(&args, &[(&pda::oracle::signer(a.board.address(), &bump)).into()])?;
    Ok(())
}

/// Whether the root published last became active; an error while it still can.
fn decided(board: &Board, set: &OracleSet, root: &AccountView, now: Timestamp) -> Result<bool> {
    if set.active_root >= board.pending_root {
        // If it is not the newest, other oracles came between, and nobody knows any more: what is paid does not depend on it.
        return Ok(set.active_root == board.pending_root);
    }
    at(root, &board.root)?;
    let is_closed = root.is_data_empty();
    let is_outdated = set.generation != board.root_generation || now > board.root_published_at.after(ROOT_LIFETIME)?;
    require(is_closed || is_outdated, ScoresError::RootPending)?;
    Ok(false)
}
