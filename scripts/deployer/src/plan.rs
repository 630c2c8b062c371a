//! What is to be done about one program, from what is on the cluster. Nothing here talks to anybody: after each step the
//! cluster is read again, and a run that broke goes on in the same way.

use {
    anyhow::{Result, bail, ensure},
    joule_interface::Address,
    solana_loader_v3_interface::{instruction::MINIMUM_EXTEND_PROGRAM_BYTES, state::UpgradeableLoaderState},
    std::ops::Range,
};

/// The code at a program's id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Code {
    /// None yet. Somebody may have sent lamports there.
    Absent {
        /// What is there.
        lamports: u64,
    },
    /// It was closed: nothing can be deployed at this id again.
    Closed,
    /// A program of the upgradeable loader.
    Deployed {
        /// Who may upgrade it. `None`: nobody, ever.
        authority: Option<Address>,
        /// The slot of the last change.
        slot: u64,
        /// The ELF, and zeros behind it up to the room for it.
        bytes: Vec<u8>,
        /// Of the account that holds the code.
        lamports: u64,
    },
}

/// The account that an ELF is written to before it becomes a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Buffer {
    /// None. Somebody may have sent lamports there.
    Absent {
        /// What is there.
        lamports: u64,
    },
    /// It may be half written.
    Open {
        /// Who may write it.
        authority: Option<Address>,
        /// What is written.
        bytes: Vec<u8>,
        /// Of the account.
        lamports: u64,
    },
}

/// Who acts.
#[derive(Clone, Copy, Debug)]
pub struct Roles {
    /// Signs as the upgrade authority.
    pub signer: Address,
    /// Is the upgrade authority in the end: a multisig. `None`: the signer stays it.
    pub hand_to: Option<Address>,
}

/// What to do next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Make the buffer.
    OpenBuffer,
    /// Give the buffer's rent back.
    CloseBuffer,
    /// Write these ranges of the ELF.
    Write(Vec<Range<usize>>),
    /// Make the program of the buffer, with room for this many bytes.
    Deploy(usize),
    /// Make this many bytes more of room.
    Extend(usize),
    /// Replace the program by the buffer.
    Upgrade,
    /// Give the buffer to the multisig, which then upgrades.
    Offer,
    /// Give the upgrade authority to the multisig.
    HandOver,
}

/// How a program stands when there is nothing left to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// It is the ELF.
    Deployed,
    /// The buffer waits for the multisig.
    Offered,
}

/// All steps that are left, and where they lead. `piece`: how much of the ELF goes in one transaction; `room`: for how many
/// bytes a new program gets room, if the ELF is not longer.
pub fn steps(
    elf: &[u8],
    code: &Code,
    buffer: &Buffer,
    who: Roles,
    piece: usize,
    room: usize,
) -> Result<(Vec<Step>, End)> {
    let given_away = who.hand_to.filter(|to| *to != who.signer);
    let mut steps = vec![];
    match code {
        Code::Closed => {
            bail!("the program at this id was closed, and nothing can be deployed there again: use a new id")
        }
        Code::Absent { .. } => {
            fill(elf, buffer, who, piece, &mut steps)?;
            steps.push(Step::Deploy(room.max(elf.len())));
            steps.extend(given_away.map(|_| Step::HandOver));
        }
        Code::Deployed { authority, bytes, .. } if is(bytes, elf) => {
            if let Buffer::Open { authority, .. } = buffer
                && *authority == Some(who.signer)
            {
                steps.push(Step::CloseBuffer);
            }
            if let Some(to) = who.hand_to
                && *authority != Some(to)
            {
                ensure!(*authority == Some(who.signer), "{}", foreign(*authority));
                steps.push(Step::HandOver);
            }
        }
        Code::Deployed { authority, bytes, .. } => {
            ensure!(
                authority.is_some(),
                "nobody can upgrade this program any more: its upgrade authority was given up"
            );
            let is_multisigs = *authority != Some(who.signer);
            ensure!(!is_multisigs || *authority == who.hand_to, "{}", foreign(*authority));
            let more = elf.len().saturating_sub(bytes.len());
            if is_multisigs && offered(elf, buffer, who)? {
                return Ok((steps, End::Offered));
            }
            fill(elf, buffer, who, piece, &mut steps)?;
            if more > 0 {
                steps.push(Step::Extend(more.max(MINIMUM_EXTEND_PROGRAM_BYTES as usize)));
            }
            if is_multisigs {
                steps.push(Step::Offer);
                return Ok((steps, End::Offered));
            }
            steps.push(Step::Upgrade);
            steps.extend(given_away.map(|_| Step::HandOver));
        }
    }
    Ok((steps, End::Deployed))
}

