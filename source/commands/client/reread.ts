import {createHash} from 'node:crypto';
import {statSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {RULES_FILE} from '../../core/config/rules.ts';
import type {ConfigSource, RoomOptions} from '../../room/parts/options.ts';
import type {Configuration} from '../config/trust.ts';

/** What tells two states of a file apart without reading it. */
const stateOf = (file: string): string => {
	const found = statSync(file, {throwIfNoEntry: false, bigint: true});
	return found ? `${found.ino} ${found.size} ${found.mtimeNs}` : '';
};

/** What reading needs, which a start does not load. */
const load = async () => {
	const [{readMark}, {openRepository, resolveBase}, {loadConfiguration}, {trustContent}, {roomOptions}] = await Promise.all([
		import('../../git/repository/mark.ts'),
		import('../../git/repository/repository.ts'),
		import('../config/load.ts'),
		import('../config/trust.ts'),
		import('./options.ts'),
	]);
	return {readMark, openRepository, resolveBase, loadConfiguration, trustContent, roomOptions};
};

/** Reads a room's configuration again, from the files that it was started with; undefined if it was started without. */
export const createConfigSource = (options: RoomOptions): ConfigSource | undefined => {
	const {repository: root, stateFolder, namespace, redisUrl = '', redisAccess = {}} = options;
	// Trust for everything is an order for one start, not for each later version of the file.
	const {AGENT_ROOM_TRUST: _trust, AGENT_ROOM_CONFIG: _config, ...environment} = process.env;
	const pathOf = (whose: 'project' | 'user'): string => options.settings?.files.find(file => file.whose === whose)?.path ?? '';
	const [project, user] = [pathOf('project'), pathOf('user')];
	if (project === '' || user === '') return undefined;
	const isNamed = project !== join(root, 'agent-room.yaml');
	let files = [project, user, ...(options.configFiles ?? []).map(file => join(root, file))];
	const stateNow = (): string => files.map(stateOf).join('\n');
	// What is not trusted can be taken from the start.
	let state = options.isTrusted ? stateNow() : '';
	const rulesFile = join(dirname(user), RULES_FILE);
	let rulesState = stateOf(rulesFile);
	let last: Configuration | undefined;
	let loaded: Awaited<ReturnType<typeof load>> | undefined;
	return {
		newRules: async () => {
			const now = stateOf(rulesFile);
			if (now === rulesState) return undefined;
			rulesState = now;
			const {rulesInEffect} = await import('../config/rules.ts');
			return {rules: rulesInEffect(user, [root, stateFolder])};
		},
		hasChanged: () => stateNow() !== state,
		read: async () => {
			state = stateNow();
			loaded ??= await load();
			const {readMark, openRepository, resolveBase, loadConfiguration, roomOptions} = loaded;
			const configuration = await loadConfiguration({
				...{root, stateFolder, folder: root, named: isNamed ? project : '', trust: false},
				environment,
			});
			last = configuration;
			const repository = await openRepository(root);
			const {config} = configuration;
			const {options: trusted} = roomOptions({
				repository,
				place: {stateFolder, namespace, redisUrl, redisAccess},
				configuration: {...configuration, allowed: config, isTrusted: true, ignored: []},
				base: await resolveBase(repository, config.base, readMark(stateFolder)),
				path: environment.PATH ?? '',
				isForeground: options.isForeground,
				untilEmpty: options.untilEmpty,
				program: dirname(dirname(options.programFile)),
			});
			files = [project, user, ...(trusted.configFiles ?? []).map(file => join(root, file))];
			// Prompts that are named now are watched from here on.
			state = [state.split('\n').slice(0, 2).join('\n'), ...files.slice(2).map(stateOf)].join('\n');
			const contents = [configuration.file, configuration.userFile].map(file => (file ? [file.path, file.content] : []));
			return {
				print: createHash('sha256').update(JSON.stringify(contents)).digest('hex'),
				isTrusted: configuration.isTrusted,
				options: trusted,
			};
		},
		trust: () => {
			for (const {content} of last?.ignored ?? []) loaded?.trustContent(stateFolder, content);
		},
	};
};
