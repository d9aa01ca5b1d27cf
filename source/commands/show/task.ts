import {type MergeCheck, mergeCheckSchema, VERDICT_WORDS} from '../../core/merge/verdict.ts';
import {taskDetail} from '../../core/protocol/output.ts';
import type {TaskDetail} from '../../core/protocol/output-schema.ts';
import {whatMoves} from '../../core/queue/unblock.ts';
import {whyHere} from '../../core/queue/why.ts';
import {sessionSchema, sessionWords} from '../../core/session/words.ts';
import {ask, askIfRunning} from '../client/client.ts';
import {viaRoomOrRedis} from '../client/via-room.ts';
import {CommandError, EXIT, type Invocation, isSet, type RunCommand, textFlag} from '../parse/command.ts';
import {plainJson, plainLine} from '../parse/print.ts';
import {type ShownTask, taskText} from './task-text.ts';

const missing = (id: string): CommandError => new CommandError('gone', `Unknown task \`${id}\`.`, 'List tasks with `agent-room tasks`.');

/** A task in full, from the running room or Redis. */
export const readTask = (invocation: Invocation, id: string): Promise<ShownTask> => {
	const viaRoom = async (): Promise<ShownTask | undefined> => {
		const reply = await askIfRunning(invocation, {op: 'explain', id});
		if (!reply) return undefined;
		const {task, why, moves}: Readonly<Record<string, unknown>> = typeof reply.data === 'object' && reply.data ? {...reply.data} : {};
		if (typeof task !== 'object' || !task) throw missing(id);
		return {detail: task as TaskDetail, why: String(why ?? ''), moves: String(moves ?? '')};
	};
	return viaRoomOrRedis(invocation, viaRoom, async ({coordination}) => {
		const {lookUp} = await import('../../room/requests/explain.ts');
		const snapshot = await coordination.snapshot();
		const found = await lookUp(coordination, snapshot.team, id);
		if (!found) throw missing(id);
		const {task, team} = found;
		return {detail: taskDetail(task, team, snapshot.now), why: whyHere(task, team, snapshot.now), moves: whatMoves(task, team)};
	});
};

export const task: RunCommand = async invocation => {
	const shown = await readTask(invocation, (invocation.input[0] ?? '').toLowerCase());
	if (isSet(invocation, 'json')) invocation.print(plainJson(shown.detail));
	else for (const line of taskText(shown)) invocation.print(line);
	return EXIT.ok;
};

const SAID = ['state', 'stage', 'why', 'cause', 'evidence', 'slot', 'moves'] as const;

const STATE_WORDS = {good: 'ok', warn: 'warning', bad: 'failed', runs: 'running', waits: 'pending'} as const;

/** The verdict, and each check with a finding. */
const mergeWords = ({verdict, reason, checks, risk}: MergeCheck): readonly (readonly [string, string])[] => [
	['merge', `${VERDICT_WORDS[verdict]}: ${reason}`],
	...checks.map(({name, state, text}) => [name, `${STATE_WORDS[state]}: ${text}`] as const),
	...(risk ? [['risk', `${risk.level}: ${risk.text}`] as const] : []),
];

/** `agent-room explain AGENT|TASK`: why it is in its state, and what would unblock it. */
export const explain: RunCommand = async invocation => {
	const {data} = await ask(invocation, {op: 'explain', id: invocation.input[0] ?? ''});
	const known: Readonly<Record<string, unknown>> = typeof data === 'object' && data ? {...data} : {};
	const {task: _task, ...line} = known;
	if (isSet(invocation, 'json')) invocation.print(plainJson(line));
	else {
		invocation.print(plainLine(String(known.id ?? '')));
		for (const name of SAID) {
			const label = name === 'moves' ? 'unblock' : name;
			if (known[name]) invocation.print(`  ${label.padEnd(9)} ${plainLine(String(known[name]))}`);
		}
		const merge = mergeCheckSchema.safeParse(known.merge);
		if (merge.success) for (const [name, text] of mergeWords(merge.data)) invocation.print(`  ${name.padEnd(9)} ${plainLine(text)}`);
		const session = sessionSchema.safeParse(known.session);
		if (session.success) for (const [name, text] of sessionWords(session.data)) invocation.print(`  ${name.padEnd(9)} ${plainLine(text)}`);
	}
	return EXIT.ok;
};

/** `agent-room logs AGENT|TASK`: its screen output without control characters; the full output's file and the names of others on stderr. */
export const logs: RunCommand = async invocation => {
	const stage = textFlag(invocation, 'stage').toLowerCase();
	const {data} = await ask(invocation, {op: 'logs', id: invocation.input[0] ?? '', ...(stage === '' ? {} : {stage})});
	const {lines, file, names}: {lines?: unknown; file?: unknown; names?: unknown} = typeof data === 'object' && data ? data : {};
	if (isSet(invocation, 'json')) {
		invocation.print(plainJson({lines, file, names}));
		return EXIT.ok;
	}
	const text = Array.isArray(lines) ? lines.map(String) : [];
	for (const line of text.slice(0, text.findLastIndex(line => line.trim() !== '') + 1)) invocation.print(plainLine(line));
	if (typeof file === 'string' && file) invocation.note(plainLine(`Full output: ${file}`));
	if (Array.isArray(names) && names.length > 1) invocation.note(plainLine(`All its logs, oldest first, for --stage: ${names.join(', ')}`));
	return EXIT.ok;
};
