import {parseAgentId} from '../../core/agent/agent.ts';
import type {Report} from '../../core/protocol/request.ts';
import {readDollars, readDuration} from '../../core/text/format.ts';
import {request} from '../../socket/client.ts';
import {RoomAbsent} from '../../socket/errors.ts';
import {printReply, refused} from '../client/answers.ts';
import {
	CommandError,
	type Invocation,
	isSet,
	listFlag,
	notReady,
	type RunCommand,
	readText,
	textFlag,
	wrongUsage,
} from '../parse/command.ts';
import {didYouMean} from '../parse/parse.ts';

const PATIENCE_MS = 30_000;

const readDone = (invocation: Invocation): Report => {
	const verdict = textFlag(invocation, 'verdict');
	if (verdict !== '' && verdict !== 'approve' && verdict !== 'changes') {
		throw wrongUsage(`Unknown verdict \`${verdict}\`.`, didYouMean(verdict, ['approve', 'changes'], 'Use `approve` or `changes`.'));
	}
	const comments = textFlag(invocation, 'comments');
	const [, text] = invocation.input;
	return {
		kind: 'done',
		...(verdict === '' ? {} : {verdict}),
		...(comments === '' ? {} : {comments: readText(invocation, comments)}),
		...(text === undefined ? {} : {text}),
	};
};

const needed = (invocation: Invocation, index: number, what: string): string => {
	const value = invocation.input[index];
	if (value === undefined || value === '')
		throw wrongUsage(`\`report ${invocation.input[0]}\` needs ${what}.`, 'See `agent-room help report`.');
	return value;
};

const readLock = (invocation: Invocation): Report => {
	const name = needed(invocation, 1, 'a path');
	const wait = textFlag(invocation, 'wait');
	if (wait === '') return {kind: 'lock', name};
	const waitMs = readDuration(wait);
	if (waitMs === undefined) throw wrongUsage(`\`--wait ${wait}\` is not a duration.`, 'Example: `30s` or `10m`.');
	return {kind: 'lock', name, waitMs};
};

const readCount = (invocation: Invocation, flag: string): number => {
	const text = textFlag(invocation, flag) || '0';
	if (!/^\d{1,12}$/.test(text)) throw wrongUsage(`\`--${flag} ${text}\` is not a number of tokens.`, 'Use a whole number.');
	return Number(text);
};

const readCost = (invocation: Invocation): Report => {
	const usd = textFlag(invocation, 'usd') || '0';
	const micros = readDollars(usd);
	if (micros === undefined) throw wrongUsage(`\`--usd ${usd}\` is not an amount of dollars.`, 'Example: 0.12.');
	return {
		kind: 'cost',
		micros,
		tokensIn: readCount(invocation, 'in'),
		tokensOut: readCount(invocation, 'out'),
		tokensCached: readCount(invocation, 'cached'),
	};
};

const KINDS: Readonly<Record<string, (invocation: Invocation) => Report>> = {
	done: readDone,
	plan: invocation => ({kind: 'plan', text: readText(invocation, needed(invocation, 1, 'a file'))}),
	progress: invocation => ({kind: 'progress', text: needed(invocation, 1, 'a text')}),
	blocked: invocation => ({kind: 'blocked', text: needed(invocation, 1, 'a reason')}),
	ask: invocation => ({kind: 'ask', text: needed(invocation, 1, 'a question'), choices: listFlag(invocation, 'choice')}),
	message: invocation => ({kind: 'message', to: parseAgentId(needed(invocation, 1, 'an agent')), text: needed(invocation, 2, 'a text')}),
	diff: invocation => ({
		kind: 'diff',
		range: invocation.input[1] ?? '',
		paths: listFlag(invocation, 'path'),
		isStat: isSet(invocation, 'stat'),
	}),
	log: invocation => ({kind: 'log', range: invocation.input[1] ?? '', paths: listFlag(invocation, 'path')}),
	show: invocation => ({kind: 'show', rev: invocation.input[1] ?? '', path: invocation.input[2] ?? ''}),
	commit: invocation => ({kind: 'commit', text: needed(invocation, 1, 'a message'), paths: listFlag(invocation, 'path')}),
	inbox: () => ({kind: 'inbox'}),
	queue: () => ({kind: 'queue'}),
	explain: invocation => ({kind: 'explain', id: needed(invocation, 1, 'a task or an agent')}),
	lock: readLock,
	cost: readCost,
	unlock: invocation => ({kind: 'unlock', name: needed(invocation, 1, 'a name')}),
};

const stale = (message: string): CommandError => new CommandError('stale', message, 'Stop working on it; your work is saved.');

/** `agent-room report`: an agent's report, with its attempt's token. `ask` waits for a human's answer. */
export const report: RunCommand = async invocation => {
	const [word = ''] = invocation.input;
	const read = Object.hasOwn(KINDS, word) ? KINDS[word] : undefined;
	if (!read)
		throw wrongUsage(`Unknown report \`${word}\`.`, didYouMean(word, Object.keys(KINDS), `One of ${Object.keys(KINDS).join(', ')}.`));
	const said = read(invocation);
	const {
		AGENT_ROOM_SOCKET: socket,
		AGENT_ROOM_AGENT: agent,
		AGENT_ROOM_TASK: task = '',
		AGENT_ROOM_TOKEN: token = '',
	} = invocation.environment;
	if (!socket || !agent)
		throw notReady('no-pane', 'This is not the pane of an agent.', '`report` is only for agents that agent-room has started.');
	// Questions and lock waits end when the room says so.
	const timeoutMs = said.kind === 'ask' || (said.kind === 'lock' && said.waitMs !== undefined) ? 0 : PATIENCE_MS;
	const reply = await request(socket, {op: 'report', agent, task, token, ...said}, {timeoutMs}).catch((error: unknown) => {
		if (!(error instanceof RoomAbsent)) throw error;
		if (error.isGone) throw stale(`This attempt on \`${task}\` has ended.`);
		throw notReady('no-room', 'The room of this pane has ended.', 'It resumes its tasks when it restarts.');
	});
	if (reply.code === 'stale') throw stale(reply.message || `Task \`${task}\` was reassigned.`);
	if (!reply.ok) throw refused(reply);
	return printReply(invocation, isSet(invocation, 'json') || said.kind === 'ask' ? reply : {...reply, data: undefined});
};
