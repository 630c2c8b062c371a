//! Machines of a network. Honest are O, an owner; U, who buys machines and takes them over; A and B, attestors with bonds, who vouch
//! again for O's machine when their word ends; the network's authority, who signs what it is asked for; Z, who receives fees; and a
//! keeper, who challenges what is not its owner's any more, closes what is lost, and ends suspensions that are over. The coalition is
//! T, an owner; X, who has a machine too; E, an attestor with a bond; and F, the authority of another network with a registry.

use {
    super::{Act, Balance, Gene, Scene, Stage, pass_to},
    crate::{
        Network, Receipt, World,
        fixture::{
            Machine, Pool, TOKEN, Tree, Voucher, add_class, class, create_registry_instruction, merkle_tree_size,
            metadata, policy,
        },
        world::place,
    },
    joule_identity_interface::{
        BUBBLEGUM_PROGRAM, COMPRESSION_PROGRAM, COMPRESSION_PROGRAM_2, ID, LOG_WRAPPER, LOG_WRAPPER_2,
        instruction::*,
        state::{
            COMMITMENT_DELAY, LOST_DELAY, Node, Policy, Registry, SUSPENSION_PERIOD, SpecificationClaim, Statement,
            Tree as TreeState, status,
        },
    },
    joule_interface::{Account as _, AccountMeta, Address, Instruction, SYSTEM_PROGRAM},
    joule_math::{Seconds, Timestamp, Tokens},
    joule_stake_interface::state::{Pool as PoolState, PoolPolicy},
    mpl_bubblegum::{
        hash::{DEFAULT_ASSET_DATA_HASH, hash_collection_option},
        types::LeafSchema,
    },
    solana_keypair::Keypair,
    solana_program::hash::hash,
    solana_signer::Signer,
    solana_system_interface::instruction::{create_account, transfer},
    spl_merkle_tree_reference::EMPTY,
    std::collections::{BTreeMap, BTreeSet},
};

const O: usize = 0;
const U: usize = 1;
const A: usize = 2;
const B: usize = 3;
const T: usize = 4;
const X: usize = 5;
const E: usize = 6;
const NAMES: [&str; 7] = ["O", "U", "A", "B", "T", "X", "E"];
/// Whose word counts, and what.
const ATTESTORS: [(usize, u32); 3] = [(A, 2), (B, 2), (E, 1)];
/// For which nobody vouches, and which asks for so much.
const FREE: u32 = 7;
const VOUCHED: u32 = 8;
const THRESHOLD: u32 = 3;
const DAY: i64 = 86_400;
const FEE: u64 = 10_000_000;
const BOND: u64 = 100 * TOKEN;
const LONGEST: i64 = 3 * DAY;
const LIABLE: i64 = 2 * DAY;
/// How long the authority's changes wait.
const CHANGE: i64 = 7_200;
/// How long U takes to take over what it bought, and the keeper to challenge.
const SOON: i64 = 120;
const COLLECTION: Address = Address::new_from_array([0xc0; 32]);
/// Shape of the trees: the smallest that account compression knows.
const SHAPE: (u32, u32) = (3, 8);
/// Trees: the network's, its empty one, F's, and the network's of the second schema.
const MAIN: usize = 0;
const BARE: usize = 1;
const FOREIGN: usize = 2;
const SECOND: usize = 3;
/// The machine that U puts into service again.
const AGAIN: usize = 4;

/// Promises that are kept or broken as a whole.
const PROMISES: [&str; 10] = [
    "a machine in service is its leaf's owner's, who alone changes it and takes it out of service",
    "one machine has one specification, and each that is used is of a machine in service",
    "a specification that is reserved for an honest one is his until then",
    "a machine serves its class exactly while enough attestors vouch for it",
    "nobody speaks for another, nor for longer than the rules allow and stake answers",
    "what was said can be punished until its liability ends",
    "a suspension by the guardian ends, and comes no sooner again; a revocation only by the authority",
    "a lost machine is closed when it was lost for a day, and not before",
    "rules change no sooner than they were announced",
    "only the minter mints",
];
const OWNED: usize = 0;
const ONE: usize = 1;
const RESERVED: usize = 2;
const CLASSED: usize = 3;
const SPOKEN: usize = 4;
const LIABILITY: usize = 5;
const BLOCKED: usize = 6;
const LOST: usize = 7;
const RULES: usize = 8;
const MINTED: usize = 9;

/// An NFT as it is.
#[derive(Clone)]
struct Item {
    tree: usize,
    nft: Machine,
    node: Address,
    gone: bool,
    /// When it got its owner.
    since: i64,
}

/// What happens beside the program's own accounts if a move is accepted.
#[derive(Clone, Copy)]
enum Effect {
    Moved(usize, Address),
    Burned(usize),
    Left(usize),
    Minted(Address),
    Proposed(Policy),
    Ruled,
    Revealed,
    Committed(Address, [u8; 32]),
}

/// All accounts of the registry, and whose each machine's leaf is.
#[derive(Clone, Default)]
struct Snapshot {
    nodes: BTreeMap<Address, Node>,
    claims: BTreeMap<Address, SpecificationClaim>,
    statements: BTreeMap<Address, Statement>,
    policy: Policy,
    lamports: [u64; 4],
    owners: BTreeMap<Address, Address>,
    is_paused: bool,
}

#[derive(Clone, Default)]
struct Memory {
    items: Vec<Item>,
    last: Snapshot,
    broken: [u64; PROMISES.len()],
    /// Who said what of which version of a node: attestor, end.
    said: BTreeSet<(Address, u32, u32, i64)>,
    /// When a node was lost.
    lost: BTreeMap<Address, i64>,
    /// When a suspension ended last.
    ended: BTreeMap<Address, i64>,
    proposed: Vec<(Policy, i64)>,
    /// Fees and gifts that came into trees.
    fees: u64,
    /// When O's reveal, which everybody sees, comes into a block.
    reveals_at: Option<i64>,
    has_revealed: bool,
    later: BTreeMap<(u8, usize), i64>,
    /// What T or X committed to.
    committed: Vec<(Address, [u8; 32])>,
    pending: Vec<(Gene, Effect)>,
}

/// See the module.
pub struct Vouching {
    stage: Stage,
    network: Network,
    pool: Pool,
    keys: Vec<Keypair>,
    foreign: Network,
    trees: Vec<Tree>,
    /// Each tree as it was: minted, leaves.
    rewound: Vec<(u64, Vec<[u8; 32]>)>,
    vouchers: Vec<Voucher>,
    /// Writes the tree of the second schema, in Bubblegum's place.
    writer: Keypair,
    receiver: Address,
    had: u64,
    /// Specifications that the coalition knows; the last is O's, which it sees when O reveals it.
    known: Vec<[u8; 32]>,
    first: Memory,
    memory: Memory,
    began: i64,
}

