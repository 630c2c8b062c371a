//! A program's IDL on chain, where explorers look for it: an account of the Program Metadata program
//! (<https://github.com/solana-program/program-metadata>). Transactions are built, not sent: a multisig signs some of them.
//!
//! The account lies at an address that the program's id gives. Only the upgrade authority opens it; the publisher, any key with
//! lamports, pays for it and writes it; and then the upgrade authority turns what was written into the metadata. Nothing here
//! talks to anybody: read the accounts, build what is left, send it, and do so again until nothing is left.

use {
    anyhow::{Result, bail, ensure},
    base64::{Engine, engine::general_purpose::STANDARD},
    flate2::{Compression, read::ZlibDecoder, write::ZlibEncoder},
    joule_interface::{AccountMeta, Address, Instruction, SYSTEM_PROGRAM},
    serde_json::{Value, json},
    solana_loader_v3_interface::get_program_data_address,
    solana_system_interface::instruction::transfer,
    std::io::{Read, Write as _},
};

/// The Program Metadata program. In the place of an optional account it means that there is none.
pub const PROGRAM: Address = Address::from_str_const("ProgM6JCCvbYkfKqJYHePx4xxSUSqJp7rh8Lyv7nk7S");
/// What the metadata is: explorers look for an IDL at the address with this seed.
pub const SEED: [u8; 16] = *b"idl\0\0\0\0\0\0\0\0\0\0\0\0\0";
/// Bytes of an account before its content.
pub const HEADER: usize = 96;
/// Most that an account grows by in one instruction; in all that a multisig runs at once, too.
pub const GROWTH: usize = 10_240;
/// Content in one transaction, with room for a compute budget.
const PIECE: usize = 900;
/// UTF-8, compressed with zlib, JSON; in the account itself.
const KINDS: [u8; 3] = [1, 2, 1];
const DIRECT: u8 = 0;
const SYSVAR_RENT: Address = Address::from_str_const("SysvarRent111111111111111111111111111111111");

/// What is published of an IDL: without blanks, compressed.
pub fn content(idl: &str) -> Result<Vec<u8>> {
    let idl: Value = serde_json::from_str(idl)?;
    let mut encoder = ZlibEncoder::new(vec![], Compression::best());
    encoder.write_all(idl.to_string().as_bytes())?;
    Ok(encoder.finish()?)
}

/// What content says.
pub fn read(content: &[u8]) -> Result<Value> {
    let mut text = String::new();
    ZlibDecoder::new(content).read_to_string(&mut text)?;
    Ok(serde_json::from_str(&text)?)
}

/// What lies where metadata is, or where a buffer is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// Nothing, or lamports that somebody sent there.
    Absent,
    /// What is written before it becomes metadata, or is copied into it.
    Buffer {
        /// Who writes it.
        authority: Address,
        /// Its content.
        content: Vec<u8>,
    },
    /// The metadata.
    Metadata {
        /// Whether it can be changed.
        is_mutable: bool,
        /// How its content is to be read.
        kinds: [u8; 3],
        /// Its content.
        content: Vec<u8>,
        /// Content for which it has room.
        room: usize,
    },
}

/// What lies at an address, and lamports with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Lamports: somebody may have sent some before there is an account.
    pub lamports: u64,
    /// What it is.
    pub state: State,
}

impl State {
    /// From an account's owner and data.
    pub fn read(owner: &Address, data: &[u8]) -> Result<Self> {
        if data.is_empty() {
            return Ok(Self::Absent);
        }
        ensure!(*owner == PROGRAM && data.len() >= HEADER, "something else lies where the metadata is to be");
        let (header, content) = data.split_at(HEADER);
        Ok(match header[0] {
            1 => Self::Buffer { authority: Address::try_from(&header[33..65])?, content: content.to_vec() },
            2 => {
                ensure!(header[86] == DIRECT, "the metadata only says where its content is");
                let length = u32::from_le_bytes(header[87..91].try_into()?) as usize;
                ensure!(length <= content.len(), "the metadata is shorter than it says");
                Self::Metadata {
                    is_mutable: header[65] != 0,
                    kinds: header[83..86].try_into()?,
                    content: content[..length].to_vec(),
                    room: content.len(),
                }
            }
            kind => bail!("an account of the Program Metadata program has the unknown kind {kind}"),
        })
    }
}

/// Who signs a transaction, besides the publisher, who pays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signer {
    /// Nobody else.
    Publisher,
    /// The upgrade authority.
    Authority,
    /// The buffer's key.
    Buffer,
}

/// One transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transaction {
    /// What it does.
    pub what: &'static str,
    /// Who signs it.
    pub signer: Signer,
    /// What it consists of.
    pub instructions: Vec<Instruction>,
}

