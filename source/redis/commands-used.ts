import type {Greeting} from './connection.ts';
import {RedisRefused} from './errors.ts';
import {listOf, wordsOf} from './scripts/replies.ts';
import {argumentList, loadScript, SCRIPTS, type ScriptName} from './scripts/table.ts';
import {WRITTEN} from './subscriber.ts';

/** Commands sent besides those of scripts. */
const SENT = ['HGET', 'HSETNX', 'INFO', 'SET', 'XRANGE', 'XREAD'] as const;

/** Commands called by a script, also by soft calls (lib/base); a container such as XINFO with its subcommand. */
export const commandsIn = (text: string): readonly string[] =>
	[...text.matchAll(/(?:redis\.p?call|softly)\('([A-Z]+)'(?:, '([A-Z]+)')?/g)].map(([, command = '', next = '']) =>
		command === 'XINFO' ? `${command} ${next}` : command,
	);

/** Every command the room uses, once. */
export const commandsUsed = (): readonly string[] => {
	const names = Object.keys(SCRIPTS) as ScriptName[];
	return [...new Set([...SENT, ...names.flatMap(name => commandsIn(loadScript(name).text))])].toSorted();
};

/** Sent by every client, or to some servers only: if forbidden, at most a feature is missing. */
const ALSO_SENT = [
	...['EVAL', 'EVALSHA', 'CLIENT SETNAME', 'CLIENT ID', 'CLIENT TRACKING', 'SELECT', 'SUBSCRIBE', 'PSUBSCRIBE', 'WAIT'],
	// Of `leave`: finds what is to be moved back.
	'SCAN',
	...['CLUSTER INFO', 'CLUSTER KEYSLOT', 'CLUSTER SLOTS'],
] as const;

/** Escapes wildcards of ACL patterns. */
const literally = (text: string): string => text.replace(/[\\*?[\]]/g, '\\$&');

/** The `ACL SETUSER` line of a user with exactly the room's rights in a database. `secret` is `>PASSWORD` or `#DIGEST`. Pure. */
export const aclLine = (user: string, secret: string, namespace: string, database = 0): string => {
	const prefix = literally(namespace);
	const commands = [...commandsUsed(), ...ALSO_SENT].map(name => `+${name.toLowerCase().replace(' ', '|')}`);
	// Who subscribes to a pattern may do so only if the line has that very pattern.
	const locks = `__keyspace@${database}__:${prefix}:locks:task:*`;
	const channels = [`${prefix}:*`, `__keyspace@*__:${prefix}:*`, locks, '__keyevent@*__:expired', WRITTEN];
	return [
		...['ACL SETUSER', user, 'reset', 'on', secret, `~${prefix}:*`, ...channels.map(channel => `&${channel}`)],
		...[...new Set(commands)].toSorted(),
	].join(' ');
};

const named = (names: readonly string[]): string =>
	`${names.length === 1 ? 'the command' : 'the commands'} ${names.map(name => `\`${name}\``).join(', ')}`;

/**
 * Refuses a server that lacks or forbids a command, or has foreign data in our keys, so that no script stops halfway. Throws
 * `RedisRefused`. A server of the room's own has and allows all commands: reading every script for them would delay each start.
 */
export const checkCommands = async (greeting: Greeting, address: string, namespace: string, isOwn = false): Promise<void> => {
	const args = argumentList('check-server', namespace, '', {'commands...': isOwn ? [] : commandsUsed()});
	const hint = `\`agent-room setup redis --acl --namespace '${namespace}'\` prints the ACL line of a user with the needed permissions.`;
	const reply = await greeting.run(loadScript('check-server'), [`${namespace}:events`], args).catch((error: unknown) => {
		if (!(error instanceof Error) || !error.message.startsWith('NOPERM')) throw error;
		throw new RedisRefused('forbidden', `The Redis user at \`${address}\` may not use \`${namespace}:*\`.`, hint, error);
	});
	const [missing = [], forbidden = [], others] = listOf(reply).map(wordsOf);
	if (missing.length > 0)
		throw new RedisRefused(
			'lacks-command',
			`Redis at \`${address}\` lacks ${named(missing)}, which agent-room needs.`,
			'Do not rename these commands on that server, or use another server.',
		);
	const [key, kind, right] = others ?? [];
	if (key)
		throw new RedisRefused(
			'other-data',
			`Key \`${key}\` in Redis at \`${address}\` is a ${kind}, not a ${right}: another program wrote it.`,
			'Rename or delete that key, or use another namespace with `--namespace`.',
		);
	if (forbidden.length > 0)
		throw new RedisRefused('forbidden', `The Redis user at \`${address}\` may not run ${named(forbidden)} on \`${namespace}:*\`.`, hint);
};
