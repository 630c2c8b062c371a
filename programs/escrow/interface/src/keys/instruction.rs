//! Opening keys, changing them, acting for an identity, and paying its payee.

use {
    crate::pda,
    joule_interface::{AccountMeta, Address, Instruction, instruction},
    joule_math::Seconds,
};

instruction! {
    /// Opens keys. Their address is the identity: name it as provider, claimant, attestor or operator of a machine. It stays the same
    /// for good, whatever keys act for it. They cannot be closed: what is named after them would be the first manager's again.
    pub OpenKeys(OpenKeysArgs) = 110 {
        accounts {
            /// Pays the rent.
            payer: [signer, writable],
            /// The manager.
            manager: [signer],
            /// The keys to open.
            keys: [writable] = pda::keys(opened_by: manager),
            /// System program.
            system_program: [],
        }
        args {
            /// The manager's number for them: any.
            id: u64,
            /// Who is paid. Not the identity itself.
            payee: Address,
            /// The recovery key; zero: none.
            recovery: Address,
            /// How long a change of manager, payee and recovery key waits, for good: 1 hour to 1 year.
            change_delay: Seconds,
        }
    }
}
instruction! {
    /// Replaces the hot key, at once, whatever is bonded or running. The manager signs. A new key's window is a new one: what jobs
    /// hold when it first bonds counts against its limit.
    pub SetHotKey(SetHotKeyArgs) = 111 {
        accounts {
            /// The manager.
            manager: [signer],
            /// The keys.
            keys: [writable],
        }
        args {
            /// The new hot key; zero: none.
            hot_key: Address,
            /// What it may do, a sum of [`hot_right`](crate::state::hot_right).
            rights: u8,
            /// Length of the windows in which its bonds are limited, seconds: 1 hour to 1 year.
            window: Seconds,
        }
    }
}
instruction! {
    /// Limits what the hot key may bond in a window of one account of the identity. Without a limit it bonds nothing. The manager signs.
    pub SetBondLimit(SetBondLimitArgs) = 112 {
        accounts {
            /// The manager.
            manager: [signer],
            /// The keys.
            keys: [writable],
            /// The identity's `Provider` in `stake`, or its deposit in the mint of dispute bonds.
            account: [],
        }
        args {
            /// Most that jobs and disputes hold in a window, base units; 0: none, and its place is free for another account.
            limit: u64,
        }
    }
}
instruction! {
    /// Announces other keys: manager, payee and recovery key, all three. They wait `change_delay`. A change that waits is replaced, and
    /// waits again. The manager signs.
    pub ProposeKeys(ProposeKeysArgs) = 113 {
        accounts {
            /// The manager.
            manager: [signer],
            /// The keys.
            keys: [writable],
        }
        args {
            /// The manager to come.
            next_manager: Address,
            /// The payee to come. Not the identity itself.
            next_payee: Address,
            /// The recovery key to come; zero: none.
            next_recovery: Address,
        }
    }
}
instruction! {
    /// Cancels the change that waits. The manager or the recovery key signs.
    pub CancelKeys(CancelKeysArgs) = 114 {
        accounts {
            /// The manager or the recovery key.
            authority: [signer],
            /// The keys.
            keys: [writable],
        }
        args {}
    }
}
instruction! {
    /// Makes the change that waited. Anyone can call.
    pub ExecuteKeys(ExecuteKeysArgs) = 115 {
        accounts {
            /// The keys.
            keys: [writable],
        }
        args {}
    }
}
instruction! {
    /// Calls an instruction of one of the four programs for the identity, which signs: [`act_for`] makes this of such an instruction.
    /// Who may call what:
    ///
    /// - The hot key, with the right [`WORK`](crate::state::hot_right::WORK): what a provider, a replica or a party of a game does in
    ///   `escrow`, but for money that leaves. What it bonds of a provider's stake or of a deposit is limited ([`SetBondLimit`]).
    /// - The hot key, with the right [`ATTEST`](crate::state::hot_right::ATTEST): `Attest` and `WithdrawAttestation` of `identity`.
    /// - The manager: that too, without limit, what an owner of stake, of a deposit or of a provider's record does, and `ClaimRoot`
    ///   of `bme`, in the roots' order: a later one takes the place of an earlier one.
    /// - Anyone: `ClaimRewards` and `ClaimEpochs` of `bme`, `ClaimRewards` and `ClaimCommission` of `stake`.
    ///
    /// An account `destination` of the called instruction must be a token account of the identity, from which [`PayOut`] pays the
    /// payee. The identity signs and is never writable in the call.
    pub Act(ActArgs) = 116 {
        accounts {
            /// Who acts.
            signer: [signer],
            /// The keys.
            keys: [writable],
            /// The program to call: `bme`, `stake`, `escrow` or `identity`.
            program: [],
        }
        remaining {
            /// The accounts of the call, in its order; the identity in its place, without a signature. At most 40.
            call_accounts: [],
        }
        args {}
        tail {
            /// The data of the call: discriminator and arguments.
            call: [u8],
        }
    }
}
instruction! {
    /// Pays all of a token account of the identity to the payee's associated token account, which anyone can create. Anyone can call.
    pub PayOut(PayOutArgs) = 117 {
        accounts {
            /// The keys.
            keys: [writable],
            /// Any token account of the identity.
            source: [writable],
            /// The payee's associated token account of the mint.
            destination: [writable],
            /// The mint.
            mint: [],
            /// The mint's token program.
            token_program: [],
        }
        args {}
    }
}

/// [`Act`] by `signer` for `keys`: `call` is the instruction as if the identity could sign.
pub fn act_for(keys: Address, signer: Address, call: &Instruction) -> Instruction {
    let mut act = Act { signer, keys, program: call.program_id }.instruction_with(&ActArgs {}, &call.data);
    act.accounts.extend(call.accounts.iter().map(|account| AccountMeta {
        is_signer: account.is_signer && account.pubkey != keys,
        is_writable: account.is_writable && account.pubkey != keys,
        ..account.clone()
    }));
    act
}
