//! Puts Joule's programs on a cluster, upgrades them, and says what is where: what `scripts/deploy` runs.
//!
//! After each step the cluster is read again, and what is left is planned anew ([`plan`]). So a run that breaks anywhere goes
//! on when it is started again, and does nothing twice.

pub mod cluster;
pub mod keys;
pub mod manifest;
pub mod metadata;
pub mod plan;

use {
    agave_feature_set as feature,
    anyhow::{Context, Result, bail, ensure},
    cluster::{Cluster, LOADER},
    joule_identity_interface::{BUBBLEGUM_PROGRAM, COMPRESSION_PROGRAM, LOG_WRAPPER},
    joule_interface::{Address, Instruction, TOKEN_2022_PROGRAM, TOKEN_PROGRAM},
    manifest::Manifest,
    plan::{Buffer, Code, Cost, End, Roles, Step},
    serde_json::{Value, json},
    sha2::{Digest, Sha256},
    solana_keypair::Keypair,
    solana_loader_v3_interface::{get_program_data_address, instruction as loader, state::UpgradeableLoaderState},
    solana_signer::Signer,
    solana_system_interface::instruction as system,
    std::io::IsTerminal,
};

/// The programs, in the order in which they are deployed: a program comes after those that it calls.
pub const PROGRAMS: [&str; 4] = ["bme", "stake", "escrow", "identity"];

/// A program to deploy.
pub struct Program {
    /// Its name.
    pub name: String,
    /// Where it is.
    pub id: Address,
    /// The key of that address, which a first deployment needs.
    pub key: Option<Keypair>,
    /// The key of its buffer.
    pub buffer: Keypair,
    /// Its code.
    pub elf: Vec<u8>,
}

/// Who pays and signs, and what else a deployment is told.
pub struct Deployment<'a> {
    /// Pays rent and fees.
    pub payer: &'a Keypair,
    /// The upgrade authority now.
    pub authority: &'a Keypair,
    /// The upgrade authority in the end.
    pub hand_to: Option<Address>,
    /// Bytes of room that a new program gets beyond its ELF.
    pub room: usize,
}

impl Deployment<'_> {
    fn roles(&self) -> Roles {
        Roles { signer: self.authority.pubkey(), hand_to: self.hand_to }
    }

    fn piece(&self, cluster: &Cluster) -> Result<usize> {
        let (buffer, authority) = (Address::new_from_array([1; 32]), self.authority.pubkey());
        cluster.piece(self.payer, &[self.authority], |bytes| loader::write(&buffer, &authority, 0, bytes))
    }

    fn plan(&self, cluster: &Cluster, program: &Program) -> Result<(Code, Buffer, Vec<Step>, End)> {
        let code = cluster.code(&program.id)?;
        let buffer = cluster.buffer(&program.buffer.pubkey())?;
        let (piece, room) = (self.piece(cluster)?, program.elf.len() + self.room);
        let (steps, end) = plan::steps(&program.elf, &code, &buffer, self.roles(), piece, room)?;
        if let Some(Step::Deploy(_)) = steps.iter().find(|step| matches!(step, Step::Deploy(_))) {
            ensure!(program.key.is_some(), "the key pair of {} is needed to deploy there", program.id);
        }
        Ok((code, buffer, steps, end))
    }
}

/// Looks at a cluster, and says what a deployment would do and cost. It changes nothing.
pub fn look(cluster: &Cluster, deployment: &Deployment, programs: &[Program]) -> Result<Cost> {
    let mut cost = Cost::default();
    // Rent is linear: two answers give every one.
    let (base, of_one) = (cluster.rent(0)?, cluster.rent(1)?);
    let rent = |size: usize| base + (of_one - base) * size as u64;
    for program in programs {
        let found = deployment.plan(cluster, program).with_context(|| program.name.clone())?;
        let (code, buffer, steps, end) = found;
        println!("{:<9} {}", program.name, program.id);
        println!("          {} bytes, SHA-256 {}", program.elf.len(), sha256(&program.elf));
        if steps.is_empty() {
            println!(
                "          nothing to do: {}",
                if end == End::Offered { "the multisig decides" } else { "deployed" }
            );
        }
        for step in &steps {
            println!("          {}", describe(step, deployment));
        }
        cost.add(&steps, &program.elf, &code, &buffer, rent, |signatures| cluster.fee(signatures));
    }
    Ok(cost)
}

