import type {LockAnswer} from '../core/lock.ts';
import {rowsOf, wordOf} from './replies.ts';

/** Reads the reply of the script `lock`. */
export const lockAnswer = (reply: readonly string[]): LockAnswer => {
	const code = wordOf(reply, 'ok', 'held', 'waiting', 'deadlock', 'full', 'stale');
	const [, first = '', second = '', third = '', fourth = '', fifth = ''] = reply;
	switch (code) {
		case 'ok':
			return {code, owner: first, until: Number(second), fence: Number(third)};
		case 'held':
			return {code, owner: first, until: Number(second), name: third, since: Number(fourth), isWaiting: fifth === '1'};
		case 'waiting':
			return {code, position: Number(first), owner: second, name: third, since: Number(fourth)};
		case 'deadlock':
			return {code, ring: rowsOf(reply.slice(1), 2).map(([agent, name]) => ({agent: String(agent), name: String(name)}))};
		case 'full':
			return {code};
		case 'stale':
			return {code, reason: first === 'unlocked' ? 'unlocked' : 'superseded'};
	}
};
