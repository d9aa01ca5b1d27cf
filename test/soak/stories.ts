import {spawn} from 'node:child_process';
import {globSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import process from 'node:process';
import {copyAsMac, linkedFolder} from '../helpers/as-mac.ts';
import {node, root} from '../helpers/program.ts';
import {machineOf, runOf} from '../helpers/result.ts';

/** The stories of survival. That of macOS itself makes such a program of its own, and `npm test` plays it. */
const STORIES = ['survival', 'survival-start', 'survival-standing', 'survival-rebuild', 'survival-random', 'survival-terminal'];

/** Plays these test files one by one, with every case that they have. Resolves with whether all passed, and what the run said of itself. */
const play = async (
	args: readonly string[],
	env: NodeJS.ProcessEnv,
	breakOff: AbortSignal,
): Promise<{readonly areAllRight: boolean; readonly summary: string}> => {
	const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
	const all = ['run', '--config', join('test', 'vitest.config.ts'), '--maxWorkers', '1', ...args];
	const child = spawn(node, [vitest, ...all], {
		cwd: root,
		env: {...env, TEST_CASES: 'all', NO_COLOR: '1'},
		stdio: ['ignore', 'pipe', 'inherit'],
		signal: breakOff,
	});
	let told = '';
	child.stdout.setEncoding('utf8').on('data', (text: string) => {
		process.stdout.write(text);
		told = `${told}${text}`.slice(-2000);
	});
	const areAllRight = await new Promise<boolean>(resolve => {
		child.once('error', () => resolve(false));
		child.once('close', code => resolve(code === 0));
	});
	return {areAllRight, summary: /^ +Tests +(.*)$/m.exec(told)?.[1] ?? 'no test was run'};
};

/**
 * The stories of survival once more, of a program whose `/proc` is switched off and whose `ps` is that of macOS, with every temporary file behind
 * a link. Resolves with whether all passed.
 */
export const soakMac = async (breakOff: AbortSignal): Promise<boolean> => {
	const folder = mkdtempSync(join(tmpdir(), 'ar-mac-'));
	try {
		const mac = copyAsMac(folder);
		const env = {
			...{...process.env, ROOM_UNDER_TEST: mac.package, TMPDIR: linkedFolder(folder)},
			PATH: `${mac.commands}:${join(root, 'node_modules', '.bin')}:${process.env.PATH ?? ''}`,
		};
		const files = STORIES.map(name => join('test', 'stories', `${name}.test.ts`));
		return (await play(['--project', 'redis', ...files], env, breakOff)).areAllRight;
	} finally {
		rmSync(folder, {recursive: true, force: true, maxRetries: 10, retryDelay: 100});
	}
};

/** Files of which `npm test` leaves cases out: those that say so themselves, and those that it plays on one of two servers only. */
const filesWithMore = (): readonly string[] => {
	const says = (file: string): boolean => readFileSync(join(root, file), 'utf8').includes("helpers/cases.ts'");
	return [...globSync('test/**/*.test.ts', {cwd: root}).filter(says), 'test/redis/record.test.ts', 'test/redis/growth.test.ts'].toSorted();
};

/** Every case of every story, also those for which `npm test` lets another stand. Resolves with whether all passed; `isWritten` into CASES.md. */
export const soakCases = async (isWritten: boolean, breakOff: AbortSignal): Promise<boolean> => {
	const began = performance.now();
	const files = filesWithMore();
	const {areAllRight, summary} = await play(files, {...process.env, TEST_CLIS: process.env.TEST_CLIS ?? 'claude,codex'}, breakOff);
	if (isWritten && !breakOff.aborted) {
		const text = `# Every case

Of some stories \`npm test\` plays the cases that stand for the others. \`npm run soak -- --cases --write\` plays them all; the last run:
${runOf()}; ${machineOf()}.

${summary}, in ${((performance.now() - began) / 1000).toFixed(0)} s and ${files.length} files:

${files.map(file => `- \`${file}\``).join('\n')}
`;
		writeFileSync(join(import.meta.dirname, 'CASES.md'), text);
	}
	return areAllRight;
};
