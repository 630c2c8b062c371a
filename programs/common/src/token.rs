//! Token and Token-2022: reading accounts and mints in place, and the calls that move money.
//!
//! The first 165 bytes of a token account and 82 of a mint are the same in both programs. Source: `spl-token-interface`
//! 3.0, `state.rs`; extensions: `spl-token-2022-interface` 3.1, `extension/mod.rs`.

use {
    crate::{AccountView, Signer, account, guard},
    joule_interface::{Access, Address, Fault, TOKEN_2022_PROGRAM, TOKEN_PROGRAM, call},
    joule_math::Tokens,
    pinocchio::account::Ref,
    solana_program::pubkey::bytes_are_curve_point,
    spl_token_2022_interface::{
        extension::{BaseStateWithExtensions, ExtensionType, StateWithExtensions},
        state::Mint as Mint2022,
    },
};

/// A token program to call: an account, which is checked to be one of the two, or a [`Stored`] one.
pub trait Program {
    /// Its account.
    fn checked(&self) -> Result<&AccountView, Fault>;
}

impl Program for AccountView {
    #[inline(always)]
    fn checked(&self) -> Result<&AccountView, Fault> {
        guard::token_program(self)?;
        Ok(self)
    }
}

/// The token program that one of our accounts names: it was checked to be one of the two when that was written.
#[derive(Clone, Copy)]
pub struct Stored<'a>(&'a AccountView);

impl<'a> Stored<'a> {
    /// The account is the program that is named.
    #[inline(always)]
    pub fn new(account: &'a AccountView, named: &Address) -> Result<Self, Fault> {
        guard::require(guard::eq(account.address(), named), Fault::WrongTokenProgram)?;
        Ok(Self(account))
    }
}

impl Program for Stored<'_> {
    #[inline(always)]
    fn checked(&self) -> Result<&AccountView, Fault> {
        Ok(self.0)
    }
}

/// Calls a token program.
macro_rules! call_token {
    ($program:expr, $data:expr, $signers:expr, [$($view:expr => $access:expr),* $(,)?]) => {{
        let program = $program.checked()?;
        call!(program.address(), $data, $signers, [$($view => $access),*]).map_err(|_| Fault::CallFailed)
    }};
}

const ACCOUNT_LEN: usize = 165;
const MINT_LEN: usize = 82;
const MULTISIG_LEN: usize = 355;
/// In Token-2022, the byte behind the first 165 that says what an account with extensions is.
const ACCOUNT_TYPE_TOKEN: u8 = 2;

/// A token account, read in place.
#[derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable)]
#[repr(C, packed)]
pub struct TokenAccount {
    /// Its mint.
    pub mint: Address,
    /// Its owner.
    pub owner: Address,
    /// Its balance, base units.
    pub amount: u64,
    delegate: [u8; 36],
    state: u8,
    is_native: [u8; 12],
    delegated_amount: u64,
    close_authority: [u8; 36],
}
const _: () = assert!(size_of::<TokenAccount>() == ACCOUNT_LEN);

const INITIALIZED: u8 = 1;
const FROZEN: u8 = 2;

impl TokenAccount {
    /// The issuer of its mint froze it.
    #[inline(always)]
    pub fn is_frozen(&self) -> bool {
        self.state == FROZEN
    }
}

/// Reads a token account of either program: initialized and not frozen.
#[inline(always)]
pub fn load(view: &AccountView) -> Result<Ref<'_, TokenAccount>, Fault> {
    let account = read(view)?;
    guard::require(account.state == INITIALIZED, Fault::InvalidTokenAccount)?;
    Ok(account)
}

/// As [`load`], but it may be frozen.
#[inline(always)]
pub fn load_or_frozen(view: &AccountView) -> Result<Ref<'_, TokenAccount>, Fault> {
    let account = read(view)?;
    guard::require(account.state == INITIALIZED || account.is_frozen(), Fault::InvalidTokenAccount)?;
    Ok(account)
}

#[inline(always)]
fn read(view: &AccountView) -> Result<Ref<'_, TokenAccount>, Fault> {
    require_program(view)?;
    let data = view.try_borrow().map_err(|_| Fault::DuplicateAccount)?;
    require_account(&data)?;
    Ok(Ref::map(data, |data| bytemuck::from_bytes::<TokenAccount>(&data[..ACCOUNT_LEN])))
}