/// Whose IDL is published, and by whom.
#[derive(Clone, Copy, Debug)]
pub struct Publication {
    /// The program.
    pub program: Address,
    /// Its upgrade authority.
    pub authority: Address,
    /// Pays and writes. The upgrade authority itself, or a key that it lets write.
    pub publisher: Address,
    /// A key for a buffer, which is needed when metadata that is there is changed.
    pub buffer: Address,
}

impl Publication {
    /// Where the metadata is.
    pub fn address(&self) -> Address {
        Address::find_program_address(&[self.program.as_ref(), &SEED], &PROGRAM).0
    }

    /// What is left to be done until the metadata is this content. `at` is what lies at [`Publication::address`], `buffer` at the
    /// buffer; `rent`: what an account of so many bytes must hold. The first transactions are sent in any order within a kind,
    /// and each kind after the one before; then look again.
    pub fn plan(
        &self,
        content: &[u8],
        at: &Found,
        buffer: &Found,
        rent: impl Fn(usize) -> u64,
    ) -> Result<Vec<Transaction>> {
        let size = HEADER + content.len();
        let metadata = self.address();
        let one = |what, signer, instruction| Transaction { what, signer, instructions: vec![instruction] };
        let fund = |to: &Address, found: &Found| {
            let missing = rent(size).saturating_sub(found.lamports);
            (missing > 0).then(|| one("fund", Signer::Publisher, transfer(&self.publisher, to, missing)))
        };
        let mut all = vec![];
        match &at.state {
            State::Absent => {
                all.extend(fund(&metadata, at));
                let mut open = vec![self.allocate(&metadata, &self.authority, true)];
                if self.publisher != self.authority {
                    open.push(self.set_authority(&metadata));
                }
                all.push(Transaction { what: "open", signer: Signer::Authority, instructions: open });
                all.extend(self.fill(&metadata, &self.publisher, Signer::Publisher, &[], content));
                all.push(one("publish", Signer::Authority, self.initialize()));
            }
            State::Buffer { authority, .. } if *authority != self.publisher => {
                bail!("{authority} writes this metadata now, not {}: let it finish, or close it", self.publisher)
            }
            State::Buffer { content: written, .. } if written.len() > content.len() => {
                all.push(one("close", Signer::Publisher, self.close(&metadata, &self.publisher)));
                all.extend(self.plan(content, &Found { lamports: 0, state: State::Absent }, buffer, rent)?);
            }
            State::Buffer { content: written, .. } => {
                all.extend(fund(&metadata, at));
                all.extend(self.fill(&metadata, &self.publisher, Signer::Publisher, written, content));
                all.push(one("publish", Signer::Authority, self.initialize()));
            }
            State::Metadata { kinds, content: there, .. } if *kinds == KINDS && there == content => {
                if let State::Buffer { .. } = buffer.state {
                    all.push(one("close the buffer", Signer::Buffer, self.close(&self.buffer, &self.buffer)));
                }
            }
            State::Metadata { is_mutable: false, .. } => bail!("the metadata was made immutable: it stays as it is"),
            State::Metadata { room: there, .. } => {
                match &buffer.state {
                    State::Absent => {
                        all.extend(fund(&self.buffer, buffer));
                        let open = self.allocate(&self.buffer, &self.buffer, false);
                        all.push(one("open the buffer", Signer::Buffer, open));
                        all.extend(self.fill(&self.buffer, &self.buffer, Signer::Buffer, &[], content));
                    }
                    State::Buffer { content: written, .. } if written.len() <= content.len() => {
                        all.extend(fund(&self.buffer, buffer));
                        all.extend(self.fill(&self.buffer, &self.buffer, Signer::Buffer, written, content));
                    }
                    _ => bail!("the buffer holds something else: take another key for it"),
                }
                let more = content.len().saturating_sub(*there);
                all.extend(fund(&metadata, at));
                // What is beyond comes with the content itself.
                for length in lengths(more.saturating_sub(GROWTH)) {
                    let extend = self.extend(&metadata, &self.authority, length);
                    all.push(one("make room", Signer::Authority, extend));
                }
                all.push(one("replace", Signer::Authority, self.set_data()));
                if *there > content.len() {
                    all.push(one("give back rent", Signer::Authority, self.trim()));
                }
                all.push(one("close the buffer", Signer::Buffer, self.close(&self.buffer, &self.buffer)));
            }
        }
        Ok(all)
    }

    /// What makes a buffer, of which this is written, hold the content.
    fn fill(&self, to: &Address, by: &Address, signer: Signer, written: &[u8], content: &[u8]) -> Vec<Transaction> {
        let room = lengths(content.len() - written.len()).map(|length| Transaction {
            what: "make room",
            signer,
            instructions: vec![self.extend(to, by, length)],
        });
        let mut held = written.to_vec();
        held.resize(content.len(), 0);
        let pieces = content.chunks(PIECE).zip(held.chunks(PIECE)).enumerate();
        let writes = pieces.filter(|(_, (piece, held))| piece != held).map(|(index, (piece, _))| Transaction {
            what: "write",
            signer,
            instructions: vec![self.write(to, by, index * PIECE, piece)],
        });
        room.chain(writes).collect()
    }

