import {Text, type TextProps} from 'ink';
import {memo, use} from 'react';
import {PaletteContext} from '../hooks/view.ts';
import type {Line, Tone} from '../text/text.ts';
import {inPlace} from './in-place.ts';

const COLOURS = ['black', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'white'] as const;
const colourOf = (code: number): string | undefined =>
	code >= 90 ? `${COLOURS[code - 90]}Bright` : code >= 40 ? COLOURS[code - 40] : COLOURS[code - 30];

const styles = new Map<string, TextProps>();

/** What a theme says of a tone, in Ink's words. */
export const styleOf = (parameters: string): TextProps => {
	const known = styles.get(parameters);
	if (known) return known;
	const codes = parameters.split(';').filter(Boolean).map(Number);
	const style: TextProps = {
		...(codes.includes(1) ? {bold: true} : {}),
		...(codes.includes(2) ? {dimColor: true} : {}),
		...(codes.includes(4) ? {underline: true} : {}),
		...(codes.includes(7) ? {inverse: true} : {}),
	};
	const letters = codes.find(code => (code >= 30 && code < 38) || code >= 90);
	const behind = codes.find(code => code >= 40 && code < 48);
	const whole = {
		...style,
		...(letters === undefined ? {} : {color: colourOf(letters)}),
		...(behind === undefined ? {} : {backgroundColor: colourOf(behind)}),
	};
	styles.set(parameters, whole);
	return whole;
};

/** Words in a tone. On the selected row all is inverse, save what is so by itself and a badge. */
export const T = memo(
	({tone = 'plain', isOn = false, children}: {readonly tone?: Tone; readonly isOn?: boolean; readonly children: string}) => {
		const parameters = use(PaletteContext)[tone];
		return (
			<Text wrap="truncate" {...styleOf(parameters)} {...(isOn && !parameters.startsWith('7') && tone !== 'badge' ? {inverse: true} : {})}>
				{children}
			</Text>
		);
	},
);

/** A row of words in their tones. */
export const Spans = ({line, isOn = false}: {readonly line: Line; readonly isOn?: boolean}) =>
	inPlace(line, ({text, tone}) => (
		<T tone={tone} isOn={isOn}>
			{text}
		</T>
	));
