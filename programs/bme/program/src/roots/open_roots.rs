use {
    crate::Result,
    joule_bme_interface::{
        ID,
        instruction::OpenRoots,
        pda,
        state::{Network, OracleSet},
    },
    joule_common::{AccountView, account, guard, guard::require, token},
    joule_interface::Fault,
};

/// See [`OpenRoots`].
pub fn open_roots(accounts: &[AccountView], data: &[u8]) -> Result<()> {
    let (a, ..) = OpenRoots::parse(accounts, data)?;
    guard::system_program(a.system_program)?;
    let network = account::keep::<Network>(a.network)?;
    guard::authority(a.authority, &network.authority)?;
    guard::address(a.mint, &network.mint)?;
    require(guard::eq(a.token_program.address(), &network.token_program), Fault::WrongTokenProgram)?;

    let address = a.network.address();
    let mut set = account::create::<OracleSet>(a.payer, a.oracle_set, &pda::oracle_set::seeds(address))?;
    set.network = *address;
    set.vault = *a.root_vault.address();
    let seeds = pda::root_vault::seeds(address);
    token::create_vault(a.payer, a.root_vault, &seeds, &ID, a.mint, address, a.token_program)?;
    Ok(())
}
