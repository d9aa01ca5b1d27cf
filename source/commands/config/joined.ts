import {readFileSync, renameSync, rmSync, writeFileSync} from 'node:fs';
import {join, resolve} from 'node:path';
import {withoutPassword} from '../../redis/address.ts';
import {type Invocation, isSet, textFlag} from '../parse/command.ts';

/** The team that a repository has joined for good, as it was named then; no password, '' for what was not given. */
export type JoinedTeam = {
	readonly redis: string;
	readonly namespace: string;
	/** Namespace of the embedded Redis, which the queue came from. */
	readonly home: string;
	readonly passwordFile: string;
	readonly ca: string;
	readonly cert: string;
	readonly key: string;
	readonly isVolatile: boolean;
};

const fileOf = (stateFolder: string): string => join(stateFolder, 'team.json');

/** Undefined where it has joined none. */
export const readJoined = (stateFolder: string): JoinedTeam | undefined => {
	try {
		const found: Partial<Record<keyof JoinedTeam, unknown>> = JSON.parse(readFileSync(fileOf(stateFolder), 'utf8'));
		const text = (key: keyof JoinedTeam): string => (typeof found[key] === 'string' ? found[key] : '');
		const joined = {redis: text('redis'), namespace: text('namespace'), home: text('home')};
		const further = {
			passwordFile: text('passwordFile'),
			ca: text('ca'),
			cert: text('cert'),
			key: text('key'),
			isVolatile: found.isVolatile === true,
		};
		return joined.redis !== '' && joined.namespace !== '' && joined.home !== '' ? {...joined, ...further} : undefined;
	} catch {
		return undefined;
	}
};

/** Remembers the team that an invocation names. */
export const writeJoined = (stateFolder: string, invocation: Invocation, known: Pick<JoinedTeam, 'redis' | 'namespace' | 'home'>): void => {
	const path = (flag: string): string => (textFlag(invocation, flag) ? resolve(invocation.folder, textFlag(invocation, flag)) : '');
	const {AGENT_ROOM_REDIS_CA = '', AGENT_ROOM_REDIS_CERT = '', AGENT_ROOM_REDIS_KEY = ''} = invocation.environment;
	const files = {
		ca: path('redisCa') || AGENT_ROOM_REDIS_CA,
		cert: path('redisCert') || AGENT_ROOM_REDIS_CERT,
		key: path('redisKey') || AGENT_ROOM_REDIS_KEY,
	};
	const joined: JoinedTeam = {...known, passwordFile: path('redisPasswordFile'), ...files, isVolatile: isSet(invocation, 'redisVolatile')};
	const file = fileOf(stateFolder);
	writeFileSync(`${file}.new`, JSON.stringify(joined), {mode: 0o600});
	renameSync(`${file}.new`, file);
};

export const forgetJoined = (stateFolder: string): void => rmSync(fileOf(stateFolder), {force: true});

/** An invocation that names no Redis but the team's, in a repository that has joined one: as if it said all that was said then. What it says itself comes first. */
export const asMember = (invocation: Invocation, stateFolder: string): Invocation => {
	const given = textFlag(invocation, 'redis') || invocation.environment.AGENT_ROOM_REDIS_URL || '';
	const joined = readJoined(stateFolder);
	if (!joined || (given !== '' && withoutPassword(given) !== joined.redis)) return invocation;
	const {redis, namespace, passwordFile, ca, cert, key, isVolatile} = joined;
	const own = Object.fromEntries(
		Object.entries(invocation.flags).filter(([, value]) => value !== undefined && value !== '' && value !== false),
	);
	const team = {
		...(given === '' ? {redis} : {}),
		namespace,
		...(passwordFile ? {redisPasswordFile: passwordFile} : {}),
		...(ca ? {redisCa: ca} : {}),
		...(cert ? {redisCert: cert} : {}),
		...(key ? {redisKey: key} : {}),
		...(isVolatile ? {redisVolatile: true} : {}),
	};
	return {...invocation, flags: {...invocation.flags, ...team, ...own}};
};
