/** How long rules that can be put in force stay so. */
export const POLICY_WINDOW = 1209600;

/** How many attestors a registry can have. */
export const MAX_ATTESTORS = 32;

/** How many attestations a node holds. */
export const MAX_ATTESTATIONS = 8;

/** In service. `Node::status`: in service, or the sum of the reasons why it is not. */
export const STATUS_ACTIVE = 1;

/** Its leaf was proved to be gone, or another's. Ends when the leaf's owner proves it again. `Node::status`: in service, or the sum of the reasons why it is not. */
export const STATUS_LOST = 2;

/** Suspended by the network. `Node::status`: in service, or the sum of the reasons why it is not. */
export const STATUS_SUSPENDED = 4;

/** Revoked by the network: neither the machine's NFT nor its specification can be used again. `Node::status`: in service, or the sum of the reasons why it is not. */
export const STATUS_REVOKED = 8;

/** It can never be transferred again. What the network does to a leaf of a collection, in the registry's name. */
export const CONTROL_BIND = 0;

/** It can be neither transferred nor burned by its owner. What the network does to a leaf of a collection, in the registry's name. */
export const CONTROL_FREEZE = 1;

/** Ends that. What the network does to a leaf of a collection, in the registry's name. */
export const CONTROL_THAW = 2;

/** It is burned. What the network does to a leaf of a collection, in the registry's name. */
export const CONTROL_BURN = 3;
