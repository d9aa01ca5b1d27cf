import {AsyncLocalStorage} from 'node:async_hooks';

const leads = new AsyncLocalStorage<string>();

/**
 * Writes as the leader with this token: each script that `write` runs carries it, and throws `LeadLost` without having written anything once another leads.
 * For the call alone: what a task's own token protects is not done as the leader.
 */
export const asLeader = <T>(token: string, write: () => Promise<T>): Promise<T> => leads.run(token, write);

/** The token that a script carries now, '' for none. */
export const leadingNow = (): string => leads.getStore() ?? '';
