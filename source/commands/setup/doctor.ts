import {execFile} from 'node:child_process';
import {accessSync, constants, existsSync} from 'node:fs';
import {join, normalize} from 'node:path';
import {promisify} from 'node:util';
import {roleWord} from '../../core/agent/role-label.ts';
import type {Config} from '../../core/config/config.ts';
import {quote} from '../../core/text/quote.ts';
import type {Repository} from '../../git/repository/repository.ts';
import {findServerBinary} from '../../redis/server/binary.ts';
import {checkKeys, keyWarnings} from '../config/keys.ts';
import {configurationOf} from '../config/load.ts';
import {findPlace, type Place, readNamespace} from '../config/place.ts';
import {type GivenRedis, readRedis} from '../config/redis-access.ts';
import {fitTeam} from '../config/team.ts';
import {EXIT, type Invocation, isSet, type RunCommand} from '../parse/command.ts';
import {failureOf, plainJson} from '../parse/print.ts';
import {type Check, type CliSettings, check, checkClis} from './doctor-clis.ts';
import {checkSandbox} from './doctor-sandbox.ts';

const NO_FILE = 'no agent-room.yaml, nothing to trust';

const firstLine = async (program: string, args: readonly string[]): Promise<string> => {
	try {
		const {stdout} = await promisify(execFile)(program, [...args], {timeout: 5000});
		return stdout.split('\n')[0] ?? '';
	} catch {
		return '';
	}
};

const versionAt = (text: string, least: readonly [number, number]): boolean => {
	const [major = 0, minor = 0] = (/(\d+)\.(\d+)/.exec(text) ?? []).slice(1).map(Number);
	return major > least[0] || (major === least[0] && minor >= least[1]);
};

const checkNode = async (): Promise<Check> => check('node', 'ok', process.versions.node);

const checkGit = async (): Promise<Check> => {
	const version = await firstLine('git', ['--version']);
	if (!version) return check('git', 'bad', 'not found', 'agent-room setup');
	const number = version.replace('git version ', '');
	return versionAt(version, [2, 38])
		? check('git', 'ok', number)
		: check('git', 'bad', `${number} is too old, 2.38 is needed`, 'agent-room setup');
};

/** Checks a given server like a joining room; changes nothing there. */
const checkGivenRedis = async (given: GivenRedis, namespace: string): Promise<Check> => {
	const [{connectRedis}, {checkPersistence, tellPersistence}, {checkCommands}] = await Promise.all([
		import('../../redis/connection.ts'),
		import('../../redis/requirements.ts'),
		import('../../redis/commands-used.ts'),
	]);
	const {isVolatile = false, ...access} = given.redisAccess;
	try {
		const connection = await connectRedis({...access, url: given.redisUrl, namespace});
		try {
			const persistence = await checkPersistence(connection, connection.address, isVolatile);
			await checkCommands(connection, connection.address, namespace);
			const note = tellPersistence(persistence);
			const found = `${connection.version} at ${connection.address}`;
			return note === '' ? check('redis', 'ok', found) : check('redis', 'warn', `${found}: ${note}`, 'agent-room help redis');
		} finally {
			connection.close();
		}
	} catch (error) {
		const {message, hint} = failureOf(error);
		return check('redis', 'bad', message, hint);
	}
};

/** That of the repository, which may have joined a team; where none can be found, what is named. */
const redisOf = (invocation: Invocation): GivenRedis & {readonly namespace: string} => {
	try {
		return findPlace(invocation);
	} catch {
		return {...readRedis(invocation), namespace: readNamespace(invocation)};
	}
};

const checkRedis = async (invocation: Invocation): Promise<Check> => {
	const given = redisOf(invocation);
	if (given.redisUrl !== '') return checkGivenRedis(given, given.namespace);
	const {environment} = invocation;
	const program = findServerBinary(environment);
	const version = program ? await firstLine(program, ['--version']) : '';
	if (!version) return check('redis', 'bad', 'no redis-server and no valkey-server on the PATH', 'agent-room setup');
	const number = /v=([\d.]+)/.exec(version)?.[1] ?? version;
	return versionAt(number, [7, 0])
		? check('redis', 'ok', `${number} (${program})`)
		: check('redis', 'bad', `${number} is too old, 7.0 is needed`, 'agent-room setup');
};