/// The leaf of a machine in the tree of the second schema.
fn leaf_2(machine: &Machine) -> [u8; 32] {
    LeafSchema::V2 {
        id: machine.asset,
        owner: machine.owner,
        delegate: machine.owner,
        nonce: machine.nonce,
        data_hash: machine.data_hash(),
        creator_hash: machine.creator_hash(),
        collection_hash: hash_collection_option(machine.second.flatten()).expect("it can be hashed"),
        asset_data_hash: DEFAULT_ASSET_DATA_HASH,
        flags: 0,
    }
    .hash()
}

/// An instruction of account compression, by its name.
fn compression(name: &str, merkle_tree: Address, writer: &Keypair, args: &[&[u8]]) -> Instruction {
    let discriminator = hash(format!("global:{name}").as_bytes()).to_bytes();
    let accounts = vec![
        AccountMeta::new(merkle_tree, false),
        AccountMeta::new_readonly(writer.pubkey(), true),
        AccountMeta::new_readonly(LOG_WRAPPER_2, false),
    ];
    Instruction { program_id: COMPRESSION_PROGRAM_2, accounts, data: [&discriminator[..8], &args.concat()].concat() }
}

/// Until when words that weigh so much last: who says so until when, one after the other from the one that lasts longest.
fn until(node: &Node) -> i64 {
    let threshold = if node.class == VOUCHED { THRESHOLD } else { 0 };
    if threshold == 0 {
        return i64::MAX;
    }
    let weight = |id: u32| ATTESTORS.get(id.wrapping_sub(1) as usize).map_or(0, |(_, weight)| *weight);
    let words = node.attestations.iter().filter(|word| word.attestor != 0);
    let mut words: Vec<(i64, u32)> = words.map(|word| (word.expires_at.0, weight(word.attestor))).collect();
    words.sort_unstable_by(|one, other| other.cmp(one));
    let mut sum = 0;
    for (end, weight) in words {
        sum += weight;
        if sum >= threshold {
            return end;
        }
    }
    i64::MIN
}

/// What honest people do.
mod duty {
    pub const A_VOUCHES: u8 = 0;
    pub const B_VOUCHES: u8 = 1;
    pub const TAKE_OVER: u8 = 2;
    pub const CHALLENGE: u8 = 3;
    pub const CLOSE: u8 = 4;
    pub const REINSTATE: u8 = 5;
    pub const START: u8 = 6;
    pub const REVEAL: u8 = 7;
}

impl Vouching {
    fn key(&self, who: usize) -> Address {
        self.keys[who].pubkey()
    }

    fn registry(&self) -> Address {
        self.trees[MAIN].registry
    }

    /// Whether it is one of the coalition's.
    fn is_theirs(&self, who: &Address) -> bool {
        [T, X].iter().any(|&own| self.key(own) == *who)
    }

    fn is_honest(&self, who: &Address) -> bool {
        [O, U].iter().any(|&own| self.key(own) == *who)
    }

    fn is_paused(&self) -> bool {
        self.stage.find::<joule_bme_interface::state::Network>(self.network.address).is_some_and(|it| it.paused != 0)
    }

    /// Whose the leaf of a node is; nobody's, if it is none of the registry's any more.
    fn leaf_owner(&self, item: &Item) -> Option<Address> {
        let left = item.tree == SECOND && item.nft.second != Some(Some(COLLECTION));
        (!item.gone && !left && item.tree != FOREIGN).then_some(item.nft.owner)
    }

    fn snapshot(&self) -> Snapshot {
        let registry = self.registry();
        let nodes = self.stage.all::<Node>().into_iter().filter(|(_, node)| node.registry == registry);
        let claims = self.stage.all::<SpecificationClaim>().into_iter().filter(|(_, claim)| claim.registry == registry);
        let owners = self.memory.items.iter().filter_map(|item| Some((item.node, self.leaf_owner(item)?)));
        Snapshot {
            nodes: nodes.collect(),
            claims: claims.collect(),
            statements: self.stage.all::<Statement>().into_iter().collect(),
            policy: self.stage.find::<Registry>(registry).map(|registry| registry.policy).unwrap_or_default(),
            lamports: std::array::from_fn(|tree| {
                self.stage.accounts.get(&self.trees[tree].address).map_or(0, |account| account.lamports)
            }),
            owners: owners.collect(),
            is_paused: self.is_paused(),
        }
    }

    /// Of the pool, how long stake that leaves now answers at least.
    fn answers(&self) -> i64 {
        let Some(pool) = self.stage.find::<PoolState>(self.pool.address) else { return 0 };
        let [now, next] = [pool.policy.unbonding_period.0, pool.next_unbonding_period.0];
        if next == 0 { now as i64 } else { now.min(next) as i64 }
    }

