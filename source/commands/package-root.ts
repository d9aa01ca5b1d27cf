import {existsSync} from 'node:fs';
import {dirname, join} from 'node:path';

/** The folder of this package, from the bundle as from the source. */
export const packageRoot = (): string => {
	for (let folder = import.meta.dirname; folder !== dirname(folder); folder = dirname(folder)) {
		if (existsSync(join(folder, 'package.json')) && existsSync(join(folder, 'lua'))) return folder;
	}
	throw new Error(`no package around \`${import.meta.dirname}\``);
};