/** Harnesses of an untrusted configuration are not started. */
const trustedClis = async (invocation: Invocation): Promise<CliSettings> => {
	try {
		const {allowed, rules} = await configurationOf(invocation, findPlace(invocation));
		return {...allowed, rules};
	} catch {
		return {harnesses: {}, env: []};
	}
};

const checkTerminal = async ({environment}: Invocation): Promise<Check> => {
	const locale = environment.LC_ALL || environment.LC_CTYPE || environment.LANG || '';
	const {columns, rows, isTTY} = process.stdout;
	if (!isTTY) return check('terminal', 'warn', 'none: `agent-room` prints the status table', 'agent-room run');
	if (columns < 40 || rows < 10) return check('terminal', 'bad', `${columns}x${rows}, at least 40x10 is needed`, 'resize the window');
	if (!/utf-?8/i.test(locale))
		return check('terminal', 'warn', `${columns}x${rows}, the locale \`${locale}\` is not UTF-8`, 'export LANG=C.UTF-8');
	return check('terminal', 'ok', `${columns}x${rows}, UTF-8, TERM=${environment.TERM ?? ''}`);
};

/** `ctrl+]` in tmux's form, `C-]`. */
const asTmux = (leader: string): string => leader.replace(/^ctrl\+/i, 'C-');

const checkTmux = async (invocation: Invocation, leaders: readonly string[]): Promise<Check | undefined> => {
	if (!invocation.environment.TMUX) return undefined;
	const version = await firstLine('tmux', ['-V']);
	const prefixes = [
		await firstLine('tmux', ['show-options', '-gv', 'prefix']),
		await firstLine('tmux', ['show-options', '-gv', 'prefix2']),
	];
	const taken = leaders.find(leader => prefixes.includes(asTmux(leader)));
	if (taken !== undefined)
		return check(
			'tmux',
			leaders.length > 1 ? 'warn' : 'bad',
			`its prefix is ${asTmux(taken)}, which is also the leader key of a pane`,
			'set `keys: {leader: ...}` in agent-room.yaml',
		);
	const known = `${version}, prefix ${prefixes[0]}`;
	const passthrough = await firstLine('tmux', ['show-options', '-Apv', 'allow-passthrough']);
	const focus = await firstLine('tmux', ['show-options', '-gv', 'focus-events']);
	const missing = [
		...(passthrough === 'off' ? ['set -g allow-passthrough on'] : []),
		...(focus === 'off' ? ['set -g focus-events on'] : []),
	];
	// Nothing breaks without them: notices are the bell alone, and whoever watches without pressing a key is taken to look away.
	return missing.length > 0
		? check('tmux', 'warn', `${known}; it blocks desktop notifications or focus events`, `in ~/.tmux.conf: ${missing.join('; ')}`)
		: check('tmux', 'ok', known);
};

/** How often each role is in a team, and by which harness: `2 developers (claude), reviewer (codex)`. */
const membersText = (team: Config['team']): string =>
	team
		.map(({role, harness, count}) => `${count === 1 ? roleWord(role) : `${count} ${roleWord(role)}s`}${harness ? ` (${harness})` : ''}`)
		.join(', ');

