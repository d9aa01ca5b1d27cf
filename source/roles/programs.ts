import type {Role} from '../core/task/stages.ts';

const MERGE_PROMPT = `# Merge: {title}

{agent} ({role}) moves \`{base}\` to the tested commit of task \`{task}\`, by one compare-and-swap; no other agent moves it. It is a program of the
room and reads no prompt.
`;

/** The Merger: only it moves the base branch. */
export const REPOSITORY_GUARDIAN = {
	name: 'repository-guardian',
	prefix: 'merge',
	stages: ['merge'],
	writes: false,
	program: 'merge',
	prompt: MERGE_PROMPT,
} as const satisfies Role;

const TEST_PROMPT = `# Test: {title}

{agent} ({role}) runs {tests} on the merge of commit \`{commit}\` of task \`{task}\` into \`{base}\`, exactly as it would merge. It is a program of
the room and reads no prompt; its exit code alone decides.
`;

/** Runs the test command on merge candidates. */
export const TEST_ORCHESTRATOR = {
	name: 'test-orchestrator',
	prefix: 'test',
	stages: ['test'],
	writes: false,
	program: 'test',
	prompt: TEST_PROMPT,
} as const satisfies Role;
