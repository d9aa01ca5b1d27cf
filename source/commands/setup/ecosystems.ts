/** What a repository's root shows: names of its entries and texts of its files. */
export type Root = {
	readonly names: ReadonlySet<string>;
	/** The text of a file, '' if it cannot be read. */
	readonly read: (name: string) => string;
};

/** The test command and the setup of a new worktree that a repository's files suggest; '' for none. */
export type Guess = {readonly test: string; readonly setup: string};

/** One way to test a repository. The first row of the table that is proved wins. */
type Ecosystem = {
	readonly name: string;
	/** One of these entries must be in the root; `*.ext` fits any name with that end. */
	readonly files: readonly string[];
	/** What else must hold. */
	readonly isProved?: (root: Root) => boolean;
	readonly test: string;
	readonly setup?: string;
};

const nodeScripts = ({read}: Root): Readonly<Record<string, unknown>> => {
	try {
		const value: unknown = JSON.parse(read('package.json'));
		const scripts = typeof value === 'object' && value && 'scripts' in value ? value.scripts : undefined;
		return typeof scripts === 'object' && scripts ? {...scripts} : {};
	} catch {
		return {};
	}
};

/** `npm init` writes a test script that always fails. */
const hasNodeTest = (root: Root): boolean => {
	const {test} = nodeScripts(root);
	return typeof test === 'string' && !test.includes('no test specified');
};

const says =
	(file: string, pattern: RegExp) =>
	({read}: Root): boolean =>
		pattern.test(read(file));

const has =
	(...names: readonly string[]) =>
	(root: Root): boolean =>
		names.every(name => root.names.has(name));

const MAKEFILES = ['GNUmakefile', 'makefile', 'Makefile'] as const;
const JUSTFILES = ['justfile', 'Justfile', '.justfile'] as const;

const makes =
	(target: string) =>
	({read}: Root): boolean =>
		MAKEFILES.some(name => new RegExp(`^${target}\\s*:(?!=)`, 'm').test(read(name)));

const PYTEST = ['pytest.ini', 'tox.ini', 'conftest.py', 'pyproject.toml', 'setup.cfg'] as const;

const hasPytest = (root: Root): boolean =>
	root.names.has('pytest.ini') ||
	root.names.has('tox.ini') ||
	root.names.has('conftest.py') ||
	/pytest/.test(root.read('pyproject.toml') + root.read('setup.cfg'));

const node = (name: string, lock: readonly string[], test: string, setup: string): Ecosystem => ({
	name,
	files: lock,
	isProved: root => root.names.has('package.json') && hasNodeTest(root),
	test,
	setup,
});

/** Tools that run what the repository itself calls its tests come first, then languages. */
export const ECOSYSTEMS: readonly Ecosystem[] = [
	node('pnpm', ['pnpm-lock.yaml'], 'pnpm test', 'pnpm install --frozen-lockfile'),
	node('yarn', ['yarn.lock'], 'yarn test', 'yarn install --frozen-lockfile'),
	node('bun', ['bun.lock', 'bun.lockb'], 'bun run test', 'bun install --frozen-lockfile'),
	node('npm', ['package-lock.json', 'npm-shrinkwrap.json'], 'npm test', 'npm ci'),
	node('npm', ['package.json'], 'npm test', ''),
	{name: 'make', files: MAKEFILES, isProved: makes('test'), test: 'make test'},
	{name: 'make', files: MAKEFILES, isProved: makes('check'), test: 'make check'},
	{
		name: 'just',
		files: JUSTFILES,
		isProved: ({read}) => JUSTFILES.some(name => /^@?test(?:\s[^:=\n]*)?:(?!=)/m.test(read(name))),
		test: 'just test',
	},
	{name: 'cargo', files: ['Cargo.toml'], test: 'cargo test'},
	{name: 'go', files: ['go.mod', 'go.work'], test: 'go test ./...'},
	{name: 'maven', files: ['mvnw'], isProved: has('pom.xml'), test: './mvnw --batch-mode test'},
	{name: 'maven', files: ['pom.xml'], test: 'mvn --batch-mode test'},
	{name: 'gradle', files: ['gradlew'], test: './gradlew test'},
	{name: 'gradle', files: ['build.gradle', 'build.gradle.kts', 'settings.gradle', 'settings.gradle.kts'], test: 'gradle test'},
	{name: 'dotnet', files: ['*.sln', '*.slnx', '*.csproj', '*.fsproj'], test: 'dotnet test'},
	{name: 'mix', files: ['mix.exs'], test: 'mix test', setup: 'mix deps.get'},
	{name: 'rspec', files: ['.rspec'], isProved: has('Gemfile'), test: 'bundle exec rspec', setup: 'bundle install'},
	{
		name: 'rails',
		files: ['config.ru'],
		isProved: root => has('Gemfile', 'bin')(root) && says('Gemfile', /^\s*gem\s+['"]rails['"]/m)(root),
		test: 'bin/rails test',
		setup: 'bundle install',
	},
	{
		name: 'phpunit',
		files: ['phpunit.xml', 'phpunit.xml.dist', 'phpunit.dist.xml'],
		isProved: has('composer.json'),
		test: 'vendor/bin/phpunit',
		setup: 'composer install --no-interaction',
	},
	{name: 'phpunit', files: ['phpunit.xml', 'phpunit.xml.dist', 'phpunit.dist.xml'], test: 'phpunit'},
	{name: 'uv', files: ['uv.lock'], isProved: hasPytest, test: 'uv run pytest', setup: 'uv sync'},
	{name: 'poetry', files: ['poetry.lock'], isProved: hasPytest, test: 'poetry run pytest', setup: 'poetry install'},
	{name: 'pytest', files: PYTEST, isProved: hasPytest, test: 'python3 -m pytest'},
];

const isThere = (names: ReadonlySet<string>, file: string): boolean =>
	file.startsWith('*.') ? [...names].some(name => name.endsWith(file.slice(1))) : names.has(file);

/** How the repository is tested, by the first row that its files prove. */
export const guessOf = (root: Root): Guess => {
	const found = ECOSYSTEMS.find(({files, isProved}) => files.some(file => isThere(root.names, file)) && (isProved?.(root) ?? true));
	return {test: found?.test ?? '', setup: found?.setup ?? ''};
};