/** A command in the repository that worktrees lack, or cannot run, as it is committed; undefined if there is none. */
const uncommittedCommand = async (config: Config, root: string, base: string): Promise<Check | undefined> => {
	for (const [name, {command: [program = ''] = []}] of Object.entries(config.harnesses)) {
		if (!/^\.\/./.test(program) || !config.team.some(({harness}) => harness === name)) continue;
		const file = normalize(program);
		const [mode] = (await firstLine('git', ['-C', root, 'ls-tree', base, '--', file])).split(' ');
		if (mode === '100755' || mode === '120000') continue;
		if (mode === '100644') {
			const fix = `chmod +x ${quote(file)} && git commit -m ${quote(`Make ${file} executable`)} -- ${quote(file)}`;
			return check('team', 'bad', `\`${program}\` of harness \`${name}\` is not executable on ${base}`, fix);
		}
		const text = `\`${program}\` of harness \`${name}\` is not committed on ${base}: agents work in worktrees of it`;
		return check('team', 'bad', text, `git add -- ${quote(file)} && git commit -m ${quote(`Add ${file}`)}`);
	}
	return undefined;
};

/** Whether the team has agents. The fix is the next step: write the file, or fill it in. */
const checkTeam = (config: Config, path: string, hasFile: boolean): Check => {
	if (config.team.length > 0) return check('team', 'ok', membersText(config.team));
	const {words, note} = fitTeam(path, config.review);
	if (words !== '') return check('team', 'ok', `from your PATH: ${words}`);
	const fix = hasFile ? 'set `team:` and `harnesses:` in agent-room.yaml (see `agent-room help quickstart`)' : 'agent-room init';
	return check('team', 'bad', `${note.replace(/\.$/, '')}: no one can work`, fix);
};

/** The last line: the next step. */
const nextStep = (checks: readonly Check[]): string => {
	const [first] = checks.filter(({result}) => result === 'bad');
	if (first) {
		// Several mistakes are listed above, a line each.
		if (first.fix.includes('\n')) return 'Not ready. Next: fix what is listed above, then `agent-room doctor` again.';
		const fix = first.fix.replace(/\.$/, '');
		const step = /^(?:agent-room|git|sudo|export|chmod) /.test(fix)
			? `\`${fix}\``
			: fix.replace(/^[A-Z](?=[a-z])/, letter => letter.toLowerCase());
		return `Not ready. Next: ${step}, then \`agent-room doctor\` again.`;
	}
	const hasFile = checks.some(({name, text}) => name === 'trust' && text !== NO_FILE);
	if (checks.every(({name}) => name !== 'test')) return 'Ready. In a git repository, continue with `agent-room init`.';
	return hasFile
		? 'Ready. Add a task with `agent-room add "TITLE"`, then open the room with `agent-room`.'
		: 'Ready. Continue with `agent-room init`.';
};

const checkStateFolder = (place: Place): Check => {
	try {
		accessSync(place.stateFolder, constants.W_OK);
		return check('state', 'ok', place.stateFolder);
	} catch {
		return check('state', 'bad', `${place.stateFolder} cannot be written`, `chmod u+rwx ${place.stateFolder}`);
	}
};

/** Where merges go, as far as configuration says it: the remote is asked when a room opens. */
const checkMerges = async (
	repository: Repository,
	base: string,
	{merge, remote, isShared}: Pick<Config, 'merge' | 'remote'> & {readonly isShared: boolean},
): Promise<readonly Check[]> => {
	const {findRemote, hasUpstream, remoteBase} = await import('../../git/remote/remote.ts');
	const isPush = merge === 'push' || merge === 'pr' || (merge === undefined && isShared && (await hasUpstream(repository.root, base)));
	if (!isPush) return [];
	return [check('merge', 'ok', `merges are pushed to ${remoteBase(await findRemote(repository, base, remote))}`)];
};

/** What killed processes have left in the room's own state; with `--repair` it is mended. A room does the same when it starts. */
const checkState = async (place: Place, repository: Repository, base: string, mends: boolean): Promise<readonly Check[]> => {
	const clone = join(place.stateFolder, 'guardian.git');
	if (!existsSync(clone) && !existsSync(join(place.stateFolder, 'trees.git'))) return [];
	const {repairState} = await import('../../room/recovery/repair.ts');
	const found = await repairState(place.stateFolder, {repository, clone, base}, mends);
	if (found.length === 0) return mends ? [check('state', 'ok', 'nothing to repair')] : [];
	const told = found.map(({what, path}) => `${what}: ${path}`);
	return told.map(text => (mends ? check('state', 'ok', `repaired: ${text}`) : check('state', 'warn', text, 'agent-room doctor --repair')));
};

