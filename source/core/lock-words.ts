import {agentName} from './agent.ts';
import type {LockAnswer} from './coordination.ts';
import {formatAge} from './why.ts';

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