#[inline(always)]
fn require_program(view: &AccountView) -> Result<(), Fault> {
    let is_token_program = guard::eq(view.owner(), &TOKEN_PROGRAM) || guard::eq(view.owner(), &TOKEN_2022_PROGRAM);
    guard::require(is_token_program, Fault::InvalidTokenAccount)
}

/// A Token-2022 mint with extensions is longer than an account; the type byte tells them apart. A multisig has a length of its
/// own, and keys where the type would be.
#[inline(always)]
fn require_account(data: &[u8]) -> Result<(), Fault> {
    let is_longer = data.len() > ACCOUNT_LEN;
    if data.len() < ACCOUNT_LEN || is_longer && (data.len() == MULTISIG_LEN || data[ACCOUNT_LEN] != ACCOUNT_TYPE_TOKEN)
    {
        return Err(Fault::InvalidTokenAccount);
    }
    Ok(())
}

/// Whether a token account, initialized and not frozen, is `owner`'s. For the hot path: nothing is noted as borrowed.
#[inline(always)]
pub fn is_owned_by(view: &AccountView, owner: &Address) -> Result<bool, Fault> {
    require_program(view)?;
    view.check_borrow().map_err(|_| Fault::DuplicateAccount)?;
    // SAFETY: nobody is changing it, as was just checked, and what is read of it here is used up before anybody can.
    let data = unsafe { view.borrow_unchecked() };
    require_account(data)?;
    let account = bytemuck::from_bytes::<TokenAccount>(&data[..ACCOUNT_LEN]);
    guard::require(account.state == INITIALIZED, Fault::InvalidTokenAccount)?;
    Ok(guard::eq(&account.owner, owner))
}

/// The Associated Token Account program.
const ASSOCIATED_TOKEN_PROGRAM: Address = Address::from_str_const("ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL");

/// The address is that of `owner`'s associated token account. Whoever calls without the owner can pay only there: in any other
/// account of the owner's that a stranger makes, the owner may not look.
///
/// Nobody but that program makes a token account at one of these addresses, and it only uses the first bump that is no key: so no
/// address has to be shown to be none.
#[inline(never)]
pub fn is_associated(address: &Address, owner: &Address, mint: &Address, token_program: &Address) -> bool {
    const PROGRAM: &Address = &ASSOCIATED_TOKEN_PROGRAM;
    let mut parts =
        [owner.as_ref(), token_program.as_ref(), mint.as_ref(), &[], PROGRAM.as_ref(), account::DERIVED_ADDRESS_MARKER];
    account::BUMPS.chunks_exact(1).rev().any(|bump| {
        parts[3] = bump;
        guard::eq(&Address::new_from_array(crate::sha256(&parts)), address)
    })
}

/// A token account of `mint`; returns its balance.
#[inline(always)]
pub fn balance(view: &AccountView, mint: &Address) -> Result<Tokens, Fault> {
    let account = load(view)?;
    guard::require(guard::eq(&account.mint, mint), Fault::WrongMint)?;
    Ok(Tokens(account.amount))
}

/// A token account of `mint` out of which someone can move tokens: a key's, or the associated one of an address that a program
/// derived, such as a multisig's or a pool's. In other accounts of such addresses, as are vaults, what comes in is nobody's.
#[inline(never)]
pub fn require_reachable(view: &AccountView, mint: &Address) -> Result<(), Fault> {
    balance(view, mint)?;
    let owner = load(view)?.owner;
    let is_key = bytes_are_curve_point(owner);
    guard::require(is_key || is_associated(view.address(), &owner, mint, view.owner()), Fault::WrongTokenOwner)
}

/// The balance of a vault: a token account that one of our accounts names, created by its program and closed by nobody
/// else, so that its address says all.
#[inline(always)]
pub fn vault_balance(vault: &AccountView) -> Result<Tokens, Fault> {
    vault.check_borrow().map_err(|_| Fault::DuplicateAccount)?;
    guard::require(vault.data_len() >= ACCOUNT_LEN, Fault::InvalidTokenAccount)?;
    // SAFETY: the data is as long as was just checked, nobody is changing it, and a copy is taken.
    let account = unsafe { &*vault.data_ptr().cast::<TokenAccount>() };
    Ok(Tokens(account.amount))
}

