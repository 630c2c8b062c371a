//! Joule's instructions on solana-program 2: an address is another type there, of the same 32 bytes. A program whose every
//! instruction buys credits for whoever signs; `native-caller` does more, on solana-program 3.
//!
//! Accounts: those of `BuyCredits`, then `bme` itself. Data: tokens and fewest credits, two little-endian `u64`.

use {
    joule_bme_interface::{
        instruction::{BuyCredits, BuyCreditsArgs},
        state::CreditAccount,
    },
    joule_interface::{Account, Address},
    joule_math::{Credits, Tokens},
    solana_program::{
        account_info::AccountInfo,
        entrypoint,
        entrypoint::ProgramResult,
        instruction::{AccountMeta, Instruction},
        program::invoke,
        program_error::ProgramError,
        pubkey::Pubkey,
    },
};

entrypoint!(process_instruction);

// #region convert
/// An address as Joule's crates have it.
pub fn address(key: &Pubkey) -> Address {
    Address::new_from_array(key.to_bytes())
}

/// An instruction as solana-program 2 has it.
pub fn instruction(built: joule_interface::Instruction) -> Instruction {
    let key = |address: Address| Pubkey::new_from_array(address.to_bytes());
    let account = |meta: joule_interface::AccountMeta| AccountMeta {
        pubkey: key(meta.pubkey),
        is_signer: meta.is_signer,
        is_writable: meta.is_writable,
    };
    Instruction {
        program_id: key(built.program_id),
        accounts: built.accounts.into_iter().map(account).collect(),
        data: built.data,
    }
}

/// A copy of an account of one of Joule's programs.
pub fn read<T: Account>(info: &AccountInfo) -> Result<T, ProgramError> {
    let data = info.try_borrow_data()?;
    T::read(&address(info.owner), &data).copied().ok_or(ProgramError::InvalidAccountData)
}
// #endregion

fn process_instruction(_: &Pubkey, accounts: &[AccountInfo], data: &[u8]) -> ProgramResult {
    let [buyer, network, credit_account, source, burn_shard, burn_vault, mint, price_update, token_program, _bme] =
        accounts
    else {
        return Err(ProgramError::NotEnoughAccountKeys);
    };
    let number = |at: usize| data.get(at..at + 8).and_then(|bytes| bytes.try_into().ok()).map(u64::from_le_bytes);
    let (Some(tokens), Some(min_credits)) = (number(0), number(8)) else {
        return Err(ProgramError::InvalidInstructionData);
    };
    let before = read::<CreditAccount>(credit_account)?.issued;
    // #region buy
    let buy = BuyCredits {
        buyer: address(buyer.key),
        network: address(network.key),
        credit_account: address(credit_account.key),
        source: address(source.key),
        burn_shard: address(burn_shard.key),
        burn_vault: address(burn_vault.key),
        mint: address(mint.key),
        price_update: address(price_update.key),
        token_program: address(token_program.key),
    }
    .instruction(&BuyCreditsArgs { tokens: Tokens(tokens), min_credits: Credits(min_credits) });
    invoke(&instruction(buy), accounts)?;
    // #endregion
    if read::<CreditAccount>(credit_account)?.issued <= before {
        return Err(ProgramError::InvalidAccountData);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instruction_keeps_its_bytes() {
        let keys: [Pubkey; 9] = core::array::from_fn(|index| Pubkey::new_from_array([index as u8 + 1; 32]));
        let [buyer, network, credit_account, source, burn_shard, burn_vault, mint, price_update, token_program] =
            keys.each_ref().map(address);
        let built = BuyCredits {
            buyer,
            network,
            credit_account,
            source,
            burn_shard,
            burn_vault,
            mint,
            price_update,
            token_program,
        }
        .instruction(&BuyCreditsArgs { tokens: Tokens(1), min_credits: Credits(2) });
        let converted = instruction(built.clone());
        assert_eq!(converted.program_id.to_bytes(), joule_bme_interface::ID.to_bytes());
        assert_eq!(converted.data, built.data);
        assert_eq!(converted.accounts.iter().map(|meta| meta.pubkey).collect::<Vec<_>>(), keys);
        for (ours, theirs) in built.accounts.iter().zip(&converted.accounts) {
            assert_eq!((ours.is_signer, ours.is_writable), (theirs.is_signer, theirs.is_writable));
        }
    }
}
