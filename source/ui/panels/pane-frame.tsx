import {useMemo} from 'react';
import type {Drawing} from '../draw/context.ts';
import type {PartProps} from '../hooks/kinds.ts';
import {useView} from '../hooks/view.ts';
import {BoxPanel, boxData} from '../parts/box.tsx';
import {paneBox} from './pane.ts';

/** The pane's frame, and text if there is no pane; its cells are the agent's. */
export const PaneFrame = ({rect}: PartProps) => {
	const select = useMemo(() => (drawing: Drawing) => boxData(paneBox(drawing, rect)), [rect]);
	return <BoxPanel {...useView(select)} />;
};
