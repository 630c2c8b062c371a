//! Instructions on beacons.

use {
    joule_interface::{Address, instruction},
    joule_math::Seconds,
};

instruction! {
    /// Opens a beacon of a machine, which is its first beat. The provider signs. A node has one beacon of its operator; a provider has one
    /// more for all that it runs without a node.
    ///
    /// As many jobs can be on it at once as its provider says: with a node at most as many as the GPUs of its class, and one where the class
    /// has none, because that is what attestors vouch for. Without a node nobody vouches for anything, and terms that ask for a class take
    /// no such beacon.
    pub OpenBeacon(OpenBeaconArgs) = 130 {
        accounts {
            /// Pays the rent.
            payer: [signer, writable],
            /// The provider.
            provider_authority: [signer],
            /// The beacon to create: its address is derived from provider and node, zero without one.
            beacon: [writable],
            /// The node, in service in its class, which the provider operates.
            node: [optional],
            /// The node's class in `identity`, if there is a node.
            class: [optional],
            /// System program.
            system_program: [],
        }
        args {
            /// A key of the machine that signs beats, as the provider may; zero: none. Whoever has it can do nothing else.
            machine_key: Address,
            /// Longest time from one beat to the next: 1 second to a year, and what the terms of its jobs say.
            interval: Seconds,
            /// Most jobs at once: 1 at least.
            capacity: u16,
        }
    }
}

instruction! {
    /// Says that a machine is alive, and with it all jobs on its beacon. Its key signs, or its provider. A beat that comes late is counted
    /// for each of these jobs, and its delay is not paid. No event: the beacon holds the time of its last beat.
    pub Beat(BeatArgs) = 131 {
        accounts {
            /// The beacon's key, or the provider.
            machine_key: [signer],
            /// The beacon.
            beacon: [writable],
        }
        args {}
    }
}

instruction! {
    /// Puts jobs on a beacon in the second in which they start: it measures them from now on, in place of their own heartbeats. The provider
    /// signs, in the transaction of the starts. Their terms must offer it, and ask for the beacon's interval. A job whose terms ask for a
    /// class must run on the beacon's node; one that asks for none notes that node. This is a beat.
    pub JoinBeacon(JoinBeaconArgs) = 132 {
        accounts {
            /// The provider.
            provider_authority: [signer],
            /// The beacon.
            beacon: [writable],
            /// The job that started.
            job: [writable],
        }
        remaining {
            /// Another job that started.
            jobs: [writable],
        }
        args {}
    }
}

instruction! {
    /// Tells running jobs what their beacon says of them up to now, or to the end of their time if that is over: their downtime, the
    /// heartbeats missed, and the last one. The first read at or after the end of its time is final: later the beacon may have forgotten.
    /// Anyone may call. Before [`SettleJob`](crate::instruction::SettleJob) it shows what has
    /// been earned. What ends a job needs it in the same transaction, if the job knows of no heartbeat in the last interval before its end.
    /// Jobs that do not run, or have left their beacon, are passed over: others may have been faster.
    pub ReadBeacon(ReadBeaconArgs) = 133 {
        accounts {
            /// The beacon.
            beacon: [],
            /// The job.
            job: [writable],
        }
        remaining {
            /// Another job on it.
            jobs: [writable],
        }
        args {}
    }
}

instruction! {
    /// Takes jobs off their beacon that have stopped: others can join. Anyone may call. A job can be closed or be replaced by another only
    /// afterwards. Jobs that run, or have left before, are passed over: others may have been faster.
    pub LeaveBeacon(LeaveBeaconArgs) = 134 {
        accounts {
            /// The beacon.
            beacon: [writable],
            /// The job.
            job: [writable],
        }
        remaining {
            /// Another job on it.
            jobs: [writable],
        }
        args {}
    }
}

instruction! {
    /// Closes a beacon that no job is on. The provider calls at any time, anyone once it has been silent for
    /// [`BEACON_CLOSING_DELAY`](crate::state::BEACON_CLOSING_DELAY). The rent goes back to whoever paid it.
    pub CloseBeacon(CloseBeaconArgs) = 135 {
        accounts {
            /// The provider, or anyone once it has been silent for long.
            caller: [signer],
            /// The beacon.
            beacon: [writable],
            /// Whoever paid the rent, and gets it back.
            rent_receiver: [writable],
        }
        args {}
    }
}
