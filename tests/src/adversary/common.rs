//! What the coalition can do in every scene. This code knows no instruction: what it sends is what somebody sent before, with other
//! people, accounts or amounts.

use {
    super::{Act, Gene, Stage},
    crate::{
        example::PROGRAMS,
        fixture::tick_instruction,
        tampering::{alike, swap_with_relatives},
    },
    joule_interface::{Address, Instruction, SYSTEM_PROGRAM, TOKEN_PROGRAM},
    solana_signer::Signer,
    solana_system_interface::instruction::{create_account, transfer},
};

/// Its moves, by name.
pub(super) const MOVES: &[&str] =
    &["do what others did", "make an account", "send lamports", "tick", "pause", "resume"];

/// What a move means now.
pub(super) fn act(stage: &Stage, name: &str, gene: &Gene) -> Option<Act> {
    Some(match name {
        "do what others did" => return repeat(stage, gene),
        "make an account" => {
            let made = gene.first(&stage.made())?.pubkey();
            let program = PROGRAMS.get(gene.b as usize % 8);
            let sizes: Vec<usize> = program
                .map_or(vec![0, 165], |program| program.accounts.iter().map(|(_, layout)| layout.size).collect());
            let size = sizes[gene.b as usize / 8 % sizes.len()];
            let owner = program.map_or([SYSTEM_PROGRAM, TOKEN_PROGRAM][gene.b as usize % 2], |program| program.id);
            let lamports = if gene.x < 200 { stage.world.rent(size) } else { (255 - gene.x) as u64 };
            let text = format!("an account of {owner} is made at {made}: {size} bytes, {lamports} lamports");
            Act::new(text, create_account(&stage.coalition[0].pubkey(), &made, lamports, size as u64, &owner))
        }
        "send lamports" => {
            let all: Vec<Address> = stage.accounts.keys().copied().collect();
            let to = all[(gene.a as usize * 256 + gene.b as usize) % all.len()];
            let lamports = gene.amount(stage.world.rent(0), stage.world.rent(200)).min(1 << 30);
            Act::new(format!("{lamports} lamports go to {to}"), transfer(&stage.coalition[0].pubkey(), &to, lamports))
        }
        "pause" => Act::new("the guardian pauses the network", stage.pause()),
        "resume" => Act::new("a pause is ended", stage.resume()),
        _ => Act::new("the halt clock is ticked", tick_instruction(&stage.world)),
    })
}

/// Something that was sent before; by other people, for other accounts, or with another argument.
fn repeat(stage: &Stage, gene: &Gene) -> Option<Act> {
    let sent = &stage.sent;
    let mut instruction = sent.get((sent.len().checked_sub(1)?) - gene.a as usize % sent.len())?.clone();
    let program = PROGRAMS.iter().find(|program| program.id == instruction.program_id)?;
    let spec = program.instructions.iter().find(|spec| Some(&spec.discriminator) == instruction.data.first())?;
    let (how, which, count) = (gene.b % 4, gene.b as usize / 4, instruction.accounts.len());
    let mut text = format!("{} again", spec.name);
    if how & 1 != 0 && count > 0 {
        let old = instruction.accounts[which % count].pubkey;
        let alike = alike(&stage.accounts, old);
        let new = *alike.get(gene.x as usize % alike.len().max(1))?;
        swap_with_relatives(&stage.accounts, &mut instruction, old, new);
        text += &format!(", with {new} instead of {old}");
    }
    if how & 2 != 0 {
        match (which % 4, spec.args.fields) {
            (0, [first, ..]) | (1, [.., first]) => {
                change(&mut instruction, 1 + first.offset, first.size, gene)?;
                text += &format!(", with another {}", first.name);
            }
            (2, fields) if !fields.is_empty() => {
                let field = &fields[which / 4 % fields.len()];
                change(&mut instruction, 1 + field.offset, field.size, gene)?;
                text += &format!(", with another {}", field.name);
            }
            _ => {
                // Whoever signs is one of the coalition.
                let own = stage.coalition[gene.x as usize % stage.coalition.len()].pubkey();
                let payer = stage.world.payer().pubkey();
                let signers = instruction.accounts.iter_mut().filter(|meta| meta.is_signer && meta.pubkey != payer);
                signers.for_each(|meta| meta.pubkey = own);
                text += &format!(", signed by {own}");
            }
        }
    }
    Some(Act::new(text, instruction))
}

/// Another number, or another address.
fn change(instruction: &mut Instruction, at: usize, size: usize, gene: &Gene) -> Option<()> {
    let bytes = instruction.data.get_mut(at..at + size)?;
    if size > 8 {
        bytes.fill(gene.x);
        return Some(());
    }
    let mut whole = [0; 8];
    whole[..size].copy_from_slice(bytes);
    let old = u64::from_le_bytes(whole);
    let new = gene.amount(old.saturating_mul(2), old);
    bytes.copy_from_slice(&new.to_le_bytes()[..size]);
    Some(())
}