/// Whether a program's code is this ELF: the same bytes, and zeros behind them.
pub fn is(code: &[u8], elf: &[u8]) -> bool {
    code.split_at_checked(elf.len()).is_some_and(|(same, rest)| same == elf && rest.iter().all(|byte| *byte == 0))
}

/// Whether the ELF waits in a buffer of the multisig.
fn offered(elf: &[u8], buffer: &Buffer, who: Roles) -> Result<bool> {
    let Buffer::Open { authority, bytes, .. } = buffer else { return Ok(false) };
    if authority.is_none() || *authority != who.hand_to {
        return Ok(false);
    }
    ensure!(
        bytes == elf,
        "the multisig still has a buffer with another build: it must upgrade or close that first; or move the buffer's key \
         file away, and a new buffer is made"
    );
    Ok(true)
}

fn foreign(authority: Option<Address>) -> String {
    match authority {
        Some(authority) => format!(
            "its upgrade authority is {authority}, which is neither the one that signs nor the one to hand over to: pass its \
             key with --authority, or its address with --hand-to to propose the upgrade to it"
        ),
        None => "nobody has its upgrade authority any more, so it cannot be handed over".into(),
    }
}

/// What makes the buffer hold the ELF.
fn fill(elf: &[u8], buffer: &Buffer, who: Roles, piece: usize, steps: &mut Vec<Step>) -> Result<()> {
    let left = match buffer {
        Buffer::Open { authority, .. } if *authority != Some(who.signer) => {
            let owner = authority.map_or("nobody".into(), |authority| authority.to_string());
            bail!("the buffer belongs to {owner}: move the buffer's key file away, and a new buffer is made")
        }
        Buffer::Open { bytes, .. } if bytes.len() == elf.len() => unwritten(elf, bytes, piece),
        // Of another build. Its rent comes back.
        Buffer::Open { .. } => {
            steps.extend([Step::CloseBuffer, Step::OpenBuffer]);
            unwritten(elf, &vec![0; elf.len()], piece)
        }
        Buffer::Absent { .. } => {
            steps.push(Step::OpenBuffer);
            unwritten(elf, &vec![0; elf.len()], piece)
        }
    };
    if !left.is_empty() {
        steps.push(Step::Write(left));
    }
    Ok(())
}

/// The pieces of an ELF that differ from what is written.
fn unwritten(elf: &[u8], written: &[u8], piece: usize) -> Vec<Range<usize>> {
    let ranges = (0..elf.len()).step_by(piece).map(|start| start..elf.len().min(start + piece));
    ranges.filter(|range| elf[range.clone()] != written[range.clone()]).collect()
}

/// Lamports that the steps of a program take from the payer: all in all, and at the worst moment before some come back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// What is gone at the end. Less than zero where rent comes back.
    pub spent: i64,
    /// What the payer must have.
    pub peak: i64,
    /// Transactions.
    pub transactions: usize,
}

impl Cost {
    fn pay(&mut self, lamports: u64) {
        self.spent += lamports as i64;
        self.peak = self.peak.max(self.spent);
    }

    fn get(&mut self, lamports: u64) {
        self.spent -= lamports as i64;
    }

