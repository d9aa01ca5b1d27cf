import type {Role} from './role.ts';

const BRIEF = `# Test: {title}

{agent} ({role}) runs {tests} on the merge of commit \`{commit}\` of the task \`{task}\` into \`{base}\`, exactly as it would land. Its work is a program of
the room: it reads no brief, and its exit code alone decides.
`;

/** Runs the test command on merge results. */
export const TEST_ORCHESTRATOR = {
	name: 'test-orchestrator',
	short: 'test',
	stages: ['test'],
	writes: false,
	program: 'test',
	brief: BRIEF,
} as const satisfies Role;
