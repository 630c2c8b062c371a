/**
 * Joule's programs for `@solana/kit`: `bme`, `stake`, `escrow` and `identity` are the generated clients. What follows is the
 * same for all four: what an account or an event is, and what a failure means.
 *
 * @packageDocumentation
 */
export * as bme from './bme/index.js';
export * as escrow from './escrow/index.js';
export * as identity from './identity/index.js';
export * as stake from './stake/index.js';
export { type Explanation, explain, explainCode } from './errors.js';
export {
    type Accounts,
    type Decoded,
    type Description,
    type Events,
    type Layout,
    Program,
    eventsOf,
    programAt,
    programs,
} from './programs.js';
