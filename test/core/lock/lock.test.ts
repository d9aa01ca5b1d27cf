import {expect, test} from 'vitest';
import type {Lock, Waiter} from '../../../source/core/lock/lock.ts';
import {tellLockRefusal, tellWait} from '../../../source/core/lock/lock.ts';

const lock = (name: string, owner: string): [string, Lock] => [name, {name, owner, until: 0, takenAt: 1000}];
const waiter = (agent: string, name: string): [string, Waiter] => [`${agent} ${name}`, {agent, name, since: 5000, until: 99_000}];

test('who waits says for what, behind whom and how long', () => {
	const locks = new Map([lock('path:src/**', 'agent:dev:001 7:x'), lock('path:docs', 'agent:dev:002 8:x')]);
	const waiters = new Map([
		waiter('agent:dev:002', 'path:src/db'),
		waiter('agent:dev:003', 'path:docs/a'),
		waiter('agent:dev:004', 'path:x'),
	]);
	const told = (agent: string): string => tellWait(agent, {locks, waiters}, 65_000);
	expect(told('agent:dev:002')).toBe('lock src/db held by dev-1, waiting 1m');
	expect(told('agent:dev:003')).toBe('lock docs/a held by dev-2, waiting 1m');
	expect(told('agent:dev:004')).toBe('lock x, waiting 1m');
	expect(told('agent:dev:001')).toBe('');
	const behind = new Map([waiter('agent:dev:005', 'path:**'), waiter('agent:dev:006', 'path:y')]);
	expect(tellWait('agent:dev:006', {locks: new Map(), waiters: behind}, 9000)).toBe('lock y held by dev-5, waiting 4s');
});

test('a refusal says who is in the way', () => {
	const held = {code: 'held', owner: 'agent:dev:002', until: 0, name: 'path:src/**', since: 1000, isWaiting: false} as const;
	const said = (answer: Parameters<typeof tellLockRefusal>[1]): string => tellLockRefusal('path:src/db', answer, 181_000);
	expect(said(held)).toBe('`src/db` is locked by dev-2 for 3m (`src/**`).');
	expect(said({...held, name: 'path:src/db', isWaiting: true})).toBe('`src/db` is reserved for dev-2 for 3m.');
	expect(said({code: 'full'})).toBe('Too many locks, or too many agents that wait for one.');
	expect(said({code: 'stale', reason: 'superseded'})).toBe('This task was reassigned: your token is superseded.');
});
