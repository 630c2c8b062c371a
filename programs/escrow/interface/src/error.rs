use joule_interface::errors;

errors! {
    /// Errors of `escrow`.
    pub enum EscrowError = 3000 {
        WrongJobState = 3101 => "the job is not in a state in which this can be done",
        WrongProvider = 3102 => "the account belongs to another provider",
        WrongClient = 3103 => "the account belongs to another client",
        WrongPool = 3104 => "the account belongs to another stake pool",
        DurationOutOfRange = 3105 => "the duration is shorter or longer than the market allows",
        StartedLate = 3106 => "the time to start has passed",
        NotYetCancellable = 3107 => "only the client may cancel before the time to start has passed",
        ProviderNotEligible = 3108 => "the provider is not active, or its own stake is below the pool's minimum",
        NodeRequired = 3109 => "the market asks for a node",
        WrongNode = 3110 => "the node is not active, not operated by the provider, or of another network or class",
        WrongBond = 3111 => "the bond is not the one that the job locked",
        StillRunning = 3112 => "only client and provider may finish a job before its time is up",
        WrongPayer = 3113 => "the account to receive the rent is not the one that paid it",
        ResultByProviderOnly = 3114 => "only the provider gives a result",
        BondRequired = 3115 => "the job asks for a bond, or has one, and an account of it is left out",
        PostedAnew = 3116 => "the job was closed and posted anew since, perhaps on other terms",
    }
}
