import {mkdirSync, readdirSync, symlinkSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {expect, test} from 'vitest';
import {PLATFORMS} from '../../source/os/platform.ts';
import {socketPathFor} from '../../source/socket/path.ts';
import {copyAsMac} from '../helpers/as-mac.ts';
import {isRunning, temporaryFolder} from '../helpers/cleanup.ts';
import {withEnvironment} from '../helpers/environment.ts';
import {
	atWork,
	createSurvivalStory,
	expectNothingUnsaved,
	expectWhole,
	kill,
	roomLog,
	set,
	stateFolder,
	unset,
} from '../helpers/survival.ts';
import {until} from '../helpers/wait.ts';

/** Names below a folder that are another's where case is folded. */
const foldedTwice = (folder: string): readonly string[] => {
	const names = readdirSync(folder, {recursive: true}).map(String);
	const seen = new Map<string, string>();
	return names.filter(name => (seen.get(name.toLowerCase()) ?? seen.set(name.toLowerCase(), name).get(name.toLowerCase())) !== name);
};

test('as on macOS (`ps` for /proc, a long temporary folder behind a link, names that fold) a killed room loses nothing and leaves nobody', async () => {
	const outer = join(temporaryFolder('m'), 'a-folder-of-which-the-name-is-long-enough-that-no-socket-fits-anywhere-below-it');
	mkdirSync(join(outer, 'private'), {recursive: true, mode: 0o700});
	symlinkSync(join(outer, 'private'), join(outer, 'tmp'));
	withEnvironment({TMPDIR: join(outer, 'tmp')});
	// Through the link, as a person has it in $TMPDIR.
	const story = createSurvivalStory({developers: 2});
	const mac = copyAsMac(story.folder);
	story.use(mac.package);
	Object.assign(story.env, {PATH: `${mac.commands}:${story.env.PATH ?? ''}`});

	const tasks = ['a', 'b'];
	set(story, 'wait-all');
	for (const task of tasks) await story.must('add', `Write ${task}`, '--id', task);
	const first = story.start('run', '--until-empty', '--json');
	const agents = await atWork(story, 1, ...tasks);
	expect(Buffer.byteLength(socketPathFor(stateFolder(story)))).toBeLessThanOrEqual(PLATFORMS.darwin.longestSocket);
	expect(dirname(socketPathFor(stateFolder(story)))).not.toBe(stateFolder(story));
	await kill(first.pid);
	const second = story.start('run', '--until-empty', '--json');
	await until(() => !agents.some(isRunning), {what: () => `the end of the first agents\n${second.output()}\n${roomLog(story)}`});
	await atWork(story, 2, ...tasks);
	expect(foldedTwice(stateFolder(story))).toEqual([]);
	unset(story, 'wait-all');
	const ended = await second.ended;
	expect(ended.code, ended.stdout + ended.stderr + roomLog(story)).toBe(0);
	await expectWhole(story, tasks);
	expectNothingUnsaved(story);
});
