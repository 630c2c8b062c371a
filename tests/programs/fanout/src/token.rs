//! Token accounts and mints of both token programs: their first 165 and 82 bytes are the same.

use {
    crate::{Result, accounts::require},
    joule_interface::{
        Access, Address, Fault, TOKEN_2022_PROGRAM, TOKEN_PROGRAM, address_eq, call,
        pinocchio::{AccountView, cpi::Signer},
    },
    joule_math::Tokens,
    spl_token_2022_interface::{
        extension::{BaseStateWithExtensions, ExtensionType, StateWithExtensions},
        state::Mint,
    },
};

const ASSOCIATED_TOKEN_PROGRAM: Address = Address::from_str_const("ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL");
/// Bytes of a token account without extensions.
const SIZE: usize = 165;
/// With one byte for the account's type, and four for the immutable owner of associated accounts.
const SIZE_ASSOCIATED: usize = 170;
const INITIALIZED: u8 = 1;

/// Where anyone can pay `owner`: Joule's programs and this one pay there.
pub fn associated(owner: &Address, mint: &Address, token_program: &Address) -> Address {
    let seeds = [owner.as_ref(), token_program.as_ref(), mint.as_ref()];
    Address::find_program_address(&seeds, &ASSOCIATED_TOKEN_PROGRAM).0
}

/// Decimals of a mint whose tokens stay where they are and arrive as they were sent: of Token-2022, only extensions that describe.
/// A freeze authority may be there: what it freezes waits.
pub fn decimals(mint: &AccountView) -> Result<u8> {
    let is_token_program = [TOKEN_PROGRAM, TOKEN_2022_PROGRAM].iter().any(|program| address_eq(mint.owner(), program));
    require(is_token_program, Fault::WrongTokenProgram)?;
    let data = mint.try_borrow()?;
    let mint = StateWithExtensions::<Mint>::unpack(&data).map_err(|_| Fault::WrongMint)?;
    let describes = |extension: &ExtensionType| {
        use ExtensionType::*;
        matches!(
            extension,
            MetadataPointer
                | TokenMetadata
                | GroupPointer
                | GroupMemberPointer
                | TokenGroup
                | TokenGroupMember
                | InterestBearingConfig
                | ScaledUiAmount
        )
    };
    let extensions = mint.get_extension_types().map_err(|_| Fault::MintNotAllowed)?;
    require(extensions.iter().all(describes), Fault::MintNotAllowed)?;
    Ok(mint.base.decimals)
}

/// What an account holds, and whether it is frozen, at an address where nothing but one token account can be. Nothing while it
/// is not there.
pub fn holding(view: &AccountView, token_program: &Address) -> Result<(Tokens, bool)> {
    if !address_eq(view.owner(), token_program) {
        return Ok((Tokens(0), false));
    }
    let data = view.try_borrow()?;
    require(data.len() >= SIZE, Fault::InvalidTokenAccount)?;
    let mut amount = [0; 8];
    amount.copy_from_slice(&data[64..72]);
    Ok((Tokens(u64::from_le_bytes(amount)), data[108] != INITIALIZED))
}

/// Whether `owner`'s account, at its associated address, takes tokens now: it is there, its own, not frozen, and has no extension
/// with which it could refuse them.
pub fn takes(view: &AccountView, owner: &Address, token_program: &Address) -> bool {
    let Ok(data) = view.try_borrow() else { return false };
    address_eq(view.owner(), token_program)
        && (data.len() == SIZE || data.len() == SIZE_ASSOCIATED)
        && data[32..64] == *owner.as_ref()
        && data[108] == INITIALIZED
}

/// Who moves tokens out of the fanout's account.
pub struct Outgoing<'a> {
    /// The fanout's token account.
    pub income: &'a AccountView,
    /// The mint.
    pub mint: &'a AccountView,
    /// The fanout.
    pub fanout: &'a AccountView,
    /// The mint's token program, which was checked.
    pub token_program: &'a AccountView,
    /// The mint's decimals.
    pub decimals: u8,
}

impl Outgoing<'_> {
    /// Moves `amount`.
    pub fn transfer(&self, destination: &AccountView, amount: Tokens, signers: &[Signer]) -> Result<()> {
        const TRANSFER_CHECKED: u8 = 12;
        let mut data = [TRANSFER_CHECKED; 10];
        data[1..9].copy_from_slice(&amount.0.to_le_bytes());
        data[9] = self.decimals;
        Ok(call!(self.token_program.address(), &data, signers, [
            self.income => Access::WRITE,
            self.mint => Access::READ,
            destination => Access::WRITE,
            self.fanout => Access::SIGN,
        ])?)
    }

    /// Closes the token account.
    pub fn close(&self, receiver: &AccountView, signers: &[Signer]) -> Result<()> {
        const CLOSE_ACCOUNT: u8 = 9;
        Ok(call!(self.token_program.address(), &[CLOSE_ACCOUNT], signers, [
            self.income => Access::WRITE,
            receiver => Access::WRITE,
            self.fanout => Access::SIGN,
        ])?)
    }
}
