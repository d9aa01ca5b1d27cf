import {spawn} from 'node:child_process';
import {constants} from 'node:os';
import {join, resolve} from 'node:path';
import {isatty} from 'node:tty';
import {findOnPath} from '../../os/find-program.ts';
import {parseRedisUrl, type SocketAddress} from '../../redis/address.ts';
import {addressOf} from '../../redis/server/credentials.ts';
import {findPlace, type Place} from '../config/place.ts';
import {CommandError, EXIT, type Invocation, notReady, type RunCommand, textFlag} from '../parse/command.ts';
import {askIfRunning} from './client.ts';
import {withStartLock} from './start.ts';

/** How redis-cli connects: the password is only in its environment, never in arguments, which every user can read. */
type Way = {readonly args: readonly string[]; readonly password: string | undefined};

const wayOfSocket = ({socketPath, username, password}: SocketAddress): Way => ({
	args: ['-s', socketPath, ...(username === undefined ? [] : ['--user', username])],
	password,
});

/** How to reach a shared server; asks Sentinel for the primary. redis-cli itself reads `files`: options and paths. */
const wayOfServer = async ({redisUrl, redisAccess, namespace}: Place, files: readonly string[]): Promise<Way> => {
	const {kind, path, hosts, name, database, username, password, isTls} = parseRedisUrl(redisUrl);
	if (kind === 'socket') return wayOfSocket({socketPath: path, ...(redisAccess.password ? {password: redisAccess.password} : {})});
	const {ca, cert, key, sentinelPassword} = redisAccess;
	const tls = {...(ca ? {ca} : {}), ...(cert && key ? {cert, key} : {})};
	const ofSentinels = {...(isTls ? {tls} : {}), ...(sentinelPassword ? {password: sentinelPassword} : {})};
	const [host] = kind === 'sentinel' ? [await (await import('../../redis/primary.ts')).findBySentinel(hosts, name, ofSentinels)()] : hosts;
	return {
		args: [
			...['-h', host?.host ?? '127.0.0.1', '-p', String(host?.port ?? 6379)],
			...(kind === 'cluster' || namespace.includes('{') ? ['-c'] : []),
			...(database > 0 ? ['-n', String(database)] : []),
			...(username ? ['--user', username] : []),
			...(isTls ? ['--tls', ...files] : []),
		],
		password: redisAccess.password || password || undefined,
	};
};

/**
 * Runs `program` on this terminal until it exits; returns a shell's exit code. Ctrl+c and ctrl+\ are the program's alone: redis-cli
 * continues after them when a subscription ends.
 */
const runHere = (program: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> =>
	new Promise((resolve, reject) => {
		const child = spawn(program, [...args], {stdio: 'inherit', env});
		const passOn = (signal: NodeJS.Signals): void => void child.kill(signal);
		const ofTerminal = (signal: NodeJS.Signals): void => void (isatty(0) || child.kill(signal));
		const passed = ['SIGTERM', 'SIGHUP'] as const;
		const kept = ['SIGINT', 'SIGQUIT'] as const;
		for (const signal of passed) process.on(signal, passOn);
		for (const signal of kept) process.on(signal, ofTerminal);
		const settle = (): void => {
			for (const signal of passed) process.off(signal, passOn);
			for (const signal of kept) process.off(signal, ofTerminal);
		};
		child.once('error', error => {
			settle();
			reject(new CommandError('failed', `\`${program}\` cannot be started: ${error.message}.`));
		});
		child.once('exit', (code, signal) => {
			settle();
			resolve(code ?? 128 + (signal ? constants.signals[signal] : EXIT.failed));
		});
	});

const cliOf = ({environment}: Invocation): string => {
	const path = environment.PATH ?? '';
	const found = findOnPath('redis-cli', path) ?? findOnPath('valkey-cli', path);
	if (found) return found;
	throw notReady(
		'no-redis-cli',
		'Neither `redis-cli` nor `valkey-cli` is on the PATH.',
		'Install one with `agent-room setup --with redis-cli`.',
	);
};

/** The running room's Redis, as it reports without a password; undefined without a room. */
const addressOfRoom = async (invocation: Invocation): Promise<string | undefined> => {
	const reply = await askIfRunning(invocation, {op: 'status'});
	const redis = reply && typeof reply.data === 'object' && reply.data && 'redis' in reply.data ? reply.data.redis : undefined;
	if (reply === undefined) return undefined;
	return typeof redis === 'object' && redis && 'address' in redis ? String(redis.address) : '';
};

/**
 * Works on a private server without a room: starts or adopts it; the last user stops it. Holds the start lock only at both ends, so that a
 * room may start meanwhile and keep the server.
 */
const besideServer = async (place: Place, invocation: Invocation, work: () => Promise<number>): Promise<number> => {
	const [{startServer}, {connectRedis}] = await Promise.all([import('../../redis/server/server.ts'), import('../../redis/connection.ts')]);
	const {server, held} = await withStartLock(place.stateFolder, async () => {
		const started = await startServer({folder: join(place.stateFolder, 'redis')});
		// Counts as used from here on, so that no one else stops it.
		return {server: started, held: await connectRedis(started.address)};
	});
	try {
		return await work();
	} finally {
		await withStartLock(place.stateFolder, async () => {
			held.close();
			if ((await addressOfRoom(invocation)) === undefined) await server.stopUnlessUsed();
		});
	}
};

/**
 * `agent-room redis-cli ARGS...`: runs redis-cli on this room's Redis with its credentials. Arguments, input, output, terminal and exit
 * code pass through.
 */
export const redisCli: RunCommand = async invocation => {
	const program = cliOf(invocation);
	const place = findPlace(invocation);
	const run = ({args, password}: Way): Promise<number> =>
		runHere(program, [...args, ...invocation.input], {
			...invocation.environment,
			...(password === undefined ? {} : {REDISCLI_AUTH: password, VALKEYCLI_AUTH: password}),
		});
	if (place.redisUrl) {
		const given = (option: string, flag: string, variable: string): readonly string[] => {
			const file = textFlag(invocation, flag) || invocation.environment[variable] || '';
			return file === '' ? [] : [option, resolve(invocation.folder, file)];
		};
		const files = [
			...given('--cacert', 'redisCa', 'AGENT_ROOM_REDIS_CA'),
			...given('--cert', 'redisCert', 'AGENT_ROOM_REDIS_CERT'),
			...given('--key', 'redisKey', 'AGENT_ROOM_REDIS_KEY'),
		];
		return run(await wayOfServer(place, files));
	}
	const folder = join(place.stateFolder, 'redis');
	const used = await addressOfRoom(invocation);
	if (used === undefined) return besideServer(place, invocation, () => run(wayOfSocket(addressOf(folder))));
	const own = addressOf(folder);
	if (used === own.socketPath) return run(wayOfSocket(own));
	throw notReady(
		'other-redis',
		`The room here uses the Redis at \`${used}\`.`,
		'Give its address with `--redis URL` and its password with `--redis-password-file FILE`.',
	);
};
