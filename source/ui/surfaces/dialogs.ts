import {ConfirmDialog, CopyDialog, ReassignDialog, RecruitDialog, StopDialog} from '../dialogs/agents.tsx';
import {PeekDialog} from '../dialogs/card-draw.tsx';
import {MergeDialog} from '../dialogs/merge.tsx';
import {CancelDialog, KillDialog, LessonDialog, QuitDialog, RevertDialog, UnlockDialog} from '../dialogs/questions.tsx';
import type {Dialog} from '../state/state.ts';
import {DialogPanel} from './content.tsx';
import type {Place} from './part.ts';

/** Lines that are written in the last row: they have no rectangle of their own. */
const IN_THE_LAST_ROW: readonly Dialog['kind'][] = ['filter', 'goto', 'ask', 'search'];

/**
 * The component of each dialog. One that is not here still says what it has to say in rows (`dialogContent` of the registry), which one component
 * draws for all of them: a dialog gets its own by standing in this table, and leaves `dialogContent` then.
 */
const PARTS: Partial<Readonly<Record<Dialog['kind'], Place['Part']>>> = {
	peek: PeekDialog,
	merge: MergeDialog,
	cancel: CancelDialog,
	revert: RevertDialog,
	unlock: UnlockDialog,
	quit: QuitDialog,
	'kill-all': KillDialog,
	lesson: LessonDialog,
	stop: StopDialog,
	reassign: ReassignDialog,
	confirm: ConfirmDialog,
	copy: CopyDialog,
	recruit: RecruitDialog,
};

/** What draws a dialog; undefined where it has no rectangle. */
export const partOfDialog = (dialog: Dialog | undefined): Place['Part'] | undefined =>
	dialog && !IN_THE_LAST_ROW.includes(dialog.kind) ? (PARTS[dialog.kind] ?? DialogPanel) : undefined;
