/**
 * Agent CLIs that the stories run for real, in the versions that they were written with, and a neighbour that the benchmarks measure beside.
 * `program` is its file below `node_modules/.bin`. `isOptional`: installed where it is named.
 */
export const PINNED = {
	claude: {package: '@anthropic-ai/claude-code', version: '2.1.332', program: 'claude'},
	codex: {package: '@openai/codex', version: '0.171.0', program: 'codex'},
	gemini: {package: '@google/gemini-cli', version: '0.61.0', program: 'gemini'},
	opencode: {package: 'opencode-ai', version: '1.18.33', program: 'opencode'},
	qwen: {package: '@qwen-code/qwen-code', version: '0.24.4', program: 'qwen', isOptional: true},
	copilot: {package: '@github/copilot', version: '1.0.102', program: 'copilot', isOptional: true},
	cline: {package: 'cline', version: '3.0.65', program: 'cline', isOptional: true},
	mprocs: {package: 'mprocs', version: '0.9.6', program: 'mprocs'},
} as const satisfies Readonly<
	Record<string, {readonly package: string; readonly version: string; readonly program: string; readonly isOptional?: true}>
>;

export type RealCli = keyof typeof PINNED;
export const REAL_CLIS = Object.keys(PINNED) as readonly RealCli[];
