import {createHash} from 'node:crypto';
import {setTimeout as wait} from 'node:timers/promises';
import type {RedisConnection} from '../../source/redis/connection.ts';
import type {LoadedScript} from '../../source/redis/scripts/table.ts';

/** A guarantee and the text of the scripts in which it stands, taken out: a soak that does not notice proves nothing. */
type Patch = {readonly scripts: readonly string[]; readonly from: string; readonly to: string};

/** Every script that may lease a task, the claim first. */
const LEASING = ['claim', 'complete', 'submit', 'fail', 'release', 'reclaim', 'sweep', 'register', 'cancel', 'plan', 'decide'];

const PATCHES: Readonly<Record<string, readonly Patch[]>> = {
	/** Whoever comes with a token of the past may complete. */
	'no-token-check': [
		{
			scripts: ['complete'],
			from: "if task.state ~= 'leased' or token == '' or task.token ~= token then",
			to: "if task.state ~= 'leased' then",
		},
	],
	/** The owner is its own token: the same at each of its claims. */
	'token-of-owner': [
		{
			scripts: LEASING,
			from: "digits(redis.call('INCR', key('fencing'))) .. ':' .. call.nonce",
			to: "'of:' .. member.id",
		},
	],
	/** No lease has a deadline: whoever dies with one and never comes back keeps it for ever. */
	'no-lease': [
		{scripts: LEASING, from: "redis.call('ZADD', key('leases'), leaseUntil, id)", to: ''},
		{scripts: ['heartbeat', 'renew'], from: "redis.call('ZADD', key('leases'), now + leaseMs, id)", to: ''},
	],
	/** A script that is sent again runs again. */
	'no-op-id': [
		{scripts: ['complete', 'claim', 'submit'], from: "local first = redis.call('HGET', once_answers, once_asked)", to: 'local first = nil'},
	],
	/** A lease that ends without success leaves its task nowhere. */
	'lost-on-reclaim': [{scripts: ['reclaim'], from: 'fragments.queues_settle(task, delayMs, fields)', to: "put(fields, 'state', 'ready')"}],
	/** A task does not wait for what it comes after. */
	'no-waiting': [{scripts: ['submit'], from: 'name = fragments.features_nameOf(id, known, task.feature, fresh)', to: 'name = nil'}],
};

/** Takes the best entry out of its queue first and claims afterwards, as `BRPOP` with a later `SET NX` does. Dead in between: the task is lost. */
const POP = "local id = redis.call('ZPOPMIN', KEYS[1])\nreturn id";
const POP_FIRST = 'pop-before-claim';
const BETWEEN_MS = 10;

export const MUTANTS: readonly string[] = [...Object.keys(PATCHES), POP_FIRST];

/** The script with a mutant's patches; itself where they do not touch it. Throws where a patch does not fit its text any more. */
const patched = (script: LoadedScript, patches: readonly Patch[]): LoadedScript => {
	// A patch that no longer meets its text would break nothing and be called survived.
	if (patches.some(({scripts, from}) => scripts[0] === script.name && !script.text.includes(from)))
		throw new Error(`The mutant does not fit \`${script.name}\` any more.`);
	const own = patches.filter(({scripts, from}) => scripts.includes(script.name) && script.text.includes(from));
	if (own.length === 0) return script;
	const text = own.reduce((before, patch) => before.replaceAll(patch.from, patch.to), script.text);
	return {name: script.name, text, sha: createHash('sha1').update(text).digest('hex')};
};

/** The first script of a mutant as it breaks it; '' for one that breaks no text. */
export const brokenText = (mutant: string, load: (name: string) => LoadedScript): string => {
	const patches = PATCHES[mutant] ?? [];
	return patches.map(({scripts}) => patched(load(scripts[0] ?? ''), patches).text).join('');
};

/** The connection with its scripts broken on the way: the room's own code knows nothing of it. '' breaks nothing. */
export const mutated = (inner: RedisConnection, mutant: string): RedisConnection => {
	if (mutant === '') return inner;
	if (!MUTANTS.includes(mutant)) throw new Error(`There is no mutant \`${mutant}\`; there are ${MUTANTS.join(', ')}.`);
	const known = new Map<string, LoadedScript>();
	return {
		...inner,
		get isConnected() {
			return inner.isConnected;
		},
		async run(script, keys, args) {
			const queue = 'workflow:tasks:priority:developer';
			const isPop = mutant === POP_FIRST && script.name === 'claim' && args.includes('develop');
			const popped = isPop ? ((await inner.call('EVAL', POP, 1, queue)) as string[]) : [];
			if (popped[0]) {
				await wait(BETWEEN_MS);
				await inner.call('ZADD', queue, String(popped[1]), popped[0]);
			}
			const broken = known.get(script.name) ?? patched(script, PATCHES[mutant] ?? []);
			known.set(script.name, broken);
			return inner.run(broken, keys, args);
		},
	};
};
