import {isDecision} from './reading.ts';
import type {ViewState} from './state.ts';

/**
 * What the open card asks, where it has not been seen yet: keys count only once it has. '' where nothing waits to be seen, also while the
 * texts of what is to be decided are still being read.
 */
export const unseenCard = ({dialog, reading}: Pick<ViewState, 'dialog' | 'reading'>): string => {
	if (dialog?.kind === 'peek') return dialog.paintedAt === 0 ? `peek ${dialog.row} ${dialog.questionId}` : '';
	if (!isDecision(dialog) || dialog.paintedAt !== 0 || reading?.task?.id !== dialog.task) return '';
	return `${dialog.kind} ${dialog.task} ${reading.version} ${reading.task.proposal}`;
};
