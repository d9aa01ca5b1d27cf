import {createContext, type ReactNode, use, useMemo} from 'react';
import type {Drawing} from '../draw/context.ts';
import {fact, offers, widthIn} from '../draw/dialog-box.ts';
import {useView} from '../hooks/view.ts';
import type {Scope} from '../keymap/row.ts';
import type {Dialog as AnyDialog} from '../state/state.ts';
import {area, fieldSpans, paragraph} from '../text/blocks.ts';
import type {Editor} from '../text/editor.ts';
import {cut, fill, type Line, labelled, span, type Tone, wrap} from '../text/text.ts';
import {Panel} from './panel.tsx';
import {Row, Rows} from './row.tsx';
import {T} from './tone.tsx';

export type DialogOf<K extends AnyDialog['kind']> = Extract<AnyDialog, {kind: K}>;

/** The open dialog's content as data; undefined for another kind. Name `select` outside of the component. */
export const useDialog = <K extends AnyDialog['kind'], Said>(
	kind: K,
	select: (drawing: Drawing, dialog: DialogOf<K>) => Said,
): Said | undefined =>
	useView(
		useMemo(
			() =>
				(drawing: Drawing): Said | undefined =>
					drawing.state.dialog?.kind === kind ? select(drawing, drawing.state.dialog as DialogOf<K>) : undefined,
			[kind, select],
		),
	);

const Inner = createContext(74);
export const useInner = (): number => use(Inner);

const highest = ({layout}: Drawing): number => layout.rows - 2;

/** A dialog of fixed width and fitting height, above the two last rows. */
export const Dialog = ({
	title,
	titleRight,
	footer,
	width,
	tone,
	children,
}: {
	readonly title: string | Line;
	readonly titleRight?: Line | undefined;
	readonly footer?: Line | undefined;
	readonly width: number;
	readonly tone?: Tone;
	readonly children?: ReactNode;
}) => (
	<Panel
		columns={width}
		most={useView(highest)}
		title={typeof title === 'string' ? [span(title, 'strong')] : title}
		titleRight={titleRight}
		footer={footer}
		isHeavy
		tone={tone}
	>
		<Inner value={width - 2}>{children}</Inner>
	</Panel>
);

/** A question with few answers: blank rows above and below. */
export const Confirm = ({children, ...frame}: Omit<Parameters<typeof Dialog>[0], 'width'>) => (
	<Dialog {...frame} width={useView(widthIn)}>
		<Gap />
		{children}
		<Gap />
	</Dialog>
);

export const Gap = () => <T> </T>;

/** One row of text, cut to the width. */
export const Say = ({tone, children}: {readonly tone?: Tone; readonly children: string}) => (
	<T tone={tone}>{`  ${cut(children, useInner() - 4)}`}</T>
);

export const Tell = ({most = 2, tone = 'plain', children}: {readonly most?: number; readonly tone?: Tone; readonly children: string}) => (
	<Rows lines={wrap(children, useInner() - 4, most).map((row): Line => [span(`  ${row}`, tone)])} />
);

export const Label = ({name, columns = 14, children}: {readonly name: string; readonly columns?: number; readonly children: string}) => (
	<Row line={labelled(name, children, columns, useInner())} />
);

/** A fact with its name, in two rows if needed. */
export const Fact = ({name, children}: {readonly name: string; readonly children: string}) => (
	<Rows lines={fact(name, children, useInner())} />
);

/** The dialog's answers from the key table; `words` explain each. */
export const Offers = ({of: scope, words}: {readonly of: Scope; readonly words?: Readonly<Record<string, string>> | undefined}) => (
	<Rows lines={useView(useMemo(() => (drawing: Drawing) => offers(drawing, scope, words), [scope, words]))} />
);

type WrittenProps = {readonly lead: string; readonly editor: Editor; readonly hint: string; readonly note?: string};

/** An input line with an inverse cursor; a hint while empty, a note behind a text. */
export const Written = ({lead, editor, hint, note = ''}: WrittenProps) => {
	const inner = useInner();
	const blank: Line = [span(lead), span(' ', 'cursor'), span(hint, 'dim')];
	const indent = lead.length - lead.trimStart().length;
	const written = [span(' '.repeat(indent)), ...fieldSpans(lead.trimStart(), editor, inner - 6), span(note && `  ${note}`, 'dim')];
	return <Row line={editor.text === '' ? blank : written} />;
};

/** An option as a band, inverse if chosen. */
export const Item = ({line, isOn}: {readonly line: Line; readonly isOn: boolean}) => <Row line={fill(line, useInner())} isOn={isOn} />;

export const Paragraph = ({most, tone, children}: {readonly most: number; readonly tone?: Tone; readonly children: string}) => (
	<Rows lines={paragraph(children, useInner(), most, tone)} />
);

/** A multi-line input; rows around the cursor if not all fit. */
export const Area = ({editor, most}: {readonly editor: Editor; readonly most: number}) => <Rows lines={area(editor, useInner(), most)} />;

export const Rule = () => <T tone="dim">{'─'.repeat(useInner())}</T>;

/** Content of a dialog of one text or list, in rows that fit. */
export type InRows = {
	readonly title: Line;
	readonly titleRight?: Line;
	readonly footer?: Line;
	readonly lines: readonly Line[];
	/** Index of the inverse row, -1 for none. */
	readonly selected: number;
	readonly width: number;
	/** Rows that do not fit. */
	readonly overflow?: number;
	/** Of a menu: the first row of each page. */
	readonly starts?: readonly number[];
};

export const RowsDialog = ({told}: {readonly told: InRows | undefined}) =>
	told && (
		<Dialog title={told.title} titleRight={told.titleRight} footer={told.footer} width={told.width}>
			<Rows
				lines={told.lines.map((line, index) => (index === told.selected ? fill(line, told.width - 2) : line))}
				selected={told.selected}
			/>
		</Dialog>
	);