fn describe(step: &Step, deployment: &Deployment) -> String {
    match step {
        Step::OpenBuffer => "makes a buffer".into(),
        Step::CloseBuffer => "closes a buffer that is not needed: its rent comes back".into(),
        Step::Write(ranges) => format!("writes {} pieces", ranges.len()),
        Step::Deploy(room) => format!("deploys it, with room for {room} bytes"),
        Step::Extend(more) => format!("makes room for {more} bytes more"),
        Step::Upgrade => "upgrades it".into(),
        Step::Offer => format!("gives the buffer to {}, to upgrade", deployment.hand_to.unwrap_or_default()),
        Step::HandOver => format!("hands its upgrade authority to {}", deployment.hand_to.unwrap_or_default()),
    }
}

/// Whether the cluster can run the programs.
pub fn check_cluster(cluster: &Cluster, programs: &[Program]) -> Result<()> {
    for program in programs {
        let version = sbpf_version(&program.elf).with_context(|| program.name.clone())?;
        if version == 3 {
            ensure!(
                cluster.has_feature(&feature::enable_sbpf_v3_deployment_and_execution::id())?,
                "this cluster does not deploy sBPF version 3, which {}'s ELF is: build for an older one",
                program.name
            );
        } else {
            ensure!(
                !cluster.has_feature(&feature::disable_sbpf_v0_v1_v2_deployment::id())?,
                "this cluster deploys no sBPF before version 3, and {}'s ELF is version {version}",
                program.name
            );
        }
    }
    for (name, id) in [
        ("the Token program", TOKEN_PROGRAM),
        ("Token-2022", TOKEN_2022_PROGRAM),
        ("Bubblegum", BUBBLEGUM_PROGRAM),
        ("account compression", COMPRESSION_PROGRAM),
        ("the log wrapper of account compression", LOG_WRAPPER),
    ] {
        let is_program = cluster.account(&id)?.is_some_and(|account| account.executable);
        ensure!(is_program, "this cluster lacks {name}, {id}, which Joule calls");
    }
    Ok(())
}

/// The version of sBPF that an ELF is for.
pub fn sbpf_version(elf: &[u8]) -> Result<u32> {
    ensure!(elf.len() >= 64 && elf.starts_with(b"\x7fELF"), "this is no ELF");
    Ok(u32::from_le_bytes(elf[48..52].try_into()?))
}

/// Whether an ELF was built for an id: code that checks an address holds it, in pieces of four bytes at least.
pub fn is_built_for(elf: &[u8], id: &Address) -> bool {
    id.as_array().chunks(4).all(|word| elf.windows(4).any(|bytes| bytes == word))
}

/// SHA-256, in hexadecimal digits.
pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Deploys or upgrades, one program after another, and keeps the manifest up to date.
pub fn deploy(cluster: &Cluster, deployment: &Deployment, programs: &[Program], manifest: &mut Manifest) -> Result<()> {
    // A disk that is full shows before anything is sent.
    manifest.write()?;
    for program in programs {
        deploy_program(cluster, deployment, program).with_context(|| {
            format!(
                "{}: stopped. Nothing is lost: run the same command again, and it goes on where it stopped",
                program.name
            )
        })?;
        manifest.content["programs"][&program.name] = entry(cluster, deployment, program)?;
        manifest.write()?;
    }
    Ok(())
}

