import {mkdirSync, readFileSync, symlinkSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {findOnPath} from '../../source/os/find-program.ts';
import {temporaryFolder} from '../helpers/cleanup.ts';
import {cleanEnvironment, node, root, startProgram} from '../helpers/program.ts';
import {busyShare} from './machine.ts';
import {missingOf} from './needs.ts';
import {endsOf} from './soak.ts';
import {BENCHES} from './table.ts';

/** A machine with git and nothing else of what benches need. */
const bareMachine = (): NodeJS.ProcessEnv => {
	const folder = temporaryFolder('bench-bare');
	const programs = join(folder, 'bin');
	mkdirSync(programs);
	for (const name of ['git', 'sh']) symlinkSync(findOnPath(name, process.env.PATH ?? '') ?? '', join(programs, name));
	return {...cleanEnvironment(), PATH: programs, HOME: folder};
};

const bench = (...words: readonly string[]) =>
	startProgram([node, join(root, 'test', 'bench', 'run.ts'), ...words], {env: bareMachine(), cwd: root}).ended;

test('without tmux and Redis it measures the rest, says what it left out, and leaves the sections of others on the page', async () => {
	const page = join(temporaryFolder('bench-page'), 'figures.md');
	const kept = '### Claims\n\n`npm run bench -- claims`: another day.';
	writeFileSync(page, `# Figures\n\n<!-- figures -->\n\n${kept}\n\n<!-- end of the figures -->\n`);
	const {code, stdout, stderr} = await bench('conflicts', 'wall', 'claims', 'throughput', `--guide=${page}`);
	expect([code, stderr]).toEqual([0, '']);
	expect(stdout).toContain('Left out: The wall: redis-server is missing (`agent-room setup`); tmux, the peer, is missing');
	expect(stdout).toContain('Left out: Claims: redis-server is missing');
	const text = readFileSync(page, 'utf8');
	expect(text).toContain(kept);
	expect(text).toMatch(/### Conflicts\n\n`npm run bench -- conflicts`: \d{4}-\d\d-\d\d, agent-room .* at [0-9a-f]+; .* cores, load /);
	expect(text).toMatch(/^\| Conflicts: 50 branches, all pairs and the base \| \d+.* ms \| {2}\| <= 300 ms \| (holds|missed) \|$/m);
	expect(text).toContain('- Left out: The wall: redis-server is missing');
});

test('where nothing of what is asked for can be measured, it says why and ends with 3; so it does for a name that it does not know', async () => {
	const [none, unknown] = await Promise.all([bench('echo'), bench('ecco')]);
	expect([none.code, none.stdout]).toEqual([3, expect.stringContaining('Left out: Key to echo: redis-server is missing')]);
	expect([unknown.code, unknown.stderr]).toEqual([3, expect.stringContaining('There is no benchmark `ecco`; there are claims')]);
});

test('each need is looked for where it is', () => {
	const nothing = {PATH: temporaryFolder('bench-none')};
	const all = ['redis-server', 'valkey-server', 'tmux', 'bullmq', 'bubblewrap'] as const;
	expect(all.map(need => missingOf([need], nothing, nothing.PATH)).filter(why => why === '')).toEqual([]);
	expect(missingOf(['bullmq'])).toBe('');
	expect(missingOf([], nothing)).toBe('');
});

test('every bench of the table is there, with a title of its own', async () => {
	const all = Object.values(BENCHES);
	for (const {load} of all) expect(await load()).toBeTypeOf('function');
	expect(new Set(all.map(({title}) => title)).size).toBe(all.length);
});

test('the soak is read by its own lines: the room, then the control', () => {
	const lines = (lost: number, twice: number): string =>
		`the room\n  200 tasks\n  lost ${lost}, so below 1.5 % (95 %); done twice ${twice}; violations ${lost + twice}\n    a violation\n`;
	expect(endsOf(lines(0, 0) + lines(3, 4))).toEqual([
		{lost: 0, twice: 0, violations: 0},
		{lost: 3, twice: 4, violations: 7},
	]);
	expect(() => endsOf(lines(0, 0))).toThrow('has not said');
});

test('a core that another program keeps busy shows in the share', async () => {
	const spin = startProgram([node, '-e', 'for (const end = Date.now() + 1500; Date.now() < end;);']);
	expect(await busyShare(300)).toBeGreaterThan(0);
	await spin.ended;
});
