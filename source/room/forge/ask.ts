import {execFile} from 'node:child_process';
import {forgeOf, withoutLogin} from '../../core/forge/address.ts';
import {
	FORGE_PROTOCOL,
	type ForgeAnswer,
	type ForgeAsk,
	type ForgeFailure,
	type ForgeOperation,
	MOST_ANSWERED,
	readForgeAnswer,
} from '../../core/forge/protocol.ts';
import {coded} from '../../core/text/quote.ts';
import {pushedTo, remoteAddress} from '../../git/remote/remote.ts';
import {findProgram, ProcessRefused} from '../../os/find-program.ts';
import type {Room} from '../parts/parts.ts';

/** Longest run of a forge's program, ms. */
const LONGEST_MS = 120_000;

type Asker = Pick<Room, 'facts' | 'record'>;

const BANNER = 'forge';

const HINTS: Readonly<Partial<Record<ForgeFailure, string>>> = {
	missing: 'Install it, or set `forge:` in agent-room.yaml.',
	login: 'Log in there (`gh auth login`, `glab auth login`, `tea login add`).',
	limit: 'agent-room asks again later.',
	away: 'agent-room asks again.',
	garbage: 'See `room.log` in the state folder.',
};

/** Shows what keeps the forge from answering, once for as long as it does; nothing once it answers. */
const tell = ({record}: Asker, code: ForgeFailure | undefined, message: string): void => {
	const hint = code === undefined ? undefined : HINTS[code];
	const text = `Pull requests wait: ${message}. ${hint ?? ''}`.trim();
	if (code === undefined || hint !== undefined) record.setBanner(BANNER, code && {severity: 'warning', text});
};

/** What a program of a forge inherits: the user's own environment, with its login, and nothing of the room. */
const environment = (): Record<string, string> =>
	Object.fromEntries(
		Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined && !entry[0].startsWith('AGENT_ROOM_')),
	);

/** The command of this room's forge, or why it has none. A path of the repository is refused: agents write there. */
const commandOf = ({facts}: Pick<Room, 'facts'>, address: string): readonly string[] | string => {
	const {forge} = facts.config;
	const {node, programFile, stateFolder} = facts.options;
	if (typeof forge === 'object') {
		const [program = '', ...args] = forge.command;
		if (program.includes('/') && !program.startsWith('/'))
			return `\`forge.command\` must name a program on the PATH, or an absolute path: ${coded(program)}`;
		try {
			return [findProgram(program, stateFolder, process.env.PATH ?? ''), ...args];
		} catch (error) {
			if (error instanceof ProcessRefused) return error.message.replace(/\.$/, '');
			throw error;
		}
	}
	const name = forge ?? forgeOf(address);
	return name === undefined
		? 'the address of the remote names no known forge: set `forge:` in agent-room.yaml'
		: [node, programFile, 'forge', name];
};

const addressOf = async ({facts}: Pick<Room, 'facts'>, name: string | undefined): Promise<string> =>
	name === undefined ? '' : withoutLogin(await remoteAddress(facts.repository, {name}));

/** The address of the fork that has the branches of pull requests; '' if the repository itself has them. */
export const forkOf = async (room: Pick<Room, 'facts'>): Promise<string> => {
	const {remote} = room.facts.guardian.store;
	return remote && pushedTo(remote) !== remote.name ? addressOf(room, pushedTo(remote)) : '';
};

const run = (command: readonly string[], cwd: string, input: string): Promise<string> =>
	new Promise(resolve => {
		const [program = '', ...args] = command;
		const options = {cwd, env: environment(), timeout: LONGEST_MS, killSignal: 'SIGKILL', maxBuffer: MOST_ANSWERED} as const;
		const child = execFile(program, args, options, (_error, stdout) => resolve(stdout));
		child.stdin?.on('error', () => undefined);
		child.stdin?.end(input);
	});

/**
 * Asks the forge of the remote, by its program, for one thing. Outside of every sandbox, as the user: the login is that program's own, and no agent
 * reaches it. Bounded in time and size; never throws for what the forge answers.
 */
export const askForge = async <Operation extends ForgeOperation>(
	room: Asker,
	op: Operation,
	ask: ForgeAsk<Operation>,
): Promise<ForgeAnswer<Operation>> => {
	const {guardian, options} = room.facts;
	const refused = (code: ForgeFailure, message: string) => ({ok: false, code, message}) as ForgeAnswer<Operation>;
	const {remote} = guardian.store;
	const address = await addressOf(room, remote?.name);
	const command = commandOf(room, address);
	const request = {protocol: FORGE_PROTOCOL, address, op, ...ask};
	const answer =
		typeof command === 'string'
			? refused('missing', command)
			: readForgeAnswer(op, await run(command, options.stateFolder, `${JSON.stringify(request)}\n`));
	tell(room, answer.ok ? undefined : answer.code, answer.ok ? '' : answer.message);
	if (!answer.ok) room.facts.log(`the forge, ${op}: ${answer.code}: ${answer.message}`);
	return answer;
};
