import {formatAge} from './age.ts';
import {agentName} from './agent.ts';
import type {LockAnswer, Locks} from './lock.ts';
import {locksExclude} from './paths.ts';

/** A lock's name as people read it: a path by itself. */
export const lockLabel = (name: string): string => name.replace(/^path:/, '');

/** Why a lock was not given, in one sentence with a full stop; `asked` is its name, `now` server time, epoch ms. */
export const tellLockRefusal = (asked: string, answer: Exclude<LockAnswer, {code: 'ok'}>, now: number): string => {
	const label = lockLabel(asked);
	switch (answer.code) {
		case 'held':
		case 'waiting': {
			const other = answer.name === asked ? '' : ` (\`${lockLabel(answer.name)}\`)`;
			const since = answer.since > 0 ? ` for ${formatAge(now - answer.since)}` : '';
			const verb = answer.code === 'held' && answer.isWaiting ? 'waited for' : 'locked';
			return `\`${label}\` is ${verb} by ${agentName(answer.owner)}${since}${other}.`;
		}
		case 'deadlock': {
			const links = answer.ring.map(({agent, name}, index) => {
				const next = answer.ring[(index + 1) % answer.ring.length]?.agent ?? agent;
				return `${agentName(agent)} for \`${lockLabel(name)}\` of ${agentName(next)}`;
			});
			return `Waiting for \`${label}\` would never end: ${links.join(', ')}.`;
		}
		case 'full':
			return 'There are too many locks already, or too many who wait for one.';
		case 'stale':
			return answer.reason === 'unlocked'
				? `A person took the lock \`${label}\` from you.`
				: 'This task was taken over: your token is superseded.';
	}
};

/** What lock an agent waits for, behind whom and how long, in one clause; '' where it waits for none. `now` is server time, epoch ms. */
export const tellWait = (agent: string, {locks, waiters}: Locks, now: number): string => {
	if (waiters.size === 0) return '';
	const queue = [...waiters.values()];
	const own = queue.find(waiter => waiter.agent === agent);
	if (!own) return '';
	const holder = [...locks.values()].find(({name, owner}) => owner.split(' ')[0] !== agent && locksExclude(name, own.name))?.owner;
	const before = queue.slice(0, queue.indexOf(own)).find(waiter => waiter.agent !== agent && locksExclude(waiter.name, own.name))?.agent;
	const behind = holder?.split(' ')[0] ?? before ?? '';
	return `lock ${lockLabel(own.name)}${behind === '' ? '' : ` of ${agentName(behind)}`}, waiting ${formatAge(now - own.since)}`;
};
