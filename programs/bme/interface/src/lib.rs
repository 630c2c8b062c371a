//! `bme`, burn-mint equilibrium: users burn a network's token at the oracle's dollar price for credits; providers are
//! minted tokens for the credits that they work off.
//!
//! | to | see |
//! |---|---|
//! | build or parse an instruction | [`instruction`] |
//! | call the program from yours | `invoke_signed` of an instruction, feature `cpi` |
//! | read an account | [`state`], with [`Account::read`](joule_interface::Account::read) |
//! | find an address | [`pda`] |
//! | decode an event | [`event`] |
//! | build a reward root and its proofs | [`merkle`] |
//! | name an error | [`BmeError`] |
//!
#![doc = include_str!("../README.md")]
#![no_std]
#![forbid(unsafe_code)]

mod error;
pub mod event;
pub mod instruction;
pub mod merkle;
pub mod pda;
pub mod price_update;
pub mod state;

pub use error::BmeError;

/// The program, where [the ids](joule_interface::ids) put it.
pub const ID: joule_interface::Address = joule_interface::ids::BME;

joule_interface::program! {
    /// Burn-mint equilibrium: users burn a network's token at the oracle's dollar price for credits; providers are minted
    /// tokens for the credits that they work off.
    "bme", errors BmeError,
    types [Policy, EpochTerms, Average, Breaker, RootsBudget, Split, Lane, LaneWork, EpochWork, RootPayment, PriceUpdate, Chore,
        DollarPolicy],
    accounts [
        Network,
        CreditAccount,
        BurnShard,
        WorkShard,
        ProviderWork,
        Epoch,
        Spender,
        PolicyChange,
        OracleSet,
        RewardRoot,
        RootClaim,
        Auction,
        DollarShard,
        Upkeep,
    ],
    pdas [
        network,
        reserve_network,
        reserve_vault,
        reward_vault,
        burn_shard,
        burn_vault,
        work_shard,
        credit_account,
        provider_work,
        epoch,
        spender,
        policy_change,
        oracle_set,
        root_vault,
        reward_root,
        root_claim,
        auction,
        auction_vault,
        dollar_shard,
        dollar_vault,
        upkeep,
    ],
    instructions {
        hot [
            ConsumeCredits => consume_credits,
            LockCredits => lock_credits,
            UnlockCredits => unlock_credits,
            BuyCredits => buy_credits,
            ClaimRewards => claim_rewards,
        ],
        cold [
            BuyCreditsWithDollars => buy_credits_with_dollars,
            BuyCreditsExactOut => buy_credits_exact_out,
            ClaimEpochs => claim_epochs,
            ReclaimCredits => reclaim_credits,
            BurnCredits => burn_credits,
            GiveUpCredits => give_up_credits,
            CloseCreditAccount => close_credit_account,
            CloseProviderWork => close_provider_work,
            CloseRootClaim => close_root_claim,
            ClaimRoot => claim_root,
            ClaimNodeRoot => claim_node_root,
            BurnTokens => burn_tokens,
            CloseEpoch => close_epoch,
            AccrueWork => accrue_work,
            UpdateAverage => update_average,
            MintDeferred => mint_deferred,
            SweepEpoch => sweep_epoch,
            ExecutePolicy => execute_policy,
            ActivateRoot => activate_root,
            FundRoots => fund_roots,
            CloseRoot => close_root,
            ExecuteOracles => execute_oracles,
            CloseSpender => close_spender,
            CreateNetwork => create_network,
            AddShard => add_shard,
            CloseShard => close_shard,
            AddSpender => add_spender,
            OpenCreditAccount => open_credit_account,
            ApproveSpender => approve_spender,
            OpenProviderWork => open_provider_work,
            ProposeAuthority => propose_authority,
            AcceptAuthority => accept_authority,
            Pause => pause,
            Resume => resume,
            ProposePolicy => propose_policy,
            CancelPolicy => cancel_policy,
            RevokeSpender => revoke_spender,
            RestoreSpender => restore_spender,
            OpenRoots => open_roots,
            SetOracles => set_oracles,
            PublishRoot => publish_root,
            ApproveRoot => approve_root,
            VetoRoot => veto_root,
            OpenRootClaim => open_root_claim,
            WeighLanes => weigh_lanes,
            SellTokens => sell_tokens,
            FoldDollars => fold_dollars,
            OpenAuction => open_auction,
            AddDollarShard => add_dollar_shard,
            ProposeDollarPolicy => propose_dollar_policy,
            ExecuteDollarPolicy => execute_dollar_policy,
            SetUpkeep => set_upkeep,
            SetChore => set_chore,
            ForwardTreasury => forward_treasury,
            TakeChoreTip => take_chore_tip,
        ],
    },
    events [
        NetworkCreated,
        CreditsBought,
        CreditsLocked,
        CreditsUnlocked,
        CreditsConsumed,
        TokensBurned,
        EpochSettled,
        WorkAccrued,
        RewardsClaimed,
        AuthorityProposed,
        AuthorityChanged,
        PauseChanged,
        PolicyProposed,
        PolicyChanged,
        PolicyCancelled,
        SpenderChanged,
        CreditsReclaimed,
        AverageUpdated,
        Minted,
        EpochSwept,
        OraclesChanged,
        RootPublished,
        RootApproved,
        RootActivated,
        RootVetoed,
        RootsFunded,
        RootClaimed,
        CreditsBurned,
        OraclesProposed,
        RootClosed,
        SpenderClosed,
        CreditsGivenUp,
        LanesWeighed,
        CreditsBoughtWithDollars,
        DollarsFolded,
        TokensSold,
        DollarPolicyChanged,
    ],
    constants state,
    values [source],
}
