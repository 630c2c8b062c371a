//! Account layouts. Little-endian, in place, no implicit padding; `reserved` bytes are zero.

use {
    joule_interface::{Address, Header, account, constants, layout},
    joule_math::{Seconds, Timestamp, Tokens},
};

constants! {
    /// How long rules that can be put in force stay so.
    pub const POLICY_WINDOW: Seconds = Seconds(14 * 86_400);
    /// How many attestors a registry can have.
    pub const MAX_ATTESTORS: usize = 32;
    /// How many attestations a node holds.
    pub const MAX_ATTESTATIONS: usize = 8;
    /// Shortest [`Policy::max_attestation_period`]: an hour. Below it nobody could attest in time.
    pub const MIN_ATTESTATION_PERIOD: Seconds = Seconds(3_600);
    /// Longest [`Policy::max_attestation_period`]: two years. Nobody knows what a machine is like later.
    pub const MAX_ATTESTATION_PERIOD: Seconds = Seconds(730 * 86_400);
    /// Longest [`Policy::liability_period`]: a year. The rent of statements waits as long.
    pub const MAX_LIABILITY_PERIOD: Seconds = Seconds(365 * 86_400);
    /// Highest [`Policy::mint_fee`]: 100 SOL. More is a slip.
    pub const MAX_MINT_FEE: u64 = 100_000_000_000;
    /// How old a [`Commitment`] must be before it is revealed: who sees the reveal is too late to commit.
    pub const COMMITMENT_DELAY: Seconds = Seconds(60);
    /// Until when after it was made a [`Commitment`] can be revealed. Then anyone closes it.
    pub const COMMITMENT_WINDOW: Seconds = Seconds(86_400);
    /// How long a specification that no machine uses stays reserved, for an owner or for a machine that was lost.
    pub const RESERVATION_PERIOD: Seconds = Seconds(30 * 86_400);
    /// How long a machine must have been lost before anyone closes its node: time for who has its leaf to sync it.
    pub const LOST_DELAY: Seconds = Seconds(86_400);
    /// How long a suspension lasts that the network's authority neither ends nor renews, and how long the guardian then waits.
    pub const SUSPENSION_PERIOD: Seconds = Seconds(30 * 86_400);
    /// How long a class must have been retired before it can be closed.
    pub const CLASS_CLOSING_DELAY: Seconds = Seconds(90 * 86_400);
}

layout! {
    /// What the network's authority decides for its machines.
    #[repr(C)]
    pub struct Policy {
        /// Who may mint; zero: anyone who pays the fee, which then is not zero.
        pub minter: Address,
        /// Who receives the fees; not zero where there is a fee.
        pub fee_receiver: Address,
        /// Stake pool of the network in which attestors are providers; not zero where they need a bond.
        pub pool: Address,
        /// Lamports that a mint pays: at most [`MAX_MINT_FEE`].
        pub mint_fee: u64,
        /// Stake of its own that an attestor needs; zero: none.
        pub attestor_bond: Tokens,
        /// Longest that an attestation lasts, seconds: from [`MIN_ATTESTATION_PERIOD`] to [`MAX_ATTESTATION_PERIOD`]. With a
        /// bond, it and `liability_period` together are at most the pool's unbonding period, also by pool rules that wait.
        pub max_attestation_period: Seconds,
        /// How long after its end an attestation with a bond can still be punished, seconds: at most
        /// [`MAX_LIABILITY_PERIOD`]. As long as it takes to notice a lie that lasted to its end.
        pub liability_period: Seconds,
    }
}

layout! {
    /// One of a registry's attestors.
    #[repr(C)]
    pub struct Attestor {
        /// Who signs its attestations; zero: the place is free.
        pub authority: Address,
        /// Its provider in the policy's pool, whose own stake is its bond; zero where none is needed.
        pub provider: Address,
        /// Its number: from 1, and never another's, even when its place is.
        pub id: u32,
        /// What its attestations count: not zero.
        pub weight: u16,
        /// 1 while its bond was there when last looked at. Without one its attestations count nothing.
        pub bonded: u8,
        /// Zero.
        pub reserved: u8,
    }
}

