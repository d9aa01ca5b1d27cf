/**
 * Agent CLIs that the stories run for real, in the versions that they were written with, and a neighbour that the benchmarks measure beside.
 * `program` is its file below `node_modules/.bin`.
 */
export const PINNED = {
	claude: {package: '@anthropic-ai/claude-code', version: '2.1.330', program: 'claude'},
	codex: {package: '@openai/codex', version: '0.169.0', program: 'codex'},
	gemini: {package: '@google/gemini-cli', version: '0.61.0', program: 'gemini'},
	opencode: {package: 'opencode-ai', version: '1.18.33', program: 'opencode'},
	mprocs: {package: 'mprocs', version: '0.9.6', program: 'mprocs'},
} as const satisfies Readonly<Record<string, {readonly package: string; readonly version: string; readonly program: string}>>;

export type RealCli = keyof typeof PINNED;
export const REAL_CLIS = Object.keys(PINNED) as readonly RealCli[];
