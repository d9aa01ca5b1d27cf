/** What the eight roles are called on screens, by their ids. */
const LABELS: Readonly<Record<string, string>> = {
	orchestrator: 'Planner',
	developer: 'Developer',
	'code-sentinel': 'Reviewer',
	'security-auditor': 'Security reviewer',
	'test-orchestrator': 'Test runner',
	'repository-guardian': 'Merger',
	'conflict-resolver': 'Conflict resolver',
	'documentation-writer': 'Docs writer',
};

/** The label of a role; a role of the configuration's own keeps its id. */
export const roleLabel = (role: string): string => LABELS[role] ?? role;

/** The label inside a sentence: `no idle security reviewer`. */
export const roleWord = (role: string): string => LABELS[role]?.toLowerCase() ?? role;

/** Label and id, where somebody may need to type the id: `Reviewer (code-sentinel)`. */
export const roleLabelWithId = (role: string): string => (LABELS[role] === undefined ? role : `${LABELS[role]} (${role})`);