/// What a program needs to know of a mint.
pub struct Mint {
    /// Tokens in existence.
    pub supply: Tokens,
    /// Decimals.
    pub decimals: u8,
}

/// Reads a mint of `token_program`.
#[inline(always)]
pub fn mint(view: &AccountView, token_program: &Address) -> Result<Mint, Fault> {
    guard::require(guard::eq(view.owner(), token_program), Fault::WrongTokenProgram)?;
    let data = view.try_borrow().map_err(|_| Fault::DuplicateAccount)?;
    if data.len() < MINT_LEN || data[45] != INITIALIZED {
        return Err(Fault::WrongMint);
    }
    let mut supply = [0; 8];
    supply.copy_from_slice(&data[36..44]);
    Ok(Mint { supply: Tokens(u64::from_le_bytes(supply)), decimals: data[44] })
}

/// Who may mint; `None` if nobody may.
pub fn mint_authority(view: &AccountView) -> Result<Option<Address>, Fault> {
    let data = view.try_borrow().map_err(|_| Fault::DuplicateAccount)?;
    let (tag, authority) = data.split_at_checked(36).ok_or(Fault::WrongMint)?.0.split_at(4);
    let authority = <[u8; 32]>::try_from(authority).map_err(|_| Fault::WrongMint)?;
    Ok((tag[0] == 1).then(|| Address::new_from_array(authority)))
}

/// Who may freeze accounts; `None` if nobody may, for good.
pub fn freeze_authority(view: &AccountView) -> Result<Option<Address>, Fault> {
    let data = view.try_borrow().map_err(|_| Fault::DuplicateAccount)?;
    let (tag, authority) = data.get(46..MINT_LEN).ok_or(Fault::WrongMint)?.split_at(4);
    let authority = <[u8; 32]>::try_from(authority).map_err(|_| Fault::WrongMint)?;
    Ok((tag[0] == 1).then(|| Address::new_from_array(authority)))
}

/// Refuses a mint with which a vault's tokens could be taken, frozen, taxed, hidden or made to vanish: a freeze
/// authority, or any Token-2022 extension but those that only describe.
#[inline(never)]
pub fn require_harmless(view: &AccountView) -> Result<(), Fault> {
    let data = view.try_borrow().map_err(|_| Fault::DuplicateAccount)?;
    let mint = StateWithExtensions::<Mint2022>::unpack(&data).map_err(|_| Fault::WrongMint)?;
    guard::require(mint.base.freeze_authority.is_none(), Fault::MintNotAllowed)?;
    let extensions = mint.get_extension_types().map_err(|_| Fault::MintNotAllowed)?;
    let harmless = |extension: &ExtensionType| {
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
    guard::require(extensions.iter().all(harmless), Fault::MintNotAllowed)
}

/// Refuses a mint whose amounts are shown as others than they are: what a price of it is a price of is then not told by its
/// decimals.
#[inline(never)]
pub fn require_unscaled(view: &AccountView) -> Result<(), Fault> {
    let data = view.try_borrow().map_err(|_| Fault::DuplicateAccount)?;
    let mint = StateWithExtensions::<Mint2022>::unpack(&data).map_err(|_| Fault::WrongMint)?;
    let extensions = mint.get_extension_types().map_err(|_| Fault::MintNotAllowed)?;
    let scales = |extension: &ExtensionType| {
        matches!(extension, ExtensionType::InterestBearingConfig | ExtensionType::ScaledUiAmount)
    };
    guard::require(!extensions.iter().any(scales), Fault::MintNotAllowed)
}

/// Creates a token account at the address that `seeds` derive from `program`, owned by `owner`.
#[inline(never)]
pub fn create_vault(
    payer: &AccountView,
    vault: &AccountView,
    seeds: &impl account::Seeds,
    program: &Address,
    mint: &AccountView,
    owner: &Address,
    token_program: &AccountView,
) -> Result<(), Fault> {
    // Harmless mints ask for no account extension that must be there at creation.
    create_vault_of(ACCOUNT_LEN, payer, vault, seeds, program, mint, owner, token_program)
}

/// As [`create_vault`], of this length.
#[allow(clippy::too_many_arguments, reason = "those of `create_vault`")]
#[inline(always)]
pub fn create_vault_of(
    length: usize,
    payer: &AccountView,
    vault: &AccountView,
    seeds: &impl account::Seeds,
    program: &Address,
    mint: &AccountView,
    owner: &Address,
    token_program: &AccountView,
) -> Result<(), Fault> {
    account::create_at(payer, vault, seeds, token_program.address(), length, program)?;
    const INITIALIZE_ACCOUNT_3: u8 = 18;
    let mut data = [INITIALIZE_ACCOUNT_3; 33];
    data[1..].copy_from_slice(owner.as_ref());
    call_token!(token_program, &data, &[], [
        vault => Access::WRITE,
        mint => Access::READ,
    ])
}

/// Closes an empty token account of `owner`; its lamports go to `receiver`.
pub fn close(
    token_program: &AccountView,
    vault: &AccountView,
    receiver: &AccountView,
    owner: &AccountView,
    signers: &[Signer],
) -> Result<(), Fault> {
    const CLOSE_ACCOUNT: u8 = 9;
    call_token!(token_program, &[CLOSE_ACCOUNT], signers, [
        vault => Access::WRITE,
        receiver => Access::WRITE,
        owner => Access::SIGN,
    ])
}

/// Who moves tokens between which accounts.
pub struct Transfer<'a, P = AccountView> {
    /// Pays.
    pub source: &'a AccountView,
    /// Their mint.
    pub mint: &'a AccountView,
    /// Receives.
    pub destination: &'a AccountView,
    /// Owner of the source.
    pub authority: &'a AccountView,
    /// The mint's token program.
    pub token_program: &'a P,
}

