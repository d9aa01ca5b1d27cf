import type {Role} from '../core/task/stages.ts';

const GUARDIAN_BRIEF = `# Land: {title}

{agent} ({role}) moves \`{base}\` to what was tested of the task \`{task}\`, by one compare-and-swap, and nobody else does. Its work is a program of the
room: it reads no brief.
`;

/** The only one that moves the base branch. */
export const REPOSITORY_GUARDIAN = {
	name: 'repository-guardian',
	prefix: 'merge',
	stages: ['merge'],
	writes: false,
	program: 'merge',
	prompt: GUARDIAN_BRIEF,
} as const satisfies Role;

const TEST_BRIEF = `# Test: {title}

{agent} ({role}) runs {tests} on the merge of commit \`{commit}\` of the task \`{task}\` into \`{base}\`, exactly as it would land. Its work is a program of
the room: it reads no brief, and its exit code alone decides.
`;

/** Runs the test command on merge results. */
export const TEST_ORCHESTRATOR = {
	name: 'test-orchestrator',
	prefix: 'test',
	stages: ['test'],
	writes: false,
	program: 'test',
	prompt: TEST_BRIEF,
} as const satisfies Role;
