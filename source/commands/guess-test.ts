import {existsSync, readFileSync} from 'node:fs';
import {join} from 'node:path';

export type Guess = {readonly test: string; readonly setup: string};

const read = (file: string): string => {
	try {
		return readFileSync(file, 'utf8');
	} catch {
		return '';
	}
};

const packageScripts = (root: string): Readonly<Record<string, unknown>> => {
	try {
		const value: unknown = JSON.parse(read(join(root, 'package.json')));
		const scripts = typeof value === 'object' && value && 'scripts' in value ? value.scripts : undefined;
		return typeof scripts === 'object' && scripts ? {...scripts} : {};
	} catch {
		return {};
	}
};

/** Node's package managers by their lock file: how each installs without changing it, and how it tests. */
const PACKAGE_MANAGERS = [
	{lock: 'pnpm-lock.yaml', setup: 'pnpm install --frozen-lockfile', test: 'pnpm test'},
	{lock: 'yarn.lock', setup: 'yarn install --frozen-lockfile', test: 'yarn test'},
	{lock: 'bun.lock', setup: 'bun install --frozen-lockfile', test: 'bun run test'},
	{lock: 'package-lock.json', setup: 'npm ci', test: 'npm test'},
	{lock: 'package.json', setup: '', test: 'npm test'},
] as const;

/** `npm init` writes this in place of a test; it always fails. */
const isPlaceholder = (script: unknown): boolean => typeof script !== 'string' || script.includes('no test specified');

/** The test command that a repository's own files suggest, and what its worktrees need before; '' where nothing does. */
export const guessTest = (root: string): Guess => {
	const has = (name: string): boolean => existsSync(join(root, name));
	if (has('package.json') && !isPlaceholder(packageScripts(root).test)) {
		const manager = PACKAGE_MANAGERS.find(candidate => has(candidate.lock));
		if (manager) return {test: manager.test, setup: manager.setup};
	}
	if (/^(?:test|check)\s*:/m.test(read(join(root, 'Makefile')))) {
		return {test: /^test\s*:/m.test(read(join(root, 'Makefile'))) ? 'make test' : 'make check', setup: ''};
	}
	if (has('Cargo.toml')) return {test: 'cargo test', setup: ''};
	if (has('go.mod')) return {test: 'go test ./...', setup: ''};
	if (has('pytest.ini') || has('tox.ini') || has('conftest.py') || /pytest/.test(read(join(root, 'pyproject.toml')))) {
		return {test: 'python3 -m pytest', setup: ''};
	}
	return {test: '', setup: ''};
};
