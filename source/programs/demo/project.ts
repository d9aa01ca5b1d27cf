/** A path as one word of sh, whatever it holds. */
export const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/** The files of the demo's scratch repository: a tiny library of word functions with a test command that needs nothing but Node. */
export const projectFiles = (node: string): Readonly<Record<string, string>> => ({
	'README.md': '# wordsmith\n\nStatus: just begun.\n\nSmall functions for words.\n',
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
	'check.sh': `exec ${quoted(node)} check.mjs\n`,
});

/** A test file of the scratch repository: one expression and what it must give. */
export const moduleTest = (name: string, expression: string, expected: string): string =>
	`import assert from 'node:assert';\nimport {${name}} from '../src/${name}.mjs';\n\nassert.equal(${expression}, ${JSON.stringify(expected)});\n`;

/** `agent-room.yaml` of the demo. Times are short, so that a crash and a conflict are over in seconds. */
export const projectConfig = (options: {readonly developers: number; readonly scriptFile: string}): string => {
	const args = JSON.stringify(['--script', options.scriptFile]);
	return `# A team of scripted agents: no key, no cost, no network.
base: main
test: sh check.sh
review: required
backoff: 500ms
team:
  - {role: developer, harness: scripted, count: ${options.developers}, args: ${args}}
  - {role: code-sentinel, harness: scripted, count: 2, args: ${args}}
  - {role: test-orchestrator}
  - {role: repository-guardian}
`;
};
