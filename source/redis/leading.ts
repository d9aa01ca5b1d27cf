import {AsyncLocalStorage} from 'node:async_hooks';

const leads = new AsyncLocalStorage<string>();

/**
 * Runs `write` as the leader with this token. Guarantee: each of its scripts carries the token and throws `LeadLost` without writing once
 * another room leads. Operations protected by a task's own token are not done as leader.
 */
export const asLeader = <T>(token: string, write: () => Promise<T>): Promise<T> => leads.run(token, write);

/** The token that scripts carry now, '' for none. */
export const leadingNow = (): string => leads.getStore() ?? '';
