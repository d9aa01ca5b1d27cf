import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {describe, expect, onTestFinished, test} from 'vitest';
import {parse} from 'yaml';
import {parseConfigFile} from '../../../source/commands/config/file.ts';
import {guessTest, initText} from '../../../source/commands/setup/init.ts';

const guess = (files: Record<string, string>): string => {
	const folder = mkdtempSync(join(tmpdir(), 'ar-'));
	onTestFinished(() => rmSync(folder, {recursive: true}));
	for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
	const {setup, test: command} = guessTest(folder);
	return `${setup} | ${command}`;
};

const NODE = JSON.stringify({scripts: {test: 'vitest'}});

describe('the guessed test command', () => {
	test.each([
		['npm with a lock file', {'package.json': NODE, 'package-lock.json': '{}'}, 'npm ci | npm test'],
		['npm without one', {'package.json': NODE}, ' | npm test'],
		['pnpm', {'package.json': NODE, 'pnpm-lock.yaml': ''}, 'pnpm install --frozen-lockfile | pnpm test'],
		['a Makefile', {Makefile: 'all:\n\ntest: all\n\tx\n'}, ' | make test'],
		['a Makefile that calls it check', {Makefile: 'check:\n'}, ' | make check'],
		['Rust', {'Cargo.toml': ''}, ' | cargo test'],
		['Go', {'go.mod': ''}, ' | go test ./...'],
		['pytest', {'pyproject.toml': '[tool.pytest.ini_options]'}, ' | python3 -m pytest'],
		['nothing known', {'README.md': ''}, ' | '],
		["npm's placeholder", {'package.json': JSON.stringify({scripts: {test: 'echo "Error: no test specified" && exit 1'}})}, ' | '],
		['a package.json that is broken', {'package.json': '{', 'go.mod': ''}, ' | go test ./...'],
		['yarn', {'package.json': NODE, 'yarn.lock': ''}, 'yarn install --frozen-lockfile | yarn test'],
		['bun with its old lock file', {'package.json': NODE, 'bun.lockb': ''}, 'bun install --frozen-lockfile | bun run test'],
		['a variable of make, which is no target', {Makefile: 'test := x\n'}, ' | '],
		['just', {justfile: 'build:\n  x\n\ntest *args: build\n  x\n'}, ' | just test'],
		['a justfile without tests', {justfile: 'tests:\n  x\ntest := "x"\n'}, ' | '],
		['Maven', {'pom.xml': ''}, ' | mvn --batch-mode test'],
		["Maven's wrapper", {'pom.xml': '', mvnw: ''}, ' | ./mvnw --batch-mode test'],
		['Gradle', {'build.gradle.kts': ''}, ' | gradle test'],
		["Gradle's wrapper", {'settings.gradle': '', gradlew: ''}, ' | ./gradlew test'],
		['.NET', {'Shop.sln': ''}, ' | dotnet test'],
		['Elixir', {'mix.exs': ''}, 'mix deps.get | mix test'],
		['Rails', {'config.ru': '', bin: '', Gemfile: 'source "x"\ngem "rails", "~> 8"\n'}, 'bundle install | bin/rails test'],
		['RSpec', {'.rspec': '', 'config.ru': '', bin: '', Gemfile: 'gem "rails"\n'}, 'bundle install | bundle exec rspec'],
		['PHPUnit', {'composer.json': '{}', 'phpunit.xml.dist': ''}, 'composer install --no-interaction | vendor/bin/phpunit'],
		['pytest with uv', {'pyproject.toml': 'dependencies = ["pytest"]', 'uv.lock': ''}, 'uv sync | uv run pytest'],
		['Python without tests', {'pyproject.toml': '[project]', 'uv.lock': ''}, ' | '],
	])('fits %s', (_name, files: Record<string, string>, expected) => {
		expect(guess(files)).toBe(expected);
	});

	test('becomes a file that is read back as it was meant, whatever the branch is called', () => {
		const team = [{role: 'developer', harness: 'claude', count: 2, capabilities: [], args: []}];
		const text = initText({base: 'rel/1.0: "x" #y', guess: {test: 'go test ./...', setup: ''}, team});
		expect(parseConfigFile('agent-room.yaml', text).raw).toEqual({
			base: 'rel/1.0: "x" #y',
			test: 'go test ./...',
			plan: 'ask',
			review: 'required',
			team: [{role: 'developer', harness: 'claude', count: 2}],
		});
	});

	test('offers keys that exist: uncommented, the whole file is valid', () => {
		const text = initText({base: 'main', guess: {test: '', setup: ''}, team: []});
		const uncommented = text
			.replace(/^# (?=(?:test|setup|copyFiles|attempts|timeout|team|harnesses): ?| {2})/gm, '')
			.replace(/^#(?= {3})/gm, '');
		expect(Object.keys(parse(uncommented))).toEqual([
			'base',
			'test',
			'setup',
			'copyFiles',
			'plan',
			'review',
			'attempts',
			'timeout',
			'team',
			'harnesses',
		]);
		expect(() => parseConfigFile('agent-room.yaml', uncommented)).not.toThrow();
	});
});