    /// What was done, against what was promised.
    fn watch(&mut self, by_authority: bool) {
        let now = self.stage.now();
        let (is, was) = (self.snapshot(), std::mem::take(&mut self.memory.last));
        let mut broken = [0; PROMISES.len()];
        for (address, node) in &is.nodes {
            let old = was.nodes.get(address);
            let owners = [was.owners.get(address), is.owners.get(address)];
            let is_owners = owners.contains(&Some(&node.owner));
            let says = |node: &Node| (node.owner, node.operator, node.specification, node.class, node.site);
            let is_proved = |old: &Node| {
                node.status & status::LOST == 0 && (old.status & status::LOST != 0 || old.synced_at != node.synced_at)
            };
            let changed = old.is_none_or(|old| says(old) != says(node) || is_proved(old));
            broken[OWNED] += (changed && !is_owners) as u64;
            broken[OWNED] += (old.is_none() && was.is_paused && is.is_paused) as u64;

            if node.status & status::LOST != 0 {
                let lost = *self.memory.lost.entry(*address).or_insert(now);
                broken[LOST] += (node.synced_at.0 != lost) as u64;
            } else {
                self.memory.lost.remove(address);
            }
            broken[CLASSED] += (node.class_expires_at.0 != until(node)) as u64;
            for word in node.attestations.iter().filter(|word| word.attestor != 0) {
                let same =
                    |old: &Node| old.version == node.version && old.attestations.iter().any(|other| other == word);
                if old.is_some_and(same) {
                    continue;
                }
                let end = word.expires_at.0;
                let honest = word.attestor <= 2;
                broken[SPOKEN] +=
                    (honest && !self.memory.said.contains(&(*address, word.attestor, node.version, end))) as u64;
                let longest = was.policy.max_attestation_period.max(is.policy.max_attestation_period);
                broken[SPOKEN] += (end > now + longest.0 as i64 || end + LIABLE > now + self.answers()) as u64;
            }
            let (was_status, was_until) = old.map_or((0, 0), |old| (old.status, old.suspension_ends_at.0));
            let [before, after] = [was_status, node.status].map(|status| status & status::SUSPENDED != 0);
            let free_from = self.memory.ended.get(address).map_or(0, |ended| ended + SUSPENSION_PERIOD.0 as i64);
            let begins = after && (!before || node.suspension_ends_at.0 != was_until);
            let lasts = node.suspension_ends_at.0 == now + SUSPENSION_PERIOD.0 as i64;
            let is_wrong = begins && (before || now < free_from || !lasts)
                || before && !after && now < was_until
                || was_status & !node.status & status::REVOKED != 0;
            broken[BLOCKED] += (is_wrong && !by_authority) as u64;
            if before && !after {
                self.memory.ended.insert(*address, now);
            }
        }
        for (address, old) in was.nodes.iter().filter(|(address, _)| !is.nodes.contains_key(address)) {
            let lost = self.memory.lost.remove(address);
            self.memory.ended.remove(address);
            let is_due = lost.is_some_and(|lost| now >= lost + LOST_DELAY.0 as i64);
            let owners = [was.owners.get(address), is.owners.get(address)];
            let by_owner = self.is_theirs(&old.owner) && owners.contains(&Some(&old.owner));
            broken[if lost.is_some() { LOST } else { OWNED }] += (!is_due && !by_owner) as u64;
        }
        let used: BTreeMap<[u8; 32], Address> = is
            .claims
            .values()
            .filter(|claim| claim.reservation_ends_at.0 == 0)
            .map(|it| (it.specification, it.node))
            .collect();
        let worn: BTreeMap<[u8; 32], Address> = is.nodes.iter().map(|(at, node)| (node.specification, *at)).collect();
        broken[ONE] += (used != worn || worn.len() != is.nodes.len()) as u64;
        for (address, claim) in &was.claims {
            let of_node = was.owners.get(&claim.node).copied().unwrap_or(claim.owner);
            let holder = if claim.owner == Address::default() { of_node } else { claim.owner };
            if claim.reservation_ends_at.0 <= now || !self.is_honest(&holder) {
                continue;
            }
            let kept = is.claims.get(address).is_some_and(|new| {
                let same = (new.owner, new.node) == (claim.owner, claim.node);
                let uses = is.nodes.get(&new.node).is_some_and(|node| node.owner == holder);
                same && new.reservation_ends_at == claim.reservation_ends_at || new.reservation_ends_at.0 == 0 && uses
            });
            broken[RESERVED] += !kept as u64;
        }
        for (address, statement) in &was.statements {
            let is_over = now >= statement.expires_at.0 + LIABLE;
            broken[LIABILITY] += (!is_over && !is.statements.contains_key(address)) as u64;
        }
        if is.policy != was.policy {
            let announced = |(policy, at): &(Policy, i64)| *policy == is.policy && now >= at + CHANGE;
            broken[RULES] += !self.memory.proposed.iter().any(announced) as u64;
        }
        let minted = self.stage.find::<TreeState>(self.trees[MAIN].address).map_or(0, |tree| tree.minted_count);
        broken[MINTED] += (minted != self.trees[MAIN].minted_count()) as u64;
        for tree in [MAIN, BARE] {
            self.memory.fees += is.lamports[tree].saturating_sub(was.lamports[tree]);
        }
        for (sum, more) in self.memory.broken.iter_mut().zip(broken) {
            *sum += more;
        }
        self.memory.last = is;
    }

    /// What a transaction did beside the program's own accounts.
    fn happen(&mut self, effect: Effect) {
        let now = self.stage.now();
        let write = |trees: &mut [Tree], item: &Item| {
            let leaf = match (item.gone, item.tree) {
                (true, _) => EMPTY,
                (false, SECOND) => leaf_2(&item.nft),
                _ => item.nft.leaf(),
            };
            trees[item.tree].set_leaf(item.nft.nonce, leaf);
        };
        match effect {
            Effect::Moved(item, to) => {
                let item = &mut self.memory.items[item];
                (item.nft.owner, item.since) = (to, now);
                write(&mut self.trees, item);
            }
            Effect::Burned(item) => {
                let item = &mut self.memory.items[item];
                (item.gone, item.since) = (true, now);
                write(&mut self.trees, item);
            }
            Effect::Left(item) => {
                let item = &mut self.memory.items[item];
                (item.nft.second, item.since) = (Some(None), now);
                write(&mut self.trees, item);
            }
            Effect::Minted(owner) => {
                let name = metadata(&format!("machine {}", self.memory.items.len()));
                let nft = self.trees[MAIN].minted(owner, name);
                let node = nft.node();
                self.memory.items.push(Item { tree: MAIN, nft, node, gone: false, since: now });
            }
            Effect::Proposed(policy) => self.memory.proposed.push((policy, now)),
            Effect::Ruled => {}
            Effect::Committed(owner, specification) => self.memory.committed.push((owner, specification)),
            Effect::Revealed => (self.memory.reveals_at, self.memory.has_revealed) = (Some(now + 1), true),
        }
    }

    /// The instruction, for the generation of account compression that keeps the item's tree.
    fn of_tree(item: &Item, mut instruction: Instruction) -> Instruction {
        if item.tree == SECOND {
            let at = place(&instruction, "compression_program");
            instruction.accounts[at].pubkey = COMPRESSION_PROGRAM_2;
        }
        instruction
    }

    /// The instruction with another account of that name.
    fn with(mut instruction: Instruction, name: &str, address: Address) -> Instruction {
        let at = place(&instruction, name);
        instruction.accounts[at].pubkey = address;
        instruction
    }

    fn signed(mut instruction: Instruction, name: &str) -> Instruction {
        let at = place(&instruction, name);
        instruction.accounts[at].is_signer = true;
        instruction
    }

    fn honest_voucher(&self, who: usize) -> &Voucher {
        &self.vouchers[ATTESTORS.iter().position(|(other, _)| *other == who).expect("an attestor")]
    }

    /// A or B vouches.
    fn vouch(&self, who: usize, item: &Item, end: i64) -> Option<Instruction> {
        self.memory.last.nodes.get(&item.node)?;
        let voucher = self.honest_voucher(who);
        Some(self.trees[item.tree].attest_instruction(&self.stage.world, voucher, &item.nft, Timestamp(end)))
    }

    fn challenge(&self, item: &Item) -> Instruction {
        let gone = item.gone || item.tree == FOREIGN;
        Self::of_tree(item, self.trees[item.tree].challenge_instruction(&item.nft, gone))
    }

    /// What closes a lost machine, or is signed by its owner and proved.
    fn take_out(&self, item: &Item, node: &Node, claim: Option<Address>, proves: bool) -> Instruction {
        let machine = Machine { owner: node.owner, ..item.nft.clone() };
        let world = &self.stage.world;
        let tree = &self.trees[item.tree];
        let out = if proves {
            Self::of_tree(item, tree.leave_instruction(world, &machine))
        } else {
            tree.deactivate_instruction(world, &machine)
        };
        let own = self.trees[MAIN].claim(&node.specification);
        Self::with(out, "specification_claim", claim.unwrap_or(own))
    }