    /// Adds the cost of `steps`. `rent`: of so many bytes; `fee`: of a transaction with so many signatures.
    pub fn add(
        &mut self,
        steps: &[Step],
        elf: &[u8],
        code: &Code,
        buffer: &Buffer,
        rent: impl Fn(usize) -> u64,
        fee: impl Fn(usize) -> u64,
    ) {
        let mut held = match buffer {
            Buffer::Absent { lamports } | Buffer::Open { lamports, .. } => *lamports,
        };
        let (mut at_program, mut at_code, mut room) = match code {
            Code::Absent { lamports } => (*lamports, 0, 0),
            Code::Closed => (0, 0, 0),
            Code::Deployed { lamports, bytes, .. } => (0, *lamports, bytes.len()),
        };
        for step in steps {
            let (number, signatures) = match step {
                Step::Write(ranges) => (ranges.len(), 2),
                Step::OpenBuffer | Step::Extend(_) => (1, 2),
                Step::Deploy(_) => (1, 3),
                Step::CloseBuffer | Step::Upgrade | Step::Offer | Step::HandOver => (1, 2),
            };
            self.transactions += number;
            self.pay(fee(signatures) * number as u64);
            let mut raise = |held: &mut u64, size: usize| {
                let missing = rent(size).saturating_sub(*held);
                self.pay(missing);
                *held += missing;
            };
            match step {
                Step::OpenBuffer => raise(&mut held, UpgradeableLoaderState::size_of_buffer(elf.len())),
                Step::CloseBuffer => self.get(std::mem::take(&mut held)),
                Step::Deploy(bytes) => {
                    room = *bytes;
                    raise(&mut at_program, UpgradeableLoaderState::size_of_program());
                    self.get(std::mem::take(&mut held));
                    at_code = rent(UpgradeableLoaderState::size_of_programdata(room));
                    self.pay(at_code);
                }
                Step::Extend(more) => {
                    room += more;
                    raise(&mut at_code, UpgradeableLoaderState::size_of_programdata(room));
                }
                Step::Upgrade => {
                    let needed = rent(UpgradeableLoaderState::size_of_programdata(room));
                    self.get((std::mem::take(&mut held) + at_code).saturating_sub(needed));
                    at_code = at_code.min(needed);
                }
                Step::Write(_) | Step::Offer | Step::HandOver => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const US: Address = Address::new_from_array([1; 32]);
    const MULTISIG: Address = Address::new_from_array([2; 32]);
    const STRANGER: Address = Address::new_from_array([3; 32]);
    const ALONE: Roles = Roles { signer: US, hand_to: None };
    const TO_MULTISIG: Roles = Roles { signer: US, hand_to: Some(MULTISIG) };
    const ELF: &[u8] = &[7; 250];
    const NO_CODE: Code = Code::Absent { lamports: 0 };
    const NO_BUFFER: Buffer = Buffer::Absent { lamports: 0 };

    fn buffer(authority: Address, bytes: &[u8]) -> Buffer {
        Buffer::Open { authority: Some(authority), bytes: bytes.to_vec(), lamports: 1_000 }
    }

    fn code(authority: Option<Address>, bytes: &[u8]) -> Code {
        Code::Deployed { authority, slot: 1, bytes: bytes.to_vec(), lamports: 2_000 }
    }

    fn plan(code: &Code, buffer: &Buffer, who: Roles) -> Result<(Vec<Step>, End)> {
        steps(ELF, code, buffer, who, 100, 0)
    }

    fn all() -> Step {
        Step::Write(vec![0..100, 100..200, 200..250])
    }

    #[test]
    fn a_new_program_is_written_deployed_and_handed_over() {
        let (steps, end) = plan(&NO_CODE, &NO_BUFFER, TO_MULTISIG).unwrap();
        assert_eq!(steps, [Step::OpenBuffer, all(), Step::Deploy(250), Step::HandOver]);
        assert_eq!(end, End::Deployed);
        let (steps, _) = plan(&NO_CODE, &NO_BUFFER, ALONE).unwrap();
        assert_eq!(steps.last(), Some(&Step::Deploy(250)));
        // Handing over to oneself is nothing.
        let (steps, _) = plan(&NO_CODE, &NO_BUFFER, Roles { hand_to: Some(US), ..ALONE }).unwrap();
        assert_eq!(steps.last(), Some(&Step::Deploy(250)));
    }

    #[test]
    fn a_new_program_gets_the_room_that_was_asked_for() {
        let (planned, _) = steps(ELF, &NO_CODE, &NO_BUFFER, ALONE, 100, 999).unwrap();
        assert_eq!(planned.last(), Some(&Step::Deploy(999)));
    }

    #[test]
    fn a_half_written_buffer_goes_on_where_it_stopped() {
        let mut written = ELF.to_vec();
        written[150] = 0;
        let (steps, _) = plan(&NO_CODE, &buffer(US, &written), ALONE).unwrap();
        assert_eq!(steps, [Step::Write(std::iter::once(100..200).collect()), Step::Deploy(250)]);
        let (steps, _) = plan(&NO_CODE, &buffer(US, ELF), ALONE).unwrap();
        assert_eq!(steps, [Step::Deploy(250)]);
    }

    #[test]
    fn a_buffer_of_another_build_is_closed_and_made_again() {
        let (steps, _) = plan(&NO_CODE, &buffer(US, &[7; 249]), ALONE).unwrap();
        assert_eq!(steps, [Step::CloseBuffer, Step::OpenBuffer, all(), Step::Deploy(250)]);
    }

    #[test]
    fn a_strangers_buffer_is_refused() {
        let refused = plan(&NO_CODE, &buffer(STRANGER, ELF), ALONE).unwrap_err().to_string();
        assert!(refused.contains(&STRANGER.to_string()), "{refused}");
        plan(&NO_CODE, &Buffer::Open { authority: None, bytes: ELF.to_vec(), lamports: 0 }, ALONE).unwrap_err();
    }

    #[test]
    fn nothing_is_done_twice() {
        assert_eq!(plan(&code(Some(US), ELF), &NO_BUFFER, ALONE).unwrap(), (vec![], End::Deployed));
        assert_eq!(plan(&code(Some(MULTISIG), ELF), &NO_BUFFER, TO_MULTISIG).unwrap(), (vec![], End::Deployed));
        // With room behind it.
        let roomy = [ELF, &[0; 50]].concat();
        assert_eq!(plan(&code(Some(US), &roomy), &NO_BUFFER, ALONE).unwrap(), (vec![], End::Deployed));
        // A run that broke before the end.
        let (steps, _) = plan(&code(Some(US), ELF), &NO_BUFFER, TO_MULTISIG).unwrap();
        assert_eq!(steps, [Step::HandOver]);
        let (steps, _) = plan(&code(Some(US), ELF), &buffer(US, ELF), ALONE).unwrap();
        assert_eq!(steps, [Step::CloseBuffer]);
    }

    #[test]
    fn code_that_goes_on_behind_the_elf_is_another_program() {
        let longer = [ELF, &[0, 1]].concat();
        assert!(!is(&longer, ELF));
        assert!(!is(&ELF[..249], ELF));
        let (steps, _) = plan(&code(Some(US), &longer), &NO_BUFFER, ALONE).unwrap();
        assert_eq!(steps, [Step::OpenBuffer, all(), Step::Upgrade]);
    }

    #[test]
    fn an_upgrade_that_is_longer_makes_room_first() {
        let (steps, _) = plan(&code(Some(US), &[1; 200]), &NO_BUFFER, TO_MULTISIG).unwrap();
        assert_eq!(steps, [Step::OpenBuffer, all(), Step::Extend(10_240), Step::Upgrade, Step::HandOver]);
    }

    #[test]
    fn what_a_multisig_governs_is_proposed_to_it() {
        let (steps, end) = plan(&code(Some(MULTISIG), &[1; 250]), &NO_BUFFER, TO_MULTISIG).unwrap();
        assert_eq!((steps, end), (vec![Step::OpenBuffer, all(), Step::Offer], End::Offered));
        let waits = plan(&code(Some(MULTISIG), &[1; 250]), &buffer(MULTISIG, ELF), TO_MULTISIG).unwrap();
        assert_eq!(waits, (vec![], End::Offered));
        // Another build than the one that waits there.
        plan(&code(Some(MULTISIG), &[1; 250]), &buffer(MULTISIG, &[1; 250]), TO_MULTISIG).unwrap_err();
    }

    #[test]
    fn a_foreign_upgrade_authority_is_refused() {
        for who in [ALONE, TO_MULTISIG] {
            let refused = plan(&code(Some(STRANGER), &[1; 250]), &NO_BUFFER, who).unwrap_err().to_string();
            assert!(refused.contains(&STRANGER.to_string()), "{refused}");
            plan(&code(None, &[1; 250]), &NO_BUFFER, who).unwrap_err();
        }
        // The same bytes are there, but cannot be handed over.
        plan(&code(Some(STRANGER), ELF), &NO_BUFFER, TO_MULTISIG).unwrap_err();
        plan(&code(None, ELF), &NO_BUFFER, TO_MULTISIG).unwrap_err();
        // Looking is free.
        assert_eq!(plan(&code(Some(STRANGER), ELF), &NO_BUFFER, ALONE).unwrap(), (vec![], End::Deployed));
    }

    #[test]
    fn a_closed_program_cannot_be_deployed_again() {
        plan(&Code::Closed, &NO_BUFFER, ALONE).unwrap_err();
    }

    #[test]
    fn the_payer_needs_the_buffer_and_gets_it_back() {
        let rent = |size: usize| 1_000 + size as u64;
        let fee = |signatures: usize| 5 * signatures as u64;
        let (steps, _) = plan(&NO_CODE, &NO_BUFFER, TO_MULTISIG).unwrap();
        let mut cost = Cost::default();
        cost.add(&steps, ELF, &NO_CODE, &NO_BUFFER, rent, fee);
        // Open, three pieces, deploy, hand over.
        assert_eq!(cost.transactions, 6);
        let fees = 10 + 3 * 10 + 15 + 10;
        assert_eq!(cost.spent, (1_000 + 36) + (1_000 + 45 + 250) + fees);
        // When the program's own account is made, the buffer is still there; when its code is, the buffer is not.
        assert_eq!(cost.peak, cost.spent);
        // What is written already is paid already.
        let half = Buffer::Open { authority: Some(US), bytes: vec![0; 250], lamports: 1_287 };
        let (steps, _) = plan(&NO_CODE, &half, ALONE).unwrap();
        let mut rest = Cost::default();
        rest.add(&steps, ELF, &NO_CODE, &half, rent, fee);
        assert_eq!(rest.spent, (1_000 + 36) + (1_000 + 45 + 250) - 1_287 + 3 * 10 + 15);
    }

    #[test]
    fn an_upgrade_costs_fees_and_the_room_that_it_adds() {
        let rent = |size: usize| 1_000 + size as u64;
        let fee = |signatures: usize| 5 * signatures as u64;
        let old = Code::Deployed { authority: Some(US), slot: 1, bytes: vec![1; 200], lamports: 1_245 };
        let (steps, _) = plan(&old, &NO_BUFFER, ALONE).unwrap();
        let mut cost = Cost::default();
        cost.add(&steps, ELF, &old, &NO_BUFFER, rent, fee);
        assert_eq!(cost.spent, 10_240 + 10 + 3 * 10 + 10 + 10);
        assert_eq!(cost.peak, cost.spent + 1_287);
    }
}