account! {
    /// A network's machines: the rules, and who vouches for them.
    pub struct Registry: discriminator 1, size 2752 {
        /// Discriminator 1.
        pub header: Header,
        /// Network.
        pub network: Address,
        /// Its rules.
        pub policy: Policy,
        /// Hash of all classes ever added: see [`class_hash`](crate::class_hash).
        pub classes_hash: [u8; 32],
        /// Trees ever registered.
        pub tree_count: u64,
        /// Counts this account's events.
        pub sequence: u64,
        /// Classes ever added.
        pub class_count: u32,
        /// Attestors ever added: the id of the latest.
        pub attestor_count: u32,
        /// Rules that wait for their time.
        pub next_policy: Policy,
        /// From when they can be put in force; zero: none wait.
        pub next_policy_at: Timestamp,
        /// Who paid the rent.
        pub payer: Address,
        /// Trees that are not closed.
        pub open_tree_count: u32,
        /// Classes that are not closed.
        pub open_class_count: u32,
        /// Id of the class that was added last: the next one is greater, so that no id means two things.
        pub last_class_id: u32,
        /// Zero.
        pub reserved: [u8; 60],
        /// Its attestors.
        pub attestors: [Attestor; MAX_ATTESTORS],
    }
}

impl Registry {
    /// The attestor of that number, if it is still one.
    pub fn attestor(&self, id: u32) -> Option<&Attestor> {
        self.attestors.iter().find(|attestor| id != 0 && attestor.id == id)
    }
}

layout! {
    /// What a class of machines is.
    #[repr(C)]
    pub struct Description {
        /// Model of the GPU, UTF-8, zeros behind.
        pub gpu_model: [u8; 32],
        /// Where the machines stand: ISO 3166 (`US`, `US-CA`), zeros behind; zero: anywhere.
        pub region: [u8; 8],
        /// Memory of one GPU, GiB.
        pub gpu_memory: u32,
        /// GPUs in a machine.
        pub gpus: u16,
        /// Class of bandwidth, as the document defines it.
        pub bandwidth: u16,
        /// SHA-256 of the document that says the rest: how it is measured, what an attestor looks at.
        pub document: [u8; 32],
    }
}

account! {
    /// A class of machines. Never changes, but that it is retired: what attestors vouched for stays what it was.
    pub struct Class: discriminator 5, size 200 {
        /// Discriminator 5.
        pub header: Header,
        /// Registry.
        pub registry: Address,
        /// What it is.
        pub description: Description,
        /// Who paid the rent.
        pub payer: Address,
        /// When it was retired; zero: it is not.
        pub retired_at: Timestamp,
        /// Its number in the registry: not zero.
        pub id: u32,
        /// Weight of attestations with which a machine serves it; zero: none is needed.
        pub threshold: u32,
        /// 1 when no machine may enter it any more.
        pub retired: u8,
        /// Zero.
        pub reserved: [u8; 31],
    }
}

account! {
    /// A Bubblegum tree in which only its registry mints. Holds the fees paid in it until they are collected.
    pub struct Tree: discriminator 2, size 256 {
        /// Discriminator 2.
        pub header: Header,
        /// Network.
        pub network: Address,
        /// Registry.
        pub registry: Address,
        /// The Merkle tree.
        pub merkle_tree: Address,
        /// Its configuration in Bubblegum.
        pub tree_config: Address,
        /// Core collection of its NFTs; zero: none. Only with schema 2.
        pub collection: Address,
        /// Leaves that fit.
        pub capacity: u64,
        /// Leaves minted: index and nonce of the next.
        pub minted_count: u64,
        /// Its number in the registry, from 0.
        pub index: u64,
        /// Counts this account's events.
        pub sequence: u64,
        /// Depth.
        pub depth: u8,
        /// Bubblegum's schema: 1 or 2. Schema 1 is kept by spl's account compression, 2 by mpl's.
        pub schema: u8,
        /// 1: only NFTs that cannot be transferred are put into service. Only with schema 2.
        pub soulbound: u8,
        /// Zero.
        pub reserved0: [u8; 5],
        /// Who paid the rent.
        pub payer: Address,
        /// Zero.
        pub reserved: [u8; 16],
    }
}