    /// Until when A and B vouch: as long as rules and stake allow.
    fn vouched_until(&self) -> i64 {
        let longest = self.memory.last.policy.max_attestation_period.0 as i64;
        self.stage.now() + longest.min(self.answers() - LIABLE).max(1)
    }

    /// The end of what A or B said of a node last.
    fn end_of(&self, node: &Node, who: usize) -> i64 {
        let id = self.honest_voucher(who).id;
        let words = node.attestations.iter().filter(|word| word.attestor == id);
        words.map(|word| word.expires_at.0).max().unwrap_or(0)
    }

    /// What honest people have to do: when, what, with which machine.
    fn duties(&self) -> Vec<(i64, (u8, usize))> {
        let mut duties = vec![];
        for (place, item) in self.memory.items.iter().enumerate() {
            let Some(node) = self.memory.last.nodes.get(&item.node) else { continue };
            let (owner, is_lost) = (self.leaf_owner(item), node.status & status::LOST != 0);
            let mut add = |at: i64, what: u8| duties.push((at, (what, place)));
            if owner == Some(self.key(O)) && node.owner == self.key(O) && node.class == VOUCHED {
                add(self.end_of(node, A), duty::A_VOUCHES);
                add(self.end_of(node, B), duty::B_VOUCHES);
            }
            if owner.is_some_and(|owner| self.is_honest(&owner) && (node.owner != owner || is_lost)) {
                add(item.since + 60, duty::TAKE_OVER);
            }
            if owner != Some(node.owner) && !is_lost {
                add(item.since + SOON, duty::CHALLENGE);
            }
            if let Some(lost) = self.memory.lost.get(&item.node).filter(|_| !node.is_blocked()) {
                add(lost + LOST_DELAY.0 as i64, duty::CLOSE);
            }
            if node.status & (status::SUSPENDED | status::REVOKED) == status::SUSPENDED {
                add(node.suspension_ends_at.0, duty::REINSTATE);
            }
        }
        // U's machine was lost, and closed: U puts it into service again.
        let again = &self.memory.items[AGAIN];
        // While the network is paused it cannot: the time of its reservation goes on.
        let claim = self.memory.last.claims.values().any(|claim| claim.node == again.node);
        let is_idle = claim && !self.memory.last.nodes.contains_key(&again.node);
        if is_idle && self.leaf_owner(again) == Some(self.key(U)) && !self.memory.last.is_paused {
            duties.push((self.began + 2 * DAY, (duty::START, AGAIN)));
        }
        duties.extend(self.memory.reveals_at.map(|at| (at, (duty::REVEAL, 0))));
        for (at, key) in &mut duties {
            *at = self.memory.later.get(key).map_or(*at, |later| (*at).max(*later));
        }
        duties
    }

    /// What somebody has to do: the instruction, who signs, and which promise says that it can be done.
    fn duty(&self, what: u8, place: usize) -> Option<(Instruction, Option<usize>, Option<usize>)> {
        let (item, world) = (&self.memory.items[place], &self.stage.world);
        if what == duty::REVEAL {
            let secret = self.known.last().expect("O's");
            return Some((self.trees[MAIN].reserve_instruction(world, self.key(O), secret), None, Some(RESERVED)));
        }
        if what == duty::START {
            let start = self.trees[MAIN].activate_instruction(world, &item.nft, self.key(U), FREE);
            return Some((start, Some(U), Some(RESERVED)));
        }
        // Another that was done now may have ended it.
        let node = self.memory.last.nodes.get(&item.node)?;
        Some(match what {
            duty::A_VOUCHES => (self.vouch(A, item, self.vouched_until())?, Some(A), None),
            duty::B_VOUCHES => (self.vouch(B, item, self.vouched_until())?, Some(B), None),
            duty::TAKE_OVER => {
                let sync = self.trees[item.tree].sync_instruction(&item.nft, item.nft.owner, node.class);
                let who = if item.nft.owner == self.key(O) { O } else { U };
                (Self::signed(sync, "owner"), Some(who), Some(OWNED))
            }
            duty::CHALLENGE if node.status & status::LOST == 0 && self.leaf_owner(item) != Some(node.owner) => {
                (self.challenge(item), None, Some(LOST))
            }
            duty::CLOSE => (self.take_out(item, node, None, false), None, Some(LOST)),
            duty::REINSTATE => {
                let end = self.trees[MAIN].reinstate_instruction(world, &self.network, &item.nft);
                (Self::with(end, "authority", self.key(O)), Some(O), Some(BLOCKED))
            }
            _ => return None,
        })
    }

    fn send(&mut self, instruction: Instruction, who: Option<usize>) -> bool {
        let key = who.map(|who| self.keys[who].insecure_clone());
        let done = self.stage.attempt(instruction, key.as_ref().as_slice());
        self.watch(false);
        done
    }

    /// Notes what A or B is about to say.
    fn say(&mut self, address: Address, who: usize, end: i64) {
        let id = self.honest_voucher(who).id;
        if let Some(node) = self.memory.last.nodes.get(&address) {
            self.memory.said.insert((address, id, node.version, end));
        }
    }
}

