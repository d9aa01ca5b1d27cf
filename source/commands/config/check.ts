import {statSync} from 'node:fs';
import {dirname, resolve} from 'node:path';
import {type Config, configSchema} from '../../core/config/config.ts';
import {unknownPlaceholder} from '../../roles/placeholders.ts';
import {roleNamed} from '../../roles/roles.ts';
import {CommandError, EXIT} from '../parse/command.ts';
import {didYouMean} from '../parse/parse.ts';
import type {ConfigFile} from './file.ts';
import {isInside, readInside, readOutside} from './inside.ts';

const LARGEST = 200_000;

const refuse = (path: string, message: string, hint: string): CommandError =>
	new CommandError('config', `${path}: ${message}`, hint, EXIT.usage);

/** A one-line prompt that looks like a text file's name is one. */
const isFileName = (prompt: string): boolean => /^[^\n{}]+\.(?:md|txt)$/.test(prompt.trim());

const readBrief = (file: string, of: string, path: string, within: string): string => {
	const missing = (why: string): CommandError =>
		refuse(path, `the prompt \`${file}\` of \`${of}\` ${why}.`, 'Use a path next to the config file.');
	const found = resolve(dirname(path), file);
	// A file from the repository may only name files inside it.
	if (within !== '' && !isInside(found, [within])) throw missing('is outside of the repository');
	if (!statSync(found, {throwIfNoEntry: false})?.isFile()) throw missing('is not a file');
	return (within === '' ? readOutside(found, LARGEST) : readInside(found, within, LARGEST)) ?? '';
};

/**
 * Reads the brief files that a configuration names. They instruct agents, so they are part of what you trust: any change asks again.
 * Refuses (exit 2) non-files, files outside `within` (the repository, '' for the user's own config), and unknown placeholders.
 */
export const withBriefs = (file: ConfigFile, within: string): ConfigFile => {
	const {roles} = configSchema.parse(file.raw);
	const contents: (readonly [role: string, prompt: string])[] = [];
	const names: string[] = [];
	const read = Object.entries(roles).map(([name, role]) => {
		if (role.prompt === undefined) return [name, role] as const;
		const isFile = isFileName(role.prompt);
		const prompt = isFile ? readBrief(role.prompt.trim(), name, file.path, within) : role.prompt;
		const unknown = unknownPlaceholder(prompt);
		if (unknown) throw refuse(file.path, `the prompt of \`${name}\` names \`{${unknown.name}}\`, which does not exist.`, unknown.hint);
		if (isFile) {
			contents.push([name, prompt]);
			names.push(resolve(dirname(file.path), (role.prompt ?? '').trim()));
		}
		return [name, {...role, prompt}] as const;
	});
	if (read.length === 0) return file;
	return {
		...file,
		raw: {...file.raw, roles: Object.fromEntries(read)},
		names,
		// A JSON list is no YAML mapping, so no plain file can equal a file with briefs.
		content: contents.length === 0 ? file.text : JSON.stringify([file.text, ...contents]),
	};
};

/** Checks roles: of a built-in one only brief and short name may change. A near miss of one counts as a typo. */
export const checkRoles = ({roles, team}: Config, path: string, known: readonly string[]): void => {
	for (const [name, {stages}] of Object.entries(roles)) {
		if (roleNamed(name)) {
			if (stages) throw refuse(path, `the stages of \`${name}\` cannot be changed.`, 'For a custom role, choose another name.');
			continue;
		}
		const meant = team.some(({role}) => role === name) ? '' : didYouMean(name, known);
		if (meant) throw refuse(path, `unknown role \`${name}\` in \`roles\`.`, meant);
	}
};