/// Does what is left for one program.
fn deploy_program(cluster: &Cluster, deployment: &Deployment, program: &Program) -> Result<()> {
    let mut failures = 0;
    let mut last = vec![];
    loop {
        let (code, buffer, steps, _) = deployment.plan(cluster, program)?;
        let Some(step) = steps.first() else { return Ok(()) };
        // What is lost on the way is sent again. What stays as it was, time after time, is a fault.
        failures = if steps == last { failures + 1 } else { 0 };
        ensure!(failures < 5, "the cluster does not take this step: {}", describe(step, deployment));
        match run_step(cluster, deployment, program, step, &code, &buffer) {
            Ok(()) => {}
            Err(error) if failures >= 2 => return Err(error),
            Err(error) => eprintln!("          {error:#}; looking what became of it"),
        }
        last = steps;
    }
}

fn run_step(
    cluster: &Cluster,
    deployment: &Deployment,
    program: &Program,
    step: &Step,
    code: &Code,
    buffer: &Buffer,
) -> Result<()> {
    let Deployment { payer, authority, hand_to, .. } = deployment;
    let (pays, signs, at) = (payer.pubkey(), authority.pubkey(), program.buffer.pubkey());
    if !matches!(step, Step::Write(_)) {
        println!("{:<9} {}", program.name, describe(step, deployment));
    }
    let to = hand_to.unwrap_or_default();
    match step {
        Step::OpenBuffer => {
            let Buffer::Absent { lamports } = buffer else { bail!("the buffer is there already") };
            let size = UpgradeableLoaderState::size_of_buffer(program.elf.len());
            let mut instructions = create_account(cluster, &pays, &at, *lamports, size)?;
            instructions.extend(loader::create_buffer(&pays, &at, &signs, 0, 0)?.pop());
            cluster.send(instructions, payer, &[&program.buffer])
        }
        Step::CloseBuffer => cluster.send(vec![loader::close(&at, &pays, &signs)], payer, &[authority]),
        Step::Write(ranges) => {
            let write = |range: &std::ops::Range<usize>| {
                vec![loader::write(&at, &signs, range.start as u32, program.elf[range.clone()].to_vec())]
            };
            let mut progress = Progress::new(&program.name, ranges.len());
            cluster.send_many(ranges.iter().map(write).collect(), payer, &[authority], |done| progress.show(done))
        }
        Step::Deploy(room) => {
            let Code::Absent { lamports } = code else { bail!("there is a program already") };
            let key = program.key.as_ref().context("the program's key is there")?;
            let mut instructions =
                create_account(cluster, &pays, &program.id, *lamports, UpgradeableLoaderState::size_of_program())?;
            instructions.extend(loader::deploy_with_max_program_len(&pays, &program.id, &at, &signs, 0, *room)?.pop());
            cluster.send(instructions, payer, &[key, authority])
        }
        Step::Extend(more) => {
            cluster.send(vec![loader::extend_program(&program.id, Some(&pays), *more as u32)], payer, &[])?;
            cluster.next_slot()
        }
        Step::Upgrade => {
            cluster.next_slot()?;
            cluster.send(vec![loader::upgrade(&program.id, &at, &signs, &pays)], payer, &[authority])
        }
        Step::Offer => cluster.send(vec![loader::set_buffer_authority(&at, &signs, &to)], payer, &[authority]),
        Step::HandOver => {
            cluster.send(vec![loader::set_upgrade_authority(&program.id, &signs, Some(&to))], payer, &[authority])
        }
    }
}

/// Makes an account of the loader. Whoever sends lamports there first does not prevent it.
fn create_account(cluster: &Cluster, payer: &Address, at: &Address, has: u64, size: usize) -> Result<Vec<Instruction>> {
    let lamports = cluster.rent(size)?;
    if has == 0 {
        return Ok(vec![system::create_account(payer, at, lamports, size as u64, &LOADER)]);
    }
    let mut instructions = vec![system::allocate(at, size as u64), system::assign(at, &LOADER)];
    if lamports > has {
        instructions.insert(0, system::transfer(payer, at, lamports - has));
    }
    Ok(instructions)
}

