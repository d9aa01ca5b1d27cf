import {type ChildProcess, execFileSync, fork} from 'node:child_process';
import {randomUUID} from 'node:crypto';
import {once} from 'node:events';
import {readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {setTimeout as wait} from 'node:timers/promises';
import type {Coordination} from '../../../source/core/team/coordination.ts';
import {createCoordination} from '../../../source/redis/coordination.ts';
import {coordinationOn, submission} from '../../helpers/coordination.ts';
import {type HostApart, openTeamApart, type TeamApart} from '../../helpers/hosts-apart.ts';
import {WAYS} from '../../helpers/hub-redis.ts';
import {node} from '../../helpers/program.ts';
import {namesAndValues} from '../entries.ts';
import {createRandom, type Random} from '../random.ts';
import {type HostsEvidence, type HostsVerdict, judgeHosts} from './judge.ts';

export type HostsPlan = {
	readonly folder: string;
	readonly hosts: number;
	/** Agents of each host. */
	readonly developers: number;
	readonly reviewers: number;
	readonly tasks: number;
	readonly seed: number;
	/** The hub has Sentinels, and its Redis is taken over by another instead of killed. Then no recorder looks on: fewer than 20,000 entries. */
	readonly hasFailovers: boolean;
	/** Rooms take an answer for done that no copy has: failovers lose more of what they have seen. What is submitted waits for a copy. */
	readonly isRough: boolean;
	/** After so long nothing is broken any more, and after so long again what is not done will never be, ms. */
	readonly chaosMs: number;
	readonly peaceMs: number;
};

export type HostsOutcome = {
	/** '' for namespaces, else why there were none. */
	readonly why: string;
	readonly seconds: number;
	readonly faults: Readonly<Record<string, number>>;
	readonly verdict: HostsVerdict;
};

const LEASE_MS = 3000;

/** A test that passes says of which commit; half of a task's work never passes. */
const TEST = 'cat *.txt | grep -q half && exit 1; sleep 0.1; git rev-parse HEAD >>"$STORY/tested"';

/** JSON is YAML. */
const configOf = ({developers, reviewers, hasFailovers, isRough}: HostsPlan): string =>
	JSON.stringify({
		base: 'main',
		...(hasFailovers && !isRough ? {durability: 'replicated'} : {}),
		merge: 'push',
		test: TEST,
		lease: `${LEASE_MS}ms`,
		backoff: '100ms',
		sandbox: 'off',
		env: ['STORY'],
		harnesses: {mine: {command: [join(import.meta.dirname, 'agent.sh')], finish: 'exit'}},
		team: [
			{role: 'developer', harness: 'mine', count: developers},
			{role: 'code-sentinel', harness: 'mine', count: reviewers},
		],
	});

const STREAM = 'workflow:events';

const ATTEMPTS = 60;

/** So long does a person look at a frozen team before it decides, ms. */
const PERSON_MS = 25_000;

/** How often something is broken, mean gap in ms; all at random moments. With more than `OFTEN` tasks the faults spread over the longer run. */
const OFTEN = 500;
const GAPS = {cut: 12_000, kill: 25_000, redis: 40_000, remote: 45_000} as const;

/** A host of the run and its worker, which is started again whenever it has ended, as a service is. */
type Kept = {readonly host: HostApart; isOff: boolean; isBusy: boolean; worker: ChildProcess | undefined};

const keepWorker = (kept: Kept, onEnd: (code: number | null) => void): void => {
	const worker = kept.host.start('worker', '--json');
	kept.worker = worker;
	worker.once('exit', code => {
		if (kept.worker !== worker) return;
		kept.worker = undefined;
		if (kept.isOff) return;
		onEnd(code);
		setTimeout(() => {
			if (!kept.isOff) keepWorker(kept, onEnd);
		}, 1000);
	});
};

const lines = (text: string): readonly string[] => text.split('\n').filter(Boolean);

/** What stands on the hub and in the clones after a run; the clones of all hosts are read as their persons would. */
const readHostsEvidence = (
	{remote, files: story, hosts}: TeamApart,
	streamFile: string,
	told: Pick<HostsEvidence, 'submitted' | 'crashes'>,
): HostsEvidence => {
	const git = (...args: readonly string[]): string =>
		execFileSync('git', ['--git-dir', remote, ...args], {encoding: 'utf8', maxBuffer: 2 ** 28, stdio: ['ignore', 'pipe', 'pipe']});
	const entries = lines(readFileSync(streamFile, 'utf8')).map(line => JSON.parse(line) as string[]);
	const end = entries.at(-1)?.[0] === 'end' ? entries.pop() : undefined;
	const format = '%H %(trailers:key=Room-Task,valueonly,separator=%x20)';
	const merges = lines(git('log', '--first-parent', '--reverse', `--format=${format}`, 'main')).map(line => line.trim().split(' '));
	const [first = ['']] = merges;
	const stood = lines(git('reflog', '--format=%H', 'main')).toReversed();
	const files = lines(git('ls-tree', '--name-only', 'main')).filter(name => name.endsWith('.txt'));
	return {
		...told,
		stream: entries,
		added: Number(end?.[1] ?? -1),
		missed: end?.[2] ?? 'the recorder did not close its file',
		merges: merges.slice(1).map(([commit = '', ...tasks]) => ({commit, tasks})),
		stood: stood.filter(commit => commit !== first[0]),
		tested: new Set(lines(readFileSync(join(story, 'tested'), 'utf8'))),
		files: new Map(files.map(name => [name, git('cat-file', 'blob', `main:${name}`)])),
		clones: hosts.map(host => ({
			name: `host ${host.number}`,
			head: host.git('rev-parse', 'main'),
			status: host.git('status', '--porcelain'),
		})),
		fsck: [git('fsck', '--full', '--no-dangling'), ...hosts.map(host => host.git('fsck', '--full', '--no-dangling'))].join('\n').trim(),
	};
};

type Asks = <T>(work: (coordination: Coordination) => Promise<T>) => Promise<T>;

/** Asks the Redis of the hub; where it fails over, by a connection of its own each time, to the server that takes writes then. */
const asking = async (team: TeamApart, {hasFailovers}: HostsPlan): Promise<{readonly asks: Asks; readonly close: () => void}> => {
	if (!hasFailovers) {
		const connection = await team.connect();
		return {asks: work => work(coordinationOn(connection)), close: connection.close};
	}
	const asks: Asks = async work => {
		const connection = await team.connect();
		try {
			return await work(createCoordination({connection, namespace: 'workflow', newOpId: randomUUID, isReplicated: true}));
		} finally {
			connection.close();
		}
	};
	return {asks, close: () => undefined};
};

/** How often the record is asked for, a second apart: a primary of a moment ago may be hard to reach. */
const READINGS = 20;

/** The record as the recorder would have copied it. */
const readRecord = async (team: TeamApart, file: string, readings = READINGS): Promise<void> => {
	try {
		await readOnce(team, file);
	} catch (error) {
		if (readings <= 1) throw error;
		await wait(1000);
		await readRecord(team, file, readings - 1);
	}
};

const readOnce = async (team: TeamApart, file: string): Promise<void> => {
	const connection = await team.connect();
	const rows: string[] = [];
	for (let from = '-'; ; ) {
		const entries = (await connection.call('XRANGE', STREAM, from, '+', 'COUNT', 2000)) as readonly (readonly [
			string,
			readonly string[],
		])[];
		rows.push(...entries.map(([id, fields]) => JSON.stringify([id, ...namesAndValues(fields)])));
		const last = entries.at(-1)?.[0];
		if (last === undefined) break;
		from = `(${last}`;
	}
	const facts = ((await connection.call('XINFO', 'STREAM', STREAM)) as readonly unknown[]).map(String);
	const fact = (name: string): string => facts[facts.indexOf(name) + 1] ?? '';
	const missed = fact('max-deleted-entry-id');
	rows.push(JSON.stringify(['end', fact('entries-added'), missed === '0-0' ? '' : missed]));
	writeFileSync(file, `${rows.join('\n')}\n`);
	connection.close();
};

/** Submits until each was acknowledged: a third at once, the rest spread over what is left of the time. Each says how long its work takes, in tenths of a second. */
const submitAll = async (
	asks: Asks,
	{tasks, chaosMs}: HostsPlan,
	random: Random,
	submitted: string[],
	isOver: () => boolean,
): Promise<void> => {
	for (let number = 0; number < tasks; number++) {
		const id = `s-${String(number).padStart(4, '0')}-0.${Math.floor(random.between(1, 10))}`;
		const write = () => asks(coordination => coordination.submit(submission({id, title: `Do ${id}`, attempts: ATTEMPTS})));
		while (!isOver()) {
			const isThere = await write().then(
				() => true,
				() => false,
			);
			if (isThere) break;
			await wait(100);
		}
		if (isOver()) return;
		submitted.push(id);
		if (number > tasks / 3) await wait(((chaosMs / tasks) * 3) / 4);
	}
};

/** One run in an empty folder: hosts at work while links, hosts, the hub's Redis and the remote are broken at random; then peace, and the judge. */
export const runHosts = async (plan: HostsPlan, print: (text: string) => void, breakOff: AbortSignal): Promise<HostsOutcome> => {
	const random = createRandom(plan.seed);
	const began = performance.now();
	const team = await openTeamApart(plan.folder, {
		hosts: plan.hosts,
		files: {'agent-room.yaml': configOf(plan)},
		hasSentinels: plan.hasFailovers,
	});
	const faults: Record<string, number> = {};
	const crashes: string[] = [];
	const submitted: string[] = [];
	const state = {isOver: false, isPeace: false};
	const fault = (kind: string, what = ''): void => {
		faults[kind] = (faults[kind] ?? 0) + 1;
		print(`${((performance.now() - began) / 1000).toFixed(1).padStart(6)} s  ${kind}${what}`);
	};
	const streamFile = join(plan.folder, 'stream.jsonl');
	const recording = [await team.redis.socket(), STREAM, streamFile, team.redis.password];
	const recorder = plan.hasFailovers ? undefined : fork(join(import.meta.dirname, '..', 'recorder.ts'), recording, {execPath: node});
	const {asks, close} = await asking(team, plan);
	const kept: readonly Kept[] = team.hosts.map(host => ({host, isOff: false, isBusy: false, worker: undefined}));
	const live = (one: Kept): void =>
		keepWorker(one, code => {
			// A start that cannot reach Redis or the remote is refused (3), and tried again, as a service is; anything else is a crash.
			fault(`worker-ended-${code}`, ` (host ${one.host.number})`);
			if (code === 2) throw new Error(`a worker refuses what it is given: ${one.host.log().slice(-1000)}`);
			if (code !== 3) crashes.push(`host ${one.host.number}: its worker ended with ${code}: ${one.host.log().slice(-500)}`);
		});
	const withHost = async (work: (one: Kept) => Promise<void>): Promise<void> => {
		const one = random.pick(kept.filter(({isBusy}) => !isBusy));
		if (!one) return;
		one.isBusy = true;
		await work(one).finally(() => {
			one.isBusy = false;
		});
	};
	/** As long as a peace has not begun. */
	const pause = async (ms: number): Promise<void> => {
		const endsAt = performance.now() + ms;
		while (performance.now() < endsAt && !state.isPeace) await wait(50);
	};
	const busy = {redis: false, remote: false};
	const apart = async (kind: keyof typeof busy, leave: () => Promise<void>, ms: number, comeBack: () => Promise<void>): Promise<void> => {
		if (busy[kind]) return;
		busy[kind] = true;
		fault(kind === 'redis' ? 'kill-redis' : 'remote-away', ` for ${(ms / 1000).toFixed(1)} s`);
		await leave();
		await pause(ms);
		await comeBack();
		busy[kind] = false;
	};
	const failOver = async (): Promise<void> => {
		// One at a time: of two servers that hang, none can take over.
		if (busy.redis) return;
		busy.redis = true;
		const way = random.pick(WAYS) ?? 'kill';
		fault(`failover-${way}`);
		const since = performance.now();
		await team.failOver(way).finally(() => {
			busy.redis = false;
		});
		print(`         another primary with a copy after ${((performance.now() - since) / 1000).toFixed(1)} s`);
	};
	const FAULTS: Readonly<Record<keyof typeof GAPS, () => Promise<void>>> = {
		cut: () =>
			withHost(async ({host}) => {
				const ms = random.between(0.2, random.next() < 0.3 ? 6 : 2) * LEASE_MS;
				fault('cut', ` host ${host.number} for ${(ms / 1000).toFixed(1)} s`);
				host.cut();
				await pause(ms);
				host.heal();
			}),
		kill: () =>
			withHost(async one => {
				const ms = random.between(0, 4) * LEASE_MS;
				fault('kill-host', ` ${one.host.number}, back after ${(ms / 1000).toFixed(1)} s`);
				one.isOff = true;
				await one.host.kill();
				await pause(ms);
				one.host.boot();
				one.isOff = false;
				live(one);
			}),
		redis: () => (plan.hasFailovers ? failOver() : apart('redis', team.killRedis, random.between(0, 4000), team.startRedis)),
		remote: () => apart('remote', team.remoteLeaves, random.between(1000, 15_000), team.remoteComesBack),
	};
	const running = new Set<Promise<void>>();
	const strike = async (kind: keyof typeof GAPS): Promise<void> => {
		for (;;) {
			// The gaps of a Poisson process: no two runs of faults have a rhythm in common.
			await pause(-Math.log(1 - random.next()) * GAPS[kind] * Math.max(1, plan.tasks / OFTEN));
			if (state.isPeace) return;
			const work = FAULTS[kind]().catch((error: unknown) => {
				crashes.push(`${kind}: ${error instanceof Error ? error.message : String(error)}`);
			});
			running.add(work);
			void work.finally(() => running.delete(work));
		}
	};
	/** A failover that has lost what a room has seen freezes the team: where it does not go on by itself, its person decides, as the guide says. */
	const decides = async (): Promise<void> => {
		let since: number | undefined;
		while (plan.hasFailovers && !state.isOver) {
			await wait(500);
			const lost = await asks(async coordination => (await coordination.snapshot()).team.control.recovery).catch(() => undefined);
			if (lost === undefined) continue;
			if (lost === '' && since !== undefined) fault('goes-on', ` after ${((performance.now() - since) / 1000).toFixed(1)} s`);
			if (lost !== '' && since === undefined) fault('lost-what-was-seen', ` (${lost})`);
			since = lost === '' ? undefined : (since ?? performance.now());
			const one = since === undefined || performance.now() - since < PERSON_MS ? undefined : kept.find(({isOff}) => !isOff);
			if (!one) continue;
			fault('person-rebuilds', ` (${lost})`);
			await one.host.must('rebuild').catch(error => print(`         ${String(error).slice(0, 300)}`));
		}
	};
	const isMerged = async (): Promise<boolean> => {
		if (submitted.length < plan.tasks) return false;
		if (!recorder) return asks(async coordination => (await coordination.snapshot()).team.counts.merged >= plan.tasks).catch(() => false);
		const known = new Set(
			lines(readFileSync(streamFile, 'utf8')).flatMap(line => (/"task_merged"/.test(line) ? [/s-\d{4}-0\.\d/.exec(line)?.[0] ?? ''] : [])),
		);
		return submitted.every(id => known.has(id));
	};
	const untilMerged = async (ms: number): Promise<void> => {
		const endsAt = performance.now() + ms;
		while (performance.now() < endsAt && !breakOff.aborted && !(await isMerged())) await wait(1000);
	};
	const isEqual = (): boolean => {
		const base = team.hosts[0]?.git('--git-dir', team.remote, 'rev-parse', 'main');
		return team.hosts.every(host => host.git('rev-parse', 'main') === base);
	};
	try {
		for (const one of kept) live(one);
		const submitting = submitAll(asks, plan, random, submitted, () => state.isOver);
		const deciding = decides();
		const strikes = (Object.keys(GAPS) as (keyof typeof GAPS)[]).map(strike);
		await untilMerged(plan.chaosMs);
		state.isPeace = true;
		print(`${((performance.now() - began) / 1000).toFixed(1).padStart(6)} s  peace`);
		await Promise.all([...strikes, ...running]);
		await untilMerged(plan.peaceMs);
		// A clone follows within the time in which a room asks a remote that is there.
		for (let tries = 0; tries < 180 && !breakOff.aborted && !isEqual(); tries++) await wait(500);
		state.isOver = true;
		await submitting;
		await deciding;
		const seconds = (performance.now() - began) / 1000;
		const recorded = recorder && once(recorder, 'exit');
		recorder?.send('end');
		await (recorded ?? readRecord(team, streamFile));
		for (const one of kept) one.isOff = true;
		for (const {host} of kept) await host.kill();
		return {why: team.why, seconds, faults, verdict: judgeHosts(readHostsEvidence(team, streamFile, {submitted, crashes}))};
	} finally {
		state.isPeace = true;
		state.isOver = true;
		for (const one of kept) one.isOff = true;
		recorder?.kill('SIGKILL');
		close();
		await team.close();
	}
};
