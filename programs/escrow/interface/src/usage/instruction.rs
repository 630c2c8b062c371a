//! Instructions on jobs that are paid by the unit.

use {
    crate::money::instruction::{CreditAccounts, PaymentAccounts},
    joule_interface::{Address, instruction},
    joule_math::{Amount, Seconds},
};

instruction! {
    /// Posts a job that is paid by the unit, on a market whose terms say [`pricing::USAGE`](crate::state::pricing::USAGE): as
    /// [`PostJob`](crate::instruction::PostJob), and holds the price of `max_units`. From its start on the client, or whoever it gave
    /// the session key, signs vouchers off chain ([`voucher`](crate::voucher)), and the provider redeems the last one by
    /// [`RedeemVoucher`]. Refused while the network is paused.
    pub PostUsageJob(PostUsageJobArgs) = 100 {
        accounts {
            /// Pays the rent of a new job, and gets it back. Pays what is missing of the tips' advance too: if the job takes the account of
            /// one that is over, this goes back to whoever paid that account's rent.
            payer: [signer, writable],
            /// Owner of the credits or of the deposit, or the delegate of its mandate.
            client: [signer],
            /// The market.
            market: [],
            /// The job to create or to replace.
            job: [writable],
            /// The network.
            network: [],
            /// What pays for the job: the client's credits, or its deposit.
            funding_account: [writable],
            /// The market's queue, if `matching` is `QUEUE`.
            queue: [writable, optional],
            ..credits: CreditAccounts,
            /// System program, if a job is created.
            system_program: [optional],
        }
        remaining {
            /// The mandate, if its delegate signs in place of the client.
            mandate: [writable],
        }
        args {
            /// Seed of the job's address, if it is created: a number at which this funding account has no other job.
            nonce: u64,
            /// [`Market::terms_version`](crate::state::Market::terms_version) that the client saw.
            terms_version: u64,
            /// Price of a unit: in a queue the market's; else any up to the market's. In an auction it is the highest bid allowed.
            price: Amount,
            /// Most units that vouchers can say. From 1; their price is held, so it fits in 64 bits.
            max_units: u64,
            /// First eight bytes, little-endian, of the chain's genesis hash: vouchers for a job on one chain are for none on another.
            chain: u64,
            /// The provider, if `matching` is `DIRECT`; else zero.
            provider: Address,
            /// Content hash of the work: what a unit is.
            definition: [u8; 32],
            /// Key that signs vouchers: the client's own, or one made for this job. Of secp256r1, without its first byte. Not zero.
            session_key: [u8; 32],
            /// Length.
            duration: Seconds,
            /// How the job finds its provider: one of [`matching`](crate::state::matching).
            matching: u8,
            /// How the session key signs: one of [`scheme`](crate::state::scheme).
            session_scheme: u8,
        }
    }
}

instruction! {
    /// Redeems a voucher: pays the provider for the units that it says beyond those that were redeemed before. Anyone may call, from the
    /// start of the job until the terms' `late_window` after its end. The same transaction has an instruction of the Ed25519 or
    /// secp256r1 program that verifies the signature, as [`voucher::verify_instruction`](crate::voucher::verify_instruction) makes it.
    ///
    /// A voucher that says no more units than were redeemed has no effect: another one came first, and those beside it in
    /// the transaction must not fail for that. If the payee cannot be paid now, pass a `max_amount` of 0: what the voucher says is
    /// booked, and `SettleJob` pays it later.
    pub RedeemVoucher(RedeemVoucherArgs) = 101 {
        accounts {
            /// Provider, or anyone.
            caller: [signer],
            /// The job.
            job: [writable],
            ..payment: PaymentAccounts,
            /// Instructions sysvar.
            instructions_sysvar: [],
            /// The halt clock: needed if the time of the job or of the key may be over.
            halt_clock: [optional],
        }
        args {
            /// Most to pay to the provider now. The rest stays owed. Usually `u64::MAX`; 0: all is booked as owed, and `payee` can be any
            /// account.
            max_amount: Amount,
            /// Index in the transaction of the instruction that verifies the signature.
            verify_index: u8,
            /// Number of the signature in that instruction, from 0 on.
            signature_number: u8,
        }
    }
}

instruction! {
    /// Replaces the session key of a running job at once. The client signs. Vouchers of the key until now can be redeemed for the terms'
    /// `late_window`, because the provider may have delivered for them; until then the new key cannot be replaced.
    pub ReplaceSessionKey(ReplaceSessionKeyArgs) = 102 {
        accounts {
            /// The client, or the delegate of the job's mandate.
            client: [signer],
            /// The job.
            job: [writable],
            /// The halt clock: needed if the key was replaced before.
            halt_clock: [optional],
        }
        remaining {
            /// The mandate, if its delegate signs in place of the client.
            mandate: [],
        }
        args {
            /// The new key. Of secp256r1, without its first byte. Not zero.
            session_key: [u8; 32],
            /// How it signs: one of [`scheme`](crate::state::scheme).
            session_scheme: u8,
        }
    }
}

instruction! {
    /// Adds units to a running job that is paid by the unit, and holds their price. The client signs. Refused while the network is paused.
    pub AddUnits(AddUnitsArgs) = 103 {
        accounts {
            /// The client, or the delegate of the job's mandate.
            client: [signer],
            /// The job.
            job: [writable],
            /// The network.
            network: [],
            /// What pays for the job: the client's credits, or its deposit.
            funding_account: [writable],
            ..credits: CreditAccounts,
        }
        remaining {
            /// The mandate, if its delegate signs in place of the client.
            mandate: [writable],
        }
        args {
            /// Units to add.
            units: u64,
        }
    }
}
