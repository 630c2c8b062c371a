use joule_interface::errors;

errors! {
    /// Errors of `stake`.
    pub enum StakeError = 2000 {
        WrongPool = 2100 => "an account belongs to another pool",
        WrongProvider = 2101 => "an account belongs to another provider",
        CommissionTooHigh = 2102 => "the commission is more than the whole",
        InsufficientShares = 2103 => "the delegation has fewer shares",
        InsufficientStake = 2104 => "the provider has fewer free tokens: the rest backs running jobs",
        NotRipe = 2105 => "the unbonding time has not passed yet",
        WrongSlasher = 2106 => "the bond was locked by another slasher",
        ProviderNotActive = 2107 => "the provider may not take jobs",
        SelfStakeTooLow = 2108 => "the provider's stake is below the pool's minimum",
        WrongPayer = 2109 => "the account to receive the rent is not the one that paid it",
    }
}
