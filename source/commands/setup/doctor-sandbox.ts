import {execFile} from 'node:child_process';
import {existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync} from 'node:fs';
import {homedir, tmpdir} from 'node:os';
import {join} from 'node:path';
import {promisify} from 'node:util';
import {type Config, configSchema} from '../../core/config/config.ts';
import {findOnPath} from '../../os/find-program.ts';
import {surround} from '../../room/prepare/sandbox.ts';
import {findGroups, notEnforced} from '../../sandbox/limits.ts';
import {chosenSandbox, findSandbox, type Sandbox} from '../../sandbox/sandbox.ts';
import {socketPathFor} from '../../socket/path.ts';
import {configurationOf} from '../config/load.ts';
import {findPlace} from '../config/place.ts';
import {type Invocation, packageRoot} from '../parse/command.ts';
import {type Check, check} from './doctor-clis.ts';

type Here = {readonly config: Config; readonly stateFolder: string; readonly repository: string};

/** The effective configuration; defaults outside a repository or if unreadable. */
const hereOf = async (invocation: Invocation): Promise<Here> => {
	try {
		const place = findPlace(invocation);
		const {allowed} = await configurationOf(invocation, place);
		return {config: allowed, stateFolder: place.stateFolder, repository: place.repository.root};
	} catch {
		return {config: configSchema.parse({}), stateFolder: '/nonexistent', repository: '/nonexistent'};
	}
};

/** Prints which of its `NAME PATH` pairs are readable. A folder counts if it shows anything the sandbox did not create. */
const LOOK = `while [ $# -gt 1 ]; do
	if [ -d "$2" ]; then [ -e "$2/$3" ] && echo "$1"; elif [ -r "$2" ]; then echo "$1"; fi
	shift 3
done
exit 0`;

/**
 * Tests a sandbox from inside by trying what an agent must not reach. Returns what was reachable, [] for nothing; throws an Error if it
 * cannot test.
 */
const reached = async (found: Sandbox, {config, stateFolder, repository}: Here, invocation: Invocation): Promise<readonly string[]> => {
	const scratch = mkdtempSync(join(tmpdir(), 'agent-room-doctor-'));
	const home = invocation.environment.HOME || homedir();
	const mine = join(home, `.agent-room-doctor-${process.pid}`);
	try {
		const other = join(scratch, 'state', 'worktrees', 'other');
		const work = join(scratch, 'state', 'worktrees', 'work');
		for (const folder of [other, work]) mkdirSync(folder, {recursive: true, mode: 0o700});
		writeFileSync(join(other, 'canary'), '');
		// A temporary file of ours: none of the user's is even looked at.
		writeFileSync(mine, '', {mode: 0o600, flag: 'wx'});
		const tried: ReadonlyArray<readonly [name: string, path: string, within: string]> = [
			['your home', mine, ''],
			['another worktree', other, 'canary'],
			['the state folder', stateFolder, 'redis'],
			["the room's socket", socketPathFor(stateFolder), ''],
			['Redis', join(stateFolder, 'redis', 'redis.sock'), ''],
			['your checkout', repository, '.git/HEAD'],
		];
		const surrounded = surround(
			{
				found,
				health: {isBroken: false},
				groups: undefined,
				config: {...config, network: config.network === 'models' ? 'off' : config.network, limits: {}},
				inherited: invocation.environment,
				stateFolder: join(scratch, 'state'),
				repository,
				node: process.execPath,
				binFile: join(packageRoot(), 'bin', 'agent-room.js'),
				forwardFile: join(packageRoot(), 'dist', 'forward.js'),
				identity: '',
				onRefused: () => {},
			},
			{
				...{home: 'doctor', agent: '', task: '', name: 'doctor', cwd: work, command: ['sh']},
				environment: {PATH: invocation.environment.PATH ?? '/usr/bin:/bin', HOME: home},
				writable: [work],
				readable: [],
			},
		);
		const [program = 'sh', ...args] = [...surrounded.prefix, 'sh', '-c', LOOK, 'sh', ...tried.flat()];
		const {stdout} = await promisify(execFile)(program, args, {cwd: work, env: surrounded.environment, timeout: 20_000});
		return stdout.split('\n').filter(Boolean);
	} finally {
		rmSync(mine, {force: true});
		rmSync(scratch, {recursive: true, force: true});
	}
};