impl<P: Program> Transfer<'_, P> {
    /// Moves `amount`.
    #[inline(always)]
    pub fn invoke_signed(&self, amount: Tokens, decimals: u8, signers: &[Signer]) -> Result<(), Fault> {
        const TRANSFER_CHECKED: u8 = 12;
        call_token!(self.token_program, &checked(TRANSFER_CHECKED, amount, decimals), signers, [
            self.source => Access::WRITE,
            self.mint => Access::READ,
            self.destination => Access::WRITE,
            self.authority => Access::SIGN,
        ])
    }

    /// Moves `amount`, all of it: if the mint takes a fee of transfers, the token program fails the call. The mint has an extension
    /// for such fees, or is of Token-2022.
    #[inline(never)]
    pub fn invoke_without_fee(&self, amount: Tokens, decimals: u8, signers: &[Signer]) -> Result<(), Fault> {
        const TRANSFER_FEE_EXTENSION: u8 = 26;
        const TRANSFER_CHECKED_WITH_FEE: u8 = 1;
        // The last eight bytes are the fee that is expected: zero.
        let mut data = [0; 19];
        data[..2].copy_from_slice(&[TRANSFER_FEE_EXTENSION, TRANSFER_CHECKED_WITH_FEE]);
        data[2..10].copy_from_slice(&amount.0.to_le_bytes());
        data[10] = decimals;
        call_token!(self.token_program, &data, signers, [
            self.source => Access::WRITE,
            self.mint => Access::READ,
            self.destination => Access::WRITE,
            self.authority => Access::SIGN,
        ])
    }

    /// Moves `amount` into a vault (see [`vault_balance`]); returns what arrived, by the vault's own balance.
    #[inline(always)]
    pub fn invoke_measured(&self, amount: Tokens, decimals: u8, signers: &[Signer]) -> Result<Tokens, Fault> {
        let before = vault_balance(self.destination)?;
        self.invoke_signed(amount, decimals, signers)?;
        Ok(vault_balance(self.destination)?.minus(before)?)
    }
}

/// Mints `amount` to `destination`.
#[inline(always)]
pub fn mint_to(
    token_program: &impl Program,
    mint: &AccountView,
    destination: &AccountView,
    authority: &AccountView,
    amount: Tokens,
    decimals: u8,
    signers: &[Signer],
) -> Result<(), Fault> {
    const MINT_TO_CHECKED: u8 = 14;
    call_token!(token_program, &checked(MINT_TO_CHECKED, amount, decimals), signers, [
        mint => Access::WRITE,
        destination => Access::WRITE,
        authority => Access::SIGN,
    ])
}

