import {homedir} from 'node:os';
import {join, resolve} from 'node:path';
import {changesBetween} from '../../core/config/changes.ts';
import {type Config, configSchema} from '../../core/config/config.ts';
import type {RulesFile} from '../../core/config/rules.ts';
import {ROLES} from '../../roles/roles.ts';
import {CommandError, EXIT, type Invocation, isSet, textFlag, wrongUsage} from '../parse/command.ts';
import {didYouMean} from '../parse/parse.ts';
import {checkRoles, withBriefs} from './check.ts';
import {type ConfigFile, readConfigFile} from './file.ts';
import {isInside} from './inside.ts';
import type {Place} from './place.ts';
import {rulesInEffect} from './rules.ts';
import {KNOWN_HARNESSES} from './team.ts';
import {type Configuration, isContentTrusted, trustContent} from './trust.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** The user's file: `$XDG_CONFIG_HOME/agent-room/config.yaml`. */
export const userConfigPath = (environment: Environment): string => {
	const home = environment.XDG_CONFIG_HOME;
	return join(home?.startsWith('/') ? home : join(environment.HOME || homedir(), '.config'), 'agent-room', 'config.yaml');
};

/** The repository's file, or the one named by the user. */
export const configPath = (options: {readonly root: string; readonly folder: string; readonly named: string}): string =>
	options.named ? resolve(options.folder, options.named) : join(options.root, 'agent-room.yaml');

const record = (value: unknown): Record<string, unknown> => (typeof value === 'object' && value ? {...value} : {});

/** The repository wins over the user, key by key; harnesses, roles, keys and notices merge by name. */
const merge = (user: ConfigFile | undefined, own: ConfigFile | undefined, rules: RulesFile | undefined): Config =>
	configSchema.parse({
		...user?.raw,
		...own?.raw,
		prices: {...rules?.prices, ...record(own?.raw.prices ?? user?.raw.prices)},
		harnesses: {...record(user?.raw.harnesses), ...record(own?.raw.harnesses)},
		roles: {...record(user?.raw.roles), ...record(own?.raw.roles)},
		keys: {...record(user?.raw.keys), ...record(own?.raw.keys)},
		notify: {...record(user?.raw.notify), ...record(own?.raw.notify)},
	});

/** Refuses undefined roles and harnesses when the file is read, not when an agent starts. */
const checkTeam = (config: Config, path: string): void => {
	const refuse = (message: string, hint: string): CommandError => new CommandError('config', `${path}: ${message}`, hint, EXIT.usage);
	const harnesses = [...Object.keys(config.harnesses), ...Object.keys(KNOWN_HARNESSES), 'scripted'];
	for (const {role, harness} of config.team) {
		const known = ROLES.find(candidate => candidate.name === role);
		if (!known && !/^[a-z][a-z0-9-]*$/.test(role)) throw refuse(`Invalid role \`${role}\`.`, 'Use lower-case letters, digits and dashes.');
		const meant = didYouMean(
			role,
			ROLES.map(candidate => candidate.name),
		);
		if (!known && meant && !Object.hasOwn(config.roles, role)) throw refuse(`unknown role \`${role}\`.`, meant);
		if (known?.program) continue;
		if (harness === undefined) throw refuse(`the role \`${role}\` has no harness.`, `One of: ${harnesses.join(', ')}.`);
		if (!harnesses.includes(harness))
			throw refuse(`unknown harness \`${harness}\`.`, didYouMean(harness, harnesses, `Known: ${harnesses.join(', ')}.`));
	}
};

/** Checks the merged configuration; `files`: where a mistake may be, the winner first. */
const checkAll = async (config: Config, files: readonly (ConfigFile | undefined)[]): Promise<void> => {
	const path = files.find(file => file !== undefined)?.path ?? 'the configuration';
	checkRoles(
		config,
		path,
		ROLES.map(({name}) => name),
	);
	checkTeam(config, path);
	if (Object.keys(config.keys).length > 0) (await import('./keys.ts')).checkKeys(config.keys, files);
};

/**
 * Loads `agent-room.yaml` (or `named`) over the user's file over the defaults. A file in the repository or in the room's state folder,
 * where agents write, whatever names or links lead to it, only takes effect with content you trusted: before, by `trust` (--trust) or
 * `AGENT_ROOM_TRUST=1`, both remembered. Until then it counts as missing. Guarantee: reading runs nothing. Refuses (exit 2) with file, line
 * and key.
 */
export const loadConfiguration = async (options: {
	readonly root: string;
	readonly stateFolder: string;
	readonly folder: string;
	readonly named: string;
	readonly trust: boolean;
	readonly environment: Environment;
}): Promise<Configuration> => {
	const named = options.named || options.environment.AGENT_ROOM_CONFIG || '';
	const paths = {project: configPath({...options, named}), user: userConfigPath(options.environment)};
	const theirs = [options.root, options.stateFolder];
	const read = (path: string): {readonly file: ConfigFile | undefined; readonly isTheirs: boolean} => {
		const home = theirs.find(folder => isInside(path, [folder])) ?? '';
		const file = readConfigFile(path, home);
		return {file: file && withBriefs(file, home), isTheirs: home !== ''};
	};
	const project = read(paths.project);
	if (named && !project.file) throw wrongUsage(`\`${paths.project}\` does not exist.`, 'Correct --config or AGENT_ROOM_CONFIG.');
	const user = read(paths.user);
	const {file} = project;
	const userFile = user.file;
	const rules = rulesInEffect(paths.user, theirs);
	const config = merge(userFile, file, rules);
	await checkAll(config, [file, userFile]);
	const isTrustGiven = options.trust || options.environment.AGENT_ROOM_TRUST === '1';
	const ignored = [project, user].flatMap(({file: one, isTheirs}): readonly ConfigFile[] => {
		if (!one || !isTheirs || Object.keys(one.raw).length === 0) return [];
		if (isTrustGiven) trustContent(options.stateFolder, one.content);
		return isContentTrusted(options.stateFolder, one.content) ? [] : [one];
	});
	const counting = [file, userFile].map(one => (one && ignored.includes(one) ? undefined : one));
	const allowed = ignored.length === 0 ? config : merge(counting[1], counting[0], rules);
	if (ignored.length > 0) await checkAll(allowed, counting);
	// Compares what is trusted with what would hold without it, and untrusted values with those in effect.
	const without = merge(user.isTheirs ? undefined : userFile, project.isTheirs ? undefined : file, rules);
	return {
		config,
		allowed,
		isTrusted: ignored.length === 0,
		ignored,
		changes: changesBetween(without, config),
		rules,
		file,
		userFile,
		paths,
	};
};

/** The configuration for a command's flags and environment. */
export const configurationOf = (invocation: Invocation, place: Place): Promise<Configuration> =>
	loadConfiguration({
		root: place.repository.root,
		stateFolder: place.stateFolder,
		folder: invocation.folder,
		named: textFlag(invocation, 'config'),
		trust: isSet(invocation, 'trust'),
		environment: invocation.environment,
	});
