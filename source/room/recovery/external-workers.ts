import {agentName} from '../../core/agent/agent.ts';
import {submissionRules} from '../../core/config/config.ts';
import {type Entry, type ExternalLease, isExternalToken} from '../../core/intake/external-workers.ts';
import {branchOf, isUsableId, meaningOf, readEntry, readWord} from '../../core/intake/read.ts';
import {nextStage, PIPELINE} from '../../core/task/stages.ts';
import {readBranch} from '../../git/repository/repository.ts';
import {type Room, waysOf} from '../parts/parts.ts';
import {trying} from '../parts/replies.ts';
import {wantsAudit} from '../prepare/guard.ts';

const admit = async ({facts, link}: Pick<Room, 'facts' | 'link'>, entry: Entry): Promise<unknown> => {
	const read = readEntry(entry, submissionRules(facts.config));
	if (!read.ok) return link.coordination.rejectIntake(entry.mark, read.message);
	const {code, id} = await link.coordination.acceptIntake(read.admission);
	if (code === 'exists') return link.coordination.rejectIntake(entry.mark, `Task id \`${id}\` is already in use.`);
	if (code === 'cycle')
		return link.coordination.rejectIntake(entry.mark, `These tasks depend on each other: \`${id.replaceAll(',', ' → ')}\`.`);
	return code === 'unknown'
		? link.coordination.rejectIntake(entry.mark, `Cannot add the task: dependency \`${id}\` does not exist.`)
		: code;
};

/** Turns entries of the external intake into tasks, in order, or moves them aside with the reason. */
export const admitEntries = async (room: Pick<Room, 'facts' | 'link'>, entries: readonly Entry[]): Promise<void> => {
	await Promise.all(entries.map(entry => trying(room, 'reading pushed tasks', () => admit(room, entry))));
};

const commitOf = async ({facts}: Pick<Room, 'facts'>, branch: string): Promise<string> => {
	if (branch === '') return '';
	try {
		const commit = await readBranch(facts.repository, branch);
		await facts.guardian.importCommit(commit);
		return commit;
	} catch {
		return '';
	}
};

/** The work is on a branch in the repository; while that is missing, the room says what it expects and checks again with every sweep. */
const handIn = async (room: Pick<Room, 'facts' | 'link' | 'record' | 'merges'>, lease: ExternalLease): Promise<void> => {
	const branch = branchOf(lease.task, lease.branch);
	const commit = await commitOf(room, branch);
	if (commit === '') {
		const waitReason = branch
			? `${agentName(lease.agent)} reports done: looking for its branch \`${branch}\``
			: `${agentName(lease.agent)} reports done, but its branch name is invalid`;
		if (room.record.team().tasks.get(lease.task)?.waitReason !== waitReason)
			await room.link.coordination.setWaitReason(lease.task, waitReason);
		return;
	}
	const {audit: isAskedFor = false, feature = ''} = room.record.team().tasks.get(lease.task) ?? {};
	const audit = await wantsAudit(room, {id: lease.task, audit: isAskedFor, feature}, commit);
	const next = nextStage({stage: 'develop', firstStage: 'develop', audit}, 'done', waysOf(room)) ?? 'review';
	await room.link.coordination.complete({
		task: lease.task,
		agent: lease.agent,
		token: lease.token,
		stage: 'develop',
		next,
		nextRole: next === 'merged' ? '' : PIPELINE[next].role,
		word: PIPELINE.develop.word,
		fields: {commit, branch, author: lease.agent, ...(audit ? {audit: '1'} : {}), waitReason: '', feedback: ''},
		counts: 'none',
		delayMs: 0,
		text: 'done',
	});
};

const carryOut = async (room: Pick<Room, 'facts' | 'link' | 'record' | 'merges'>, lease: ExternalLease): Promise<void> => {
	const meaning = meaningOf(lease.word);
	if (meaning === 'done') await handIn(room, lease);
	if (meaning === 'failed')
		await room.link.coordination.fail({
			task: lease.task,
			agent: lease.agent,
			token: lease.token,
			reason: `${agentName(lease.agent)} reports a failure`,
			feedback: '',
			delayMs: room.facts.config.backoff,
			fields: {},
		});
};

/** Applies reports of external workers on their tasks: submitted, or given up. */
export const carryOutWords = async (
	room: Pick<Room, 'facts' | 'link' | 'record' | 'merges'>,
	leases: readonly ExternalLease[],
): Promise<void> => {
	for (const lease of leases) await trying(room, `reading reports about ${lease.task}`, () => carryOut(room, lease));
};

/**
 * A message published on `events:task_completed` or `events:task_failed`. Most are this team's own; only for a task that no agent of ours has may it
 * be an external worker's, and the script decides. Returns true if it was: sweep now.
 */
export const hear = async ({facts, link, record}: Pick<Room, 'facts' | 'link' | 'record'>, message: string): Promise<boolean> => {
	const said = readWord(message);
	if (!said || meaningOf(said.word) === undefined || link.isRecovering()) return false;
	const known = record.team().tasks.get(said.task);
	const isOurs = known && (known.stage !== 'develop' || (known.state === 'leased' && !isExternalToken(known.token)));
	if (isOurs) return false;
	return (await link.coordination.reportExternal(said.task, said.word, facts.config.attempts)) === 'ok';
};

/**
 * Records that an external worker has `task`: its lock was taken, and none of the room's agents has it. A worker that waited for the entry may have
 * taken it before the room could read it; then the room does not know the task yet. Returns true if the record changed: sweep now.
 */
export const adopt = async ({facts, link, record}: Pick<Room, 'facts' | 'link' | 'record'>, task: string): Promise<boolean> => {
	const known = record.team().tasks.get(task);
	if (known && known.state !== 'ready' && known.state !== 'delayed') return false;
	if (!isUsableId(task) || !link.isConnected() || link.isRecovering()) return false;
	return (await link.coordination.reportExternal(task, '', facts.config.attempts)) === 'ok';
};