impl Scene for Vouching {
    const NAME: &'static str = "identity";
    const MOVES: &'static [&'static str] = &[
        "be minted a machine",
        "sell",
        "burn",
        "leave the collection",
        "commit",
        "reserve",
        "release",
        "see O reveal",
        "start",
        "sync",
        "challenge",
        "take out",
        "close the lost",
        "change",
        "name an operator",
        "vouch",
        "take back",
        "ask an honest attestor",
        "strike",
        "suspend",
        "end a suspension",
        "see a machine revoked, or reinstated",
        "count again",
        "look at an attestor",
        "collect",
        "close a statement",
        "see rules announced",
        "see the pool's rules announced",
        "put rules in force",
        "see a tree closed",
        "send lamports ahead",
    ];

    fn new() -> Self {
        let more =
            [("wallet", wallet::ID), ("mpl_account_compression", COMPRESSION_PROGRAM_2), ("mpl_noop", LOG_WRAPPER_2)];
        let mut world = World::lite_with(&more);
        let keys: Vec<Keypair> = NAMES.iter().map(|_| world.user()).collect();
        let holders: Vec<Address> = keys.iter().map(Signer::pubkey).collect();
        let attestors = ATTESTORS.map(|(who, _)| holders[who]);
        let (network, staked) = Network::new(&mut world, &attestors);
        let pool = Pool::new(&world, &network);
        let receiver = world.user().pubkey();
        let rules = Policy {
            fee_receiver: receiver,
            mint_fee: FEE,
            pool: pool.address,
            attestor_bond: Tokens(BOND),
            max_attestation_period: Seconds(LONGEST as u32),
            liability_period: Seconds(LIABLE as u32),
            ..policy(&network)
        };
        let (foreign, _) = Network::new(&mut world, &[]);
        for (of, rules, threshold) in [(&network, rules, THRESHOLD), (&foreign, policy(&foreign), 0)] {
            world.ok(&[create_registry_instruction(&world, of, rules)], &[&of.authority]);
            add_class(&world, of, FREE, 0);
            add_class(&world, of, VOUCHED, threshold);
        }
        let mut trees: Vec<Tree> =
            [&network, &network, &foreign].map(|of| Tree::new(&world, of, SHAPE.0, SHAPE.1, 0).0).into();
        for ((who, _), tokens) in ATTESTORS.iter().zip(&staked) {
            let provider = pool.register(&world, &keys[*who]);
            let own = pool.open_delegation(&world, provider, holders[*who], *tokens);
            world.ok(&[pool.stake_instruction(&own, 3 * BOND)], &[&keys[*who]]);
        }
        world.run(DAY as u64);
        let vouchers: Vec<Voucher> = (ATTESTORS.iter().enumerate())
            .map(|(number, (who, weight))| {
                let key = keys[*who].insecure_clone();
                let provider = pool.provider(key.pubkey());
                let add = trees[MAIN].add_attestor_instruction(&network, key.pubkey(), provider, *weight as u16);
                world.ok(&[add], &[&network.authority]);
                Voucher { key, id: number as u32 + 1, provider }
            })
            .collect();
        // A tree of the second schema, which its writer keeps in Bubblegum's place.
        let (writer, account) = (world.user(), world.key());
        let (merkle_tree, size) = (account.pubkey(), merkle_tree_size(SHAPE.0, SHAPE.1, 0));
        let create = create_account(
            &world.payer().pubkey(),
            &merkle_tree,
            world.rent(size),
            size as u64,
            &COMPRESSION_PROGRAM_2,
        );
        let shape = [&SHAPE.0.to_le_bytes()[..], &SHAPE.1.to_le_bytes()];
        let initialize = compression("init_empty_merkle_tree", merkle_tree, &writer, &shape);
        world.ok(&[create, initialize], &[&account, &writer]);
        let mut second = Tree::unborn(&network, merkle_tree, SHAPE.0, 0);
        let record: TreeState = world.read(trees[MAIN].address);
        let (config, collection) = (second.config, COLLECTION);
        let record = TreeState { merkle_tree, tree_config: config, collection, schema: 2, minted_count: 1, ..record };
        world.forge(second.address, &record);
        let nft = second.minted(holders[T], metadata("of a collection"));
        let in_collection = Machine { second: Some(Some(COLLECTION)), ..nft };
        let leaf = leaf_2(&in_collection);
        second.set_leaf(0, leaf);
        world.ok(&[compression("append", merkle_tree, &writer, &[&leaf])], &[&writer]);
        trees.push(second);

        // In the empty tree lies a gift.
        world.ok(&[transfer(&world.payer().pubkey(), &trees[BARE].address, FEE / 2)], &[]);
        let now = world.now().0;
        let item = |tree, nft: Machine| Item { tree, node: nft.node(), nft, gone: false, since: now };
        let mut items: Vec<Item> = [O, T, T, T, O]
            .map(|owner| item(MAIN, trees[MAIN].mint(&world, &network, holders[owner], NAMES[owner]).0))
            .into();
        let of_f = trees[FOREIGN].mint(&world, &foreign, holders[X], "X").0;
        items.push(item(FOREIGN, of_f));
        items.push(item(SECOND, in_collection));
        let start = |place: usize, class: u32, trees: &[Tree]| {
            let Item { tree, nft, .. } = &items[place];
            let specification = trees[*tree].specification(nft);
            trees[*tree].reserve(&world, nft.owner, &specification);
            Self::of_tree(&items[place], trees[*tree].activate_instruction(&world, nft, nft.owner, class))
        };
        for (place, class) in [(0, VOUCHED), (1, VOUCHED), (3, FREE), (4, FREE), (5, FREE), (6, FREE)] {
            let start = start(place, class, &trees);
            let owner = keys.iter().find(|key| key.pubkey() == items[place].nft.owner).expect("one of them");
            world.ok(&[start], &[owner]);
        }
        // Where the Merkle tree of a machine of T's was, F's registry made one of its own.
        let theirs: Node = world.read(items[5].node);
        let (registry, own) = (trees[MAIN].registry, trees[MAIN].claim(&theirs.specification));
        let of_f = trees[FOREIGN].claim(&theirs.specification);
        let claimed: SpecificationClaim = world.read(of_f);
        world.set_account(of_f, Default::default());
        world.forge(items[5].node, &Node { registry, network: network.address, owner: holders[T], ..theirs });
        world.forge(own, &SpecificationClaim { registry, ..claimed });
        // T's machine was lost and closed, and is in X's service with another specification; O's went to U in the same way.
        for (place, to) in [(3, X), (4, U)] {
            let move_it = trees[MAIN].transfer_instruction(&items[place].nft, holders[to]);
            let owner = keys.iter().find(|key| key.pubkey() == items[place].nft.owner).expect("one of them");
            world.ok(&[move_it], &[owner]);
            items[place].nft.owner = holders[to];
            trees[MAIN].set(&items[place].nft);
            world.ok(&[trees[MAIN].challenge_instruction(&items[place].nft, false)], &[]);
        }
        world.run(LOST_DELAY.0 as u64);
        for (place, from) in [(3, T), (4, O)] {
            let machine = Machine { owner: holders[from], ..items[place].nft.clone() };
            world.ok(&[trees[MAIN].deactivate_instruction(&world, &machine)], &[]);
        }
        let mut known = vec![[0x11; 32], trees[MAIN].specification(&items[2].nft), [0x22; 32], [0x33; 32], [0x0f; 32]];
        trees[MAIN].reserve(&world, holders[X], &known[0]);
        let start = trees[MAIN].activate_instruction(&world, &items[3].nft, holders[X], FREE);
        world.ok(&[Self::with(start, "specification_claim", trees[MAIN].claim(&known[0]))], &[&keys[X]]);
        trees[MAIN].reserve(&world, holders[T], &known[1]);
        known.rotate_left(1);
        known.swap(3, 4);
        let now = world.now().0;
        for (place, who, end) in [(0, A, DAY), (0, B, 2 * DAY), (1, A, DAY), (1, B, 2 * DAY), (1, E, LONGEST)] {
            let voucher = &vouchers[ATTESTORS.iter().position(|(other, _)| *other == who).expect("one of them")];
            let attest = trees[MAIN].attest_instruction(&world, voucher, &items[place].nft, Timestamp(now + end));
            world.ok(&[attest], &[&keys[who]]);
        }
        let secret = *known.last().expect("O's");
        world.ok(&[trees[MAIN].commit_instruction(&world, holders[O], &secret)], &[]);
        world.run(COMMITMENT_DELAY.0 as u64);
        for nonce in 1..5 {
            // Commitments of the coalition's that are old enough.
            let specification = [0x40 + nonce as u8; 32];
            world.ok(&[trees[MAIN].commit_instruction(&world, holders[X], &specification)], &[]);
            known.insert(0, specification);
        }
        world.run(COMMITMENT_DELAY.0 as u64);

        let mut coalition: Vec<Keypair> = [T, X, E].map(|who| keys[who].insecure_clone()).into();
        coalition.push(foreign.authority.insecure_clone());
        let pretenders = vec![
            holders[X],
            holders[T],
            foreign.address,
            trees[FOREIGN].registry,
            trees[FOREIGN].address,
            class(&trees[FOREIGN].registry, VOUCHED),
            trees[MAIN].claim(&known[4]),
            items[3].node,
            vouchers[2].provider,
            holders[E],
            ID,
        ];
        let rewound = trees
            .iter()
            .map(|tree| (tree.minted_count(), (0..1 << SHAPE.0).map(|index| tree.leaf(index)).collect()))
            .collect();
        let stage = Stage::new(world, &network, coalition, pretenders);
        let had = stage.world.lamports(receiver);
        let began = stage.now();
        let said = [(0, A, 1), (0, B, 2), (1, A, 1), (1, B, 2)]
            .map(|(place, who, days)| (items[place].node, who as u32 - 1, 1, now + days * DAY))
            .into();
        let first = Memory { items, said, fees: FEE / 2 + 5 * FEE, ..Memory::default() };
        let memory = Memory::default();
        let mut scene = Self {
            stage,
            network,
            pool,
            keys,
            foreign,
            trees,
            rewound,
            vouchers,
            writer,
            receiver,
            had,
            known,
            first,
            memory,
            began,
        };
        scene.memory = scene.first.clone();
        scene.first.last = scene.snapshot();
        scene.reset();
        scene
    }

    fn stage(&mut self) -> &mut Stage {
        &mut self.stage
    }

    fn reset(&mut self) {
        self.stage.reset();
        for (tree, (minted, leaves)) in self.trees.iter_mut().zip(&self.rewound) {
            tree.rewind(*minted, leaves);
        }
        self.memory = self.first.clone();
        self.memory.broken = [0; PROMISES.len()];
        // What was said and done while everybody arrived holds as well.
        let wrong = |node: &Node| node.class_expires_at.0 != until(node);
        self.memory.broken[CLASSED] = self.memory.last.nodes.values().filter(|node| wrong(node)).count() as u64;
    }

    fn act(&mut self, gene: &Gene) -> Option<Act> {
        if !gene.joined {
            self.memory.pending.clear();
        }
        let name = gene.name::<Self>();
        let world = &self.stage.world;
        let main = &self.trees[MAIN];
        let authority = &self.network.authority;
        let plain = gene.bend == 0 && !gene.inner;
        let now = self.stage.now();
        let nodes = &self.memory.last.nodes;
        let items = &self.memory.items;
        let own = |item: &Item| self.is_theirs(&item.nft.owner);
        let all: Vec<usize> = (0..items.len()).collect();
        let with_node: Vec<usize> = all.iter().copied().filter(|&it| nodes.contains_key(&items[it].node)).collect();
        let of_theirs: Vec<usize> = with_node.iter().copied().filter(|&it| own(&items[it])).collect();
        // Mostly one of its own.
        let some = |of: &[usize]| gene.first(if of.is_empty() || gene.a >= 128 { &with_node } else { of }).copied();
        let t_or_x = self.key([T, X][gene.b as usize % 2]);
        let claims: Vec<Address> = self.memory.last.claims.keys().copied().collect();
        let some_claim = claims.get(gene.x as usize % claims.len().max(1)).copied();
        let visible = self.known.len() - !self.memory.has_revealed as usize;
        // Rather what it saw last.
        let seen = if gene.x < 160 { visible - 1 } else { gene.a as usize % visible };
        let specification = self.known[seen];
        let short = |address: &Address| address.to_string()[..6].to_string();
        let mut effect = None;
        let mut partners: Vec<&Keypair> = vec![];
        let (text, act): (String, Instruction) = match name {
            "be minted a machine" => {
                let owner = t_or_x;
                (main.minted_count() < 1 << SHAPE.0).then_some(())?;
                effect = Some(Effect::Minted(owner));
                partners.push(authority);
                let name = metadata(&format!("machine {}", items.len()));
                ("a machine is minted".into(), main.mint_instruction(world, &self.network, owner, &name))
            }
            "sell" | "burn" => {
                let there: Vec<usize> = all
                    .iter()
                    .copied()
                    .filter(|&it| own(&items[it]) && items[it].tree == MAIN && !items[it].gone)
                    .collect();
                let place = *gene.first(&there).filter(|_| plain)?;
                let item = &items[place];
                if name == "burn" {
                    effect = Some(Effect::Burned(place));
                    (format!("machine {place} is burned"), main.burn_instruction(&item.nft))
                } else {
                    let to = *gene.second(&[U, X, O, T])?;
                    effect = Some(Effect::Moved(place, self.key(to)));
                    (
                        format!("machine {place} goes to {}", NAMES[to]),
                        main.transfer_instruction(&item.nft, self.key(to)),
                    )
                }
            }
            "leave the collection" => {
                let item = &items[6];
                (item.nft.second == Some(Some(COLLECTION))).then_some(())?;
                let free = Machine { second: Some(None), ..item.nft.clone() };
                let (tree, index) = (&self.trees[SECOND], 0u32);
                let parts = [&tree.root()[..], &leaf_2(&item.nft), &leaf_2(&free), &index.to_le_bytes()];
                let mut leave = compression("replace_leaf", tree.merkle_tree, &self.writer, &parts);
                leave.accounts.extend(tree.proof(&item.nft));
                effect = Some(Effect::Left(6));
                partners.push(&self.writer);
                ("machine 6 leaves its collection".into(), leave)
            }
            "commit" => {
                effect = Some(Effect::Committed(t_or_x, specification));
                ("it commits to a specification".into(), main.commit_instruction(world, t_or_x, &specification))
            }
            "reserve" => {
                // Mostly what it committed to last.
                let last = self.memory.committed.last().filter(|_| gene.x < 200).copied();
                let (owner, specification) = last.unwrap_or((t_or_x, specification));
                ("it reveals what it committed to".into(), main.reserve_instruction(world, owner, &specification))
            }
            "release" => {
                let claim = some_claim?;
                let release = main.release_instruction(world, t_or_x, &specification);
                let mut release = Self::with(release, "specification_claim", claim);
                release.accounts[0].is_signer = gene.a.is_multiple_of(2);
                (format!("claim {} is released", short(&claim)), release)
            }
            "see O reveal" => {
                (!self.memory.has_revealed && now < self.began + 20 * 3_600).then_some(())?;
                self.memory.pending.push((*gene, Effect::Revealed));
                return Some(self.stage.aside("O sends what reveals its specification, and everybody sees it"));
            }
            "start" => {
                let idle: Vec<usize> = all.iter().copied().filter(|&it| !nodes.contains_key(&items[it].node)).collect();
                let theirs: Vec<usize> = idle.iter().copied().filter(|&it| own(&items[it])).collect();
                let place = *gene.first(if gene.a >= 128 { &idle } else { &theirs })?;
                let item = &items[place];
                let mut nft = item.nft.clone();
                if !own(item) {
                    nft.owner = t_or_x;
                }
                let tree = &self.trees[item.tree];
                let class = [FREE, VOUCHED][gene.b as usize / 2 % 2];
                let start = Self::of_tree(item, tree.activate_instruction(world, &nft, t_or_x, class));
                let fits = |address: &Address| {
                    let claim = &self.memory.last.claims[address];
                    claim.reservation_ends_at.0 != 0 && (claim.owner == nft.owner || claim.node == item.node)
                };
                let fitting: Vec<Address> = claims.iter().copied().filter(fits).collect();
                let claim = *gene.first(if gene.x < 160 { &fitting } else { &claims })?;
                let of_network =
                    if (gene.b / 4).is_multiple_of(2) { self.network.address } else { self.foreign.address };
                let start = Self::with(Self::with(start, "specification_claim", claim), "network", of_network);
                (format!("machine {place} is put into service with claim {}", short(&claim)), start)
            }
            "sync" => {
                let place = some(&of_theirs)?;
                let item = &items[place];
                let sync = self.trees[item.tree].sync_instruction(&item.nft, t_or_x, nodes[&item.node].class);
                let of = class(&main.registry, nodes[&item.node].class);
                let sync = Self::with(sync, "class", of);
                (format!("machine {place} is synced"), Self::of_tree(item, Self::signed(sync, "owner")))
            }
            "challenge" => {
                let place = *gene.first(&with_node)?;
                (format!("machine {place} is challenged"), self.challenge(&items[place]))
            }
            "take out" | "close the lost" => {
                let lost: Vec<usize> =
                    with_node.iter().copied().filter(|&it| nodes[&items[it].node].status & status::LOST != 0).collect();
                let place = some(if name == "take out" { &of_theirs } else { &lost })?;
                let item = &items[place];
                let claim = (gene.x >= 128).then_some(some_claim).flatten();
                let out = self.take_out(item, &nodes[&item.node], claim, name == "take out");
                (format!("machine {place} is taken out of service"), out)
            }
            "change" => {
                let place = some(&of_theirs)?;
                let item = &items[place];
                let machine = Machine { owner: nodes[&item.node].owner, ..item.nft.clone() };
                let class = [FREE, VOUCHED][gene.b as usize % 2];
                let change =
                    self.trees[item.tree].change_specification_instruction(world, &machine, specification, class);
                let change = Self::with(change, "specification_claim", some_claim?);
                (format!("machine {place} gets another specification"), Self::of_tree(item, change))
            }
            "name an operator" => {
                let place = some(&of_theirs)?;
                let item = &items[place];
                let machine = Machine { owner: nodes[&item.node].owner, ..item.nft.clone() };
                let set = self.trees[item.tree].set_operator_instruction(&machine, t_or_x);
                (format!("machine {place} gets another operator"), Self::of_tree(item, set))
            }
            "vouch" | "take back" => {
                let place = *gene.first(&with_node)?;
                let key = self.keys[E].insecure_clone();
                let id = [3, 3, 1, 2][gene.b as usize % 4];
                let provider = self.vouchers[if gene.b < 128 { 2 } else { id as usize - 1 }].provider;
                let voucher = Voucher { key, id, provider };
                if name == "take back" {
                    (
                        format!("E takes back what {id} says of {place}"),
                        main.withdraw_instruction(world, &voucher, &items[place].nft),
                    )
                } else {
                    let ends = [3_600, DAY, LONGEST, LONGEST + 1, 4 * DAY, 5 * DAY, 5 * DAY + 1, 30 * DAY];
                    let end = ends[gene.x as usize % ends.len()];
                    let nft = &items[place].nft;
                    let attest = main.attest_instruction(world, &voucher, nft, Timestamp(now + end));
                    (format!("E vouches as {id} for machine {place}, for {end} seconds"), attest)
                }
            }
            "ask an honest attestor" => {
                let (place, who) = (*gene.first(&with_node)?, *gene.second(&[A, B])?);
                let end = now + DAY + gene.x as i64;
                let attest = self.vouch(who, &items[place], end)?;
                let (node, key) = (items[place].node, self.keys[who].insecure_clone());
                self.say(node, who, end);
                let text = format!("{} vouches for machine {place}", NAMES[who]);
                return Some(Act::new(text, attest).with(&[&key]));
            }
            "strike" | "suspend" | "end a suspension" | "see a machine revoked, or reinstated" => {
                let blocked: Vec<usize> =
                    with_node.iter().copied().filter(|&it| nodes[&items[it].node].is_blocked()).collect();
                let place = some(if name == "end a suspension" { &blocked } else { &with_node })?;
                let nft = &items[place].nft;
                let by_guardian = |act| Self::with(act, "authority", self.network.guardian.pubkey());
                match name {
                    "strike" => {
                        let strike = main.strike_instruction(world, &self.network, nft, 1 + gene.b as u32 % 3);
                        (format!("the guardian ends a word for machine {place}"), by_guardian(strike))
                    }
                    "suspend" => {
                        let suspend = main.suspend_instruction(&self.network, nft);
                        (format!("the guardian suspends machine {place}"), by_guardian(suspend))
                    }
                    "end a suspension" => {
                        let end = main.reinstate_instruction(world, &self.network, nft);
                        (format!("X ends what stops machine {place}"), Self::with(end, "authority", self.key(X)))
                    }
                    _ => {
                        partners.push(authority);
                        effect = Some(Effect::Ruled);
                        let is_blocked = nodes[&items[place].node].is_blocked();
                        let act = if is_blocked && !gene.b.is_multiple_of(4) {
                            main.reinstate_instruction(world, &self.network, nft)
                        } else {
                            main.revoke_instruction(world, &self.network, nft)
                        };
                        (format!("the authority decides about machine {place}"), act)
                    }
                }
            }
            "count again" => {
                let place = *gene.first(&with_node)?;
                let node = &nodes[&items[place].node];
                let registry = if gene.b.is_multiple_of(2) { MAIN } else { FOREIGN };
                let refresh = main.refresh_instruction(world, &items[place].nft);
                let of = class(&self.trees[registry].registry, node.class);
                (format!("the words for machine {place} are counted again"), Self::with(refresh, "class", of))
            }
            "look at an attestor" => {
                let (id, other) = (gene.a as usize % 3, gene.b as usize % 3);
                let provider = self.vouchers[if gene.b < 128 { id } else { other }].provider;
                let look = RefreshAttestor { registry: self.registry(), provider }
                    .instruction(&RefreshAttestorArgs { attestor: id as u32 + 1 });
                (format!("attestor {} is looked at", id + 1), look)
            }
            "collect" => {
                let tree = [MAIN, BARE, FOREIGN][gene.a as usize % 3];
                let to = *gene.second(&[self.receiver, self.key(X)])?;
                (format!("fees of tree {tree} are collected"), self.trees[tree].collect_fees_instruction(to))
            }
            "close a statement" => {
                let all: Vec<Address> = self.memory.last.statements.keys().copied().collect();
                let statement = *gene.first(&all)?;
                let close = CloseStatement { statement, payer: world.payer().pubkey() };
                (format!("statement {} is closed", short(&statement)), close.instruction(&CloseStatementArgs {}))
            }
            "see rules announced" => {
                let longest = [LONGEST, 2 * DAY, DAY + 600][gene.a as usize % 3] as u32;
                let mint_fee = [FEE, 2 * FEE, 3 * FEE][gene.b as usize % 3];
                let rules = Policy { mint_fee, max_attestation_period: Seconds(longest), ..self.memory.last.policy };
                effect = Some(Effect::Proposed(rules));
                partners.push(authority);
                ("the authority announces rules".into(), main.propose_policy_instruction(&self.network, rules))
            }
            "see the pool's rules announced" => {
                let days = [7, 3, 4, 10][gene.a as usize % 4];
                let rules = PoolPolicy { unbonding_period: Seconds(days * DAY as u32), ..Pool::rules() };
                partners.push(authority);
                let announce =
                    self.pool.propose_policy_instruction(world, &self.network, rules, joule_stake_interface::ID);
                (format!("the authority announces {days} days of unbonding"), announce)
            }
            "send lamports ahead" => {
                let secret = self.known.last()?;
                let to = *gene.first(&[main.claim(secret), items[AGAIN].node, main.claim(&specification)])?;
                let lamports = gene.amount(world.rent(Node::SIZE), world.rent(0)).min(1 << 30);
                let text = format!("{lamports} lamports go to {}, where a machine's account may come", short(&to));
                (text, transfer(&self.key(X), &to, lamports))
            }
            "put rules in force" => match gene.a % 2 {
                0 => ("the registry's rules come into force".into(), main.execute_policy_instruction()),
                _ => ("the pool's rules come into force".into(), self.pool.execute_policy_instruction(world)),
            },
            _ => {
                let tree = &self.trees[BARE];
                partners.push(authority);
                let close = CloseTree {
                    authority: authority.pubkey(),
                    network: self.network.address,
                    registry: tree.registry,
                    tree: tree.address,
                    payer: world.payer().pubkey(),
                    merkle_tree: tree.merkle_tree,
                    tree_config: tree.config,
                    programs: BubblegumPrograms {
                        bubblegum_program: BUBBLEGUM_PROGRAM,
                        compression_program: COMPRESSION_PROGRAM,
                        log_wrapper: LOG_WRAPPER,
                        system_program: SYSTEM_PROGRAM,
                    },
                    fee_recipient: ID,
                };
                ("the authority closes the empty tree".into(), close.instruction(&CloseTreeArgs {}))
            }
        };
        // At times it signs itself where the authority should.
        if partners.iter().any(|partner| partner.pubkey() == authority.pubkey()) && gene.x >= 216 {
            let mut act = act;
            let own = self.key(X);
            act.accounts.iter_mut().filter(|meta| meta.pubkey == authority.pubkey()).for_each(|meta| meta.pubkey = own);
            return Some(Act::new(text + ", signed by X", act));
        }
        let act = Act::new(text, act).with(&partners);
        self.memory.pending.extend(effect.map(|effect| (*gene, effect)));
        Some(act)
    }

    fn respond(&mut self, genes: &[Gene], _: &Receipt) {
        // One that is sent alone is thought of before what came before it is sent.
        let is_sent = |(gene, _): &(Gene, Effect)| genes.contains(gene);
        let (happened, waits): (Vec<_>, Vec<_>) = self.memory.pending.drain(..).partition(is_sent);
        self.memory.pending = waits;
        let by_authority = happened.iter().any(|(_, effect)| matches!(effect, Effect::Ruled));
        happened.into_iter().for_each(|(_, effect)| self.happen(effect));
        self.watch(by_authority);
    }

    fn wake(&mut self) -> Option<i64> {
        self.duties().iter().map(|(at, ..)| *at).min()
    }

    fn pass(&mut self, _: i64, _: i64) {}

    fn work(&mut self) {
        let now = self.stage.now();
        for (at, key) in self.duties() {
            if at > now {
                continue;
            }
            let (what, place) = key;
            let Some((instruction, who, promise)) = self.duty(what, place) else { continue };
            if what <= duty::B_VOUCHES {
                self.say(self.memory.items[place].node, [A, B][what as usize], self.vouched_until());
            }
            let done = self.send(instruction, who);
            if what == duty::REVEAL {
                self.memory.reveals_at = None;
            }
            if !done {
                self.memory.later.insert(key, now + 6 * 3_600);
                self.memory.broken[promise.unwrap_or(0)] += promise.is_some() as u64;
            }
        }
    }

    fn wind_up(&mut self) {
        let now = self.stage.now();
        pass_to(self, now + 3 * DAY);
        for tree in [MAIN, BARE] {
            let collect = self.trees[tree].collect_fees_instruction(self.receiver);
            self.send(collect, None);
        }
        let last = self.memory.last.statements.values().map(|statement| statement.liability_ends_at.0).max();
        let now = self.stage.now();
        pass_to(self, last.unwrap_or(now).max(now));
        let now = self.stage.now();
        let over = self.memory.last.statements.iter().filter(|(_, statement)| statement.liability_ends_at.0 <= now);
        for (statement, payer) in over.map(|(address, state)| (*address, state.payer)).collect::<Vec<_>>() {
            let close = CloseStatement { statement, payer }.instruction(&CloseStatementArgs {});
            let closed = self.send(close, None);
            self.memory.broken[LIABILITY] += !closed as u64;
        }
    }

    fn balances(&mut self) -> Vec<Balance> {
        let mut all: Vec<Balance> = PROMISES
            .iter()
            .zip(self.memory.broken)
            .map(|(promise, broken)| Balance {
                who: "machines",
                promise,
                amounts: [0, broken],
                promised: 0,
                coalition: true,
                slack: 0,
            })
            .collect();
        all.push(Balance {
            who: "Z, fees",
            promise: "what is paid into a tree goes to who receives fees",
            amounts: [self.had, self.stage.world.lamports(self.receiver)],
            promised: (self.had + self.memory.fees) as i128,
            coalition: false,
            slack: 0,
        });
        all.push(self.stage.rent());
        all
    }
}
