//! Calls as instruction fixtures: the messages of [protosol](https://github.com/firedancer-io/protosol), which
//! Firedancer's and Agave's conformance tools read, so that a call that was recorded here is replayed on other runtimes.

use {
    crate::calls::Stage,
    agave_feature_set::FeatureSet,
    joule_interface::{Address, Instruction},
    litesvm::LiteSVM,
    prost::Message as _,
    protosol::protos::{
        self, AcctState, FixtureMetadata, InstrAcct, InstrContext, InstrEffects, InstrFixture, acct_state::DataRepr,
    },
    solana_account::Account,
    solana_compute_budget::compute_budget::ComputeBudget,
    solana_program::{
        instruction::{AccountMeta, InstructionError},
        sysvar::{clock, epoch_schedule, rent, slot_hashes},
    },
    solana_transaction::{Message, Transaction},
    solana_transaction_error::TransactionError,
    std::collections::BTreeMap,
    twox_hash::XxHash64,
};

/// What a conformance tool runs with a fixture of an instruction.
const ENTRY_POINT: &str = "sol_compat_instr_execute_v1";
/// Compute units that each call has.
const COMPUTE_UNITS: u64 = 1_400_000;
/// Sysvars that a runtime fills its cache from.
const SYSVARS: [Address; 4] = [clock::ID, epoch_schedule::ID, rent::ID, slot_hashes::ID];
/// Owns programs and their code.
const LOADER: Address = Address::from_str_const("BPFLoaderUpgradeab1e11111111111111111111111");
/// Owns the programs that are a part of the runtime.
const NATIVE_LOADER: Address = Address::from_str_const("NativeLoader1111111111111111111111111111111");
/// Pays the fee, and has no other part in it.
const FEES: Address = Address::new_from_array(*b"pays the fee, and nothing else..");

/// A call, all that it reads, and what it does, as [`run`] says.
pub fn fixture(stage: &Stage, instruction: &Instruction) -> Result<InstrFixture, String> {
    let input = context(stage, instruction);
    let output = run(&input)?;
    let metadata = FixtureMetadata { fn_entrypoint: ENTRY_POINT.into() };
    Ok(InstrFixture { metadata: Some(metadata), input: Some(input), output: Some(output) })
}

/// As the bytes of a file.
pub fn encode(fixture: &InstrFixture) -> Vec<u8> {
    fixture.encode_to_vec()
}

/// From the bytes of a file.
pub fn decode(bytes: &[u8]) -> Result<InstrFixture, String> {
    InstrFixture::decode(bytes).map_err(|error| format!("no fixture: {error}"))
}

fn context(stage: &Stage, instruction: &Instruction) -> InstrContext {
    let world = &stage.world;
    let mut accounts: Vec<(Address, Account)> = vec![];
    let add = |accounts: &mut Vec<(Address, Account)>, key: Address| {
        let known = accounts.iter().position(|(known, _)| *known == key);
        known.unwrap_or_else(|| {
            accounts.push((key, world.account(key).unwrap_or_default()));
            accounts.len() - 1
        })
    };
    let instr_acct = |meta: &AccountMeta| InstrAcct {
        index: add(&mut accounts, meta.pubkey) as u32,
        is_writable: meta.is_writable,
        is_signer: meta.is_signer,
    };
    let instr_accounts = instruction.accounts.iter().map(instr_acct).collect();
    add(&mut accounts, instruction.program_id);
    for sysvar in SYSVARS {
        add(&mut accounts, sysvar);
    }
    // Where an executable account says that its code is.
    let code = |account: &Account| Some(Address::new_from_array(account.data.get(4..36)?.try_into().ok()?));
    let programs = accounts.iter().filter(|(_, account)| account.executable && account.owner == LOADER);
    let codes: Vec<Address> = programs.filter_map(|(_, account)| code(account)).collect();
    for code in codes {
        add(&mut accounts, code);
    }
    InstrContext {
        program_id: instruction.program_id.to_bytes().to_vec(),
        accounts: accounts.into_iter().map(|(key, account)| with_data(key, account)).collect(),
        instr_accounts,
        data: instruction.data.clone(),
        cu_avail: COMPUTE_UNITS,
        features: Some(protos::FeatureSet { features: features().active().keys().map(number).collect() }),
    }
}

/// The features that tests run with.
fn features() -> FeatureSet {
    LiteSVM::mainnet_feature_set()
}

/// A feature, as fixtures write it.
fn number(feature: &Address) -> u64 {
    u64::from_le_bytes(feature.to_bytes()[..8].try_into().unwrap())
}

fn with_data(key: Address, account: Account) -> AcctState {
    let Account { lamports, data, owner, executable, .. } = account;
    let (address, owner) = (key.to_bytes().to_vec(), owner.to_bytes().to_vec());
    AcctState { address, lamports, executable, owner, data_repr: Some(DataRepr::Data(data)) }
}

