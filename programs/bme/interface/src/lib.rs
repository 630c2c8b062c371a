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

/// The program.
pub const ID: joule_interface::Address =
    joule_interface::Address::from_str_const("JouLeBme11111111111111111111111111111111111");

joule_interface::program! {
    /// Burn-mint equilibrium: users burn a network's token at the oracle's dollar price for credits; providers are minted
    /// tokens for the credits that they work off.
    "bme", errors BmeError,
    types [Policy, Average, Breaker, Split, EpochWork],
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
    ],
    pdas [
        network,
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
    ],
    instructions [
        BuyCredits,
        LockCredits,
        UnlockCredits,
        ConsumeCredits,
        ClaimRewards,
        BuyCreditsExactOut,
        ClaimEpochs,
        ReclaimCredits,
        ClaimRoot,
        BurnTokens,
        CloseEpoch,
        AccrueWork,
        UpdateAverage,
        MintDeferred,
        SweepEpoch,
        ExecutePolicy,
        ActivateRoot,
        FundRoots,
        CloseRoot,
        CreateNetwork,
        AddShard,
        AddSpender,
        OpenCreditAccount,
        OpenProviderWork,
        ProposeAuthority,
        AcceptAuthority,
        Pause,
        Resume,
        ProposePolicy,
        CancelPolicy,
        SetSpenderLimit,
        RevokeSpender,
        RestoreSpender,
        OpenRoots,
        SetOracles,
        PublishRoot,
        ApproveRoot,
        VetoRoot,
        OpenRootClaim,
    ],
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
    ],
    constants state,
}