/// What the manifest says about a program: read from the cluster, and compared with the ELF byte by byte.
fn entry(cluster: &Cluster, deployment: &Deployment, program: &Program) -> Result<Value> {
    let Code::Deployed { authority, slot, bytes, .. } = cluster.code(&program.id)? else {
        bail!("{} is not there any more", program.id)
    };
    let mut entry = json!({
        "id": program.id.to_string(),
        "programData": get_program_data_address(&program.id).to_string(),
        "upgradeAuthority": authority.map(|authority| authority.to_string()),
        "slot": slot,
        "room": bytes.len(),
        "elf": { "size": program.elf.len(), "sha256": sha256(&program.elf), "sbpf": sbpf_version(&program.elf)? },
    });
    if plan::is(&bytes, &program.elf) {
        ensure!(
            deployment.hand_to.is_none() || authority == deployment.hand_to,
            "the upgrade authority of {} is not what it was handed to",
            program.id
        );
        return Ok(entry);
    }
    let at = program.buffer.pubkey();
    let Buffer::Open { authority: holder, bytes, .. } = cluster.buffer(&at)? else {
        bail!("{at} is not there any more")
    };
    ensure!(bytes == program.elf && holder == authority, "{at} does not hold what was written");
    let (multisig, spill) = (authority.unwrap_or_default(), deployment.payer.pubkey());
    let upgrade = loader::upgrade(&program.id, &at, &multisig, &spill);
    let accounts: Vec<_> = upgrade
        .accounts
        .iter()
        .map(|meta| json!({ "address": meta.pubkey.to_string(), "writable": meta.is_writable, "signer": meta.is_signer }))
        .collect();
    use base64::Engine;
    let data = base64::engine::general_purpose::STANDARD.encode(&upgrade.data);
    // What the multisig signs.
    entry["proposedUpgrade"] = json!({
        "buffer": at.to_string(),
        "instruction": { "program": LOADER.to_string(), "accounts": accounts, "data": data },
    });
    Ok(entry)
}

/// How far the writing is: on a terminal in one line, else a line for each tenth.
struct Progress<'a> {
    name: &'a str,
    of: usize,
    shown: usize,
    is_terminal: bool,
}

impl<'a> Progress<'a> {
    fn new(name: &'a str, of: usize) -> Self {
        Self { name, of, shown: 0, is_terminal: std::io::stdout().is_terminal() }
    }

    fn show(&mut self, done: usize) {
        use std::io::Write;
        if self.is_terminal {
            print!("\r{:<9} {done} of {} pieces written", self.name, self.of);
            if done == self.of {
                println!();
            }
            let _ = std::io::stdout().flush();
        } else if done * 10 / self.of > self.shown {
            self.shown = done * 10 / self.of;
            println!("{:<9} {done} of {} pieces written", self.name, self.of);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_elf_is_built_for_an_id_if_it_holds_it() {
        let id = Address::new_from_array(std::array::from_fn(|i| i as u8 + 1));
        let whole = [&[0; 9][..], id.as_array(), &[0; 9]].concat();
        assert!(is_built_for(&whole, &id));
        // As immediates of instructions.
        let parts: Vec<u8> = id.as_array().chunks(4).flat_map(|word| [&[0x18, 0, 0, 0], word].concat()).collect();
        assert!(is_built_for(&parts, &id));
        assert!(!is_built_for(&whole[..whole.len() - 10], &id));
    }

    #[test]
    fn what_is_no_elf_has_no_version() {
        let mut elf = vec![0; 64];
        elf[..4].copy_from_slice(b"\x7fELF");
        assert_eq!(sbpf_version(&elf).unwrap(), 0);
        elf[48] = 3;
        assert_eq!(sbpf_version(&elf).unwrap(), 3);
        assert!(sbpf_version(&elf[..63]).is_err());
        elf[0] = 0;
        assert!(sbpf_version(&elf).is_err());
    }
}
