import type {BoxContent} from '../text/box.ts';
import {fill} from '../text/text.ts';
import {Panel} from './panel.tsx';
import {Rows} from './row.tsx';

/** A box with full-width rows, so that the selected one is an inverse band. */
export const boxData = ({rect, lines, ids: _ids, ...frame}: BoxContent) => ({
	...frame,
	rect,
	lines: lines.slice(0, Math.max(0, rect.rows - 2)).map(line => fill(line, rect.columns - 2)),
});

export const BoxPanel = ({rect, lines, selected, band, ...frame}: ReturnType<typeof boxData>) => (
	<Panel {...frame} columns={rect.columns} rows={rect.rows}>
		<Rows lines={lines} selected={selected} band={band} />
	</Panel>
);

/** A panel of rows; nothing if the page has none at this size. */
export const PanelOf = ({box}: {readonly box: ReturnType<typeof boxData> | undefined}) => box && <BoxPanel {...box} />;
