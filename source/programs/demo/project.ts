import {quote} from '../../core/text/quote.ts';

/** Files of the scratch repository: a tiny library of word functions, tested with Node alone. */
export const projectFiles = (node: string): Readonly<Record<string, string>> => ({
	'README.md': '# wordsmith\n\nStatus: just started.\n\nSmall functions for words.\n',
	'check.mjs': `import {readdirSync} from 'node:fs';

// The whole test runner: every file in test/ is imported, and a failing one throws.
let count = 0;
for (const file of readdirSync('test').sort()) {
	await import(\`./test/\${file}\`);
	console.log(\`ok \${++count} - \${file}\`);
}
console.log(\`\${count} passed\`);
`,
	'src/words.mjs': 'export const words = text => text.trim().split(/\\s+/).filter(Boolean);\n',
	'test/words.test.mjs': moduleTest('words', "words(' a  b ').join('+')", 'a+b'),
	'agent-room.yaml': '',
	'check.sh': `exec ${quote(node)} check.mjs\n`,
});

/** A test file: one expression and its expected value. */
export const moduleTest = (name: string, expression: string, expected: string): string =>
	`import assert from 'node:assert';\nimport {${name}} from '../src/${name}.mjs';\n\nassert.equal(${expression}, ${JSON.stringify(expected)});\n`;

/** One agent for every `each` developers, at least two, so that reviews and tests keep up. */
const balanced = (developers: number, each: number): number => Math.max(2, Math.ceil(developers / each));

/** The demo's `agent-room.yaml` with all eight roles, balanced for any number of developers. Timeouts are short, so that a crash and a conflict pass in seconds. */
export const projectConfig = (options: {
	readonly developers: number;
	readonly scriptFile: string;
	readonly protectedPaths: readonly string[];
}): string => {
	const args = JSON.stringify(['--script', options.scriptFile]);
	const scripted = (role: string, count: number): string => `  - {role: ${role}, harness: scripted, count: ${count}, args: ${args}}`;
	return `# A team of scripted agents: no key, no cost, no network.
base: main
test: sh check.sh
plan: auto
review: required
protectedPaths: ${JSON.stringify(options.protectedPaths)}
backoff: 500ms
team:
${[
	scripted('orchestrator', 1),
	scripted('developer', options.developers),
	scripted('code-sentinel', balanced(options.developers, 4)),
	scripted('security-auditor', 1),
	scripted('conflict-resolver', 1),
	scripted('documentation-writer', 1),
].join('\n')}
  - {role: test-orchestrator, count: ${balanced(options.developers, 12)}}
  - {role: repository-guardian}
`;
};
