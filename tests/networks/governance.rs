//! What of SPL Governance a voter uses: the program is built from the registry, and its instructions are written here in Borsh.

use {
    borsh::BorshSerialize,
    joule_interface::{AccountMeta, Address, Instruction, SYSTEM_PROGRAM, TOKEN_PROGRAM},
    joule_tests::World,
};

/// Where it is deployed on mainnet.
pub const ID: Address = Address::from_str_const("GovER5Lthms3bLBqWub97yVrMmEogzX7xNjdXpPPCVZw");
/// The voter's weight is of an earlier slot.
pub const RECORD_EXPIRED: u32 = 577;
const RENT: Address = Address::from_str_const("SysvarRent111111111111111111111111111111111");
const NAME: &str = "joule";
const SEED: &[u8] = b"governance";

/// A realm of a mint, whose voters are weighed by an add-in, with one governance and one proposal.
pub struct Realm {
    pub payer: Address,
    pub mint: Address,
    pub addin: Address,
}

fn find(seeds: &[&[u8]]) -> Address {
    Address::find_program_address(seeds, &ID).0
}

/// The realm's address: by its name alone.
pub fn realm() -> Address {
    find(&[SEED, NAME.as_bytes()])
}

fn instruction(accounts: Vec<AccountMeta>, data: impl BorshSerialize) -> Instruction {
    Instruction { program_id: ID, accounts, data: borsh::to_vec(&data).expect("there is room") }
}

fn seen(address: Address) -> AccountMeta {
    AccountMeta::new_readonly(address, false)
}

fn written(address: Address) -> AccountMeta {
    AccountMeta::new(address, false)
}

impl Realm {
    fn config(&self) -> Address {
        find(&[b"realm-config", realm().as_ref()])
    }

    fn owner_record(&self, owner: Address) -> Address {
        find(&[SEED, realm().as_ref(), self.mint.as_ref(), owner.as_ref()])
    }

    fn governance(&self) -> Address {
        find(&[b"account-governance", realm().as_ref(), self.mint.as_ref()])
    }

    fn proposal(&self) -> Address {
        find(&[SEED, self.governance().as_ref(), self.mint.as_ref(), &[1; 32]])
    }

    pub fn create(&self) -> Instruction {
        let holding = find(&[SEED, realm().as_ref(), self.mint.as_ref()]);
        let accounts = vec![
            written(realm()),
            seen(self.payer),
            seen(self.mint),
            written(holding),
            AccountMeta::new(self.payer, true),
            seen(SYSTEM_PROGRAM),
            seen(TOKEN_PROGRAM),
            seen(RENT),
            written(self.config()),
            seen(self.addin),
        ];
        // No council; a weight of one governs; all of the supply votes. An add-in weighs, and the token itself is dormant.
        let (supply, community, council) = ((0u8, 10_000_000_000u64), (true, false, 2u8), (false, false, 0u8));
        instruction(accounts, (0u8, NAME, false, 1u64, supply, community, council))
    }

    /// Makes `owner` one who can vote.
    pub fn create_owner_record(&self, owner: Address) -> Instruction {
        let accounts = vec![
            seen(realm()),
            seen(owner),
            written(self.owner_record(owner)),
            seen(self.mint),
            AccountMeta::new(self.payer, true),
            seen(SYSTEM_PROGRAM),
        ];
        instruction(accounts, 23u8)
    }

    /// A governance in which three fifths of the supply decide within three days.
    pub fn create_governance(&self, owner: Address, weight: Address) -> Instruction {
        let accounts = vec![
            seen(realm()),
            written(self.governance()),
            seen(self.mint),
            seen(self.owner_record(owner)),
            AccountMeta::new(self.payer, true),
            seen(SYSTEM_PROGRAM),
            AccountMeta::new_readonly(owner, true),
            seen(self.config()),
            seen(weight),
        ];
        let community = ((0u8, 60u8), 1u64, 0u32, 259_200u32, 0u8);
        let council = (2u8, 2u8, 1u64, 0u8);
        instruction(accounts, (4u8, community, council, 2u8, 0u32, 10u8))
    }

    /// A proposal, signed off: its vote begins.
    pub fn propose(&self, owner: Address, weight: Address) -> [Instruction; 2] {
        let proposal = self.proposal();
        let deposit = find(&[b"proposal-deposit", proposal.as_ref(), self.payer.as_ref()]);
        let create = vec![
            seen(realm()),
            written(proposal),
            written(self.governance()),
            written(self.owner_record(owner)),
            seen(self.mint),
            AccountMeta::new_readonly(owner, true),
            AccountMeta::new(self.payer, true),
            seen(SYSTEM_PROGRAM),
            seen(self.config()),
            seen(weight),
            written(deposit),
        ];
        let sign_off = vec![
            seen(realm()),
            seen(self.governance()),
            written(proposal),
            AccountMeta::new_readonly(owner, true),
            seen(self.owner_record(owner)),
        ];
        [instruction(create, (6u8, "name", "link", 0u8, vec!["Approve"], true, [1u8; 32])), instruction(sign_off, 12u8)]
    }

    /// Approves the proposal of `proposer`.
    pub fn approve(&self, proposer: Address, owner: Address, weight: Address) -> Instruction {
        let (proposal, record) = (self.proposal(), self.owner_record(owner));
        let accounts = vec![
            seen(realm()),
            written(self.governance()),
            written(proposal),
            written(self.owner_record(proposer)),
            written(record),
            AccountMeta::new_readonly(owner, true),
            written(find(&[SEED, proposal.as_ref(), record.as_ref()])),
            seen(self.mint),
            AccountMeta::new(self.payer, true),
            seen(SYSTEM_PROGRAM),
            seen(self.config()),
            seen(weight),
        ];
        instruction(accounts, (13u8, 0u8, vec![(0u8, 100u8)]))
    }

    /// Weight of those who approved.
    pub fn approved(&self, world: &World) -> u64 {
        // Type, governance, mint, state, owner's record, two counts, kind of vote, number of options, length and text of the first.
        const AT: usize = 1 + 32 + 32 + 1 + 32 + 2 + 1 + 4 + 4 + "Approve".len();
        let data = world.account(self.proposal()).expect("the proposal is there").data;
        u64::from_le_bytes(data[AT..AT + 8].try_into().expect("eight bytes"))
    }
}
