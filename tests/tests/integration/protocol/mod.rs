//! All four programs together.

mod costs;
mod month;
mod page;
mod year;

use joule_interface::ProgramSpec;

const PROGRAMS: [ProgramSpec; 4] = [
    joule_bme_interface::SPEC,
    joule_stake_interface::SPEC,
    joule_escrow_interface::SPEC,
    joule_identity_interface::SPEC,
];
