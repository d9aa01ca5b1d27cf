import {Text, type TextProps} from 'ink';
import {memo, use} from 'react';
import type {Palette} from '../../core/config/themes.ts';
import {PaletteContext} from '../hooks/view.ts';
import type {Tone} from '../text/text.ts';

const COLOURS = ['black', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'white'] as const;
const colourOf = (code: number): string | undefined =>
	code >= 90 ? `${COLOURS[code - 90]}Bright` : code >= 40 ? COLOURS[code - 40] : COLOURS[code - 30];

const styles = new Map<string, TextProps>();

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

/** A tone's look. The selected row is one inverse band, whatever its parts mean: glyphs and words say it without colour. */
export const looksOf = (palette: Palette, tone: Tone, isOn: boolean): TextProps => styleOf(isOn ? '7' : palette[tone]);

export const T = memo(
	({tone = 'plain', isOn = false, children}: {readonly tone?: Tone; readonly isOn?: boolean; readonly children: string}) => (
		<Text wrap="truncate" {...looksOf(use(PaletteContext), tone, isOn)}>
			{children}
		</Text>
	),
);
