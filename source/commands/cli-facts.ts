import {existsSync, readFileSync, realpathSync} from 'node:fs';
import {basename, dirname, join} from 'node:path';
import type {Cli} from '../harnesses/cli.ts';
import {filesMeant, LOGINS} from '../harnesses/logins.ts';

type Environment = Readonly<Record<string, string | undefined>>;

const textIn = (file: string): string => {
	try {
		return readFileSync(file, 'utf8');
	} catch {
		return '';
	}
};

/**
 * The version that a program's own package tells, '' where it comes from none. The program is not started for it: some write into their
 * person's folders at every start.
 */
export const packagedVersion = (program: string, {package: name}: Pick<Cli, 'package'>): string => {
	try {
		for (let folder = dirname(realpathSync(program)); folder !== dirname(folder); folder = dirname(folder)) {
			const file = join(folder, 'package.json');
			if (!existsSync(file)) continue;
			const told = JSON.parse(textIn(file));
			if (told.name === name && typeof told.version === 'string') return told.version.slice(0, 40);
		}
	} catch {
		// A package that cannot be read tells nothing.
	}
	return '';
};

/** What shows that a person is logged in, '' where nothing does. Only whether files are there is looked at, never what a login file holds. */
export const loginOf = ({name}: Pick<Cli, 'name'>, environment: Environment): string => {
	const login = LOGINS[name];
	if (!login) return '';
	const variable = login.environment.find(each => environment[each]);
	if (variable) return `login by ${variable}`;
	const file = filesMeant(login.files, environment).find(each => existsSync(each));
	if (file) return `login in ${basename(dirname(file))}/${basename(file)}`;
	const {files = [], line} = login.settled ?? {};
	return line && filesMeant(files, environment).some(each => line.test(textIn(each))) ? 'a provider of its own' : '';
};
