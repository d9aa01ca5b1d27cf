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

/** What the open dialog says, as data; undefined if one of another kind is open by now. Give `select` a name outside of the component. */
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

/** Cells between the sides of the dialog. */
const Inner = createContext(74);
export const useInner = (): number => use(Inner);

const highest = ({layout}: Drawing): number => layout.rows - 2;

/** A dialog: as wide as it is told, as high as what stands in it, and never over the two last rows. */
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

/** A question with few answers: a blank row above and below what it says. */
export const Confirm = ({children, ...frame}: Omit<Parameters<typeof Dialog>[0], 'width'>) => (
	<Dialog {...frame} width={useView(widthIn)}>
		<Gap />
		{children}
		<Gap />
	</Dialog>
);

export const Gap = () => <T> </T>;

/** One row of words, cut where it is longer than the dialog is wide. */
export const Say = ({tone, children}: {readonly tone?: Tone; readonly children: string}) => (
	<T tone={tone}>{`  ${cut(children, useInner() - 4)}`}</T>
);

/** Words in several rows. */
export const Tell = ({most = 2, tone = 'plain', children}: {readonly most?: number; readonly tone?: Tone; readonly children: string}) => (
	<Rows lines={wrap(children, useInner() - 4, most).map((row): Line => [span(`  ${row}`, tone)])} />
);

/** A value next to its name in one row. */
export const Label = ({name, columns = 14, children}: {readonly name: string; readonly columns?: number; readonly children: string}) => (
	<Row line={labelled(name, children, columns, useInner())} />
);

/** A fact next to its name, in two rows where it needs them. */
export const Fact = ({name, children}: {readonly name: string; readonly children: string}) => (
	<Rows lines={fact(name, children, useInner())} />
);

/** What can be answered, printed from the table of keys; `words` say what each one means. */
export const Offers = ({of: scope, words}: {readonly of: Scope; readonly words?: Readonly<Record<string, string>> | undefined}) => (
	<Rows lines={useView(useMemo(() => (drawing: Drawing) => offers(drawing, scope, words), [scope, words]))} />
);

/** A line that is being written, with its cursor as an inverse cell; as long as it is empty, what can be written. */
export const Written = ({lead, editor, hint}: {readonly lead: string; readonly editor: Editor; readonly hint: string}) => {
	const inner = useInner();
	const blank: Line = [span(lead), span(' ', 'cursor'), span(hint, 'dim')];
	const indent = lead.length - lead.trimStart().length;
	return <Row line={editor.text === '' ? blank : [span(' '.repeat(indent)), ...fieldSpans(lead.trimStart(), editor, inner - 6)]} />;
};

/** One of several things of which one is chosen: a band of its own, inverse where it is the one. */
export const Item = ({line, isOn}: {readonly line: Line; readonly isOn: boolean}) => <Row line={fill(line, useInner())} isOn={isOn} />;

/** Words with a margin of one cell, in at most `most` rows. */
export const Paragraph = ({most, tone, children}: {readonly most: number; readonly tone?: Tone; readonly children: string}) => (
	<Rows lines={paragraph(children, useInner(), most, tone)} />
);

/** A text of several rows that is being written, the rows around its cursor where not all fit. */
export const Area = ({editor, most}: {readonly editor: Editor; readonly most: number}) => <Rows lines={area(editor, useInner(), most)} />;

/** From one side to the other. */
export const Rule = () => <T tone="dim">{'─'.repeat(useInner())}</T>;

/** What a dialog of one text or one list says: all of it in rows, as many as have place. */
export type InRows = {
	readonly title: Line;
	readonly titleRight?: Line;
	readonly footer?: Line;
	readonly lines: readonly Line[];
	/** Index of the inverse row, -1 for none. */
	readonly selected: number;
	readonly width: number;
	/** Rows of the part that scrolls which do not fit. */
	readonly overflow?: number;
	/** Of a menu: the first row of each page. */
	readonly starts?: readonly number[];
};

/** Such a dialog. */
export const RowsDialog = ({told}: {readonly told: InRows | undefined}) =>
	told && (
		<Dialog title={told.title} titleRight={told.titleRight} footer={told.footer} width={told.width}>
			<Rows
				lines={told.lines.map((line, index) => (index === told.selected ? fill(line, told.width - 2) : line))}
				selected={told.selected}
			/>
		</Dialog>
	);