constants! {
    /// [`Node::status`]: in service, or the sum of the reasons why it is not.
    pub mod status {
        /// In service.
        pub const ACTIVE: u8 = 1;
        /// Its leaf was proved to be gone, or another's. Ends when the leaf's owner proves it again.
        pub const LOST: u8 = 2;
        /// Suspended by the network, for [`SUSPENSION_PERIOD`](super::SUSPENSION_PERIOD).
        pub const SUSPENDED: u8 = 4;
        /// Revoked by the network: neither the machine's NFT nor its specification can be used again.
        pub const REVOKED: u8 = 8;
    }
}

constants! {
    /// What the network does to a leaf of a collection, in the registry's name.
    pub mod control {
        /// It can never be transferred again.
        pub const BIND: u8 = 0;
        /// It can be neither transferred nor burned by its owner.
        pub const FREEZE: u8 = 1;
        /// Ends that.
        pub const THAW: u8 = 2;
        /// It is burned.
        pub const BURN: u8 = 3;
    }
}

layout! {
    /// An attestor's word for a node.
    #[repr(C)]
    pub struct Attestation {
        /// Hash of the evidence.
        pub evidence: [u8; 32],
        /// From when it counts nothing any more.
        pub expires_at: Timestamp,
        /// [`Attestor::id`]; zero: the place is free.
        pub attestor: u32,
        /// What it counts.
        pub weight: u32,
    }
}

account! {
    /// A machine in service: what the hot path reads without a proof, a call or a derivation.
    ///
    /// | offset | bytes | what others read | |
    /// |---:|---:|---|---|
    /// | 0 | 2 | kind and version | 3, 1 |
    /// | 8 | 32 | network | |
    /// | 40 | 32 | operator | who takes jobs with it |
    /// | 72 | 8 | standing until | before then, enough attestors vouch for its class |
    /// | 80 | 4 | class | |
    /// | 84 | 1 | status | 1 is in service ([`status`]) |
    /// | 88 | 8 | synced | when its leaf was last proved, or it was lost |
    ///
    /// [`Node::serves`] is the whole check; who needs a fresh proof asks [`Node::was_synced`] as well. The account must be
    /// owned by this program and of kind 3, which [`Account::read`](joule_interface::Account::read) sees to.
    pub struct Node: discriminator 3, size 768 {
        /// Discriminator 3.
        pub header: Header,
        /// Network.
        pub network: Address,
        /// Who runs it, and takes jobs with it.
        pub operator: Address,
        /// When the node stops meeting its class threshold, as of the last change. Readers compare this one timestamp; see
        /// [`Node::serves`].
        pub class_expires_at: Timestamp,
        /// Hardware class, as the owner states it.
        pub class: u32,
        /// In service, or why not: see [`status`].
        pub status: u8,
        /// Zero.
        pub reserved0: [u8; 3],
        /// When the leaf was last proved; of a lost machine, when it was lost.
        pub synced_at: Timestamp,
        /// Registry.
        pub registry: Address,
        /// Merkle tree of its leaf.
        pub merkle_tree: Address,
        /// Asset id of the NFT.
        pub asset: Address,
        /// Owner of the NFT, as last proved.
        pub owner: Address,
        /// Hash of its specification, as the owner states it: see [`specification_hash`](crate::specification_hash).
        pub specification: [u8; 32],
        /// Who paid the rent.
        pub payer: Address,
        /// Nonce and index of its leaf.
        pub nonce: u64,
        /// Counts this account's events.
        pub sequence: u64,
        /// From when anyone ends its suspension; zero: it is not suspended.
        pub suspension_ends_at: Timestamp,
        /// From when the guardian may suspend it again; zero: at any time.
        pub guardian_suspends_at: Timestamp,
        /// Counts what attestors vouch for: owner, class, specification and site. From 1; at every change one more.
        pub version: u32,
        /// Where it stands, as the owner states it: a hash that the network's documents give to a building or a room, so that
        /// machines of one site are near to each other; zero: not stated.
        pub site: [u8; 32],
        /// Zero.
        pub reserved: [u8; 28],
        /// What attestors say of this version.
        pub attestations: [Attestation; MAX_ATTESTATIONS],
    }
}
const _: () = {
    use core::mem::offset_of;
    assert!(offset_of!(Node, network) == 8 && offset_of!(Node, operator) == 40);
    assert!(offset_of!(Node, class_expires_at) == 72 && offset_of!(Node, class) == 80);
    assert!(offset_of!(Node, status) == 84 && offset_of!(Node, synced_at) == 88);
};

