import {renameSync, rmSync, statSync, writeFileSync} from 'node:fs';
import {homedir} from 'node:os';
import {dirname, join, resolve} from 'node:path';
import {logOf, logOfEvent} from '../../core/protocol/log.ts';
import type {LogLine} from '../../core/protocol/output-schema.ts';
import {formatAge, readDuration} from '../../core/text/format.ts';
import {startGitProcess} from '../../git/process/worker.ts';
import {withoutPassword} from '../../redis/address.ts';
import type {OpenRoom} from '../../room/parts/options.ts';
import {asMember} from '../config/joined.ts';
import {findPlace, type Place} from '../config/place.ts';
import {EXIT, type Invocation, isSet, notReady, packageRoot, type RunCommand, textFlag, wrongUsage} from '../parse/command.ts';
import {failureOf, plainJson, plainLine} from '../parse/print.ts';
import {prepareRun, printEvent, startHere} from './run.ts';
import {unitText} from './systemd.ts';

const DEFAULT_GRACE = '10m';
const LONGEST_GRACE_MS = 7 * 86_400_000;

const readGrace = (invocation: Invocation): number => {
	const text = textFlag(invocation, 'grace') || DEFAULT_GRACE;
	const graceMs = readDuration(text);
	if (graceMs === undefined || graceMs > LONGEST_GRACE_MS)
		throw wrongUsage(`\`--grace ${text}\` is not a duration up to seven days.`, 'Use a number with a unit, such as 30s or 10m.');
	return graceMs;
};

/** The path of the file that shows that the worker takes tasks, '' for none. Its folder must exist, since a service manager waits for the file. */
const readReadyFile = (invocation: Invocation): string => {
	const name = textFlag(invocation, 'readyFile');
	if (name === '') return '';
	const file = resolve(invocation.folder, name);
	if (statSync(dirname(file), {throwIfNoEntry: false})?.isDirectory() !== true || statSync(file, {throwIfNoEntry: false})?.isDirectory())
		throw wrongUsage(`\`${name}\` (\`--ready-file\`) cannot be a file.`, 'Name a file in a folder that exists.');
	return file;
};

/** Output while it works: events as `run` prints them, or JSON lines, with the room's log. */
const createPrinter = (invocation: Invocation) => {
	const format = textFlag(invocation, 'logFormat') || 'text';
	if (format !== 'text' && format !== 'json') throw wrongUsage(`\`--log-format ${format}\` is not known.`, 'Use `text` or `json`.');
	if (format === 'text')
		return {
			event: printEvent(invocation),
			say: (_event: string, message: string) => invocation.note(plainLine(message)),
			log: undefined,
		};
	const print = (line: LogLine): void => invocation.print(plainJson(line));
	return {
		event: (event: Parameters<typeof logOfEvent>[0]) => {
			const line = logOfEvent(event, Date.now());
			if (line) print(line);
		},
		say: (event: string, message: string, level?: LogLine['level']) => print(logOf(event, message, Date.now(), level)),
		log: (line: string) => print(logOf('log', line, Date.now())),
	};
};

/** Prints the unit for exactly this command, after the same checks. */
const printUnit = (invocation: Invocation, {repository, stateFolder, redisUrl, namespace, redisAccess}: Place, graceMs: number): void => {
	const {environment, folder} = invocation;
	const root = packageRoot();
	const home = environment.HOME || homedir();
	const fileFlag = (name: string, flag: string, variable: string): readonly string[] => {
		const file = textFlag(invocation, flag) || environment[variable] || '';
		return file === '' ? [] : [name, resolve(folder, file)];
	};
	const team = textFlag(invocation, 'team');
	const readyFile = resolve(folder, textFlag(invocation, 'readyFile') || join(stateFolder, 'worker.ready'));
	const environmentFile = join(environment.XDG_CONFIG_HOME || join(home, '.config'), 'agent-room', 'worker.env');
	const kept = ['PATH', 'XDG_STATE_HOME', 'XDG_CONFIG_HOME'].flatMap(name =>
		environment[name] ? [[name, environment[name]] as const] : [],
	);
	const command = [
		...[process.execPath, join(root, 'bin', 'agent-room.js'), 'worker', '--repo', repository.root],
		...['--redis', withoutPassword(redisUrl), '--namespace', namespace],
		...fileFlag('--redis-password-file', 'redisPasswordFile', ''),
		...fileFlag('--redis-ca', 'redisCa', 'AGENT_ROOM_REDIS_CA'),
		...fileFlag('--redis-cert', 'redisCert', 'AGENT_ROOM_REDIS_CERT'),
		...fileFlag('--redis-key', 'redisKey', 'AGENT_ROOM_REDIS_KEY'),
		...(isSet(invocation, 'redisVolatile') ? ['--redis-volatile'] : []),
		...fileFlag('--config', 'config', 'AGENT_ROOM_CONFIG'),
		...(isSet(invocation, 'trust') || environment.AGENT_ROOM_TRUST === '1' ? ['--trust'] : []),
		...(team === '' ? [] : ['--team', team]),
		...['--grace', textFlag(invocation, 'grace') || DEFAULT_GRACE, '--ready-file', readyFile],
		...['--log-format', textFlag(invocation, 'logFormat') || 'json'],
	];
	const name = `agent-room-${repository.name.replace(/[^A-Za-z0-9_-]+/g, '-')}`;
	const unit = {name, repository: repository.root, command, readyFile, environmentFile, graceMs};
	for (const line of unitText({...unit, environment: Object.fromEntries(kept)}).split('\n')) invocation.print(plainLine(line));
	const isSecret = redisAccess.password !== undefined && !textFlag(invocation, 'redisPasswordFile');
	if (isSecret || withoutPassword(redisUrl) !== redisUrl)
		invocation.note(plainLine(`Put AGENT_ROOM_REDIS_PASSWORD=... into ${environmentFile} (mode 0600): the unit has no password.`));
	if (/[/\\]_npx[/\\]/.test(root))
		invocation.note('This agent-room is in the cache of npx, which npm may empty: install it for the unit with `npm install --global`.');
};