const checkRepository = async (invocation: Invocation): Promise<readonly Check[]> => {
	const [{openRepository, resolveBase}, {readMark}] = await Promise.all([
		import('../../git/repository/repository.ts'),
		import('../../git/repository/mark.ts'),
	]);
	try {
		const place = findPlace(invocation);
		const repository = await openRepository(place.repository.root);
		// What would count is looked at as it is written, trusted or not; nothing of it runs here.
		const {config, allowed, ignored, file, userFile} = await configurationOf(invocation, place);
		const base = await resolveBase(repository, allowed.base, readMark(place.stateFolder));
		const keymap = checkKeys(config.keys, [file, userFile]);
		const tmux = await checkTmux(invocation, keymap.leaders);
		const warnings = keyWarnings(keymap, [file, userFile]);
		return [
			check('repository', 'ok', `${repository.name}@${base}`),
			...(await checkMerges(repository, base, {...allowed, isShared: place.redisUrl !== ''})),
			checkStateFolder(place),
			...(await checkState(place, repository, base, isSet(invocation, 'repair'))),
			config.test === undefined
				? check(
						'test',
						'bad',
						'no test command: nothing can merge',
						file ? 'set `test:` in agent-room.yaml, such as `test: npm test`' : 'agent-room init',
					)
				: check('test', 'ok', config.test),
			(await uncommittedCommand(config, place.repository.root, base)) ??
				checkTeam(config, invocation.environment.PATH ?? '', file !== undefined),
			ignored.length === 0
				? check('trust', 'ok', file ? file.path : NO_FILE)
				: check('trust', 'bad', `${ignored[0]?.path} is not trusted, so nothing in it takes effect`, 'agent-room config trust'),
			...warnings.map(text => check('keys', 'warn', text, 'agent-room help keys')),
			...(tmux ? [tmux] : []),
		];
	} catch (error) {
		const {message, hint} = failureOf(error);
		return [check('repository', 'bad', message, hint)];
	}
};

/** All checks of a room, in parallel; changes nothing of the user's and runs nothing of the repository's. */
export const startChecks = (invocation: Invocation): ReadonlyArray<{readonly name: string; readonly found: Promise<readonly Check[]>}> => {
	const one = async (found: Promise<Check>): Promise<readonly Check[]> => [await found];
	return [
		{name: 'node', found: one(checkNode())},
		{name: 'git', found: one(checkGit())},
		{name: 'redis', found: one(checkRedis(invocation))},
		{
			name: 'agents',
			found: trustedClis(invocation).then(own => checkClis(invocation.environment, own, isSet(invocation, 'quick'))),
		},
		{name: 'sandbox', found: checkSandbox(invocation)},
		{name: 'terminal', found: one(checkTerminal(invocation))},
		{name: 'repository', found: checkRepository(invocation)},
	];
};

const runChecks = async (invocation: Invocation): Promise<readonly Check[]> =>
	(await Promise.all(startChecks(invocation).map(({found}) => found))).flat();

const MARKS = {ok: '✓', note: '?', warn: '!', bad: '✗'} as const;

/** `agent-room doctor`: a line a check, with the exact fix. Exits with 3 if the room could not work. */
export const doctor: RunCommand = async invocation => {
	const checks = await runChecks(invocation);
	for (const {name, result, text, fix, isAbsent} of checks) {
		if (isSet(invocation, 'json')) invocation.print(plainJson({name, result, text, fix}));
		else {
			invocation.print(`${isAbsent ? '·' : MARKS[result]} ${name.padEnd(11)} ${text}`);
			if (fix && result !== 'ok') invocation.print(`${' '.repeat(14)}${fix}`);
		}
	}
	if (!isSet(invocation, 'json')) invocation.print(nextStep(checks));
	return checks.some(check => check.result === 'bad') ? EXIT.notReady : EXIT.ok;
};