    fn instruction(&self, accounts: Vec<AccountMeta>, data: &[&[u8]]) -> Instruction {
        Instruction { program_id: PROGRAM, accounts, data: data.concat() }
    }

    /// The program and its data, by which the upgrade authority is known.
    fn proof(&self) -> [AccountMeta; 2] {
        [self.program, get_program_data_address(&self.program)].map(|address| AccountMeta::new_readonly(address, false))
    }

    fn none() -> AccountMeta {
        AccountMeta::new_readonly(PROGRAM, false)
    }

    /// A buffer at the metadata's address needs the program's upgrade authority; one at a key's, that key.
    fn allocate(&self, to: &Address, by: &Address, is_metadata: bool) -> Instruction {
        let [program, data] = if is_metadata { self.proof() } else { [Self::none(), Self::none()] };
        let system = AccountMeta::new_readonly(SYSTEM_PROGRAM, false);
        let accounts = vec![AccountMeta::new(*to, false), AccountMeta::new_readonly(*by, true), program, data, system];
        self.instruction(accounts, &[&[7], if is_metadata { &SEED } else { &[] }])
    }

    fn set_authority(&self, of: &Address) -> Instruction {
        let [program, data] = self.proof();
        let accounts =
            vec![AccountMeta::new(*of, false), AccountMeta::new_readonly(self.authority, true), program, data];
        self.instruction(accounts, &[&[2, 1], self.publisher.as_ref()])
    }

    fn extend(&self, to: &Address, by: &Address, length: u16) -> Instruction {
        let [program, data] = self.proof();
        let accounts = vec![AccountMeta::new(*to, false), AccountMeta::new_readonly(*by, true), program, data];
        self.instruction(accounts, &[&[8], &length.to_le_bytes()])
    }

    fn write(&self, to: &Address, by: &Address, offset: usize, piece: &[u8]) -> Instruction {
        let accounts = vec![AccountMeta::new(*to, false), AccountMeta::new_readonly(*by, true), Self::none()];
        self.instruction(accounts, &[&[0], &(offset as u32).to_le_bytes(), piece])
    }

    fn initialize(&self) -> Instruction {
        let [program, data] = self.proof();
        let by = AccountMeta::new_readonly(self.authority, true);
        let accounts = vec![AccountMeta::new(self.address(), false), by, program, data, Self::none()];
        self.instruction(accounts, &[&[1], &SEED, &KINDS, &[DIRECT]])
    }

    fn set_data(&self) -> Instruction {
        let [program, data] = self.proof();
        let by = AccountMeta::new_readonly(self.authority, true);
        let buffer = AccountMeta::new(self.buffer, false);
        self.instruction(
            vec![AccountMeta::new(self.address(), false), by, buffer, program, data],
            &[&[3], &KINDS, &[DIRECT]],
        )
    }

    fn trim(&self) -> Instruction {
        let [program, data] = self.proof();
        let by = AccountMeta::new_readonly(self.authority, true);
        let to = AccountMeta::new(self.publisher, false);
        let rent = AccountMeta::new_readonly(SYSVAR_RENT, false);
        self.instruction(vec![AccountMeta::new(self.address(), false), by, program, data, to, rent], &[&[5]])
    }

    fn close(&self, account: &Address, by: &Address) -> Instruction {
        let [program, data] = self.proof();
        let by = AccountMeta::new_readonly(*by, true);
        let to = AccountMeta::new(self.publisher, false);
        self.instruction(vec![AccountMeta::new(*account, false), by, program, data, to], &[&[6]])
    }
}

/// Steps in which an account grows by so much.
fn lengths(mut more: usize) -> impl Iterator<Item = u16> {
    std::iter::from_fn(move || {
        let step = more.min(GROWTH);
        more -= step;
        (step > 0).then_some(step as u16)
    })
}

/// A transaction as JSON: instructions with addresses as text and data in base64, and who signs besides the publisher.
pub fn json(name: &str, publication: &Publication, transaction: &Transaction) -> Value {
    let account = |meta: &AccountMeta| json!({ "address": meta.pubkey.to_string(), "signer": meta.is_signer, "writable": meta.is_writable });
    let instruction = |it: &Instruction| {
        json!({
            "program": it.program_id.to_string(),
            "accounts": it.accounts.iter().map(account).collect::<Vec<_>>(),
            "data": STANDARD.encode(&it.data),
        })
    };
    let signer = match transaction.signer {
        Signer::Publisher => publication.publisher,
        Signer::Authority => publication.authority,
        Signer::Buffer => publication.buffer,
    };
    json!({
        "idl": name,
        "does": transaction.what,
        "payer": publication.publisher.to_string(),
        "signer": signer.to_string(),
        "instructions": transaction.instructions.iter().map(instruction).collect::<Vec<_>>(),
    })
}
