//! Programs on top of Joule, on their ELFs and Joule's; and networks that exist, a month of each.

mod aethir;
mod akash;
mod bittensor;
mod fanout;
mod gensyn;
mod governance;
mod grass;
mod helium;
mod hivemapper;
mod io_net;
mod median_feed;
mod month;
mod nosana;
#[path = "../tests/integration/escrow/prover.rs"]
mod prover;
mod render;
mod scores;
mod voter;
