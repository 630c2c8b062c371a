//! Who may call what for an identity. What is not listed here nobody may.

use {
    joule_bme_interface::{self as bme_interface, instruction as bme},
    joule_common::guard,
    joule_escrow_interface::{
        ID, instruction as escrow,
        state::{Keys, NONE, hot_right},
    },
    joule_identity_interface::{self as identity_interface, instruction as identity},
    joule_interface::{AccountSpec, Address},
    joule_stake_interface::{self as stake_interface, instruction as stake},
};

/// Who may call an instruction for an identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// Anyone: it only brings in what the identity earned.
    Anyone,
    /// The hot key with this right, and the manager.
    Hot(u8),
    /// The manager.
    Manager,
}

/// What may be called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Permission {
    /// By whom.
    pub by: By,
    /// Which of the call's accounts receives tokens: it must be the identity's.
    pub destination: Option<usize>,
}

/// Who signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The manager, or somebody who does what anyone may.
    Unlimited,
    /// The hot key.
    Hot,
}

impl Permission {
    /// In which role `signer` may do it.
    #[inline(always)]
    pub fn role(&self, keys: &Keys, signer: &Address) -> Option<Role> {
        if self.by == By::Anyone || guard::eq(signer, &keys.manager) {
            return Some(Role::Unlimited);
        }
        let By::Hot(right) = self.by else { return None };
        let is_hot = guard::eq(signer, &keys.hot_key) && !guard::eq(signer, &NONE);
        (is_hot && keys.rights & right != 0).then_some(Role::Hot)
    }
}

macro_rules! permitted {
    ($discriminator:expr, $of:ident: $($by:expr => [$($name:ident),* $(,)?]),* $(,)?) => {
        match $discriminator {
            $($(<$of::$name>::DISCRIMINATOR => {
                Some(Permission { by: $by, destination: const { AccountSpec::place(<$of::$name>::ACCOUNTS, "destination") } })
            })*)*
            _ => None,
        }
    };
}

/// Who may call the instruction of `program`.
#[inline(never)]
pub fn of(program: &Address, discriminator: u8) -> Option<Permission> {
    if guard::eq(program, &ID) {
        return permitted!(discriminator, escrow:
            By::Hot(hot_right::WORK) => [
                Heartbeat, StartJob, StartJobWithBond, FinishJob, DeliverJob, GiveNotice, HandBackJob, BidJob,
                BidJobWithBond, JoinQueue, LeaveQueue, CloseWaitingProvider, DeliverTrace, ChallengeResult, OpenSubtree,
                ChooseSubtree, ShowStates, DeliverProof, JoinPanel, LeavePanel, AcknowledgeInput, CommitResult,
                RevealResult, OpenBeacon, Beat, JoinBeacon, CloseBeacon, JoinGang, LeaveGang, StopGang, HeartbeatMember,
                TakeReservation, CancelJob,
            ],
            By::Manager => [OpenDeposit, WithdrawTokens, CloseDeposit],
        );
    }
    if guard::eq(program, &stake_interface::ID) {
        return permitted!(discriminator, stake:
            By::Anyone => [ClaimRewards, ClaimCommission],
            By::Manager => [
                RegisterProvider, CloseProvider, Stake, Unstake, CancelUnstake, Withdraw, Redelegate, StopRedelegation,
                LockStake, CompoundRewards, SetCommission, Unjail, ReleaseBond,
            ],
        );
    }
    if guard::eq(program, &bme_interface::ID) {
        return permitted!(discriminator, bme:
            By::Anyone => [ClaimRewards, ClaimEpochs],
            // In the wrong order a later root takes the place of an earlier one (CLAIM_RING): no stranger chooses it.
            By::Manager => [ClaimRoot, CloseProviderWork, CloseRootClaim],
        );
    }
    if guard::eq(program, &identity_interface::ID) {
        return permitted!(discriminator, identity:
            By::Hot(hot_right::ATTEST) => [Attest, WithdrawAttestation],
        );
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all() -> Vec<(&'static str, Permission, &'static [AccountSpec])> {
        let programs = [
            joule_bme_interface::SPEC,
            joule_stake_interface::SPEC,
            joule_escrow_interface::SPEC,
            joule_identity_interface::SPEC,
        ];
        let instructions = programs.iter().flat_map(|program| program.instructions.iter().map(|one| (program.id, one)));
        instructions
            .filter_map(|(id, one)| of(&id, one.discriminator).map(|may| (one.name, may, one.accounts)))
            .collect()
    }

    /// Whatever can be called pays nobody else: tokens go to `destination`, to a payee that the program checks, or nowhere.
    #[test]
    fn what_receives_tokens_is_checked() {
        for (name, may, accounts) in all() {
            let receives = accounts.iter().position(|account| account.name == "destination");
            assert_eq!(may.destination, receives, "{name}");
            let pays = accounts.iter().any(|account| account.docs.contains("ny token account"));
            assert!(!pays || receives.is_some(), "{name} pays whom its caller names");
        }
        assert_eq!(all().len(), 33 + 3 + 2 + 13 + 2 + 3 + 2);
    }

    /// The hot key's calls have no other signer that could be the identity: a payer is writable, which the identity never is.
    #[test]
    fn the_identity_signs_in_one_place() {
        for (name, _, accounts) in all() {
            let signs = accounts.iter().filter(|account| account.signer && !account.writable).count();
            let may_sign = accounts.iter().filter(|account| account.may_sign).count();
            assert_eq!(signs + may_sign, 1, "{name}");
        }
    }

    #[test]
    fn a_key_has_the_rights_that_it_was_given() {
        let address = |number| Address::new_from_array([number; 32]);
        let mut keys = Keys { manager: address(1), hot_key: address(2), ..Keys::default() };
        let work = Permission { by: By::Hot(hot_right::WORK), destination: None };
        assert_eq!(work.role(&keys, &address(2)), None);
        keys.rights = hot_right::ATTEST;
        assert_eq!(work.role(&keys, &address(2)), None);
        keys.rights = hot_right::ALL;
        assert_eq!(work.role(&keys, &address(2)), Some(Role::Hot));
        assert_eq!(work.role(&keys, &address(1)), Some(Role::Unlimited));
        assert_eq!(work.role(&keys, &address(3)), None);
        let owns = Permission { by: By::Manager, destination: None };
        assert_eq!(owns.role(&keys, &address(2)), None);
        assert_eq!(owns.role(&keys, &address(1)), Some(Role::Unlimited));
        let claims = Permission { by: By::Anyone, destination: None };
        assert_eq!(claims.role(&keys, &address(3)), Some(Role::Unlimited));
        // No key is not the key of address zero.
        keys.hot_key = NONE;
        assert_eq!(work.role(&keys, &NONE), None);
    }
}
