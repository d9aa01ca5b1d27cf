import {chmodSync, mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect, onTestFinished, test} from 'vitest';
import {openFolders} from '../../source/os/remove-folder.ts';
import {privateHome} from '../../source/sandbox/home.ts';
import {canBeHeldBack, stepAsUser} from '../helpers/as-user.ts';
import {temporaryFolder} from '../helpers/cleanup.ts';

test.runIf(canBeHeldBack)('a home whose folders a program has closed serves the next one', () => {
	const folder = temporaryFolder('home');
	onTestFinished(() => void openFolders(folder));
	const file = join(folder, 'home', '.gitconfig');
	privateHome({folder, home: '/home/of-a-user', environment: {}, uses: [], files: {'.gitconfig': 'first'}});
	for (const close of [
		() => chmodSync(join(folder, 'home'), 0o500),
		() => {
			openFolders(folder);
			writeFileSync(`${file}.kept`, 'kept');
			chmodSync(join(folder, 'home'), 0);
		},
		() => {
			mkdirSync(join(folder, 'home', 'closed'));
			writeFileSync(join(folder, 'home', 'closed', 'file'), 'x');
			chmodSync(join(folder, 'home', 'closed'), 0o500);
			chmodSync(join(folder, 'home'), 0o500);
		},
	]) {
		close();
		stepAsUser('home', folder);
		expect(readFileSync(file, 'utf8')).toBe('next');
	}
	expect(readFileSync(`${file}.kept`, 'utf8')).toBe('kept');
});
