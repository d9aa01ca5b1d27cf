import {strayOwner} from '../../core/queue/stray.ts';
import {type Drawing, teamNow} from '../draw/context.ts';
import {confirm, fact, widthIn} from '../draw/dialog-box.ts';
import {keyOf} from '../keymap/keymap.ts';
import {ageOf} from '../model/time.ts';
import type {DialogContent} from '../state/descriptor.ts';
import {cut, type Line, said, span} from '../text/text.ts';

/** The card of an alarm about the base: what was moved, by whom, what it holds up, and the two keys that decide. */
export const strayDialog = (drawing: Drawing): DialogContent => {
	const {snapshot, keymap, isAscii, layout} = drawing;
	const inner = widthIn(drawing) - 2;
	const {control} = snapshot.team;
	const base = said(snapshot.repository.base);
	const short = (commit: string): string => said(commit).slice(0, 7);
	const offer = (action: string, text: string): Line => [
		span(`  ${keyOf(keymap, action, isAscii)}  `.padEnd(5), 'strong'),
		span(cut(text, inner - 6)),
	];
	const back =
		control.strayFrom === ''
			? 'not in one step: other commits lie between'
			: `${base} goes to ${short(control.strayFrom)}, if nobody has moved it since`;
	return confirm(drawing, `${base} was moved ✗`, [
		[
			span(
				cut(
					`  ${said(strayOwner(control))} moved ${base} to ${short(control.stray)} ${ageOf(control.strayAt, teamNow(drawing))} ago.`,
					inner,
				),
				'strong',
			),
		],
		[],
		...fact('what came', 'work that nobody has reviewed, tested and landed', inner),
		...fact('meanwhile', 'nothing is tested and nothing lands', inner),
		...(layout.rows < 20 ? [] : fact('kept', 'its work, on its own branch', inner)),
		[],
		offer('undo-base', `take it back: ${back}`),
		offer('keep-base', 'keep it: it is yours'),
	]);
};