const networkWords: Readonly<Record<Config['network'], string>> = {
	on: 'the network is open, including loopback (close it with `network: models` or `off`)',
	models: 'the network reaches only model providers and `hosts:`',
	off: 'no network',
};

const KINDS: Readonly<Record<Sandbox['kind'], string>> = {
	bubblewrap: 'bubblewrap',
	seatbelt: 'sandbox-exec, not tested',
	prefix: 'your own command',
	none: '',
};

const looked = async (found: Sandbox, here: Here, invocation: Invocation): Promise<Check> => {
	const {config} = here;
	let sandbox: Sandbox;
	try {
		sandbox = chosenSandbox(config.sandbox, found, invocation.environment);
	} catch (error) {
		return check('sandbox', 'bad', `${error instanceof Error ? error.message : String(error)}`, 'agent-room setup');
	}
	if (sandbox.kind === 'none')
		return check(
			'sandbox',
			'warn',
			sandbox.why === '' ? 'off: agents run with all your permissions' : `none: ${sandbox.why}; agents run with all your permissions`,
			sandbox.why === '' ? '`sandbox: auto` in agent-room.yaml' : 'agent-room setup',
		);
	try {
		const open = await reached(found, here, invocation);
		const name = KINDS[sandbox.kind];
		return open.length === 0
			? check(
					'sandbox',
					'ok',
					`${name}: home, state folder, other worktrees, Redis and your socket are blocked; ${networkWords[config.network]}`,
				)
			: check(
					'sandbox',
					sandbox.kind === 'prefix' ? 'warn' : 'bad',
					`${name}: agents can reach ${open.join(', ')}`,
					'agent-room help security',
				);
	} catch (error) {
		return check(
			'sandbox',
			'bad',
			`it does not run: ${error instanceof Error ? error.message.split('\n').at(-1) || error.message : String(error)}`,
			'agent-room setup',
		);
	}
};

/**
 * Worktrees that the sandbox of Codex hides from Codex's own commands: it makes a new /dev. Only where it is used: without a sandbox of the room,
 * by an agent that may not do everything. undefined if there are none.
 */
export const hiddenWorktrees = (
	{config, stateFolder}: Pick<Here, 'config' | 'stateFolder'>,
	kind: Sandbox['kind'],
	isOnPath: (program: string) => boolean,
): Check | undefined => {
	const {team, harnesses} = config;
	const isOfCodex = ({harness = '', permissions}: Config['team'][number]): boolean =>
		(harnesses[harness]?.cli ?? harness) === 'codex' &&
		(permissions ?? harnesses[harness]?.permissions) !== 'full' &&
		(kind === 'none' || harnesses[harness]?.sandbox === 'off');
	const isUsed = team.length > 0 ? team.some(isOfCodex) : kind === 'none' && isOnPath('codex');
	if (!isUsed || !`${stateFolder}/`.startsWith('/dev/')) return undefined;
	return check(
		'codex',
		'warn',
		`its sandbox hides everything below /dev from its commands, and the worktrees are in ${stateFolder}`,
		'set `XDG_STATE_HOME` to a folder outside of /dev',
	);
};

/** The sandbox here, tested from inside, and the limits that nothing enforces. */
export const checkSandbox = async (invocation: Invocation): Promise<readonly Check[]> => {
	const here = await hereOf(invocation);
	const open = notEnforced(here.config.limits, findGroups());
	const found = await findSandbox(invocation.environment);
	const {sandbox} = here.config;
	const kind = sandbox === 'off' ? 'none' : Array.isArray(sandbox) ? 'prefix' : found.kind;
	const stateFolder = existsSync(here.stateFolder) ? realpathSync(here.stateFolder) : here.stateFolder;
	const isOnPath = (program: string): boolean => findOnPath(program, invocation.environment.PATH ?? '') !== undefined;
	const hidden = hiddenWorktrees({...here, stateFolder}, kind, isOnPath);
	return [
		await looked(found, here, invocation),
		...(hidden ? [hidden] : []),
		...(open.length === 0
			? []
			: [
					check(
						'limits',
						'warn',
						`${open.join(' and ')} not enforced: cannot create a cgroup`,
						'start the room in a session with delegated cgroups',
					),
				]),
	];
};
