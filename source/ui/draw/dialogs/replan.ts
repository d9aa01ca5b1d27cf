import type {Dialog} from '../../state/dialogs.ts';
import {replanWords} from '../../state/replan.ts';

import {area, paragraph} from '../blocks.ts';
import type {Drawing} from '../context.ts';
import {cut, type Line, said, span} from '../text.ts';
import type {DialogContent} from './dialog.ts';

/** A feature is planned anew: what that does, and the words that the orchestrator gets. */
export const replanDialog = (drawing: Drawing, dialog: Extract<Dialog, {kind: 'replan'}>): DialogContent => {
	const {snapshot, layout, state} = drawing;
	const width = Math.min(92, layout.columns);
	const columns = width - 2;
	const feature = snapshot.team.features.get(dialog.feature);
	const counts = feature ? `${feature.merged} of ${feature.total} tasks are merged, ${feature.open} are open. ` : '';
	return {
		title: [span(`Plan ${said(dialog.feature)} anew`, 'strong')],
		lines: [
			...paragraph(
				`${counts}What is merged stays. The new plan may add tasks and cancel open ones; you see it before it counts, where \`plan: ask\`.`,
				columns,
				4,
			),
			[],
			[span(` ${cut('What is different now? May be left empty.', columns - 2)}`, 'strong')] as Line,
			...area(replanWords(state, dialog), columns, layout.rows >= 24 ? 6 : 2),
		],
		selected: -1,
		width,
		isHeavy: true,
	};
};