/// Whether the mint is wrapped SOL, of either token program: neither burns it.
pub fn is_native(mint: &Address) -> bool {
    const NATIVE: Address = Address::from_str_const("So11111111111111111111111111111111111111112");
    const NATIVE_2022: Address = Address::from_str_const("9pan9bMn5HatX4EJdBwg9VgCa7Uz5HL8N1m5D3NdXej9");
    guard::eq(mint, &NATIVE) || guard::eq(mint, &NATIVE_2022)
}

/// Burns `amount` from `source`.
#[inline(always)]
pub fn burn(
    token_program: &impl Program,
    source: &AccountView,
    mint: &AccountView,
    authority: &AccountView,
    amount: Tokens,
    decimals: u8,
    signers: &[Signer],
) -> Result<(), Fault> {
    const BURN_CHECKED: u8 = 15;
    call_token!(token_program, &checked(BURN_CHECKED, amount, decimals), signers, [
        source => Access::WRITE,
        mint => Access::WRITE,
        authority => Access::SIGN,
    ])
}

/// Hands the mint's authority to `to`. The token program fails the call if `from` does not have it.
pub fn hand_over_mint(
    token_program: &AccountView,
    mint: &AccountView,
    from: &AccountView,
    to: &Address,
) -> Result<(), Fault> {
    const MINT_TOKENS: u8 = 0;
    let mut data = [0; 35];
    data[..3].copy_from_slice(&[SET_AUTHORITY, MINT_TOKENS, 1]);
    data[3..].copy_from_slice(to.as_ref());
    call_token!(token_program, &data, &[], [
        mint => Access::WRITE,
        from => Access::SIGN,
    ])
}

/// Ends freezing: from now on the mint has no freeze authority, and never gets one. `from` has it; if it is an address of the
/// program, `signers` are its seeds.
pub fn end_freezing(
    token_program: &AccountView,
    mint: &AccountView,
    from: &AccountView,
    signers: &[Signer],
) -> Result<(), Fault> {
    const FREEZE_ACCOUNT: u8 = 1;
    call_token!(token_program, &[SET_AUTHORITY, FREEZE_ACCOUNT, 0], signers, [
        mint => Access::WRITE,
        from => Access::SIGN,
    ])
}

const SET_AUTHORITY: u8 = 6;

#[inline(always)]
fn checked(tag: u8, amount: Tokens, decimals: u8) -> [u8; 10] {
    let mut data = [tag; 10];
    data[1..9].copy_from_slice(&amount.0.to_le_bytes());
    data[9] = decimals;
    data
}

#[cfg(test)]
mod tests {
    use {super::*, crate::entrypoint::tests::account_of, core::mem::forget};

    #[test]
    fn a_vaults_balance_is_read_while_nobody_changes_it() {
        let mut account = [0; ACCOUNT_LEN];
        account[64..72].copy_from_slice(&7u64.to_le_bytes());
        let mut bytes = account_of(&TOKEN_PROGRAM, &account);
        // SAFETY: an account lies there, as the runtime writes it.
        let view = unsafe { AccountView::new_unchecked(bytes.as_mut_ptr().cast()) };
        assert_eq!(vault_balance(&view), Ok(Tokens(7)));
        forget(view.try_borrow());
        assert_eq!(vault_balance(&view), Ok(Tokens(7)));

        let mut bytes = account_of(&TOKEN_PROGRAM, &account);
        // SAFETY: as before.
        let mut view = unsafe { AccountView::new_unchecked(bytes.as_mut_ptr().cast()) };
        forget(view.try_borrow_mut());
        assert_eq!(vault_balance(&view), Err(Fault::DuplicateAccount));

        let mut bytes = account_of(&TOKEN_PROGRAM, &account[1..]);
        // SAFETY: as before.
        let view = unsafe { AccountView::new_unchecked(bytes.as_mut_ptr().cast()) };
        assert_eq!(vault_balance(&view), Err(Fault::InvalidTokenAccount));
    }
}