/// 0 for no bytes.
fn hash(data: &[u8]) -> u64 {
    if data.is_empty() { 0 } else { XxHash64::oneshot(0, data) }
}

fn address(bytes: &[u8]) -> Result<Address, String> {
    Ok(Address::new_from_array(bytes.try_into().map_err(|_| "an address has 32 bytes")?))
}

/// Executes a call with nothing but what its fixture says.
pub fn run(context: &InstrContext) -> Result<InstrEffects, String> {
    let mut accounts: BTreeMap<Address, Account> = BTreeMap::new();
    let mut keys = vec![];
    for state in &context.accounts {
        let Some(DataRepr::Data(data)) = &state.data_repr else { return Err("an input has its data".into()) };
        let (key, owner) = (address(&state.address)?, address(&state.owner)?);
        let account = Account {
            lamports: state.lamports,
            data: data.clone(),
            owner,
            executable: state.executable,
            rent_epoch: u64::MAX,
        };
        accounts.insert(key, account);
        keys.push(key);
    }
    let meta = |given: &InstrAcct| {
        let pubkey = *keys.get(given.index as usize).ok_or("an account that is not listed")?;
        Ok(AccountMeta { pubkey, is_signer: given.is_signer, is_writable: given.is_writable })
    };
    let instruction = Instruction {
        program_id: address(&context.program_id)?,
        accounts: context.instr_accounts.iter().map(meta).collect::<Result<_, String>>()?,
        data: context.data.clone(),
    };
    let mut svm = chain(context, &accounts)?;
    let message = Message::new(&[instruction], Some(&FEES));
    let signatures = vec![Default::default(); message.header.num_required_signatures as usize];
    let (error, done) = match svm.send_transaction(Transaction { signatures, message }) {
        Ok(done) => (None, done),
        Err(failed) => match failed.err {
            TransactionError::InstructionError(_, error) => (Some(error), failed.meta),
            other => return Err(format!("no instruction ran: {other}")),
        },
    };
    let changed = |(key, before): (&Address, &Account)| {
        let after = svm.get_account(key).unwrap_or_default();
        let alike = after.lamports == before.lamports && after.data == before.data && after.owner == before.owner;
        let hashed = Some(DataRepr::DataHash(hash(&after.data)));
        (!alike).then(|| AcctState { data_repr: hashed, ..with_data(*key, after) })
    };
    Ok(InstrEffects {
        result: error.as_ref().map_or(0, result),
        custom_err: if let Some(InstructionError::Custom(code)) = error { code } else { 0 },
        modified_accounts: accounts.iter().filter_map(changed).collect(),
        cu_avail: context.cu_avail - done.compute_units_consumed,
        return_data_hash: hash(&done.return_data.data),
    })
}

/// An error's number among the runtime's errors, from 1.
fn result(error: &InstructionError) -> i32 {
    let bytes = bincode::serialize(error).expect("an error has a number");
    i32::from_le_bytes(bytes[..4].try_into().unwrap()) + 1
}

fn chain(context: &InstrContext, accounts: &BTreeMap<Address, Account>) -> Result<LiteSVM, String> {
    let given = context.features.clone().unwrap_or_default().features;
    let mut features = FeatureSet::default();
    let known: Vec<Address> = features.inactive().iter().filter(|id| given.contains(&number(id))).copied().collect();
    known.iter().for_each(|id| features.activate(id, 0));
    let budget = ComputeBudget {
        compute_unit_limit: context.cu_avail,
        ..ComputeBudget::new_with_defaults(features.is_active(&agave_feature_set::raise_cpi_nesting_limit_to_8::ID))
    };
    let mut svm = LiteSVM::default().with_compute_budget(budget).with_feature_set(features).with_builtins();
    svm = svm.with_sysvars().with_sigverify(false).with_blockhash_check(false);
    svm = svm.with_transaction_history(0);
    // Sysvars say the slot in which programs are; a program is loaded from its code.
    let order = |(key, account): &(&Address, &Account)| match account.executable {
        true => 2,
        false if SYSVARS.contains(key) => 0,
        false => 1,
    };
    let mut sorted: Vec<_> = accounts.iter().filter(|(_, account)| account.owner != NATIVE_LOADER).collect();
    sorted.sort_by_key(order);
    for (key, account) in sorted {
        svm.set_account(*key, account.clone()).map_err(|error| format!("{key} cannot be there: {error}"))?;
    }
    let payer = Account { lamports: 1_000_000_000, ..Account::default() };
    svm.set_account(FEES, payer).map_err(|error| format!("{error}"))?;
    Ok(svm)
}
