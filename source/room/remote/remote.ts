import {readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {setTimeout as wait} from 'node:timers/promises';
import {tellAway} from '../../core/queue/why.ts';
import type {Stage} from '../../core/task/task.ts';
import type {Guardian} from '../../git/guardian/guardian.ts';
import {remoteBase} from '../../git/remote/remote.ts';
import {readBranch} from '../../git/repository/repository.ts';
import {hasCommit} from '../../git/store/import.ts';
import {commitsBeyond} from '../../git/worktree/list.ts';
import {openMoves} from '../parts/moves.ts';
import type {Room} from '../parts/parts.ts';
import {baseName} from '../parts/remote.ts';
import {movesOf} from '../parts/slot-moves.ts';
import {RoomRefused} from '../redis/redis.ts';

/** How often a remote is asked to which others push, ms: so long is it away before every room knows. */
export const ASK_MS = 15_000;
/** Delay before one that is away is asked again, ms, doubled each time. */
const AGAIN_MS = 1000;
const LONGEST_MS = 60_000;
/** An answer counts as current for this long, ms. */
const FRESH_MS = 3000;
/** Longest wait of a start for the remote, ms. */
const START_MS = 5000;

/**
 * Merges made here before pushing was turned on are not on the remote: they would look removed. The user pushes them first, once. @throws
 * RoomRefused
 */
const refuseUnpushed = async (guardian: Guardian, stateFolder: string): Promise<void> => {
	const {store, base} = guardian;
	const {remote} = store;
	if (!remote || openMoves(stateFolder, baseName({facts: {guardian, base}})).head !== '') return;
	const here = await readBranch(store.repository, base);
	await guardian.importCommit(here);
	const commits = await commitsBeyond(guardian.folder, here, await guardian.baseHead());
	if (commits === 0) return;
	const what = commits === 1 ? 'a commit' : `${commits} commits`;
	throw new RoomRefused(
		'remote',
		`Your \`${base}\` has ${what} that \`${remoteBase(remote)}\` lacks.`,
		`Push first: \`git push ${remote.name} ${base}:${remote.branch}\`.`,
	);
};

/**
 * Asks the remote before the room opens. If it is away, the room opens as long as this machine knows where its base was. @throws RoomRefused if it
 * has no such branch, holds another repository, was never seen, or lacks what was merged here before the first push.
 */
export const askRemoteFirst = async (guardian: Guardian, stateFolder: string): Promise<void> => {
	const {remote} = guardian.store;
	if (!remote) return;
	const fetched = await Promise.race([guardian.fetchBase(), wait(START_MS, undefined, {ref: false})]);
	const isKnown = await guardian.baseHead().then(
		() => true,
		() => false,
	);
	if (fetched?.kind === 'at' || (isKnown && (fetched === undefined || fetched.kind === 'away')))
		return refuseUnpushed(guardian, stateFolder);
	const reason = fetched?.reason ?? `\`${remote.name}\` did not answer in ${START_MS / 1000} s`;
	const hint = {
		away: 'Check `git fetch`, or set `merge: local` in agent-room.yaml.',
		missing: `Push it first: \`git push ${remote.name} ${guardian.base}:${remote.branch}\`.`,
		foreign: `Correct its address: \`git remote set-url ${remote.name} URL\`, or name another: \`remote:\` in agent-room.yaml.`,
	}[fetched?.kind ?? 'away'];
	throw new RoomRefused('remote', `${reason}.`, hint);
};

const BANNER = 'remote';

type Asking = Pick<Room, 'facts' | 'record' | 'merges' | 'lifecycle' | 'slots'>;

/**
 * Stages that start nothing here because the remote is away: a merge pushes there, the candidate of a team's test is shared there before it is
 * tested, and others wait once a start has shown that its commits are only there.
 */
export const stagesAway = ({facts, merges}: Pick<Room, 'facts' | 'merges'>): readonly Stage[] => {
	const {remote} = facts.guardian.store;
	if (!remote || merges.remote.problem === '') return [];
	return [...new Set<Stage>(['merge', ...(remote.shared === '' ? [] : (['test'] as const)), ...merges.remote.held])];
};

/** Shows why stages wait, once for as long as they do; nothing once the remote answers. */
const tell = (room: Pick<Room, 'facts' | 'record' | 'merges'>): void => {
	const {problem} = room.merges.remote;
	const away = problem === '' ? undefined : {why: problem, stages: stagesAway(room)};
	room.record.setRemoteAway(away);
	room.record.setBanner(BANNER, away && {severity: 'error', text: `${problem}. Agents keep running; ${tellAway(away)}.`});
};

const ask = async (room: Asking, also: readonly string[]): Promise<void> => {
	const {facts, merges, lifecycle, slots} = room;
	const {remote} = merges;
	const fetched = await facts.guardian.fetchBase(also);
	const wasAway = remote.problem !== '';
	if (fetched.kind === 'at') {
		Object.assign(remote, {answeredAt: performance.now(), problem: '', failures: 0, notBefore: performance.now() + ASK_MS});
		if (!wasAway) return;
		remote.held.clear();
		tell(room);
		// What waited for it is retried at once.
		for (const task of merges.mergeBackoff.keys()) merges.notBefore.delete(task);
		movesOf(slots).askAgain();
		lifecycle.requestTick();
		return;
	}
	if (!wasAway) remote.awayAt = performance.now();
	if (remote.problem !== fetched.reason) facts.log(`the remote: ${fetched.reason}`);
	const pause = Math.min(LONGEST_MS, AGAIN_MS * 2 ** remote.failures);
	Object.assign(remote, {problem: fetched.reason, failures: remote.failures + 1, notBefore: performance.now() + pause});
	tell(room);
};

/** Asks the remote where the base is, and fetches `also` commits that other rooms shared; calls during a request share its answer. Never throws. */
export const askRemote = (room: Asking, also: readonly string[] = []): Promise<void> => {
	const {facts, merges} = room;
	if (!facts.guardian.store.remote) return Promise.resolve();
	merges.remote.asking ??= ask(room, also)
		.catch(error => facts.log(`asking the remote: ${error instanceof Error ? error.message : String(error)}`))
		.finally(() => {
			merges.remote.asking = undefined;
		});
	return merges.remote.asking;
};

/**
 * A start failed because its commits are only on the remote. If that is away, all starts of this stage wait here until it answers: agents that wait in
 * Redis leave the line, so that the task is assigned to none of them again. False if the remote answers: the failure has another cause.
 */
export const holdForRemote = async (room: Asking & Pick<Room, 'link'>, stage: Stage): Promise<boolean> => {
	const {link, merges, slots} = room;
	if (merges.remote.problem === '') await askRemote(room);
	if (merges.remote.problem === '') return false;
	merges.remote.held.add(stage);
	tell(room);
	const waiting = slots.all().filter(({agent, now}) => agent.stages.includes(stage) && now.kind === 'waiting');
	if (waiting.length > 0) await link.coordination.closeAgents(waiting.map(({agent}) => agent.id));
	for (const {agent} of waiting) if (slots.get(agent.id)?.now.kind === 'waiting') movesOf(slots).move(agent.id, {type: 'stop-waiting'});
	return true;
};

/** The same at its own pace. */
export const watchRemote = async (room: Asking): Promise<void> => {
	if (performance.now() >= room.merges.remote.notBefore) await askRemote(room);
};

/**
 * Before something is built on the base: recent pushes of others would waste a test. A room that does not lead moves no base itself, and asks each
 * time. What else the build needs of these commits comes with the same request. A remote known to be away is not waited for.
 */
export const refreshRemote = async (room: Asking & Pick<Room, 'lead'>, commits: readonly string[]): Promise<void> => {
	const {answeredAt, problem} = room.merges.remote;
	if (problem !== '') return;
	const {store} = room.facts.guardian;
	const isHere = await Promise.all(commits.map(commit => hasCommit(store, commit)));
	const lacking = store.remote?.shared ? commits.filter((commit, at) => commit !== '' && !isHere[at]) : [];
	if (lacking.length > 0 || !room.lead.isOurs() || performance.now() - answeredAt > FRESH_MS) await askRemote(room, lacking);
};

const SAID = 'merges-go-to';

/** Says where merges go, once in the life of a state folder, before the first push. */
export const sayWhereMergesGo = async (room: Pick<Room, 'facts' | 'link' | 'record'>): Promise<void> => {
	const {facts, link, record} = room;
	const {remote} = facts.guardian.store;
	if (!remote) return;
	const file = join(facts.options.stateFolder, SAID);
	const name = remoteBase(remote);
	try {
		if (readFileSync(file, 'utf8') === name) return;
	} catch {
		// Not said here yet.
	}
	const text =
		facts.config.merge === 'pr'
			? `Tested ${facts.config.prOf}s become pull requests into ${name}: the checks of its forge decide what merges.`
			: `Merges go to ${name}: each is pushed once its tests have passed.`;
	record.setBanner(SAID, {severity: 'warning', text});
	await link.retryUntilWritten(() => link.coordination.appendEvent({type: 'merges_go_to', task: '', agent: '', text}));
	writeFileSync(file, name, {mode: 0o600});
};

/** The first merge was pushed: the notice is no longer needed. */
export const forgetWhereMergesGo = ({record}: Pick<Room, 'record'>): void => record.setBanner(SAID, undefined);
