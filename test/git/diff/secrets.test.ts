import {writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {secretIn} from '../../../source/core/change/secrets.ts';
import {searchSecrets} from '../../../source/git/diff/secrets.ts';
import {openGuardian} from '../../../source/git/guardian/guardian.ts';
import {openRepository} from '../../../source/git/repository/repository.ts';
import {createTestRepository} from '../../helpers/repository.ts';

const token = `ghp_${'a1B2'.repeat(9)}`;
/** One of each kind, put together here so that no scanner takes this file for a leak. */
const SAMPLES: Readonly<Record<string, string>> = {
	'private key': `-----BEGIN OPENSSH ${'PRIVATE KEY'}-----`,
	'AWS key': `${'AKIA'}QYLPMN5HHHFPZAM2`,
	'GitHub token': token,
	'GitLab token': `${'glpat'}-${'aB3_'.repeat(5)}`,
	'Slack token': `${'xoxb'}-123456789012-${'aB3d'.repeat(6)}`,
	'Google API key': `${'AIza'}${'aB3-5'.repeat(7)}`,
	'Stripe key': `${'sk'}_live_${'aB3d'.repeat(6)}`,
	'npm token': `${'npm'}_${'aB3d'.repeat(9)}`,
	'Anthropic key': `${'sk-ant'}-api03-${'aB3-'.repeat(20)}`,
	'OpenAI key': `${'sk-proj'}-${'aB3-'.repeat(20)}`,
};

const search = async (files: Readonly<Record<string, string>>, allowed: readonly string[] = [], most = 20) => {
	const repository = createTestRepository({files: {'old.txt': `${token}\n`}});
	const to = repository.branch('agent/t-a1', files);
	return searchSecrets({folder: repository.root, from: repository.head(), to, allowed, most});
};

test('every known shape is found by git and named by its kind, with its place and never its text', async () => {
	const files = Object.fromEntries(Object.values(SAMPLES).map((sample, at) => [`src/f${at}.ts`, `first\nconst a = '${sample}';\n`]));
	const {secrets} = await search(files);
	expect(Object.values(SAMPLES).map(secretIn)).toEqual(Object.keys(SAMPLES));
	expect(secrets).toEqual(Object.keys(SAMPLES).map((kind, at) => ({file: `src/f${at}.ts`, line: 2, kind})));
	expect(JSON.stringify(secrets)).not.toContain('a1B2');
});

test('only what is added counts: not what goes, what is an example, or what merely looks random', async () => {
	const found = await search({
		'old.txt': 'gone\n',
		'docs.md': `such as AKIA${'IOSFODNN7EXAMPLE'}\n`,
		'package-lock.json': `"integrity": "sha512-${'Ab3/'.repeat(20)}=="\n`,
	});
	expect(found).toEqual({secrets: [], unsearched: []});
});

test('what the configuration allows by path is left out, and nothing else', async () => {
	const files = {
		'test/fixtures/key.pem': `${SAMPLES['private key']}\n`,
		'src/key.pem': `x\n${SAMPLES['private key']}\n`,
		'a.example': `${token}\n`,
	};
	const {secrets} = await search(files, ['test/fixtures/**', '*.example']);
	expect(secrets).toEqual([{file: 'src/key.pem', line: 2, kind: 'private key'}]);
});

test('a change of any size is searched to its end, and told as far as is asked for', async () => {
	const long = `${'a line like any other\n'.repeat(60_000)}${token}\n`;
	const {secrets} = await search({'long.txt': long, 'zz.txt': `${token}\n${token}\n`});
	expect(secrets).toEqual([
		{file: 'long.txt', line: 60_001, kind: 'GitHub token'},
		{file: 'zz.txt', line: 1, kind: 'GitHub token'},
		{file: 'zz.txt', line: 2, kind: 'GitHub token'},
	]);
	expect((await search({'zz.txt': `${token}\n${token}\n`}, [], 1)).secrets).toHaveLength(1);
});

test('names of any kind lead nowhere else', async () => {
	const odd = ':(glob)a "b"\tc\n*.txt';
	expect(await search({[odd]: `${token}\n`, 'logo.png': '\0\u0001\0'})).toEqual({
		secrets: [{file: odd, line: 1, kind: 'GitHub token'}],
		unsearched: [],
	});
});

test('no byte hides a secret: behind a zero, in two bytes a character, in what an attribute calls binary', async () => {
	const key = `${SAMPLES['private key']}\n`;
	const repository = createTestRepository({files: {'old.bin': `\0\n${token}\n`, 'big.old': '\0'.repeat(9_000_000)}});
	const from = repository.head();
	const write = (name: string, content: string | Buffer): void => writeFileSync(join(repository.root, name), content);
	write('nul.txt', `\0\n${key}`);
	write('utf16le.txt', Buffer.from(`\ufefffirst\n${key}`, 'utf16le'));
	write('utf16be.txt', Buffer.from(`\ufefffirst\n${key}`, 'utf16le').swap16());
	write('.gitattributes', '*.dark -diff\n');
	write('a.dark', key);
	// What was there before is not added, whatever else changes around it.
	write('old.bin', `\0\nmore\n${token}\n`);
	write('big.old', `\0${token}\n`);
	repository.git(['add', '--all']);
	repository.git(['commit', '--quiet', '--message', 'Hide']);
	const {secrets, unsearched} = await searchSecrets({folder: repository.root, from, to: repository.head(), allowed: [], most: 20});
	expect(secrets).toEqual([
		{file: 'a.dark', line: 1, kind: 'private key'},
		{file: 'big.old', line: 1, kind: 'GitHub token'},
		{file: 'nul.txt', line: 2, kind: 'private key'},
		{file: 'utf16be.txt', line: 2, kind: 'private key'},
		{file: 'utf16le.txt', line: 2, kind: 'private key'},
	]);
	expect(unsearched).toEqual([]);
});

test('what could not be searched is told, with its size, and the configuration may allow it by its path', async () => {
	const files = {'big.txt': `${'x'.repeat(8_999_990)}\n${token}\n`, 'media/film.bin': `\0${'x'.repeat(9_000_000)}`};
	expect(await search(files)).toEqual({
		secrets: [],
		unsearched: [
			{file: 'big.txt', why: '10 MB'},
			{file: 'media/film.bin', why: '10 MB'},
		],
	});
	expect((await search(files, ['media/**'])).unsearched).toEqual([{file: 'big.txt', why: '10 MB'}]);
});

test('in the guardian’s clone no attribute of the change hides a file from the search', async () => {
	const repository = createTestRepository({files: {'a.txt': 'one\n'}});
	const opened = await openRepository(repository.root);
	const guardian = await openGuardian({repository: opened, folder: `${repository.stateFolder}/guardian.git`, base: 'main'});
	const commit = repository.branch('agent/t-a1', {'.gitattributes': '*.ts binary -diff\n', 'a.ts': `${token}\n`});
	const onto = repository.head();
	const built = await guardian.buildCandidate({commit, onto, task: 't', title: 't', author: 'agent:dev:001'});
	if (built.kind !== 'candidate') throw new Error(built.kind);
	const found = await searchSecrets({folder: guardian.folder, from: onto, to: built.commit, allowed: [], most: 20});
	expect(found).toEqual({secrets: [{file: 'a.ts', line: 1, kind: 'GitHub token'}], unsearched: []});
});
