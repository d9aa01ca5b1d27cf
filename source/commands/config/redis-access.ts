import {readFileSync, statSync} from 'node:fs';
import {createRequire} from 'node:module';
import {resolve} from 'node:path';
import {parseRedisUrl, type RedisTarget, withoutSecrets} from '../../redis/address.ts';
import {RedisRefused} from '../../redis/errors.ts';
import type {RoomOptions} from '../../room/parts/options.ts';
import {type Invocation, isSet, textFlag, wrongUsage} from '../parse/command.ts';

const LARGEST = 1_000_000;

const readGiven = (invocation: Invocation, flag: string, name: string): string => {
	const file = resolve(invocation.folder, name);
	try {
		if (statSync(file).size > LARGEST) throw wrongUsage(`\`${name}\` (\`${flag}\`) is too large.`);
		return readFileSync(file, 'utf8');
	} catch (error) {
		if (!(error instanceof Error && 'syscall' in error)) throw error;
		throw wrongUsage(`\`${name}\` (\`${flag}\`) cannot be read: ${'code' in error ? error.code : error.message}.`);
	}
};

const targetOf = (url: string): RedisTarget => {
	try {
		return parseRedisUrl(url);
	} catch (error) {
		if (!(error instanceof RedisRefused)) throw error;
		throw wrongUsage(error.message, error.hint);
	}
};

/** The password from a file (without its newline) or the environment; '' for none. */
const readPassword = (invocation: Invocation): string => {
	const file = textFlag(invocation, 'redisPasswordFile');
	if (!file) return invocation.environment.AGENT_ROOM_REDIS_PASSWORD ?? '';
	const password = readGiven(invocation, '--redis-password-file', file).replace(/\r?\n$/, '');
	if (password === '' || /[\r\n]/.test(password))
		throw wrongUsage(`\`${file}\` (\`--redis-password-file\`) does not hold a password.`, 'The file must hold the password on one line.');
	return password;
};

const readAuthorities = (invocation: Invocation): string => {
	const flag = textFlag(invocation, 'redisCa');
	const file = flag || invocation.environment.AGENT_ROOM_REDIS_CA || '';
	if (!file) return '';
	const name = flag ? '--redis-ca' : 'AGENT_ROOM_REDIS_CA';
	const text = readGiven(invocation, name, file);
	if (!text.includes('-----BEGIN CERTIFICATE-----'))
		throw wrongUsage(
			`\`${file}\` (\`${name}\`) holds no certificate.`,
			'Use the PEM file of the authority that signed the Redis certificate.',
		);
	return text;
};

/** The client's certificate and key, both or none. */
const readCertificate = (invocation: Invocation): {readonly cert: string; readonly key: string} | undefined => {
	const given = (flag: string, name: string, variable: string, begins: RegExp, what: string): string => {
		const file = textFlag(invocation, flag) || invocation.environment[variable] || '';
		if (!file) return '';
		const said = textFlag(invocation, flag) ? name : variable;
		const text = readGiven(invocation, said, file);
		if (!begins.test(text))
			throw wrongUsage(`\`${file}\` (\`${said}\`) holds no ${what}.`, 'It must be a PEM file, and a key without a passphrase.');
		return text;
	};
	const cert = given('redisCert', '--redis-cert', 'AGENT_ROOM_REDIS_CERT', /-----BEGIN CERTIFICATE-----/, 'certificate');
	const key = given('redisKey', '--redis-key', 'AGENT_ROOM_REDIS_KEY', /-----BEGIN (?!ENCRYPTED )[A-Z ]*PRIVATE KEY-----/, 'private key');
	if ((cert === '') !== (key === ''))
		throw wrongUsage(
			cert === '' ? '`--redis-key` needs the certificate of that key.' : '`--redis-cert` needs the key of that certificate.',
			cert === '' ? 'Add `--redis-cert FILE`.' : 'Add `--redis-key FILE`.',
		);
	if (cert === '') return undefined;
	// Loaded only where it is needed: every command reads these settings.
	const {createSecureContext} = createRequire(import.meta.url)('node:tls') as typeof import('node:tls');
	try {
		createSecureContext({cert, key});
	} catch (error) {
		throw wrongUsage(
			`The certificate and the key for Redis do not fit: ${error instanceof Error ? error.message : String(error)}.`,
			'`--redis-key` must be the key of `--redis-cert`.',
		);
	}
	return {cert, key};
};

export type GivenRedis = {
	/** '' means the embedded server. */
	readonly redisUrl: string;
	readonly redisAccess: NonNullable<RoomOptions['redisAccess']>;
};

/** The server of flags and environment. Refuses a URL with a password on the command line, which every user can read. */
export const readRedis = (invocation: Invocation): GivenRedis => {
	const flag = textFlag(invocation, 'redis');
	const redisUrl = flag || invocation.environment.AGENT_ROOM_REDIS_URL || '';
	if (redisUrl === '') {
		const vain = ['redisCa', 'redisCert', 'redisKey', 'redisPasswordFile', 'redisVolatile'].find(
			name => textFlag(invocation, name) !== '' || isSet(invocation, name),
		);
		if (vain === undefined) return {redisUrl, redisAccess: {}};
		throw wrongUsage(`\`--${vain.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)}\` needs a server.`, 'Add `--redis URL`.');
	}
	const {password, isTls, username} = targetOf(redisUrl);
	if (flag && password !== '')
		throw wrongUsage(
			`\`--redis ${withoutSecrets(redisUrl)}\` contains a password, which every user of this machine can read with \`ps\`.`,
			`Use the URL without it (${redisUrl.split('://')[0]}://${username || 'user'}@host) and pass the password with \`--redis-password-file FILE\` or AGENT_ROOM_REDIS_PASSWORD.`,
		);
	const ca = readAuthorities(invocation);
	if (ca !== '' && !isTls && textFlag(invocation, 'redisCa'))
		throw wrongUsage(`\`--redis-ca\` needs TLS, but \`${withoutSecrets(redisUrl)}\` does not use it.`, 'Use a URL with `rediss://`.');
	const certificate = readCertificate(invocation);
	if (certificate && !isTls && textFlag(invocation, 'redisCert'))
		throw wrongUsage(`\`--redis-cert\` needs TLS, but \`${withoutSecrets(redisUrl)}\` does not use it.`, 'Use a URL with `rediss://`.');
	const given = readPassword(invocation);
	const sentinelPassword = invocation.environment.AGENT_ROOM_REDIS_SENTINEL_PASSWORD ?? '';
	return {
		redisUrl,
		redisAccess: {
			...(given === '' ? {} : {password: given}),
			...(ca === '' ? {} : {ca}),
			...certificate,
			...(sentinelPassword === '' ? {} : {sentinelPassword}),
			...(isSet(invocation, 'redisVolatile') ? {isVolatile: true} : {}),
		},
	};
};