/** Calls `onSignal` with the count of signals, from 1; the third ends the process. */
const onSignals = (onSignal: (count: 1 | 2, code: number) => void): void => {
	let count = 0;
	for (const [name, code] of Object.entries({SIGINT: 130, SIGTERM: 143, SIGHUP: 129})) {
		process.on(name, () => {
			count++;
			if (count === 1 || count === 2) onSignal(count, code);
			else process.exit(code);
		});
	}
};

/**
 * `agent-room worker`: one machine of a team, without a screen and without an end. The first signal drains it within the grace, a second returns
 * running tasks at once. Exit 0 if it ended in order, whatever the outcome of tasks, which are the team's.
 */
export const worker: RunCommand = async typed => {
	const {redisUrl, stateFolder} = findPlace(typed);
	const invocation = asMember(typed, stateFolder);
	if (redisUrl === '')
		throw notReady(
			'no-team',
			'A worker joins a team by its Redis, and none is given.',
			'`--redis URL` or AGENT_ROOM_REDIS_URL; on one machine, `agent-room run`.',
		);
	const [graceMs, readyFile, printer] = [readGrace(invocation), readReadyFile(invocation), createPrinter(invocation)];
	const prepared = await prepareRun(invocation, {team: textFlag(invocation, 'team')});
	if (isSet(invocation, 'printSystemd')) {
		printUnit(invocation, prepared.place, graceMs);
		return EXIT.ok;
	}
	if (prepared.note) printer.say('log', prepared.note);
	// A file left by a killed worker says nothing about this one.
	const unready = (): void => {
		if (readyFile !== '') rmSync(readyFile, {force: true});
	};
	unready();
	process.on('exit', unready);
	let room: OpenRoom | undefined;
	let signals: 0 | 1 | 2 = 0;
	let exitCode: number = EXIT.ok;
	const obey = (): void => {
		if (signals === 1) void room?.drain('its machine is shutting down', graceMs);
		if (signals === 2) void room?.stop('its machine is shutting down');
	};
	onSignals((count, code) => {
		signals = count;
		unready();
		if (count === 1) printer.say('draining', `Draining: no new tasks start here; running tasks have ${formatAge(graceMs)} to finish.`);
		else {
			exitCode = code;
			printer.say('draining', 'Stopping now: running tasks are saved and go to other machines.', 'warning');
		}
		obey();
	});
	try {
		room = await startHere(prepared, printer.log);
	} catch (error) {
		if (!printer.log) throw error;
		const {message, hint, exitCode: refused} = failureOf(error);
		printer.say('refused', `${message} ${hint}`.trim(), 'error');
		return refused;
	}
	room.onEvent(printer.event);
	// An unfinished start cannot be undone, a finished one can: an earlier signal takes effect now.
	obey();
	if (readyFile !== '' && signals === 0) {
		writeFileSync(`${readyFile}.new`, `${process.pid}\n`, {mode: 0o600});
		renameSync(`${readyFile}.new`, readyFile);
	}
	printer.say('ready', `Ready: this machine is \`${room.host}\` in the team. SIGTERM drains it.`);
	const endGit = startGitProcess(prepared.options);
	const ended = await room.ended;
	void endGit();
	printer.say('ended', `Ended: ${ended.reason}.`);
	return exitCode;
};
