import type {Situation} from './situation.ts';
import type {Step} from './step.ts';

const REVIEW: readonly Step[] = [
	{readDiff: true},
	{think: 300},
	{when: {diffHas: '+<<<<<<<'}, done: {verdict: 'changes', comments: 'There are conflict markers in the diff.'}},
	{when: {diffHas: '+<<<<<<<'}, exit: 0},
	{done: {verdict: 'approve', comments: 'Reads well.'}},
];

const RESOLVE: readonly Step[] = [{say: 'Both sides are wanted: I keep both.'}, {think: 300}, {resolve: 'both'}];

/** Two tasks, the second after the first, which anybody's team can do. */
const plan = ({title}: Situation): readonly Step[] => [
	{say: `I take “${title}” apart.`},
	{think: 300},
	{
		plan: {
			tasks: [
				{id: 'begin', title: `${title}: begin`, brief: title, acceptance: ['It is there.']},
				{id: 'finish', title: `${title}: finish`, brief: title, acceptance: ['It is whole.'], after: ['begin']},
			],
		},
	},
];

const write = (folder: string, situation: Situation): readonly Step[] => {
	const file = `${folder}/${situation.task.toLowerCase().replace(/[^a-z0-9-]+/g, '-')}.md`;
	const text = `# ${situation.title}\n\nAttempt ${situation.attempt}, round ${situation.round}.\n`;
	return [
		{say: `I will write \`${file}\`.`},
		{think: 300},
		{when: {hasConflict: true}, resolve: 'both'},
		{edit: {file, write: text}},
		{commit: situation.title},
	];
};

/**
 * What an agent does without a script, by its stage: an orchestrator plans two tasks, a reviewer or an auditor reads the diff and approves,
 * a resolver keeps both sides, and anybody else writes one small file and commits it.
 */
export const defaultSteps = (situation: Situation): readonly Step[] => {
	switch (situation.stage) {
		case 'plan':
			return plan(situation);
		case 'review':
		case 'audit':
			return REVIEW;
		case 'resolve':
			return RESOLVE;
		case 'document':
			return write('docs', situation);
		default:
			return write('notes', situation);
	}
};
