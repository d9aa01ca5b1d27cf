import {agentName} from '../../../core/agent.ts';
import {type Written, writtenWords} from '../../state/written.ts';
import {area, paragraph} from '../blocks.ts';
import type {Drawing} from '../context.ts';
import {cut, type Line, said, span} from '../text.ts';
import type {DialogContent} from './dialog.ts';

/** What the dialog does, and what its words are for. */
const told = (dialog: Written, {snapshot}: Drawing): {readonly title: string; readonly text: string; readonly ask: string} => {
	const {features, tasks} = snapshot.team;
	if (dialog.kind === 'bounce') {
		const author = agentName(tasks.get(dialog.task)?.author ?? '');
		return {
			title: `Send ${said(dialog.task)} back`,
			text: `It leaves review, tests and the train, and goes on with ${author === '' ? 'its author' : `${author}, or who takes it up,`} in its worktree and session. It costs no attempt; every approval of it is void.`,
			ask: 'What should be different?',
		};
	}
	const feature = features.get(dialog.feature);
	const counts = feature ? `${feature.merged} of ${feature.total} tasks are merged, ${feature.open} are open. ` : '';
	return {
		title: `Plan ${said(dialog.feature)} anew`,
		text: `${counts}What is merged stays. The new plan may add tasks and cancel open ones; you see it before it counts, where \`plan: ask\`.`,
		ask: 'What is different now? May be left empty.',
	};
};

/** A dialog with words for whoever goes on: what it does, and what was written so far. */
export const writtenDialog = (drawing: Drawing, dialog: Written): DialogContent => {
	const {layout, state} = drawing;
	const width = Math.min(92, layout.columns);
	const columns = width - 2;
	const {title, text, ask} = told(dialog, drawing);
	return {
		title: [span(title, 'strong')],
		lines: [
			...paragraph(text, columns, 4),
			[],
			[span(` ${cut(ask, columns - 2)}`, 'strong')] as Line,
			...area(writtenWords(state, dialog), columns, layout.rows >= 24 ? 6 : 2),
		],
		selected: -1,
		width,
		isHeavy: true,
	};
};
