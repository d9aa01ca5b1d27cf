import {Text} from 'ink';
import {strayOwner} from '../../core/queue/stray.ts';
import {type Drawing, teamNow} from '../draw/context.ts';
import {keyOf} from '../keymap/keymap.ts';
import {ageOf} from '../model/time.ts';
import {Confirm, Fact, Gap, useInner} from '../parts/dialog.tsx';
import {T} from '../parts/tone.tsx';
import {cut, said} from '../text/text.ts';

/** The alarm about the base: what moved, by whom, what it blocks, and the two keys that decide. */
export const stray = (drawing: Drawing) => {
	const {snapshot, keymap, isAscii, layout} = drawing;
	const {control} = snapshot.team;
	const base = said(snapshot.repository.base);
	const short = (commit: string): string => said(commit).slice(0, 7);
	const back =
		control.strayFrom === ''
			? 'not possible here: other commits lie between'
			: `${base} returns to ${short(control.strayFrom)} unless it has moved since`;
	return {
		base,
		told: `${said(strayOwner(control))} moved ${base} to ${short(control.stray)} ${ageOf(control.strayAt, teamNow(drawing))} ago.`,
		isLow: layout.rows < 20,
		undo: {key: keyOf(keymap, 'undo-base', isAscii), text: `revert the move: ${back}`},
		keep: {key: keyOf(keymap, 'keep-base', isAscii), text: 'keep it: you take it over'},
	};
};

const Way = ({way: {key, text}}: {readonly way: {readonly key: string; readonly text: string}}) => (
	<Text>
		<T tone="strong">{`  ${key}  `.padEnd(5)}</T>
		<T>{cut(text, useInner() - 6)}</T>
	</Text>
);

export const StrayCard = ({alarm}: {readonly alarm: ReturnType<typeof stray>}) => (
	<Confirm title={`${alarm.base} was moved ✗`}>
		<Alarm>{alarm.told}</Alarm>
		<Gap />
		<Fact name="what came">commits without review, tests and merge</Fact>
		<Fact name="meanwhile">no tests run and nothing merges</Fact>
		{!alarm.isLow && <Fact name="kept">the work on its own branch</Fact>}
		<Gap />
		<Way way={alarm.undo} />
		<Way way={alarm.keep} />
	</Confirm>
);

const Alarm = ({children}: {readonly children: string}) => <T tone="strong">{cut(`  ${children}`, useInner())}</T>;
