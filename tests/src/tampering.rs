//! Tampering with honest actions: what a stranger might try in their place.

use {
    crate::{
        World, authorization::Transition, books::Accounts, example::PROGRAMS, tracked_world::TrackedWorld, verdict,
    },
    joule_interface::{Address, Instruction},
    joule_math::Timestamp,
    solana_account::Account,
    solana_signer::Signer,
};

/// Of so many things that a stranger can do alone, one stays.
const STAYS: u64 = 3;

impl TrackedWorld {
    /// Changes an honest action and tries it: another key signs, or none; an account is replaced by one like it, of another job,
    /// client or tenant, alone or with the accounts that belong to it; or the action comes at the second of a deadline, just
    /// before it or just after it. A program may refuse the action; what it accepts must be authorized and balanced. Then the
    /// action is undone, but for a part of what a stranger can do alone: all goes on from there.
    #[track_caller]
    pub(crate) fn tamper(&mut self, name: &'static str, honest: &Instruction) {
        let mut instruction = honest.clone();
        let count = instruction.accounts.len();
        let now = self.world.now();
        if count == 0 {
            return;
        }
        for _ in 0..1 + self.tampering.below(2) {
            let index = self.tampering.place(count);
            match self.tampering.below(5) {
                0 => {
                    let signs: Vec<usize> = (0..count).filter(|&i| instruction.accounts[i].is_signer).collect();
                    if !signs.is_empty() {
                        let signer = signs[self.tampering.place(signs.len())];
                        match self.tampering.below(3) {
                            0 => instruction.accounts[signer].is_signer = false,
                            _ => instruction.accounts[signer].pubkey = self.stranger,
                        }
                    }
                }
                1 => self.set_close(&instruction, now),
                2 => {
                    let old = instruction.accounts[index].pubkey;
                    if let Some(new) = self.like(old) {
                        swap_with_relatives(&self.accounts, &mut instruction, old, new);
                    }
                }
                _ => {
                    if let Some(other) = self.like(instruction.accounts[index].pubkey) {
                        instruction.accounts[index].pubkey = other;
                    }
                }
            }
        }
        let then = self.world.now();
        let given = |world: &World| -> Accounts {
            let keys = instruction.accounts.iter().map(|meta| meta.pubkey);
            keys.filter_map(|key| Some((key, world.account(key)?))).collect()
        };
        let before = given(&self.world);
        let outcome = self.world.send_signed_by_all(std::slice::from_ref(&instruction));
        self.world.set_time(now);
        self.tampered.0 += 1;
        let Ok(receipt) = outcome else {
            if let Err(failure) = outcome {
                verdict::clean(&failure).unwrap_or_else(|finding| panic!("{name}, tampered with: {finding}"));
            }
            return;
        };
        self.tampered.1 += 1;
        let signs = instruction.accounts.iter().filter(|meta| meta.is_signer);
        let signers: Vec<Address> = signs.map(|meta| meta.pubkey).collect();
        let after = given(&self.world);
        let transition =
            Transition { before: &before, after: &after, others: &self.accounts, signers: &signers, now: then };
        if let Err(broken) = verdict::done(&instruction, &receipt.calls, &transition) {
            panic!("{name}, tampered with: {broken}\n{instruction:?}\ninstead of {honest:?}");
        }
        // What nobody else signed may stay, if it was possible now.
        let payer = self.world.payer().pubkey();
        let is_strangers = signers.iter().all(|signer| [self.stranger, payer].contains(signer));
        if self.may_stay && is_strangers && then == now && self.tampering.one_in(STAYS) {
            self.tampered.2 += 1;
            receipt.writable.into_iter().for_each(|address| self.track(address));
            return;
        }
        for address in receipt.writable {
            self.world.set_account(address, before.get(&address).cloned().unwrap_or_default());
        }
    }

    /// A tracked account like this one.
    fn like(&mut self, address: Address) -> Option<Address> {
        let alike = alike(&self.accounts, address);
        (!alike.is_empty()).then(|| alike[self.tampering.place(alike.len())])
    }

    /// Sets the time to a moment of one of the accounts, or next to it.
    fn set_close(&mut self, instruction: &Instruction, now: Timestamp) {
        let accounts = instruction.accounts.iter().filter_map(|meta| self.accounts.get(&meta.pubkey));
        let moments: Vec<i64> =
            accounts.flat_map(timestamps).filter(|moment| (now.0 + 1..now.0 + 100 * 86_400).contains(moment)).collect();
        if !moments.is_empty() {
            let moment = moments[self.tampering.place(moments.len())];
            self.world.set_time(Timestamp(now.0.max(moment - 1 + self.tampering.below(3) as i64)));
        }
    }
}

/// Accounts like this one: of the same owner and size.
pub(crate) fn alike(accounts: &Accounts, address: Address) -> Vec<Address> {
    let Some(account) = accounts.get(&address) else { return vec![] };
    (accounts.iter())
        .filter(|(other, like)| **other != address && like.owner == account.owner)
        .filter(|(_, like)| like.data.len() == account.data.len())
        .map(|(other, _)| *other)
        .collect()
}

/// Swaps an account of an instruction for another, and the accounts that name it for their like that name the new one.
pub(crate) fn swap_with_relatives(accounts: &Accounts, instruction: &mut Instruction, old: Address, new: Address) {
    let names = |account: &Account, who: &Address| account.data.windows(32).any(|bytes| bytes == who.as_array());
    let same = |a: &Account, b: &Account| a.data.iter().zip(&b.data).filter(|(a, b)| a == b).count();
    for meta in &mut instruction.accounts {
        if meta.pubkey == old {
            meta.pubkey = new;
        }
        let Some(child) = accounts.get(&meta.pubkey).filter(|child| names(child, &old)) else { continue };
        let alike = (accounts.iter())
            .filter(|(_, like)| like.owner == child.owner && like.data.len() == child.data.len())
            .filter(|(_, like)| like.data.first() == child.data.first() && names(like, &new));
        if let Some((other, _)) = alike.max_by_key(|(_, like)| same(like, child)) {
            meta.pubkey = *other;
        }
    }
}

/// All timestamps in an account of the four programs.
pub(crate) fn timestamps(account: &Account) -> Vec<i64> {
    let Some(program) = PROGRAMS.iter().find(|program| program.id == account.owner) else { return vec![] };
    let discriminator = account.data.first().copied().unwrap_or_default();
    let layout = program.accounts.iter().find(|(of, _)| *of == discriminator).map(|(_, layout)| layout);
    let fields = layout.into_iter().flat_map(|layout| layout.fields).filter(|field| field.type_name == "Timestamp");
    fields
        .filter_map(|field| {
            Some(i64::from_le_bytes(account.data.get(field.offset..field.offset + 8)?.try_into().ok()?))
        })
        .collect()
}
