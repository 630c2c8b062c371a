//! The instructions, from the folders of their concerns, and the dispatch to them.

pub(crate) use crate::{
    credits::{
        approve_spender, burn_credits, burn_tokens, buy_credits, buy_credits_exact_out, close_credit_account,
        consume_credits, give_up_credits, lock_credits, open_credit_account, reclaim_credits, unlock_credits,
    },
    dollars::{
        add_dollar_shard, buy_credits_with_dollars, execute_dollar_policy, fold_dollars, open_auction,
        propose_dollar_policy, sell_tokens,
    },
    epochs::{
        accrue_work, claim_epochs, claim_rewards, close_epoch, close_provider_work, mint_deferred, open_provider_work,
        sweep_epoch,
    },
    governance::{
        accept_authority, add_shard, cancel_policy, close_shard, create_network, execute_policy, pause,
        propose_authority, propose_policy, resume,
    },
    lanes::weigh_lanes,
    price::update_average,
    roots::{
        activate_root, approve_root, claim_node_root, claim_root, close_root, close_root_claim, execute_oracles,
        fund_roots, open_root_claim, open_roots, publish_root, set_oracles, veto_root,
    },
    spenders::{add_spender, close_spender, restore_spender, revoke_spender},
    upkeep::{forward_treasury, set_chore, set_upkeep, take_chore_tip},
};

joule_interface::dispatch!(joule_bme_interface);
