import {dirname, resolve} from 'node:path';
import {agentName} from '../../core/agent/agent.ts';
import {type Config, UNATTENDED} from '../../core/config/config.ts';
import type {RoomEvent} from '../../core/event/event.ts';
import {eventLine} from '../../core/protocol/output.ts';
import type {SummaryLine} from '../../core/protocol/output-schema.ts';
import {readDuration} from '../../core/text/format.ts';
import {startGitProcess} from '../../git/process/worker.ts';
import {readMark} from '../../git/repository/mark.ts';
import {openRepository, type Repository, resolveBase} from '../../git/repository/repository.ts';
import {keepProgram} from '../../os/kept-program.ts';
import {startRoom} from '../../room/lifecycle/start.ts';
import type {OpenRoom, RoomEnd, RoomOptions} from '../../room/parts/options.ts';
import {socketPathFor} from '../../socket/path.ts';
import {isRoomAlive} from '../client/client.ts';
import {roomOptions} from '../client/options.ts';
import {createConfigSource} from '../client/reread.ts';
import {withStartLock} from '../client/start.ts';
import {configurationOf} from '../config/load.ts';
import {findPlace, type Place} from '../config/place.ts';
import {EXIT, type Invocation, isSet, notReady, packageRoot, type RunCommand, textFlag, wrongUsage} from '../parse/command.ts';
import {eventText, plainJson, plainLine} from '../parse/print.ts';
import {createTerminals} from './terminals.ts';

/** Prints each event as it comes; changes without a text are only in `--json`. */
export const printEvent =
	(invocation: Invocation) =>
	(event: RoomEvent): void => {
		const line = isSet(invocation, 'json') ? plainJson(eventLine(event)) : eventText(eventLine(event));
		if (line) invocation.print(line);
	};

/** Exit code of a process that ended by SIGPIPE. */
const PIPE_CODE = 141;

/** Calls `stop` with an exit code at the first signal, or when stdout's reader has left. A second signal exits at once. */
const onEndWanted = (invocation: Invocation, stop: (code: number) => void): void => {
	let isStopping = false;
	const begin = (code: number): void => {
		if (isStopping) return;
		isStopping = true;
		stop(code);
	};
	for (const [name, code] of Object.entries({SIGINT: 130, SIGTERM: 143, SIGHUP: 129})) {
		process.on(name, () => {
			if (isStopping) process.exit(code);
			begin(code);
		});
	}
	invocation.onReaderGone(() => begin(PIPE_CODE));
};

const printSummary = (invocation: Invocation, ended: RoomEnd, exitCode: number): void => {
	const {merged, failed, cancelled, open, unanswered} = ended;
	const summary: SummaryLine = {type: 'summary', merged, failed, cancelled, open, unanswered: [...unanswered], exitCode};
	if (isSet(invocation, 'json')) invocation.print(plainJson(summary));
	else {
		if (open > 0 || ended.exitCode === EXIT.notReady) invocation.note(`${ended.reason}.`);
		for (const {task, agent, question} of unanswered)
			invocation.print(plainLine(`Not answered: ${[task, agent && agentName(agent)].filter(Boolean).join(', ')}: ${question}`));
		invocation.print(`${merged} merged, ${failed} failed, ${open} open.`);
	}
};

const unattendedOf = (invocation: Invocation): Partial<Pick<Config, 'unattended'>> => {
	const given = textFlag(invocation, 'unattended');
	if (given === '') return {};
	const word = UNATTENDED.find(known => known === given) ?? readDuration(given);
	if (word === undefined)
		throw wrongUsage(`\`--unattended ${given}\` is neither \`refuse\`, \`wait\` nor a duration.`, 'Example: `--unattended 10m`.');
	return {unattended: word};
};

/** A room ready to start, and its sources. */
export type Prepared = {readonly repository: Repository; readonly place: Place; readonly options: RoomOptions; readonly note: string};

/** The options of a room in the foreground. Throws `CommandError` (exit 3) without trust or a test command, since no human is there to fix it. */
export const prepareRun = async (invocation: Invocation, worker?: {readonly team: string}): Promise<Prepared> => {
	const repository = await openRepository(resolve(invocation.folder, textFlag(invocation, 'repo') || '.'));
	const place = findPlace({...invocation, flags: {...invocation.flags, repo: repository.root}});
	const configuration = await configurationOf(invocation, place);
	if (!configuration.isTrusted) {
		throw notReady(
			'untrusted',
			`You have not trusted this version of \`${configuration.ignored[0]?.path ?? ''}\`, so nothing in it takes effect.`,
			'Run `agent-room config trust`, or use --trust or AGENT_ROOM_TRUST=1.',
		);
	}
	if (configuration.allowed.test === undefined) {
		throw notReady(
			'no-test',
			'No test command: nothing can merge.',
			configuration.file ? 'Set `test:` in agent-room.yaml. Example: `test: npm test`.' : 'Write agent-room.yaml with `agent-room init`.',
		);
	}
	const base = await resolveBase(repository, configuration.allowed.base, readMark(place.stateFolder));
	const asked = {
		repository,
		place,
		configuration,
		base,
		path: invocation.environment.PATH ?? '',
		isForeground: true,
		untilEmpty: isSet(invocation, 'untilEmpty'),
		program: await keepProgram(packageRoot(), dirname(place.stateFolder)),
		...(worker ? {worker} : {}),
	};
	const {options, note} = roomOptions(asked);
	return {repository, place, note, options: {...options, config: {...options.config, ...unattendedOf(invocation)}}};
};

export const startHere = ({place, options}: Pick<Prepared, 'place' | 'options'>, onLog?: (line: string) => void): Promise<OpenRoom> =>
	withStartLock(place.stateFolder, async () => {
		if (await isRoomAlive(socketPathFor(place.stateFolder))) {
			throw notReady('room-running', 'A room is already running here.', 'Stop it with `agent-room stop`, or open it with `agent-room`.');
		}
		const terminals = createTerminals(
			options.config,
			options.stateFolder,
			options.settings?.files.map(({path}) => path),
		);
		const started = await startRoom(options, terminals, onLog, createConfigSource(options));
		terminals.watch(started.store);
		return started;
	});

/**
 * `agent-room run`: the room in the foreground until it has ended. Exit 0 if the queue is empty and no task failed, 1 if a task failed or is stuck,
 * 3 without a test command or trust; 130 and 143 after a signal, once the room has stopped in order.
 */
export const run: RunCommand = async invocation => {
	const prepared = await prepareRun(invocation);
	if (prepared.note) invocation.note(prepared.note);
	let room: OpenRoom | undefined;
	let wantedCode: number | undefined;
	onEndWanted(invocation, code => {
		wantedCode = code;
		void room?.stop('a signal was received');
	});
	room = await startHere(prepared);
	// An unfinished start cannot be undone, a finished one can: an earlier signal takes effect now.
	if (wantedCode !== undefined) void room.stop('a signal was received');
	room.onEvent(printEvent(invocation));
	const endGit = startGitProcess(prepared.options);
	const ended = await room.ended;
	void endGit();
	const exitCode = wantedCode ?? ended.exitCode;
	printSummary(invocation, ended, exitCode);
	return exitCode;
};