impl Node {
    /// Whether it is in service, of this class, and enough attestors vouch for that now.
    #[inline(always)]
    pub fn serves(&self, class: u32, now: Timestamp) -> bool {
        self.status == status::ACTIVE && self.class == class && now < self.class_expires_at
    }

    /// Whether it stands at this site, and an attestor vouches for that now: also in a class that needs none.
    #[inline]
    pub fn stands_at(&self, site: &[u8; 32], now: Timestamp) -> bool {
        let vouches = |word: &Attestation| word.weight != 0 && now < word.expires_at;
        self.site == *site && self.attestations.iter().any(vouches)
    }

    /// Whether its leaf was proved in the last `age`.
    #[inline(always)]
    pub fn was_synced(&self, age: Seconds, now: Timestamp) -> bool {
        now.since(self.synced_at) <= age.0 as u64
    }

    /// The registry suspended or revoked it.
    #[inline(always)]
    pub fn is_blocked(&self) -> bool {
        self.status & (status::SUSPENDED | status::REVOKED) != 0
    }
}

account! {
    /// A specification that one machine of a registry uses, or used when it was revoked; or that is reserved: for an owner, who
    /// can use it for any of its machines, or for a machine that was lost.
    ///
    /// | state | `node` | `owner` | `reservation_ends_at` |
    /// |---|---|---|---|
    /// | used | the node | zero | zero |
    /// | reserved for an owner | zero | the owner | not zero |
    /// | reserved for a machine | the node, which was closed | zero | not zero |
    pub struct SpecificationClaim: discriminator 4, size 192 {
        /// Discriminator 4.
        pub header: Header,
        /// Registry.
        pub registry: Address,
        /// Node that has it, or alone may have it.
        pub node: Address,
        /// Owner who alone may use it.
        pub owner: Address,
        /// Who paid the rent.
        pub payer: Address,
        /// The specification.
        pub specification: [u8; 32],
        /// From when anyone may set it free; zero: a machine uses it.
        pub reservation_ends_at: Timestamp,
        /// Counts this account's events.
        pub sequence: u64,
        /// 1 when its machine was revoked.
        pub revoked: u8,
        /// Zero.
        pub reserved: [u8; 7],
    }
}

account! {
    /// That somebody will reserve a specification, without saying which: see [`commitment_hash`](crate::commitment_hash).
    pub struct Commitment: discriminator 7, size 96 {
        /// Discriminator 7.
        pub header: Header,
        /// Who paid the rent.
        pub payer: Address,
        /// The hash.
        pub hash: [u8; 32],
        /// When it was made.
        pub committed_at: Timestamp,
        /// Zero.
        pub reserved: [u8; 16],
    }
}

account! {
    /// What an attestor with a bond said. It can be punished until its time is over, whatever becomes of the node, its owner or
    /// the attestor.
    pub struct Statement: discriminator 6, size 320 {
        /// Discriminator 6.
        pub header: Header,
        /// Registry.
        pub registry: Address,
        /// Node that it was said of.
        pub node: Address,
        /// Owner of the machine then.
        pub owner: Address,
        /// Its specification then.
        pub specification: [u8; 32],
        /// Hash of the evidence.
        pub evidence: [u8; 32],
        /// The attestor's provider in stake.
        pub provider: Address,
        /// Who paid the rent.
        pub payer: Address,
        /// When the attestation ends, or would have ended.
        pub expires_at: Timestamp,
        /// Until when it can be punished. Then anyone closes it.
        pub liability_ends_at: Timestamp,
        /// The bond behind it: the most that it can cost, base units of the pool's mint.
        pub bond: Tokens,
        /// [`Attestor::id`].
        pub attestor: u32,
        /// Class of the machine then.
        pub class: u32,
        /// 1 when its punishment was proposed.
        pub punished: u8,
        /// Where the machine stood then.
        pub site: [u8; 32],
        /// Zero.
        pub reserved: [u8; 23],
    }
}
