import type {Role} from './role.ts';

const BRIEF = `# Land: {title}

{agent} ({role}) moves \`{base}\` to what was tested of the task \`{task}\`, by one compare-and-swap, and nobody else does. Its work is a program of the
room: it reads no brief.
`;

/** The only one that moves the base branch. */
export const REPOSITORY_GUARDIAN = {
	name: 'repository-guardian',
	short: 'merge',
	stages: ['merge'],
	writes: false,
	program: 'merge',
	brief: BRIEF,
} as const satisfies Role;
